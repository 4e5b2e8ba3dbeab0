"""Reviews: the applications that wait for the council, and its decisions by the file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Final

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import Session

from models.applications import Application
from models.people import Profile
from models.places import County
from models.registers import Eligibility
from models.series import Series, Vacancy
from operations import applications, posts
from operations.imports_files import Source
from operations.office import Actor
from operations.posts import Post

COLUMNS: Final = ("reference", "decision", "reason")
DECISIONS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("accept", "accepted", "approve", "approved"), True),
    **dict.fromkeys(("reject", "rejected"), False),
}


@dataclass(frozen=True)
class Waiting:
    """An application that waits, as whoever decides needs to see it."""

    reference: str
    name: str
    kind: str
    post: Post


@dataclass(frozen=True)
class Wanted:
    """Which of them somebody wants to see; what is empty is any."""

    exam: str = ""
    year: int | None = None
    position: str = ""
    county: str = ""


@dataclass(frozen=True)
class Decision:
    """A line of a file of decisions."""

    line: int
    reference: str
    accept: bool
    reason: str


def waiting(db: Session, wanted: Wanted, *, most: int = 500) -> list[Waiting]:
    """The applications that wait for review, the oldest first."""
    rows = (
        posts.applied(Application.reference, Profile.full_name, Eligibility.kind)
        .outerjoin(Profile, Profile.account_id == Application.account_id)
        .outerjoin(Eligibility, Eligibility.account_id == Application.account_id)
        .where(Application.state == "submitted", *narrowed(wanted))
        .order_by(Application.id)
        .limit(most)
    )
    return [
        Waiting(reference, name or "", kind or "", posts.post(place))
        for reference, name, kind, *place in db.execute(rows)
    ]


def narrowed(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """The conditions of what somebody wants to see."""
    if wanted.exam:
        yield Series.exam == wanted.exam.upper()
    if wanted.year:
        yield Series.year == wanted.year
    if wanted.position:
        yield Vacancy.position == wanted.position
    if wanted.county:
        yield or_(func.lower(County.name) == wanted.county.lower(), County.code == wanted.county.zfill(3))


def read(source: Source) -> tuple[list[Decision], list[str]]:
    """The decisions of a file (columns `reference`, `decision`, `reason`), and every fault of its lines."""
    absent = [column for column in COLUMNS if column not in source.header]
    if absent:
        return [], [f"There is no column {', '.join(absent)}."]
    found: list[Decision] = []
    faults: list[str] = []
    for line, cells in source.records():
        row = {name: cell.strip() for name, cell in zip_longest(source.header, cells, fillvalue="")}
        fault = fault_of(row)
        if fault:
            faults.append(f"line {line}: {fault}")
        else:
            found.append(Decision(line, row["reference"], DECISIONS[row["decision"].lower()], row["reason"]))
    return found, faults


def fault_of(row: Mapping[str, str]) -> str:
    """What is wrong with a line before anything is looked up; empty where nothing is."""
    if not row["reference"]:
        return "reference is empty"
    if row["decision"].lower() not in DECISIONS:
        return "decision must be accept or reject"
    if not DECISIONS[row["decision"].lower()] and not row["reason"]:
        return "a rejection needs a reason"
    return ""


def decide(db: Session, decision: Decision, *, by: Actor, now: datetime) -> Application:
    """Carry one decision out; raises a Refusal where the application is unknown or over."""
    known = applications.by_reference(db, decision.reference)
    return applications.review(db, known.id, decision.accept, decision.reason, by=by, now=now)
