"""What became of one message at a provider, as facts: the drain and the outbox need to know no more."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

Outcome = Literal["accepted", "rejected", "not_sent", "unknown"]


@dataclass(frozen=True)
class Answer:
    """What became of one message."""

    outcome: Outcome
    code: str  # theirs where they gave one (`101`, `http.500`), else ours
    http_status: int | None = None
    provider_id: str | None = field(default=None, repr=False)
    cost: str | None = None
    halt: str | None = None  # why the lane must stop sending, if it must
    slow_down: bool = False
    retry_after: float | None = None
    blocked: bool = False  # the network refuses our sender for this line
    latency_ms: int = 0

    @property
    def failing(self) -> bool:
        """Whether it speaks of a provider in trouble, not of this recipient (a bare number) or our pace."""
        uncertain = self.outcome in ("not_sent", "unknown")
        return uncertain and not self.slow_down and not self.code.isdigit()


class Provider(Protocol):
    """Whoever sends an SMS; any number of threads may ask at once."""

    name: str

    def send(self, phone: str, text: str, sender: str) -> Answer:
        """Send one message to one phone; never raises."""
