"""Places by a few letters, typing errors forgiven; the reference data are the 301 sub-counties."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from models.places import School
from operations import places
from runtime.stores import Stores


@pytest.fixture
def db(stores: Stores) -> Iterator[Session]:
    with stores.sessions() as db:
        yield db


@pytest.mark.parametrize(
    ("typed", "first", "most"),
    [
        ("kasa", "Kasarani, Nairobi", 3),
        ("KASARANI", "Kasarani, Nairobi", 1),
        ("kasrani", "Kasarani, Nairobi", 3),
        ("Kasaranni", "Kasarani, Nairobi", 3),
        ("kasarani nairobi", "Kasarani, Nairobi", 1),
        ("westl", "Westlands, Nairobi", 3),
        ("chagamwe", "Changamwe, Mombasa", 3),
        ("mwea", "Kirinyaga North/Mwea West, Kirinyaga", 5),
        ("muranga south", "Muranga South, Murang'a", 1),
        ("tharaka", "Tharaka North, Tharaka-Nithi", 8),
        ("  lik  ", "Likoni, Mombasa", 3),
    ],
)
def test_the_likeliest_sub_county_comes_first(db: Session, typed: str, first: str, most: int) -> None:
    found = [place.label for place in places.find_sub_counties(db, typed)]
    assert found[0] == first
    assert len(found) <= most, found


def test_the_name_of_a_county_brings_all_of_it(db: Session) -> None:
    found = places.find_sub_counties(db, "nairobi")
    assert len(found) == 17
    assert {place.county for place in found} == {"Nairobi"}
    misspelled = places.find_sub_counties(db, "nairoby")
    assert {place.county for place in misspelled} == {"Nairobi"}


@pytest.mark.parametrize("typed", ["", "   ", "zzzz", "%", "_", "'; DROP TABLE county", "0", "\u202e"])
def test_what_is_no_place_finds_none(db: Session, typed: str) -> None:
    assert places.find_sub_counties(db, typed) == []


def test_one_may_stay_within_a_county(db: Session) -> None:
    every = places.find_sub_counties(db, "", county="001")
    assert [place.name for place in every] == sorted(place.name for place in every)
    assert {place.county for place in every} == {"Mombasa"}
    assert places.find_sub_counties(db, "kasarani", county="001") == []


def test_never_more_than_a_person_will_page_through(db: Session) -> None:
    for typed in ("e", "an", "north", "central", "west"):
        assert len(places.find_sub_counties(db, typed)) <= places.MOST_FOUND


def test_the_county_of_a_sub_county(db: Session) -> None:
    kasarani = places.find_sub_counties(db, "kasarani")[0]
    county = places.county_of(db, kasarani.id)
    assert county is not None and (county.code, county.name) == (kasarani.county_code, "Nairobi")
    assert places.county_of(db, None) is None
    assert places.sub_county(db, 0) is None


SCHOOLS = (
    ("Kasarani Girls Secondary School", "047"),
    ("Kasarani Primary School", "047"),
    ("Mwiki Boys High School", "047"),
    ("St. Mary's Girls' High School", "047"),
    ("Kasarani Academy", "001"),
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("kasa", ["Kasarani Girls Secondary School", "Kasarani Primary School"]),
        ("kasarni girls", ["Kasarani Girls Secondary School"]),
        ("mwiki", ["Mwiki Boys High School"]),
        ("st marys", ["St. Mary's Girls' High School"]),
        ("primary", ["Kasarani Primary School"]),
        ("zzzz", []),
        ("", []),
    ],
)
def test_schools_are_found_within_their_county(db: Session, typed: str, found: list[str]) -> None:
    db.add_all(School(name=name, level="secondary", county_code=code, area="") for name, code in SCHOOLS)
    db.flush()
    assert [school.name for school in places.find_schools(db, "047", typed)] == found
