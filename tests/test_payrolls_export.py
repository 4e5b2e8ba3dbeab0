"""Pay schedules out of the house: files that no spreadsheet computes, and the commands."""

import csv
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from models.deployments import Deployment
from models.places import Centre
from models.records import Audit
from operations import payroll_export
from tests.fixtures_returns import CENTRE, Desk
from ussd_app.cli.pay import pay

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Runs `flask pay …`."""
    return lambda *words: app.test_cli_runner().invoke(pay, [str(word) for word in words])


@pytest.fixture
def paid(desk: Desk) -> Desk:
    """A register that is received, in a year that is over by the clock of the database."""
    desk.rate()
    with desk.roll.db() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))
        for table, columns in (
            ("series", ("rehearsal", "starts", "ends")),
            ("deployment", ("first_day", "last_day", "reporting_at")),
            ("mark_event", ("day", "said_at")),
        ):
            back = ", ".join(f"{column} = {column} - interval '3640 days'" for column in columns)
            db.execute(text(f"UPDATE {table} SET {back} WHERE extract(year FROM {columns[0]}) = 2030"))
        db.execute(text("SET LOCAL session_replication_role = DEFAULT"))
    desk.submit()
    desk.receive()
    return desk


def test_the_commands_from_preparing_to_the_file(paid: Desk, run: Run, tmp_path: Path) -> None:
    made = run("prepare", "kcse", 2030, "--by", "alice")
    assert "3 lines to pay, Ksh 17,800" in made.output, made.output
    listed = run("lines", "KCSE", 2030)
    assert "draft, prepared by alice" in listed.output and "10 days x Ksh 680 = Ksh 6800" in listed.output
    assert "0711" not in listed.output and "Fatuma" not in listed.output
    file = tmp_path / "pay.csv"
    export = ("export", "KCSE", 2030, file, "--format", "csv", "--by", "bob")
    assert "nobody pays by one" in run(*export).output and not file.exists()
    seen = re.findall(r"Digest ([0-9a-f]{16})", listed.output)[0]
    assert "--digest" in run("close", "KCSE", 2030, "--by", "bob").output
    assert "does not close it" in run("close", "KCSE", 2030, "--digest", seen, "--by", "Alice").output
    for same in (" Alice", " aLICE ", "alice\t"):
        assert "does not close it" in run("close", "KCSE", 2030, "--digest", seen, "--by", same).output
    assert "Say whose act this is" in run("close", "KCSE", 2030, "--digest", seen, "--by", "  ").output
    other = seen[1:] + "0"
    assert "Look at its lines again" in run("close", "KCSE", 2030, "--digest", other, "--by", "bob").output
    done = run("close", "KCSE", 2030, "--digest", f" {seen[:4].upper()} {seen[4:8]}", "--by", "bob")
    assert "closed, prepared by alice" in done.output, done.output
    assert "3 lines in" in run(*export).output
    assert file.stat().st_mode & 0o077 == 0 and not list(tmp_path.glob(".pay-*"))
    assert "is closed" in run("discard", "KCSE", 2030, "--by", "bob").output
    with paid.roll.db() as db:
        acts = db.scalars(select(Audit.act).where(Audit.act.like("pay.%")).order_by(Audit.id)).all()
    assert acts == ["pay.prepare", "pay.close", "pay.export"]


def test_closing_names_the_lines_that_changed(paid: Desk, run: Run) -> None:
    digest = run("prepare", "KCSE", 2030, "--by", "alice").output.split("Digest ")[1][:16]
    paid.profile("fatuma", mpesa_name="HASSAN ALI FATUMA")
    said = run("close", "KCSE", 2030, "--digest", digest, "--by", "bob").output
    with paid.roll.db() as db:
        reference = db.get_one(Deployment, paid.posts["fatuma"]).reference
    assert f"have changed since: {reference}. Prepare it again." in said


@pytest.mark.parametrize(
    "words", [("lines",), ("close", "--digest", "x", "--by", "bob"), ("discard", "--by", "bob")]
)
def test_without_a_schedule_there_is_nothing_to_do(season: object, run: Run, words: tuple[str, ...]) -> None:
    said = run(words[0], "KCSE", 2025, *words[1:])
    assert said.exit_code == 1 and "no such pay schedule" in said.output


ATTACKS = (
    '=HYPERLINK("http://x","y")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\tx",
    "\rx",
    "\nx",
    " =1+1",
    "\uff1d1",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_cell_begins_a_formula(attack: str) -> None:
    said = payroll_export.harmless(attack)
    assert isinstance(said, str) and said.startswith("'") and said.isprintable()


@given(st.text())
def test_no_text_begins_a_formula(typed: str) -> None:
    said = str(payroll_export.harmless(typed))
    assert not said.lstrip().startswith(("=", "+", "-", "@")) and not re.search(r"[\t\r\n\0]", said)


def exported(paid: Desk, run: Run, kind: str, file: Path) -> Path:
    """A draft in a file, with a name and a centre that want to be formulas."""
    paid.profile("fatuma", full_name='=HYPERLINK("http://x","y")', mpesa_name='=HYPERLINK("http://x","y")')
    with paid.roll.db() as db:
        db.get_one(Centre, CENTRE).name = '@SUM(1), "x"\r\ny'
    assert run("prepare", "KCSE", 2030, "--by", "alice").exit_code == 0
    done = run("export", "KCSE", 2030, file, "--format", kind, "--draft", "--by", "bob")
    assert done.exit_code == 0, done.output
    return file


def test_csv(paid: Desk, run: Run, tmp_path: Path) -> None:
    file = exported(paid, run, "csv", tmp_path / "pay.csv")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        head, *rows = csv.reader(opened)
    assert tuple(head) == payroll_export.COLUMNS and len(rows) == 3
    fatuma = dict(zip(head, rows[1], strict=True))
    attack = '\'=HYPERLINK("http://x","y")'
    assert (fatuma["Name"], fatuma["M-Pesa name"], fatuma["Centre"]) == (attack, attack, '\'@SUM(1), "x"  y')
    assert (fatuma["M-Pesa phone"], fatuma["Position"], fatuma["Centre code"]) == (
        *("0711 000 006", "supervisor"),
        CENTRE,
    )
    assert [fatuma[name] for name in ("Sub-county", "County", "Region")] == [
        *("Kasarani", "Nairobi", "Nairobi & Mombasa"),
    ]
    assert rows[1][12:18] == ["10", "0", "", "680", "6800", ""]
    assert b',10,0,"",680,6800,' in file.read_bytes()  # sums are numbers, not quoted texts


def test_xlsx(paid: Desk, run: Run, tmp_path: Path) -> None:
    file = exported(paid, run, "xlsx", tmp_path / "pay.xlsx")
    with zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "hyperlink" not in sheet
    assert "'=HYPERLINK" in sheet and "0711 000 006" in sheet and "<v>6800</v>" in sheet
