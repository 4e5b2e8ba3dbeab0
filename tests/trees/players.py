"""A player walks a tree as a phone would: its state goes through bytes after every hop."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from menus import authoring, resuming
from menus.engine import Dialogue
from menus.state import State, Turn
from menus.vocabulary import Ask, Tree, Vocabulary
from telephony import gsm7
from tests.trees.market import MARKET, WORDS, MarketCall, World

HERE = Path(__file__).parent


@cache
def market() -> Tree:
    """The market's tree."""
    return authoring.read(HERE / "market", WORDS).tree


def replace_struct(struct: Any, **changes: Any) -> Any:
    """A struct with some fields changed."""
    fields = {name: getattr(struct, name) for name in struct.__struct_fields__}
    return type(struct)(**{**fields, **changes})


def with_node(name: str, node: Any) -> Tree:
    """The market with one node changed."""
    changed: Tree = replace_struct(market(), nodes={**market().nodes, name: node})
    return changed


@dataclass
class Player:
    """One phone, in one session after another."""

    tree: Tree = field(default_factory=market)
    vocabulary: Vocabulary = field(default=MARKET)
    world: World = field(default_factory=World)
    lang: str = "en"
    kept: bytes = b""
    text: str = ""
    forms: Iterator[int] = field(default_factory=lambda: count(1))
    secrets: list[str] = field(default_factory=list)

    @property
    def state(self) -> State:
        """The dialogue's state as it was kept."""
        return msgspec.msgpack.decode(self.kept, type=State)

    def dialogue(self, state: State) -> Dialogue:
        """One step of this dialogue."""
        call = MarketCall(self.world, self.text)
        return Dialogue(self.tree, self.vocabulary, state, call, lambda: f"form {next(self.forms)}")

    def dial(self, tail: str = "") -> Turn:
        """A fresh session on a fresh dialogue."""
        self.text = tail
        dialogue = self.dialogue(State(tree="digest", node="", lang=self.lang))
        return self.keep(dialogue.land(tail) if tail else dialogue.begin())

    def redial(self) -> Turn:
        """A new session on what the last one left."""
        self.text = ""
        if not resuming.resumable(self.tree, self.state):
            return self.dial()
        return self.keep(self.dialogue(self.state).ask_again())

    def send(self, typed: str) -> Turn:
        """The next hop of this session."""
        node = self.tree.nodes.get(self.state.node)
        if isinstance(node, Ask) and node.secret and len(typed) >= 4 and typed.isdecimal():
            self.secrets.append(typed)
        start = len(self.text) + 1 if self.text else 0
        self.text = f"{self.text}*{typed}" if self.text else typed
        return self.keep(self.dialogue(self.state).advance(typed, (start, len(self.text))))

    def walk(self, *typed: str) -> Turn:
        """Several hops; the last one's turn."""
        turns = [self.send(one) for one in typed]
        return turns[-1]

    def keep(self, turn: Turn) -> Turn:
        """Keep the state as bytes, once the screen and the state are what they must be."""
        assert gsm7.is_gsm7(turn.text), turn.text
        assert gsm7.septets(turn.text) <= 156, f"{gsm7.septets(turn.text)} septets:\n{turn.text}"
        self.kept = msgspec.msgpack.encode(turn.state)
        assert self.state == turn.state
        for secret in self.secrets:
            assert secret.encode() not in self.kept, "a secret is in the state"
        return turn
