"""A centre on an exam morning: its officers, the phones that act for it, and what is said of its day."""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.accounts import Account
from models.attendance import MarkEvent
from models.centres import CentrePhone
from models.records import Audit
from models.series import Series
from operations import attendance_codes, centre_accounts, day_registers, office, subscribers
from operations.day_registers import DayRegister, Receipt
from operations.office import Actor, caller
from tests.fixtures_season import PASSWORD, Season, hashed
from tests.fixtures_service import Handset

CENTRE, OTHER_CENTRE = "20401001", "20401002"
MERCY, DEPUTY = "+254715000001", "+254715000002"
DIRECTOR = "+254700000077"
STAFF = Actor("staff:test", "command")
# In the order of their roster numbers: 1 to 4.
OFFICERS = (
    ("fatuma", "centre_manager"),
    ("amina", "supervisor"),
    ("esther", "invigilator"),
    ("daudi", "security_officer"),
)
numbers = itertools.count(1)


@dataclass
class Morning:
    """Kasarani Girls on an exam day: yesterday and today are examined whatever day of the week it is."""

    season: Season
    handset: Callable[[str], Handset]
    posts: dict[str, int] = field(default_factory=dict)
    today: date = date.min

    def build(self, lang: str = "en") -> "Morning":
        """Make it, with phones that speak this language."""
        with self.db() as db:
            self.today = self.season.today(db)
            series = db.get_one(Series, self.season.running)
            days = [self.today + timedelta(days=n) for n in (-2, -1, 0, 1, 2)]
            series.rules = {"exam_days": [day.isoformat() for day in days]}
            for name, position in OFFICERS:
                self.posts[name] = self.season.make_deployment(db, name, CENTRE, position).id
            for phone in (MERCY, DEPUTY, DIRECTOR):
                subscribers.meet(db, phone, lang)
            db.add(opened(self.season, CENTRE, MERCY, office.now(db)))
            centre_accounts.add_director(db, "Kasarani", DIRECTOR, "Mkuu", by=STAFF, now=office.now(db))
        self.enrol(CENTRE, MERCY, DEPUTY)
        return self

    def db(self) -> Any:
        """One transaction."""
        return self.season.service.stores.transaction()

    def enrol(self, centre: str, *phones: str) -> None:
        """Phones that act for a centre."""
        with self.db() as db:
            db.add_all(CentrePhone(centre_code=centre, phone=each, enrolled_by="test") for each in phones)

    def sign_in(self, phone: str = MERCY) -> Handset:
        """The centre's home on this phone."""
        mine = self.handset(phone)
        mine.dial()
        mine.send("2", CENTRE, PASSWORD)
        return mine

    def day(self, ago: int = 0) -> date:
        """So many days ago."""
        return self.today - timedelta(days=ago)

    def code(self, day: date | None = None, centre: str = CENTRE, issue: int = 1) -> str:
        """The attendance code of a day."""
        on = day or self.today
        return attendance_codes.code(self.season.service.office, self.season.running, centre, on, issue)

    def text(self, words: str, phone: str = MERCY, **fields: str) -> str:
        """Send an SMS, `<code>` is today's: the last answer."""
        mine = self.handset(phone)
        assert mine.text(words.replace("<code>", self.code()), **fields) == 200
        return mine.inbox()[-1] if mine.inbox() else ""

    def say(self, said: dict[int, bool], phone: str = MERCY, day: date | None = None, **more: Any) -> Receipt:
        """The verb itself, as a phone says it by USSD unless told otherwise."""
        with self.db() as db:
            moment = office.now(db)
            facts = {"source": f"test:{next(numbers)}", "channel": "ussd", "said_at": moment, "now": moment}
            by = {"by": caller(phone, "ussd")}
            held = day_registers.hold(db, CENTRE, day or self.today, now=more.get("now", moment))
            return day_registers.mark(db, held, said, **(facts | by | more))

    def register(self, day: date | None = None, now: datetime | None = None) -> DayRegister:
        """The register of a day as it stands."""
        with self.db() as db:
            return day_registers.of(db, CENTRE, day or self.today, now=now or office.now(db))

    def held(self, day: date | None = None) -> str:
        """What holds of officers 1 to 4: `P P A ?`, a star where phones differ."""
        rows = self.register(day).rows
        letters = {"present": "P", "absent": "A", "unmarked": "?"}
        return " ".join(letters[row.state] + ("*" if row.mark.conflict else "") for row in rows)

    def events(self) -> list[MarkEvent]:
        """Every word that was kept, oldest first."""
        with self.season.service.stores.sessions() as db:
            return list(db.scalars(select(MarkEvent).order_by(MarkEvent.id)))

    def audited(self, act: str) -> list[Audit]:
        """What the audit trail has of an act."""
        with self.season.service.stores.sessions() as db:
            return list(db.scalars(select(Audit).where(Audit.act == act)))


def opened(season: Season, centre: str, phone: str, now: datetime) -> Account:
    """A centre's account whose password was chosen."""
    return Account(
        username=centre,
        phone=phone,
        centre_code=centre,
        password_hash=hashed(season.service),
        password_set_at=now,
    )


def receipt_in(said: str) -> str:
    """The receipt that was told."""
    found = re.search(r"RG-\w{3}-\w{3}-\w", said)
    assert found, said
    return found[0]


def date_of(moment: datetime) -> str:
    """A date as Africa's Talking writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


@pytest.fixture
def morning(season: Season, handset: Callable[[str], Handset]) -> Morning:
    """An exam morning at Kasarani Girls."""
    return Morning(season, handset).build()
