"""Saving a profile line by line: the meter, what the day forbids, and what the council looks at again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.forms import Form
from models.people import Profile
from models.places import School
from models.records import Audit
from models.registers import Eligibility
from operations import forms, office, profile_edits, profiles
from operations.office import Actor, caller
from operations.refusals import Refusal
from tests.fixtures_season import Season, sub_county
from tests.processes import blocked, wait_until

BY = caller("+254711000002", "ussd")
# What Baraka, a teacher who has said nothing yet, may answer; the sub-county is added by the test.
ANSWERS = {
    "kind": "teacher",
    "full_name": "baraka mwangi",
    "mpesa_name": "BARAKA MWANGI",
    "birth_year": "1985",
    "gender": "male",
    "national_id": "23456789",
    "kra_pin": "A012345678K",
    "nssf_no": "2003456789",
    "nhif_no": "12345678",
    "email": "baraka¡x.ke",
    "bank": "KCB Bank",
    "bank_branch": "Moi Avenue",
    "bank_account": "1101234567",
    "study_level": "diploma",
    "study_place": "Kenyatta University",
    "course": "Education",
    "study_period": "2005-2008",
    "employer": "tsc",
    "employment_no": "123456",
    "workplace": "Kasarani Primary",
    "designation": "Teacher",
    "work_since": "2010",
    "kin_name": "Jane Mwangi",
    "kin_phone": "0720000001",
    "kin_relation": "spouse",
}


@pytest.fixture
def db(season: Season) -> Iterator[Session]:
    with season.service.stores.transaction() as db:
        yield db


def keep(db: Session, account: int, name: str, value: str, by: Actor = BY) -> None:
    profile_edits.keep(db, account, name, value, by=by, now=office.now(db))


def refused(db: Session, account: int, name: str, value: str) -> str:
    with pytest.raises(Refusal) as refusal:
        keep(db, account, name, value)
    return refusal.value.code


def fill(db: Session, account: int, *left_out: str) -> None:
    answers = {**ANSWERS, "sub_county": str(sub_county(db, "Kasarani"))}
    for name, answer in answers.items():
        if name not in left_out:
            keep(db, account, name, answer)


def test_an_empty_profile_misses_every_line(db: Session, season: Season) -> None:
    baraka = season.accounts["baraka"]
    assert profiles.of(db, baraka) is None
    assert profiles.meter(db, baraka).filled == 0
    assert profiles.missing(db, baraka)[:3] == ["kind", "full_name", "mpesa_name"]
    assert not profiles.complete(db, baraka)


def test_each_line_is_saved_by_itself_and_counted(db: Session, season: Season) -> None:
    baraka = season.accounts["baraka"]
    fill(db, baraka, "kra_pin", "kin_phone")
    assert profiles.meter(db, baraka) == profiles.Meter(24, 26, ("kra_pin", "kin_phone"))
    assert profiles.missing(db, baraka) == ["kra_pin", "kin_phone"]
    said = profiles.lines(db, baraka)
    assert (said["email"], said["sub_county"], said["kra_pin"]) == ("baraka@x.ke", "Kasarani, Nairobi", "")
    assert db.get_one(Account, baraka).national_id == "23456789"


def test_the_kind_decides_which_lines_are_asked(db: Session, season: Season) -> None:
    baraka = season.accounts["baraka"]
    fill(db, baraka)
    assert profiles.complete(db, baraka)
    keep(db, baraka, "kind", "examiner")
    assert profiles.missing(db, baraka) == ["subject", "paper"]
    keep(db, baraka, "kind", "driver")
    assert profiles.missing(db, baraka) == ["licence_no"]
    assert refused(db, baraka, "employment_no", "654321") == "profile.other_kind"
    keep(db, baraka, "kind", "security")
    assert profiles.missing(db, baraka) == ["service_no"]


def test_saving_the_same_again_changes_nothing(db: Session, season: Season) -> None:
    baraka = season.accounts["baraka"]
    for _ in range(3):
        keep(db, baraka, "email", "Baraka@x.ke")
    rows = db.scalars(select(Audit).where(Audit.act == "profile.keep")).all()
    assert [(row.subject, row.details) for row in rows] == [(f"account:{baraka}", {"line": "email"})]


@pytest.mark.parametrize(
    ("name", "years_ago", "code"),
    [
        ("birth_year", 17, "profile.age"),
        ("birth_year", 81, "profile.age"),
        ("work_since", -1, "profile.year_ahead"),
        ("work_since", 66, "profile.year_early"),
        ("work_since", 45, "profile.year_early"),
        ("study_period", -1, "profile.year_ahead"),
    ],
)
def test_years_are_judged_by_the_database_clock(
    db: Session, season: Season, name: str, years_ago: int, code: str
) -> None:
    baraka, this_year = season.accounts["baraka"], office.now(db).year
    keep(db, baraka, "birth_year", str(this_year - 40))
    year = str(this_year - years_ago)
    assert refused(db, baraka, name, f"{int(year) - 3}-{year}" if name == "study_period" else year) == code


@pytest.mark.parametrize("age", [18, 80])
def test_from_18_to_80_is_accepted(db: Session, season: Season, age: int) -> None:
    keep(db, season.accounts["baraka"], "birth_year", str(office.now(db).year - age))


def test_ones_own_number_and_a_place_that_is_none_are_refused(db: Session, season: Season) -> None:
    baraka = season.accounts["baraka"]
    assert refused(db, baraka, "kin_phone", "0711 000 002") == "profile.kin_own"
    assert refused(db, baraka, "sub_county", "999999") == "profile.not_listed"
    with pytest.raises(Refusal, match="not_listed"):
        profile_edits.work_at(db, baraka, 999999, by=BY, now=office.now(db))
    assert profiles.of(db, baraka) is None


def test_a_school_of_the_list_is_remembered_until_another_is_typed(db: Session, season: Season) -> None:
    baraka = season.accounts["baraka"]
    school = School(name="Toniok Primary", level="primary", county_code="030", area="Eldama Ravine")
    db.add(school)
    db.flush()
    profile_edits.work_at(db, baraka, school.id, by=BY, now=office.now(db))
    profile = db.get_one(Profile, baraka)
    assert (profile.workplace, profile.school_id) == ("Toniok Primary", school.id)
    keep(db, baraka, "workplace", "Sabor Primary")
    assert (profile.workplace, profile.school_id) == ("Sabor Primary", None)


def test_the_last_missing_line_asks_the_registers_and_ends_the_forms(db: Session, season: Season) -> None:
    baraka, now = season.accounts["baraka"], office.now(db)
    forms.begin(db, "form-1", baraka, "profile", now=now)
    fill(db, baraka, "email")
    keep(db, baraka, "designation", "Principal")
    assert db.get(Eligibility, baraka) is None
    assert db.get_one(Form, "form-1").finished_at is None
    keep(db, baraka, "email", "baraka@x.ke")
    assert db.get_one(Eligibility, baraka).standing == "waiting"
    assert db.get_one(Form, "form-1", populate_existing=True).finished_at == now


@pytest.mark.parametrize(
    ("name", "answer", "standing"),
    [
        ("email", "amina@x.ke", "approved"),
        ("mpesa_name", "Amina Otieno", "approved"),
        ("bank_account", "0123456789", "approved"),
        ("full_name", "Amina Wanjiru Mwangi", "waiting"),
        ("national_id", "34567890", "waiting"),
        ("employment_no", "765432", "waiting"),
        ("kind", "driver", "waiting"),
    ],
)
def test_a_change_of_what_was_verified_asks_again(
    db: Session, season: Season, name: str, answer: str, standing: str
) -> None:
    amina = season.accounts["amina"]
    keep(db, amina, name, answer)
    assert db.get_one(Eligibility, amina, populate_existing=True).standing == standing


def at_once(season: Season, account: int, first: tuple[str, str], second: tuple[str, str]) -> None:
    """Save two lines by phone and by SMS; the second begins before the first is committed."""
    stores = season.service.stores

    def other() -> None:
        with stores.transaction() as db:
            keep(db, account, *second)

    with ThreadPoolExecutor() as pool:
        with stores.transaction() as db:
            keep(db, account, *first)
            waiting = pool.submit(other)
            wait_until(lambda: waiting.done() or blocked(stores), "the second line waiting")
        waiting.result(timeout=60)


def test_two_who_save_the_last_two_lines_at_once_see_it_complete(season: Season) -> None:
    baraka = season.accounts["baraka"]
    with season.service.stores.transaction() as db:
        fill(db, baraka, "email", "course")
    at_once(season, baraka, ("email", "baraka@x.ke"), ("course", "Education"))
    with season.service.stores.sessions() as db:
        assert db.get(Eligibility, baraka) is not None


def test_two_who_save_the_first_two_lines_at_once_make_one_profile(season: Season) -> None:
    baraka = season.accounts["baraka"]
    at_once(season, baraka, ("email", "baraka@x.ke"), ("national_id", "23456789"))
    with season.service.stores.sessions() as db:
        assert profiles.held(db, baraka) == {"email": "baraka@x.ke", "national_id": "23456789"}


def test_a_line_saved_touches_the_profile(db: Session, season: Season) -> None:
    amina = season.accounts["amina"]
    profile = db.get_one(Profile, amina)
    profile.updated_at -= timedelta(days=30)
    db.flush()
    keep(db, amina, "email", "amina@x.ke")
    assert profile.updated_at == office.now(db)
