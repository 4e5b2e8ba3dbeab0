"""Pace: how many hops and seconds a way through the tree takes, screen by screen, at its longest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from menus import keystrokes
from menus.checks.rehearsal import Stage
from menus.graph import Graph
from menus.keystrokes import NETWORK
from menus.vocabulary import LANGUAGES, MORE, Ask, Do, End, Menu, Pick, Screen, Show

# A person who searches types this much of a name.
SEARCHED = "kiri"


@dataclass(frozen=True)
class Way:
    """A way through the tree: its nodes, and what they take."""

    nodes: tuple[str, ...] = ()
    hops: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Pace:
    """The times of one tree's screens; each is taken in the slower language."""

    graph: Graph
    stage: Stage

    @cached_property
    def answers(self) -> dict[str, list[float]]:
        """For each screen, the seconds of each of its hops: its pages, then its answer."""
        return {
            name: max((self.hops_of(name, node, lang) for lang in LANGUAGES), key=sum)
            for name, node in self.graph.screens()
        }

    def hops_of(self, name: str, node: Screen, lang: str) -> list[float]:
        """The seconds of each hop that a screen takes of its reader, who reads and answers at worst."""
        if isinstance(node, End):
            return []
        painter = self.stage.painter()
        count = painter.page_count(self.stage.state(name, lang), node)
        shown = [painter.draw(self.stage.state(name, lang, page=page), node) for page in range(count)]
        if isinstance(node, Pick) and node.search and count > 1:
            return [keystrokes.answering(shown[0], typed) for typed in (SEARCHED, "99")]
        typed = [MORE] * (count - 1) + [self.typed(node)]
        return [keystrokes.answering(*hop) for hop in zip(shown, typed, strict=True)]

    def typed(self, node: Screen) -> str:
        """The longest honest answer to a screen."""
        if isinstance(node, Ask):
            return self.graph.vocabulary.checks[node.check].example
        if isinstance(node, Pick):
            return str(self.graph.vocabulary.sources[node.source].most)
        options = node.options if isinstance(node, Menu | Show) else []
        return max((option.key or str(n) for n, option in enumerate(options, 1)), key=len, default="0")

    def longest(self, start: str, saved: Callable[[str], bool]) -> Way | None:
        """The longest way forward from here to a saved node; None where none leads to one.

        A step back to a node that the way has passed is not a step forward: it is left out.
        """
        best: dict[str, Way] = {}
        for name in self.homeward(start, saved):
            ahead = [best[head] for head in self.heads(name) if head in best]
            if saved(name):
                best[name] = Way((name,))
            elif ahead:
                best[name] = self.before(name, max(ahead, key=lambda way: way.seconds))
        return best.get(start)

    def homeward(self, start: str, saved: Callable[[str], bool]) -> Iterator[str]:
        """Every node that a way from here may pass, each after all that it leads forward to."""
        seen, path = {start}, [(start, iter(self.heads(start)))]
        while path:
            name, heads = path[-1]
            onward = None if saved(name) else next((head for head in heads if head not in seen), None)
            if onward is None:
                path.pop()
                yield name
            else:
                seen.add(onward)
                path.append((onward, iter(self.heads(onward))))

    def heads(self, name: str) -> list[str]:
        """Where the edges of this node lead, resuming left out."""
        return list(dict.fromkeys(edge.head for edge in self.graph.edges(name) if not edge.resumed))

    def before(self, name: str, rest: Way) -> Way:
        """A way with this node before it."""
        hops = self.answers.get(name, [])
        seconds = rest.seconds + sum(hops) + NETWORK * len(hops)
        return Way((name, *rest.nodes), rest.hops + len(hops), seconds)

    def saves(self, name: str) -> bool:
        """Whether what was typed so far is kept from here on: an action with an effect, or the end."""
        node = self.graph.tree.nodes[name]
        action = self.graph.vocabulary.actions.get(node.action) if isinstance(node, Do) else None
        return isinstance(node, End) or bool(action and action.effect)
