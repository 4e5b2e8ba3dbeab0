"""School names: short forms, the order of words and the kind left out hide no school; its neighbours differ."""

import pytest

from operations import school_names
from operations.rule_book import RuleBook
from operations.rules import Person, Place, judge_own_school

RIVERSIDE, GIRLS, BOYS = (
    "Thika Riverside Primary",
    "Kasarani Girls Secondary School",
    "Mwiki Boys High School",
)
SAME = [
    ("Thika Riverside Primary School", RIVERSIDE),
    ("Thika Riverside Pri", RIVERSIDE),
    ("THIKA RIVERSIDE PRI SCH.", RIVERSIDE),
    ("Thika Riverside Prim.", RIVERSIDE),
    ("Thika Riverside P/S", RIVERSIDE),
    ("Thika Riverside", RIVERSIDE),
    ("Riverside Primary Thika", RIVERSIDE),
    ("Thika  Riverside Comprehensive School", RIVERSIDE),
    ("Kasarani Girls", GIRLS),
    ("Kasarani Girls Sec", GIRLS),
    ("Girls Kasarani Sec. Sch", GIRLS),
    ("Kasarani Girls High", GIRLS),
    ("Mwiki Boys H/S", BOYS),
    ("Mwiki Boys Secondary", BOYS),
    ("Mwiki Boys H.S.", BOYS),
    ("Saint Mary's Girls", "St. Marys Girls High School"),
    ("Likoni School for Blind", "Likoni School for the Blind"),
]
OTHERS = [
    ("Thika Primary", RIVERSIDE),
    ("Thika", RIVERSIDE),
    ("Riverside Primary", RIVERSIDE),
    ("Thika Riverside Secondary", RIVERSIDE),
    ("Thika Riverside Academy", RIVERSIDE),
    ("Thika Riverview Primary", RIVERSIDE),
    ("Kasarani Boys", GIRLS),
    ("Kasarani Boys", "Kasarani Girls"),
    ("Kasarani Primary School", GIRLS),
    ("Kasarani Secondary", GIRLS),
    ("Primary School", "Primary School"),
    ("Girls High School", "Girls Secondary"),
    ("", RIVERSIDE),
    ("School", ""),
    ("Westlands Primary", "Westlands Academy"),
    ("Moi 2 Primary", "Moi Primary"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_school_however_it_is_written(one: str, other: str) -> None:
    assert school_names.same(one, other) and school_names.same(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_near_names_are_other_schools(one: str, other: str) -> None:
    assert not school_names.same(one, other) and not school_names.same(other, one)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Riverside Primary", RIVERSIDE, True),  # in Thika nobody says Thika
        ("Riverside", RIVERSIDE, True),
        ("Thika Primary", RIVERSIDE, False),
        ("Thika Primary", "Thika Pri Sch", True),
        ("Thika Girls", "Thika Boys", False),
        ("Thika Girls", "Girls", False),
    ],
)
def test_within_the_area_its_name_need_not_be_said(one: str, other: str, same: bool) -> None:
    assert school_names.same(one, other, ["Thika West"]) is same


@pytest.mark.parametrize(
    ("workplace", "county", "sub_county", "refused"),
    [
        ("Thika Riverside Pri", "022", "Ruiru", True),
        ("Thika Riverside Pri", "047", "Kasarani", False),  # another county's
        ("Thika Riverside Pri", None, None, True),  # in doubt
        ("Riverside Pri", "022", "Thika West", True),
        ("Riverside Pri", "022", "Ruiru", False),
        ("Thika Pri", "022", "Thika West", False),
    ],
)
def test_ones_own_school_is_refused_by_short_forms(
    workplace: str, county: str | None, sub_county: str | None, refused: bool
) -> None:
    teacher = Person(
        kind="teacher", approved=True, workplace=workplace, county_code=county, sub_county=sub_county
    )
    place = Place(
        exam="KPSEA",
        year=2027,
        position="invigilator",
        station="examination",
        centre_code="20401009",
        centre_name=RIVERSIDE,
        county_code="022",
        sub_county="Thika West",
    )
    refusal = judge_own_school(RuleBook(), teacher, place)
    assert (refusal is not None and refusal.code == "rule.own_school") is refused
