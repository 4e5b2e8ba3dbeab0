"""What a letter, an SMS or a screen says of a deployment, gathered in one query."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session, aliased

from models.accounts import Account
from models.deployments import DEPLOYED, Declaration, Deployment
from models.people import Profile
from models.places import Centre, County, SubCounty
from models.series import Series
from operations import rates
from operations.office import NAIROBI
from operations.refusals import Refusal

# What everybody carries, unless the officer who deploys says otherwise; screens say it in both languages.
CARRY: Final = "National ID and appointment letter"
# Officers are at the centre by this hour, from the rehearsal day on.
REPORT_AT: Final = time(7, tzinfo=NAIROBI)


@dataclass(frozen=True)
class DeploymentFacts:
    """A deployment as papers and screens tell of it; what is not known is empty or None."""

    id: int
    reference: str
    account_id: int
    series_id: int
    state: str
    reason: str | None
    exam: str
    year: int
    position: str
    roster_no: int
    centre: str
    centre_code: str
    centre_sub_county: str
    county: str  # the centre's
    county_code: str
    distribution_centre: str
    distance_km: int | None  # from the centre to its distribution centre
    reporting_at: datetime
    first_day: date
    last_day: date
    report_to: str
    carry: str
    offered_at: datetime
    declared: str | None  # the version of the declaration that was agreed to
    phone: str
    name: str = field(repr=False)
    national_id: str = field(repr=False)
    town: str  # the sub-county where the person works: nobody tells us a town
    station: str = "examination"  # what the centre is: examination, distribution, marking
    rate: int | None = None  # Ksh a day; None where nobody has said

    @property
    def series(self) -> str:
        """The exam in its year: KCSE 2026."""
        return f"{self.exam} {self.year}"

    @property
    def live(self) -> bool:
        """Whether it stands: offered or accepted."""
        return self.state in DEPLOYED

    @property
    def distance(self) -> str:
        """How far its distribution centre is, as a token; a distribution centre has none of its own."""
        if self.station == "distribution":
            return "@term.duty.here"
        return "@term.duty.unknown" if self.distance_km is None else f"{self.distance_km} km"

    def said(self) -> dict[str, str]:
        """What every notice of it says, as tokens that are spelled in the reader's language."""
        return {
            "duty_exam": self.series,
            "duty_post": f"@term.post.{self.position}",
            "duty_centre": self.centre,
            "duty_day": f"@date:{day_of(self.reporting_at).isoformat()}",
            "duty_time": f"@time:{self.reporting_at.isoformat()}",
        }

    def told(self) -> dict[str, str]:
        """What a screen or an SMS says when somebody asks for all of it, as tokens."""
        return {
            **self.said(),
            "duty_position": f"@term.position.{self.position}",
            "duty_centre_code": self.centre_code,
            "duty_reporting": f"@moment:{self.reporting_at.isoformat()}",
            "duty_whom": self.report_to,
            "duty_first": f"@date:{self.first_day.isoformat()}",
            "duty_last": f"@date:{self.last_day.isoformat()}",
            "duty_distance": self.distance,
            "duty_carry": "@term.duty.carry" if self.carry == CARRY else self.carry,
            "duty_standing": f"@term.deployment.{self.state}",
            "duty_declared": "@term.yes" if self.declared else "@term.no",
            "duty_reference": self.reference,
        }


def facts(db: Session, deployment_id: int) -> DeploymentFacts:
    """Everything there is to say of this deployment; raises Refusal `deployment.none` where there is none."""
    found = gather(db, Deployment.id == deployment_id)
    if not found:
        raise Refusal("deployment.none")
    series, region = db.get_one(Series, found[0].series_id), rates.region_of(found[0].county_code)
    rate = rates.of(db, series, found[0].position, region)
    return replace(found[0], rate=rate.ksh_per_day if rate else None)


def gather(db: Session, *which: ColumnElement[bool], most: int = 97) -> list[DeploymentFacts]:
    """What there is to say of many deployments but their rates: live ones first, then the newest."""
    order = (Deployment.state.in_(DEPLOYED).desc(), Deployment.id.desc())
    rows = query().where(*which).order_by(*order).limit(most)
    return [told(row) for row in db.execute(rows.execution_options(populate_existing=True))]


def listed(
    db: Session,
    *,
    exam: str = "",
    year: int | None = None,
    centre: str = "",
    position: str = "",
    state: str = "",
    most: int = 200,
) -> list[DeploymentFacts]:
    """The deployments that fit all that is said, live ones first."""
    asked = (
        (Series.exam, exam.upper()),
        (Series.year, year),
        (Deployment.centre_code, centre),
        (Deployment.position, position),
        (Deployment.state, state),
    )
    return gather(db, *(column == value for column, value in asked if value), most=most)


def query() -> Select[*tuple[Any, ...]]:
    """Every row that is told of, side by side."""
    home, distribution = aliased(SubCounty), aliased(Centre)
    return (
        select(
            *(Deployment, Account, Series, Centre, County, SubCounty.name),
            *(Profile, home.name, distribution.name, Declaration.version),
        )
        .join(Account, Account.id == Deployment.account_id)
        .join(Series, Series.id == Deployment.series_id)
        .join(Centre, Centre.code == Deployment.centre_code)
        .join(SubCounty, SubCounty.id == Centre.sub_county_id)
        .join(County, County.code == SubCounty.county_code)
        .outerjoin(Profile, Profile.account_id == Account.id)
        .outerjoin(home, home.id == Profile.sub_county_id)
        .outerjoin(distribution, distribution.code == Centre.distribution_code)
        .outerjoin(Declaration, Declaration.deployment_id == Deployment.id)
    )


def told(row: Row[*tuple[Any, ...]]) -> DeploymentFacts:
    """One row as facts."""
    post, account, series, centre, county, area, profile, home, distribution, declared = row
    return DeploymentFacts(
        **{name: getattr(post, name) for name in OWN},
        exam=series.exam,
        year=series.year,
        centre=centre.name,
        centre_sub_county=area,
        county=county.name,
        county_code=county.code,
        distribution_centre=distribution or "",
        distance_km=centre.distance_km,
        station=centre.station,
        declared=declared,
        phone=account.phone,
        name=(profile.full_name if profile else None) or "",
        national_id=account.national_id or "",
        town=home or "",
    )


# The columns that a deployment's facts take as they stand.
OWN: Final = (
    *("id", "reference", "account_id", "series_id", "state", "reason", "position", "roster_no"),
    *("centre_code", "reporting_at", "first_day", "last_day", "report_to", "carry", "offered_at"),
)


def day_of(moment: datetime) -> date:
    """The day in Nairobi."""
    return moment.astimezone(NAIROBI).date()
