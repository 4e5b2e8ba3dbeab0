"""What is kept for a while only: how long, and why so long; the clock deletes what is older."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, inspect, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.accounts import Confirmation, GuessCount, PasswordRequest
from models.base import Base
from models.centres import Enrolment
from models.documents import DocumentCheck
from models.records import Run
from models.sessions import HopReply, SessionEnd
from operations import confirmations, documents, enrolments, grants, hops

# Rows of a table in one run, so that no run holds many for long; hourly that is over a million a day.
MOST: Final = 50_000


@dataclass(frozen=True)
class Kept:
    """The rows of a table are kept so long after the moment in this column."""

    model: type[Base]
    since: InstrumentedAttribute[datetime]
    kept: timedelta


TABLE: Final[Sequence[Kept]] = (
    # An answer may hold personal data, and the gateway repeats no hop later than this.
    Kept(HopReply, HopReply.created_at, hops.KEPT),
    # National IDs and bank accounts are among the details; a repeated YES is told why for so long.
    Kept(Confirmation, Confirmation.expires_at, confirmations.KNOWN),
    # The daily limits of those who ask count no further back.
    Kept(DocumentCheck, DocumentCheck.asked_at, documents.DAY),
    Kept(PasswordRequest, PasswordRequest.asked_at, grants.LIMITS[-1][0]),
    Kept(Enrolment, Enrolment.created_at, enrolments.DAY),
    # The longest window of guesses and the lock at its end are over in two hours.
    Kept(GuessCount, GuessCount.window_began_at, timedelta(days=1)),
    # Nothing is decided by it: for questions about a month's bill or a network's faults.
    Kept(SessionEnd, SessionEnd.ended_at, timedelta(days=30)),
    # A slot is taken once; the last ones say whether the clock runs.
    Kept(Run, Run.slot, timedelta(days=7)),
)


def forget(db: Session, *, now: datetime, most: int = MOST) -> int:
    """Delete what is older than it is kept, at most so many rows of each table; answers how many."""
    return sum(delete_old(db, each, now=now, most=most) for each in TABLE)


def delete_old(db: Session, each: Kept, *, now: datetime, most: int) -> int:
    """Delete from one table; a row that somebody holds at this moment is left for the next run."""
    key: Sequence[Any] = inspect(each.model).primary_key
    old = select(*key).where(each.since < now - each.kept).limit(most).with_for_update(skip_locked=True)
    gone = delete(each.model).where(tuple_(*key).in_(old)).execution_options(synchronize_session=False)
    return len(db.execute(gone.returning(key[0])).all())
