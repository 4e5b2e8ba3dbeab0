"""The search by USSD: the lists as they are seen, any of them skipped, and how many hops it takes to apply."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models.applications import Application
from models.forms import Form
from models.places import Centre
from models.series import Series, Vacancy
from operations import office
from tests.fixtures_season import PASSWORD, PEOPLE, Season
from tests.fixtures_service import Handset

Phones = Callable[[str], Handset]


@pytest.fixture
def signed(season: Season, handset: Phones) -> Phones:
    """Somebody of the small season, signed in and at home."""

    def sign_in(name: str) -> Handset:
        phone = handset(PEOPLE[name][0])
        phone.dial()
        phone.send(PASSWORD)
        return phone

    return sign_in


def lines(phone: Handset) -> list[str]:
    """The numbered lines on the screen."""
    return [line for line in phone.screen.splitlines() if line[:1].isdigit() and ". " in line]


def change(season: Season, statement: Any) -> None:
    """Change the world directly."""
    with season.service.stores.transaction() as db:
        db.execute(statement)


def widen(season: Season) -> None:
    """A second open exam and a second duty station, so that no list has one line only."""
    with season.service.stores.transaction() as db:
        one = db.get_one(Series, season.open)
        other = Series(exam="KJSEA", year=one.year, starts=one.starts, ends=one.ends, rules=one.rules)
        other.apply_from, other.apply_until = one.apply_from, one.apply_until
        db.add(other)
        db.flush()
        season.make_vacancy(db, "invigilator", "invigilation", "20401001", 2, series_id=other.id)
        season.make_centre(db, "20409999", "Nairobi Container", "Westlands", station="distribution")
        season.make_vacancy(db, "clerk", "invigilation", "20409999", 2, station="distribution")
        season.make_vacancy(db, "supervisor", "invigilation", "20402001", 2)
        season.make_vacancy(db, "invigilator", "invigilation", "20402001", 2)


def test_all_six_lists_and_the_application_take_eleven_hops(season: Season, signed: Phones) -> None:
    widen(season)
    amina = signed("amina")  # 1 the dial, 2 the password
    amina.send("2")
    lists = {"which exam": "2", "Which work": "3", "Which duty station": "2"}
    lists |= {"Which position": "3", "Which county": "1", "Which sub-county": "2"}
    for head, key in lists.items():
        assert head in amina.screen, amina.screen
        amina.send(key)
    assert "Vacancies: " in amina.screen
    amina.send("1")
    assert "Apply" in amina.screen
    amina.send("1")
    assert amina.screen.startswith("END Thank you for submitting your application.")
    assert 1 + len(amina.sent) == 11
    with season.service.stores.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Application)) == 1


def test_every_list_may_be_skipped_and_ones_own_county_is_the_default(season: Season, signed: Phones) -> None:
    widen(season)
    amina = signed("amina")
    amina.send("2")
    for _ in range(4):
        assert lines(amina)[0] == "1. Any"
        amina.send("1")
    assert lines(amina) == ["1. Nairobi (yours)", "2. Any", "3. Kisumu", "4. Mombasa"]
    amina.send("1")
    assert lines(amina)[:2] == ["1. Any", "2. Kasarani (yours)"]
    amina.send("1")
    assert "Vacancies: 7." in amina.screen
    assert lines(amina)[0] == "1. KCSE Supervisor, Kasarani Girls Sec (1)"  # of two exams, which one
    amina.send("0", "0")
    amina.send("2")  # any county: there is no list of sub-counties then
    assert "Vacancies: 11." in amina.screen
    with season.service.stores.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Application)) == 0


def test_a_list_of_one_is_skipped(season: Season, signed: Phones) -> None:
    """One exam is open, all at examination centres; the only driver is wanted in Kisumu."""
    chebet = signed("chebet")
    chebet.send("2")
    assert lines(chebet)[-1] == "6. Transport"
    chebet.send("6")
    assert lines(chebet) == ["1. Driver, Kisumu Day Sec (1)"] and "Vacancies: 1." in chebet.screen


def test_letters_find_a_county_and_a_centre(season: Season, signed: Phones) -> None:
    amina = signed("amina")
    amina.send("2", "1", "1")
    amina.send("kis")
    assert lines(amina) == ["1. Kisumu"]
    amina.send("monbasa")
    assert lines(amina) == ["1. Mombasa"]
    amina.send("xyz")
    assert "Nothing found." in amina.screen and lines(amina) == ["1. Mombasa"]
    amina.send("1", "1")
    assert "Vacancies: 3." in amina.screen
    amina.send("likoni")
    assert lines(amina) == ["1. Centre Manager, Likoni School for the Blind (1)"]


def test_a_post_that_the_rules_forbid_is_refused_on_the_list_with_the_reason(
    season: Season, signed: Phones
) -> None:
    chebet = signed("chebet")
    chebet.send("2", "1", "4")
    assert lines(chebet)[0] == "1. Nairobi (yours)"
    chebet.send("1")
    before = lines(chebet)
    chebet.send("1")
    assert "This post is for teachers, not for drivers." in chebet.screen
    assert lines(chebet) == before


def test_going_back_forgets_what_was_picked_further_on(season: Season, signed: Phones) -> None:
    amina = signed("amina")
    amina.send("2", "6")
    assert lines(amina) == ["1. Driver, Kisumu Day Sec (1)"]
    amina.send("0")
    assert lines(amina)[0] == "1. Any"
    amina.send("3")
    assert "Which county" in amina.screen and "Nairobi" in amina.screen


def test_what_is_taken_meanwhile_is_said(season: Season, signed: Phones) -> None:
    amina = signed("amina")
    amina.send("2")
    change(season, update(Vacancy).where(Vacancy.position == "driver").values(filled=1))
    amina.send("6")
    assert "has just been taken" in amina.screen
    amina.send("0")
    assert "Transport" not in amina.screen and "Which work" in amina.screen


def test_without_vacancies_it_is_said_and_nobody_is_stuck(season: Season, signed: Phones) -> None:
    change(season, update(Series).values(apply_until=None))
    amina = signed("amina")
    amina.send("2")
    assert "no vacancies to apply for now" in amina.screen and "00.Menu" in amina.screen
    amina.send("00")
    assert "my account" in amina.screen


def test_somebody_without_a_profile_looks_around_too(season: Season, signed: Phones) -> None:
    baraka = signed("baraka")
    baraka.send("2", "1", "1")
    assert lines(baraka) == ["1. Any", "2. Kisumu", "3. Mombasa", "4. Nairobi"]


def test_a_dropped_search_is_resumed_and_noted_once_a_person(season: Season, signed: Phones) -> None:
    amina = signed("amina")
    amina.send("2", "1", "1")
    amina.dial()
    assert "looking for vacancies" in amina.screen
    amina.send("1", PASSWORD)
    assert "Which county" in amina.screen
    amina.send("00", "2", "1", "1")
    with season.service.stores.transaction() as db:
        form = db.scalars(select(Form)).one()
        assert (form.journey, form.account_id, form.finished_at) == ("apply", season.accounts["amina"], None)


def test_the_longest_names_fit(season: Season, signed: Phones) -> None:
    longest = "Bishop Gatimu Ngandu Girls High School Nyeri"
    change(season, update(Centre).where(Centre.code == "20401001").values(name=longest))
    with season.service.stores.transaction() as db:
        now = office.now(db)
        season.make_vacancy(
            db, "examiner", "marking", "20401001", 999, subject="Christian Religious Education", paper="2"
        )
        assert now
    season.speak("amina", "sw")
    amina = signed("amina")
    amina.send("2", "1", "1", "1")
    seen = set(lines(amina))
    while "98." in amina.screen:
        amina.send("98")
        seen |= set(lines(amina))
    assert {line.split(". ", 1)[1] for line in seen} >= {
        "Mkaguzi (Invigilator), Bishop Gatimu Ngandu Girls Hi.. (3)",
        "Msahihishaji Christian Religious E.., Bishop Gatim.. (999)",
    }
