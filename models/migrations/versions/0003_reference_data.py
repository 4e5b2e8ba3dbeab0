"""Reference data that officers edit later: counties and sub-counties, the exam calendar, the rates, the rules."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

REFERENCE = Path(__file__).parent.parent / "reference"


def upgrade() -> None:
    """Load the tables beside this file; officers change the rows afterwards, never the files."""
    load_places()
    load_calendar()
    load_rates()
    load_rules()


def rows(name: str) -> Iterator[dict[str, str | None]]:
    """The rows of a file, empty fields as None."""
    with (REFERENCE / name).open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield {column: value or None for column, value in row.items()}


def insert(sql: str, many: list[dict[str, object]]) -> None:
    """Insert all these rows in one statement."""
    op.get_bind().execute(sa.text(sql), many)


def load_places() -> None:
    """Counties by the code of the constitution, and their sub-counties (origin: docs/data.md)."""
    places = list(rows("counties.csv"))
    counties = {row["county_code"]: row["county"] for row in places}
    insert(
        "INSERT INTO county (code, name) VALUES (:code, :name)",
        [{"code": code, "name": name} for code, name in counties.items()],
    )
    insert(
        "INSERT INTO sub_county (county_code, name) VALUES (:county_code, :sub_county)",
        [dict(row) for row in places],
    )


def load_calendar() -> None:
    """The series of the circulars; those of earlier years are closed by their last day."""
    insert(
        "INSERT INTO series (exam, year, rehearsal, starts, ends, source)"
        " VALUES (:exam, CAST(:year AS integer), CAST(:rehearsal AS date), CAST(:start AS date),"
        " CAST(:end AS date), :source)",
        [dict(row) for row in rows("exam_calendar.csv")],
    )


def load_rates() -> None:
    """What was paid a day, as far as it was published."""
    insert(
        "INSERT INTO rate (year, exam, position, region, ksh_per_day, days, total_ksh, source)"
        " VALUES (CAST(:exam_year AS integer), :exam, :position, :region, CAST(:ksh_per_day AS integer),"
        " CAST(:days AS integer), CAST(:total_ksh AS integer), :source)",
        [{**row, "position": coded(row["position"])} for row in rows("rates.csv")],
    )


def load_rules() -> None:
    """Who could take which position in the seasons whose rules were published."""
    known = json.loads((REFERENCE / "rules.json").read_text(encoding="utf-8"))
    insert(
        "UPDATE series SET rules = CAST(:rules AS jsonb) WHERE exam = :exam AND year = :year",
        [{**one, "rules": json.dumps(one["rules"])} for one in known],
    )


def coded(position: str | None) -> str:
    """A position as the tables name it: centre_manager."""
    return (position or "").lower().replace(" ", "_")
