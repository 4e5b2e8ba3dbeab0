"""`ATT` from an officer's own phone: was I marked?"""

from datetime import date, datetime, timedelta

import pytest

from operations import own_marks
from tests.fixtures_attendance import ENDS, REHEARSAL, STARTS, Roll, at
from tests.fixtures_season import PEOPLE

AMINA = PEOPLE["amina"][0]
FRIDAY = date(2030, 10, 25)


def said(roll: Roll, now: datetime, phone: str = AMINA) -> tuple[str, dict[str, str]]:
    with roll.db() as db:
        return own_marks.said(db, phone, now=now)


def test_todays_mark_and_this_week(roll: Roll) -> None:
    post = roll.post()
    roll.say(post, REHEARSAL, True)
    roll.say(post, STARTS, True)
    roll.say(post, STARTS + timedelta(days=1), False)
    words, values = said(roll, at(STARTS + timedelta(days=2), 9))
    assert words == "sms.own_today"
    assert values["attended_mark"] == "@term.own_mark.unmarked"
    assert [values[f"days_{each}"] for each in ("present", "absent", "unmarked")] == ["1", "1", "1"]
    assert said(roll, at(STARTS, 9))[1]["attended_mark"] == "@term.own_mark.present"


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (at(REHEARSAL - timedelta(days=1), 9), "sms.own_later"),
        (at(REHEARSAL, 9), "sms.own_today"),
        (at(REHEARSAL + timedelta(days=1), 9), "sms.own_days"),  # a Saturday
        (at(ENDS + timedelta(days=40), 9), "sms.own_days"),
    ],
)
def test_before_between_and_after(roll: Roll, now: datetime, words: str) -> None:
    roll.post()
    assert said(roll, now)[0] == words


def test_of_several_posts_the_one_that_serves_today(roll: Roll) -> None:
    roll.post()
    with roll.db() as db:
        today = roll.season.today(db)
        roll.season.make_deployment(db, "amina", "20401002", "invigilator")  # in the running series
    assert said(roll, at(STARTS, 9))[1]["attended_exam"] == "KCSE 2030"
    assert said(roll, at(today, 9))[1]["attended_exam"].startswith("KPSEA")


def test_whoever_has_no_post_is_told_what_the_command_is_for(roll: Roll) -> None:
    assert said(roll, at(STARTS, 9))[0] == "sms.att_unenrolled"
    assert said(roll, at(STARTS, 9), "+254799999999")[0] == "sms.att_unenrolled"
