"""`flask review …`: the council lists, approves and rejects, one by one and by the file."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from models.applications import Application
from models.records import Audit
from operations import applications
from tests.fixtures_applications import KASARANI, LAST, MWIKI, Applicants
from tests.fixtures_season import PEOPLE
from tests.fixtures_service import Handset


@pytest.fixture
def flask(app: Flask) -> Any:
    """Runs `flask review …`."""

    def run(*words: str) -> Result:
        return app.test_cli_runner().invoke(args=["review", *words])

    return run


def states(applicants: Applicants) -> dict[str, str]:
    """Every application's state by its reference."""
    return {row.reference: row.state for row in applicants.all(select(Application))}


def file_of(folder: Path, *lines: str, header: str = "reference,decision,reason") -> str:
    """A file of decisions."""
    path = folder / "decisions.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return str(path)


def test_those_that_wait_are_listed_oldest_first(applicants: Applicants, flask: Any) -> None:
    first, second = applicants.apply("amina"), applicants.apply("daudi", ("security_officer", "01101001"))
    applicants.review(applicants.apply("fatuma", MWIKI), True)
    said = flask("list").output.splitlines()
    assert [line.split()[0] for line in said] == [first.reference, second.reference, "2"]
    assert "invigilator, Kasarani Girls Secondary School, Nairobi" in said[0]
    assert "Amina Wanjiru Otieno (teacher)" in said[0]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["--exam", "kcse"], 2),
        (["--exam", "KPSEA"], 0),
        (["--position", "invigilator"], 1),
        (["--county", "mombasa"], 1),
        (["--county", "47"], 1),
        (["--county", "Nairobi", "--position", "security_officer"], 0),
        (["--year", "1999"], 0),
    ],
)
def test_the_list_is_narrowed(applicants: Applicants, flask: Any, asked: list[str], found: int) -> None:
    applicants.apply("amina")
    applicants.apply("daudi", ("security_officer", "01101001"))
    assert flask("list", *asked).output.splitlines()[-1] == f"{found} waiting."


def test_accepting_tells_the_person_and_the_audit_trail(
    applicants: Applicants, flask: Any, handset: Any
) -> None:
    made = applicants.apply("amina")
    short = made.reference.removeprefix("AP-").lower()
    assert flask("accept", short, "--by", "wanjiku").exit_code == 0
    assert states(applicants) == {made.reference: "approved"}
    amina: Handset = handset(PEOPLE["amina"][0])
    assert f"application {made.reference} is approved" in amina.inbox()[-1] and len(amina.inbox()[-1]) <= 160
    audit = applicants.all(select(Audit).where(Audit.act == "application.approve"))
    assert [(row.actor, row.channel, row.subject) for row in audit] == [
        ("staff:wanjiku", "command", f"application:{made.id}")
    ]


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "was not accepted: Your"), ("sw", "halikukubaliwa: Your")]
)
def test_rejecting_frees_the_place_and_says_why(
    applicants: Applicants, flask: Any, handset: Any, lang: str, words: str
) -> None:
    made = applicants.apply("amina", LAST)
    applicants.season.speak("amina", lang)
    done = flask("reject", made.reference, "--reason", "Your TSC number is not yours.", "--by", "wanjiku")
    assert done.exit_code == 0 and "rejected" in done.output
    assert states(applicants) == {made.reference: "rejected"} and applicants.vacancy(LAST).filled == 0
    told = handset(PEOPLE["amina"][0]).inbox()[-1]
    assert words in told and len(told) <= 160


def test_who_acts_must_be_named_and_a_rejection_explained(applicants: Applicants, flask: Any) -> None:
    made = applicants.apply("amina")
    assert "--by" in flask("accept", made.reference).output
    assert "--reason" in flask("reject", made.reference, "--by", "wanjiku").output
    said = flask("reject", made.reference, "--by", "wanjiku", "--reason", "x" * 61)
    assert said.exit_code == 1 and "1 to 60 characters" in said.output
    assert states(applicants) == {made.reference: "submitted"}


def test_what_was_withdrawn_meanwhile_is_refused_in_words(applicants: Applicants, flask: Any) -> None:
    made = applicants.apply("amina")
    applicants.withdraw(made)
    for words in (["accept"], ["reject", "--reason", "late"]):
        said = flask(words[0], made.reference, *words[1:], "--by", "wanjiku")
        assert said.exit_code == 1 and f"{made.reference} is over: withdrawn." in said.output
    assert "begins with AP" in flask("accept", "12", "--by", "wanjiku").output


def test_who_is_deployed_is_not_decided_again(applicants: Applicants, flask: Any) -> None:
    made = applicants.apply("amina")
    with applicants.service.stores.transaction() as db:
        applications.deployed(db, made.id)
    said = flask("accept", made.reference, "--by", "wanjiku")
    assert said.exit_code == 1 and "decline the deployment instead" in said.output


# -- by the file -------------------------------------------------------------------------------------


def test_a_file_decides_line_by_line(applicants: Applicants, flask: Any, tmp_path: Path) -> None:
    first, second = applicants.apply("amina"), applicants.apply("fatuma", MWIKI)
    gone = applicants.apply("daudi", ("security_officer", "01101001"))
    applicants.withdraw(gone)
    path = file_of(
        *(tmp_path, f"{first.reference},accept,", f"{gone.reference},accept,"),
        *("", f'{second.reference.lower()},Rejected,"Too far, we think"'),
    )
    said = flask("file", path, "--by", "wanjiku", "--dry-run")
    assert said.exit_code == 1 and "2 would be decided, 1 refused." in said.output
    assert f"line 3: {gone.reference} is over: withdrawn." in said.output
    assert set(states(applicants).values()) == {"submitted", "withdrawn"}
    redis = applicants.service.stores.redis
    assert not redis.keys("bell:*"), "nothing was queued, so nobody is woken"
    for _ in range(2):  # again changes nothing more
        said = flask("file", path, "--by", "wanjiku")
        assert said.exit_code == 1 and "2 decided, 1 refused." in said.output
    assert redis.keys("bell:*") == [b"bell:bulk"]
    assert states(applicants) == {
        first.reference: "approved",
        second.reference: "rejected",
        gone.reference: "withdrawn",
    }
    assert applicants.all(select(Application.reason).where(Application.id == second.id)) == [
        "Too far, we think"
    ]
    assert applicants.vacancy(MWIKI).filled == 0 and applicants.vacancy(KASARANI).filled == 1
    assert applicants.told("fatuma").count("application.rejected") == 1 and not applicants.balance()


def test_a_clean_file_ends_well(applicants: Applicants, flask: Any, tmp_path: Path) -> None:
    made = applicants.apply("amina")
    said = flask("file", file_of(tmp_path, f"{made.reference},approved,"), "--by", "wanjiku")
    assert (said.exit_code, said.output) == (0, "1 decided, 0 refused.\n")


def test_a_file_with_faults_changes_nothing_and_says_them_all(
    applicants: Applicants, flask: Any, tmp_path: Path
) -> None:
    made = applicants.apply("amina")
    path = file_of(
        tmp_path, f"{made.reference},accept,", f"{made.reference},perhaps,", ",accept,", "AP-1,reject, "
    )
    said = flask("file", path, "--by", "wanjiku")
    assert said.exit_code == 1
    for words in (
        "Nothing was changed.",
        "line 3: decision must be accept or reject",
        "line 4: reference is empty",
        "line 5: a rejection needs a reason",
    ):
        assert words in said.output
    assert states(applicants) == {made.reference: "submitted"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reference,reason\nAP-1,x\n", "no column decision"),
        ("reference;decision;reason\nAP-1;accept;\n", "semicolons"),
        ("", "empty"),
        ("reference,decision,reason\n", "no rows"),
    ],
)
def test_what_is_no_such_file_is_said(flask: Any, tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(text)
    said = flask("file", str(path), "--by", "wanjiku")
    assert said.exit_code == 1 and words in said.output
