"""Resuming: whether a dialogue that a dropped session left can go on, and in which tree."""

from menus.screens import BLANK
from menus.state import State
from menus.vocabulary import Screen, Tree


def resumable(tree: Tree, state: State) -> bool:
    """Whether a dropped dialogue was in the middle of something that has a name."""
    return state.dropped or tree.journey(state.wanted or state.node) in tree.titles


def carried(state: State, old: Tree | None, new: Tree) -> bool:
    """Whether a dropped dialogue may go on in a newer tree: its screen's kind and blanks still match."""
    name = state.wanted or state.node
    was, now = old.nodes.get(name) if old else None, new.nodes.get(name)
    if was is None or now is None or type(was) is not type(now):
        return False
    return blanks(was) == blanks(now) and resumable(new, state)


def blanks(node: object) -> set[str]:
    """The blanks of a node's words."""
    return set(BLANK.findall(node.en)) if isinstance(node, Screen) else set()
