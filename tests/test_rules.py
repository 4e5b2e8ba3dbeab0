"""The rules of who may take which post: as published, as officers edit them, and as people are told."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import select

import models
from models import people, places
from models import series as tables
from models.records import Audit
from models.series import Series
from operations import office, rule_book, rules
from operations import series as verbs
from operations.office import Actor
from operations.refusals import Refusal
from operations.rule_book import Post, RuleBook
from operations.rules import Person, Place
from tests.fixtures_season import Season

BY = Actor("staff:test", "command")
RULES = Path(models.__file__).parent / "migrations" / "reference" / "rules.json"
CENTRE = "20401001"
# exam, year, position: the schools whose teachers may take it (domain sheet 1.5)
PUBLISHED = [
    ("KCSE", 2024, "supervisor", {"secondary"}),
    ("KCSE", 2024, "invigilator", {"secondary"}),
    ("KCSE", 2025, "supervisor", {"secondary"}),
    ("KCSE", 2025, "invigilator", {"primary"}),
    ("KPSEA", 2025, "supervisor", {"primary"}),
    ("KPSEA", 2025, "invigilator", {"primary", "junior"}),
    ("KJSEA", 2025, "supervisor", {"junior", "primary"}),
    ("KJSEA", 2025, "invigilator", {"primary"}),
]
TEACHER = Person(kind="teacher", level="secondary", approved=True, workplace="Mwiki Boys High School")


def place(position: str = "invigilator", **more: Any) -> Place:
    """A post at Kasarani Girls in KCSE 2027."""
    given = {"exam": "KCSE", "year": 2027, "station": "examination", "centre_code": CENTRE}
    given |= {"centre_name": "Kasarani Girls Secondary School", "county_code": "047"}
    return Place(**{**given, "position": position, **more})


def why(book: RuleBook, person: Person, where: Place) -> str:
    """The code of the refusal; empty where there is none."""
    refusal = rules.refusal_of(book, person, where)
    return refusal.code if refusal else ""


# -- the rule book -----------------------------------------------------------------------------------


def test_the_words_of_a_rule_book_are_those_of_the_tables() -> None:
    assert get_args(rule_book.Kind) == people.KINDS
    assert get_args(rule_book.Level) == places.LEVELS
    assert get_args(rule_book.Station) == places.STATIONS
    assert get_args(rule_book.Position) == tables.POSITIONS
    assert rule_book.POSTS.keys() == set(tables.POSITIONS)


@pytest.mark.parametrize(("exam", "year", "position", "levels"), PUBLISHED)
def test_the_published_rules_are_data_of_their_series(
    service: Any, exam: str, year: int, position: str, levels: set[str]
) -> None:
    with service.stores.transaction() as db:
        book = rule_book.of(db, verbs.named(db, exam, year))
    assert set(book.post(position).levels) == levels
    assert book.return_years == (2 if year == 2024 else 3)
    assert "teacher" in book.post(position).kinds and book.source


def test_every_published_rule_was_loaded(service: Any) -> None:
    with service.stores.transaction() as db:
        for one in json.loads(RULES.read_text()):
            assert verbs.named(db, one["exam"], one["year"]).rules == one["rules"]


def test_a_series_without_rules_has_those_of_the_newest_year_before_it(season: Season) -> None:
    with season.service.stores.transaction() as db:
        later = verbs.named(db, "KCSE", 2026)
        assert rule_book.of(db, later) == rule_book.of(db, verbs.named(db, "KCSE", 2025))
        first = verbs.named(db, "KCSE", 2022)
        book = rule_book.of(db, first)
    assert book == RuleBook() and book.return_years == 0
    assert book.post("driver").kinds == ["driver"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"return_yaers": 3}', "return_yaers"),
        ('{"return_years": 90}', "$.return_years"),
        ('{"positions": {"supervisor": {"kinds": ["teachr"]}}}', "teachr"),
        ('{"positions": {"supervizor": {"kinds": ["teacher"]}}}', "supervizor"),
        ('{"positions": {"supervisor": {}}}', "kinds"),
        ("not json", "malformed"),
        ("\udc80", "encode"),
    ],
)
def test_bad_rules_are_refused_with_the_place_of_the_fault(text: str, where: str) -> None:
    with pytest.raises(Refusal) as refused:
        rule_book.read_text(text)
    assert refused.value.code == "series.bad_rules" and where in refused.value.values["rules_fault"]


def test_an_officer_edits_the_rules_of_a_series(season: Season) -> None:
    with season.service.stores.transaction() as db:
        one, moment = db.get_one(Series, season.open), office.now(db)
        book = rule_book.read_text('{"return_years": 1, "positions": {"driver": {"kinds": []}}}')
        rule_book.keep(db, one, book, by=BY, now=moment)
    with season.service.stores.transaction() as db:
        assert rule_book.of(db, db.get_one(Series, season.open)) == book
        acts = db.scalars(select(Audit.act).where(Audit.subject == f"series:{season.open}")).all()
    assert acts == ["series.rules"]


# -- each rule ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "position", "code"),
    [
        ("teacher", "invigilator", ""),
        ("examiner", "supervisor", ""),
        ("driver", "driver", ""),
        ("security", "security_officer", ""),
        ("driver", "invigilator", "rule.kind"),
        ("teacher", "security_officer", "rule.kind"),
        ("teacher", "examiner", "rule.kind"),
        (None, "invigilator", "rule.kind_unknown"),
    ],
)
def test_each_position_is_for_certain_kinds(kind: str | None, position: str, code: str) -> None:
    assert why(RuleBook(), Person(kind=kind, approved=True), place(position)) == code


@pytest.mark.parametrize(
    ("level", "code"), [("primary", ""), ("secondary", "rule.level"), ("junior", "rule.level"), (None, "")]
)
def test_some_posts_are_for_teachers_of_certain_schools(level: str | None, code: str) -> None:
    book = RuleBook(positions={"invigilator": Post(["teacher"], ["primary"])})
    assert why(book, Person(kind="teacher", level=level, approved=True), place()) == code


@pytest.mark.parametrize(
    ("year", "years", "code"),
    [
        (2026, 3, "rule.served"),
        (2024, 3, "rule.served"),
        (2023, 3, ""),
        (2024, 2, ""),
        (2025, 2, "rule.served"),
        (2027, 3, ""),  # KPSEA and KCSE of one year at one centre are one season
        (2026, 0, ""),
    ],
)
def test_nobody_returns_to_a_centre_within_the_years(year: int, years: int, code: str) -> None:
    person = Person(kind="teacher", approved=True, served={CENTRE: (year,)})
    assert why(RuleBook(return_years=years), person, place()) == code
    assert why(RuleBook(return_years=years), person, place(centre_code="20401002")) == ""


def test_a_marking_centre_may_be_returned_to() -> None:
    person = Person(kind="examiner", approved=True, served={CENTRE: (2026,)})
    assert why(RuleBook(return_years=3), person, place("examiner", station="marking")) == ""


@pytest.mark.parametrize(
    ("subject", "paper", "code"),
    [
        ("Mathematics", "1", ""),
        ("MATHEMATICS", None, ""),
        (None, None, ""),
        ("Mathematics", "2", "rule.subject"),
        ("Kiswahili", "1", "rule.subject"),
    ],
)
def test_an_examiner_marks_their_subject(subject: str | None, paper: str | None, code: str) -> None:
    examiner = Person(kind="examiner", approved=True, subject="mathematics", paper="1")
    where = place("examiner", station="marking", subject=subject, paper=paper)
    assert why(RuleBook(), examiner, where) == code


@pytest.mark.parametrize(
    ("person", "position", "code"),
    [
        ({"school_id": 7}, "invigilator", "rule.own_school"),
        ({"school_id": 7}, "centre_manager", ""),
        ({"school_id": 8}, "invigilator", ""),
        ({"workplace": "KASARANI GIRLS SECONDARY", "county_code": "047"}, "invigilator", "rule.own_school"),
        ({"workplace": "Kasarani Girls Secondary School"}, "supervisor", "rule.own_school"),
        ({"workplace": "Kasarani Girls Secondary School", "county_code": "001"}, "supervisor", ""),
        ({"workplace": "Kasarani Primary School"}, "supervisor", ""),
        ({"workplace": ""}, "supervisor", ""),
    ],
)
def test_nobody_serves_where_they_teach(person: dict[str, Any], position: str, code: str) -> None:
    teacher = Person(kind="teacher", approved=True, **person)
    assert why(RuleBook(), teacher, place(position, school_id=7)) == code


def test_learners_own_teachers_serve_in_kilea_and_it_has_no_supervisor(service: Any) -> None:
    with service.stores.transaction() as db:
        book = rule_book.of(db, verbs.named(db, "KILEA", 2025))
    teacher = Person(kind="teacher", approved=True, school_id=7)
    assert why(book, teacher, place("invigilator", school_id=7)) == ""
    assert why(book, teacher, place("supervisor")) == "rule.no_such_post"


def test_a_declared_interest_and_a_missing_approval_are_refused() -> None:
    interested = Person(kind="teacher", approved=True, interests=frozenset({CENTRE}))
    assert why(RuleBook(), interested, place()) == "rule.interest"
    assert why(RuleBook(), Person(kind="teacher"), place()) == "rule.not_approved"
    assert why(RuleBook(approved=False), Person(kind="teacher"), place()) == ""
