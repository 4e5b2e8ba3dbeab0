"""How the registers of many centres stand on one day: who is marked, whatever the number of centres."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.attendance import MarkEvent
from models.deployments import Deployment
from models.places import Centre
from models.series import Series
from operations import calendars, duties
from operations.register_reading import REGISTERED


@dataclass(frozen=True)
class CentreState:
    """A centre with a register that day: how many must be marked, and how many are."""

    centre_code: str
    name: str
    sub_county_id: int
    officers: int
    marked: int

    @property
    def done(self) -> bool:
        """Whether nobody is missing."""
        return self.marked >= self.officers


def examining(db: Session, day: date) -> list[Series]:
    """The series in which something is examined, or rehearsed, on this day."""
    begins = func.coalesce(Series.rehearsal, Series.starts)
    going = select(Series).where(Series.closed_at.is_(None), begins <= day, Series.ends >= day)
    return [series for series in db.scalars(going.order_by(Series.id)) if calendars.examined(series, day)]


def states(db: Session, sub_county_ids: Collection[int], day: date, *, now: datetime) -> list[CentreState]:
    """Every centre of these sub-counties that has a register this day, by code; none of a day to come."""
    series = [each.id for each in examining(db, day)]
    if not series or day > duties.local(now):
        return []
    said = select(MarkEvent.id).where(MarkEvent.deployment_id == Deployment.id, MarkEvent.day == day).exists()
    rows = (
        select(Centre.code, Centre.name, Centre.sub_county_id, func.count(), func.count().filter(said))
        .join(Deployment, Deployment.centre_code == Centre.code)
        .where(
            duties.among(Centre.sub_county_id, sub_county_ids),
            duties.among(Deployment.series_id, series),
            *(Deployment.state == "accepted", Deployment.position.in_(REGISTERED)),
            *(Deployment.first_day <= day, Deployment.last_day >= day),
        )
        .group_by(Centre.code)
        .order_by(Centre.code)
    )
    return [CentreState(*row) for row in db.execute(rows)]
