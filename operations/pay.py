"""Pay so far: days marked present times the rate of the post. This system moves no money."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.deployments import Deployment
from models.series import Rate
from operations import attendance, duties, rates
from operations.attendance import Day
from operations.duties import Duty


@dataclass(frozen=True)
class PaySoFar:
    """What the marks of a deployment come to; without a rate there is no sum, and nothing is promised."""

    days_present: int
    days_absent: int
    unmarked: int
    payable_days: int
    most_days: int | None = None  # that the rate pays for
    ksh_per_day: int | None = None
    ksh: int | None = None
    rate_year: int | None = None  # whose rate it is: an earlier year's, until the series has its own


def so_far(db: Session, deployment_id: int, now: datetime) -> PaySoFar:
    """What the days of this deployment come to until now."""
    return of_many(db, [deployment_id], now)[deployment_id]


def of_many(db: Session, ids: Collection[int], now: datetime) -> Mapping[int, PaySoFar]:
    """What the days of each of these deployments come to until now: a few queries, however many there are."""
    many = duties.gather(db, duties.among(Deployment.id, ids))
    return of_duties(db, many, attendance.of_many(db, many, now=now))


def of_duties(
    db: Session, many: Iterable[Duty], days: Mapping[int, Collection[Day]]
) -> Mapping[int, PaySoFar]:
    """What these days come to; a rate is looked up once for each series, position and region."""
    known: dict[tuple[int, str, str], Rate | None] = {}
    sums = {}
    for duty in many:
        region = rates.region_of(duty.county_code)
        key = (duty.series.id, duty.position, region)
        if key not in known:
            known[key] = rates.of(db, duty.series, duty.position, region)
        sums[duty.id] = counted(days[duty.id], known[key])
    return sums


def counted(days: Iterable[Day], rate: Rate | None) -> PaySoFar:
    """Days and their sum: no more days than the rate pays for, and no sum without a rate."""
    states = Counter(day.state for day in days)
    most = rate.days if rate else None
    payable = states["present"] if most is None else min(states["present"], most)
    per_day = rate.ksh_per_day if rate else None
    return PaySoFar(
        days_present=states["present"],
        days_absent=states["absent"],
        unmarked=states["unmarked"],
        payable_days=payable,
        most_days=most,
        ksh_per_day=per_day,
        ksh=None if per_day is None else payable * per_day,
        rate_year=rate.year if rate and per_day is not None else None,
    )
