"""Days of posts that no daily register has: reported by file, checked row by row, and paid like any other."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text

from menus.vocabulary import Words
from models.accounts import Account
from models.deployments import Deployment
from models.payrolls import DayReport, PayLine
from models.records import Audit
from models.series import Rate
from operations import day_reports, payrolls
from operations.office import Actor
from operations.payroll_claims import REFUSED
from tests.fixtures_attendance import AFTER, DAYS, Roll, at
from tests.fixtures_service import Handset
from ussd_app.cli.pay import pay

ALICE, BOB = Actor("staff:alice", "command"), Actor("staff:bob", "command")
HEAD = "deployment,days,document"
NAMES = {
    "chebet": "driver",
    "fatuma": "clerk",
    "daudi": "driver",
    "esther": "examiner",
    "amina": "supervisor",
}
File = Callable[..., Result]


@pytest.fixture
def posts(roll: Roll) -> dict[str, int]:
    """Two drivers, a clerk, an examiner and a supervisor, whose series was years ago; drivers have a rate."""
    made = {name: roll.post(name, position) for name, position in NAMES.items()}
    with roll.db() as db:
        db.add(Rate(year=2020, exam="KCSE", position="driver", region="All", ksh_per_day=405, days=16))
        db.execute(
            text(
                "UPDATE series SET year = 2020, rehearsal = '2020-10-16', starts = '2020-10-19',"
                " ends = '2020-11-06' WHERE year = 2030"
            )
        )
        db.execute(text("UPDATE deployment SET first_day = '2020-10-16', last_day = '2020-11-06'"))
    return made


@pytest.fixture
def file(app: Flask, tmp_path: Path) -> File:
    """Reads in these rows: `flask pay days KCSE 2020 days.csv`."""

    def read(*rows: str, head: str = HEAD, more: tuple[str, ...] = (), name: str = "days.csv") -> Result:
        path = tmp_path / name
        path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
        words = ("days", "kcse", "2020", str(path), "--by", "jane", *more)
        return app.test_cli_runner().invoke(pay, words)

    return read


def reference(roll: Roll, post: int) -> str:
    with roll.db() as db:
        return db.get_one(Deployment, post).reference


def reported(roll: Roll) -> dict[int, tuple[int, str, str]]:
    with roll.db() as db:
        return {
            row.deployment_id: (row.days, row.document, row.reported_by)
            for row in db.scalars(select(DayReport))
        }


def identity(roll: Roll, name: str) -> str:
    with roll.db() as db:
        return db.get_one(Account, roll.season.accounts[name]).national_id or ""


def audited(roll: Roll) -> list[dict[str, str]]:
    with roll.db() as db:
        rows = db.scalars(select(Audit).where(Audit.act == "pay.days").order_by(Audit.id)).all()
        return [{"subject": row.subject, "by": row.actor, **row.details} for row in rows]


def lines(roll: Roll) -> dict[int, PayLine]:
    """The lines of a schedule that is prepared now."""
    with roll.db() as db:
        made = payrolls.prepare(db, roll.series_id, by=ALICE, now=AFTER)
        return {
            each.deployment_id: each
            for each in db.scalars(select(PayLine).where(PayLine.schedule_id == made.id))
        }


def test_days_by_deployment_and_by_centre_and_person(roll: Roll, posts: dict[str, int], file: File) -> None:
    typed = reference(roll, posts["chebet"]).lower().replace("-", " ")
    assert file(f"{typed},12,KNEC/TR/17").output == "1 rows read in.\n"
    head = "centre,national_id,days,document"
    said = file(f"20401001,{identity(roll, 'fatuma')},9, KNEC/DC/4 ", head=head)
    assert said.exit_code == 0, said.output
    assert reported(roll) == {
        posts["chebet"]: (12, "KNEC/TR/17", "staff:jane"),
        posts["fatuma"]: (9, "KNEC/DC/4", "staff:jane"),
    }


FAULTS: dict[str, tuple[str, str]] = {
    "none": ("DP-234-567-8", "deployment is no reference of a deployment"),
    "registered": ("amina", "the days of a supervisor come from the centre's daily register"),
    "not accepted": ("daudi", "the post was never accepted"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_who_cannot_have_days(roll: Roll, posts: dict[str, int], file: File, case: str) -> None:
    with roll.db() as db:
        db.execute(text("UPDATE deployment SET state = 'offered' WHERE id = :id"), {"id": posts["daudi"]})
    who, why = FAULTS[case]
    named = reference(roll, posts[who]) if who in posts else who
    said = file(f"{named},3,X1", f"{reference(roll, posts['chebet'])},4,X1")
    assert said.exit_code == 1 and f"line 2: {why}" in said.output, said.output
    assert reported(roll) == {posts["chebet"]: (4, "X1", "staff:jane")}


@pytest.mark.parametrize(
    ("days", "document", "why"),
    [
        ("23", "X1", "days is more than the 22 of the deployment until today"),
        ("-1", "X1", "days is not a whole number"),
        ("2.5", "X1", "days is not a whole number"),
        ("", "X1", "days is empty"),
        ("3", " ", "document is empty"),
        ("3", "=1+1", "document holds a formula"),
    ],
)
def test_what_is_no_report(
    roll: Roll, posts: dict[str, int], file: File, days: str, document: str, why: str
) -> None:
    said = file(f"{reference(roll, posts['chebet'])},{days},{document}")
    assert said.exit_code == 1 and f"line 2: {why}" in said.output, said.output
    assert reported(roll) == {}


def test_what_a_row_says_beside_the_reference_must_fit(roll: Roll, posts: dict[str, int], file: File) -> None:
    head, named = "deployment,centre,national_id,days,document", reference(roll, posts["chebet"])
    said = file(
        f"{named},20401002,,3,X1",
        f"{named},,{identity(roll, 'amina')},3,X1",
        f",20401002,{identity(roll, 'chebet')},3,X1",
        ",20401001,,3,X1",
        head=head,
    )
    assert said.output.count("of another centre or person than the row says") == 2
    assert "line 4: there is no such deployment in this series" in said.output
    assert "line 5: neither deployment nor centre and national_id say who" in said.output
    assert reported(roll) == {}


def test_one_file_does_not_say_two_things(roll: Roll, posts: dict[str, int], file: File) -> None:
    named = reference(roll, posts["chebet"])
    said = file(f"{named},3,X1", f"{named},3,X1", f"{named},4,X1")
    assert (
        "line 4: this deployment stands in this file already" in said.output and "line 3" not in said.output
    )
    assert reported(roll)[posts["chebet"]][0] == 3


def test_a_later_file_corrects_and_only_what_changed_is_audited(
    roll: Roll, posts: dict[str, int], file: File
) -> None:
    one, two = reference(roll, posts["chebet"]), reference(roll, posts["fatuma"])
    rows = f"{one},3,X1", f"{two},5,X1"
    assert file(*rows).exit_code == 0
    assert "was read in on" in file(*rows).output
    assert file(*rows, more=("--again",)).exit_code == 0
    assert file(f"{one},4,X2", f"{two},5,X1", name="more.csv").exit_code == 0
    assert [(each["subject"], each["days"], each["before"]) for each in audited(roll)] == [
        (f"deployment:{posts['chebet']}", "3", ""),
        (f"deployment:{posts['fatuma']}", "5", ""),
        (f"deployment:{posts['chebet']}", "4", "3"),
    ]
    assert audited(roll)[2]["by"] == "staff:jane" and audited(roll)[2]["document"] == "X2"


def test_a_dry_run_changes_nothing(roll: Roll, posts: dict[str, int], file: File) -> None:
    said = file(f"{reference(roll, posts['chebet'])},3,X1", more=("--dry-run",))
    assert "1 rows are fine, nothing was changed" in said.output
    assert reported(roll) == {} and audited(roll) == []


def test_a_file_names_people_and_a_series(app: Flask, roll: Roll, posts: dict[str, int], file: File) -> None:
    assert "must say who worked" in file("20401001,3,X1", head="centre,days,document").output
    with roll.db() as db:
        db.execute(text("UPDATE series SET year = 2019 WHERE id = :id"), {"id": roll.series_id})
        db.execute(text("DELETE FROM series WHERE exam = 'KCSE' AND year = 2020"))
    assert "There is no series KCSE 2020" in file("DP-1,3,X1").output


# -- paid ------------------------------------------------------------------------------------------------


def test_days_reported_are_paid_without_any_register(roll: Roll, posts: dict[str, int], file: File) -> None:
    assert file(f"{reference(roll, posts['chebet'])},12,KNEC/TR/17").exit_code == 0
    found = lines(roll)
    driver = found[posts["chebet"]]
    assert (driver.days, driver.ksh, driver.refused, driver.document) == (12, 4860, None, "KNEC/TR/17")
    other = found[posts["daudi"]]
    assert (other.days, other.ksh, other.refused) == (0, None, "no_days")
    assert found[posts["amina"]].refused == "not_returned"  # of whom the register must come


def test_no_more_days_than_the_rate_pays_for(roll: Roll, posts: dict[str, int], file: File) -> None:
    assert file(f"{reference(roll, posts['chebet'])},20,X1").exit_code == 0
    assert (lines(roll)[posts["chebet"]].days, lines(roll)[posts["chebet"]].ksh) == (16, 6480)


def test_what_is_not_paid_by_the_day_has_no_rate(roll: Roll, posts: dict[str, int], file: File) -> None:
    """Marking is paid by the script: days alone come to nothing, and nobody waits for days of it."""
    assert lines(roll)[posts["esther"]].refused == "no_rate"
    assert file(f"{reference(roll, posts['esther'])},9,X1").exit_code == 0
    assert lines(roll)[posts["esther"]].refused == "no_rate"
    with roll.db() as db:
        db.add(Rate(year=2020, exam="KCSE", position="examiner", region="All", ksh_per_day=1000))
    assert (lines(roll)[posts["esther"]].ksh, lines(roll)[posts["esther"]].refused) == (9000, None)


def test_marks_of_such_a_post_are_not_days(roll: Roll, posts: dict[str, int]) -> None:
    with roll.db() as db:
        said = "INSERT INTO mark_event (deployment_id, day, present, source, channel, actor, said_at)"
        row = {"post": posts["chebet"], "day": "2020-10-19", "at": at(DAYS[0].replace(year=2020, day=19), 8)}
        db.execute(text(f"{said} VALUES (:post, :day, true, 'x', 'ussd', 'phone:+254715000001', :at)"), row)
    assert (lines(roll)[posts["chebet"]].days, lines(roll)[posts["chebet"]].refused) == (0, "no_days")


def test_who_left_is_paid_for_the_days_reported(roll: Roll, posts: dict[str, int], file: File) -> None:
    with roll.db() as db:
        left = (
            "UPDATE deployment SET state = 'replaced', answered_at = :first, ended_at = :last WHERE id = :id"
        )
        moments = {"first": "2020-10-01T08:00+03:00", "last": "2020-10-20T08:00+03:00"}
        db.execute(text(left), {"id": posts["chebet"], **moments})
    named = reference(roll, posts["chebet"])
    assert "more than the 5 of the deployment" in file(f"{named},6,X1").output
    assert posts["chebet"] not in lines(roll)
    assert file(f"{named},5,X1").exit_code == 0
    assert lines(roll)[posts["chebet"]].ksh == 5 * 405


def test_days_reported_after_preparing_are_prepared_again(
    app: Flask, roll: Roll, posts: dict[str, int], file: File
) -> None:
    run = lambda *words: app.test_cli_runner().invoke(pay, [str(word) for word in words])  # noqa: E731
    digest = run("prepare", "KCSE", 2020, "--by", "alice").output.split("Digest ")[1][:16]
    assert file(f"{reference(roll, posts['chebet'])},5,X1").exit_code == 0
    said = run("close", "KCSE", 2020, "--digest", digest, "--by", "bob")
    assert said.exit_code == 1 and "Prepare it again" in said.output
    digest = run("prepare", "KCSE", 2020, "--by", "alice").output.split("Digest ")[1][:16]
    assert run("close", "KCSE", 2020, "--digest", digest, "--by", "bob").exit_code == 0
    said = file(f"{reference(roll, posts['chebet'])},6,X1")
    assert said.exit_code == 1 and "is closed: its days are not changed" in said.output
    assert reported(roll)[posts["chebet"]][0] == 5
    assert "refused: no_days (0 days)" in run("lines", "KCSE", 2020, "--refused", "no_days").output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("STATEMENT", "not paid: no days of yours"),
        ("TAARIFA", "hazijalipwa: siku zako za kazi hazijaripotiwa"),
    ],
)
def test_a_statement_says_that_no_days_were_reported(
    roll: Roll, posts: dict[str, int], handset: Callable[[str], Handset], words: str, why: str
) -> None:
    with roll.db() as db:
        made = payrolls.prepare(db, roll.series_id, by=ALICE, now=AFTER)
        payrolls.close(db, made.id, seen=made.digest, by=BOB, now=AFTER)
    daudi = handset("+254711000004")
    assert daudi.text(words) == 200
    assert why in daudi.inbox()[-1] and len(daudi.inbox()[-1]) <= 160
    assert daudi.text("ATT" if words == "STATEMENT" else "HUD") == 200
    assert why in daudi.inbox()[-1]


def test_every_reason_has_its_words_in_both_languages(words: Mapping[str, Words]) -> None:
    for reason in REFUSED:
        said = words[f"term.pay_refused.{reason}"]
        assert said.en and said.sw and said.en != said.sw


def test_the_reports_of_many_cost_one_query(roll: Roll, posts: dict[str, int], queries: list[str]) -> None:
    with roll.db() as db:
        queries.clear()
        assert day_reports.of(db, list(posts.values())) == {} and len(queries) == 1
