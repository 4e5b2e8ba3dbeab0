"""A centre that examines for two series at once: a director receives and opens what was meant."""

from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from models.centres import CentrePhone, RegisterDay, Return
from models.messages import Message
from operations import returns
from operations.office import now
from tests.fixtures_directors import CENTRE, ESTHER, MANAGER, STAFF, correct, hand_in, second_series, staffed
from tests.fixtures_season import Season
from tests.fixtures_service import Handset
from tests.test_directors import home
from tests.test_directors_sms import answer, staff, yes

KPSEA, KJSEA = "RR-7K4-QX9-2", "RR-8M5-RY3-7"


def received(season: Season) -> list[str]:
    """The numbers of the returns that are recorded as received."""
    with season.service.stores.transaction() as db:
        rows = (db.get(Return, (each.id, CENTRE)) for each, _ in returns.listed(db, CENTRE))
        return sorted(row.reference for row in rows if row and row.received_by == f"director:{ESTHER}")


# -- RECEIVE -------------------------------------------------------------------------------------------


def test_a_yes_receives_the_return_that_was_named_in_the_question(
    season: Season, njeri: Handset, examined: date
) -> None:
    staffed(season, examined)
    other = second_series(season, examined)
    hand_in(season, season.running, KPSEA)
    assert KPSEA in answer(njeri, f"RECEIVE {CENTRE}")
    hand_in(season, other, KJSEA)
    assert KPSEA in yes(njeri)
    assert received(season) == [KPSEA]


def test_of_two_that_wait_the_director_says_which(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    hand_in(season, season.running, KPSEA)
    hand_in(season, second_series(season, examined), KJSEA)
    said = answer(njeri, f"RECEIVE {CENTRE}")
    assert f"KPSEA {examined.year + 1}, KJSEA {examined.year + 1}?" in said and "YES" not in said
    assert "gani" in answer(njeri, f"POKEA {CENTRE}")
    assert KJSEA in answer(njeri, f"receive {CENTRE} kjsea {examined.year + 1}")
    assert KJSEA in yes(njeri)
    assert received(season) == [KJSEA]


def test_a_number_names_a_return(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    hand_in(season, season.running, KPSEA)
    hand_in(season, second_series(season, examined), KJSEA)
    assert KJSEA in answer(njeri, f"RECEIVE {CENTRE} {KJSEA.lower()}")


def test_what_somebody_received_meanwhile_is_said(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    other = second_series(season, examined)
    hand_in(season, season.running, KPSEA)
    answer(njeri, f"RECEIVE {CENTRE}")
    with season.service.stores.transaction() as db:
        returns.receive(db, CENTRE, season.running, by=STAFF, now=now(db))
    hand_in(season, other, KJSEA)
    assert f"Register {KPSEA} was recorded as received before" in yes(njeri)
    assert received(season) == []


def test_one_that_changed_is_not_offered(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    hand_in(season, season.running, KPSEA)
    hand_in(season, second_series(season, examined), KJSEA)
    correct(season, season.running)
    assert f"countersigned register {KJSEA}" in answer(njeri, f"RECEIVE {CENTRE}")
    assert "changed after it was handed in" in answer(njeri, f"RECEIVE {CENTRE} KPSEA")


def test_on_the_screen_it_is_the_same(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    other = second_series(season, examined)
    hand_in(season, season.running, KPSEA)
    home(njeri)
    assert KPSEA in njeri.send("5", CENTRE)
    hand_in(season, other, KJSEA)
    assert f"Register {KPSEA}" in njeri.send("1")
    assert received(season) == [KPSEA]


def test_on_the_screen_one_of_two_is_picked(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    hand_in(season, season.running, KPSEA)
    hand_in(season, second_series(season, examined), KJSEA)
    home(njeri)
    assert "Which register came in?" in njeri.send("5", CENTRE)
    assert KJSEA in njeri.send("2")
    assert f"Register {KJSEA}" in njeri.send("1")
    assert received(season) == [KJSEA]


def test_by_command_one_of_two_is_named(season: Season, njeri: Handset, examined: date, app: Flask) -> None:
    staffed(season, examined)
    hand_in(season, season.running, KPSEA)
    hand_in(season, second_series(season, examined), KJSEA)
    refused = staff(app, "receive", CENTRE)
    assert refused.exit_code == 1 and "--exam" in refused.output
    assert KJSEA in staff(app, "receive", CENTRE, "--exam", "KJSEA").output


# -- REOPEN --------------------------------------------------------------------------------------------


def opened(season: Season, day: date) -> list[int]:
    """The series whose register of this day the director opened again."""
    with season.service.stores.transaction() as db:
        rows = select(RegisterDay).where(RegisterDay.centre_code == CENTRE, RegisterDay.day == day)
        return sorted(row.series_id for row in db.scalars(rows) if row.reopened_by == f"director:{ESTHER}")


def test_both_registers_of_a_day_are_opened_in_one_act(
    season: Season, njeri: Handset, examined: date
) -> None:
    staffed(season, examined)
    other, day = second_series(season, examined), examined - timedelta(days=2)
    with season.service.stores.transaction() as db:
        db.add(CentrePhone(centre_code=CENTRE, phone=MANAGER, enrolled_by="test"))
    answer(njeri, f"REOPEN {CENTRE} {day:%d/%m} no network")
    year = examined.year + 1
    assert f"(KPSEA {year}, KJSEA {year}) is open again" in yes(njeri)
    assert opened(season, day) == [season.running, other]
    with season.service.stores.transaction() as db:
        told = select(Message.phone).where(Message.words == "register.reopened")
        assert db.scalars(told).all() == [MANAGER], "once for both"


def test_both_are_opened_on_the_screen(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    other, day = second_series(season, examined), examined - timedelta(days=2)
    home(njeri)
    assert "KPSEA" in njeri.send("4", CENTRE, day.strftime("%d%m"), "1", "1")
    assert opened(season, day) == [season.running, other]


def test_by_command_both_are_opened(season: Season, njeri: Handset, examined: date, app: Flask) -> None:
    staffed(season, examined)
    second_series(season, examined)
    day = (examined - timedelta(days=2)).isoformat()
    said = staff(app, "reopen", CENTRE, day, "--reason", "no network").output
    assert "KPSEA" in said and "KJSEA" in said
    again = staff(app, "reopen", CENTRE, day, "--reason", "no network")
    assert again.exit_code == 1, "none of them is closed any more"


def test_a_day_without_a_register_is_refused_before_anything_is_asked(
    season: Season, njeri: Handset, examined: date
) -> None:
    staffed(season, examined)
    assert "had no exam on that day" in answer(njeri, f"REOPEN {CENTRE} 19/11/2020 no network")
    assert "hakikuwa na mtihani" in answer(njeri, f"FUNGUA {CENTRE} 19/11/2020 hakuna mtandao")
