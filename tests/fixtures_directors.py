"""A Sub-County Director with a phone, and a sub-county whose registers are in part marked today."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.accounts import Account
from models.attendance import MarkEvent
from models.centres import Return
from models.deployments import Deployment
from models.series import Series
from operations import attendance, centre_accounts, return_sheets
from operations.office import NAIROBI, Actor, now
from tests.fixtures_season import Season
from tests.fixtures_service import Handset

CENTRE, ELSEWHERE = "20401001", "20402001"
STAFF = Actor("staff:test", "command")
MANAGER, ESTHER = "+254715000001", "+254711000005"
Phones = Callable[[str], Handset]


@pytest.fixture
def njeri(season: Season, handset: Phones) -> Handset:
    """Esther Njeri's phone: she is the director of Kasarani, with an account of her own."""
    with season.service.stores.transaction() as db:
        centre_accounts.add_director(db, "Kasarani", ESTHER, "Esther Njeri", by=STAFF, now=now(db))
    return handset(ESTHER)


@pytest.fixture
def examined(season: Season) -> date:
    """Today is the last exam day of the running series, whatever day of the week it is."""
    with season.service.stores.transaction() as db:
        today = season.today(db)
        days = [(today - timedelta(days=n)).isoformat() for n in (2, 1, 0)]
        db.get_one(Series, season.running).rules = {"exam_days": days}
    return today


def staffed(season: Season, today: date) -> None:
    """Kasarani Girls is marked in part, Mwiki Boys not at all, Westlands is another's."""
    with season.service.stores.transaction() as db:
        posts = [season.make_deployment(db, name, CENTRE, "supervisor") for name in ("amina", "fatuma")]
        season.make_deployment(db, "daudi", "20401002", "supervisor")
        season.make_deployment(db, "chebet", ELSEWHERE, "supervisor")
        said = {"present": True, "channel": "ussd", "actor": f"phone:{MANAGER}", "source": "test:1"}
        moment = datetime(today.year, today.month, today.day, 0, 1, tzinfo=NAIROBI)
        db.add(MarkEvent(deployment_id=posts[0].id, day=today, said_at=moment, **said))


def hand_in(season: Season, series_id: int, number: str) -> None:
    """The centre hands the register of a series in, as it stands."""
    with season.service.stores.transaction() as db:
        sheet = return_sheets.of(db, CENTRE, db.get_one(Series, series_id), now=now(db))
        handed = {"series_id": series_id, "centre_code": CENTRE, "digest": sheet.digest}
        db.add(Return(**handed, reference=number, submitted_by=f"phone:{MANAGER}"))


def correct(season: Season, series_id: int) -> None:
    """The council's word about Amina's day today: the register is no longer what was handed in."""
    with season.service.stores.transaction() as db:
        mine = (Deployment.account_id == season.accounts["amina"], Deployment.series_id == series_id)
        post = db.scalars(select(Deployment.id).where(*mine)).one()
        said = {"by": STAFF, "channel": STAFF.channel, "source": "test:corrected", "reason": "was away"}
        attendance.record(db, post, season.today(db), False, said_at=now(db), now=now(db), **said)


def one_time_passwords(phone: Handset) -> int:
    return sum("one-time password" in words for words in phone.inbox())


def shown_id(season: Season, name: str) -> str:
    with season.service.stores.transaction() as db:
        return db.get_one(Account, season.accounts[name]).national_id or ""


def second_series(season: Season, day: date) -> int:
    """KJSEA runs beside KPSEA: Chebet and Esther serve in it at Kasarani Girls on the same exam days."""
    with season.service.stores.transaction() as db:
        first = db.get_one(Series, season.running)
        days = {"starts": day - timedelta(days=2), "ends": day + timedelta(days=5)}
        made = Series(exam="KJSEA", year=first.year, rules=dict(first.rules or {}), **days)
        db.add(made)
        db.flush()
        for name in ("chebet", "esther"):
            season.make_deployment(db, name, CENTRE, "supervisor", series_id=made.id)
        return made.id
