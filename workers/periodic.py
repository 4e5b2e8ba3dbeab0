"""What happens by the clock, as a table. Each job runs in the transaction that takes its slot."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete
from sqlalchemy.orm import Session

from menus.library import Library
from menus.table import VOCABULARY
from models.messages import LANES
from models.records import Run
from operations import absences, attendance_codes, chases, forms, hops, notices, settlements
from runtime import settings as settings_module
from runtime.stores import Stores
from sms_gateway import reports, sweep
from sms_gateway.offices import office_of

RUNS_KEPT = timedelta(days=7)

log = structlog.get_logger()


@dataclass(frozen=True)
class Periodic:
    """A job of the clock. It answers the lanes to ring once its work is committed."""

    name: str
    seconds: int
    act: Callable[[Session, datetime], list[str]]
    after: Callable[[Stores], None] | None = None  # what is not SQL, once that is committed; may fail


def sweep_outbox(db: Session, now: datetime) -> list[str]:
    """Set the outbox right and wake the lanes that have something to send, should a bell have been lost."""
    done = sweep.sweep(db, now=now)
    if any(done.values()):
        log.info("swept", **done)
    return sweep.due(db, LANES, classes=notices.open_classes(now))


def send_twins(db: Session, now: datetime) -> list[str]:
    """Send codes that may have been lost once more, unless a report has come for them."""
    reports.adopt(db, now=now)
    return ["urgent"] if sweep.twin(db) else []


def match_reports(db: Session, now: datetime) -> list[str]:
    """Look again at delivery reports that nobody knew."""
    reports.rematch(db, now=now)
    waiting = reports.parked(db)
    if waiting >= reports.MANY_PARKED:
        log.error("many_parked_reports", count=waiting)
    return []


def remind_of_forms(db: Session, now: datetime) -> list[str]:
    """Say how to finish the forms that dropped sessions left; the lanes are rung as for any notice."""
    forms.remind(db, now=now)
    return []


def send_codes(db: Session, now: datetime) -> list[str]:
    """Send the attendance codes of the day at 05:30, or as soon after as a clock runs."""
    day = chases.take_morning(db, now=now)
    if day is not None:
        attendance_codes.send(db, office_of(settings_module.read(os.environ)), day, now=now)
    return []


def nudge(db: Session, now: datetime) -> list[str]:
    """Remind the centres that marked nobody."""
    chases.nudge(db, now=now)
    return []


def list_unmarked(db: Session, now: datetime) -> list[str]:
    """Tell the directors which centres those are."""
    chases.list_unmarked(db, now=now)
    return []


def chase_returns(db: Session, now: datetime) -> list[str]:
    """Ask for the registers that have not come back."""
    chases.chase_returns(db, now=now)
    return []


def tell_absent(db: Session, now: datetime) -> list[str]:
    """Tell the absent, once what was put right meanwhile is taken back."""
    absences.put_right(db, now=now)
    absences.tell(db, now=now)
    return []


def tell_week(db: Session, now: datetime) -> list[str]:
    """Tell the next officers how their week stands; a thousand each time, so often."""
    absences.tell_week(db, now=now)
    return []


def close_disputes(db: Session, now: datetime) -> list[str]:
    """Close the disputes about days that the centre has put right."""
    settlements.close_corrected(db, now=now)
    return []


def forget(db: Session, now: datetime) -> list[str]:
    """Delete what nobody can ask for any more."""
    hops.forget_old(db, now=now)
    reports.forget_parked(db)
    db.execute(delete(Run).where(Run.slot < now - RUNS_KEPT))
    return []


def nothing(db: Session, now: datetime) -> list[str]:
    """No work in SQL."""
    return []


def proclaim_menu(stores: Stores) -> None:
    """Tell Redis which menu is live, should it have missed a publication or lost its memory."""
    Library(stores.redis, stores.sessions, VOCABULARY).proclaim()


TABLE = (
    Periodic("sweep", 30, sweep_outbox),
    Periodic("twins", 10, send_twins),
    Periodic("reports", 60, match_reports),
    Periodic("forms", 60, remind_of_forms),
    Periodic("codes", 60, send_codes),
    Periodic("nudges", 60, nudge),
    Periodic("lists", 60, list_unmarked),
    Periodic("returns", 600, chase_returns),
    Periodic("disputes", 60, close_disputes),
    Periodic("absences", 60, tell_absent),
    Periodic("weeks", 10, tell_week),
    Periodic("menu", 30, nothing, after=proclaim_menu),
    Periodic("forget", 3600, forget),
)
