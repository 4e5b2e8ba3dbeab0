"""The clock process: runs the periodic table by the database's time, however many clocks run."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models.records import Run
from operations import office
from runtime.settings import Settings
from runtime.stores import Stores, open_stores
from sms_gateway import bell
from workers.periodic import TABLE, Periodic
from workers.process import catch

TICK_SECONDS = 1.0
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

log = structlog.get_logger()


def run(settings: Settings) -> int:
    """Tick until told to stop."""
    stores, stop = open_stores(settings, pool=2), threading.Event()
    catch(stop.set)
    tried: dict[str, datetime] = {}
    while not stop.is_set():
        tick(stores, TABLE, tried)
        stop.wait(TICK_SECONDS)
    stores.close()
    return 0


def tick(stores: Stores, table: Sequence[Periodic], tried: dict[str, datetime]) -> list[str]:
    """Run what is due and not tried by this clock yet; answers the names of what ran."""
    try:
        with stores.transaction() as db:
            now = office.now(db)
    except SQLAlchemyError as fault:
        log.warning("clock_waits", fault=type(fault).__name__)
        return []
    due = [job for job in table if tried.get(job.name) != slot_of(job, now)]
    ran = []
    for job in due:
        tried[job.name] = slot_of(job, now)  # a job that fails has its next slot
        if take(stores, job):
            ran.append(job.name)
    return ran


def slot_of(job: Periodic, now: datetime) -> datetime:
    """The slot this moment belongs to."""
    return now - (now - EPOCH) % timedelta(seconds=job.seconds)


def take(stores: Stores, job: Periodic) -> bool:
    """Run a job if its slot is still free. Slot and effects are one commit: once, or not at all."""
    try:
        with stores.transaction() as db:
            now = office.now(db)
            if not claim_slot(db, job, now):
                return False
            if job.act:
                job.act(db, now=now)
            finish(db, job, now)
        if job.after:
            job.after(stores)
    except Exception as fault:
        log.error("periodic_failed", job=job.name, fault=type(fault).__name__, exc_info=True)
        return False
    for lane in db.info.pop("rings", ()):
        bell.insist(stores.redis, lane)
    return True


def claim_slot(db: Session, job: Periodic, now: datetime) -> bool:
    """Take the slot of this moment; another clock waits here until we have finished, and then has lost it."""
    row = insert(Run).values(name=job.name, slot=slot_of(job, now)).on_conflict_do_nothing()
    return db.execute(row.returning(Run.slot)).first() is not None


def finish(db: Session, job: Periodic, now: datetime) -> None:
    """Note when the job ended."""
    mine = update(Run).where(Run.name == job.name, Run.slot == slot_of(job, now))
    db.execute(mine.values(finished_at=func.clock_timestamp()))
