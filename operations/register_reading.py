"""Reading a day's register: who serves at a centre on that day, and what holds of each of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, NamedTuple

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
    def exam(self) -> str:
        """The exam in its year; a centre may have two on one day, each with roster numbers of its own."""
        return f"{self.series.exam} {self.series.year}"

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
    return in_series(db, meant(db, centre_code, day, series_id), centre_code, day, now=now)


def in_series(db: Session, series: Series, centre_code: str, day: date, *, now: datetime) -> DayRegister:
    """The register of a centre's day in a series that is at hand: three queries."""
    opened = (RegisterDay.series_id == series.id) & (RegisterDay.day == day)
    known = select(Centre.name, RegisterDay.reopened_until).outerjoin(
        RegisterDay, (RegisterDay.centre_code == Centre.code) & opened
    )
    name, until = db.execute(known.where(Centre.code == centre_code)).one()
    usual = calendars.closes(series, day)
    closes_at = usual if until is None else max(usual, until)
    return DayRegister(
        centre_code=centre_code,
        centre=name,
        series=series,
        day=day,
        rows=tuple(rows(db, centre_code, series.id, day, closes_at)),
        closes_at=closes_at,
        state=state(series, day, closes_at, usual, now),
    )


def again(db: Session, register: DayRegister) -> DayRegister:
    """The same register with all that was said of these officers by now: one query."""
    ids = [row.officer.deployment_id for row in register.rows]
    held = holding(db, ids, register.day, register.closes_at)
    marked = [
        row._replace(mark=held.get((row.officer.deployment_id, register.day), UNMARKED))
        for row in register.rows
    ]
    return replace(register, rows=tuple(marked))


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
    listed = [(row[0], rosters.officer(*row[1:])) for row in db.execute(query.where(*here))]
    ids = [each.deployment_id for _, each in listed]
    held = holding(db, ids, day, closes_at)
    found = []
    for ended_at, each in listed:
        mark = held.get((each.deployment_id, day), UNMARKED)
        last = None if each.state in DEPLOYED else last_day(ended_at)
        if last is None or last >= day or mark.word:
            required = (last is None or last > day) and each.state != "offered"
            found.append(Row(each, mark, required=required))
    return sorted(found, key=lambda row: row.officer.roster_no)


def last_day(ended_at: datetime | None) -> date:
    """The day on which somebody's post ended; it may be marked, as they may have served on it."""
    return duties.local(ended_at) if ended_at else date.min


def holding(
    db: Session, ids: Collection[int], day: date, closes_at: datetime
) -> Mapping[tuple[int, date], Mark]:
    """What holds of these deployments on a day that closes then."""
    return marks.holding(attendance.words(db, ids, day), lambda deployment, day: closes_at)


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
