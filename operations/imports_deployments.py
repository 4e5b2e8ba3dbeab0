"""Deployments as an import: one person and post a row, each offered by the same verb as one by one."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from models.series import POSITIONS
from operations import accounts, applications, deployments, series
from operations.imports_cells import BadCell, digits, one_of, phone, text
from operations.imports_files import BadFile
from operations.imports_kinds import Column, Fault, Kind, Line
from operations.office import NAIROBI, Actor
from operations.postings import MOST_CARRY, MOST_WHOM
from operations.refusals import Refusal
from telephony import references

CENTRE_DIGITS: Final = 8


def application(typed: str) -> str:
    """The reference of an application."""
    try:
        return references.read(typed, applications.KIND)
    except references.BadReference:
        raise BadCell("is no reference of an application") from None


def moment(typed: str) -> datetime:
    """A day and time, in Nairobi unless it says otherwise: 2026-10-16 07:00."""
    try:
        read = datetime.fromisoformat(typed)
    except ValueError:
        raise BadCell("is no day and time such as 2026-10-16 07:00") from None
    return read if read.tzinfo else read.replace(tzinfo=NAIROBI)


class Deployments(Kind):
    """Who is deployed where in a series: by phone, or by the reference of their application."""

    name = "deployments"
    # An offer locks its person and the vacancy that others apply for: two in one transaction could deadlock.
    batch = 1
    columns = (
        Column("phone", phone, empty=True, absent=True),
        Column("reference", application, empty=True, absent=True),
        Column("centre", digits(CENTRE_DIGITS)),
        Column("position", one_of(*POSITIONS)),
        Column("reporting", moment, empty=True, absent=True),
        Column("report_to", text(MOST_WHOM), empty=True, absent=True),
        Column("carry", text(MOST_CARRY), empty=True, absent=True),
    )

    def __init__(self, exam: str, year: int, say: Callable[[Refusal], str]) -> None:
        self.exam, self.year, self.say = exam.upper(), year, say
        self.series_id = 0

    @property
    def scope(self) -> str:
        """One file once a series."""
        return f"{self.name}.{self.exam}.{self.year}"

    def prepare(self, db: Session, header: Sequence[str]) -> None:
        """Find the series, and how people are named."""
        found = series.by_name(db, self.exam, self.year)
        if found is None:
            raise BadFile(f"There is no series {self.exam} {self.year}.")
        if not {"phone", "reference"} & set(header):
            raise BadFile("A column phone or reference must say who is deployed.")
        self.series_id = found.id

    def judge(self, values: dict[str, Any], line: int) -> list[str]:
        """Somebody must be named."""
        named = values.get("phone") or values.get("reference")
        return [] if named else ["neither phone nor reference says who"]

    def keep(self, db: Session, batch: Sequence[Line], *, by: Actor, now: datetime) -> list[Fault]:
        """Offer each post by itself; a row that stands already is right, and tells nobody again."""
        faults = []
        for line in batch:
            try:
                with db.begin_nested():
                    self.offer(db, line.values, by=by, now=now)
            except Refusal as refusal:
                faults.append(Fault(line.number, self.say(refusal), line.cells))
        return faults

    def offer(self, db: Session, values: Any, *, by: Actor, now: datetime) -> None:
        """One row."""
        account_id, application_id = self.whose(db, values)
        deployments.offer(
            *(db, account_id, self.series_id, values["centre"], values["position"]),
            application_id=application_id,
            reporting_at=values.get("reporting"),
            report_to=values.get("report_to") or "",
            carry=values.get("carry") or deployments.CARRY,
            by=by,
            now=now,
        )

    def whose(self, db: Session, values: Any) -> tuple[int, int | None]:
        """The account, and its application where the row names one; both columns must agree."""
        account = accounts.by_phone(db, values["phone"]) if values.get("phone") else None
        applied = applications.by_reference(db, values["reference"]) if values.get("reference") else None
        if values.get("phone") and account is None:
            raise Refusal("deployment.no_account")
        if account and applied and applied.account_id != account.id:
            raise Refusal("deployment.no_application")
        if applied is not None:
            return applied.account_id, applied.id
        if account is None:
            raise Refusal("deployment.no_account")
        return account.id, None
