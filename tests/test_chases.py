"""Chasing: codes in the morning, one nudge, one list at ten, and the registers that did not come back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from models.accounts import Subscriber
from models.centres import CentrePhone, RegisterDay, Return
from models.deployments import Deployment
from models.messages import Message
from models.places import Centre
from models.records import Audit
from models.series import Series
from operations import centre_accounts, chases, returns
from operations.office import Actor
from tests.fixtures_attendance import ENDS, STARTS, Roll, at
from tests.fixtures_service import Handset, service_of
from ussd_app.cli import doctor

STAFF = Actor("staff:test", "command")
GIRLS, BOYS, WEST = "20401001", "20401002", "20402001"
MERCY, OTIENO, PETER, OUMA = "+254715000001", "+254715000002", "+254715000003", "+254700000001"
WEEKEND = date(2030, 10, 26)
WEEK = timedelta(days=7)


@pytest.fixture
def centres(roll: Roll) -> Roll:
    """Three centres of two sub-counties, one officer each; two phones at the first, none at the last."""
    posts = {"amina": GIRLS, "daudi": BOYS, "fatuma": WEST}
    for name, centre in posts.items():
        roll.post(name, "supervisor", centre=centre)
    with roll.db() as db:
        for centre, phone in ((GIRLS, MERCY), (GIRLS, OTIENO), (BOYS, PETER)):
            db.add(CentrePhone(centre_code=centre, phone=phone, enrolled_by=STAFF.name))
        centre_accounts.add_director(db, "Kasarani", OUMA, "Mrs Ouma", by=STAFF, now=at(STARTS, 5))
    return roll


def nudge(roll: Roll, now: datetime) -> int:
    with roll.db() as db:
        return chases.nudge(db, now=now)


def list_unmarked(roll: Roll, now: datetime) -> int:
    with roll.db() as db:
        return chases.list_unmarked(db, now=now)


def unheard(roll: Roll) -> list[dict[str, str]]:
    with roll.db() as db:
        return list(
            db.scalars(select(Audit.details).where(Audit.act == "chase.no_director").order_by(Audit.id))
        )


def chase_returns(roll: Roll, now: datetime) -> int:
    with roll.db() as db:
        return chases.chase_returns(db, now=now)


def morning(roll: Roll, now: datetime) -> date | None:
    with roll.db() as db:
        return chases.take_morning(db, now=now)


def rules(roll: Roll, **more: object) -> None:
    with roll.db() as db:
        db.execute(update(Series).where(Series.id == roll.series_id).values(rules=more))


def told(roll: Roll, words: str) -> list[str]:
    with roll.db() as db:
        rows = select(Message.phone).where(Message.words == words, Message.klass == "chase")
        return sorted(db.scalars(rows))


# -- codes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        (at(STARTS, 5, 29), False),
        (at(STARTS, 5, 30), True),
        (at(STARTS, 16, 59), True),  # the clock was down
        (at(STARTS, 17), False),
        (at(WEEKEND, 6), False),
    ],
)
def test_codes_are_due_once_on_exam_days_until_the_papers_are_over(
    centres: Roll, now: datetime, sent: bool
) -> None:
    expected = [now.date(), None] if sent else [None, None]
    assert [morning(centres, now), morning(centres, now + timedelta(seconds=30))] == expected


# -- nudges --------------------------------------------------------------------------------------------


def test_a_centre_without_a_register_is_nudged_once_on_every_phone(centres: Roll) -> None:
    with centres.db() as db:
        posts = dict(db.execute(select(RegisterDay.centre_code, RegisterDay.day)).all())
    assert posts == {}
    assert nudge(centres, at(STARTS, 8, 29)) == 0
    assert [nudge(centres, at(STARTS, 8, 30)), nudge(centres, at(STARTS, 8, 31))] == [3, 0]
    assert told(centres, "chase.nudge") == [MERCY, OTIENO, PETER]
    with centres.db() as db:
        assert all(db.scalars(select(RegisterDay.nudged_at)))
    assert nudge(centres, at(STARTS + timedelta(days=1), 8, 30)) == 3, "and the next day again"


def test_who_has_marked_anybody_is_not_nudged(centres: Roll) -> None:
    centres.say(first_post(centres, GIRLS), STARTS, False)
    assert nudge(centres, at(STARTS, 8, 30)) == 1
    assert told(centres, "chase.nudge") == [PETER]


def first_post(roll: Roll, centre: str) -> int:
    with roll.db() as db:
        return db.scalars(select(Deployment.id).where(Deployment.centre_code == centre)).one()


def test_the_session_is_data_of_the_series(centres: Roll) -> None:
    rules(centres, session_begins="06:00:00", session_ends="12:30:00")
    assert nudge(centres, at(STARTS, 6, 29)) == 0
    assert nudge(centres, at(STARTS, 6, 30)) == 3


def test_nobody_is_nudged_on_a_free_day_after_the_papers_or_in_a_closed_series(centres: Roll) -> None:
    assert nudge(centres, at(WEEKEND, 8, 30)) == 0
    assert nudge(centres, at(STARTS, 17)) == 0
    with centres.db() as db:
        db.get_one(Series, centres.series_id).closed_at = at(STARTS, 7)
    assert nudge(centres, at(STARTS, 8, 30)) == 0


def test_nudges_take_the_same_queries_for_any_number_of_centres(centres: Roll, queries: list[str]) -> None:
    nudge(centres, at(STARTS, 8, 30))
    many = len(queries)
    centres.say(first_post(centres, GIRLS), STARTS + timedelta(days=1), True)
    queries.clear()
    nudge(centres, at(STARTS + timedelta(days=1), 8, 30))
    assert len(queries) <= many


# -- the director's list -------------------------------------------------------------------------------


def test_each_director_has_one_list_at_ten(centres: Roll) -> None:
    with centres.db() as db:
        centre_accounts.add_director(db, "Likoni", "+254700000002", "Ali", by=STAFF, now=at(STARTS, 5))
    centres.say(first_post(centres, GIRLS), STARTS, True)
    assert list_unmarked(centres, at(STARTS, 9, 59)) == 0
    assert [list_unmarked(centres, at(STARTS, 10)), list_unmarked(centres, at(STARTS, 10, 1))] == [1, 0]
    assert told(centres, "chase.unmarked") == [OUMA]
    with centres.db() as db:
        details = db.scalars(select(Message.details).where(Message.phone == OUMA)).one()
    assert (details["chased_count"], details["chased_all"]) == ("1", "2")
    assert details["chased_centres"] == "20401002 Mwiki Boys High School"


def test_where_there_is_no_director_the_trail_says_that_nobody_was_told(centres: Roll) -> None:
    list_unmarked(centres, at(STARTS, 9, 59))
    assert unheard(centres) == []
    list_unmarked(centres, at(STARTS, 10)), list_unmarked(centres, at(STARTS, 10, 1))
    assert unheard(centres) == [{"day": STARTS.isoformat(), "unmarked": "1", "centres": "1"}]
    with centres.db() as db:
        place = db.get_one(Centre, WEST).sub_county_id
        assert db.scalars(select(Audit.subject).where(Audit.act == "chase.no_director")).all() == [
            f"sub_county:{place}"
        ]
    centres.say(first_post(centres, WEST), STARTS + timedelta(days=1), True)
    list_unmarked(centres, at(STARTS + timedelta(days=1), 10))
    assert len(unheard(centres)) == 1  # all is marked there


def findings(app: Flask) -> list[str]:
    """What the doctor finds where the gateway is a port on which nobody listens."""
    service = service_of(app)
    return list(doctor.findings(replace(service.settings, at_base_url="http://127.0.0.1:9"), service))


def test_the_doctor_names_the_sub_counties_without_a_director(centres: Roll, app: Flask) -> None:
    with centres.db() as db:
        db.execute(update(Series).where(Series.id != centres.series_id).values(closed_at=at(STARTS, 5)))
    place = "1 centres have no Sub-County Director: those of Nairobi/Westlands. To mend:"
    assert len([said for said in findings(app) if said.startswith(place)]) == 1
    with centres.db() as db:
        centre_accounts.add_director(db, "Westlands", "+254700000002", "Ali", by=STAFF, now=at(STARTS, 5))
    assert not [said for said in findings(app) if "no Sub-County Director" in said]
    with centres.db() as db:
        centre_accounts.remove_director(db, "+254700000002", by=STAFF, now=at(STARTS, 5))
        assert centre_accounts.undirected(db, now=at(STARTS, 5)) == [("Nairobi/Westlands", 1)]
        assert centre_accounts.undirected(db, now=at(ENDS + timedelta(days=1), 1)) == []


def test_no_list_where_everybody_has_marked_or_nothing_is_examined(centres: Roll) -> None:
    for centre in (GIRLS, BOYS):
        centres.say(first_post(centres, centre), STARTS, True)
    assert list_unmarked(centres, at(STARTS, 10)) == 0
    assert list_unmarked(centres, at(WEEKEND, 10)) == 0
    assert list_unmarked(centres, at(STARTS + timedelta(days=1), 18)) == 0


def test_a_long_list_says_how_many_more_there_are() -> None:
    many = [(f"204010{n:02}", "Bishop Gatimu Ngandu Girls High School Nyeri") for n in range(40)]
    said = chases.listed(many)
    assert said.startswith("20401000 Bishop Gatimu Ngandu Gir, 20401001") and said.endswith(" +36")
    assert len(said) <= chases.LIST_ROOM + 5


# -- returns -------------------------------------------------------------------------------------------


def test_returns_are_chased_once_a_week_from_a_week_after_the_last_day(centres: Roll) -> None:
    first = at(ENDS, 9) + WEEK
    assert chase_returns(centres, first - timedelta(days=1)) == 0
    assert chase_returns(centres, first - timedelta(minutes=1)) == 0
    assert [chase_returns(centres, first), chase_returns(centres, first)] == [4, 0]
    assert chase_returns(centres, first + timedelta(days=1)) == 0
    assert told(centres, "chase.return") == [MERCY, OTIENO, PETER]
    assert told(centres, "chase.returns") == [OUMA]
    weeks = [chase_returns(centres, first + n * WEEK) for n in (1, 2, 3, 4)]
    assert weeks == [4, 4, 4, 0]


def test_what_was_submitted_is_the_directors_alone_until_it_came_in(centres: Roll) -> None:
    with centres.db() as db:
        returns.submit(db, GIRLS, by=STAFF, now=at(ENDS, 16), confirmed=99)
    assert chase_returns(centres, at(ENDS, 9) + WEEK) == 2
    assert told(centres, "chase.return") == [PETER]
    with centres.db() as db:
        details = db.scalars(select(Message.details).where(Message.phone == OUMA)).one()
        assert (details["chased_count"], details["chased_all"]) == ("2", "1")
        assert details["chased_centres"].startswith(BOYS)
        received = update(Return).values(received_at=at(ENDS, 9), received_by=STAFF.name)
        db.execute(received)
    assert chase_returns(centres, at(ENDS, 9) + 2 * WEEK) == 2
    with centres.db() as db:
        last = db.scalars(select(Message.details).where(Message.phone == OUMA).order_by(Message.id)).all()[-1]
    assert last["chased_count"] == "1"


def test_what_changed_after_it_came_in_is_asked_for_again(centres: Roll) -> None:
    with centres.db() as db:
        [post] = db.scalars(select(Deployment.id).where(Deployment.centre_code == GIRLS))
        returns.submit(db, GIRLS, by=STAFF, now=at(ENDS, 16), confirmed=99)
        returns.receive(db, GIRLS, centres.series_id, by=STAFF, now=at(ENDS, 17))
    centres.say(post, STARTS, False, at(ENDS, 18), by=STAFF, reason="was away")
    assert chase_returns(centres, at(ENDS, 9) + WEEK) == 4
    assert told(centres, "chase.return_changed") == [MERCY, OTIENO]
    with centres.db() as db:
        details = db.scalars(select(Message.details).where(Message.phone == OUMA)).one()
    assert (details["chased_count"], details["chased_all"]) == ("2", "2")


# -- as it is read -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "nudged", "listed", "returned"),
    [
        ("en", "20401001: nobody is marked yet for Tue 22 Oct", "2 of your 2 centres", "is not returned"),
        ("sw", "mahudhurio ya Jumanne 22 Okt hayajawekwa", "vituo 2 kati ya 2", "haijarudishwa"),
    ],
)
def test_both_languages(
    centres: Roll, handset: Callable[[str], Handset], lang: str, nudged: str, listed: str, returned: str
) -> None:
    with centres.db() as db:
        for phone in (MERCY, OUMA):
            db.merge(Subscriber(phone=phone, lang=lang))
    nudge(centres, at(STARTS, 8, 30))
    list_unmarked(centres, at(STARTS, 10))
    chase_returns(centres, at(ENDS, 9) + WEEK)
    mercy, ouma = handset(MERCY).inbox(), handset(OUMA).inbox()
    assert nudged in mercy[0] and returned in mercy[1]
    assert all(len(each) <= 160 for each in mercy)
    assert listed in ouma[0] and GIRLS in ouma[0] and "KCSE 2030" in ouma[1]
    assert all(len(each) <= 306 for each in ouma)
