"""A new user's first day in the browser handset, on the whole service, in both languages."""

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.fixtures_browser import act, answer, browser, dial, handset, marks, read, run, shows, text
from tests.processes import Run

__all__ = ["browser", "run"]
pytestmark = marks

WORDS = {
    "en": [
        "1. Create account",
        "M-Pesa",
        "Data Protection",
        "Your account is ready",
        "your password",
        "saved",
    ],
    "sw": [
        "1. Fungua akaunti",
        "M-Pesa",
        "Sheria ya Data",
        "Akaunti iko tayari",
        "nenosiri lako",
        "limehifadhiwa",
    ],
}

PASSWORD = r"\b\d{8}\b"

AGAIN = {"saved": "again", "limehifadhiwa": "tena"}


@pytest.mark.parametrize(("lang", "number"), [("en", "0711000881"), ("sw", "0110000882")])
def test_first_day(browser: Browser, run: Run, lang: str, number: str) -> None:
    """Register, read the SMS, sign in, change the password, text `Password`, use the new one."""
    start, mpesa, law, ready, prompt, saved = WORDS[lang]
    page = handset(browser, run, number)
    dial(page)
    shows(page, "1. Create account")
    if lang == "sw":
        answer(page, "5", start)
    answer(page, "1", mpesa)
    answer(page, "1", law)
    answer(page, "1", ready)
    act(page, "end")
    code = password_in(read(page, PASSWORD))
    dial(page)
    shows(page, prompt)
    choose(page, code, "48213967", saved)
    dial(page)
    shows(page, prompt)
    answer(page, "48213967", "1. ")
    answer(page, "8", "1. ")
    answer(page, "1", "6")
    answer(page, "73920518", AGAIN[saved])
    answer(page, "73920518", saved)
    told = text(page, "Password" if lang == "en" else "Nenosiri", rf"(?!.*{code}){PASSWORD}")
    again = password_in(told)
    dial(page)
    shows(page, prompt)
    choose(page, again, "90417365", saved)
    page.close()


def password_in(said: str) -> str:
    """The one-time password in these words, which also hold a username."""
    return str(re.findall(PASSWORD, said)[0])


def choose(page: Page, code: str, own: str, saved: str) -> None:
    """Sign in with a one-time password and choose one's own, typed twice."""
    answer(page, code, "6")
    answer(page, own, AGAIN[saved])
    answer(page, own, saved)
