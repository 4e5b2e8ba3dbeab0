"""What STATUS says, by SMS and on the screen, once something changed after the application (a trial's B5)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.accounts import Account
from models.places import Centre
from models.registers import Eligibility
from operations import deployments, eligibility
from tests.deploying import BOYS, GIRLS, STAFF, accept, cancel, decline, do, offer, plain_rules, replace
from tests.fixtures_applications import Applicants
from tests.fixtures_season import PASSWORD, PEOPLE, Season
from tests.fixtures_service import Handset

INVIGILATOR = ("invigilator", GIRLS)


@pytest.fixture
def amina(handset: Callable[[str], Handset]) -> Handset:
    return handset(PEOPLE["amina"][0])


def applied(season: Season, amina: Handset) -> None:
    """Amina applies by SMS, as an invigilator."""
    plain_rules(season)
    amina.text(f"APPLY {season.vacancies[INVIGILATOR]}")
    amina.text(f"YES {amina.inbox()[-1].rsplit('YES ', 1)[1][:4]}")
    assert "Thank you" in amina.inbox()[-1], amina.inbox()


def status(phone: Handset, word: str = "STATUS") -> str:
    """The answer to STATUS."""
    phone.text(word)
    return phone.inbox()[-1]


def screen(phone: Handset) -> str:
    """The screen of her only application."""
    phone.dial()
    return phone.send(PASSWORD, "4")


def reject(season: Season) -> None:
    """The council refuses her after all."""
    account = season.accounts["amina"]
    do(season, lambda db, now: eligibility.reject(db, account, "No certificate", by=STAFF, now=now))


def change_id(season: Season) -> None:
    """She corrects her national ID."""

    def work(db: Session, now: datetime) -> None:
        account = db.get_one(Account, season.accounts["amina"])
        account.national_id = "29999999"
        db.flush()
        eligibility.forget_if_changed(db, account.id, "national_id", by=STAFF, now=now)

    do(season, work)
    with season.service.stores.transaction() as db:
        assert db.get_one(Eligibility, season.accounts["amina"]).standing == "waiting"


@pytest.mark.parametrize(
    ("lose", "en", "sw"),
    [
        (change_id, "the council must approve you again first", "baraza litakuidhinisha upya kwanza"),
        (reject, "the council did not approve you", "baraza halikukuidhinisha"),
    ],
)
@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_status_after_the_approval_is_lost(
    season: Season,
    applicants: Applicants,
    amina: Handset,
    lose: Callable[[Season], None],
    en: str,
    sw: str,
    state: str,
) -> None:
    applied(season, amina)
    if state == "approved":
        applicants.review(applicants.live("amina")[0], True)
    before = status(amina)
    lose(season)
    after = status(amina)
    assert en not in before and en in after and "Wait to be deployed" not in after
    assert sw in status(amina, "HALI")
    lost = en.removesuffix(" first").split("the council ")[1]
    assert lost in screen(amina) and "Am I approved?" in amina.screen


def end_by_replace(season: Season, number: int) -> None:
    plain_rules(season)
    replace(season, number, "fatuma")


@pytest.mark.parametrize("end", [cancel, end_by_replace, decline])
def test_status_after_a_post_that_ended_does_not_send_in_a_circle(
    season: Season, amina: Handset, end: Callable[[Season, int], Any]
) -> None:
    applied(season, amina)
    number = offer(season, "amina", GIRLS, "invigilator")
    end(season, number)
    said = status(amina)
    assert "You may apply again" in said and "DEPLOYMENT" not in said
    assert "You may apply again" in screen(amina)


def test_who_was_sent_elsewhere_is_shown_that_post(season: Season, amina: Handset) -> None:
    applied(season, amina)
    number = offer(season, "amina", BOYS, "invigilator")
    assert "you have another post" in status(amina) and "DEPLOYMENT" in status(amina)
    assert "another post" in screen(amina) and "My deployment" in amina.screen
    cancel(season, number)
    assert "You may apply again" in status(amina)


def test_who_was_deployed_without_an_application_is_shown_the_post(season: Season, amina: Handset) -> None:
    plain_rules(season)
    accept(season, offer(season, "amina", GIRLS, "invigilator"))
    assert "deployed without an application" in status(amina) and "DEPLOYMENT" in status(amina)
    assert "Umepangiwa kituo bila kuomba" in status(amina, "HALI")
    assert "My deployment" in screen(amina)


def test_at_a_distribution_centre_nobody_asks_how_far_it_is(season: Season) -> None:
    plain_rules(season)
    with season.service.stores.transaction() as db:
        db.get_one(Centre, GIRLS).station = "distribution"
    number = offer(season, "chebet", GIRLS, "driver")
    told = do(season, lambda db, now: deployments.facts(db, number).told())
    assert told["duty_distance"] == "@term.duty.here"
    with season.service.stores.transaction() as db:
        db.get_one(Centre, GIRLS).station = "examination"
    told = do(season, lambda db, now: deployments.facts(db, number).told())
    assert told["duty_distance"] == "@term.duty.unknown"
