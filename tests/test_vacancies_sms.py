"""VACANCIES and NAFASI by SMS: a place however it is spelled, the first few with their codes, and how to apply."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from models.places import Centre
from models.series import Series, Vacancy
from telephony import gsm7
from tests.fixtures_season import PEOPLE, Season
from tests.fixtures_service import Handset

STRANGER = "+254722999888"
Ask = Callable[..., str]


@pytest.fixture
def ask(season: Season, handset: Callable[[str], Handset]) -> Ask:
    """Sends an SMS and answers what came back: one message of two segments at most."""

    def send(words: str, phone: str = STRANGER) -> str:
        there = handset(phone)
        before = len(there.inbox())
        assert there.text(words) == 200
        answers = there.inbox()[before:]
        assert len(answers) == 1, answers
        cut = gsm7.segments(answers[0])
        assert cut.encoding == "gsm7" and len(cut.parts) <= 2, answers[0]
        return answers[0]

    return send


def change(season: Season, statement: Any) -> None:
    """Change the world directly."""
    with season.service.stores.transaction() as db:
        db.execute(statement)


def test_a_county_is_answered_with_codes_and_how_to_apply(season: Season, ask: Ask) -> None:
    code = season.vacancies["supervisor", "20401001"]
    other = season.vacancies["invigilator", "20401001"]
    answer = ask("VACANCIES Nairobi")
    assert answer.startswith(f"Vacancies, Nairobi: 3. {code} Supervisor Kasarani Girls Sec (1); {other} Inv")
    assert answer.endswith(f"To apply, send APPLY {code} to 22262.")


def test_the_same_in_kiswahili(season: Season, ask: Ask) -> None:
    code = season.vacancies["supervisor", "20401001"]
    answer = ask("nafasi nairobi")
    assert answer.startswith(f"Nafasi za kazi, Nairobi: 3. {code} Msimamizi Kasarani Girls Sec (1);")
    assert answer.endswith(f"Kuomba, tuma OMBA {code} kwa 22262.")


@pytest.mark.parametrize(
    ("typed", "place", "count"),
    [
        ("VACANCIES MOMBASA", "Mombasa", 3),
        ("vacancies in mombasa county", "Mombasa", 3),
        ("Nafasi kaunti ya Mombasa", "Mombasa", 3),
        ("jobs monbasa", "Mombasa", 3),
        ("vacancies changamwe", "Changamwe", 2),
        ("vacancies changamwe sub county", "Changamwe", 2),
        ("vacancies chngamwe", "Changamwe", 2),
        ("kazi kasarani", "Kasarani", 3),
        ("vacancies kasarani girls", "Kasarani Girls Secondary School", 2),
        ("vacancies mwiki", "Mwiki Boys High School", 1),
        ("vacancies mwikki boys", "Mwiki Boys High School", 1),
        ("vacancies secondary school", "Secondary School", 5),
        ("VACANCY Kisumu", "Kisumu", 1),
        ("vacancies blind", "Likoni School for the Blind", 1),
    ],
)
def test_a_place_is_found_however_it_is_typed(ask: Ask, typed: str, place: str, count: int) -> None:
    answer = ask(typed)
    assert f", {place}: {count}." in answer, answer


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("VACANCIES Turkana", "There are no vacancies in Turkana now."),
        ("NAFASI Turkana", "Kwa sasa hakuna nafasi za kazi Turkana."),
        ("VACANCIES westlnds academy", "There are no vacancies in Westlands Academy now."),
        ("VACANCIES qqqqqq", "We know no such place."),
        ("NAFASI qqqqqq", "Hatujui mahali hapo."),
        ("VACANCIES 48213", "We know no such place."),
        ("VACANCIES", "Where? Send VACANCIES and a county"),
        ("NAFASI katika kaunti", "Wapi? Tuma NAFASI na kaunti"),
    ],
)
def test_what_cannot_be_answered_says_what_to_send(ask: Ask, typed: str, says: str) -> None:
    assert says in ask(typed)


def test_without_a_place_it_is_where_one_works(season: Season, ask: Ask) -> None:
    assert "Your vacancies, Kasarani: 3." in ask("VACANCIES", PEOPLE["amina"][0])
    change(season, update(Vacancy).where(Vacancy.centre_code.like("204010%")).values(filled=Vacancy.capacity))
    with season.service.stores.transaction() as db:
        season.make_vacancy(db, "supervisor", "supervision", "20402001", 1)
    assert "Your vacancies, Nairobi: 1." in ask("VACANCIES", PEOPLE["amina"][0])
    change(season, update(Vacancy).where(Vacancy.centre_code.like("204%")).values(filled=Vacancy.capacity))
    assert "There are no vacancies in Nairobi now." in ask("VACANCIES", PEOPLE["amina"][0])
    assert "Where?" in ask("VACANCIES", PEOPLE["baraka"][0])


@pytest.mark.parametrize(
    ("typed", "who", "position"),
    [
        ("VACANCIES Kisumu", "chebet", "driver"),
        ("NAFASI changamwe", "daudi", "security_officer"),
        ("VACANCIES changamwe secondary", "daudi", "security_officer"),
        ("VACANCIES changamwe", "fatuma", "invigilator"),
    ],
)
def test_who_is_of_a_known_kind_is_told_what_they_may_take(
    season: Season, ask: Ask, typed: str, who: str, position: str
) -> None:
    with season.service.stores.transaction() as db:
        for other in ("supervisor", "clerk", "driver"):
            season.make_vacancy(db, other, "supervision", "01101001", 1)
        for _ in range(4):
            season.make_vacancy(db, "centre_manager", "management", "42101001", 1)
    answer = ask(typed, PEOPLE[who][0])
    code = re.search("(?:APPLY|OMBA) ([0-9]+)", answer)
    kinds = {
        "driver": {"driver"},
        "security_officer": {"security_officer"},
        "invigilator": {"supervisor", "clerk", "invigilator"},
    }[position]
    with season.service.stores.sessions() as db:
        told = re.findall("[0-9]{5}", answer.split(":", 2)[1].split(".", 1)[0] + answer.split(".", 1)[1])
        named = {db.scalars(select(Vacancy.position).where(Vacancy.code == one)).first() for one in told}
        assert code and code[1] in told
    assert named - {None} <= kinds and position in named, answer
    count = int(re.search(r": ([0-9]+)\.", answer)[1])  # type: ignore[index]
    assert count == (3 if position == "invigilator" else 1)


def test_what_only_others_may_take_is_told_as_such(season: Season, ask: Ask) -> None:
    answer = ask("VACANCIES Nairobi", PEOPLE["chebet"][0])
    assert answer.startswith("Nairobi: no vacancies for your work (Driver) now, 3 for others.")
    assert "There are no vacancies in Turkana now." in ask("VACANCIES Turkana", PEOPLE["chebet"][0])
    assert ask("NAFASI Nairobi", PEOPLE["daudi"][0]).startswith("Nairobi: hakuna nafasi za kazi yako (Afisa")


def test_each_series_has_its_own_rules(season: Season, ask: Ask) -> None:
    """What the rules of one exam open to a kind is not proposed in another exam."""
    with season.service.stores.transaction() as db:
        one = db.get_one(Series, season.open)
        other = Series(exam="KPSEA", year=one.year + 1, starts=one.starts, ends=one.ends)
        other.apply_from, other.apply_until = one.apply_from, one.apply_until
        other.rules = {"positions": {"clerk": {"kinds": ["driver"]}}}
        db.add(other)
        db.flush()
        season.make_vacancy(db, "clerk", "distribution", "42101001", 2)
        season.make_vacancy(db, "clerk", "distribution", "42101001", 2, series_id=other.id)
    answer = ask("VACANCIES Kisumu", PEOPLE["chebet"][0])
    assert "Kisumu: 2." in answer and "KPSEA Clerk" in answer and "KCSE Clerk" not in answer


def test_where_nothing_is_open_at_all_no_other_place_is_proposed(season: Season, ask: Ask) -> None:
    change(season, update(Vacancy).values(filled=Vacancy.capacity))
    assert ask("VACANCIES Nairobi").startswith("There are no vacancies to apply for now.")
    assert ask("NAFASI Nairobi").startswith("Kwa sasa hakuna nafasi za kazi za kuomba.")


def test_the_nearest_come_first_and_three_are_told_within_two_segments(season: Season, ask: Ask) -> None:
    longest = "Bishop Gatimu Ngandu Girls High School Nyeri"
    with season.service.stores.transaction() as db:
        for position in ("supervisor", "clerk", "invigilator"):
            season.make_vacancy(db, position, "supervision", "20402001", 1)
    change(season, update(Centre).where(Centre.code.like("204%")).values(name=longest))
    change(season, update(Vacancy).values(capacity=5000))
    answer = ask("NAFASI")
    assert "Wapi?" in answer
    answer = ask("NAFASI nairobi", PEOPLE["amina"][0])
    assert answer.count("Bishop Gatimu Ngandu.. (5000)") == 3
    named = ask("NAFASI bishop gatimu")
    assert "Bishop Gatimu: 6." in named


def test_of_several_exams_each_is_named(season: Season, ask: Ask) -> None:
    with season.service.stores.transaction() as db:
        one = db.get_one(Series, season.open)
        other = Series(exam="KPSEA", year=one.year + 1, starts=one.starts, ends=one.ends)
        other.apply_from, other.apply_until = one.apply_from, one.apply_until
        db.add(other)
        db.flush()
        season.make_vacancy(db, "clerk", "distribution", "42101001", 2, series_id=other.id)
    answer = ask("VACANCIES Kisumu")
    assert "KCSE Driver Kisumu Day Sec (1);" in answer and "KPSEA Clerk Kisumu Day Sec (2)." in answer


def test_nothing_is_changed_by_asking(season: Season, ask: Ask) -> None:
    ask("VACANCIES Nairobi", PEOPLE["amina"][0])
    with season.service.stores.transaction() as db:
        assert not db.query(Vacancy).where(Vacancy.filled > 0).count()
