"""`flask --app wsgi approve …`, as an officer runs it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, select

from models.messages import Message
from models.records import Audit
from models.registers import Eligibility
from operations import approvals
from operations.office import caller, now
from operations.refusals import Refusal
from tests.fixtures_eligibility import LINE, STAFF, TEACHER, asked, register, say
from tests.fixtures_imports import Terminal
from tests.fixtures_season import Season
from tests.fixtures_service import Handset

ESTHER = "+254711000005"


@pytest.fixture
def waiting(season: Season, esther: int) -> int:
    """Esther, verified by TSC, waits for the council."""
    with season.service.stores.transaction() as work:
        say(work, esther, *TEACHER)
        register(work, "tsc", LINE)
        asked(work, esther)
    return esther


def queue(season: Season, count: int, **values: Any) -> list[int]:
    """So many more teachers who wait, each with their own phone and national ID."""
    with season.service.stores.transaction() as work:
        made = [season.make_account(work, f"+2547120{n:05}").id for n in range(count)]
        for account_id in made:
            facts = {"kind": "teacher", "national_id": f"3{account_id:07}", "match": "verified"}
            work.add(Eligibility(account_id=account_id, number=str(account_id), name="X Y", **facts | values))
    return made


def standings(season: Season) -> dict[str, int]:
    """How many stand where."""
    with season.service.stores.sessions() as work:
        found = list(work.scalars(select(Eligibility.standing)))
    return {standing: found.count(standing) for standing in set(found)}


def test_the_list_shows_who_waits_with_numbers_masked(terminal: Terminal, waiting: int) -> None:
    said = terminal.run("approve", "list", "--kind", "teacher", "--match", "verified").output
    assert f"account:{waiting}  +2547*****005  ID ***567  teacher  verified  " in said
    assert "Amina Wanjiru Otieno = OTIENO AMINA WANJIRU (100%)  since " in said
    assert said.endswith("1 of 1 waiting.\n")
    for secret in (ESTHER, "254711000005", TEACHER[1], TEACHER[2]):
        assert secret not in said


def test_the_list_says_the_day_in_nairobi(terminal: Terminal, season: Season, waiting: int) -> None:
    late = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)
    with season.service.stores.transaction() as work:
        work.get_one(Eligibility, waiting).asked_at = late
    assert "  since 2026-03-05\n" in terminal.run("approve", "list").output


def test_the_list_says_how_a_register_differs(terminal: Terminal, season: Season, esther: int) -> None:
    with season.service.stores.transaction() as work:
        say(work, esther, *TEACHER)
        register(work, "tsc", ("599999", TEACHER[2], "AMINA OTIENO", True))
        asked(work, esther)
    said = terminal.run("approve", "list", "--match", "mismatch").output
    assert "teacher  mismatch (number)  Amina Wanjiru Otieno = AMINA OTIENO (88%)" in said
    assert terminal.run("approve", "list", "--match", "verified").output == "0 of 0 waiting.\n"
    assert "Amina" in terminal.run("approve", "list", "--standing", "approved").output


def test_the_list_keeps_to_so_many_lines_the_longest_waiting_first(
    terminal: Terminal, season: Season, waiting: int
) -> None:
    queue(season, 5)
    said = terminal.run("approve", "list", "--most", "2").output.splitlines()
    assert said[-1] == "2 of 6 waiting." and f"account:{waiting} " in said[0]


@pytest.mark.parametrize("who", ["0711000005", "254711000005", "+254 711 000 005", "account"])
def test_one_is_approved_by_phone_username_or_line(
    terminal: Terminal, season: Season, waiting: int, who: str, handset: Callable[[str], Handset]
) -> None:
    named = f"account:{waiting}" if who == "account" else who
    said = terminal.run("approve", "person", named, "--by", "mercy")
    assert said.output == f"account:{waiting} is approved as teacher.\n"
    assert "you are approved as Teacher" in handset(ESTHER).inbox()[-1]
    with season.service.stores.sessions() as work:
        audit = work.scalars(select(Audit).where(Audit.act == "eligibility.approve")).one()
        assert (audit.actor, audit.channel, audit.subject) == ("staff:mercy", "command", f"account:{waiting}")


# Each command that is refused, and the words it is refused in.
REFUSED = {
    ("person", "0799999999"): "There is no such account.",
    ("person", "account:999999"): "There is no such account.",
    ("person", "account:99999999999999999999"): "A phone number has digits only.",
    ("person", "07110000"): "That number is too short.",
    ("person", "0711000002"): "This person's profile was never checked.",
    ("reject", "0711000005", "--reason", "M" * 61): "Too long a reason: use at most 60 letters.",
    ("reject", "0711000005", "--reason", " "): "Please give a reason.",
}


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_cannot_be_is_refused_in_words(terminal: Terminal, waiting: int, words: tuple[str, ...]) -> None:
    said = terminal.run("approve", *words, "--by", "mercy")
    assert (said.exit_code, said.output) == (1, f"Error: {REFUSED[words]}\n")


@pytest.mark.parametrize("words", [("person", "0711000005"), ("all", "--kind", "teacher")], ids=" ".join)
def test_whoever_decides_gives_a_name(terminal: Terminal, waiting: int, words: tuple[str, ...]) -> None:
    said = terminal.run("approve", *words)
    assert said.exit_code == 2 and "Missing option '--by'" in said.output


def test_one_is_rejected_with_the_reason_told(
    terminal: Terminal, waiting: int, handset: Callable[[str], Handset]
) -> None:
    said = terminal.run("approve", "reject", "0711000005", "--reason", "Bring your ID.", "--by", "mercy")
    assert said.output == f"account:{waiting} is rejected: Bring your ID\n"
    assert "you were not approved: Bring your ID." in handset(ESTHER).inbox()[-1]


def test_a_second_account_of_one_id_is_refused(terminal: Terminal, season: Season, waiting: int) -> None:
    [other] = queue(season, 1, national_id=TEACHER[2])
    terminal.run("approve", "person", "0711000005", "--by", "mercy")
    said = terminal.run("approve", "person", f"account:{other}", "--by", "mercy")
    assert said.output == "Error: Another account with this national ID is approved already.\n"


# -- many at once ----------------------------------------------------------------------------------------


def test_all_of_a_kind_and_match_are_approved_and_told(
    terminal: Terminal, season: Season, waiting: int
) -> None:
    many, drivers = queue(season, 30), queue_drivers(season)
    before = standings(season)
    said = terminal.run("approve", "all", "--match", "verified", "--kind", "teacher", "--by", "mercy")
    assert said.output == "31 approved.\n"
    assert standings(season)["approved"] == before["approved"] + 31
    with season.service.stores.sessions() as work:
        told = set(work.scalars(select(Message.account_id).where(Message.words == "approval.given")))
        audits = work.scalars(select(Audit.subject).where(Audit.act == "eligibility.approve")).all()
        assert told == {waiting, *many}
        assert sorted(audits) == sorted(f"account:{each}" for each in (waiting, *many))
        assert {work.get_one(Eligibility, each).standing for each in drivers} == {"waiting"}
    assert terminal.run("approve", "all", "--kind", "teacher", "--by", "mercy").output == "0 approved.\n"


def queue_drivers(season: Season) -> list[int]:
    """Two who must not be approved with the teachers: a driver, and a teacher whom TSC does not know."""
    with season.service.stores.transaction() as work:
        made = [season.make_account(work, f"+2547130{n:05}").id for n in range(2)]
        for account_id, kind, match in zip(
            made, ("driver", "teacher"), ("verified", "not_found"), strict=True
        ):
            facts = {"kind": kind, "match": match, "national_id": f"4{account_id:07}"}
            work.add(Eligibility(account_id=account_id, number=str(account_id), name="X Y", **facts))
    return made


def test_those_who_share_a_national_id_are_left_to_be_looked_at(
    terminal: Terminal, season: Season, waiting: int
) -> None:
    twins = [*queue(season, 2, national_id="31111111"), waiting]
    with season.service.stores.transaction() as work:
        amina = work.get_one(Eligibility, season.accounts["amina"])
        amina.national_id = TEACHER[2]  # approved already, as Esther claims to be
    said = terminal.run("approve", "all", "--kind", "teacher", "--by", "mercy")
    assert said.output == "0 approved. 3 left: their national ID is claimed twice.\n"
    with season.service.stores.sessions() as work:
        assert {work.get_one(Eligibility, each).standing for each in twins} == {"waiting"}


def test_a_thousand_are_approved_in_as_many_statements_as_ten(season: Season) -> None:
    """Set-based: neither the approvals nor the notices nor the audit ask for one statement a person."""
    counts: list[int] = []

    @event.listens_for(season.service.stores.engine, "before_cursor_execute")
    def count(*_: object) -> None:
        counts[-1] += 1

    counts.append(0)
    queue(season, 500)
    for most in (10, 490):
        with season.service.stores.transaction() as work:
            counts.append(0)
            done = approvals.approve_all(work, "teacher", "verified", by=STAFF, now=now(work), most=most)
            assert done == most
    assert counts[-1] == counts[-2] <= 8
    assert standings(season)["approved"] == 4 + 500


def test_nobody_approves_many_from_a_phone(season: Season, waiting: int) -> None:
    with (
        season.service.stores.transaction() as work,
        pytest.raises(Refusal, match=r"eligibility\.staff_only"),
    ):
        approvals.approve_all(work, "teacher", "verified", by=caller(ESTHER, "ussd"), now=now(work))


def test_whom_reads_what_an_officer_types(season: Season) -> None:
    with season.service.stores.sessions() as work:
        for typed in ("0711000005", "254711000005", f"account:{season.accounts['esther']}"):
            assert approvals.whom(work, typed) == season.accounts["esther"]
