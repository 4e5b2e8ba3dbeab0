"""Functions: what a tree names exists, says its refusals in words, and leaves the navigation keys alone."""

from collections.abc import Iterator

from menus.checks.issues import Issue
from menus.checks.rehearsal import Rehearsal
from menus.graph import Graph
from menus.keys import keyed
from menus.linking import absent
from menus.vocabulary import BACK, HOME, MOST_LISTED, Ask, Check, Do, Pick
from operations.refusals import Refusal

# What the engine itself says.
SPOKEN = ("back", "home", "more", "choose", "nothing", "resume", "lost")


def find(graph: Graph) -> Iterator[Issue]:
    """Every fault between the tree and the functions it names."""
    for name, text in absent(graph.tree, graph.vocabulary):
        yield Issue(name, "absent", text)
    for check in (outcomes, refusals, sources, reserved, spoken):
        yield from check(graph)


def outcomes(graph: Graph) -> Iterator[Issue]:
    """No edge waits for an outcome that its action never has."""
    for name, node in graph.tree.nodes.items():
        action = graph.vocabulary.actions.get(node.action) if isinstance(node, Do) else None
        if action is not None and isinstance(node, Do):
            for outcome in sorted(node.outcomes.keys() - set(action.outcomes)):
                yield Issue(name, "outcome", f"action {node.action} has no outcome {outcome}")


def refusals(graph: Graph) -> Iterator[Issue]:
    """Every refusal that a function declares has its words."""
    for name, node in graph.tree.nodes.items():
        for code in declared(graph, node):
            if not graph.worded(code):
                yield Issue(name, "refusal", f"no words say {code}")


def declared(graph: Graph, node: object) -> tuple[str, ...]:
    """The refusals that a node's own function declares."""
    if isinstance(node, Ask) and node.check in graph.vocabulary.checks:
        return graph.vocabulary.checks[node.check].refusals
    if isinstance(node, Do) and node.action in graph.vocabulary.actions:
        return graph.vocabulary.actions[node.action].refusals
    return ()


def sources(graph: Graph) -> Iterator[Issue]:
    """A list's numbers stop before the key that turns its page."""
    for name, node in graph.tree.nodes.items():
        source = graph.vocabulary.sources.get(node.source) if isinstance(node, Pick) else None
        if source is not None and source.most > MOST_LISTED:
            yield Issue(name, "keys", f"{source.most} lines; a list holds at most {MOST_LISTED}")


def reserved(graph: Graph) -> Iterator[Issue]:
    """A check refuses what the engine takes for itself: it would never see it."""
    for name, node in graph.screens():
        check = graph.vocabulary.checks.get(node.check) if isinstance(node, Ask) else None
        if check is None or not isinstance(node, Ask):
            continue
        for key in (BACK, HOME, *keyed(node.options)):
            fault = accepted(check, key)
            if fault:
                yield Issue(name, "check", f"{node.check} {fault} {key}, which is a key of this screen")


def accepted(check: Check, key: str) -> str:
    """What a check wrongly does with a key; nothing where it refuses it in declared words."""
    try:
        check.judge(key, Rehearsal())
    except Refusal as refusal:
        return "" if refusal.code in check.refusals else f"declares no {refusal.code}, raised by"
    except Exception as fault:
        return f"fails ({type(fault).__name__}) on"
    return "accepts"


def spoken(graph: Graph) -> Iterator[Issue]:
    """The engine's own words are there."""
    for key in SPOKEN:
        if not graph.worded(f"screen.{key}"):
            yield Issue(f"screen.{key}", "words", "the engine says this, and no words are written")
