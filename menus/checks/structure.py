"""Structure: every edge leads somewhere, every node is reached, nothing goes round in silence."""

from collections.abc import Iterator

from menus.checks.issues import Issue
from menus.graph import Graph
from menus.vocabulary import WANTED, Ask, Do, End, Menu, Node, Show
from menus.walk import MOST_STEPS


def find(graph: Graph) -> Iterator[Issue]:
    """Every fault of the tree's structure."""
    for check in (roots, edges, unreachable, loops, stuck, openings, shortcuts, signed_actions, keys):
        yield from check(graph)


def roots(graph: Graph) -> Iterator[Issue]:
    """The three named roots exist, and what asks for a sign-in needs none."""
    tree = graph.tree
    for role, name in (("start", tree.start), ("desk", tree.desk), ("guard", tree.guard)):
        if not graph.written(name):
            yield Issue(name, "edge", f"the tree's {role} is no node")
    guard = tree.nodes.get(tree.guard)
    if guard is not None and guard.signed:
        yield Issue(tree.guard, "guard", "the guard must need no sign-in itself")


def edges(graph: Graph) -> Iterator[Issue]:
    """Every edge leads to a node, or to what was wanted before the sign-in."""
    for name, node in graph.tree.nodes.items():
        for to in lost(graph, node):
            yield Issue(name, "edge", f"leads to {to}, which is no node")
        if node.resume and not graph.written(node.resume):
            yield Issue(name, "edge", f"resumes at {node.resume}, which is no node")


def lost(graph: Graph, node: Node) -> list[str]:
    """Where a node leads in vain."""
    return [to for to in dict.fromkeys(node.exits()) if to != WANTED and not graph.written(to)]


def unreachable(graph: Graph) -> Iterator[Issue]:
    """Every node can be reached: from a dial, by a shortcut, through the sign-in, or on resuming.

    An edge that leads nowhere may have meant any node of the journey it names, and an unread node may lead
    anywhere: what only seems unreachable because of them is no fault of its own.
    """
    tree = graph.tree
    if graph.unread or not {tree.start, tree.desk, tree.guard} <= tree.nodes.keys():
        return
    meant = {tree.journey(to) for node in tree.nodes.values() for to in lost(graph, node)}
    near = [name for name in tree.nodes if tree.journey(name) in meant]
    reached = graph.reached([tree.start, *tree.shortcuts().values(), *near])
    for name in tree.nodes:
        if name not in reached:
            yield Issue(name, "unreachable", "nothing leads here")


def loops(graph: Graph) -> Iterator[Issue]:
    """Actions and empty lists come to a screen, and soon."""
    for name, node in graph.tree.nodes.items():
        onward = graph.silent(graph.onward(name))
        # Of all the screens it may come to, it comes to one.
        steps = sum(bool(graph.onward(each)) for each in onward) + 1
        if name in onward:
            yield Issue(name, "loop", "comes back here without showing anything")
        elif isinstance(node, Do) and steps >= MOST_STEPS:
            yield Issue(name, "loop", f"may pass {steps} nodes before a screen, {MOST_STEPS} at most")


def stuck(graph: Graph) -> Iterator[Issue]:
    """Every screen but an end shows a way on or out; an end is reached at all."""
    first = {graph.tree.journey(graph.tree.start), graph.tree.journey(graph.tree.desk)}
    for name, node in graph.screens():
        if isinstance(node, Menu) and not node.options:
            yield Issue(name, "stuck", "a menu without options")
        if isinstance(node, Show) and not node.options and graph.tree.journey(name) in first:
            yield Issue(name, "stuck", "no option, and this journey's screens draw no way home")
    if not graph.unread and not any(isinstance(node, End) for _, node in graph.screens()):
        yield Issue(graph.tree.start, "stuck", "the tree has no end")


def openings(graph: Graph) -> Iterator[Issue]:
    """What runs before a first screen changes nothing, and refuses nothing: no screen could say it."""
    tree = graph.tree
    for root in (tree.start, tree.desk):
        for name, node in graph.actions([root]):
            action = graph.vocabulary.actions.get(node.action)
            if action and action.refusals:
                yield Issue(name, "opening", f"runs on the way to {root}, where nothing may refuse")
            if action and action.effect and root == tree.start:
                yield Issue(name, "opening", "a dial alone would change something")


def shortcuts(graph: Graph) -> Iterator[Issue]:
    """A deep dial changes nothing and opens nothing that needs a sign-in; its tail is digits, and its own."""
    tails: dict[str, str] = {}
    for name, node in graph.tree.nodes.items():
        if not node.deep:
            continue
        if not all(part.isascii() and part.isdecimal() for part in node.deep.split("*")):
            yield Issue(name, "shortcut", f"{node.deep} is not digits, with * between them")
        if node.deep in tails:
            yield Issue(name, "shortcut", f"{node.deep} leads to {tails[node.deep]} already")
        tails[node.deep] = name
        yield from entered_by_shortcut(graph, name)


def entered_by_shortcut(graph: Graph, shortcut: str) -> Iterator[Issue]:
    """What a deep dial enters before it shows a screen."""
    for name in graph.silent([shortcut]):
        node = graph.tree.nodes[name]
        if node.signed:
            yield Issue(shortcut, "shortcut", f"leads to {name}, which needs a sign-in")
        action = graph.vocabulary.actions.get(node.action) if isinstance(node, Do) else None
        if action and action.effect:
            yield Issue(shortcut, "shortcut", f"would change something at {name} on entering")
        if action and action.refusals:
            yield Issue(shortcut, "shortcut", f"may refuse at {name}, where there is no screen to say it on")


def signed_actions(graph: Graph) -> Iterator[Issue]:
    """An action behind the sign-in is entered from a screen behind it.

    Entered after the sign-in instead, its refusal would take the sign-in back with it.
    """
    for name, node in graph.tree.nodes.items():
        for to in dict.fromkeys(node.exits()):
            target = graph.tree.nodes.get(to)
            if isinstance(target, Do) and target.signed and not node.signed:
                yield Issue(name, "signed", f"leads to the action {to} behind the sign-in; lead to a screen")


def keys(graph: Graph) -> Iterator[Issue]:
    """No two options share a key, and none takes a key of the navigation."""
    for name, node in graph.screens():
        if not isinstance(node, Menu | Ask | Show):
            continue
        taken: dict[str, str] = {}
        for number, option in enumerate(node.options, 1):
            key = option.key or str(number)
            if key in taken:
                yield Issue(name, "keys", f"{key} is both {taken[key]} and {option.en}")
            if key == "98" or not (key.isascii() and key.isdecimal()) or key.startswith("0"):
                yield Issue(name, "keys", f"{key} cannot be the key of {option.en}")
            taken[key] = option.en
