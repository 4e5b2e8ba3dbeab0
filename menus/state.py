"""The state of a dialogue between two hops: plain data, and never a secret."""

from dataclasses import dataclass

import msgspec


class Lost(Exception):
    """The dialogue cannot go on: a node or a function is gone, or the steps never reach a screen."""


class State(msgspec.Struct, omit_defaults=True):
    """Where a dialogue stands, as plain data; it never holds a secret."""

    tree: str
    node: str
    lang: str = "en"
    facts: dict[str, str] = {}
    forms: dict[str, str] = {}  # journey → the id of its form, under which creating verbs are idempotent
    back: list[str] = []
    listed: list[list[str]] = []  # value and label of every line of the list on show
    page: int = 0
    account: int | None = None  # who has signed in, in this very session
    spots: dict[str, list[int]] = {}  # where in the transcript a secret stands: start and end
    wanted: str = ""  # where to go after the sign-in
    left: int | None = None  # who had signed in before the session dropped, or before they signed out
    dropped: bool = False  # a new session has found this dialogue unfinished and asks about it

    def drop(self) -> None:
        """Let go of what belonged to the session that dropped: its sign-in and its secrets."""
        self.left = self.account or self.left
        self.dropped, self.account, self.spots = True, None, {}


@dataclass(frozen=True)
class Turn:
    """What one step came to."""

    state: State
    text: str
    ended: bool
    effect: bool
    refused: str = ""  # the code of the refusal on show; whatever the step wrote must be rolled back
