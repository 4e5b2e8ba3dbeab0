"""What a centre does: on record with the phone and the person behind it, and at a bounded cost."""

import pytest
from sqlalchemy import select

from models.centres import CentrePhone
from models.records import Audit
from operations import disputes, enrolments, office, settlements
from operations.office import caller
from telephony import references
from tests.fixtures_registers import CENTRE, MERCY, Morning
from tests.fixtures_returns import Desk
from tests.fixtures_season import PEOPLE

FATUMA = PEOPLE["fatuma"][0]  # the manager, on her own phone
# What one word costs the database: 33 statements each, while the register was read again at every step. One
# by USSD asks whether the phone that reads still acts for the centre.
MOST_BY_SMS, MOST_BY_USSD = 20, 19
ACTS = ("register.mark", "register.renew_code", "register.other_day_code", "register.stop_sms")


@pytest.fixture
def managed(morning: Morning) -> Morning:
    """Fatuma acts for the centre from the phone on which she has her own account."""
    morning.enrol(CENTRE, FATUMA)
    return morning


def named(morning: Morning, act: str) -> set[tuple[str, str | None]]:
    """Who did this, by phone and person."""
    return {(row.actor, row.details.get("person")) for row in morning.audited(act)}


def test_every_act_names_the_phone_and_the_person(managed: Morning) -> None:
    phone = managed.sign_in(FATUMA)
    phone.send("1", "1", "1", "00", "1", "3", "2", "2")  # all present; one by one; correcting
    phone.send("00", "1", "5", "1")  # a new code
    managed.text(f"ATT {managed.code(issue=2)} ALL", FATUMA)
    managed.text(f"ATT {managed.code(managed.day(1))} ALL", FATUMA)
    for root in ("00040", "00041", "00042", "00043", "00044"):
        managed.text(f"ATT {root}{references.check_digit(root)} ALL", FATUMA)
    mine = (f"phone:{FATUMA}", f"account:{managed.season.accounts['fatuma']}")
    assert {act: named(managed, act) for act in ACTS} == {act: {mine} for act in ACTS}
    assert len(managed.audited("register.mark")) == 3


def test_a_phone_that_is_nobodys_is_named_alone(morning: Morning) -> None:
    morning.text("ATT <code> ALL")
    assert named(morning, "register.mark") == {(f"phone:{MERCY}", None)}


def test_who_settles_a_dispute_for_the_centre_is_named(managed: Morning) -> None:
    managed.say({2: False})
    amina, post = managed.season.accounts["amina"], managed.posts["amina"]
    with managed.db() as db:
        now, by = office.now(db), caller(PEOPLE["amina"][0], "ussd")
        raised = disputes.raise_(db, amina, post, managed.today, by=by, now=now)
        settlements.settle(db, raised.id, True, "She was here", by=caller(FATUMA, "ussd"), now=now)
    mine = (f"phone:{FATUMA}", f"account:{managed.season.accounts['fatuma']}")
    assert named(managed, "dispute.settle") == {mine}


def test_who_hands_the_register_in_is_named(desk: Desk) -> None:
    with desk.roll.db() as db:
        db.add(CentrePhone(centre_code=CENTRE, phone=FATUMA, enrolled_by="test"))
    desk.submit(by=caller(FATUMA, "ussd"))
    with desk.roll.db() as db:
        row = db.scalars(select(Audit).where(Audit.act == "return.submit")).one()
    assert row.details["person"] == f"account:{desk.roll.season.accounts['fatuma']}"


def test_a_phone_that_was_removed_marks_nothing_in_a_session_that_is_still_open(managed: Morning) -> None:
    phone = managed.sign_in(FATUMA)
    phone.send("1", "1")
    with managed.db() as db:
        enrolments.remove(db, CENTRE, FATUMA, by=caller(MERCY, "ussd"), now=office.now(db))
    assert "This phone left the centre" in phone.send("1") and not managed.events()
    for typed in ("00", "1"), ("00", "2"):
        screen = phone.send(*typed)
        assert "This phone left the centre" in screen and "Fatuma" not in screen
    assert not managed.audited("register.renew_code")


@pytest.mark.parametrize(
    "ahead", [("1",), ("1", "4"), ("1", "2"), ("1", "3"), ("1", "2", "3"), ("1", "4", "3")]
)
@pytest.mark.parametrize("lang", ["en", "sw"])
def test_a_phone_that_was_removed_reads_nothing_from_any_screen(
    managed: Morning, ahead: tuple[str, ...], lang: str
) -> None:
    managed.season.speak("fatuma", lang)
    phone = managed.sign_in(FATUMA)
    phone.send(*ahead)
    with managed.db() as db:
        enrolments.remove(db, CENTRE, FATUMA, by=caller(MERCY, "ussd"), now=office.now(db))
    gone = "This phone left the centre" if lang == "en" else "Simu si ya kituo tena"
    assert gone in phone.send("1")
    for typed in ("4", "1", "0", "98", "0", "00", "2"):
        screen = phone.send(typed)
        assert not any(name in screen for name in ("Amina", "Esther", "Daudi", "Fatuma")), screen
        assert len(screen) <= 160
    assert not managed.events()


@pytest.mark.parametrize("more", [(), ("chebet", "baraka")])
def test_a_word_costs_the_same_however_many_serve(
    managed: Morning, more: tuple[str, ...], queries: list[str]
) -> None:
    with managed.db() as db:
        for name in more:
            series = managed.season.running
            managed.season.make_deployment(db, name, CENTRE, "invigilator", series_id=series)
    text = f"ATT {managed.code()} AB 3 4"
    managed.handset(FATUMA).text(text)
    queries.clear()
    managed.handset(FATUMA).text(text)
    assert 10 < len(queries) <= MOST_BY_SMS, queries
    phone = managed.sign_in(FATUMA)
    phone.send("1", "2", "3")
    queries.clear()
    assert "Marked." in phone.send("1")
    assert 10 < len(queries) <= MOST_BY_USSD, queries
