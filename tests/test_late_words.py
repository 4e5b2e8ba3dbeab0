"""The day a word belongs to around midnight in Nairobi, and a word that comes long after its date."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.records import Audit
from operations import attendance_codes, day_registers, marks
from operations.office import NAIROBI, caller
from operations.refusals import Refusal
from tests.fixtures_registers import CENTRE, DEPUTY, DIRECTOR, MERCY, Morning

YES = {1: True, 2: True, 3: True, 4: True}


def nairobi(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of a day as a clock in Nairobi shows it."""
    return datetime.combine(day, time(hour, minute, second), NAIROBI)


def by_sms(morning: Morning, said: dict[int, bool], sent: datetime, came: datetime, **more: Any) -> None:
    """A word by SMS about the day of its date, kept at the moment it came."""
    heard = marks.heard(sent, came)
    morning.say(said, day=heard.astimezone(NAIROBI).date(), said_at=heard, now=came, channel="sms", **more)


def flags(morning: Morning) -> list[str]:
    """Whom the audit trail has of late words, and by what."""
    with morning.db() as db:
        return [
            row.details["numbers"]
            for row in db.scalars(select(Audit).order_by(Audit.id))
            if row.act == "register.late_word"
        ]


def told(morning: Morning, phone: str) -> list[str]:
    """What this phone was told of late words."""
    return [text for text in morning.handset(phone).inbox() if "came late and changed it" in text]


# -- midnight -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "ago"), [((23, 59, 59), 1), ((0, 0, 0), 0)], ids=["a second before midnight", "midnight"]
)
def test_an_sms_belongs_to_the_day_of_its_date_in_nairobi(
    morning: Morning, sent: tuple[int, int, int], ago: int
) -> None:
    on, came = morning.day(ago), nairobi(morning.today, 0, 0, 1)
    moment = nairobi(on, *sent)
    by_sms(morning, {3: False}, moment, came)
    assert (morning.held(morning.day(1)), morning.held()) == (
        ("? ? A ?", "? ? ? ?") if ago else ("? ? ? ?", "? ? A ?")
    )
    with morning.db() as db:
        by = caller(MERCY, "sms")
        for days_ago, name in ((1, "right" if ago else "other_day"), (0, "other_day" if ago else "right")):
            typed, read = morning.code(morning.day(days_ago)), attendance_codes.read
            found = read(db, morning.season.service.office, [CENTRE], typed, day=on, by=by, now=came)
            assert (found.name, found.day) == (name, morning.day(days_ago))


@pytest.mark.parametrize(("second", "states"), [(-1, ("open", "not_yet")), (0, ("open", "open"))])
def test_by_ussd_the_new_day_opens_at_midnight_and_yesterdays_stays_open(
    morning: Morning, second: int, states: tuple[str, str]
) -> None:
    moment = nairobi(morning.today, 0) + timedelta(seconds=second)
    yesterday, today = morning.day(1), morning.today
    assert (morning.register(yesterday, moment).state, morning.register(today, moment).state) == states
    with morning.db() as db:
        listed = day_registers.open_days(db, CENTRE, now=moment)
    assert (today in listed) == (second == 0) and yesterday in listed
    if second < 0:
        with pytest.raises(Refusal, match=r"attendance\.not_yet"):
            morning.say(YES, now=moment, said_at=moment)
        assert not morning.events()
    else:
        morning.say(YES, now=moment, said_at=moment)
        assert morning.held() == "P P P P"


def test_a_word_by_ussd_before_ten_is_yesterdays_where_yesterday_is_turned_to(morning: Morning) -> None:
    last = nairobi(morning.today, 9, 59, 59)
    morning.say({3: False}, day=morning.day(1), now=last, said_at=last)
    with pytest.raises(Refusal, match=r"attendance\.closed"):
        at_ten = nairobi(morning.today, 10)
        morning.say(YES, day=morning.day(1), now=at_ten, said_at=at_ten)
    assert morning.held(morning.day(1)) == "? ? A ?" and morning.held() == "? ? ? ?"


# -- late ---------------------------------------------------------------------------------------------


def test_yesterdays_sms_with_an_edited_date_counts_by_the_rule_and_is_pointed_out(morning: Morning) -> None:
    yesterday = morning.day(1)
    by_sms(morning, YES, nairobi(yesterday, 8), nairobi(yesterday, 8))
    by_sms(morning, {3: False}, nairobi(yesterday, 9), nairobi(yesterday, 9))
    assert not flags(morning)
    edited = nairobi(yesterday, 23, 59)
    by_sms(morning, YES, edited, nairobi(morning.today, 11, 58))
    assert morning.held(yesterday) == "P P P P"  # the rule stays
    assert flags(morning) == ["3"]
    for phone in (MERCY, DEPUTY, DIRECTOR):
        (said,) = told(morning, phone)
        assert CENTRE in said and "11.59 pm came late" in said and "Now: 3 Esther Njeri P." in said
        assert len(said) <= 160


def test_people_are_told_once_a_register_and_day(morning: Morning) -> None:
    yesterday = morning.day(1)
    by_sms(morning, YES, nairobi(yesterday, 8), nairobi(yesterday, 8))
    for minute, present in ((10, False), (20, True), (30, False)):
        sent = nairobi(yesterday, 23, minute)
        by_sms(morning, {3: present}, sent, nairobi(morning.today, 9, minute))
    assert flags(morning) == ["3", "3", "3"] and len(told(morning, DEPUTY)) == 1


@pytest.mark.parametrize(
    ("minutes", "said", "by"),
    [
        (60, {3: False}, MERCY),  # an hour on the way is usual on such a morning
        (300, {3: True}, MERCY),  # nothing changes
        (300, {3: True}, DEPUTY),
    ],
)
def test_what_is_not_late_or_changes_nothing_is_not_pointed_out(
    morning: Morning, minutes: int, said: dict[int, bool], by: str
) -> None:
    yesterday = morning.day(1)
    by_sms(morning, YES, nairobi(yesterday, 8), nairobi(yesterday, 8))
    sent = nairobi(yesterday, 12)
    by_sms(morning, said, sent, sent + timedelta(minutes=minutes), phone=by)
    assert not flags(morning) and not told(morning, DIRECTOR)


def test_the_first_word_of_a_day_may_come_late(morning: Morning) -> None:
    """After an outage whole registers come late; nothing was known before, so nothing changed."""
    by_sms(morning, YES, nairobi(morning.day(1), 8), nairobi(morning.day(1), 14))
    assert morning.held(morning.day(1)) == "P P P P" and not flags(morning)
