"""A centre manager's morning in the browser handset, on the whole service with its demonstration season."""

import re

import pytest
from playwright.sync_api import Browser

from tests.fixtures_browser import answered, browser, handset, marks, reads, run, text, walk
from tests.processes import Run

__all__ = ["browser", "run"]
pytestmark = marks

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
    page = handset(browser, run, number)
    # From a phone of somebody to the centre's own menu.
    sign_in = (("2", "8"), (centre, centre), ("mitihani7", register))
    for _ in range(5):
        walk(page, "2. ", *sign_in, ("1", standing), ("2", "3 7"), ("3 7", sure))
        reads(page, r"P 6, Ab 2: 3 \w+ [\w']+, 7 \w+ [\w']+ ")
        if answered(page, "1", marked):
            break
    reads(page, rf"(?i:{receipt}) RG-\w{{3}}-\w{{3}}-\w: P 6, Ab 2: ")
    told = text(page, ASKS[lang], r"P 6, Ab 2, .* \d{6} ")
    code = re.findall(r"\b\d{6}\b", told)[0]
    put_right = f"{ASKS[lang]} {code[:3]} {code[3:]} {ABSENT[lang]} 3"
    text(page, put_right, rf"P 7, Ab 1: 3 \w+ [\w']+[.;] .*{receipt}")
    walk(page, "2. ", *sign_in, ("1", "P 7, Ab 1"))
    page.close()
