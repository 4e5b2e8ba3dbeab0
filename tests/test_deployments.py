"""Offering a post: what it says, whom it may go to, and that it is told once."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.deployments import Deployment
from models.messages import Message
from models.people import Service
from models.records import Audit
from models.series import Series
from operations import confirmations, contacts, deployments, office
from operations.office import NAIROBI
from tests.deploying import (
    BOYS,
    COAST,
    GIRLS,
    application,
    applied,
    do,
    filled,
    offer,
    plain_rules,
    post,
    refused,
    row,
    words,
)
from tests.fixtures_season import PEOPLE, Season


@pytest.fixture(autouse=True)
def rules(season: Season) -> None:
    """Few people fill many posts."""
    plain_rules(season)


def test_an_offer_says_what_follows_from_the_series_and_the_centre(season: Season) -> None:
    director = ("director", "Kasarani", "SCDE Kasarani", "0700 000 001", "scde@example.ke")
    do(season, lambda db, now: contacts.keep(db, *director))
    made = row(season, offer(season, "amina"))
    with season.service.stores.sessions() as db:
        series = db.get_one(Series, season.open)
    assert series.rehearsal is not None
    assert made.reporting_at == datetime.combine(series.rehearsal, time(7, tzinfo=NAIROBI))
    assert (made.first_day, made.last_day) == (series.rehearsal, series.ends)
    assert (made.report_to, made.carry) == ("SCDE Kasarani, 0700 000 001", deployments.CARRY)
    assert (made.state, made.roster_no, made.reference[:3]) == ("offered", 1, "DP-")


def test_without_a_known_director_the_office_is_named(season: Season) -> None:
    assert row(season, offer(season, "amina", COAST)).report_to == "SCDE Changamwe"


def test_the_offer_is_told_once_with_a_code_that_lives_until_reporting(season: Season) -> None:
    first, second = offer(season, "amina"), offer(season, "amina")
    assert first == second and words(season, "amina") == ["deployment.offered"]
    with season.service.stores.sessions() as db:
        told = db.scalars(select(Message).where(Message.words == "deployment.offered")).one()
        assert (told.klass, told.lane, told.account_id) == ("notice", "bulk", season.accounts["amina"])
        assert told.natural_key == f"deployment.offered:{first}"
        asked = db.scalars(confirmations.living(PEOPLE["amina"][0], office.now(db))).one()
        assert (asked.act, str(asked.id)) == ("accept", told.details["confirmation"])
        assert asked.expires_at == db.get_one(Deployment, first).reporting_at


def test_each_act_leaves_an_audit_row(season: Season) -> None:
    number = offer(season, "amina")
    with season.service.stores.sessions() as db:
        mine = select(Audit.act, Audit.actor).where(Audit.subject == f"deployment:{number}")
        assert db.execute(mine).all() == [("deployment.offer", "staff:test")]


def test_one_live_deployment_a_person_and_series(season: Season) -> None:
    offer(season, "amina")
    for centre, position in ((BOYS, "supervisor"), (GIRLS, "invigilator")):
        said = refused(season, lambda db, now, at=(centre, position): post(db, season, "amina", *at))
        assert said == "deployment.elsewhere"
    # Another series is another matter.
    assert offer(season, "amina", BOYS, series_id=season.running)


REFUSED = {
    "unknown centre": ("amina", "99999999", "supervisor", "deployment.no_centre"),
    "no position": ("amina", GIRLS, "headmaster", "deployment.no_position"),
    "a driver may not supervise": ("chebet", GIRLS, "supervisor", "rule.kind"),
    "not yet approved": ("esther", GIRLS, "supervisor", "rule.not_approved"),
    "nothing known of the person": ("baraka", GIRLS, "supervisor", "rule.kind_unknown"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_offer_that_cannot_be(season: Season, case: str) -> None:
    name, centre, position, code = REFUSED[case]
    assert refused(season, lambda db, now: post(db, season, name, centre, position)) == code
    assert words(season, name) == []


def test_who_served_there_lately_is_blocked_at_deployment_too(season: Season) -> None:
    def serve(db: Session, now: datetime) -> None:
        year = db.get_one(Series, season.open).year - 2
        national_id = db.get_one(Account, season.accounts["amina"]).national_id or ""
        there = {"exam": "KCSE", "centre_code": GIRLS, "position": "invigilator"}
        db.add(Service(national_id=national_id, year=year, **there))

    do(season, serve)
    assert refused(season, lambda db, now: post(db, season, "amina", GIRLS)) == "rule.served"
    assert offer(season, "amina", BOYS)


WRONG_TIMES = {"yesterday": (-1, "deployment.report_past"), "after the exam": (400, "deployment.over")}


@pytest.mark.parametrize("when", WRONG_TIMES)
def test_a_reporting_time_that_cannot_be(season: Season, when: str) -> None:
    days, code = WRONG_TIMES[when]

    def offered(db: Session, now: datetime) -> None:
        post(db, season, "amina", GIRLS, reporting_at=now + timedelta(days=days))

    assert refused(season, offered) == code


def test_who_reports_later_begins_later(season: Season) -> None:
    later = do(season, lambda db, now: now + timedelta(days=70))
    made = row(season, offer(season, "amina", reporting_at=later))
    assert (made.reporting_at, made.first_day) == (later, later.astimezone(NAIROBI).date())


def test_in_a_series_in_progress_one_reports_tomorrow_at_seven(season: Season) -> None:
    made = row(season, offer(season, "amina", series_id=season.running))
    today = do(season, lambda db, now: season.today(db))
    local = made.reporting_at.astimezone(NAIROBI)
    assert (local.date(), local.hour, made.first_day) == (today + timedelta(days=1), 7, local.date())


def test_a_series_that_is_closed_takes_nobody(season: Season) -> None:
    def close(db: Session, now: datetime) -> None:
        db.get_one(Series, season.open).closed_at = now

    do(season, close)
    assert refused(season, lambda db, now: post(db, season, "amina", GIRLS)) == "deployment.over"


@pytest.mark.parametrize("more", [{"report_to": "x" * 63}, {"carry": "y" * 61}, {"carry": "pens \u2603"}])
def test_whom_and_what_have_room_in_an_sms(season: Season, more: dict[str, Any]) -> None:
    assert refused(season, lambda db, now: post(db, season, "amina", GIRLS, **more)) == "deployment.wordy"


# -- places ------------------------------------------------------------------------------------------


def test_an_offer_takes_a_place_that_is_advertised(season: Season) -> None:
    offer(season, "amina")
    assert filled(season) == 1
    assert refused(season, lambda db, now: post(db, season, "fatuma", GIRLS)) == "deployment.full"
    # Nobody advertised a clerk there: no place is counted.
    assert row(season, offer(season, "fatuma", GIRLS, "clerk")).vacancy_id is None


def test_officers_fill_posts_after_the_time_of_applying(season: Season) -> None:
    def close(db: Session, now: datetime) -> None:
        db.get_one(Series, season.open).apply_until = now - timedelta(days=1)

    do(season, close)
    offer(season, "amina")
    assert filled(season) == 1


def test_an_application_for_the_post_is_the_one_that_is_deployed(season: Season) -> None:
    number = applied(season, "amina")
    made = row(season, offer(season, "amina", application_id=number))
    assert (made.application_id, filled(season)) == (number, 1)
    assert application(season, number)[0] == "deployed"


def test_an_application_for_another_post_is_let_go(season: Season) -> None:
    number = applied(season, "amina", "invigilator", BOYS)
    made = row(season, offer(season, "amina"))
    assert (made.application_id, filled(season), filled(season, "invigilator", BOYS)) == (None, 1, 0)
    assert application(season, number) == ("released", "deployed_elsewhere")


def test_somebody_elses_application_is_refused(season: Season) -> None:
    number = applied(season, "fatuma")
    said = refused(season, lambda db, now: post(db, season, "amina", GIRLS, application_id=number))
    assert said == "deployment.no_application"
