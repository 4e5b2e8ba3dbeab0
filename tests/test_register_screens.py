"""The daily register by USSD: few hops, names read back, a receipt; corrections while the day is open."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.centres import RegisterDay
from models.series import Series
from operations import day_registers, office
from operations.office import caller
from tests.fixtures_registers import CENTRE, DEPUTY, DIRECTOR, Morning, receipt_in
from tests.fixtures_service import Handset


def test_a_full_house_takes_at_most_four_hops(morning: Morning) -> None:
    phone = morning.sign_in()
    hops = ["1", "1", "1"]
    assert len(hops) <= 4
    screens = [phone.send(typed) for typed in hops]
    assert "4 officers, nobody marked yet" in screens[0] and "1. All present" in screens[0]
    assert "All present: 4" in screens[1] and "1. Yes" in screens[1]
    assert ", receipt RG-" in screens[2] and ": P 4, Ab 0\n" in screens[2]
    assert (
        morning.held() == "P P P P" and morning.audited("register.mark")[0].details["receipt"] in screens[2]
    )


NUMBERS = ["3 4", "3,4", "3.4", "3*4", "3 and 4"[:1] + ", 4", " 3  4 ", "3/4", "4 3 3", "03 04", "3+4"]


@pytest.mark.parametrize("typed", NUMBERS)
def test_the_absent_by_their_numbers_and_read_back_by_name(morning: Morning, typed: str) -> None:
    phone = morning.sign_in()
    assert "Enter the roster numbers" in phone.send("1", "2")
    back = phone.send(typed)
    assert "P 2, Ab 2: 3 Esther Njeri, 4 Daudi Ochieng" in back
    assert not morning.events()
    assert "P 2, Ab 2: 3 Esther Njeri, 4 Daudi Ochieng\n" in phone.send("1")
    assert morning.held() == "P P A A"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9", "roster number 9"),
        ("3 9", "roster number 9"),
        ("ab", "enter roster numbers"),
        ("2-4", "enter roster numbers"),
        ("2 .. 4", "enter roster numbers"),
        ("3½", "enter roster numbers"),
        ("", "enter roster numbers"),
        ("23456789", "roster number 23456789"),
    ],
)
def test_a_number_that_nobody_has_is_refused_by_name(morning: Morning, typed: str, said: str) -> None:
    phone = morning.sign_in()
    assert said in phone.send("1", "2", typed)
    assert "Enter the roster numbers" in phone.screen
    assert "Ab 1: 3 Esther" in phone.send("3")


def test_a_correction_and_one_officer_alone(morning: Morning) -> None:
    phone = morning.sign_in()
    first = receipt_in(phone.send("1", "1", "1"))
    screen = phone.send("1")
    assert "P 4, Ab 0" in screen
    assert "2 Amina Wanjiru Otieno, Supervisor: present (P)" in phone.send("3", "2")
    said = phone.send("2")
    assert "P 3, Ab 1: 2 Amina Otieno\n" in said and receipt_in(said) != first
    assert morning.held() == "P A P P"
    listed = phone.send("1", "4")
    assert "1. No.1 Fatuma Ali P\n2. No.2 Amina Otieno Ab\n3. No.3 Esther Njeri P\n" in listed
    assert "3 Esther Njeri, Invigilator: present (P)" in phone.send("3")


def test_yes_sent_twice_by_the_network_is_one_word(morning: Morning) -> None:
    phone = morning.sign_in()
    phone.send("1", "1")
    said = phone.send("1")
    assert phone.post() == said == phone.post()
    assert len(morning.events()) == 4


def test_yesterday_is_marked_until_ten_and_an_older_day_when_it_is_opened_again(morning: Morning) -> None:
    with morning.db() as db:  # so that yesterday is open whatever the hour of this test
        series = db.get_one(Series, morning.season.running)
        series.rules = {**series.rules, "register_closes": "23:59:59"}
        day_registers.reopen(
            db, CENTRE, morning.day(3), "flood", by=caller(DIRECTOR, "ussd"), now=office.now(db)
        )
    phone = morning.sign_in()
    screen = phone.send("2")
    assert "2. " in screen and "3. " not in screen  # yesterday and the day that was opened again, not today
    assert "4. Names and marks" in phone.send("1") and "code" not in phone.screen  # none works by SMS
    phone.send("2", "4", "1")
    assert morning.held(morning.day(1)) == "P P P A"
    phone.send("00", "2", "2")
    assert "code" not in phone.screen
    phone.send("1", "1")
    assert morning.held(morning.day(3)) == "P P P P"


def test_a_day_that_closes_while_it_is_read_back_is_refused_politely(morning: Morning) -> None:
    with morning.db() as db:
        series = db.get_one(Series, morning.season.running)
        series.rules = {**series.rules, "register_closes": "23:59:59"}
    phone = morning.sign_in()
    phone.send("2", "1", "1")
    with morning.db() as db:
        series = db.get_one(Series, morning.season.running)
        series.rules = {**series.rules, "register_closes": "00:00:00"}
    assert "That day is closed" in phone.send("1")
    assert not morning.events()


def test_no_exam_today(morning: Morning) -> None:
    with morning.db() as db:
        db.get_one(Series, morning.season.running).rules = {"exam_days": [morning.day(-1).isoformat()]}
    assert "no exam today" in morning.sign_in().send("1")


def test_two_exams_at_one_centre_are_asked_apart(morning: Morning) -> None:
    with morning.db() as db:
        today = morning.today
        other = Series(exam="KJSEA", year=2031, starts=today, ends=today + timedelta(days=9))
        other.rules = {"exam_days": [today.isoformat()]}
        db.add(other)
        db.flush()
        morning.season.make_deployment(db, "chebet", CENTRE, "invigilator", series_id=other.id)
    phone = morning.sign_in()
    assert "KPSEA" in phone.send("1") and "KJSEA 2031" in phone.screen
    assert "1 officers, nobody" in phone.send("2")
    phone.send("1", "1")
    assert len(morning.events()) == 1 and morning.held() == "? ? ? ?"


def test_both_sides_see_that_they_differ(morning: Morning) -> None:
    phone = morning.sign_in()
    phone.send("1", "1", "1")
    said = morning.text("ATT <code> AB 2", DEPUTY)
    assert "P 3, Ab 1: 2 Amina Otieno; another phone differs, now: 2 Ab. Receipt" in said
    assert "another phone said otherwise than you. Now: 2 Amina Wanjiru Otieno Ab" in phone.inbox()[-1]
    assert "P 3, Ab 1; phones differ: no. 2" in phone.send("00", "1")
    assert morning.held() == "P A* P P"
    phone.send("3", "2", "2")  # agreed
    assert morning.held() == "P A P P"


def test_only_the_centres_own_account_marks(morning: Morning, season: object, handset: object) -> None:
    amina: Handset = morning.handset("+254711000001")
    amina.dial()
    amina.send("mitihani7")
    assert "register" not in amina.screen.casefold()
    with morning.db() as db:
        assert not list(db.scalars(select(RegisterDay)))
