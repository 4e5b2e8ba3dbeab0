"""Applying from a phone: how many hops, which words, what a lost answer or a dropped session changes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.applications import Application
from models.forms import Form
from models.series import Series
from operations.office import now
from telephony import gsm7
from tests.fixtures_applications import (
    ASANTE,
    CODE,
    KASARANI,
    MWIKI,
    THANKS,
    UNFINISHED,
    Applicants,
    at_confirm,
    code,
)
from tests.fixtures_season import PASSWORD, PEOPLE
from tests.fixtures_service import Handset


@pytest.fixture
def amina(applicants: Applicants, signed_in: Callable[[str], Handset]) -> Handset:
    """Amina, a teacher who may apply, signed in."""
    return signed_in("amina")


# -- words and hops ----------------------------------------------------------------------------------


def test_with_a_code_it_takes_at_most_six_hops(applicants: Applicants, amina: Handset) -> None:
    amina.send(CODE, code(applicants), "1")
    assert amina.screen == f"END {THANKS}\n{applicants.reference()}"
    hops = 1 + len(amina.sent)  # the dial and every answer
    assert hops == 5 <= 6


def test_the_words_are_those_of_cp2_and_fit_one_screen_and_one_sms(
    applicants: Applicants, amina: Handset
) -> None:
    amina.send(CODE, code(applicants), "1")
    assert THANKS in amina.screen and gsm7.septets(amina.screen) <= 160
    words = amina.inbox()
    assert len(words) == 1 and applicants.reference() in words[0]
    assert len(gsm7.segments(words[0]).parts) == 1 and "Invigilator, KCSE" in words[0]


def test_in_kiswahili(applicants: Applicants, signed_in: Callable[[str], Handset]) -> None:
    applicants.season.speak("amina", "sw")
    phone = signed_in("amina")
    phone.send(CODE, code(applicants))
    assert "Mkaguzi (Invigilator), KCSE" in phone.screen and "sina maslahi" in phone.screen
    assert phone.send("1") == f"END {ASANTE}\n{applicants.reference()}"
    assert "tumepata ombi lako" in phone.inbox()[0]


def test_the_confirm_screen_shows_post_exam_and_place(applicants: Applicants, amina: Handset) -> None:
    at_confirm(applicants, amina)
    for words in (
        "Invigilator, KCSE 20",
        "Kasarani Girls Secondary School, Nairobi",
        "2. I have an interest",
    ):
        assert words in amina.screen


def through_the_lists(phone: Handset, most: int = 9) -> None:
    """From home through CP2's lists, the first choice each time, to the confirm screen."""
    phone.send("2")
    for _ in range(most):
        if "Apply (no interest)" in phone.screen:
            return
        phone.send("1")
    pytest.fail(f"no confirm screen after {most} lists:\n{phone.screen}")


WANTED = (
    "KCSE",
    "Invigilation",
    "Examination centre",
    "Invigilator",
    "Nairobi",
    "Kasarani",
    "Kasarani Girls",
)


def widen(applicants: Applicants) -> None:
    """Vacancies enough that every one of the six lists has to be asked."""
    season = applicants.season
    with applicants.service.stores.transaction() as db:
        window = {"apply_from": now(db) - timedelta(1), "apply_until": now(db) + timedelta(1)}
        db.execute(update(Series).where(Series.id == season.running).values(**window))
        season.make_vacancy(db, "invigilator", "invigilation", "20402001", 1, series_id=season.running)
        season.make_vacancy(db, "invigilator", "invigilation", "20402001", 1)
        season.make_vacancy(db, "invigilator", "invigilation", "20402001", 1, station="distribution")
        season.make_vacancy(db, "clerk", "invigilation", "20401002", 1)


def test_through_the_six_lists_it_takes_at_most_eleven_hops(applicants: Applicants, amina: Handset) -> None:
    widen(applicants)
    amina.send("2")
    for label in WANTED:
        line = next((line for line in amina.screen.split("\n") if label in line and line[0].isdigit()), None)
        assert line, f"no {label} to pick on:\n{amina.screen}"
        amina.send(line.partition(".")[0])
    assert "1. Apply (no interest)" in amina.screen and "Kasarani Girls" in amina.screen
    assert amina.send("1") == f"END {THANKS}\n{applicants.reference()}"
    hops = 1 + len(amina.sent)
    assert hops == 11


# -- lost answers and dropped sessions ---------------------------------------------------------------


def test_a_repeated_hop_gets_the_same_words(applicants: Applicants, amina: Handset) -> None:
    first = at_confirm(applicants, amina).send("1")
    assert [amina.post() for _ in range(3)] == [first] * 3
    assert applicants.reference() in first and applicants.vacancy().filled == 1


def test_a_lost_answer_is_told_again_after_a_resume(applicants: Applicants, amina: Handset) -> None:
    """The commit held, the session was not saved: who dials again stands before the same question."""
    at_confirm(applicants, amina)
    redis = applicants.service.stores.redis
    before = {key: redis.dump(key) for key in redis.scan_iter("*") if not key.startswith(b"bell")}
    first = amina.send("1")
    for key, value in before.items():
        redis.restore(key, 900_000, value, replace=True)
    assert "had not finished applying for a post" in amina.dial()
    amina.send("1", PASSWORD)
    assert "Invigilator, KCSE" in amina.screen
    assert amina.send("1") == first == f"END {THANKS}\n{applicants.reference()}"
    assert applicants.vacancy().filled == 1 and applicants.told("amina") == ["application.received"]


@pytest.mark.parametrize("way", ["code", "lists"])
def test_a_session_that_drops_at_the_question_is_one_form(
    applicants: Applicants, amina: Handset, way: str
) -> None:
    if way == "code":
        at_confirm(applicants, amina)
    else:
        through_the_lists(amina)
    for _ in range(2):
        assert "had not finished applying" in amina.dial()
        amina.send("1", PASSWORD)
        assert "Apply (no interest)" in amina.screen
    unfinished = applicants.all(UNFINISHED)
    assert len(unfinished) == 1
    assert amina.send("1").startswith(f"END {THANKS}")
    assert not applicants.all(UNFINISHED)
    assert applicants.all(select(Application.form_id))[0].startswith(unfinished[0].id)


def test_looking_at_several_vacancies_is_one_form(applicants: Applicants, amina: Handset) -> None:
    """Back from the question is possible, and one reminder would do for all that was looked at."""
    for post in (KASARANI, MWIKI):
        at_confirm(applicants, amina, post) if post == KASARANI else amina.send(code(applicants, post))
        assert "vacancy" in amina.send("0")
    through = amina.send(code(applicants, KASARANI))
    assert "Kasarani Girls" in through
    form = applicants.all(select(Form))
    assert [(row.journey, row.details["code"]) for row in form] == [("apply", code(applicants))]


def test_another_account_does_not_finish_it(applicants: Applicants, amina: Handset) -> None:
    """A session that dropped at the question is not gone on with by somebody else who signs in."""
    at_confirm(applicants, amina)
    amina.dial()
    amina.send("1", "2", PEOPLE["fatuma"][0].removeprefix("+"), PASSWORD)
    assert "CP2, my account" in amina.screen
    assert applicants.all(select(Application)) == [] and not amina.inbox()
