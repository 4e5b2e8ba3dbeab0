"""The writing desk: words a message just before it is sent, and holds no other to ransom if it cannot."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from sqlalchemy.exc import DBAPIError

from runtime.stores import Stores
from sms_gateway import outbox
from sms_gateway.guards import processor_limit
from sms_gateway.outbox import Claimed
from telephony import gsm7

log = structlog.get_logger()


class Wording(Protocol):
    """Whoever words a message in the person's language."""

    def sms(self, name: str, lang: str, details: Mapping[str, Any]) -> str:
        """The text of this name; raises KeyError or ValueError where there is none."""


@dataclass(frozen=True)
class Worded:
    """A message ready to be posted."""

    message: Claimed
    text: str = field(repr=False)
    segments: int
    until: float  # by the monotonic clock: too late to begin after this


@dataclass(frozen=True)
class Desk:
    """Where messages are worded, each within so many seconds of the processor."""

    stores: Stores
    wording: Wording
    limit: float

    def word(self, message: Claimed, until: float) -> Worded | None:
        """Word a message; one that cannot be worded is counted against itself, and left out."""
        try:
            with self.suspicion(message), processor_limit(self.limit):
                said = self.wording.sms(message.words, message.lang, message.details)
                text = gsm7.fold(said).text.strip()
            if not text:
                raise ValueError("there is nothing to say")
            return Worded(message, text, len(gsm7.segments(text).parts), until)
        except DBAPIError:
            raise
        except Exception as fault:
            # Its text might hold a value; its kind does not.
            with self.stores.transaction() as db:
                state = outbox.fail(db, message)
            facts = {"message_id": message.id, "words": message.words, "state": state}
            log.error("not_worded", fault=type(fault).__name__, **facts)
            return None

    @contextmanager
    def suspicion(self, message: Claimed) -> Iterator[None]:
        """Count a try against a message that was in hand at an earlier death, should this fell us as well."""
        if message.tries:
            with self.stores.transaction() as db:
                outbox.suspect(db, message)
        yield
        if message.tries:
            with self.stores.transaction() as db:
                outbox.absolve(db, message)
