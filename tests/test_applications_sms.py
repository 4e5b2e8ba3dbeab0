"""Applications by SMS: the same operations and the same refusals as on the screens, one segment each."""

import re

import pytest
from sqlalchemy import select, update

from models.applications import Application
from models.forms import Form
from models.people import Profile
from operations import forms
from operations.office import now
from tests.fixtures_applications import (
    ASANTE,
    KASARANI,
    LAST,
    MWIKI,
    THANKS,
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


# -- APPLY -------------------------------------------------------------------------------------------


def test_applying_asks_for_a_yes_with_post_exam_and_place(amina: Line, applicants: Applicants) -> None:
    amina.apply()
    asked = amina.texting.last(AMINA)
    for words in ("Invigilator, KCSE 20", "Kasarani Girls Secondary School, Nairobi", "no interest", "YES "):
        assert words in asked
    assert applicants.vacancy().filled == 0 and not applicants.all(select(Application))
    assert amina.text("YES <code>") == f"{THANKS} {applicants.reference()}"
    row = applicants.all(select(Application))[0]
    assert (row.channel, row.state) == ("sms", "submitted") and applicants.vacancy().filled == 1
    assert not applicants.balance()


def test_in_kiswahili(amina: Line, applicants: Applicants) -> None:
    asked = amina.text(f"Omba {applicants.season.vacancies[KASARANI]}")
    assert "Kuomba Mkaguzi (Invigilator), KCSE" in asked and "huna maslahi humo, jibu NDIYO" in asked
    assert amina.text("NDIYO <code>") == f"{ASANTE} {applicants.reference()}"


def test_a_repeated_yes_is_told_the_same_reference(amina: Line, applicants: Applicants) -> None:
    amina.apply()
    code = amina.texting.code(AMINA)
    first = amina.text(f"YES {code}")
    assert [amina.text(f"YES {code}") for _ in range(2)] == [first, first]
    assert applicants.vacancy().filled == 1 and len(applicants.all(select(Application))) == 1


def test_a_repeated_yes_does_not_undo_a_withdrawal(amina: Line, applicants: Applicants) -> None:
    amina.apply()
    code = amina.texting.code(AMINA)
    amina.text(f"YES {code}")
    amina.text("WITHDRAW")
    amina.text("YES <code>")
    assert "withdrawn. You may apply again" in amina.text(f"YES {code}")
    assert applicants.vacancy().filled == 0 and len(applicants.all(select(Application))) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "apply {}",
        "Please APPLY {} thanks",
        "APPLY code {}",
        "Aply {}",
        "OMBA {spaced}",
        "NAOMBA {}",
        "naomba{}",
    ],
)
def test_it_may_be_typed_in_many_ways(amina: Line, applicants: Applicants, typed: str) -> None:
    code = applicants.season.vacancies[KASARANI]
    amina.text(typed.format(code, spaced=f"{code[:2]} {code[2:]}"))
    amina.text("YES <code>")
    assert applicants.live("amina")


@pytest.mark.parametrize(("typed", "how"), [("APPLY", "VACANCIES and a place"), ("OMBA", "NAFASI na mahali")])
def test_without_a_code_it_says_how(amina: Line, typed: str, how: str) -> None:
    assert how in amina.text(typed)


@pytest.mark.parametrize("typed", ["APPLY 12345", "OMBA 10", "APPLY 99999999999999999999"])
def test_a_code_that_is_none_is_refused(amina: Line, typed: str) -> None:
    assert amina.text(typed) and amina.texting.names(AMINA)[-1].startswith("vacancy.")


def test_a_phone_without_an_account_is_told_how_to_get_one(texting: Texting, applicants: Applicants) -> None:
    for typed in ("APPLY 10017", "STATUS", "WITHDRAW"):
        texting.text(typed)
    assert texting.names() == ["sms.no_account"] * 3


def test_an_incomplete_profile_is_told_which_lines(amina: Line, applicants: Applicants) -> None:
    with applicants.service.stores.transaction() as db:
        db.execute(update(Profile).values(kra_pin=None, kin_name=None))
    code = amina.apply()
    assert "Missing: KRA PIN, Next of kin. Send PROFILE" in amina.texting.last(AMINA)
    assert "Bado: PIN ya KRA, Jamaa wa karibu. Tuma WASIFU" in amina.text(f"OMBA {code}")


def test_an_empty_profile_names_the_first_lines_and_counts_the_rest(
    texting: Texting, applicants: Applicants
) -> None:
    baraka = Line(texting, applicants, PEOPLE["baraka"][0])
    baraka.apply()
    assert re.search(r"Missing: Kind of work, Full name, M-Pesa name \+\d\d\.", texting.last(baraka.phone))


REFUSED = {
    "esther": "eligibility.waiting",  # waits for the council
    "chebet": "rule.kind",  # a driver
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_refusals_are_those_of_the_screens(texting: Texting, applicants: Applicants, name: str) -> None:
    line = Line(texting, applicants, PEOPLE[name][0])
    line.apply()
    assert texting.names(line.phone) == [REFUSED[name]]


def test_who_has_applied_is_told_how_to_withdraw(amina: Line, applicants: Applicants) -> None:
    made = applicants.apply("amina", MWIKI)
    amina.apply()
    assert f"WITHDRAW {made.reference} to 22262" in amina.texting.last(AMINA)


def test_the_last_place_may_go_before_the_yes(amina: Line, applicants: Applicants) -> None:
    amina.apply(LAST)
    code = amina.texting.code(AMINA)
    taken = applicants.apply("fatuma", LAST)
    amina.text(f"YES {code}")
    assert amina.texting.names(AMINA)[-1] == "vacancy.full" and not applicants.balance()
    applicants.withdraw(taken)
    assert THANKS in amina.text(f"YES {code}"), "the same YES does it once a place is free"


def test_applying_by_sms_finishes_what_was_begun_on_a_screen(amina: Line, applicants: Applicants) -> None:
    with applicants.service.stores.transaction() as db:
        forms.begin(db, "f1", applicants.season.accounts["amina"], "apply", now=now(db))
    amina.apply()
    amina.text("YES <code>")
    assert [row.finished_at is None for row in applicants.all(select(Form))] == [False]
