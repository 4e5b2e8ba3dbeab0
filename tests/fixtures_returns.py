"""A small centre at the end of KCSE 2030: a manager, a supervisor and an invigilator with days marked."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest

from models.centres import CentrePhone, Return
from models.people import Profile
from models.series import Series
from operations import centre_accounts, rates, return_sheets, returns
from operations.office import NAIROBI, Actor, caller
from operations.return_sheets import Sheet
from tests.fixtures_attendance import AFTER, DAYS, DIRECTOR, ENDS, Roll, at

CENTRE = "20401001"
PHONE = "+254715000001"
MANAGER = caller(PHONE, "ussd")
STAFF = Actor("staff:test", "command")
LAST_DAY = at(ENDS, 16)
NAMES = ("amina", "fatuma", "chebet")


@dataclass
class Desk:
    """The centre's register, and who hands it in."""

    roll: Roll
    posts: dict[str, int] = field(default_factory=dict)

    def mark(self, name: str, *days: date, present: bool = True) -> None:
        """The centre's word about somebody's days."""
        for day in days:
            self.roll.say(self.posts[name], day, present)

    def correct(self, name: str, day: date, present: bool) -> None:
        """The director's word, long after the day."""
        self.roll.say(self.posts[name], day, present, AFTER, by=DIRECTOR, reason="was there")

    def submit(self, now: datetime = LAST_DAY, by: Actor = MANAGER, **more: Any) -> Return:
        """Hand the register in."""
        with self.roll.db() as db:
            return returns.submit(db, CENTRE, by=by, now=now, **more)

    def receive(self, by: Actor = STAFF, now: datetime = AFTER) -> Return:
        """The countersigned copy came in."""
        with self.roll.db() as db:
            return returns.receive(db, CENTRE, self.roll.series_id, by=by, now=now)

    def rate(self) -> None:
        """What the council pays that year: nobody is paid by an older one."""
        sums = {"centre_manager": 550, "supervisor": 680, "invigilator": 550}
        with self.roll.db() as db:
            for position, sum in sums.items():
                rates.keep(db, "KCSE", 2030, position, rates.ALL, sum, by=STAFF, now=AFTER)

    def sheet(self, now: datetime = AFTER) -> Sheet:
        """The register as it stands."""
        with self.roll.db() as db:
            return return_sheets.of(db, CENTRE, db.get_one(Series, self.roll.series_id), now=now)

    def profile(self, name: str, **values: str | None) -> None:
        """Change lines of somebody's profile."""
        with self.roll.db() as db:
            row = db.get_one(Profile, self.roll.season.accounts[name])
            for line, value in values.items():
                setattr(row, line, value)


@pytest.fixture
def desk(roll: Roll) -> Desk:
    """Everybody was present on every day; the manager's phone is enrolled and a director is there."""
    made = Desk(roll)
    for name, post in zip(NAMES, ("centre_manager", "supervisor", "invigilator"), strict=True):
        made.posts[name] = roll.post(name, post)
        made.mark(name, *DAYS)
    with roll.db() as db:
        db.add(CentrePhone(centre_code=CENTRE, phone=PHONE, enrolled_by="staff:test"))
        centre_accounts.add_director(
            db, "Kasarani", "+254700000001", "Mwalimu Mkuu", by=STAFF, now=datetime.now(NAIROBI)
        )
    return made
