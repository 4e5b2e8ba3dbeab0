"""What happens by the clock, as a table. Each job runs in the transaction that takes its slot."""

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
from operations import forms, hops, notices
from runtime.stores import Stores
from sms_gateway import reports, sweep

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
    Periodic("menu", 30, nothing, after=proclaim_menu),
    Periodic("forget", 3600, forget),
)
