"""The search: each list holds only what still has vacancies, nearest first; the result, and its count."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.series import Series, Vacancy
from operations import office, vacancy_search
from operations.vacancy_search import LISTS, Home
from tests.fixtures_season import Season, sub_county

POSITIONS = ["centre_manager", "supervisor", "invigilator", "security_officer", "driver"]


def listed(season: Season, name: str, home: str = "", **picked: str) -> list[str]:
    """What a list holds, by name or by word."""
    with season.service.stores.transaction() as db:
        asked = {each: value for each, value in picked.items() if value}
        found = vacancy_search.choices(db, asked, name, home=home_at(db, home), now=office.now(db))
        return [each.name or each.value for each in found]


def result(season: Season, typed: str = "", home: str = "", **picked: str) -> list[tuple[str, str, int]]:
    """Position, centre and places left of each vacancy that is found."""
    with season.service.stores.transaction() as db:
        now = office.now(db)
        found = vacancy_search.results(db, picked, typed, home=home_at(db, home), now=now)
        assert typed or vacancy_search.count(db, picked, now=now) == len(found)
        return [(each.position, each.centre.split()[0], each.left) for each in found]


def home_at(db: Any, name: str) -> Home | None:
    """Somebody's home in a sub-county."""
    if not name:
        return None
    counties = {"Kasarani": ("047", "Nairobi"), "Likoni": ("001", "Mombasa")}
    code, county = counties[name]
    return Home(code, sub_county(db, name), county, name)


def change(season: Season, statement: Any) -> None:
    """Change the world directly."""
    with season.service.stores.transaction() as db:
        db.execute(statement)


def place(season: Season, name: str) -> str:
    """The value of a sub-county."""
    with season.service.stores.transaction() as db:
        return str(sub_county(db, name))


def test_the_lists_come_in_the_order_of_cp2() -> None:
    assert LISTS == ("exam", "activity", "station", "position", "county", "sub_county")


def test_each_list_holds_what_has_vacancies_after_what_was_picked(season: Season) -> None:
    assert len(listed(season, "exam")) == 1 and listed(season, "exam")[0].startswith("KCSE ")
    doing = ["supervision", "invigilation", "management", "security", "transport"]
    assert listed(season, "activity") == doing
    assert listed(season, "station") == ["examination"]
    assert listed(season, "position") == POSITIONS
    assert listed(season, "position", activity="security") == ["security_officer"]
    assert listed(season, "county") == ["Kisumu", "Mombasa", "Nairobi"]
    assert listed(season, "county", position="invigilator") == ["Mombasa", "Nairobi"]
    assert listed(season, "county", position="driver") == ["Kisumu"]
    assert listed(season, "sub_county", county="001") == ["Changamwe", "Likoni"]
    assert listed(season, "sub_county", county="001", position="security_officer") == ["Changamwe"]
    assert listed(season, "sub_county") == []  # it depends on its county


def test_a_list_ignores_what_was_picked_in_it_or_after_it(season: Season) -> None:
    """One has gone back: what was picked further on is not meant any more."""
    assert listed(season, "position", position="driver", county="001", sub_county="1") == POSITIONS
    assert listed(season, "activity", activity="transport") == listed(season, "activity")


@pytest.mark.parametrize("how", ["full", "closed", "late", "over", "early"])
def test_what_nobody_can_apply_for_is_in_no_list(season: Season, how: str) -> None:
    with season.service.stores.transaction() as db:
        now = office.now(db)
    vacancy = update(Vacancy).where(Vacancy.position == "driver")
    series = update(Series).where(Series.id == season.open)
    change(
        season,
        {
            "full": vacancy.values(filled=Vacancy.capacity),
            "closed": vacancy.values(closed_at=now),
            "late": series.values(apply_until=now),
            "over": series.values(closed_at=now),
            "early": series.values(apply_from=now + timedelta(days=1)),
        }[how],
    )
    assert "driver" not in listed(season, "position") and "transport" not in listed(season, "activity")
    assert "Kisumu" not in listed(season, "county") and listed(season, "sub_county", county="042") == []
    assert "driver" not in [position for position, *_ in result(season)]
    if how in ("late", "over", "early"):
        assert listed(season, "exam") == [] and result(season) == []


def test_vacancies_of_a_series_that_is_not_open_hide_nothing(season: Season) -> None:
    with season.service.stores.transaction() as db:
        season.make_vacancy(db, "clerk", "distribution", "20401001", 2, series_id=season.running)
    assert "clerk" not in listed(season, "position") and len(listed(season, "exam")) == 1


def test_two_open_series_are_listed_by_their_days(season: Season) -> None:
    with season.service.stores.transaction() as db:
        one = db.get_one(Series, season.open)
        earlier = Series(exam="PTE", year=one.year, starts=season.today(db), ends=one.ends)
        earlier.apply_from, earlier.apply_until = one.apply_from, one.apply_until
        db.add(earlier)
        db.flush()
        season.make_vacancy(db, "clerk", "distribution", "01102001", 2, series_id=earlier.id)
        value = str(earlier.id)
    assert [name.split()[0] for name in listed(season, "exam")] == ["PTE", "KCSE"]
    assert listed(season, "position", exam=value) == ["clerk"]
    assert listed(season, "county", exam=value) == ["Mombasa"]


def test_ones_own_county_and_sub_county_stand_first(season: Season) -> None:
    assert listed(season, "county", home="Kasarani") == ["Nairobi", "Kisumu", "Mombasa"]
    assert listed(season, "sub_county", home="Likoni", county="001") == ["Likoni", "Changamwe"]
    assert listed(season, "county", home="Kasarani", position="driver") == ["Kisumu"]


def test_the_result_is_ones_own_sub_county_then_the_county_then_the_rest(season: Season) -> None:
    centres = [centre for _, centre, _ in result(season, home="Likoni")]
    assert centres[0] == "Likoni" and set(centres[1:3]) == {"Changamwe"}
    assert sorted(centres[3:]) == ["Kasarani", "Kasarani", "Kisumu", "Mwiki"]
    assert len(result(season)) == 7
    assert result(season, position="invigilator", home="Kasarani")[0] == ("invigilator", "Kasarani", 3)
    there = place(season, "Changamwe")
    assert {c for _, c, _ in result(season, county="001", sub_county=there, home="Kasarani")} == {"Changamwe"}
    assert {c for _, c, _ in result(season, county="001", home="Likoni")} == {"Changamwe", "Likoni"}
    assert {c for _, c, _ in result(season, county="042", home="Likoni")} == {"Kisumu"}
    assert result(season, centre="20401002") == [("invigilator", "Mwiki", 2)]


def test_letters_narrow_the_result_to_centres_of_that_name(season: Season) -> None:
    assert result(season, "kasarani GIRLS")[0][1] == "Kasarani"
    assert result(season, "girls kasa", position="supervisor") == [("supervisor", "Kasarani", 1)]
    assert result(season, "%") == result(season, "nowhere") == []


def test_the_result_and_its_count_stop(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    with season.service.stores.transaction() as db:
        assert len(vacancy_search.results(db, {}, now=office.now(db), most=2)) == 2
        monkeypatch.setattr(vacancy_search, "MOST_COUNTED", 3)
        assert vacancy_search.count(db, {}, now=office.now(db)) == 4
        assert vacancy_search.count(db, {"county": "047"}, now=office.now(db)) == 3


def test_home_is_where_the_profile_says(season: Season) -> None:
    with season.service.stores.transaction() as db:
        home = vacancy_search.home_of(db, season.accounts["amina"])
        assert home is not None and (home.county, home.sub_county) == ("Nairobi", "Kasarani")
        assert vacancy_search.home_of(db, season.accounts["baraka"]) is None
