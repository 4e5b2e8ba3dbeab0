"""A centre manager's morning in the browser handset, on the whole service with its demonstration season."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from runtime import settings as settings_module
from tests.processes import Run, wait_until
from tests.test_first_day import act, answer, browser, dial, press, pytestmark, run, shows

__all__ = ["browser", "pytestmark", "run"]

# By language: a centre of docs/demo.md and its manager's phone, and what is read at each step.
MORNINGS = {
    "en": (
        "47109001",
        "0722000117",
        "Today's register",
        "nobody marked",
        "Is this right?",
        "Marked.",
        "Receipt",
    ),
    "sw": (
        "22108001",
        "0722000123",
        "Rejista ya leo",
        "simu zatofautiana: na.",
        "Ni sawa?",
        "Imewekwa.",
        "Risiti",
    ),
}
ASKS = {"en": "ATT", "sw": "HUD"}
ABSENT = {"en": "AB", "sw": "HAWAPO"}


@pytest.mark.parametrize("lang", MORNINGS)
def test_a_morning_at_the_centre(browser: Browser, run: Run, lang: str) -> None:
    """Sign in, mark all but two, read the receipt, ask for the code, put one right by SMS, look again."""
    centre, number, register, standing, sure, marked, receipt = MORNINGS[lang]
    simulator = settings_module.address(Path(run.env["CP2_DATA_DIR"]), "at_base_url")
    page = browser.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{simulator}#{number}")
    expect(page.locator("#operator")).to_have_text("Safaricom")
    sign_in(page, centre, register)
    answer(page, "1", standing)
    answer(page, "2", "3 7")
    answer(page, "3 7", sure)
    assert re.search(r"P 6, Ab 2: 3 \w+ [\w']+, 7 \w+ [\w']+ ", content(page))
    answer(page, "1", marked)
    assert re.search(rf"(?i:{receipt}) RG-\w{{3}}-\w{{3}}-\w: P 6, Ab 2: ", content(page))
    told = text(page, ASKS[lang], r"P 6, Ab 2, .* \d{6} ")
    code = re.findall(r"\b\d{6}\b", told)[0]
    put_right = f"{ASKS[lang]} {code[:3]} {code[3:]} {ABSENT[lang]} 3"
    text(page, put_right, rf"P 7, Ab 1: 3 \w+ [\w']+[.;] .*{receipt}")
    sign_in(page, centre, register)
    answer(page, "1", "P 7, Ab 1")
    page.close()


def content(page: Page) -> str:
    """What the screen shows, on one line."""
    return " ".join(page.locator("#content").inner_text().split())


def sign_in(page: Page, centre: str, register: str) -> None:
    """To the centre's own menu from a phone of somebody; again where a busy machine asks."""
    for _ in range(3):
        dial(page)
        for typed, sees in (("2", "8"), (centre, centre), ("mitihani7", register)):
            page.keyboard.type(typed)
            act(page, "left")
            wanted = re.compile(f"{re.escape(sees)}|hatuwezi")
            expect(page.locator("#content")).to_contain_text(wanted, timeout=20_000)
        if register in content(page):
            return
    raise AssertionError(content(page))


def text(page: Page, words: str, answered: str) -> str:
    """Text these words to the short code, and open the answer: what it says."""
    act(page, "end")
    act(page, "left")
    press(page, "2")
    shows(page, "To 22262")
    page.keyboard.type(words)
    act(page, "left")
    shows(page, "Message sent")
    return read(page, answered)


def read(page: Page, answered: str) -> str:
    """Open the message that says this. Others may come meanwhile: the clock sends the day's code."""
    wait_until(lambda: place(page, answered) is not None, f"a message with {answered}")
    for _ in range(5):
        page.reload()  # and look at the inbox at once, not at the page's next look
        shows(page, "new message")
        act(page, "middle")
        for _ in range(place(page, answered) or 0):
            act(page, "down")
        act(page, "left")
        shows(page, "From 22262")
        if re.search(answered, content(page)):
            break
    assert re.search(answered, content(page)), content(page)
    return content(page)


def place(page: Page, answered: str) -> int | None:
    """How many messages are newer than the newest that says this; None where none does."""
    address, _, number = page.url.partition("#")
    inbox = page.request.get(f"{address}inbox?phone=%2B254{number[1:]}").json()
    said = [str(message["text"]) for message in reversed(inbox)]
    return next((n for n, words in enumerate(said) if re.search(answered, words)), None)
