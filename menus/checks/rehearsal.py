"""A rehearsal: a hop that never was, and a vocabulary whose every answer is the longest real one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from menus.painter import Painter
from menus.state import State
from menus.vocabulary import Action, Call, Choice, Pick, Result, Source, Tree, Values, Vocabulary, Words
from operations.office import Actor, Office, caller

PHONE = "+254712345678"


@dataclass
class Rehearsal:
    """A call without a database: what a check refuses out of hand needs none."""

    phone: str = PHONE
    lang: str = "en"
    facts: dict[str, str] = field(default_factory=dict)
    account: int | None = None
    left: int | None = None
    spots: dict[str, list[int]] = field(default_factory=dict)
    form: str = "rehearsal"
    words: Mapping[str, Words] = field(default_factory=dict)

    @property
    def office(self) -> Office:
        """An office that exists on paper."""
        return Office(b"rehearsal", b"rehearsal", "https://cp2.invalid", "22262", "*384*22262#")

    @property
    def by(self) -> Actor:
        """The phone that acts."""
        return caller(self.phone, "ussd")

    @property
    def db(self) -> Session:
        """None is open."""
        raise LookupError("a rehearsal has no database")

    def read(self, sql: str, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        """There is no database in a rehearsal."""
        raise LookupError("a rehearsal has no database")

    def secret(self, name: str) -> str | None:
        """Nothing secret was typed."""
        return None

    def release(self) -> None:
        """Nothing to hand back."""

    def undo(self) -> None:
        """Nothing to undo."""


def at_worst(vocabulary: Vocabulary) -> Vocabulary:
    """The same vocabulary with functions that answer the longest real values, and as many as there may be."""
    return replace(
        vocabulary,
        values={
            name: replace(values, fill=filler(values, vocabulary))
            for name, values in vocabulary.values.items()
        },
        sources={name: replace(source, find=lister(source)) for name, source in vocabulary.sources.items()},
        actions={name: replace(action, run=actor(action)) for name, action in vocabulary.actions.items()},
    )


def filler(values: Values, vocabulary: Vocabulary) -> Callable[[Call], Mapping[str, str]]:
    """Fills with the longest values."""
    longest = longest_values(vocabulary)
    return lambda call: {name: longest.get(name, "") for name in values.gives}


def lister(source: Source) -> Callable[[Call, str], list[Choice]]:
    """Lists the longest label as often as it may come."""
    return lambda call, query: [Choice(str(n), source.longest) for n in range(1, source.most + 1)]


def actor(action: Action) -> Callable[[Call], Result]:
    """Ends with the first outcome."""
    return lambda call: Result(action.outcomes[0])


def longest_values(vocabulary: Vocabulary) -> dict[str, str]:
    """Every blank at its longest."""
    return {name: blank.longest for name, blank in vocabulary.blanks.items()}


@dataclass(frozen=True)
class Stage:
    """Draws any screen of a tree as it is at its longest."""

    tree: Tree
    vocabulary: Vocabulary

    @cached_property
    def longest(self) -> Mapping[str, str]:
        """Every blank at its longest, worked out once."""
        return longest_values(self.vocabulary)

    def painter(self) -> Painter:
        """What draws; the vocabulary must be at its worst already."""
        return Painter(self.tree, self.vocabulary, Rehearsal())

    def state(self, name: str, lang: str, *, page: int = 0) -> State:
        """A dialogue at this screen, come from somewhere, with everything gathered."""
        return State(
            tree="",
            node=name,
            lang=lang,
            facts=dict(self.longest),
            back=[f"{name} 0"],
            page=page,
            listed=self.listed(name),
        )

    def listed(self, name: str) -> list[list[str]]:
        """The longest list of this screen."""
        node = self.tree.nodes[name]
        if not isinstance(node, Pick) or node.source not in self.vocabulary.sources:
            return []
        choices = self.vocabulary.sources[node.source].find(Rehearsal(), "")
        return [[choice.value, choice.label] for choice in choices]
