"""Drawing: every screen as a phone shows it, and what each journey takes, as one page of Markdown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from menus import screens, wording
from menus.checks.issues import frame
from menus.checks.rehearsal import Stage, at_worst
from menus.graph import Graph
from menus.pace import Pace, Way
from menus.vocabulary import LANGUAGES, Do, End, Pick, Screen, Tree, Vocabulary
from telephony import gsm7

HEAD = """# Every screen, as a phone shows it

Written by `flask --app wsgi menus draw` from `menus/tree.yaml`, `menus/tree/` and `menus/words/`; do not edit
it by hand. Every blank holds its longest real value. Under each screen stand its septets (160 at most, the
`CON ` or `END ` before it included) and the seconds to read and answer it on a 12-key pad (25 at most; see
`menus/keystrokes.py`).

![The menu tree](menus.svg)

## Journeys

*To the end* is the longest way through the journey's own screens. *To a save* is the longest way from its
beginning to the next thing that is kept, or out of the journey (150 s at most). A hop counts 2 s of network.
What a journey says by SMS stands under [SMS](#sms), with its segments.

| journey | screens | to the end: hops | seconds | to a save: hops | seconds |
|---|---|---|---|---|---|
"""
SMS = """
## SMS

Every sentence beside the screens: notices, replies, and refusals, which stand on screens too. Segments are
counted with the longest real values.

| sentence | English | Kiswahili | in English |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Page:
    """One tree, ready to be drawn."""

    graph: Graph
    stage: Stage
    pace: Pace

    @property
    def tree(self) -> Tree:
        """What is drawn."""
        return self.graph.tree


def draw(tree: Tree, vocabulary: Vocabulary) -> str:
    """The whole page; the same for the same tree."""
    graph, stage = Graph(tree, vocabulary), Stage(tree, at_worst(vocabulary))
    page = Page(graph, stage, Pace(graph, stage))
    names = journeys(tree)
    rows = "".join(row(page, name, nodes) for name, nodes in names.items())
    return HEAD + rows + "".join(journey(page, name, nodes) for name, nodes in names.items()) + sms(page)


def journeys(tree: Tree) -> dict[str, list[str]]:
    """The nodes of each journey, in the order of their files."""
    found: dict[str, list[str]] = {}
    for name in tree.nodes:
        found.setdefault(tree.journey(name), []).append(name)
    return found


def row(page: Page, name: str, nodes: list[str]) -> str:
    """A journey's line in the table."""
    shown = sum(isinstance(page.tree.nodes[node], Screen) for node in nodes)
    through = longest(page, nodes, lambda node: node not in nodes or not page.pace.heads(node))
    kept = longest(page, nodes, lambda node: node not in nodes or page.pace.saves(node))
    return f"| [{name}](#{name}) | {shown} | {cells(through)} | {cells(kept)} |\n"


def longest(page: Page, nodes: list[str], saved: Callable[[str], bool]) -> Way | None:
    """The longest way from any of a journey's beginnings."""
    ways = [page.pace.longest(node, saved) for node in beginnings(page, nodes)]
    return max((way for way in ways if way), key=lambda way: way.seconds, default=None)


def beginnings(page: Page, nodes: list[str]) -> list[str]:
    """The nodes where a journey is entered: from another one, or by a dial."""
    entered = {edge.head for name in page.tree.nodes if name not in nodes for edge in page.graph.edges(name)}
    return [name for name in nodes if name in entered or name in page.graph.roots]


def cells(way: Way | None) -> str:
    """A way in two cells."""
    return f"{way.hops} | {way.seconds:.0f}" if way else "- | -"


def journey(page: Page, name: str, nodes: list[str]) -> str:
    """A journey's section."""
    title = page.tree.titles.get(name)
    called = f"\nAfter a drop it is called *{title.en}*, *{title.sw}*.\n" if title else ""
    return f"\n## {name}\n{called}" + "".join(section(page, node) for node in nodes)


def section(page: Page, name: str) -> str:
    """A node's section."""
    node = page.tree.nodes[name]
    if isinstance(node, Screen):
        return "".join(["\n", f"### {name}\n\n", *facts(page, name), *shown(page, name, node)])
    return "".join(["\n", f"### {name}\n\n", *facts(page, name)])


def facts(page: Page, name: str) -> Iterator[str]:
    """What a node is, and where it leads."""
    node = page.tree.nodes[name]
    notes = [type(node).__name__.lower()]
    notes += [f"`{node.action}`"] if isinstance(node, Do) else []
    notes += ["behind the sign-in"] if node.signed else []
    notes += [f"shortcut `{node.deep}`"] if node.deep else []
    notes += [f"resumes at `{node.resume}`"] if node.resume else []
    yield "; ".join(notes) + ".\n"
    if isinstance(node, Do):
        yield from (f"- {outcome}: `{to}`\n" for outcome, to in sorted(node.outcomes.items()))


def shown(page: Page, name: str, node: Screen) -> Iterator[str]:
    """A screen's pages in both languages, side by side; a long list by its first."""
    drawn = [pages(page, name, node, lang) for lang in LANGUAGES]
    hops = page.pace.answers[name]
    most = max(map(len, drawn))
    kept = 1 if isinstance(node, Pick) else most
    for number, both in enumerate(list(zip_longest(*drawn, fillvalue=""))[:kept], 1):
        yield f"\n```\n{beside(*both)}\n```\n\n"
        yield caption(node, number, most, both, hops)


def pages(page: Page, name: str, node: Screen, lang: str) -> list[str]:
    """Every page of a screen in this language."""
    painter, state = page.stage.painter(), page.stage.state(name, lang)
    count = painter.page_count(state, node)
    return [painter.draw(page.stage.state(name, lang, page=at), node) for at in range(count)]


def caption(node: Screen, number: int, most: int, both: tuple[str, ...], hops: list[float]) -> str:
    """What stands under a screen."""
    room = " and ".join(str(screens.PREFIX + gsm7.septets(text)) for text in both if text)
    parts = [f"page {number} of {most}"] if most > 1 else []
    parts.append(f"{room} septets")
    if not isinstance(node, End) and number <= len(hops):
        parts.append(f"{hops[number - 1]:.0f} s")
    return ", ".join(parts) + "\n"


def sms(page: Page) -> str:
    """Every sentence beside the screens, with the segments it takes in each language at its longest."""
    blanks = {**wording.BLANKS, **page.graph.vocabulary.blanks}
    rows = [SMS]
    for name, words in sorted(page.tree.words.items()):
        if not name.startswith(("screen.", "term.")):
            counts = " | ".join(str(wording.segments(words.say(lang), blanks)) for lang in LANGUAGES)
            rows.append(f"| `{name}` | {counts} | {' '.join(words.en.split()).replace('|', ' ')} |\n")
    return "".join(rows)


def beside(left: str, right: str) -> str:
    """Two screens side by side; nothing where a language has no such page."""
    framed = [frame(text).split("\n") if text else [] for text in (left, right)]
    width = max((len(line) for line in framed[0]), default=0)
    return "\n".join(f"{a:<{width}}  {b}".rstrip() for a, b in zip_longest(*framed, fillvalue=""))
