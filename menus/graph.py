"""The tree as a graph: what leads where, what follows without a word, what a way has gathered."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec

from menus.vocabulary import WANTED, Ask, Do, Pick, Screen, Tree, Vocabulary


@dataclass(frozen=True)
class Edge:
    """One step of a dialogue: from a node to a node, with the facts and secrets it has then gathered."""

    tail: str
    head: str
    facts: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    resumed: bool = False  # not an edge of the tree: where a dropped session lands


@dataclass(frozen=True)
class Graph:
    """The edges of a tree; those that lead nowhere are left out, and reported by their own check."""

    tree: Tree
    vocabulary: Vocabulary
    # The gaps of a draft: nodes (or journeys) that are written and could not be read, and sentences with a
    # fault ("" where not all names are known).
    unread: frozenset[str] = frozenset()
    unsaid: frozenset[str] = frozenset()

    def written(self, name: str) -> bool:
        """Whether this node is written, be it that it could not be read."""
        return name in self.tree.nodes or bool({name, self.tree.journey(name)} & self.unread)

    def worded(self, code: str) -> bool:
        """Whether this sentence is written, or may be in a file that could not be read."""
        return code in self.tree.words or bool({code, ""} & self.unsaid)

    def without(self, *, nodes: Set[str] = frozenset(), words: Set[str] = frozenset()) -> "Graph":
        """The graph that lacks these nodes and sentences."""
        kept = {name: self.tree.nodes[name] for name in self.tree.nodes if name not in nodes}
        said = {name: self.tree.words[name] for name in self.tree.words if name not in words}
        return replace(self, tree=msgspec.structs.replace(self.tree, nodes=kept, words=said))

    @property
    def roots(self) -> list[str]:
        """Where a dialogue may begin with nothing gathered: a dial, home, a shortcut."""
        named = [self.tree.start, self.tree.desk, *self.tree.shortcuts().values()]
        return [name for name in dict.fromkeys(named) if name in self.tree.nodes]

    def edges(self, name: str) -> list[Edge]:
        """Every step from this node, the detour by the sign-in left out: it gathers, and takes nothing."""
        return self.all_edges[name]

    @cached_property
    def all_edges(self) -> dict[str, list[Edge]]:
        """The steps from every node."""
        return {name: list(self.edges_of(name)) for name in self.tree.nodes}

    def edges_of(self, name: str) -> Iterator[Edge]:
        """The steps from one node, found anew."""
        node = self.tree.nodes[name]
        for to, facts, secrets in self.gathered(name):
            head = self.tree.desk if to == WANTED else to
            if head in self.tree.nodes:
                yield Edge(name, head, frozenset(facts), frozenset(secrets))
        if node.resume in self.tree.nodes:
            yield Edge(name, node.resume, resumed=True)

    def gathered(self, name: str) -> Iterator[tuple[str, list[str], list[str]]]:
        """Each exit of a node, with the facts and the secrets that it gathers."""
        node = self.tree.nodes[name]
        given: list[str] = []
        if isinstance(node, Do) and node.action in self.vocabulary.actions:
            given = [*self.vocabulary.actions[node.action].gives]
        for number, to in enumerate(node.exits()):
            # The first exit of what takes an answer is the answer's; the others are keys, or an empty list.
            typed = [node.into] if isinstance(node, Ask | Pick) and number == 0 else []
            secret = isinstance(node, Ask) and node.secret
            yield to, given + ([] if secret else typed), typed if secret else []

    def reached(self, names: Iterable[str]) -> set[str]:
        """Every node that can be reached from these, the sign-in included."""
        seen: set[str] = set()
        waiting = [name for name in names if name in self.tree.nodes]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            waiting += [edge.head for edge in self.edges(name)]
            if self.tree.nodes[name].signed and self.tree.guard in self.tree.nodes:
                waiting.append(self.tree.guard)
        return seen

    def silent(self, names: Iterable[str]) -> list[str]:
        """Every node that is entered from these edges before the next screen: actions, then the screens."""
        seen: dict[str, None] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop(0)
            name = self.tree.desk if name == WANTED else name
            if name in seen or name not in self.tree.nodes:
                continue
            seen[name] = None
            waiting += self.onward(name)
        return list(seen)

    def onward(self, name: str) -> list[str]:
        """Where this node leads without showing anything: an action always, a list where it is empty."""
        node = self.tree.nodes[name]
        if isinstance(node, Do):
            return node.exits()
        return [node.none] if isinstance(node, Pick) and node.none else []

    def actions(self, names: Iterable[str]) -> list[tuple[str, Do]]:
        """The actions that run when these edges are followed."""
        entered = ((name, self.tree.nodes[name]) for name in self.silent(names))
        return [(name, node) for name, node in entered if isinstance(node, Do)]

    def way(self, to: str, *, fact: str = "", secret: str = "") -> list[str]:
        """A way from a root to this node that never gathers this fact or secret; empty where none is.

        What an absent action would have gathered nobody knows: no way is taken behind it.
        """
        ways: dict[str, list[str]] = {root: [root] for root in self.roots}
        waiting = list(ways)
        while waiting and to not in ways:
            name = waiting.pop(0)
            for edge in [] if self.absent(name) else self.edges(name):
                if edge.head not in ways and fact not in edge.facts and secret not in edge.secrets:
                    ways[edge.head] = [*ways[name], edge.head]
                    waiting.append(edge.head)
        return ways.get(to, [])

    def absent(self, name: str) -> bool:
        """Whether this node is an action that no function is behind."""
        node = self.tree.nodes[name]
        return isinstance(node, Do) and node.action not in self.vocabulary.actions

    def screens(self) -> Iterator[tuple[str, Screen]]:
        """Every node that shows something."""
        return ((name, node) for name, node in self.tree.nodes.items() if isinstance(node, Screen))
