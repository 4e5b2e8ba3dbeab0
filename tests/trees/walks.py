"""Walks: dialogues written as data, `*.walk.yaml`, replayed with the state in bytes after every hop.

A walk is a list of steps. `dial:` (with the tail of a deep dial, or empty), `redial:` and `send:` are hops, and
what stands beside them must come: the screen in `en` and `sw`, and `node`, `refused`, `ended` where they
matter. `world:` changes what the functions see, between two hops.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from menus.state import Turn
from tests.trees.players import Player

HERE = Path(__file__).parent
HOPS = {
    "dial": lambda player, tail: player.dial(tail or ""),
    "redial": lambda player, _: player.redial(),
    "send": lambda player, typed: player.send(typed),
}


@dataclass(frozen=True)
class Walk:
    """A walk by its file's name."""

    name: str
    steps: list[dict[str, Any]]

    def play(self, lang: str) -> Iterator[tuple[dict[str, Any], Turn]]:
        """Every hop of the walk with the turn that came."""
        player = Player(lang=lang)
        for step in self.steps:
            for name, value in step.get("world", {}).items():
                setattr(player.world, name, value)
            for hop in HOPS.keys() & step.keys():
                yield step, HOPS[hop](player, step[hop])


def all_walks() -> list[Walk]:
    """Every walk there is."""
    return [read(path) for path in sorted(HERE.glob("*.walk.yaml"))]


def read(path: Path) -> Walk:
    """One walk from its file."""
    return Walk(path.name.removesuffix(".walk.yaml"), yaml.safe_load(path.read_text(encoding="utf-8")))
