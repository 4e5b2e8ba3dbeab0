"""A person's hands and eyes at the browser handset of a whole service: dial, answer, text, read."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from runtime import settings as settings_module
from tests.processes import Run, own_port, supervised, wait_until
from tests.test_simulator import act, browser, press, shows

__all__ = [
    "act",
    "answered",
    "browser",
    "content",
    "handset",
    "marks",
    "read",
    "reads",
    "run",
    "text",
    "walk",
]

# What a service says for want of time, in both languages; nothing was done. And what it asks of who comes back.
BUSY = re.compile(r"kwa sasa hatuwezi|Bado tunashughulikia")
UNFINISHED = re.compile(r"You had not finished|Hukumaliza")

marks = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a death signal"),
]


@pytest.fixture(scope="module")
def run(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("day")
    with supervised(folder, sys.executable, "wsgi.py", CP2_PORT=str(own_port())) as run:
        yield run.await_ready()


def handset(browser: Browser, run: Run, number: str) -> Page:
    """A phone with this number."""
    simulator = settings_module.address(Path(run.env["CP2_DATA_DIR"]), "at_base_url")
    page = browser.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{simulator}#{number}")
    expect(page.locator("#operator")).to_have_text("Safaricom")
    return page


def dial(page: Page) -> None:
    """From the idle screen: the service code, and call; again where a busy machine asks for that."""
    for _ in range(5):
        act(page, "end")
        press(page, "*384*22262#")
        act(page, "call")
        expect(page.locator("#content")).to_contain_text(re.compile(rf"1\. |{BUSY.pattern}"))
        if not BUSY.search(content(page)):
            return


def walk(page: Page, begins: str, *steps: tuple[str, str]) -> None:
    """Dial and answer one screen after the other; from the beginning where a busy machine asks for that.

    Each step is what is typed and what is then seen; only the last one may leave anything behind.
    """
    for _ in range(5):
        dial(page)
        begun = answered(page, "2", begins) if UNFINISHED.search(content(page)) else True
        if begun and all(answered(page, *step) for step in steps):
            return
    raise AssertionError(content(page))


def answered(page: Page, typed: str, sees: str) -> bool:
    """Type an answer, send it, and see what comes; False where a busy machine asks to dial again."""
    page.keyboard.type(typed)
    act(page, "left")
    expect(page.locator("#content")).to_contain_text(re.compile(f"{re.escape(sees)}|{BUSY.pattern}"))
    return not BUSY.search(content(page))


def reads(page: Page, words: str) -> None:
    """Wait until the screen says this, be it on one line or on several."""
    wait_until(lambda: re.search(words, content(page)), words)


def content(page: Page) -> str:
    """What the screen shows, on one line."""
    return " ".join(page.locator("#content").inner_text().split())


def text(page: Page, words: str, said: str) -> str:
    """Text these words to the short code, and open the answer: what it says."""
    act(page, "end")
    act(page, "left")
    press(page, "2")
    shows(page, "To 22262")
    page.keyboard.type(words)
    act(page, "left")
    # It says so for a moment only; a slow machine may look when it is over.
    expect(page.locator("#phone")).to_have_attribute("data-screen", re.compile("notice|home"))
    return read(page, said)


def read(page: Page, said: str) -> str:
    """Open the message that says this: never just the newest, for others may come meanwhile.

    The clock sends the day's code, and of two that are sent at once the one of the higher class goes first.
    """
    wait_until(lambda: place(page, said) is not None, f"a message with {said}")
    for _ in range(5):
        page.reload()  # and look at the inbox at once, not at the page's next look
        shows(page, "new message")
        act(page, "middle")
        for _ in range(place(page, said) or 0):
            act(page, "down")
        act(page, "left")
        shows(page, "From 22262")
        if re.search(said, content(page)):
            break
    assert re.search(said, content(page)), content(page)
    return content(page)


def place(page: Page, wanted: str) -> int | None:
    """How many messages are newer than the newest that says this; None where none does."""
    address, _, number = page.url.partition("#")
    inbox = page.request.get(f"{address}inbox?phone=%2B254{number[1:]}").json()
    said = [str(message["text"]) for message in reversed(inbox)]
    return next((n for n, words in enumerate(said) if re.search(wanted, words)), None)
