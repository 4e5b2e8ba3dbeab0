"""The state of a lane as one drain learns it: may it send, does it rest, is one message trying it again."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.orm import Session

from sms_gateway import outbox
from sms_gateway.providers.answers import Answer

WINDOW = 20  # answers, of which half may fail before the lane rests

log = structlog.get_logger()


@dataclass
class Lane:
    """A lane, and what the provider's answers say about it."""

    name: str
    recent: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))  # which answers were failures
    rests: set[str] = field(default_factory=set)  # why it must rest, not yet written down
    resting: bool = False
    probing: bool = False  # it has rested, and one message tries it

    def allowance(self, db: Session, most: int) -> int:
        """How many messages may be claimed."""
        allowed = outbox.allowance(db, self.name)
        self.resting, self.probing = allowed == 0, allowed == 1
        return most if allowed is None else allowed

    def heed(self, answer: Answer) -> None:
        """Learn from an answer whether the lane must rest."""
        self.recent.append(answer.failing)
        failing = answer.failing if self.probing else sum(self.recent) * 2 >= WINDOW
        if answer.halt or failing:
            self.rests.add(answer.halt or "failing")
            self.resting = True
            self.recent.clear()

    def tell(self, db: Session, answers: Iterable[Answer]) -> None:
        """Write down that the lane rests, or that it goes on after a rest."""
        for reason in self.rests:
            log.error("lane_rests", lane=self.name, reason=reason)
            outbox.rest(db, self.name, reason)
        if self.probing and any(answer.outcome in ("accepted", "rejected") for answer in answers):
            outbox.resume(db, self.name)
