"""Duties: deployments as attendance and pay see them, with the days on which somebody serves."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, ColumnElement, any_, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.attendance import MarkEvent
from models.deployments import Deployment
from models.places import Centre, SubCounty
from models.series import Series
from operations import calendars
from operations.office import NAIROBI
from operations.refusals import Refusal

# A person who was replaced or released has served until then; who declined never did.
SERVED: Final = ("replaced", "cancelled")


@dataclass(frozen=True)
class Duty:
    """A deployment as attendance and pay see it: whose it is, where, and its days."""

    id: int
    account_id: int
    series: Series
    position: str
    roster_no: int
    centre_code: str
    centre: str
    sub_county: str
    county_code: str
    state: str
    first_day: date
    last_day: date  # the last one served, where somebody else took over

    @property
    def exam(self) -> str:
        """The exam in its year: KCSE 2026."""
        return f"{self.series.exam} {self.series.year}"

    def working_days(self) -> Iterator[date]:
        """The rehearsal, then the days on which something is examined, as far as the person serves."""
        calendar = calendars.of(self.series)
        for n in range((self.last_day - self.first_day).days + 1):
            day = self.first_day + timedelta(days=n)
            if calendars.is_examined(self.series, calendar, day):
                yield day


def gather(db: Session, *which: ColumnElement[bool]) -> list[Duty]:
    """The deployments of this condition, newest first, in one query."""
    row = (
        select(Deployment, Series, Centre.name, SubCounty.name, SubCounty.county_code)
        .join(Series, Series.id == Deployment.series_id)
        .join(Centre, Centre.code == Deployment.centre_code)
        .join(SubCounty, SubCounty.id == Centre.sub_county_id)
    )
    newest = (Deployment.first_day.desc(), Deployment.id.desc())
    return [duty_of(*each) for each in db.execute(row.where(*which).order_by(*newest))]


def duty_of(row: Deployment, series: Series, centre: str, sub_county: str, county_code: str) -> Duty:
    """One row as a post; it ends where the person was replaced."""
    ended = local(row.ended_at) if row.ended_at and row.state in SERVED else row.last_day
    return Duty(
        id=row.id,
        account_id=row.account_id,
        series=series,
        position=row.position,
        roster_no=row.roster_no,
        centre_code=row.centre_code,
        centre=centre,
        sub_county=sub_county,
        county_code=county_code,
        state=row.state,
        first_day=row.first_day,
        last_day=min(ended, row.last_day),
    )


def mine(db: Session, account_id: int) -> list[Duty]:
    """The deployments of this account that have days: those accepted, and any of which a day was marked."""
    marked = select(MarkEvent.id).where(MarkEvent.deployment_id == Deployment.id).exists()
    return gather(db, Deployment.account_id == account_id, (Deployment.state == "accepted") | marked)


def one(db: Session, deployment_id: int) -> Duty:
    """This deployment; raises Refusal `attendance.no_deployment` where there is none."""
    found = gather(db, Deployment.id == deployment_id)
    if not found:
        raise Refusal("attendance.no_deployment")
    return found[0]


def own(db: Session, account_id: int | None, deployment_id: int) -> Duty:
    """This deployment, if it is this account's; raises Refusal `attendance.no_deployment`."""
    found = one(db, deployment_id)
    if account_id is None or found.account_id != account_id:
        raise Refusal("attendance.no_deployment")
    return found


def among(column: InstrumentedAttribute[int], ids: Collection[int]) -> Any:
    """The condition that a column is one of these; one parameter, however many there are."""
    return column == any_(literal(list(ids), ARRAY(BigInteger)))


def local(moment: datetime) -> date:
    """The day in Nairobi."""
    return moment.astimezone(NAIROBI).date()
