"""Attendance: what may be said of which day, what is kept of it, and which days a person sees."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from models.attendance import MarkEvent
from models.deployments import Deployment
from models.records import Audit
from operations import attendance, duties
from operations.refusals import Refusal
from tests.fixtures_attendance import (
    AFTER,
    CENTRE_PHONE,
    DAYS,
    DIRECTOR,
    ENDS,
    OTHER_PHONE,
    REHEARSAL,
    STARTS,
    Roll,
    at,
    mark,
)
from tests.fixtures_season import Season
from tests.fixtures_service import Handset

MONDAY_OFF, SATURDAY = date(2030, 10, 21), date(2030, 10, 26)


def refused(roll: Roll, *said: object, **more: object) -> str:
    with pytest.raises(Refusal) as refusal:
        roll.say(*said, **more)
    return refusal.value.code


def test_the_same_source_is_kept_once(roll: Roll) -> None:
    post = roll.post()
    assert roll.say(post, STARTS, True, source="sms:7") is True
    assert roll.say(post, STARTS, False, source="sms:7") is False
    assert roll.days(post)[STARTS] is True
    with roll.db() as db:
        assert db.scalar(select(func.count()).select_from(MarkEvent)) == 1


@pytest.mark.parametrize("change", [update(MarkEvent).values(present=False), delete(MarkEvent)])
def test_what_was_said_is_never_changed(roll: Roll, change: object) -> None:
    post = roll.post()
    roll.say(post, STARTS, True)
    with pytest.raises(DBAPIError, match="mark_event is append-only"), roll.db() as db:
        db.execute(change)  # type: ignore[call-overload]
    assert roll.days(post)[STARTS] is True


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (REHEARSAL - timedelta(days=1), "attendance.no_such_day"),
        (ENDS + timedelta(days=1), "attendance.no_such_day"),
    ],
)
def test_only_days_of_the_series_are_marked(roll: Roll, day: date, code: str) -> None:
    assert refused(roll, roll.post(), day, True) == code


def test_a_day_that_has_not_come_is_not_marked(roll: Roll) -> None:
    post = roll.post()
    assert refused(roll, post, STARTS, True, at(REHEARSAL, 9)) == "attendance.not_yet"
    # Just past midnight in Nairobi the day has come, though it has not in Greenwich.
    assert roll.say(post, STARTS, True, at(STARTS, 0, 1))


def test_after_ten_on_the_next_day_only_the_director_corrects_and_says_why(roll: Roll) -> None:
    post = roll.post()
    wednesday = STARTS + timedelta(days=1)
    assert roll.say(post, STARTS, False, at(wednesday, 9, 59))
    assert refused(roll, post, STARTS, True, at(wednesday, 10)) == "attendance.closed"
    assert refused(roll, post, STARTS, True, at(wednesday, 10), reason="late") == "attendance.closed"
    assert refused(roll, post, STARTS, True, at(wednesday, 10), by=DIRECTOR) == "attendance.closed"
    assert roll.say(post, STARTS, True, at(wednesday, 10), by=DIRECTOR, reason="paper register")
    assert roll.days(post)[STARTS] is True
    with roll.db() as db:
        audit = db.scalars(select(Audit).where(Audit.act == "attendance.correct")).one()
    assert (audit.actor, audit.subject) == (DIRECTOR.name, f"deployment:{post}")


def test_an_sms_that_was_sent_in_time_counts_however_late_it_comes(roll: Roll) -> None:
    post, wednesday = roll.post(), STARTS + timedelta(days=1)
    assert roll.say(post, STARTS, True, at(wednesday, 9, 30), now=at(wednesday, 18))
    assert roll.days(post)[STARTS] is True


@pytest.mark.parametrize("state", ["declined", "cancelled"])
def test_who_does_not_serve_is_not_marked(roll: Roll, state: str) -> None:
    post = roll.post(state=state, ended_at=at(REHEARSAL - timedelta(days=3), 8))
    assert refused(roll, post, STARTS, True) in ("attendance.no_deployment", "attendance.no_such_day")


def test_who_was_replaced_has_served_until_then(roll: Roll) -> None:
    post = roll.post(state="replaced", ended_at=at(STARTS, 12))
    assert roll.say(post, STARTS, True)
    assert refused(roll, post, STARTS + timedelta(days=1), True) == "attendance.no_such_day"
    assert list(roll.days(post)) == [REHEARSAL, STARTS]


def test_nobody_marks_a_deployment_that_is_not_there(roll: Roll) -> None:
    assert refused(roll, 4711, STARTS, True) == "attendance.no_deployment"


def test_every_working_day_so_far_is_listed_and_no_day_to_come(roll: Roll) -> None:
    post = roll.post()
    assert roll.days(post, at(REHEARSAL - timedelta(days=1), 12)) == {}
    roll.say(post, REHEARSAL, True)
    roll.say(post, STARTS, False)
    assert roll.days(post, at(date(2030, 10, 23), 7)) == {
        REHEARSAL: True,
        STARTS: False,
        date(2030, 10, 23): None,
    }
    assert list(roll.days(post)) == DAYS


def test_a_free_day_is_listed_only_if_it_was_marked(roll: Roll) -> None:
    post = roll.post()
    roll.say(post, SATURDAY, True)
    listed = roll.days(post)
    assert listed[SATURDAY] is True
    assert MONDAY_OFF not in listed


def test_two_phones_that_differ_are_both_kept_and_seen(roll: Roll) -> None:
    post = roll.post()
    roll.say(post, STARTS, True, at(STARTS, 8), by=CENTRE_PHONE)
    roll.say(post, STARTS, False, at(STARTS, 9), by=OTHER_PHONE)
    with roll.db() as db:
        day = next(each for each in attendance.days(db, post, now=AFTER) if each.day == STARTS)
    assert (day.state, day.mark.conflict) == ("absent", True)


def test_the_days_of_many_cost_as_many_queries_as_those_of_one(roll: Roll, queries: list[str]) -> None:
    posts = [roll.post(name) for name in ("amina", "chebet", "daudi", "fatuma")]
    for post in posts:
        roll.say(post, STARTS, True)

    def cost(ids: list[int]) -> int:
        with roll.db() as db:
            many = duties.gather(db, Deployment.id.in_(ids))
            queries.clear()
            assert set(attendance.of_many(db, many, now=AFTER)) == set(ids)
            return len(queries)

    assert cost(posts) == cost(posts[:1]) == 3


# -- on the phone ----------------------------------------------------------------------------------------


def running(season: Season, *marks: tuple[int, bool]) -> int:
    """Amina's post in the series in progress, with days marked, counted back from today."""
    with season.service.stores.transaction() as db:
        post = season.make_deployment(db, "amina", "20401001", "supervisor")
        for ago, present in marks:
            mark(season, db, "amina", ago, present)
        return post.id


def open_days(handset: Callable[[str], Handset]) -> Handset:
    """Amina signs in and opens Days and pay."""
    amina = handset("+254711000001")
    amina.dial()
    amina.send("mitihani7", "7")
    return amina


def test_the_days_stand_on_the_phone_as_the_centre_marked_them(
    season: Season, handset: Callable[[str], Handset]
) -> None:
    running(season, (3, True), (2, True), (1, False))
    amina = open_days(handset)
    assert "P 2, Ab 1" in amina.screen and "Ksh 1,360" in amina.screen
    assert "P (present): " in amina.send("1") and "Ab (absent): " in amina.screen


def test_who_has_several_posts_chooses(season: Season, roll: Roll, handset: Callable[[str], Handset]) -> None:
    running(season, (3, True))
    roll.post(centre="20401002")
    amina = open_days(handset)
    assert "1. KCSE 2030, Mwiki Boys High Sch" in amina.screen and "2. KPSEA" in amina.screen
    assert "P 1, Ab 0" in amina.send("2")
    assert "KCSE 2030: P 0, Ab 0" in amina.send("0", "1")
    assert "still to come" in amina.send("1")


def test_a_declined_or_only_offered_post_has_no_days(
    season: Season, handset: Callable[[str], Handset]
) -> None:
    with season.service.stores.transaction() as db:
        season.make_deployment(db, "amina", "20401001", "supervisor", state="offered")
    assert "No days to show yet" in open_days(handset).screen


def test_nobody_sees_the_days_of_another(roll: Roll) -> None:
    post = roll.post("chebet")
    with roll.db() as db, pytest.raises(Refusal) as refusal:
        duties.own(db, roll.season.accounts["amina"], post)
    assert refusal.value.code == "attendance.no_deployment"
