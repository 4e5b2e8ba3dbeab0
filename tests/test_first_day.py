"""A new user's first day in the browser handset, on the whole service, in both languages."""

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.fixtures_browser import act, browser, handset, marks, read, run, text, walk
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
    if lang == "sw":
        walk(page, "1. ", ("5", start))
    walk(page, start, ("1", mpesa), ("1", law), ("1", ready))
    act(page, "end")
    code = password_in(read(page, PASSWORD))
    choose(page, prompt, code, "48213967", saved)
    changed = (("73920518", AGAIN[saved]), ("73920518", saved))
    walk(page, prompt, ("48213967", "1. "), ("8", "1. "), ("1", "6"), *changed)
    told = text(page, "Password" if lang == "en" else "Nenosiri", rf"(?!.*{code}){PASSWORD}")
    choose(page, prompt, password_in(told), "90417365", saved)
    page.close()


def password_in(said: str) -> str:
    """The one-time password in these words, which also hold a username."""
    return str(re.findall(PASSWORD, said)[0])


def choose(page: Page, prompt: str, code: str, own: str, saved: str) -> None:
    """Sign in with a one-time password and choose one's own, typed twice."""
    walk(page, prompt, (code, "6"), (own, AGAIN[saved]), (own, saved))
