"""The returned register as a paper: its facts, its pages, the link that opens it, and the page of truth."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from documents import returns
from documents.renderer import Renderer
from documents.returns import Line, Register
from documents.spelling import NAIROBI
from models.accounts import Account
from models.attendance import MarkEvent
from models.series import Series
from operations import documents, office, payrolls
from tests import pdfs
from tests.fixtures_attendance import at
from tests.fixtures_registers import CENTRE, STAFF, Morning
from tests.fixtures_returns import AFTER, Desk
from tests.fixtures_service import Handset
from tests.fixtures_web import with_papers

RENDERER = Renderer()
DAYS = tuple(
    day for n in range(36) if (day := date(2026, 10, 16) + timedelta(days=n)).weekday() < 5
)  # KCSE 2026: 26 days
REGISTER = Register(
    number="DC-7K4-QX9-2",
    check_url="https://cp2phone.knec.ac.ke/check/DC-7K4-QX9-2",
    short_code="22262",
    exam="KCSE 2026",
    centre_code="20401001",
    centre="Bishop Gatimu Ngandu Girls High School Nyeri",
    sub_county="Kirinyaga North/Mwea West",
    county="Elgeyo Marakwet",
    submitted_at=datetime(2026, 11, 20, 16, tzinfo=NAIROBI),
    submitted_digest="a3f9" * 16,
    digest="a3f9" * 16,
    days=DAYS,
    lines=tuple(
        Line(
            n,
            "Christopher Wamalwa Wanyonyi Simiyu",
            f"{23456000 + n}",
            "invigilator",
            dict.fromkeys(DAYS, True),
        )
        for n in range(1, 41)
    ),
)


def text(register: Register) -> str:
    return pdfs.text(returns.draw(RENDERER, register))


def test_a_long_register_says_everything_on_a_few_pages() -> None:
    pdf = returns.draw(RENDERER, REGISTER)
    assert pdf == returns.draw(Renderer(), REGISTER)
    assert 2 <= len(pdfs.pages(pdf)) <= 4
    said = pdfs.text(pdf)
    facts = (
        *("ATTENDANCE REGISTER", "KCSE 2026", "Bishop Gatimu", "(20401001)", "Elgeyo Marakwet"),
        *("DC-7K4-QX9-2", "CHECK", "a3f9" * 16, "CENTRE MANAGER", "SUB COUNTY DIRECTOR OF EDUCATION"),
        *("Stamp", "Signature", "Oct 2026", "Nov 2026", "23456001", "23456040", "Friday 20th November 2026"),
    )
    for fact in facts:
        assert fact in said, fact
    assert all("Signature" in page for page in pdfs.pages(pdf)[:-1])  # every page has the head of the table
    assert "Corrected" not in said


def test_marks_and_sums() -> None:
    marked = {DAYS[0]: True, DAYS[1]: False}
    small = replace(
        REGISTER, days=DAYS[:3], lines=(Line(7, "Amina Otieno", "23456789", "supervisor", marked),)
    )
    assert returns.spelled(small)["rows"] == [
        ["7", "Amina Otieno", "23456789", "SUP", "P", "Ab", "", "1", "1"]
    ]
    assert returns.spelled(small)["present"] == ["1", "0", "0"] and returns.spelled(small)["totals"] == [
        "1",
        "1",
    ]
    assert "Ab" in text(small)


def test_a_paper_says_that_it_was_corrected() -> None:
    assert "Corrected after it was returned" in text(replace(REGISTER, digest="b" * 64))


@pytest.mark.parametrize("name", ["#set page(width: 1cm)", "= *x* @y $z$", "\u202eanimA", "", "W" * 200])
def test_nothing_of_a_name_is_markup_or_leaves_the_page(name: str) -> None:
    one = replace(REGISTER, lines=(Line(1, name, name, "driver", {}),), days=())
    assert len(pdfs.pages(returns.draw(RENDERER, one))) == 1


def returned(morning: Morning) -> str:
    """The register of the morning's centre, submitted on its last day by the manager's phone: its number."""
    with morning.db() as db:
        db.get_one(Series, morning.season.running).ends = morning.today
    mercy = morning.sign_in()
    found = re.search(r"DC-\w{3}-\w{3}-\w", mercy.send("5", "1"))
    assert found, mercy.screen
    return found[0]


def test_the_link_opens_the_register_with_the_managers_digits(morning: Morning, app: Flask) -> None:
    number = returned(morning)
    link = re.search(r"/d/\w{16}", morning.handset("+254715000001").inbox()[-1])
    assert link
    browser = with_papers(app).test_client()
    assert browser.get(link[0]).status_code == 200
    assert "Register" not in browser.post(link[0], data={"digits": "0000"}).text
    with morning.db() as db:
        national_id = db.get_one(Account, morning.season.accounts["fatuma"]).national_id or ""
    opened = browser.post(link[0], data={"digits": national_id[-4:]})
    assert opened.mimetype == "application/pdf"
    assert "knec-attendance-register.pdf" in opened.headers["Content-Disposition"]
    said = pdfs.text(opened.data)
    assert number in said and "Kasarani Girls Secondary School (20401001)" in said and "Esther Njeri" in said
    page = browser.get(f"/check/{number}").text
    assert "Genuine / Halisi" in page and "attendance register" in page


def test_check_by_sms(morning: Morning, handset: Callable[[str], Handset]) -> None:
    number, asker = returned(morning), handset("+254733000333")
    asker.text(f"CHECK {number}")
    assert f"GENUINE: attendance register {number}" in asker.inbox()[-1]
    # A letter ends with its deployment; the register is the centre's, whoever signed it.
    with morning.db() as db:
        documents.revoke(db, morning.posts["fatuma"], by=STAFF, now=office.now(db))
    asker.text(f"HAKIKI {number}")
    assert "HALISI" in asker.inbox()[-1] and CENTRE in asker.inbox()[-1]


# -- a statement of pay by SMS ---------------------------------------------------------------------------


def test_a_statement_comes_from_the_closed_schedule(desk: Desk, handset: Callable[[str], Handset]) -> None:
    fatuma, chebet = handset("+254711000006"), handset("+254711000003")
    fatuma.text("STATEMENT")
    assert "Payable so far: 10 days" in fatuma.inbox()[-1]  # nothing is closed yet
    desk.submit()
    desk.receive()
    desk.rate()
    desk.profile("chebet", mpesa_name="Peter Kamau")
    with desk.roll.db() as db:
        made = payrolls.prepare(db, desk.roll.series_id, by=STAFF, now=AFTER)
        bob = office.Actor("staff:bob", "command")
        payrolls.close(db, made.id, seen=made.digest, by=bob, now=AFTER)
    fatuma.text("STATEMENT")
    assert "KCSE 2030, DP-" in fatuma.inbox()[-1] and "10 days x Ksh 680 = Ksh 6,800" in fatuma.inbox()[-1]
    chebet.text("taarifa")
    said = chebet.inbox()[-1]
    assert "hazijalipwa: jina lako la M-Pesa ni tofauti" in said and len(said) <= 160
    handset("+254733000333").text("STATEMENT")
    assert "no CP2 account" in handset("+254733000333").inbox()[-1]


def test_a_whole_register_is_submitted_without_a_question(morning: Morning) -> None:
    with morning.db() as db:
        db.get_one(Series, morning.season.running).ends = morning.today
        for post in morning.posts.values():
            for ago in range(4):
                said = {"source": f"all:{post}:{ago}", "channel": "ussd", "actor": "phone:+254715000001"}
                day = morning.day(ago)
                db.add(MarkEvent(deployment_id=post, day=day, present=True, said_at=at(day, 0), **said))
    assert "officers 4, P 16, Ab 0: no mark is missing." in morning.sign_in().send("5")
