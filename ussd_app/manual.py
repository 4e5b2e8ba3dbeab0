"""The manual, gathered from what is live: the menu tree's journeys and screens, and the table of commands."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from flask import Response

from documents import manual
from documents.manual import Chapter, Command, Manual
from documents.renderer import Renderer
from menus.checks.rehearsal import Stage, at_worst
from menus.drawing import journeys
from menus.keys import keyed
from menus.vocabulary import Ask, Menu, Pick, Screen, Show, Tree, Vocabulary
from ussd_app.pages import Pages
from ussd_app.service import Service

# Keyword and language: the words that mean it, the one we teach first.
Keywords = Mapping[tuple[str, str], tuple[str, ...]]
# A list differs from person to person.
LISTED: Final = [["1", "..."], ["2", "..."]]
PUBLIC: Final = {"Cache-Control": "public, max-age=300"}


@dataclass(frozen=True)
class Manuals:
    """The manuals of one process: made once a version of the tree and a language."""

    service: Service
    keywords: Keywords
    renderer: Renderer
    made: dict[tuple[str, str], Manual] = field(default_factory=dict)
    drawn: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def answer(self, pages: Pages, lang: str, pdf: bool) -> Response:
        """The manual as a page for any phone, or to be printed."""
        told = self.live(lang)
        if not pdf:
            return pages.show("manual", headers=PUBLIC, lang=lang, manual=told)
        named = f'attachment; filename="{manual.FILE_NAMES[lang]}"'
        headers = {**pages.guards(), **PUBLIC, "Content-Disposition": named}
        return Response(self.print(told), 200, headers, mimetype="application/pdf")

    def live(self, lang: str) -> Manual:
        """The manual of the live tree; those of trees that were live before are let go."""
        digest, tree = self.service.library.live()
        if (digest, lang) not in self.made:
            told = gather(tree, digest, lang, self.service, self.keywords)
            for kept in (self.made, self.drawn):
                for old in [key for key in kept if key[0] != digest]:
                    kept.pop(old, None)
            self.made[digest, lang] = told
        return self.made[digest, lang]

    def print(self, told: Manual) -> bytes:
        """The manual as a PDF."""
        key = (told.version, told.lang)
        if key not in self.drawn:
            self.drawn[key] = manual.draw(self.renderer, told)
        return self.drawn[key]


def taught(keywords: Keywords, served: Collection[str]) -> Keywords:
    """The keywords of commands that are served; a word may be known before anything answers to it."""
    return {key: words for key, words in keywords.items() if key[0] in served}


def gather(tree: Tree, digest: str, lang: str, service: Service, keywords: Keywords) -> Manual:
    """The manual in this language, of this version of the tree."""
    office, guide = service.office, Guide(tree, service.vocabulary, lang)
    return Manual(
        lang=lang,
        version=digest[:12],
        service_code=office.service_code,
        short_code=office.short_code,
        address=f"{office.public_url}/manual",
        chapters=tuple(guide.chapters()),
        commands=tuple(commands(tree, lang, keywords)),
    )


def commands(tree: Tree, lang: str, keywords: Keywords) -> Iterator[Command]:
    """Each command by the word that we teach, with an example of what follows it."""
    for (keyword, spoken), spelled in keywords.items():
        if spoken == lang:
            after, does = (said(tree, lang, f"manual.{part}.{keyword.lower()}") for part in ("after", "does"))
            yield Command(f"{spelled[0].upper()} {after}".strip(), does)


def said(tree: Tree, lang: str, name: str) -> str:
    """A sentence of the tree, or nothing where it has none of this name."""
    return tree.words[name].say(lang) if name in tree.words else ""


@dataclass(frozen=True)
class Guide:
    """One tree as a reader is shown it: journeys by the way there, screens filled with examples."""

    tree: Tree
    vocabulary: Vocabulary
    lang: str

    def chapters(self) -> Iterator[Chapter]:
        """Each journey that has a screen, in the order in which the ways from a dial come to it."""
        named = journeys(self.tree)
        for name in dict.fromkeys([*self.walked(self.tree.start, self.inside), *self.ways, *named]):
            screens = tuple(self.screen(node) for node in named[name] if self.is_screen(node))
            if screens:
                yield Chapter(self.title(name), self.ways.get(name, ()), screens)

    def is_screen(self, node: str) -> bool:
        """Whether this node shows something."""
        return isinstance(self.tree.nodes[node], Screen)

    def title(self, name: str) -> str:
        """What a journey is called: by the manual, by its title, or by the choice that leads there."""
        way, titles = self.ways.get(name, ()), self.tree.titles
        title = (
            said(self.tree, self.lang, f"manual.journey.{name}")
            or (titles[name].say(self.lang) if name in titles else "")
            or (way[-1].partition(" ")[2] if way else name.replace("_", " "))
        )
        return title[:1].upper() + title[1:]

    @cached_property
    def stage(self) -> Stage:
        """Where every blank holds its longest real value."""
        return Stage(self.tree, at_worst(self.vocabulary))

    def screen(self, node: str) -> str:
        """A screen as a phone shows it first."""
        shown, state = self.tree.nodes[node], self.stage.state(node, self.lang)
        if not isinstance(shown, Screen):
            raise TypeError(node)
        if isinstance(shown, Pick):
            state.listed = LISTED
        return self.stage.painter().draw(state, shown)

    @cached_property
    def ways(self) -> dict[str, tuple[str, ...]]:
        """The shortest way to each journey as the choices on it: from a dial, then from home."""
        return {**self.walked(self.tree.desk, set()), **self.walked(self.tree.start, self.inside)}

    @cached_property
    def inside(self) -> set[str]:
        """What only somebody who signed in comes to."""
        return {self.tree.desk, *(name for name, node in self.tree.nodes.items() if node.signed)}

    def walked(self, root: str, closed: set[str]) -> dict[str, tuple[str, ...]]:
        """The way from this node to each journey, past no closed node."""
        found: dict[str, tuple[str, ...]] = {}
        seen: set[str] = set()
        waiting: deque[tuple[str, tuple[str, ...]]] = deque([(root, ())])
        while waiting:
            node, way = waiting.popleft()
            if node in seen or node in closed or node not in self.tree.nodes:
                continue
            seen.add(node)
            found.setdefault(self.tree.journey(node), way)
            waiting += ((to, way + step) for to, step in self.steps(node))
        return found

    def steps(self, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Where a node leads, and the choice that leads there, if it is one."""
        node = self.tree.nodes[name]
        if isinstance(node, Menu | Show | Ask):
            for key, option in keyed(node.options).items():
                yield option.to, (f"{key}. {option.say(self.lang)}",)
        if isinstance(node, Ask | Pick) or not isinstance(node, Screen):
            chosen = {option.to for option in node.options} if isinstance(node, Ask) else set()
            yield from ((to, ()) for to in node.exits() if to not in chosen)
