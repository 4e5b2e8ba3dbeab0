"""The rules on real people: what is read of them, what they declare, and in which words they hear a refusal."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from menus.vocabulary import Words
from menus.wording import Wording
from models.accounts import Account
from models.people import Interest, Profile, Service
from models.places import Centre, School
from models.records import Audit
from models.registers import Eligibility
from models.series import Series, Vacancy
from operations import office, rules
from operations.office import Actor, Office
from operations.refusals import Refusal
from operations.rule_book import RuleBook
from tests.fixtures_season import Season

BY = Actor("phone:+254711000001", "ussd")
CENTRE = "20401001"


def check(season: Season, who: str, position: str = "invigilator", centre: str = CENTRE) -> str:
    """The code of what is refused to somebody; empty where nothing is."""
    with season.service.stores.transaction() as db:
        code = season.vacancies[position, centre]
        vacancy = db.scalars(select(Vacancy).where(Vacancy.code == code)).one()
        try:
            rules.check(db, season.accounts[who], vacancy, now=office.now(db))
        except Refusal as refusal:
            return refusal.code
    return ""


def change(season: Season, *statements: Any) -> None:
    """Change the world directly."""
    with season.service.stores.transaction() as db:
        for statement in statements:
            db.execute(statement) if not hasattr(statement, "_sa_instance_state") else db.add(statement)


def test_a_teacher_may_and_a_driver_may_not(season: Season) -> None:
    assert check(season, "amina") == ""
    assert check(season, "chebet") == "rule.kind"
    assert check(season, "chebet", "driver", "42101001") == ""
    assert check(season, "daudi", "security_officer", "01101001") == ""
    assert check(season, "esther") == "rule.not_approved"
    assert check(season, "baraka") == "rule.kind_unknown"


def served(season: Season, who: str, years_ago: int, centre: str = CENTRE) -> Service:
    """A season served before."""
    with season.service.stores.transaction() as db:
        year = db.get_one(Series, season.open).year
        national_id = db.get_one(Account, season.accounts[who]).national_id or ""
    return Service(
        national_id=national_id,
        year=year - years_ago,
        exam="KPSEA",
        centre_code=centre,
        position="invigilator",
    )


@pytest.mark.parametrize(("years_ago", "code"), [(1, "rule.served"), (3, "rule.served"), (4, "")])
def test_a_season_served_is_known_by_national_id(season: Season, years_ago: int, code: str) -> None:
    change(season, served(season, "amina", years_ago))
    assert check(season, "amina") == code
    assert check(season, "amina", centre="20401002") == "" and check(season, "fatuma") == ""


@pytest.mark.parametrize(("state", "code"), [("accepted", "rule.served"), ("declined", "")])
def test_a_deployment_of_an_earlier_series_counts_once_it_was_accepted(
    season: Season, state: str, code: str
) -> None:
    with season.service.stores.transaction() as db:
        last = Series(
            exam="PTE", year=season.today(db).year - 1, starts=season.today(db), ends=season.today(db)
        )
        db.add(last)
        db.flush()
        season.make_deployment(db, "amina", CENTRE, "invigilator", series_id=last.id, state=state)
    assert check(season, "amina") == code


def test_of_people_without_a_national_id_each_has_served_only_their_own_years(season: Season) -> None:
    with season.service.stores.transaction() as db:
        day = season.today(db)
        last = Series(exam="PTE", year=day.year - 1, starts=day, ends=day)
        db.add(last)
        db.flush()
        season.make_deployment(db, "fatuma", CENTRE, "invigilator", series_id=last.id, state="accepted")
        both = (season.accounts["amina"], season.accounts["fatuma"])
        db.execute(update(Account).where(Account.id.in_(both)).values(national_id=None))
    assert check(season, "fatuma") == "rule.served"
    assert check(season, "amina") == ""


def test_ones_own_school_by_its_row_and_the_level_of_the_school(season: Season) -> None:
    school = School(name="Kasarani Girls", level="primary", county_code="047", area="Kasarani")
    change(season, school)
    with season.service.stores.transaction() as db:
        school_id = db.scalars(select(School.id).where(School.name == "Kasarani Girls")).one()
    mine = Profile.account_id == season.accounts["amina"]
    change(
        season,
        update(Centre).where(Centre.code == CENTRE).values(school_id=school_id),
        update(Profile).where(mine).values(school_id=school_id),
    )
    assert check(season, "amina") == "rule.own_school"
    secondary = {"positions": {"invigilator": {"kinds": ["teacher"], "levels": ["secondary"]}}}
    change(season, update(Series).where(Series.id == season.open).values(rules=secondary))
    assert check(season, "amina", centre="20401002") == ""  # the register says secondary
    own = Eligibility.account_id == season.accounts["amina"]
    change(season, update(Eligibility).where(own).values(level=None))
    assert check(season, "amina", centre="20401002") == "rule.level"  # the school says primary


def test_an_interest_is_declared_once_and_holds(season: Season) -> None:
    for reason in ("My child sits there", "and my cousin"):
        with season.service.stores.transaction() as db:
            account, moment = season.accounts["amina"], office.now(db)
            rules.declare_interest(db, account, CENTRE, reason, by=BY, now=moment)
    assert check(season, "amina") == "rule.interest"
    assert check(season, "amina", centre="20401002") == ""
    with season.service.stores.transaction() as db:
        assert db.scalars(select(Interest.reason)).all() == ["My child sits there"]
        assert db.scalar(select(func.count()).where(Audit.act == "interest.declare")) == 1


@pytest.mark.parametrize(
    ("centre", "reason", "code"), [("99999999", "a child", "rule.no_centre"), (CENTRE, " ", "rule.no_reason")]
)
def test_an_interest_names_a_centre_and_a_reason(season: Season, centre: str, reason: str, code: str) -> None:
    with season.service.stores.transaction() as db, pytest.raises(Refusal) as refused:
        rules.declare_interest(db, season.accounts["amina"], centre, reason, by=BY, now=office.now(db))
    assert refused.value.code == code


def test_a_check_asks_the_database_a_few_times_whatever_somebody_served(season: Season) -> None:
    change(season, *(served(season, "amina", n, f"2040{n:04}") for n in range(1, 9)))
    with season.service.stores.transaction() as db:
        vacancy = db.scalars(select(Vacancy).order_by(Vacancy.id).limit(1)).one()
        asked: list[str] = []
        event.listen(db.connection(), "before_cursor_execute", lambda *args: asked.append(args[2]))
        rules.refusal_of(RuleBook(), rules.person(db, season.accounts["amina"]), place(db, vacancy))
    assert len(asked) <= 5, asked


def place(db: Any, vacancy: Vacancy) -> rules.Place:
    series = db.get_one(Series, vacancy.series_id)
    return rules.place_of(db, series, vacancy.centre_code, vacancy.position, None, None)


@pytest.mark.parametrize(
    ("refusal", "en", "sw"),
    [
        (
            Refusal("rule.served", served_year="2024", rest_years="3"),
            "You served at this centre in 2024. Nobody returns within 3 years.",
            "Ulihudumu kituo hiki 2024. Hakuna anayerudi kabla ya miaka 3.",
        ),
        (
            Refusal("rule.kind", wanted_people="@term.people.teacher", own_people="@term.people.driver"),
            "This post is for teachers, not for drivers.",
            "Nafasi hii ni ya walimu, si ya madereva.",
        ),
        (
            Refusal("rule.level", own_teachers="@term.teachers.secondary", exam_name="KCSE"),
            "In KCSE this post is not for secondary school teachers.",
            "Kwa KCSE nafasi hii si ya walimu wa sekondari.",
        ),
    ],
)
def test_a_refusal_explains_itself_in_both_languages(
    words: Mapping[str, Words], office: Office, refusal: Refusal, en: str, sw: str
) -> None:
    wording = Wording(words, office)
    assert wording.sms(refusal.code, "en", refusal.values) == en
    assert wording.sms(refusal.code, "sw", refusal.values) == sw
