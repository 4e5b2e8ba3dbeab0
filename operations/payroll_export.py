"""Exports of pay schedules: CSV and XLSX that no spreadsheet takes for formulas.

They hold whole national IDs and phones, for they are for paying; whoever exports is in the audit trail. All
of it comes from the kept lines alone, so the file of a closed schedule is the same whenever it is written.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy.orm import Session

from models.payrolls import PaySchedule
from models.series import Series
from operations import audits, payroll_lines
from operations.office import Actor
from operations.payroll_lines import Fingerprint, Line
from operations.refusals import Refusal
from telephony import phones

Cell = str | int | None
COLUMNS: Final = (
    *("Reference", "Name", "M-Pesa name", "M-Pesa phone", "National ID", "TSC, licence or service no."),
    *("Position", "Centre code", "Centre", "Sub-county", "County", "Region"),
    *(
        "Days",
        "Days counted on another line",
        "Days reported in",
        "Ksh a day",
        "Amount Ksh",
        "Not paid because",
        "Schedule digest",
    ),
)
SHOWN: Final = 16  # signs of the digest, in the files and on the screen
# What a spreadsheet takes for the beginning of a formula (faults.md, section 4, item 33).
LEADING: Final = (*"=+-@\t\r\n\0|%", *"\uff1d\uff0b\uff0d\uff20")  # and their wide forms


def export(db: Session, schedule: PaySchedule, kind: str, path: Path, *, by: Actor) -> int:
    """Write a schedule to this file as `csv` or `xlsx`; answers the number of its lines.

    Raises Refusal `pay.broken` where the lines are no longer those of its digest: the file is worth nothing.
    """
    read = Fingerprint(db.get_one(Series, schedule.series_id))
    count = WRITERS[kind](path, rows(db, schedule, read))
    if read.digest != schedule.digest:
        raise Refusal("pay.broken")
    audits.record(db, "pay.export", f"pay_schedule:{schedule.id}", by=by, kind=kind, lines=str(count))
    return count


def rows(db: Session, schedule: PaySchedule, read: Fingerprint) -> Iterator[list[Cell]]:
    """The lines in the order of their deployments, read a part at a time."""
    for each in payroll_lines.stored(db, schedule.id):
        read.add(each)
        yield [harmless(cell) for cell in (*cells(each), schedule.digest[:SHOWN])]


def cells(each: Line) -> Iterator[Cell]:
    """A line in the order of the columns."""
    phone = phones.local(each.phone) if each.phone else None
    yield from (each.reference, each.name, each.mpesa_name, phone, each.national_id, each.number)
    yield from (each.position, each.centre_code, each.centre, each.sub_county, each.county, each.region)
    yield from (each.days, each.days_elsewhere, each.document, each.ksh_per_day, each.ksh, each.refused)


def harmless(cell: Cell) -> Cell:
    """A cell that no spreadsheet computes: a text that would begin a formula begins with an apostrophe."""
    if not isinstance(cell, str):
        return cell
    # Control characters have no place in a cell, and blanks before a formula do not disarm it.
    seen = "".join(letter if letter.isprintable() else " " for letter in cell)
    risky = cell.startswith(LEADING) or seen.lstrip().startswith(LEADING)
    return f"'{seen}" if risky else seen


def write_csv(path: Path, lines: Iterator[list[Cell]]) -> int:
    """A CSV file in UTF-8 that begins with a mark by which Excel knows it; every text in quotes."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(COLUMNS)
        for count, line in enumerate(lines, start=1):  # noqa: B007 - counted, for nobody else does
            writer.writerow(["" if cell is None else cell for cell in line])
    return count


def write_xlsx(path: Path, lines: Iterator[list[Cell]]) -> int:
    """An XLSX file with one sheet, written row by row in constant memory; texts as texts, sums as numbers."""
    count = 0
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet, bold = book.add_worksheet("Pay schedule"), book.add_format({"bold": True})
        for column, title in enumerate(COLUMNS):
            sheet.write_string(0, column, title, bold)
        for count, line in enumerate(lines, start=1):
            for column, cell in enumerate(line):
                if isinstance(cell, str):
                    sheet.write_string(count, column, cell)
                elif cell is not None:
                    sheet.write_number(count, column, cell)
    return count


WRITERS: Final = {"csv": write_csv, "xlsx": write_xlsx}
