"""Timing: no screen outlasts an idle session, and no journey outlasts a whole one between two saves."""

from collections.abc import Callable, Iterator

from menus.checks.issues import Issue
from menus.checks.rehearsal import Stage, at_worst
from menus.graph import Graph
from menus.pace import Pace
from menus.vocabulary import Screen

# Safaricom ends a session that is idle for 30 s, and any session after 180 s.
SCREEN, BETWEEN_SAVES = 25.0, 150.0


def find(graph: Graph) -> Iterator[Issue]:
    """Every screen, and every way between saves, that takes too long. Each screen here can be drawn."""
    pace = Pace(graph, Stage(graph.tree, at_worst(graph.vocabulary)))
    for name, hops in pace.answers.items():
        longest = max(hops, default=0)
        if longest > SCREEN:
            drawing = pace.stage.painter().draw(pace.stage.state(name, "en"), screen(graph, name))
            yield Issue(name, "slow", f"{longest:.0f} s to read and key, {SCREEN:.0f} at most", drawing)
    yield from between_saves(graph, pace)


def screen(graph: Graph, name: str) -> Screen:
    """The screen of this name."""
    node = graph.tree.nodes[name]
    if not isinstance(node, Screen):
        raise TypeError(name)
    return node


def between_saves(graph: Graph, pace: Pace) -> Iterator[Issue]:
    """The longest way of a journey from its beginning or a save to the next save, or out of it."""
    reported = set()
    for start in dict.fromkeys(beginnings(graph, pace)):
        way = pace.longest(start, over(graph, pace, start))
        if way and way.seconds > BETWEEN_SAVES and way.nodes[-1] not in reported:
            reported.add(way.nodes[-1])
            text = f"{way.seconds:.0f} s between saves, {BETWEEN_SAVES:.0f} at most: {' > '.join(way.nodes)}"
            yield Issue(start, "slow", text)


def beginnings(graph: Graph, pace: Pace) -> Iterator[str]:
    """Where a journey begins, or goes on behind a save."""
    yield from graph.roots
    for name in graph.tree.nodes:
        journey = graph.tree.journey(name)
        for head in pace.heads(name):
            if pace.saves(name) or graph.tree.journey(head) != journey:
                yield head


def over(graph: Graph, pace: Pace, start: str) -> Callable[[str], bool]:
    """Whether a way from here ends at a node: what was typed is kept, or another journey begins."""
    journey = graph.tree.journey(start)
    return lambda name: pace.saves(name) or graph.tree.journey(name) != journey
