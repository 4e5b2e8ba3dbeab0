"""Fitting: every screen fits in both languages with the longest real values, with every note it may carry."""

from collections.abc import Iterator

from menus import screens
from menus.checks.functions import declared
from menus.checks.issues import Issue
from menus.checks.rehearsal import Stage, at_worst
from menus.checks.saying import named, written
from menus.graph import Graph
from menus.linking import absent
from menus.painter import Painter
from menus.screens import BLANK
from menus.state import State
from menus.vocabulary import LANGUAGES, Ask, End, Menu, Pick, Screen, Show
from telephony import gsm7


def find(graph: Graph) -> Iterator[Issue]:
    """Every screen that can be drawn, drawn. The engine has its words, and start and desk are known."""
    stage = Stage(graph.tree, at_worst(graph.vocabulary))
    undrawable = {name for name, _ in absent(graph.tree, graph.vocabulary)}
    for name, node in graph.screens():
        for lang in LANGUAGES:
            if name not in undrawable and not gsm7.strangers(" ".join(written(node, lang))):
                yield from alone(stage, name, node, lang)
                yield from noted(graph, stage, name, node, lang)
    yield from resuming(graph, stage.painter())


def alone(stage: Stage, name: str, node: Screen, lang: str) -> Iterator[Issue]:
    """Each page of a screen by itself."""
    for state in pages(stage, name, node, lang):
        text = stage.painter().draw(state, node)
        if not screens.fits(text):
            yield too_long(name, lang, text)
            return
    if isinstance(node, Menu | Pick):
        yield from clipped(stage, name, node, lang)


def pages(stage: Stage, name: str, node: Screen, lang: str) -> list[State]:
    """A dialogue at each page of a screen; of a list of equal lines, at those that can differ."""
    count = stage.painter().page_count(stage.state(name, lang), node)
    kept = range(count) if not isinstance(node, Pick) else sorted({0, max(0, count - 2), count - 1})
    return [stage.state(name, lang, page=page) for page in kept]


def too_long(name: str, lang: str, text: str, beneath: str = "") -> Issue:
    """The issue of a text that no screen takes."""
    over = gsm7.septets(text) - screens.ROOM
    note = f" beneath {beneath}" if beneath else ""
    return Issue(name, "long", f"{over} septets too long ({lang}){note}", text)


def clipped(stage: Stage, name: str, node: Screen, lang: str) -> Iterator[Issue]:
    """The longest line of a list stands whole on a page."""
    state = stage.state(name, lang)
    whole = stage.painter().lines(state, node)
    shown = [line for page in shown_lines(stage.painter(), state, node) for line in page]
    if shown != whole:
        text = stage.painter().draw(state, node)
        yield Issue(name, "long", f"a line is cut ({lang}): shorten it, or the words above the list", text)


def shown_lines(painter: Painter, state: State, node: Screen) -> list[list[str]]:
    """The numbered lines of each page of a list."""
    words, lines = painter.words(state, node), painter.lines(state, node)
    return screens.list_pages(words, lines, painter.foot(state))


def noted(graph: Graph, stage: Stage, name: str, node: Screen, lang: str) -> Iterator[Issue]:
    """A screen beneath each note it may carry: the note, its lines and its keys are all to be seen."""
    painter = stage.painter()
    for code in notes(graph, name, node):
        words = graph.tree.words.get(code)
        if words is None or gsm7.strangers(words.say(lang)):
            continue
        note = painter.say(lang, code, stage.longest)
        for state in pages(stage, name, node, lang)[-1 if isinstance(node, Show) else 0 :]:
            # What has changed is said on a first screen, with nothing behind it.
            state.back = [] if code == "screen.lost" else state.back
            text = painter.draw(state, node, note)
            if not screens.fits(text) or not carried(painter, state, node, note, text):
                yield too_long(name, lang, screens.stack(note, painter.draw(state, node)), code)
                break


def notes(graph: Graph, name: str, node: Screen) -> list[str]:
    """The codes of every note that may stand on this screen."""
    if isinstance(node, End):
        return []
    codes = [] if isinstance(node, Ask) else ["screen.choose"]
    if isinstance(node, Pick) and node.search:
        codes.append("screen.nothing")
    if name in graph.silent([graph.tree.start, *graph.tree.shortcuts().values()]):
        codes.append("screen.lost")
    codes += declared(graph, node)
    for _, action in graph.actions(node.exits()):
        codes += declared(graph, action)
    return list(dict.fromkeys(codes))


def carried(painter: Painter, state: State, node: Screen, note: str, text: str) -> bool:
    """Whether a drawn screen shows its note and every numbered line of its page."""
    lines = painter.lines(state, node)
    if isinstance(node, Menu | Pick):
        lines = shown_lines(painter, state, node)[state.page]
    if isinstance(node, Show) and not lines:
        return True
    return text.startswith(note) and set(lines) <= set(text.split("\n"))


def resuming(graph: Graph, painter: Painter) -> Iterator[Issue]:
    """The question after a drop, for each journey that has a title; and no blank without a known length."""
    for journey, title in graph.tree.titles.items():
        for lang in LANGUAGES:
            if odd := gsm7.strangers(title.say(lang)):
                yield Issue(journey, "alphabet", f"title not in GSM-7 ({lang}): {', '.join(map(named, odd))}")
                continue
            said = (
                painter.say(lang, "screen.choose"),
                painter.say(lang, "screen.resume", {"journey": title.say(lang)}),
            )
            if not screens.fits(screens.stack(*said)) or title.say(lang) not in said[1]:
                yield too_long(journey, lang, screens.stack(*said), "screen.choose")
    for code in sorted({code for name, node in graph.screens() for code in notes(graph, name, node)}):
        words = graph.tree.words.get(code)
        for blank in sorted(set(BLANK.findall(words.en)) - set(graph.vocabulary.blanks) if words else ()):
            yield Issue(code, "blanks", f"no longest value is known for {blank}")
