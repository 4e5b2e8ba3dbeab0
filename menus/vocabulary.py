"""The words a menu tree is written in: node kinds, and the Python functions a tree may call by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import msgspec
from sqlalchemy.orm import Session

from operations.office import Actor, Office
from telephony import gsm7

LANGUAGES = ("en", "sw")
BACK, HOME, MORE = "0", "00", "98"
# Where an edge may lead beside a node: to what was wanted before the sign-in, else the tree's desk.
WANTED = "wanted"
# A list's numbers stop before 98, which turns the page.
MOST_LISTED = 97


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence in both languages, and how many SMS segments it may take."""

    en: str
    sw: str
    segments: int = 1

    def say(self, lang: str) -> str:
        """The sentence in this language."""
        return self.sw if lang == "sw" else self.en


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a menu and where it leads; without a key it takes the next number."""

    en: str
    sw: str
    to: str
    key: str = ""

    def say(self, lang: str) -> str:
        """The option in this language."""
        return self.sw if lang == "sw" else self.en


class Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every node has."""

    signed: bool = False  # only behind a sign-in of this very session
    resume: str = ""  # where a resumed session lands instead of here
    deep: str = ""  # a named shortcut: the tail of a deep dial that leads here

    def exits(self) -> list[str]:
        """Every node that this one leads to."""
        return []


class Screen(Node, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node that shows something."""

    en: str
    sw: str
    values: str = ""  # the named function that fills its blanks; what was gathered fills the others

    def say(self, lang: str) -> str:
        """The node's words in this language."""
        return self.sw if lang == "sw" else self.en


class Menu(Screen, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="menu"):
    """Fixed options."""

    options: list[Option]

    def exits(self) -> list[str]:
        return [option.to for option in self.options]


class Pick(Screen, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="pick"):
    """Options from a named source, paged; `search` lets letters narrow the list."""

    source: str
    into: str
    to: str
    none: str = ""  # where to go when the list is empty
    search: bool = False
    skip_one: bool = False  # a list of one is taken unasked

    def exits(self) -> list[str]:
        return [self.to, *([self.none] if self.none else [])]


class Ask(Screen, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="ask"):
    """Typed input through a named check; its options are keys that lead elsewhere."""

    check: str
    into: str
    to: str
    secret: bool = False
    again_en: str = ""  # a shorter prompt beneath a refusal, where the whole one does not fit
    again_sw: str = ""
    options: list[Option] = []

    def exits(self) -> list[str]:
        return [self.to, *(option.to for option in self.options)]


class Do(Node, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="do"):
    """A named action; its outcomes are the edges. Shows nothing."""

    action: str
    outcomes: dict[str, str]

    def exits(self) -> list[str]:
        return list(self.outcomes.values())


class Show(Screen, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="show"):
    """Text, paged if long, with options where it leads on."""

    options: list[Option] = []

    def exits(self) -> list[str]:
        return [option.to for option in self.options]


class End(Screen, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="end"):
    """The last screen of a session."""


AnyNode = Menu | Pick | Ask | Do | Show | End


class Tree(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A whole tree with every sentence: what is compiled, published and run.

    `start` decides the first screen of a dial, `desk` is home once signed in, `guard` asks for a sign-in.
    """

    start: str
    desk: str
    guard: str
    nodes: dict[str, AnyNode]
    titles: dict[str, Words]
    words: dict[str, Words]

    def journey(self, name: str) -> str:
        """The journey of a node: what stands before its first dot."""
        return name.partition(".")[0]

    @cached_property
    def first_journeys(self) -> frozenset[str]:
        """The journeys of the first screens, with and without a sign-in: whoever is there is home."""
        return frozenset(map(self.journey, (self.start, self.desk)))

    @cached_property
    def openings(self) -> frozenset[str]:
        """The nodes that a dial may begin at."""
        start = self.nodes.get(self.start)  # a draft may lack it
        return frozenset((self.guard, *(start.exits() if start else ())))

    def shortcuts(self) -> dict[str, str]:
        """The tails of a deep dial and the nodes they lead to."""
        return {node.deep: name for name, node in self.nodes.items() if node.deep}


class Call(Protocol):
    """What the Python behind a tree may see and use of the hop it serves."""

    phone: str
    lang: str
    facts: dict[str, str]
    account: int | None
    left: int | None
    spots: dict[str, list[int]]
    form: str
    words: Mapping[str, Words]  # every sentence of the live tree

    @property
    def office(self) -> Office:
        """The office's keys and public names."""

    @property
    def by(self) -> Actor:
        """Who acts."""

    @property
    def db(self) -> Session:
        """The hop's one transaction, opened at its first use."""

    def read(self, sql: str, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        """The first row of a read, as this hop sees it; opens no transaction by itself."""

    def secret(self, name: str) -> str | None:
        """What was typed at a secret node of this session, read back from the transcript."""

    def release(self) -> None:
        """Hand the connection back before slow work; nothing has been written yet."""

    def undo(self) -> None:
        """Roll back what this step wrote: it was refused."""


@dataclass(frozen=True)
class Result:
    """How an action ended: its outcome, and what it changes of the dialogue."""

    outcome: str
    facts: Mapping[str, str] = field(default_factory=dict)
    lang: str | None = None
    account: int | None = None


@dataclass(frozen=True)
class Choice:
    """One line of a picked list: the value that is kept and the label that is shown."""

    value: str
    label: str


@dataclass(frozen=True)
class Action:
    """A function behind a `do` node; with `effect` it writes, and the way back ends there.

    Unless it is `repeatable`: then doing it again changes nothing, and one may go back behind it.
    """

    run: Callable[[Call], Result]
    outcomes: tuple[str, ...]
    effect: bool = True
    repeatable: bool = False
    gives: tuple[str, ...] = ()  # facts it may set
    secrets: tuple[str, ...] = ()  # secret facts it reads
    refusals: tuple[str, ...] = ()
    ends_sign_in: bool = False


@dataclass(frozen=True)
class Source:
    """A function behind a `pick` node: the choices, narrowed by what was typed. Writes nothing."""

    find: Callable[[Call, str], list[Choice]]
    longest: str  # the longest label in real data
    most: int = MOST_LISTED


@dataclass(frozen=True)
class Values:
    """A function that fills blanks of a screen. Writes nothing."""

    fill: Callable[[Call], Mapping[str, str]]
    gives: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """A function that judges typed input: answers the value to keep or raises a Refusal it declares."""

    judge: Callable[[str, Call], str]
    example: str  # a long but honest input, for the estimate of keying time
    refusals: tuple[str, ...]


@dataclass(frozen=True)
class Blank:
    """What may stand in a blank: the longest real value; a longer one is clipped to its septets."""

    longest: str

    @property
    def septets(self) -> int:
        """The room it takes on a screen."""
        return gsm7.septets(self.longest)


@dataclass(frozen=True)
class Vocabulary:
    """Every function and blank that a tree may name, written out: nothing registers itself."""

    actions: Mapping[str, Action] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    values: Mapping[str, Values] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    blanks: Mapping[str, Blank] = field(default_factory=dict)


def to_plain(tree: Tree) -> dict[str, Any]:
    """The tree as plain data, for a JSON column."""
    plain: dict[str, Any] = msgspec.to_builtins(tree)
    return plain


def from_plain(plain: dict[str, Any]) -> Tree:
    """The tree from plain data; raises msgspec.ValidationError where it is not one."""
    return msgspec.convert(plain, Tree)
