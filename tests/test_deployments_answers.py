"""Accept, decline, replace and cancel: what each does, twice and out of turn; what a person then has."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.deployments import Deployment
from models.documents import Document
from models.people import Interest
from models.places import Centre
from models.series import Vacancy
from operations import deployments, documents
from operations.refusals import Refusal
from tests.deploying import (
    BOYS,
    GIRLS,
    STAFF,
    accept,
    application,
    applied,
    cancel,
    decline,
    do,
    filled,
    offer,
    phone,
    plain_rules,
    post,
    refused,
    replace,
    row,
    words,
)
from tests.fixtures_season import Season


@pytest.fixture(autouse=True)
def rules(season: Season) -> None:
    """Few people fill many posts."""
    plain_rules(season)


def shift(season: Season, number: int, days: int) -> None:
    """Move the days of a deployment."""

    def move(db: Session, now: datetime) -> None:
        made = db.get_one(Deployment, number)
        made.first_day += timedelta(days=days)
        made.last_day += timedelta(days=days)

    do(season, move)


# -- accept ------------------------------------------------------------------------------------------


def test_accepting_twice_is_the_same_answer(season: Season) -> None:
    number = offer(season, "amina")
    assert [accept(season, number, phone("amina")) for _ in range(2)] == ["accepted"] * 2
    first = row(season, number).answered_at
    accept(season, number)
    assert row(season, number).answered_at == first and words(season, "amina") == ["deployment.offered"]


def test_what_was_declined_is_not_accepted_any_more(season: Season) -> None:
    number = offer(season, "amina")
    decline(season, number)
    assert refused(season, lambda db, now: deployments.accept(db, number, by=STAFF, now=now)) == (
        "deployment.was_declined"
    )


def test_an_exam_that_is_over_is_not_accepted(season: Season) -> None:
    number = offer(season, "amina")
    shift(season, number, -200)
    said = refused(season, lambda db, now: deployments.accept(db, number, by=STAFF, now=now))
    assert said == "deployment.over"


# -- decline -----------------------------------------------------------------------------------------


def test_a_decline_keeps_its_reason_and_frees_the_place(season: Season) -> None:
    number = offer(season, "amina")
    assert decline(season, number, "too_far", phone("amina")) == "declined"
    made = row(season, number)
    assert (made.reason, filled(season)) == ("too_far", 0) and made.ended_at is not None
    assert decline(season, number, "sick", phone("amina")) == "declined"
    assert (row(season, number).reason, filled(season)) == ("too_far", 0)
    assert offer(season, "fatuma") != number


def test_a_decline_lets_its_application_go(season: Season) -> None:
    number = applied(season, "amina")
    decline(season, offer(season, "amina"))
    assert (application(season, number), filled(season)) == (("released", "declined"), 0)


def test_a_reason_that_was_not_given_may_follow(season: Season) -> None:
    number = offer(season, "amina")
    decline(season, number, "", phone("amina"))
    assert row(season, number).reason is None
    decline(season, number, "sick", phone("amina"))
    assert row(season, number).reason == "sick"


def test_whose_child_sits_there_is_not_sent_there_again(season: Season) -> None:
    decline(season, offer(season, "amina"), "own_child", phone("amina"))
    with season.service.stores.sessions() as db:
        assert db.scalars(select(Interest.centre_code)).all() == [GIRLS]
    assert refused(season, lambda db, now: post(db, season, "amina", GIRLS)) == "rule.interest"
    assert offer(season, "amina", BOYS)


def test_after_accepting_only_the_director_declines_and_before_the_first_day(season: Season) -> None:
    number = offer(season, "amina")
    accept(season, number)

    def by_phone(db: Session, now: datetime) -> None:
        deployments.decline(db, number, "sick", by=phone("amina"), now=now)

    assert refused(season, by_phone) == "deployment.see_director"
    first_day = row(season, number).first_day
    today = do(season, lambda db, now: season.today(db))
    shift(season, number, (today - first_day).days)
    said = refused(season, lambda db, now: deployments.decline(db, number, "sick", by=STAFF, now=now))
    assert said == "deployment.begun"
    shift(season, number, 1)
    assert decline(season, number) == "declined" and filled(season) == 0
    assert words(season, "amina") == ["deployment.offered", "deployment.declined_for_you"]


# -- replace and cancel ------------------------------------------------------------------------------


def test_a_replacement_tells_the_old_one_and_offers_to_the_new_one(season: Season) -> None:
    before = offer(season, "amina")
    accept(season, before)
    after = replace(season, before, "fatuma")
    old, new = row(season, before), row(season, after)
    assert (old.state, old.reason, new.state, new.replaces_id) == ("replaced", "fell sick", "offered", before)
    assert (new.centre_code, new.position, new.roster_no) == (old.centre_code, old.position, 2)
    assert (new.reporting_at, new.report_to, new.vacancy_id) == (
        old.reporting_at,
        old.report_to,
        old.vacancy_id,
    )
    assert filled(season) == 1
    assert words(season, "amina") == ["deployment.offered", "deployment.replaced"]
    assert words(season, "fatuma") == ["deployment.offered"]


def test_replacing_twice_is_the_same_answer(season: Season) -> None:
    before = offer(season, "amina")
    assert replace(season, before, "fatuma") == replace(season, before, "fatuma")
    assert (words(season, "fatuma"), filled(season)) == (["deployment.offered"], 1)


def test_a_full_vacancy_that_is_closed_keeps_its_place_for_the_replacement(season: Season) -> None:
    before = offer(season, "amina")

    def close(db: Session, now: datetime) -> None:
        db.get_one(Vacancy, row(season, before).vacancy_id).closed_at = now

    do(season, close)
    after = replace(season, before, "fatuma")
    assert row(season, after).vacancy_id == row(season, before).vacancy_id and filled(season) == 1


def test_a_replacement_who_applied_keeps_their_own_place(season: Season) -> None:
    before = offer(season, "amina", GIRLS, "invigilator")
    number = applied(season, "fatuma", "invigilator", GIRLS)
    assert filled(season, "invigilator", GIRLS) == 2
    after = replace(season, before, "fatuma")
    assert (row(season, after).application_id, filled(season, "invigilator", GIRLS)) == (number, 1)


def test_a_replacement_that_cannot_be(season: Season) -> None:
    before = offer(season, "amina")
    offer(season, "fatuma", BOYS)
    for name, code in (
        ("amina", "deployment.same_person"),
        ("fatuma", "deployment.busy"),
        ("chebet", "rule.kind"),
    ):

        def other(db: Session, now: datetime, name: str = name) -> None:
            deployments.replace(db, before, season.accounts[name], "sick", by=STAFF, now=now)

        assert refused(season, other) == code
    assert row(season, before).state == "offered" and words(season, "amina") == ["deployment.offered"]


def test_a_cancelled_deployment_is_over_for_everybody(season: Season) -> None:
    number = offer(season, "amina")
    assert [cancel(season, number), cancel(season, number)] == ["cancelled"] * 2
    assert filled(season) == 0 and words(season, "amina") == ["deployment.offered", "deployment.cancelled"]
    for answer in (accept, decline):
        with pytest.raises(Refusal, match=r"deployment\.taken_back"):
            answer(season, number, by=phone("amina"))


def test_what_is_undone_has_no_valid_letter(season: Season) -> None:
    number = offer(season, "amina")
    do(season, lambda db, now: documents.file(db, number, "letter"))
    cancel(season, number)
    with season.service.stores.sessions() as db:
        assert db.scalars(select(Document.revoked_at)).one() is not None


# -- what a person has -------------------------------------------------------------------------------


def test_what_a_person_has_and_which_matters_now(season: Season) -> None:
    past = offer(season, "amina", BOYS)
    decline(season, past)
    ahead, running = offer(season, "amina"), offer(season, "amina", BOYS, series_id=season.running)
    with season.service.stores.sessions() as db:
        assert [each.id for each in deployments.mine(db, season.accounts["amina"])] == [running, ahead, past]
        current = deployments.current(db, season.accounts["amina"])
        assert current is not None and current.id == running
        assert deployments.current(db, season.accounts["fatuma"]) is None
    shift(season, running, -30)
    with season.service.stores.sessions() as db:
        current = deployments.current(db, season.accounts["amina"])
        assert current is not None and current.id == ahead


def test_nobody_sees_another_ones(season: Season) -> None:
    number = offer(season, "amina")
    with season.service.stores.sessions() as db:
        assert deployments.own(db, season.accounts["amina"], number).id == number
        for account in (season.accounts["fatuma"], None):
            with pytest.raises(Refusal):
                deployments.own(db, account, number)


def test_the_facts_are_whole(season: Season) -> None:
    def place(db: Session, now: datetime) -> None:
        season.make_centre(db, "20401099", "Kasarani Container", "Kasarani", station="distribution")
        centre = db.get_one(Centre, GIRLS)
        centre.distribution_code, centre.distance_km = "20401099", 12

    do(season, place)
    number = offer(season, "amina")
    with season.service.stores.sessions() as db:
        facts = deployments.facts(db, number)
    assert (facts.exam, facts.position, facts.centre) == (
        "KCSE",
        "supervisor",
        "Kasarani Girls Secondary School",
    )
    assert (facts.county, facts.centre_sub_county, facts.town) == ("Nairobi", "Kasarani", "Kasarani")
    assert (facts.distance_km, facts.distribution_centre) == (12, "Kasarani Container")
    assert (facts.name, facts.phone, facts.rate) == ("Amina Wanjiru Otieno", "+254711000001", 680)
    assert facts.national_id and facts.declared is None and facts.live
