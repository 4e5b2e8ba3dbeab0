"""STATUS and WITHDRAW: the same operations and the same refusals as on the screens, one segment each."""

import re

import pytest
from sqlalchemy import select

from models.applications import Application
from operations import applications
from telephony import references
from tests.fixtures_applications import (
    CHANGAMWE,
    MWIKI,
    Applicants,
    Line,
)
from tests.fixtures_season import PEOPLE
from tests.fixtures_sms import Texting

pytestmark = pytest.mark.usefixtures("each_reply_is_one_segment")
AMINA = PEOPLE["amina"][0]


@pytest.fixture
def amina(texting: Texting, applicants: Applicants) -> Line:
    """Amina's line."""
    return Line(texting, applicants, AMINA)


# -- STATUS ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "how"), [("STATUS", "not applied for any post"), ("HALI", "Bado hujaomba")]
)
def test_without_an_application_it_says_how_to_begin(amina: Line, typed: str, how: str) -> None:
    assert how in amina.text(typed)


@pytest.mark.parametrize(("typed", "how"), [("STATUS", "not approved you"), ("HALI", "halijakuidhinisha")])
def test_who_is_not_approved_hears_that_first(
    texting: Texting, applicants: Applicants, typed: str, how: str
) -> None:
    assert how in Line(texting, applicants, PEOPLE["esther"][0]).text(typed)


STATES = {
    "submitted": ("waiting for review", "linasubiri ukaguzi"),
    "approved": ("approved. Wait to be deployed", "limekubaliwa. Subiri"),
    "deployed": ("you are deployed", "umepangiwa kituo"),
    "rejected": ("not accepted: Not yet five years. You may", "halikukubaliwa: Not yet five years. Waweza"),
    "released": ("ended with its deployment", "lilikwisha na upangaji"),
    "withdrawn": ("withdrawn. You may apply again", "uliliondoa. Waweza kuomba tena"),
}


@pytest.mark.parametrize("state", STATES)
def test_a_single_application_is_told_whole(amina: Line, applicants: Applicants, state: str) -> None:
    made = applicants.apply("amina")
    if state in ("approved", "rejected"):
        applicants.review(made, state == "approved", "Not yet five years.")
    if state in ("deployed", "released"):
        with applicants.service.stores.transaction() as db:
            applications.deployed(db, made.id)
    if state == "released":
        applicants.do(applications.release, made.id, "too_far")
    if state == "withdrawn":
        applicants.withdraw(made)
    for typed, words in zip(("STATUS", "Hali yangu"), STATES[state], strict=True):
        said = amina.text(typed)
        assert words in said and said.startswith(made.reference), said


def test_all_live_ones_and_the_last_that_ended(amina: Line, applicants: Applicants) -> None:
    for post in (MWIKI, CHANGAMWE):
        ended = applicants.apply("amina", post)
        applicants.withdraw(ended)
    held = applicants.apply("amina")
    applicants.review(held, True)
    said = amina.text("STATUS")
    assert re.match(
        rf"{held.reference} KCSE \d+ approved; {ended.reference} KCSE \d+ withdrawn\. All: ", said
    )
    assert f"{held.reference} KCSE" in amina.text("HALI") and "limekubaliwa; " in amina.texting.last(AMINA)


# -- WITHDRAW ----------------------------------------------------------------------------------------


WAYS = [
    "WITHDRAW",
    "withdraw my application",
    "WITHDRAW {}",
    "Ondoa {}",
    "withdraw {short}",
    "WITHDRAW {spaced} pls",
]


def test_a_spaced_reference_is_the_one_they_have(amina: Line, applicants: Applicants) -> None:
    """The A is taken for an article, and what is left can be read as AP-PY4-HGC-N, too."""
    made = applicants.apply("amina")
    with applicants.service.stores.transaction() as db:
        db.get_one(Application, made.id).reference = "AP-Y4H-GCN-V"
    assert "AP-Y4H-GCN-V" in amina.text("WITHDRAW A P - Y 4 H - G C N - V pls")


@pytest.mark.parametrize("typed", WAYS)
def test_withdrawing_asks_for_a_yes(amina: Line, applicants: Applicants, typed: str) -> None:
    made = applicants.apply("amina")
    short = made.reference.removeprefix("AP-").replace("-", "").lower()
    said = amina.text(typed.format(made.reference, short=short, spaced=" ".join(made.reference)))
    assert made.reference in said and applicants.live("amina")
    said = amina.text("YES <code>")
    assert made.reference in said and not applicants.live("amina")
    assert applicants.vacancy().filled == 0 and not applicants.balance()
    assert amina.texting.names(AMINA)[-1] == "sms.withdrawn", "by SMS the answer is the notice"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("YES <code>", "other"),
        ("YES <code> WRONG", "wrong_position"),
        ("yes <code> wrong position", "wrong_position"),
        ("YES <code> mind", "change_of_mind"),
        ("NDIYO <code> NIA", "change_of_mind"),
        ("NDIYO <code> nafasi", "wrong_position"),
        ("<code>", "other"),
    ],
)
def test_the_reason_may_follow_the_code(amina: Line, applicants: Applicants, typed: str, reason: str) -> None:
    applicants.apply("amina")
    assert "WRONG position or change of MIND" in amina.text("WITHDRAW")
    amina.text(typed)
    assert applicants.all(select(Application.reason)) == [reason]


def test_a_repeated_yes_withdraws_nothing_more(amina: Line, applicants: Applicants) -> None:
    applicants.apply("amina")
    amina.text("WITHDRAW")
    code = amina.texting.code(AMINA)
    first = amina.text(f"YES {code}")
    again = applicants.apply("amina")
    assert amina.text(f"YES {code}") == first
    assert [row.id for row in applicants.live("amina")] == [again.id] and applicants.vacancy().filled == 1


def test_nothing_to_withdraw(amina: Line, applicants: Applicants) -> None:
    assert "no application that can be withdrawn" in amina.text("WITHDRAW")
    assert "Huna ombi la kuondoa" in amina.text("ONDOA")


def test_only_ones_own_is_withdrawn(amina: Line, applicants: Applicants) -> None:
    theirs = applicants.apply("fatuma")
    assert f"You have no application {theirs.reference}" in amina.text(f"WITHDRAW {theirs.reference}")
    assert (
        amina.text(f"WITHDRAW {references.make('AP')}")
        and amina.texting.names(AMINA) == ["application.unknown"] * 2
    )
    assert applicants.live("fatuma")


def test_a_reference_with_a_slip_is_refused_though_only_one_is_live(
    amina: Line, applicants: Applicants
) -> None:
    made = applicants.apply("amina")
    slip = made.reference[:-1] + ("4" if made.reference[-1] != "4" else "6")
    amina.text(f"WITHDRAW {slip}")
    assert amina.texting.names(AMINA)[-1] == "application.mistyped" and applicants.live("amina")
    amina.text("WITHDRAW 12")
    assert amina.texting.names(AMINA)[-1] == "application.unreadable"


def test_what_is_deployed_or_over_is_not_withdrawn(amina: Line, applicants: Applicants) -> None:
    made = applicants.apply("amina")
    with applicants.service.stores.transaction() as db:
        applications.deployed(db, made.id)
    assert "decline the deployment instead" in amina.text("WITHDRAW")
    applicants.do(applications.release, made.id, "too_far")
    assert f"{made.reference} is over: ended." in amina.text(f"WITHDRAW {made.reference}")
    assert "halibadiliki tena" in amina.text(f"ONDOA {made.reference}")


def test_what_was_rejected_before_the_yes(amina: Line, applicants: Applicants) -> None:
    made = applicants.apply("amina")
    amina.text("WITHDRAW")
    code = amina.texting.code(AMINA)
    applicants.review(made, False, "Not yet five years")
    assert "is over: not accepted" in amina.text(f"YES {code}")
    assert applicants.vacancy().filled == 0 and not applicants.balance()
