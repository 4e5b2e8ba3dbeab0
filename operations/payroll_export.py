"""Exports of pay schedules: CSV and XLSX that no spreadsheet takes for formulas.

They hold whole national IDs and phones, for they are for paying; whoever exports is in the audit trail.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.deployments import Deployment
from models.payrolls import PayLine, PaySchedule
from models.people import Profile
from models.places import Centre
from operations import audits
from operations.office import Actor
from telephony import phones

Cell = str | int | None
COLUMNS: Final = (
    *("Reference", "Name", "M-Pesa phone", "National ID", "Position", "Centre code", "Centre"),
    *("Days", "Ksh a day", "Amount Ksh", "Not paid because"),
)
# What a spreadsheet takes for the beginning of a formula (faults.md, section 4, item 33).
LEADING: Final = (*"=+-@\t\r\n\0|%", *"\uff1d\uff0b\uff0d\uff20")  # and their wide forms
LOADED: Final = 2000


def export(db: Session, schedule: PaySchedule, kind: str, path: Path, *, by: Actor) -> int:
    """Write a schedule to this file as `csv` or `xlsx`; answers the number of its lines."""
    count = WRITERS[kind](path, rows(db, schedule.id))
    audits.record(db, "pay.export", f"pay_schedule:{schedule.id}", by=by, kind=kind, lines=str(count))
    return count


def rows(db: Session, schedule_id: int) -> Iterator[list[Cell]]:
    """The lines in the order of their deployments, read a part at a time."""
    row = (
        select(
            *(Deployment.reference, Profile.full_name, Account.phone, Account.national_id),
            *(Deployment.position, Deployment.centre_code, Centre.name),
            *(PayLine.days, PayLine.ksh_per_day, PayLine.ksh, PayLine.refused),
        )
        .join(Deployment, Deployment.id == PayLine.deployment_id)
        .join(Account, Account.id == Deployment.account_id)
        .join(Centre, Centre.code == Deployment.centre_code)
        .outerjoin(Profile, Profile.account_id == Account.id)
        .where(PayLine.schedule_id == schedule_id)
        .order_by(PayLine.deployment_id)
    )
    for line in db.execute(row.execution_options(yield_per=LOADED)):
        reference, name, phone, *rest = line
        yield [harmless(cell) for cell in (reference, name, phones.local(phone), *rest)]


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
