"""What a change of the profile does to an approval, and what a new list of a register does."""

import pytest
from sqlalchemy.orm import Session

from models.people import Profile
from models.registers import Eligibility
from operations import eligibility, profile_edits
from operations.office import caller, now
from operations.refusals import Refusal
from tests.fixtures_eligibility import LINE, STAFF, TEACHER, asked, messages, register, say
from tests.fixtures_imports import Terminal
from tests.fixtures_season import Season

WHO = caller("+254711000005", "ussd")


def keep(work: Session, account_id: int, name: str, value: str) -> Eligibility:
    """Save a line as its owner does; answers where they stand then."""
    profile_edits.keep(work, account_id, name, value, by=WHO, now=now(work))
    work.flush()
    return work.get_one(Eligibility, account_id)


@pytest.fixture
def approved(work: Session, esther: int) -> int:
    """Esther, verified and approved."""
    say(work, esther, *TEACHER)
    register(work, "tsc", LINE, ("598765", "31234567", "Amina Wanjiru Otieno", True))
    asked(work, esther)
    eligibility.approve(work, esther, by=STAFF, now=now(work))
    return esther


# Each line that the approval stands on: its new value, and what the register says of it.
CHANGES = {
    "national_id": ("31234567", ("mismatch", "national_id")),
    "employment_no": ("598765", ("mismatch", "national_id")),
    "full_name": ("Baraka Mwangi Kamau", ("mismatch", "name")),
    "kind": ("examiner", ("verified", None)),
}


@pytest.mark.parametrize("line", CHANGES)
def test_a_change_after_approval_asks_again_and_is_told(work: Session, approved: int, line: str) -> None:
    value, found = CHANGES[line]
    row = keep(work, approved, line, value)
    assert (row.standing, row.match, row.differs) == ("waiting", *found)
    assert (row.decided_at, row.decided_by) == (None, None)
    assert messages(work, approved) == ["approval.given", "approval.again"]
    with pytest.raises(Refusal, match=r"eligibility\.(waiting|incomplete)"):
        eligibility.require_approved(work, approved, now=now(work))


def test_changed_back_it_still_waits_for_the_council(work: Session, approved: int) -> None:
    keep(work, approved, "employment_no", "598765")
    row = keep(work, approved, "employment_no", "512345")
    assert (row.standing, row.match) == ("waiting", "verified")
    assert messages(work, approved) == ["approval.given", "approval.again"]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("full_name", "OTIENO AMINA WANJIRU"),
        ("mpesa_name", "Amina Otieno"),
        ("kra_pin", "A987654321Z"),
        ("designation", "Head Teacher"),
    ],
)
def test_any_other_change_leaves_the_approval(work: Session, approved: int, line: str, value: str) -> None:
    assert keep(work, approved, line, value).standing == "approved"
    assert messages(work, approved) == ["approval.given"]


def test_another_kind_waits_until_its_number_is_there(work: Session, approved: int) -> None:
    """A teacher who turns driver: nothing can be checked before the licence is known."""
    register(work, "ntsa", ("DL1234", "21234567", "Amina Otieno", True))
    row = keep(work, approved, "kind", "driver")
    assert (row.standing, row.match, row.register_name) == ("waiting", "unchecked", None)
    assert messages(work, approved)[1:] == ["approval.again"]
    with pytest.raises(Refusal, match=r"eligibility\.incomplete"):
        eligibility.approve(work, approved, by=STAFF, now=now(work))
    row = keep(work, approved, "licence_no", "DL1234")
    assert (row.standing, row.match, row.kind) == ("waiting", "verified", "driver")
    assert messages(work, approved)[1:] == ["approval.again"]


def test_who_was_rejected_may_correct_the_profile(work: Session, approved: int) -> None:
    eligibility.reject(work, approved, "Wrong name", by=STAFF, now=now(work))
    row = keep(work, approved, "full_name", "Amina Achieng Otieno")
    assert (row.standing, row.reason) == ("waiting", None)


def test_an_officer_who_approves_what_was_never_checked_checks_it(work: Session, esther: int) -> None:
    say(work, esther, *TEACHER)
    register(work, "tsc", LINE)
    assert work.get_one(Eligibility, esther).match == "unchecked"
    row = eligibility.approve(work, esther, by=STAFF, now=now(work))
    assert (row.standing, row.match, row.number) == ("approved", "verified", "512345")


def test_a_profile_that_becomes_complete_is_checked_by_itself(work: Session, esther: int) -> None:
    work.delete(work.get_one(Eligibility, esther))
    say(work, esther, *TEACHER)
    register(work, "tsc", LINE)
    work.get_one(Profile, esther).kra_pin = None
    work.flush()
    assert keep(work, esther, "kra_pin", "A123456789Z").match == "verified"


# -- a new list ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("standing", ["waiting", "approved", "rejected"])
def test_after_a_new_list_everybody_is_checked_again(
    terminal: Terminal, season: Season, esther: int, standing: str
) -> None:
    """What the register says is new; what the council decided stands."""
    with season.service.stores.transaction() as work:
        say(work, esther, *TEACHER)
        assert asked(work, esther).match == "not_found"
        work.get_one(Eligibility, esther).standing = standing
    terminal.tsc((512345, 21234567, "Otieno Amina Wanjiru", "yes", "primary"))
    with season.service.stores.sessions() as work:
        row = work.get_one(Eligibility, esther)
        found = ("not_found", None) if standing == "rejected" else ("verified", "primary")
        assert (row.match, row.level, row.standing) == (*found, standing)
    terminal.tsc((512345, 21234567, "Otieno Amina Wanjiru", "deregistered", "primary"), name="next.csv")
    with season.service.stores.sessions() as work:
        row = work.get_one(Eligibility, esther)
        assert row.standing == standing
        assert row.differs == (None if standing == "rejected" else "inactive")


def test_a_list_of_another_authority_checks_nobody_again(
    terminal: Terminal, season: Season, esther: int
) -> None:
    with season.service.stores.transaction() as work:
        say(work, esther, *TEACHER)
        asked(work, esther)
    path = terminal.table(
        "nps.csv", ("number", "national_id", "name", "active"), (512345, 21234567, "Amina", 1)
    )
    assert terminal.run("import", "registers", path, "--register", "nps").exit_code == 0
    with season.service.stores.sessions() as work:
        assert work.get_one(Eligibility, esther).match == "not_found"


def test_everybody_is_checked_a_thousand_at_a_time(work: Session, season: Season, approved: int) -> None:
    """One after the other in batches of two: each is looked at once, none twice."""
    for name in ("amina", "fatuma"):
        asked(work, season.accounts[name])
    work.flush()
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        after = eligibility.recheck(work, "tsc", after=after, most=2)
        seen += [after] if after else []
    assert seen == sorted({season.accounts["esther"], season.accounts["fatuma"]})


def test_a_number_twice_in_a_file_stays_with_the_first(terminal: Terminal) -> None:
    first = (512345, 21234567, "Amina Otieno", "yes", "")
    rows = [(600000 + n, 30000000 + n, "Baraka Mwangi", "yes", "") for n in range(1200)]
    said = terminal.tsc(
        first, first, *rows, (512345, 29999999, "Chebet", "yes", ""), (600001, 1234567, "X", "no", "")
    )
    for line in (1204, 1205):
        assert f"line {line}: number stands in this file already, with another national ID" in said.output
    assert terminal.sql(
        "SELECT name FROM register_entry WHERE number IN ('512345', '600001') ORDER BY 1"
    ) == [
        ("Amina Otieno",),
        ("Baraka Mwangi",),
    ]
    # The next list may give it to somebody else.
    assert terminal.tsc((512345, 29999999, "Chebet", "yes", ""), name="next.csv").exit_code == 0
    assert terminal.sql("SELECT name FROM register_entry WHERE number = '512345'") == [("Chebet",)]
