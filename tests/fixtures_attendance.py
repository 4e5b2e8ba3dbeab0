"""A series of the future with every day known, so that no test of attendance depends on the day it runs."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from models.attendance import MarkEvent
from models.deployments import Deployment
from models.series import Series
from operations import attendance
from operations.office import NAIROBI, Actor
from tests.fixtures_season import Season

CENTRE_PHONE, OTHER_PHONE = Actor("phone:+254711000009", "ussd"), Actor("phone:+254711000008", "sms")
DIRECTOR = Actor("director:+254700000001", "ussd")
# KCSE 2030: the rehearsal on a Friday, the weekend and a free Monday, then Tuesday to the Friday after next.
REHEARSAL, STARTS, ENDS = date(2030, 10, 18), date(2030, 10, 22), date(2030, 11, 1)
DAYS = [REHEARSAL, *(date(2030, 10, n) for n in (22, 23, 24, 25, 28, 29, 30, 31)), ENDS]
AFTER = datetime(2030, 12, 1, 9, tzinfo=NAIROBI)
numbers = itertools.count(1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in Nairobi."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NAIROBI)


def mark(season: Season, db: Session, name: str, ago: int, present: bool) -> None:
    """What the centre said at 8.04 am about somebody's day so many days ago, in the series in progress."""
    mine = (Deployment.account_id == season.accounts[name], Deployment.series_id == season.running)
    post, day = db.scalars(select(Deployment.id).where(*mine)).one(), season.today(db) - timedelta(days=ago)
    said = {"present": present, "channel": CENTRE_PHONE.channel, "actor": CENTRE_PHONE.name}
    source = f"test:{next(numbers)}"
    db.add(MarkEvent(deployment_id=post, day=day, source=source, said_at=at(day, 8, 4), **said))


@dataclass
class Roll:
    """Posts in that series, and what is said of their days."""

    season: Season
    series_id: int = 0

    @contextmanager
    def db(self) -> Iterator[Session]:
        """One transaction."""
        with self.season.service.stores.transaction() as db:
            yield db

    def post(self, name: str = "amina", position: str = "supervisor", **more: Any) -> int:
        """Somebody's accepted post at Kasarani Girls: its id."""
        centre = more.pop("centre", "20401001")
        with self.db() as db:
            more = {"series_id": self.series_id, **more}
            return self.season.make_deployment(db, name, centre, position, **more).id

    def say(self, post: int, day: date, present: bool, moment: datetime | None = None, **more: Any) -> bool:
        """The centre says a word about somebody's day, at 8 o'clock unless told otherwise."""
        moment = moment or at(day, 8)
        more = {"by": CENTRE_PHONE, "source": f"test:{next(numbers)}", "now": moment, **more}
        with self.db() as db:
            return attendance.record(
                db, post, day, present, channel=more["by"].channel, said_at=moment, **more
            )

    def days(self, post: int, now: datetime = AFTER) -> dict[date, bool | None]:
        """What holds of each day that is listed."""
        with self.db() as db:
            return {day.day: day.mark.present for day in attendance.days(db, post, now=now)}


@pytest.fixture
def roll(season: Season) -> Roll:
    """KCSE 2030 and nobody in it yet."""
    with season.service.stores.transaction() as db:
        series = Series(exam="KCSE", year=2030, rehearsal=REHEARSAL, starts=STARTS, ends=ENDS)
        db.add(series)
        db.flush()
        return Roll(season, series.id)


@pytest.fixture
def queries(season: Season) -> Iterator[list[str]]:
    """Every statement that the test itself sends to the database, as it goes.

    Not what a thread of the service asks meanwhile, as it tells the office of a dial a second later.
    """
    said: list[str] = []
    mine = threading.get_ident()

    def note(*given: Any) -> None:
        if threading.get_ident() == mine:
            said.append(given[2])

    engine = season.service.stores.engine
    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)
