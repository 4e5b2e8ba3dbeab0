"""The returned register as a paper: its facts, its pages, the link that opens it, and the page of truth."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from documents import returns
from documents.renderer import Renderer
from documents.returns import Line, Register
from documents.spelling import NAIROBI
from models.accounts import Account
from models.attendance import MarkEvent
from models.centres import Return
from models.series import Series
from operations import attendance, documents, office, payrolls
from telephony import references
from tests import pdfs
from tests.fixtures_attendance import DAYS as RUN
from tests.fixtures_attendance import at
from tests.fixtures_registers import CENTRE, STAFF, Morning
from tests.fixtures_returns import AFTER, Desk
from tests.fixtures_season import PASSWORD
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
    asked = browser.get(link[0]).text
    assert "To open this attendance register" in asked and "national ID of: Centre Manager." in asked
    assert "rejista hii ya mahudhurio" in asked and "kitambulisho cha: Meneja wa kituo." in asked
    assert "letter" not in asked and "barua" not in asked
    assert "Register" not in browser.post(link[0], data={"digits": "0000"}).text
    with morning.db() as db:
        national_id = db.get_one(Account, morning.season.accounts["fatuma"]).national_id or ""
    opened = browser.post(link[0], data={"digits": national_id[-4:]})
    assert opened.mimetype == "application/pdf"
    assert "knec-attendance-register.pdf" in opened.headers["Content-Disposition"]
    said = pdfs.text(opened.data)
    assert number in said and "Kasarani Girls Secondary School (20401001)" in said and "Esther Njeri" in said
    digest = re.findall(r"Hash: ([0-9a-f]{12})", said)[0]
    page = browser.get(f"/check/{number}").text
    assert f"Genuine, if the paper has this hash / Halisi, ikiwa karatasi ina heshi hii: {digest}" in page
    assert "attendance register" in page and "an earlier print, with another hash, does not count" in page
    assert "chapa ya awali, yenye heshi nyingine, haihesabiki" in page


def test_check_by_sms(morning: Morning, handset: Callable[[str], Handset]) -> None:
    number, asker = returned(morning), handset("+254733000333")
    asker.text(f"CHECK {number}")
    with morning.db() as db:
        digest = db.scalars(select(Return.digest).where(Return.reference == number)).one()[:12]
    said = asker.inbox()[-1]
    assert number in said and f"genuine if its hash is {digest}. Compare: an earlier print" in said
    # A letter ends with its deployment; the register is the centre's, whoever signed it.
    with morning.db() as db:
        documents.revoke(db, morning.posts["fatuma"], by=STAFF, now=office.now(db))
    asker.text(f"HAKIKI {number}")
    said = asker.inbox()[-1]
    assert f"halisi ikiwa heshi ni {digest}. Linganisha: chapa ya awali" in said and CENTRE in said


def test_a_register_handed_in_anew_is_another_paper(
    desk: Desk, app: Flask, handset: Callable[[str], Handset]
) -> None:
    first, asker = desk.submit(now=AFTER), handset("+254733000333")
    desk.correct("chebet", RUN[1], False)
    again = desk.submit(now=AFTER)
    assert again.reference == first.reference
    asker.text(f"CHECK {again.reference}")
    said = asker.inbox()[-1]
    assert again.digest[:12] in said and first.digest[:12] not in said and "earlier print does not" in said
    page = with_papers(app).test_client().get(f"/check/{again.reference}").text
    assert again.digest[:12] in page and "an earlier print" in page


def test_a_receipt_is_not_called_a_false_paper(app: Flask, handset: Callable[[str], Handset]) -> None:
    asker, number = handset("+254733000333"), references.make("RG")
    asker.text(f"CHECK {number}")
    assert f"{number} looks like a receipt" in asker.inbox()[-1] and "not genuine" not in asker.inbox()[-1]
    asker.text(f"HAKIKI {number.lower()}")
    assert f"{number} inaonekana ni risiti" in asker.inbox()[-1] and len(asker.inbox()[-1]) <= 160
    page = with_papers(app).test_client().get(f"/check/{number}").text
    assert "looks like a receipt" in page and "not genuine" not in page


# -- a register that changed ---------------------------------------------------------------------------


def changed(morning: Morning) -> str:
    """The register is handed in, then the director corrects a mark of it: the day it was handed in."""
    returned(morning)
    with morning.db() as db:
        moment = office.now(db)
        said = {"by": STAFF, "channel": "command", "source": "test:corrected", "reason": "was there"}
        attendance.record(
            db, morning.posts["fatuma"], morning.day(1), True, said_at=moment, now=moment, **said
        )
        return f"{moment.astimezone(NAIROBI):%-d %b %Y}".replace("Sep ", "Sept ")


def test_a_centre_is_told_by_sms_that_its_register_changed(morning: Morning) -> None:
    day, phone = changed(morning), morning.handset("+254715000001")
    phone.text("RETURN")
    said = phone.inbox()[-1]
    assert f"changed after it was handed in on {day}" in said and "submit it again" in said
    assert "not submitted yet" not in said
    phone.text("RUDISHA")
    assert "ilibadilika baada ya kuwasilishwa" in phone.inbox()[-1] and len(phone.inbox()[-1]) <= 160


def test_a_centre_hands_a_changed_register_in_again_on_the_screen(morning: Morning) -> None:
    day = changed(morning)
    mercy = morning.sign_in()
    assert f"changed after it was handed in on {day}" in mercy.send("5")
    assert "Submit all the same?" in mercy.send("1")
    assert "Register submitted: DC-" in mercy.send("1")


# -- a statement of pay by SMS ---------------------------------------------------------------------------


def decided(desk: Desk) -> None:
    """KCSE 2030 is paid, but for Chebet, whose phone is another's."""
    desk.submit()
    desk.receive()
    desk.rate()
    desk.profile("chebet", mpesa_name="Peter Kamau")
    with desk.roll.db() as db:
        made = payrolls.prepare(db, desk.roll.series_id, by=STAFF, now=AFTER)
        bob = office.Actor("staff:bob", "command")
        payrolls.close(db, made.id, seen=made.digest, by=bob, now=AFTER)


def test_a_statement_comes_from_the_closed_schedule(desk: Desk, handset: Callable[[str], Handset]) -> None:
    fatuma, chebet = handset("+254711000006"), handset("+254711000003")
    fatuma.text("STATEMENT")
    assert "Payable so far: 10 days" in fatuma.inbox()[-1]  # nothing is closed yet
    decided(desk)
    fatuma.text("STATEMENT")
    assert "KCSE 2030, DP-" in fatuma.inbox()[-1] and "10 days x Ksh 680 = Ksh 6,800" in fatuma.inbox()[-1]
    chebet.text("taarifa")
    said = chebet.inbox()[-1]
    assert "hazijalipwa: jina lako la M-Pesa ni tofauti" in said and len(said) <= 160
    handset("+254733000333").text("STATEMENT")
    assert "no CP2 account" in handset("+254733000333").inbox()[-1]


def test_pay_by_sms_says_what_was_decided(desk: Desk, handset: Callable[[str], Handset]) -> None:
    fatuma, chebet = handset("+254711000006"), handset("+254711000003")
    decided(desk)
    for words, said in (
        ("PAY", "10 days x Ksh 680 = Ksh 6,800"),
        ("MALIPO", "siku 10 x Ksh 680 = Ksh 6,800"),
    ):
        fatuma.text(words)
        assert said in fatuma.inbox()[-1] and len(fatuma.inbox()[-1]) <= 160
    for words, said in (("PAY", "10 days, not paid: your M-Pesa name"), ("MALIPO", "hazijalipwa: jina lako")):
        chebet.text(words)
        assert said in chebet.inbox()[-1] and "Ksh" not in chebet.inbox()[-1]


def days_of(handset: Callable[[str], Handset], number: str) -> str:
    """The first screen of Days and pay on this phone."""
    phone = handset(number)
    phone.dial()
    return phone.send(PASSWORD, "7")


def test_the_screen_says_what_was_decided(desk: Desk, handset: Callable[[str], Handset]) -> None:
    fatuma, chebet = "+254711000006", "+254711000003"
    assert "So far: Ksh 6,800 (10 days)" in days_of(handset, fatuma)
    decided(desk)
    said = days_of(handset, fatuma)
    assert "KCSE 2030: 10 days x Ksh 680 = Ksh 6,800. KNEC pays by M-Pesa" in said and "So far" not in said
    assert "KCSE 2030: 10 days, not paid: your M-Pesa name differs" in days_of(handset, chebet)
    assert "Ksh" not in days_of(handset, chebet) and "1. Day by day" in days_of(handset, chebet)
    for name in ("fatuma", "chebet"):
        desk.roll.season.speak(name, "sw")
    assert "KCSE 2030: siku 10 x Ksh 680 = Ksh 6,800. KNEC hulipa" in days_of(handset, fatuma)
    assert "KCSE 2030: siku 10, hazijalipwa: jina lako la M-Pesa" in days_of(handset, chebet)


def test_what_was_decided_costs_one_query_more(
    desk: Desk, handset: Callable[[str], Handset], queries: list[str]
) -> None:
    decided(desk)
    fatuma = handset("+254711000006")
    queries.clear()
    fatuma.text("PAY")
    assert sum("pay_line" in said for said in queries) == 1
    fatuma.dial()
    fatuma.send(PASSWORD)
    queries.clear()
    assert "Ksh 6,800" in fatuma.send("7")
    assert sum("pay_line" in said for said in queries) == 1


def test_a_whole_register_is_submitted_without_a_question(morning: Morning) -> None:
    with morning.db() as db:
        db.get_one(Series, morning.season.running).ends = morning.today
        for post in morning.posts.values():
            for ago in range(4):
                said = {"source": f"all:{post}:{ago}", "channel": "ussd", "actor": "phone:+254715000001"}
                day = morning.day(ago)
                db.add(MarkEvent(deployment_id=post, day=day, present=True, said_at=at(day, 0), **said))
    assert "officers 4, P 16, Ab 0: no mark is missing." in morning.sign_in().send("5")
