"""Return sheets: the whole register of a centre's series, officers by days, and the hash of its events."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.attendance import MarkEvent
from models.deployments import Deployment
from models.places import Centre, County, SubCounty
from models.series import Series
from operations import attendance, calendars, duties, marks, rosters
from operations.duties import Duty
from operations.marks import CutOff, Mark, Word
from operations.register_reading import REGISTERED
from operations.rosters import Officer


@dataclass(frozen=True)
class Line:
    """An officer in the register: what holds of each day of which something was said."""

    officer: Officer
    marked: Mapping[date, bool]
    missing: tuple[date, ...]  # days on which this person served and nobody was marked

    @property
    def present(self) -> int:
        """The days marked P."""
        return sum(self.marked.values())

    @property
    def absent(self) -> int:
        """The days marked Ab."""
        return len(self.marked) - self.present


@dataclass(frozen=True)
class Sheet:
    """The register of a centre in a series, as far as it has come."""

    series: Series
    centre_code: str
    centre: str
    sub_county: str
    county: str
    days: tuple[date, ...]
    lines: tuple[Line, ...]
    digest: str  # of the events it is made from

    @property
    def exam(self) -> str:
        """The exam in its year: KCSE 2026."""
        return f"{self.series.exam} {self.series.year}"

    @property
    def missing(self) -> Mapping[date, int]:
        """The days with marks missing, and how many, first to last."""
        every = sorted(day for line in self.lines for day in line.missing)
        return {day: every.count(day) for day in dict.fromkeys(every)}


def of(db: Session, centre_code: str, series: Series, *, now: datetime) -> Sheet:
    """The register of this centre and series until now: a few queries, however many serve there."""
    many = registered(db, centre_code, series.id)
    words = list(attendance.words(db, [duty.id for duty in many]))
    cut_off, today = attendance.cut_offs(db, many), duties.local(now)
    held = marks.holding(words, cut_off)
    roster = people(db, many)
    days = calendars.exam_days(series)
    centre, sub_county, county = db.execute(
        select(Centre.name, SubCounty.name, County.name)
        .join(SubCounty, SubCounty.id == Centre.sub_county_id)
        .join(County, County.code == SubCounty.county_code)
        .where(Centre.code == centre_code)
    ).one()
    return Sheet(
        series=series,
        centre_code=centre_code,
        centre=centre,
        sub_county=sub_county,
        county=county,
        days=tuple(sorted({*days, *(day for _, day in held)})),
        lines=tuple(line(duty, roster[duty.id], held, today) for duty in many),
        digest=digest(centre_code, series.id, words, cut_off),
    )


def registered(db: Session, centre_code: str, series_id: int) -> list[Duty]:
    """Who is in the register, by roster number: whoever accepted a post in it, or was marked all the same."""
    marked = select(MarkEvent.id).where(MarkEvent.deployment_id == Deployment.id).exists()
    served = Deployment.state.in_(duties.SERVED) & Deployment.answered_at.is_not(None)
    here = (Deployment.centre_code == centre_code, Deployment.series_id == series_id)
    in_it = (Deployment.position.in_(REGISTERED), (Deployment.state == "accepted") | served | marked)
    return sorted(duties.gather(db, *here, *in_it), key=lambda duty: duty.roster_no)


def people(db: Session, many: Iterable[Duty]) -> Mapping[int, Officer]:
    """Who they are, by deployment."""
    these = duties.among(Deployment.id, [duty.id for duty in many])
    return {row[0]: rosters.officer(*row) for row in db.execute(rosters.everybody().where(these))}


def line(duty: Duty, officer: Officer, held: Mapping[tuple[int, date], Mark], today: date) -> Line:
    """One officer's line; of somebody who left, no day is missed."""
    marked = {
        day: mark.present
        for (number, day), mark in held.items()
        if number == duty.id and mark.present is not None
    }
    missed = [day for day in duty.working_days() if day <= today and day not in marked]
    return Line(officer, marked, tuple(missed) if duty.state == "accepted" else ())


def digest(centre_code: str, series_id: int, words: Iterable[Word], cut_off: CutOff) -> str:
    """The hash of every event that counts, in the order of their rows: one more word is another hash."""
    said = hashlib.sha256(f"{centre_code} {series_id}\n".encode())
    for word in sorted(word for word in words if marks.counts(word, cut_off)):
        facts = (word.id, word.deployment_id, word.day, word.present, word.actor, word.said_at.timestamp())
        said.update(("\x1f".join(map(str, facts)) + "\n").encode())
    return said.hexdigest()
