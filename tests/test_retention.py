"""What is kept for a while only: nothing of it grows for ever, and nothing goes that a limit still counts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from models.accounts import Confirmation, GuessCount, PasswordRequest
from models.base import Base
from models.centres import Enrolment
from models.documents import DocumentCheck
from models.records import Run
from models.sessions import HopReply, SessionEnd
from operations import retention
from operations.office import now
from tests.fixtures_directors import CENTRE
from tests.fixtures_season import Season
from workers import periodic

PHONE = "+254722000111"
BANK = {"account": "01109876543210"}
DAY, MONTH = timedelta(days=1), timedelta(days=30)
Make = Callable[[Season, datetime], Base]

ROWS: dict[str, tuple[timedelta, Make]] = {
    "hop": (DAY, lambda season, at: HopReply(session_id="s", text_hash=b"x", reply="END", created_at=at)),
    "confirmation": (
        DAY,
        lambda season, at: Confirmation(phone=PHONE, act="profile", details=BANK, expires_at=at, used_at=at),
    ),
    "document_check": (DAY, lambda season, at: DocumentCheck(asker="web:x", asked_at=at)),
    "password_request": (
        DAY,
        lambda season, at: PasswordRequest(account_id=season.accounts["amina"], channel="ussd", asked_at=at),
    ),
    "enrolment": (
        DAY,
        lambda season, at: Enrolment(centre_code=CENTRE, phone=PHONE, created_at=at, expires_at=at),
    ),
    "guess_count": (DAY, lambda season, at: GuessCount(scope="all", key="x", wrong=1, window_began_at=at)),
    "session_end": (
        MONTH,
        lambda season, at: SessionEnd(session_id="s", phone=PHONE, status="Success", ended_at=at),
    ),
    "run": (timedelta(days=7), lambda season, at: Run(name="x", slot=at)),
}


def test_every_table_that_is_kept_for_a_while_is_tried() -> None:
    assert {each.model.__tablename__ for each in retention.TABLE} == set(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_goes_when_its_time_is_over_and_not_before(season: Season, name: str) -> None:
    kept, make = ROWS[name]
    with season.service.stores.transaction() as db:
        began = now(db)
        row = make(season, began)
        model = type(row)
        db.add(row)
    for later, left in ((kept - timedelta(minutes=1), 1), (kept + timedelta(minutes=1), 0)):
        with season.service.stores.transaction() as db:
            periodic.forget(db, now=began + later)
        assert rows(season, model) == left, f"{later} after"


def test_many_go_a_batch_at_a_time_and_what_somebody_holds_is_left(season: Season) -> None:
    with season.service.stores.transaction() as db:
        began = now(db)
        db.add_all(DocumentCheck(asker=f"web:{n}", asked_at=began) for n in range(7))
    late = began + 2 * DAY
    [checks] = [each for each in retention.TABLE if each.model is DocumentCheck]
    with season.service.stores.transaction() as held:
        held.scalars(select(DocumentCheck).limit(1).with_for_update()).one()
        gone = []
        for _ in range(3):
            with season.service.stores.transaction() as db:
                gone.append(retention.delete_old(db, checks, now=late, most=4))
    assert gone == [4, 2, 0]
    assert rows(season, DocumentCheck) == 1


def rows(season: Season, model: type[Base]) -> int:
    """How many there are."""
    with season.service.stores.transaction() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0
