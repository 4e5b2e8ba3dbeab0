"""Posts as pay sees them: which deployments of a series have a line, where each is, and who is behind it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.attendance import MarkEvent
from models.deployments import Deployment
from models.payrolls import DayReport
from models.people import Profile
from models.places import Centre, County, SubCounty
from operations import duties, names, rates, registers
from operations.register_reading import REGISTERED


class Post(NamedTuple):
    """A deployment as pay sees it: where, whose, and what their profile says."""

    id: int
    account_id: int
    reference: str
    state: str
    answered_at: datetime | None
    position: str
    first_day: date
    last_day: date
    centre_code: str
    centre: str
    sub_county: str
    county: str
    county_code: str
    phone: str
    national_id: str | None
    kind: str | None
    full_name: str | None
    mpesa_name: str | None
    employment_no: str | None
    licence_no: str | None
    service_no: str | None

    @property
    def deployed(self) -> bool:
        """Whether the post was accepted. One that was left is paid until then."""
        return self.state == "accepted" or (self.state in duties.SERVED and self.answered_at is not None)

    @property
    def number(self) -> str | None:
        """The number that this kind of person goes by: TSC's, the licence's or the service's."""
        found: str | None = getattr(self, registers.number_field(self.kind))
        return found

    @property
    def identified(self) -> bool:
        """Whether the national ID and the number of this kind of person are known."""
        return bool(self.national_id and self.number)

    @property
    def same_name(self) -> bool:
        """Whether M-Pesa has the same name: nobody's pay goes to a relative's phone."""
        return names.payable(self.full_name or "", self.mpesa_name or "")

    @property
    def registered(self) -> bool:
        """Whether the daily register has this position; of any other the days are reported by an office."""
        return self.position in REGISTERED

    @property
    def region(self) -> str:
        """By which the rate is chosen."""
        return rates.region_of(self.county_code)


def following(db: Session, series_id: int, after: int, most: int) -> list[int]:
    """The next deployments that have a line: those accepted, and any with a day marked or reported."""
    marked = select(MarkEvent.id).where(MarkEvent.deployment_id == Deployment.id).exists()
    reported = select(DayReport.days).where(DayReport.deployment_id == Deployment.id).exists()
    has_line = (Deployment.state == "accepted") | marked | reported
    rows = select(Deployment.id).where(Deployment.series_id == series_id, Deployment.id > after, has_line)
    return list(db.scalars(rows.order_by(Deployment.id).limit(most)))


def several(db: Session, series_id: int) -> Mapping[int, Sequence[int]]:
    """Of whoever has several deployments in this series: all of them, by each of them. One query."""
    ids = func.array_agg(Deployment.id)
    people = select(ids).where(Deployment.series_id == series_id).group_by(Deployment.account_id)
    return {number: every for (every,) in db.execute(people.having(func.count() > 1)) for number in every}


def of(db: Session, ids: Collection[int]) -> Iterator[Post]:
    """These deployments and who is behind them, in their order, in one query."""
    rows = (
        select(
            *(Deployment.id, Deployment.account_id, Deployment.reference, Deployment.state),
            *(Deployment.answered_at, Deployment.position, Deployment.first_day, Deployment.last_day),
            Deployment.centre_code,
            *(Centre.name, SubCounty.name, County.name, County.code),
            *(Account.phone, Account.national_id, Profile.kind, Profile.full_name, Profile.mpesa_name),
            *(Profile.employment_no, Profile.licence_no, Profile.service_no),
        )
        .join(Account, Account.id == Deployment.account_id)
        .join(Centre, Centre.code == Deployment.centre_code)
        .join(SubCounty, SubCounty.id == Centre.sub_county_id)
        .join(County, County.code == SubCounty.county_code)
        .outerjoin(Profile, Profile.account_id == Account.id)
        .where(duties.among(Deployment.id, ids))
        .order_by(Deployment.id)
    )
    return map(Post._make, db.execute(rows))
