"""What happens by the clock, as a table. Each job runs in the transaction that takes its slot."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from menus.library import Library
from menus.table import VOCABULARY
from models.messages import LANES
from operations import (
    absences,
    attendance_codes,
    chases,
    confirmations,
    forms,
    notices,
    retention,
    settlements,
)
from runtime import settings as settings_module
from runtime.stores import Stores
from sms_gateway import reports, sweep
from sms_gateway.offices import office_of

log = structlog.get_logger()


class Act(Protocol):
    """Work in SQL; the lanes to ring after the commit are `rings` in the session's info."""

    def __call__(self, db: Session, *, now: datetime) -> object:
        """Do it; what it answers is for others who call it."""


@dataclass(frozen=True)
class Periodic:
    """A job of the clock."""

    name: str
    seconds: int
    act: Act | None
    after: Callable[[Stores], None] | None = None  # what is not SQL, once that is committed; may fail


def ring(db: Session, lanes: Iterable[str]) -> None:
    """Have these lanes rung once this is committed."""
    db.info.setdefault("rings", set()).update(lanes)


def sweep_outbox(db: Session, *, now: datetime) -> None:
    """Set the outbox right and wake the lanes that have something to send, should a bell have been lost."""
    done = sweep.sweep(db, now=now)
    if any(done.values()):
        log.info("swept", **done)
    ring(db, sweep.due(db, LANES, classes=notices.open_classes(now)))


def send_twins(db: Session, *, now: datetime) -> None:
    """Send codes that may have been lost once more, unless a report has come for them."""
    reports.adopt(db, now=now)
    if sweep.twin(db):
        ring(db, ["urgent"])


def match_reports(db: Session, *, now: datetime) -> None:
    """Look again at delivery reports that nobody knew."""
    reports.rematch(db, now=now)
    waiting = reports.parked(db)
    if waiting >= reports.MANY_PARKED:
        log.error("many_parked_reports", count=waiting)


def send_codes(db: Session, *, now: datetime) -> None:
    """Send the attendance codes of the day at 05:30, or as soon after as a clock runs."""
    day = chases.take_morning(db, now=now)
    if day is not None:
        attendance_codes.send(db, office_of(settings_module.read(os.environ)), day, now=now)


def tell_absent(db: Session, *, now: datetime) -> None:
    """Tell the absent, once what was put right meanwhile is taken back."""
    absences.put_right(db, now=now)
    absences.tell(db, now=now)


def forget(db: Session, *, now: datetime) -> None:
    """Delete what nobody can ask for any more."""
    confirmations.forget(db, now=now)
    reports.forget_parked(db)
    retention.forget(db, now=now)


def proclaim_menu(stores: Stores) -> None:
    """Tell Redis which menu is live, should it have missed a publication or lost its memory."""
    Library(stores.redis, stores.sessions, VOCABULARY).proclaim()


TABLE = (
    Periodic("sweep", 30, sweep_outbox),
    Periodic("twins", 10, send_twins),
    Periodic("reports", 60, match_reports),
    Periodic("forms", 60, forms.remind),
    Periodic("codes", 60, send_codes),
    Periodic("nudges", 60, chases.nudge),
    Periodic("lists", 60, chases.list_unmarked),
    Periodic("returns", 600, chases.chase_returns),
    Periodic("disputes", 60, settlements.close_corrected),
    Periodic("absences", 60, tell_absent),
    Periodic("weeks", 10, absences.tell_week),
    Periodic("menu", 30, None, after=proclaim_menu),
    Periodic("forget", 3600, forget),
)
