"""The other side: the absent hear of it that evening, once; what is put right is taken back; a line a week."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from models.attendance import MarkEvent
from models.messages import Message
from models.series import Series
from operations import absences, centre_accounts, day_registers, disputes, settlements
from operations.office import Actor, caller
from tests.fixtures_attendance import CENTRE_PHONE, DIRECTOR, ENDS, OTHER_PHONE, REHEARSAL, STARTS, Roll, at
from tests.fixtures_season import PEOPLE
from tests.fixtures_service import Handset

STAFF = Actor("staff:test", "command")
AMINA, DAUDI = PEOPLE["amina"][0], PEOPLE["daudi"][0]
CENTRE = "20401001"
EVENING = at(STARTS, 18, 30)
FRIDAY = date(2030, 10, 25)
MINUTE = timedelta(minutes=1)


def tell(roll: Roll, now: datetime = EVENING) -> int:
    with roll.db() as db:
        return absences.tell(db, now=now)


def put_right(roll: Roll, now: datetime) -> int:
    with roll.db() as db:
        return absences.put_right(db, now=now)


def tell_week(roll: Roll, now: datetime) -> int:
    with roll.db() as db:
        return absences.tell_week(db, now=now)


def told(roll: Roll) -> list[tuple[str, str]]:
    """The words and the phone of every message, in the order in which they were queued."""
    with roll.db() as db:
        rows = select(Message.words, Message.phone).order_by(Message.id)
        return [(words, phone) for words, phone in db.execute(rows)]


def send(roll: Roll) -> None:
    """The messages that wait are sent."""
    with roll.db() as db:
        db.execute(update(Message).values(state="sent", attempts=1))


def test_the_absent_are_told_once_after_the_hour_of_the_evening(roll: Roll) -> None:
    absent, present = roll.post(), roll.post("daudi", "security_officer")
    roll.say(absent, STARTS, False)
    roll.say(present, STARTS, True)
    assert tell(roll, EVENING - MINUTE) == 0
    assert [tell(roll), tell(roll), tell(roll, EVENING + timedelta(hours=13))] == [1, 0, 0]
    assert told(roll) == [("absence.marked", AMINA)]
    with roll.db() as db:
        row = db.scalars(select(Message)).one()
        assert (row.klass, row.lane, row.account_id) == ("chase", "bulk", roll.season.accounts["amina"])
        assert row.natural_key == f"absent:{absent}:{STARTS}"


@pytest.mark.parametrize("hour", [20, 23])
def test_nobody_is_told_at_night_and_what_was_put_right_by_the_morning_is_never_said(
    roll: Roll, hour: int
) -> None:
    post, other = roll.post(), roll.post("daudi", "security_officer")
    roll.say(post, STARTS, False, at(STARTS, 19, 59))
    roll.say(other, STARTS, False, at(STARTS, 19, 59))
    assert tell(roll, at(STARTS, hour)) == 0
    roll.say(post, STARTS, True, at(STARTS, 21))
    assert tell(roll, at(STARTS + timedelta(days=1), 6)) == 1
    assert told(roll) == [("absence.marked", DAUDI)]


def test_the_last_word_decides_whichever_was_kept_first(roll: Roll) -> None:
    post = roll.post()
    roll.say(post, STARTS, True, at(STARTS, 9))
    roll.say(post, STARTS, False, at(STARTS, 8), by=OTHER_PHONE)  # an SMS that came late
    assert tell(roll) == 0


def test_an_absence_of_yesterday_that_is_marked_this_morning_is_told_at_once(roll: Roll) -> None:
    post, morning = roll.post(), at(STARTS + timedelta(days=1), 9)
    roll.say(post, STARTS, False, morning)
    assert tell(roll, morning) == 1


def test_an_absence_of_a_day_that_was_opened_again_long_after_is_told(roll: Roll) -> None:
    post, later = roll.post(), at(STARTS + timedelta(days=8), 9)
    other = roll.post("daudi", "security_officer", centre="20401002")
    roll.say(other, STARTS, False)  # of another centre, whose day stayed closed
    with roll.db() as db:
        day_registers.reopen(db, CENTRE, STARTS, "paper register", by=STAFF, now=later)
    roll.say(post, STARTS, False, later + MINUTE)
    assert tell(roll, later + 2 * MINUTE) == 1
    assert ("absence.marked", AMINA) in told(roll)
    send(roll)
    roll.say(post, STARTS, True, later + 3 * MINUTE)
    assert put_right(roll, later + 4 * MINUTE) == 1
    assert ("absence.put_right", AMINA) in told(roll)
    assert ("absence.marked", DAUDI) not in told(roll)


def test_what_nobody_has_begun_to_send_is_taken_back(roll: Roll) -> None:
    post = roll.post()
    roll.say(post, STARTS, False)
    tell(roll)
    roll.say(post, STARTS, True, EVENING + MINUTE)
    later = EVENING + 2 * MINUTE
    assert [put_right(roll, later), tell(roll, later), put_right(roll, later)] == [1, 0, 0]
    assert told(roll) == []
    roll.say(post, STARTS, False, EVENING + 3 * MINUTE)
    assert tell(roll, EVENING + 4 * MINUTE) == 1, "and marked absent again it is told"


def test_a_correction_after_that_is_told_once(roll: Roll) -> None:
    post = roll.post()
    roll.say(post, STARTS, False)
    tell(roll)
    send(roll)
    assert put_right(roll, EVENING) == 0
    roll.say(post, STARTS, True, EVENING + MINUTE)
    later = EVENING + 2 * MINUTE
    assert [put_right(roll, later), put_right(roll, later), tell(roll, later)] == [1, 0, 0]
    assert told(roll) == [("absence.marked", AMINA), ("absence.put_right", AMINA)]


def test_an_upheld_dispute_says_it_all(roll: Roll) -> None:
    post = roll.post()
    roll.say(post, STARTS, False)
    tell(roll)
    send(roll)
    with roll.db() as db:
        centre_accounts.add_director(db, "Kasarani", DIRECTOR.phone or "", "Ouma", by=STAFF, now=EVENING)
        mine = roll.season.accounts["amina"]
        found = disputes.raise_(db, mine, post, STARTS, by=caller(AMINA, "ussd"), now=EVENING)
        settlements.settle(db, found.id, True, "Seen", by=DIRECTOR, now=EVENING + MINUTE)
    put_right(roll, EVENING + 2 * MINUTE)
    assert [words for words, phone in told(roll) if phone == AMINA] == ["absence.marked", "dispute.upheld"]


# -- the week ------------------------------------------------------------------------------------------


def test_the_week_is_told_on_its_last_exam_day_once_each(roll: Roll) -> None:
    amina, daudi = roll.post(), roll.post("daudi", "security_officer")
    roll.post("chebet", "driver")  # who is in no register
    roll.post("esther", "invigilator", state="offered")
    roll.say(amina, REHEARSAL, True)  # the week before
    for n, present in ((22, True), (23, True), (24, False)):
        roll.say(amina, date(2030, 10, n), present)
    roll.say(daudi, FRIDAY, True)
    assert tell_week(roll, at(FRIDAY, 18, 29)) == 0
    assert tell_week(roll, at(date(2030, 10, 24), 19)) == 0
    assert [tell_week(roll, at(FRIDAY, 18, 30)), tell_week(roll, at(FRIDAY, 18, 31))] == [2, 0]
    with roll.db() as db:
        rows = {row.phone: row for row in db.scalars(select(Message))}
    assert rows.keys() == {AMINA, DAUDI}
    details = rows[AMINA].details
    assert [details[f"days_{state}"] for state in ("present", "absent", "unmarked")] == ["2", "1", "1"]
    assert details["attended_exam"] == "KCSE 2030"
    assert rows[AMINA].klass == "chase"


def test_a_clock_that_was_down_on_friday_tells_on_sunday_but_not_in_the_next_week(roll: Roll) -> None:
    roll.post()
    assert tell_week(roll, at(FRIDAY + timedelta(days=2), 12)) == 1
    assert tell_week(roll, at(FRIDAY + timedelta(days=3), 12)) == 0
    assert tell_week(roll, at(ENDS, 19)) == 1, "and the week after again"
    assert tell_week(roll, at(ENDS + timedelta(days=7), 19)) == 0


def test_a_short_series_is_told_on_its_last_day(roll: Roll) -> None:
    with roll.db() as db:
        db.get_one(Series, roll.series_id).ends = date(2030, 10, 23)
    roll.post(last_day=date(2030, 10, 23))
    assert [tell_week(roll, at(date(2030, 10, 23), 19)), tell_week(roll, at(FRIDAY, 19))] == [1, 0]


def test_batches_follow_each_other(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absences, "BATCH", 2)
    for name in ("amina", "daudi", "esther", "fatuma", "baraka"):
        roll.say(roll.post(name, "invigilator"), FRIDAY, False)
    now = at(FRIDAY, 19)
    assert [tell_week(roll, now) for _ in range(4)] == [2, 2, 1, 0]
    assert [tell(roll, now) for _ in range(4)] == [2, 2, 1, 0]


def test_whom_the_register_does_not_hold_absent_stops_nobody(
    roll: Roll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last word of two people came too late to count: those behind them are told all the same."""
    monkeypatch.setattr(absences, "BATCH", 2)
    posts = [roll.post(name, "invigilator") for name in ("amina", "daudi", "esther")]
    late = at(STARTS + timedelta(days=1), 10, 1)
    for post in posts[:2]:
        roll.say(post, STARTS, True)
        row = {"deployment_id": post, "day": STARTS, "present": False, "said_at": late, "received_at": late}
        with roll.db() as db:
            db.add(MarkEvent(**row, channel="sms", actor=CENTRE_PHONE.name, source=f"late:{post}"))
    roll.say(posts[2], STARTS, False)
    assert tell(roll, at(STARTS + timedelta(days=1), 12)) == 1


def test_the_queries_do_not_grow_with_the_people(roll: Roll, queries: list[str]) -> None:
    counts = []
    for name in ("amina", "daudi", "esther", "fatuma", "baraka", "chebet"):
        roll.say(roll.post(name, "invigilator"), FRIDAY, False)
        if name in ("amina", "chebet"):
            with roll.db() as db:
                db.execute(text("DELETE FROM message"))
            queries.clear()
            tell(roll, at(FRIDAY, 19))
            tell_week(roll, at(FRIDAY, 19))
            counts.append(len(queries))
            send(roll)
    assert counts[0] == counts[1], queries


# -- as it is read -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["marked absent (Ab) on Tue 22 Oct, 20401001", "this week: P 0, Ab 1", "So far: Ksh"]),
        ("sw", ["hukuwepo (Ab) Jumanne 22 Okt, 20401001", "wiki hii: P 0, Ab 1", "Hadi sasa: Ksh"]),
    ],
)
def test_both_languages_in_one_segment(
    roll: Roll, handset: Callable[[str], Handset], lang: str, said: list[str]
) -> None:
    post = roll.post()
    roll.season.speak("amina", lang)
    roll.say(post, STARTS, False)
    tell(roll)
    tell_week(roll, at(FRIDAY, 19))
    inbox = " / ".join(handset(AMINA).inbox())
    assert all(words in inbox for words in said), inbox
    assert all(len(each) <= 160 for each in handset(AMINA).inbox())
