"""The attendance codes of a season on paper, for a centre whose phones do not get SMS."""

from flask import Flask
from sqlalchemy import select

from models.records import Audit
from operations import attendance_codes
from tests.fixtures_registers import CENTRE, Morning
from tests.fixtures_service import service_of


def test_a_seasons_codes_are_printed_and_that_is_written_down(app: Flask, morning: Morning) -> None:
    printed = app.test_cli_runner().invoke(args=["staff", "codes", CENTRE, "--by", "jane"])
    assert printed.exit_code == 0, printed.output
    lines = printed.output.strip().splitlines()
    today = attendance_codes.code(service_of(app).office, morning.season.running, CENTRE, morning.today)
    assert [line for line in lines if line.endswith(f"{today[:3]} {today[3:]}")] == [lines[3]]
    with morning.db() as db:
        noted = db.scalars(select(Audit).where(Audit.act == "register.print_codes")).one()
        assert (noted.actor, noted.subject) == ("staff:jane", f"centre:{CENTRE}")


def test_a_centre_without_a_series_has_no_codes(app: Flask, morning: Morning) -> None:
    printed = app.test_cli_runner().invoke(args=["staff", "codes", "42101001"])
    assert printed.exit_code == 1
    assert "Error" in printed.output
    unknown = app.test_cli_runner().invoke(args=["staff", "codes", "99999999"])
    assert unknown.exit_code == 1 and "99999999" in unknown.output
