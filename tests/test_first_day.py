"""A new user's first day in the browser handset, on the whole service, in both languages."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from runtime import settings as settings_module
from runtime.folder import free_port
from tests.processes import Run, supervised, wait_until
from tests.test_simulator import act, browser, press, shows

__all__ = ["browser"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a death signal"),
]

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

AGAIN = {"saved": "again", "limehifadhiwa": "tena"}


@pytest.fixture(scope="module")
def run(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("day")
    with supervised(folder, sys.executable, "wsgi.py", CP2_PORT=str(free_port())) as run:
        yield run.await_ready()


def dial(page: Page) -> None:
    """From the idle screen: the service code, and call; again where a busy machine asks for that."""
    content = page.locator("#content")
    for _ in range(3):
        act(page, "end")
        press(page, "*384*22262#")
        act(page, "call")
        expect(content).to_contain_text(re.compile(r"1\. |hatuwezi"), timeout=20_000)
        if "hatuwezi" not in content.inner_text():
            return


def answer(page: Page, typed: str, sees: str) -> None:
    """Type an answer, send it, and see what comes."""
    page.keyboard.type(typed)
    act(page, "left")
    shows(page, sees)


def newest_code(page: Page, words: str) -> str:
    """Open the newest message and read the one-time password in it."""
    act(page, "end")
    shows(page, "new message")
    act(page, "middle")
    act(page, "left")
    shows(page, words)
    found = re.search(r"\b\d{8}\b", page.locator("#content").inner_text())
    assert found
    return found[0]


@pytest.mark.parametrize(("lang", "number"), [("en", "0711000881"), ("sw", "0110000882")])
def test_first_day(browser: Browser, run: Run, lang: str, number: str) -> None:
    """Register, read the SMS, sign in, change the password, text `Password`, use the new one."""
    start, mpesa, law, ready, prompt, saved = WORDS[lang]
    simulator = settings_module.address(Path(run.env["CP2_DATA_DIR"]), "at_base_url")
    page = browser.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{simulator}#{number}")
    expect(page.locator("#operator")).to_have_text("Safaricom")
    dial(page)
    shows(page, "1. Create account")
    if lang == "sw":
        answer(page, "5", start)
    answer(page, "1", mpesa)
    answer(page, "1", law)
    answer(page, "1", ready)
    code = newest_code(page, "254")
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
    text_for_a_password(page, "Password" if lang == "en" else "Nenosiri")
    again = re.search(r"\b\d{8}\b", page.locator("#content").inner_text())
    assert again and again[0] != code
    dial(page)
    shows(page, prompt)
    choose(page, again[0], "90417365", saved)
    page.close()


def choose(page: Page, code: str, own: str, saved: str) -> None:
    """Sign in with a one-time password and choose one's own, typed twice."""
    answer(page, code, "6")
    answer(page, own, AGAIN[saved])
    answer(page, own, saved)


def text_for_a_password(page: Page, word: str) -> None:
    """Text the word to the short code and open the answer that holds a password."""
    act(page, "end")
    act(page, "left")
    press(page, "2")
    shows(page, "To 22262")
    page.keyboard.type(word)
    act(page, "left")
    shows(page, "Message sent")
    number = page.url.partition("#")[2].removeprefix("0")
    inbox = f"{page.url.partition('#')[0]}inbox?phone=%2B254{number}"

    def last_sms() -> str:
        return str(page.request.get(inbox).json()[-1]["text"])

    wait_until(lambda: re.search(r"\b\d{8}\b", last_sms()), "the password that was asked for")
    page.reload()  # and look at the newest at once, not at the page's next look
    shows(page, "new message")
    act(page, "middle")
    act(page, "left")
    expect(page.locator("#content")).to_contain_text(re.compile(r"\b\d{8}\b"))
