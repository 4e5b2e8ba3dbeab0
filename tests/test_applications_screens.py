"""What a phone shows of applications: why not, where they stand, withdrawing, and many phones at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, text, update

from menus.functions import applications as functions
from models.applications import Application
from models.forms import Form
from models.people import Interest, Profile
from models.series import Vacancy
from operations import applications
from operations.refusals import Refusal
from telephony import gsm7
from tests.fixtures_applications import (
    CODE,
    LAST,
    LIST,
    MWIKI,
    THANKS,
    Applicants,
    at_confirm,
    code,
)
from tests.fixtures_season import PASSWORD, PEOPLE
from tests.fixtures_service import Handset
from ussd_app.calls import UssdCall


@pytest.fixture
def amina(applicants: Applicants, signed_in: Callable[[str], Handset]) -> Handset:
    """Amina, a teacher who may apply, signed in."""
    return signed_in("amina")


# -- refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "typed", "said"),
    [
        ("en", "12", "vacancy"),
        ("en", "letters", "vacancy"),
        ("sw", "999999", "nambari"),
        ("en", "*", "vacancy"),
    ],
)
def test_a_code_that_is_none_is_asked_again(
    applicants: Applicants, signed_in: Callable[[str], Handset], lang: str, typed: str, said: str
) -> None:
    applicants.season.speak("amina", lang)
    phone = signed_in("amina")
    phone.send(CODE)
    assert said in phone.send(typed).lower() and phone.screen.startswith("CON")
    assert not applicants.all(select(Form))


def test_an_incomplete_profile_is_told_which_lines(applicants: Applicants, amina: Handset) -> None:
    with applicants.service.stores.transaction() as db:
        db.execute(update(Profile).values(kra_pin=None, kin_name=None))
    amina.send(CODE, code(applicants))
    assert "Still missing: KRA PIN, Next of kin" in amina.screen
    assert "1. Complete my profile" in amina.screen
    assert amina.send("1").startswith("CON") and not applicants.all(select(Form))


def test_who_has_applied_is_told_the_reference_and_how_to_withdraw(
    applicants: Applicants, amina: Handset
) -> None:
    made = applicants.apply("amina", MWIKI)
    amina.send(CODE, code(applicants))
    assert made.reference in amina.screen and "withdraw it first" in amina.screen
    amina.send("1")
    assert "1. Withdraw it" in amina.screen and "Mwiki Boys" in amina.screen


def test_somebody_elses_last_place_is_refused_on_the_same_screen(
    applicants: Applicants, amina: Handset
) -> None:
    at_confirm(applicants, amina, LAST)
    applicants.apply("fatuma", LAST)
    amina.send("1")
    assert amina.screen.startswith("CON") and "1. Apply (no interest)" in amina.screen
    assert not applicants.live("amina") and not applicants.balance()


def test_an_interest_is_declared_and_politely_held_against(applicants: Applicants, amina: Handset) -> None:
    at_confirm(applicants, amina)
    amina.send("2")
    assert "You will not be sent there" in amina.screen
    amina.send("1")
    assert "You will never be sent to Kasarani Girls" in amina.screen and not applicants.all(select(Interest))
    amina.send("2")
    assert "Apply (no interest)" in amina.screen and not applicants.all(select(Interest))
    amina.send("2", "1", "1")
    assert "You will not be sent to Kasarani Girls Secondary School" in amina.screen
    interest = applicants.all(select(Interest))
    assert [(row.centre_code, row.reason) for row in interest] == [("20401001", "child")]
    assert [form.finished_at is None for form in applicants.all(select(Form))] == [False]
    amina.send("2", code(applicants))
    assert "Apply (no interest)" not in amina.screen
    amina.send(code(applicants, MWIKI))
    assert amina.send("1").startswith(f"END {THANKS}")


# -- afterwards --------------------------------------------------------------------------------------


def test_without_an_application_it_says_where_to_begin(applicants: Applicants, amina: Handset) -> None:
    amina.send(LIST)
    assert "not applied for any post yet" in amina.screen
    assert "code of the vacancy" in amina.send("2")


def test_withdrawing_asks_why_and_gives_the_place_back(applicants: Applicants, amina: Handset) -> None:
    made = applicants.apply("amina", LAST)
    amina.send(LIST)
    assert made.reference in amina.screen and "Waiting for review" in amina.screen
    amina.send("1")
    assert "1. Wrong position\n2. Change of mind\n3. Another reason" in amina.screen
    amina.send("2")
    assert f"Withdraw {made.reference}?" in amina.screen
    amina.send("2")
    assert "Waiting for review" in amina.screen and applicants.live("amina")
    amina.send("1", "2", "1")
    assert "is withdrawn and its place is given back. You may apply again." in amina.screen
    row = applicants.all(select(Application))[0]
    assert (row.state, row.reason) == ("withdrawn", "change_of_mind") and applicants.vacancy(LAST).filled == 0
    first = amina.screen
    assert amina.post() == first
    amina.send("2", code(applicants, LAST), "1")
    assert amina.screen.startswith(f"END {THANKS}") and applicants.vacancy(LAST).filled == 1


STATES = {
    "approved": ("Approved.", "Limekubaliwa."),
    "rejected": ("Not accepted: Not yet five years", "Halikukubaliwa: Not yet five years"),
    "deployed": ("You are deployed.", "Umepangiwa kituo."),
    "released": ("It ended with its deployment.", "Lilikwisha na upangaji."),
    "withdrawn": ("You withdrew it.", "Uliliondoa."),
}


@pytest.mark.parametrize("lang", ["en", "sw"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_told_in_plain_words(
    applicants: Applicants, signed_in: Callable[[str], Handset], state: str, lang: str
) -> None:
    made = applicants.apply("amina")
    if state == "withdrawn":
        applicants.withdraw(made)
    else:
        applicants.review(made, state != "rejected", "Not yet five years")
    if state in ("deployed", "released"):
        with applicants.service.stores.transaction() as db:
            applications.deployed(db, made.id)
    if state == "released":
        applicants.do(applications.release, made.id, "too_far")
    applicants.season.speak("amina", lang)
    phone = signed_in("amina")
    assert STATES[state][lang == "sw"] in phone.send(LIST), phone.screen
    assert made.reference in phone.screen and "1. " in phone.screen


def test_several_are_listed_with_their_states(applicants: Applicants, amina: Handset) -> None:
    old = applicants.apply("amina", MWIKI)
    applicants.withdraw(old)
    applicants.apply("amina")
    amina.send(LIST)
    assert "Invigilator: waiting for review\n2. KCSE" in amina.screen and ": withdrawn" in amina.screen
    assert old.reference in amina.send("2")


def test_what_was_decided_meanwhile_is_told_instead(applicants: Applicants, amina: Handset) -> None:
    made = applicants.apply("amina")
    amina.send(LIST, "1", "1")
    applicants.review(made, False, "Not yet five years")
    amina.send("1")
    assert f"{made.reference} is over: not accepted." in amina.screen
    assert applicants.vacancy().filled == 0


def test_somebody_elses_application_is_not_shown_or_withdrawn(applicants: Applicants) -> None:
    """Whatever a session's facts say, what is picked must belong to whoever is signed in."""
    made = applicants.apply("amina")
    service, fatuma = applicants.service, applicants.season.accounts["fatuma"]
    call = UssdCall(
        PEOPLE["fatuma"][0], service.office, service.stores.sessions, service.stores.reader.row, ""
    )
    call.account, call.facts = fatuma, {"application": str(made.id)}
    for act in (functions.look, functions.standing, functions.withdraw):
        with pytest.raises(Refusal) as refusal:
            act(call)
        assert refusal.value.code == "application.none"
    call.close()
    assert applicants.live("amina")


# -- at once, by the webhook -------------------------------------------------------------------------


def together(phones: list[Handset], typed: str) -> list[str]:
    """Every phone sends this at the same moment."""
    barrier = Barrier(len(phones))

    def one(phone: Handset) -> str:
        barrier.wait()
        phone.send(typed)
        while (
            phone.screen.startswith("END") and THANKS not in phone.screen
        ):  # too busy: it asks to dial again
            phone.dial()
            phone.send("1", PASSWORD, typed)
        return phone.screen

    with ThreadPoolExecutor(len(phones)) as pool:
        return list(pool.map(one, phones))


def test_phones_race_for_the_last_place(applicants: Applicants, handset: Callable[[str], Handset]) -> None:
    applicants.crowd(8)
    phones = [
        handset(phone) for phone in applicants.all(text("SELECT phone FROM account ORDER BY id DESC LIMIT 8"))
    ]
    for phone in phones:
        phone.dial()
        phone.send(PASSWORD)
        at_confirm(applicants, phone, LAST)
    answers = together(phones, "1")
    assert sum(THANKS in answer for answer in answers) == 1
    assert applicants.reference() in next(answer for answer in answers if THANKS in answer)
    assert applicants.vacancy(LAST).filled == 1 and not applicants.balance()
    losers = [answer for answer in answers if THANKS not in answer]
    assert all(answer.startswith("CON") and "2. I have an interest" in answer for answer in losers), losers


def test_one_person_at_two_phones_applies_once(
    applicants: Applicants, amina: Handset, handset: Callable[[str], Handset]
) -> None:
    other = handset("+254733000999")
    other.dial()
    other.send("2", PEOPLE["amina"][0].removeprefix("+"), PASSWORD)
    answers = together([at_confirm(applicants, amina), at_confirm(applicants, other, MWIKI)], "1")
    assert sum(THANKS in answer for answer in answers) == 1
    refused = next(answer for answer in answers if THANKS not in answer)
    assert f"You have applied in this exam: {applicants.reference()}" in refused
    assert not applicants.balance()


def test_a_vacancy_is_shown_with_the_longest_names(applicants: Applicants, amina: Handset) -> None:
    with applicants.service.stores.transaction() as db:
        name = "Bishop Gatimu Ngandu Girls High School Nyeri and of All the Saints"
        db.execute(text("UPDATE centre SET name = :name"), {"name": name})
        db.execute(update(Vacancy).values(position="security_officer"))
        db.execute(text("UPDATE eligibility SET kind = 'security'"))
    at_confirm(applicants, amina)
    assert "Bishop Gatimu Ngandu Girls High School Nye.." in amina.screen
    assert THANKS in amina.send("1")
    assert len(gsm7.segments(amina.inbox()[0]).parts) == 1
