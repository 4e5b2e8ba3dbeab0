"""Pay so far: days marked present, or reported, times the rate of the post. This system moves no money."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from models.deployments import Deployment
from models.series import Rate
from operations import attendance, day_reports, duties, rates
from operations.attendance import Day
from operations.day_reports import Report
from operations.duties import Duty
from operations.register_reading import REGISTERED


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
    registered: bool = True  # whether a daily register has the post; else its days are those reported


def so_far(db: Session, deployment_id: int, now: datetime) -> PaySoFar:
    """What the days of this deployment come to until now."""
    return of_many(db, [deployment_id], now)[deployment_id]


def of_many(db: Session, ids: Collection[int], now: datetime) -> Mapping[int, PaySoFar]:
    """What the days of each of these deployments come to until now: a few queries, however many there are."""
    many = duties.gather(db, duties.among(Deployment.id, ids))
    return of_duties(db, many, attendance.of_many(db, many, now=now))


def of_duties(
    db: Session, many: Collection[Duty], days: Mapping[int, Collection[Day]]
) -> Mapping[int, PaySoFar]:
    """What these days come to; a rate is looked up once for each series, position and region."""
    known: dict[tuple[int, str, str], Rate | None] = {}
    others = [duty.id for duty in many if duty.position not in REGISTERED]
    reports = day_reports.of(db, others) if others else {}
    sums = {}
    for duty in many:
        region = rates.region_of(duty.county_code)
        key = (duty.series.id, duty.position, region)
        if key not in known:
            known[key] = rates.of(db, duty.series, duty.position, region)
        rate, registered = known[key], duty.position in REGISTERED
        sums[duty.id] = counted(days[duty.id], rate) if registered else reported(reports.get(duty.id), rate)
    return sums


def counted(days: Iterable[Day], rate: Rate | None) -> PaySoFar:
    """Days and their sum: no more days than the rate pays for, and no sum without a rate."""
    states = Counter(day.state for day in days)
    seen = PaySoFar(states["present"], states["absent"], states["unmarked"], states["present"])
    return priced(seen, rate)


def reported(report: Report | None, rate: Rate | None) -> PaySoFar:
    """The days that an office reported of a post without a register, none so far included, and their sum."""
    return priced(PaySoFar(0, 0, 0, report.days if report else 0, registered=False), rate)


def priced(seen: PaySoFar, rate: Rate | None) -> PaySoFar:
    """The sum of payable days at this rate."""
    payable, per_day = day_reports.capped(seen.payable_days, rate), rate.ksh_per_day if rate else None
    return replace(
        seen,
        payable_days=payable,
        most_days=rate.days if rate else None,
        ksh_per_day=per_day,
        ksh=None if per_day is None else payable * per_day,
        rate_year=rate.year if rate and per_day is not None else None,
    )


def said(sums: PaySoFar) -> dict[str, str]:
    """The payable days and their sum, as screens and messages say them."""
    ksh = "@term.pay.no_rate" if sums.ksh is None else f"@ksh:{sums.ksh}"
    return {"pay_days": str(sums.payable_days), "pay_so_far": ksh}
