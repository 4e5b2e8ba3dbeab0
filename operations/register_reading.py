"""Reading a day's register: who serves at a centre on that day, and what holds of each of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.attendance import MarkEvent
from models.centres import RegisterDay
from models.deployments import DEPLOYED, Deployment
from models.people import Profile
from models.places import Centre
from models.series import Series
from operations import attendance, calendars, duties, marks, rosters
from operations.marks import UNMARKED, Mark
from operations.refusals import Refusal
from operations.rosters import Officer

# The register of the council has these; who moves the papers is not in it.
REGISTERED: Final = ("centre_manager", "supervisor", "invigilator", "security_officer")


class Row(NamedTuple):
    """A line of the register. `required`: accepted and still serving, so ALL means this person too."""

    officer: Officer
    mark: Mark
    required: bool = True

    @property
    def state(self) -> str:
        """`present`, `absent` or `unmarked`."""
        return {True: "present", False: "absent", None: "unmarked"}[self.mark.present]


@dataclass(frozen=True)
class DayRegister:
    """The register of a centre's day: not_yet, open, closed, reopened, or no_exam."""

    centre_code: str
    centre: str
    series: Series
    day: date
    rows: tuple[Row, ...]
    closes_at: datetime
    state: str

    @property
    def required(self) -> list[Row]:
        """Those who must be marked."""
        return [row for row in self.rows if row.required]

    def of_state(self, state: str) -> list[Officer]:
        """The officers marked so; who was only offered a post is missed by nobody."""
        return [row.officer for row in self.rows if row.state == state and (row.required or row.mark.word)]

    @property
    def conflicts(self) -> list[Row]:
        """The lines about which two phones differ."""
        return [row for row in self.rows if row.mark.conflict]

    def everyone(self, absent: Collection[int] = ()) -> dict[int, bool]:
        """Marks that say: these roster numbers are absent, everybody else is present."""
        return {row.officer.roster_no: True for row in self.required} | dict.fromkeys(absent, False)


def of(
    db: Session, centre_code: str, day: date, *, now: datetime, series_id: int | None = None
) -> DayRegister:
    """The register of a centre's day: a few queries, however many serve there.

    Raises Refusal `register.no_series` where the centre has no officers in a series that has this day. Of
    several series the one that ends first is meant, unless one is named.
    """
    series = meant(db, centre_code, day, series_id)
    known = db.get(RegisterDay, (series.id, centre_code, day), populate_existing=True)
    usual, until = calendars.closes(series, day), known.reopened_until if known else None
    closes_at = usual if until is None else max(usual, until)
    return DayRegister(
        centre_code=centre_code,
        centre=db.get_one(Centre, centre_code).name,
        series=series,
        day=day,
        rows=tuple(rows(db, centre_code, series.id, day, closes_at)),
        closes_at=closes_at,
        state=state(series, day, closes_at, usual, now),
    )


def meant(db: Session, centre_code: str, day: date, series_id: int | None = None) -> Series:
    """The series that has this day at this centre; one in which something is examined on it comes first."""
    found = series_on(db, centre_code, day)
    named = [series for series in found if series_id in (None, series.id)]
    if not named:
        raise Refusal("register.no_series")
    return next((series for series in named if calendars.examined(series, day)), named[0])


def series_on(db: Session, centre_code: str, day: date) -> list[Series]:
    """The series in which this centre has officers and which have this day, examined or not."""
    manned = rosters.manned(db, centre_code)
    return [series for series in manned if calendars.begins(series) <= day <= series.ends]


def state(series: Series, day: date, closes_at: datetime, usual: datetime, now: datetime) -> str:
    """How a day stands."""
    if not calendars.examined(series, day):
        return "no_exam"
    if day > duties.local(now):
        return "not_yet"
    if now >= closes_at:
        return "closed"
    return "open" if now < usual else "reopened"


def rows(db: Session, centre_code: str, series_id: int, day: date, closes_at: datetime) -> list[Row]:
    """Who serves that day, by roster number, and what holds of each: those replaced since among them."""
    marked = select(MarkEvent.id).where(MarkEvent.deployment_id == Deployment.id, MarkEvent.day == day)
    served = Deployment.state.in_(duties.SERVED) & Deployment.answered_at.is_not(None)
    here = (
        *(Deployment.centre_code == centre_code, Deployment.series_id == series_id),
        *(Deployment.position.in_(REGISTERED), Deployment.first_day <= day, Deployment.last_day >= day),
        or_(Deployment.state.in_(DEPLOYED), served, marked.exists()),
    )
    query = (
        select(Deployment.ended_at, *rosters.LISTED)
        .join(Account, Account.id == Deployment.account_id)
        .outerjoin(Profile, Profile.account_id == Account.id)
    )
    listed = [(row[0], officer(*row[1:])) for row in db.execute(query.where(*here))]
    ids = [each.deployment_id for _, each in listed]
    held = marks.holding(attendance.words(db, ids, day), lambda deployment, day: closes_at)
    found = []
    for ended_at, each in listed:
        mark = held.get((each.deployment_id, day), UNMARKED)
        left = each.state not in DEPLOYED and (ended_at is None or duties.local(ended_at) <= day)
        if not left or mark.word:
            found.append(Row(each, mark, required=not left and each.state != "offered"))
    return sorted(found, key=lambda row: row.officer.roster_no)


def officer(
    deployment_id: int,
    roster_no: int,
    name: str | None,
    position: str,
    gender: str | None,
    *rest: Any,
) -> Officer:
    """One row of the roster; what is not known is empty."""
    national_id, phone, state = rest
    return Officer(
        deployment_id, roster_no, name or "", position, gender or "", national_id or "", phone, state
    )


def open_days(db: Session, centre_code: str, *, now: datetime, series_id: int | None = None) -> list[date]:
    """The days that may be marked now, the latest first: today's, past ones still open, those reopened."""
    today = duties.local(now)
    again = select(RegisterDay.series_id, RegisterDay.day).where(
        RegisterDay.centre_code == centre_code, RegisterDay.reopened_until > now
    )
    reopened = {(number, day) for number, day in db.execute(again)}
    found = set()
    for series in rosters.manned(db, centre_code):
        if series_id in (None, series.id):
            past = (day for day in calendars.exam_days(series) if day <= today)
            found |= {
                day for day in past if now < calendars.closes(series, day) or (series.id, day) in reopened
            }
    return sorted(found, reverse=True)
