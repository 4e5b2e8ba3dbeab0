"""How the registers of many centres stand on one day: who is marked, whatever the number of centres."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.attendance import MarkEvent
from models.deployments import Deployment
from models.places import Centre
from models.series import Series
from operations import calendars, duties
from operations.register_reading import REGISTERED


class ExamState(NamedTuple):
    """The register of one exam at a centre: how many must be marked, and how many are."""

    exam: str
    officers: int
    marked: int


@dataclass(frozen=True)
class CentreState:
    """A centre with a register that day, or with two where two exams run there."""

    centre_code: str
    name: str
    sub_county_id: int
    exams: tuple[ExamState, ...]

    @property
    def officers(self) -> int:
        """How many must be marked."""
        return sum(each.officers for each in self.exams)

    @property
    def marked(self) -> int:
        """How many are."""
        return sum(each.marked for each in self.exams)

    @property
    def done(self) -> bool:
        """Whether nobody is missing."""
        return self.marked >= self.officers

    @property
    def unmarked(self) -> bool:
        """Whether a register of theirs has nobody marked."""
        return any(not each.marked for each in self.exams)

    @property
    def lacking(self) -> str:
        """Of two exams the one whose register has nobody marked; empty where that needs no saying."""
        empty = [each.exam for each in self.exams if not each.marked]
        return empty[0] if 0 < len(empty) < len(self.exams) else ""

    @property
    def counts(self) -> str:
        """How many are marked of how many; of an exam with nobody marked beside another: `KJSEA 0/4`."""
        empty = next((each for each in self.exams if each.exam == self.lacking), None)
        return f"{empty.exam} 0/{empty.officers}" if empty else f"{self.marked}/{self.officers}"


def examining(db: Session, day: date) -> list[Series]:
    """The series in which something is examined, or rehearsed, on this day."""
    begins = func.coalesce(Series.rehearsal, Series.starts)
    going = select(Series).where(Series.closed_at.is_(None), begins <= day, Series.ends >= day)
    return [series for series in db.scalars(going.order_by(Series.id)) if calendars.examined(series, day)]


def states(db: Session, sub_county_ids: Collection[int], day: date, *, now: datetime) -> list[CentreState]:
    """Every centre of these sub-counties that has a register this day, by code; none of a day to come."""
    exams = {each.id: each.exam for each in examining(db, day)}
    if not exams or day > duties.local(now):
        return []
    said = select(MarkEvent.id).where(MarkEvent.deployment_id == Deployment.id, MarkEvent.day == day).exists()
    rows = (
        select(
            *(Centre.code, Centre.name, Centre.sub_county_id, Deployment.series_id),
            *(func.count(), func.count().filter(said)),
        )
        .join(Deployment, Deployment.centre_code == Centre.code)
        .where(
            duties.among(Centre.sub_county_id, sub_county_ids),
            duties.among(Deployment.series_id, exams),
            *(Deployment.state == "accepted", Deployment.position.in_(REGISTERED)),
            *(Deployment.first_day <= day, Deployment.last_day >= day),
        )
        .group_by(Centre.code, Deployment.series_id)
        .order_by(Centre.code, Deployment.series_id)
    )
    centres = groupby(db.execute(rows), key=lambda row: (row[0], row[1], row[2]))
    return [CentreState(code, name, place, of_exams(found, exams)) for (code, name, place), found in centres]


def of_exams(rows: Iterable[Any], exams: Mapping[int, str]) -> tuple[ExamState, ...]:
    """The registers of one centre."""
    return tuple(ExamState(exams[series_id], officers, marked) for *_, series_id, officers, marked in rows)
