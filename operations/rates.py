"""Rates: what a position is paid a day. Where none is set nothing is said, for nobody is paid on a guess."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.series import POSITIONS, Rate, Series
from operations import audits
from operations.office import Actor
from operations.refusals import Refusal

CITIES, OTHER, ALL = "Nairobi & Mombasa", "Other", "All"
REGIONS: Final = (ALL, CITIES, OTHER)
CITY_CODES: Final = frozenset({"001", "047"})  # the counties of Mombasa and Nairobi


def region_of(county_code: str) -> str:
    """The region of a county: some rates are higher in the two cities."""
    return CITIES if county_code in CITY_CODES else OTHER


def of(
    db: Session, series: Series, position: str, region: str = ALL, *, own_year: bool = False
) -> Rate | None:
    """The rate of a position: of the newest year up to the series' own; None where no sum a day is set.

    What is paid, rather than told, takes the rates of its `own_year` alone: nobody is paid on an old sum.
    A rate for the region goes before one for all, and one of this exam before one of several (KPSEA+KJSEA).
    """
    exams = func.string_to_array(Rate.exam, "+")
    fitting = (
        literal(series.exam) == func.any(exams),
        Rate.position == position,
        Rate.region.in_({region, ALL}),
        Rate.year == series.year if own_year else Rate.year <= series.year,
        Rate.ksh_per_day.is_not(None),
    )
    best = (Rate.year.desc(), (Rate.exam == series.exam).desc(), (Rate.region == region).desc())
    return db.scalars(select(Rate).where(*fitting).order_by(*best).limit(1)).first()


def keep(
    db: Session,
    exam: str,
    year: int,
    position: str,
    region: str,
    ksh_per_day: int,
    days: int | None = None,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Set a rate, or correct it; `days` are the most that are paid."""
    judge(position, region, ksh_per_day, days)
    key = {"exam": exam.strip().upper(), "year": year, "position": position, "region": region}
    sums = {
        "ksh_per_day": ksh_per_day,
        "days": days,
        "total_ksh": ksh_per_day * days if days else None,
        "source": by.name,
    }
    row = insert(Rate).values(**key, **sums)
    db.execute(row.on_conflict_do_update(index_elements=["year", "exam", "position", "region"], set_=sums))
    which = f"rate:{key['exam']} {year} {position} {region}"
    audits.record(db, "rate.keep", which, by=by, ksh_per_day=str(ksh_per_day), days=str(days or ""))


def judge(position: str, region: str, ksh_per_day: int, days: int | None) -> None:
    """A rate is for a position there is, in a region there is, and for a sum."""
    if position not in POSITIONS:
        raise Refusal("vacancy.no_position", position_typed=position[:20])
    if region not in REGIONS:
        raise Refusal("rate.region")
    if ksh_per_day <= 0 or (days is not None and days <= 0):
        raise Refusal("rate.sum")
