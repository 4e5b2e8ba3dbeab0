"""Eligibility: what the registers say of somebody, what the council decides, and what a change undoes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.accounts import Account
from models.people import Profile
from models.records import Audit
from models.registers import Eligibility
from operations import eligibility, profiles
from operations.office import caller, now
from operations.refusals import Refusal
from tests.fixtures_eligibility import LINE, STAFF, TEACHER, asked, messages, refused, register, say
from tests.fixtures_season import Season

DRIVER = ("driver", "DL0098", "21234567", "Amina Wanjiru Otieno")
POLICE = ("security", "90017", "21234567", "Amina Wanjiru Otieno")
REGISTERS = {"teacher": "tsc", "examiner": "tsc", "driver": "ntsa", "security": "nps"}
# What each kind of person says, the lines of the register, and what comes of it: match, which, similarity.
FOUND: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]], tuple[Any, ...]]] = {
    "the same": (TEACHER, [LINE], ("verified", None, 100)),
    "noughts before": (
        ("teacher", "0512345", "021234567", "Amina Otieno"),
        [LINE],
        ("verified", None, 88),
    ),
    "initials": (
        ("teacher", "512345", "21234567", "A. W. Otieno"),
        [LINE],
        ("verified", None, 100),
    ),
    "nobody": (TEACHER, [], ("not_found", None, None)),
    "nobody like that": (
        TEACHER,
        [("999999", "29999999", "Amina Wanjiru Otieno", True)],
        ("not_found", None, None),
    ),
    "number of another": (
        TEACHER,
        [("512345", "29999999", "BARAKA MWANGI", True)],
        ("mismatch", "national_id", 42),
    ),
    "another number": (
        TEACHER,
        [("599999", "21234567", "AMINA OTIENO", True)],
        ("mismatch", "number", 88),
    ),
    "both of others": (
        TEACHER,
        [("512345", "29999999", "BARAKA", True), ("599999", "21234567", "AMINA OTIENO", True)],
        ("mismatch", "national_id", None),
    ),
    "another name": (
        TEACHER,
        [("512345", "21234567", "BARAKA MWANGI", True)],
        ("mismatch", "name", None),
    ),
    "not practising": (TEACHER, [(*LINE[:3], False)], ("mismatch", "inactive", 100)),
    "examiner": (("examiner", *TEACHER[1:]), [LINE], ("verified", None, 100)),
    "officer": (POLICE, [("90017", "21234567", "Otieno, Amina W.", True)], ("verified", None, 100)),
    "driver by ID": (DRIVER, [("XY777", "21234567", "AMINA OTIENO", True)], ("verified", None, 88)),
    "driver, licence of another": (
        DRIVER,
        [("DL0098", "29999999", "BARAKA", True), ("DL1", "21234567", "AMINA OTIENO", True)],
        ("mismatch", "national_id", None),
    ),
    "driver, one licence expired": (
        DRIVER,
        [("DL0098", "21234567", "AMINA OTIENO", False), ("DL9", "21234567", "AMINA OTIENO", True)],
        ("verified", None, 88),
    ),
    "driver, all expired": (
        DRIVER,
        [("DL0098", "21234567", "AMINA OTIENO", False)],
        ("mismatch", "inactive", 88),
    ),
}


# -- the registers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FOUND)
def test_a_register_says_who_somebody_is(work: Session, esther: int, name: str) -> None:
    said, lines, (match, differs, alike) = FOUND[name]
    say(work, esther, *said)
    register(work, REGISTERS[said[0]], *lines)
    row = asked(work, esther)
    assert (row.match, row.differs, row.standing) == (match, differs, "waiting")
    assert alike is None or row.similarity == alike
    assert (row.register_name is None) == (match == "not_found")
    own = match != "not_found" and differs != "national_id"
    assert row.level == ("secondary" if own and REGISTERS[said[0]] == "tsc" else None)


def test_another_authoritys_register_says_nothing(work: Session, esther: int) -> None:
    say(work, esther, *TEACHER)
    register(work, "nps", LINE)
    assert asked(work, esther).match == "not_found"


def test_asking_needs_what_a_register_is_asked_by(work: Session, season: Season) -> None:
    baraka = season.accounts["baraka"]
    with pytest.raises(Refusal) as refusal:
        asked(work, baraka)
    assert refusal.value.code == "eligibility.incomplete"
    assert refusal.value.values == {
        "missing": "@term.field.kind",
        "lacking": str(len(profiles.missing(work, baraka))),
    }


def test_asking_again_keeps_the_place_in_the_queue(work: Session, esther: int) -> None:
    say(work, esther, *TEACHER)
    first = asked(work, esther).asked_at
    register(work, "tsc", LINE)
    assert (asked(work, esther).match, asked(work, esther).asked_at) == ("verified", first)
    assert work.scalar(select(func.count()).select_from(Audit).where(Audit.act == "eligibility.ask")) == 1


# -- the council -----------------------------------------------------------------------------------------


def test_who_is_approved_is_told_once_and_may_apply(work: Session, esther: int) -> None:
    assert refused(lambda: eligibility.require_approved(work, esther, now=now(work))) == "eligibility.waiting"
    for _ in range(2):
        row = eligibility.approve(work, esther, by=STAFF, now=now(work))
    assert (row.standing, row.decided_by) == ("approved", "staff:test")
    assert eligibility.require_approved(work, esther, now=now(work)) is row
    assert messages(work, esther) == ["approval.given"]
    audits = work.scalars(select(Audit.actor).where(Audit.act == "eligibility.approve"))
    assert list(audits) == ["staff:test"]


def test_who_is_rejected_is_told_why(work: Session, esther: int) -> None:
    for _ in range(2):
        eligibility.reject(work, esther, " Bring your TSC\ncertificate. ", by=STAFF, now=now(work))
    row = work.get_one(Eligibility, esther)
    assert (row.standing, row.reason) == ("rejected", "Bring your TSC certificate")
    assert (
        refused(lambda: eligibility.require_approved(work, esther, now=now(work))) == "eligibility.rejected"
    )
    assert messages(work, esther) == ["approval.refused"]
    assert asked(work, esther).standing == "rejected"  # the same facts: the council's word stands


@pytest.mark.parametrize(("reason", "code"), [(" ", "reason_missing"), ("M" * 61, "reason_long")])
def test_a_reason_must_fit_the_sms(work: Session, esther: int, reason: str, code: str) -> None:
    act = lambda: eligibility.reject(work, esther, reason, by=STAFF, now=now(work))  # noqa: E731
    assert refused(act) == f"eligibility.{code}"


@pytest.mark.parametrize("phone", ["+254711000005", "+254711000001"])
def test_nobody_approves_from_a_phone(work: Session, esther: int, phone: str) -> None:
    """Neither themselves nor anybody else, by USSD or SMS."""
    for channel in ("ussd", "sms"):
        given = {"by": caller(phone, channel), "now": now(work)}
        assert (
            refused(lambda given=given: eligibility.approve(work, esther, **given))
            == "eligibility.staff_only"
        )
        assert (
            refused(lambda given=given: eligibility.reject(work, esther, "No", **given))
            == "eligibility.staff_only"
        )


def test_nothing_is_decided_on_who_never_asked(work: Session, season: Season) -> None:
    baraka = season.accounts["baraka"]
    approve = refused(lambda: eligibility.approve(work, baraka, by=STAFF, now=now(work)))
    apply = refused(lambda: eligibility.require_approved(work, baraka, now=now(work)))
    assert (approve, apply) == ("eligibility.never_asked", "eligibility.incomplete")


def test_a_complete_profile_that_nobody_checked_is_not_asked(work: Session, esther: int) -> None:
    work.delete(work.get_one(Eligibility, esther))
    assert (
        refused(lambda: eligibility.require_approved(work, esther, now=now(work))) == "eligibility.not_asked"
    )


def test_an_approved_person_whose_profile_lacks_a_line_may_not_apply(work: Session, season: Season) -> None:
    amina = season.accounts["amina"]
    work.get_one(Profile, amina).kra_pin = None
    with pytest.raises(Refusal) as refusal:
        eligibility.require_approved(work, amina, now=now(work))
    assert refusal.value.values == {"missing": "@term.field.kra_pin", "lacking": "1"}


# -- one person, one account -----------------------------------------------------------------------------


def test_a_second_account_with_one_national_id_is_refused_cleanly(
    work: Session, season: Season, esther: int
) -> None:
    fatuma = season.accounts["fatuma"]
    say(
        work,
        esther,
        "teacher",
        "512345",
        "0" + (work.get_one(Account, fatuma).national_id or ""),
        "Esther Njeri",
    )
    asked(work, esther)
    assert refused(lambda: eligibility.approve(work, esther, by=STAFF, now=now(work))) == "eligibility.taken"
    assert eligibility.stage(work, esther, by=STAFF, now=now(work)) == "taken"
    eligibility.reject(work, fatuma, "Another account", by=STAFF, now=now(work))
    assert eligibility.approve(work, esther, by=STAFF, now=now(work)).standing == "approved"


def test_two_accounts_with_one_national_id_approved_at_once(season: Season) -> None:
    """Whoever is second is refused, not failed; the database itself would let no second one in."""
    both = [season.accounts["esther"], season.accounts["amina"]]
    with season.service.stores.transaction() as db:
        eligibility.reject(db, both[1], "Again", by=STAFF, now=now(db))
        for account in both:
            say(db, account, *TEACHER)
            asked(db, account)

    def approve(account: int) -> str:
        try:
            with season.service.stores.transaction() as db:
                return eligibility.approve(db, account, by=STAFF, now=now(db)).standing
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, both)) == ["approved", "eligibility.taken"]
    with (
        season.service.stores.sessions() as db,
        pytest.raises(IntegrityError, match="uq_eligibility_approved_id"),
    ):
        for account in both:
            db.get_one(Eligibility, account).standing = "approved"
        db.flush()
