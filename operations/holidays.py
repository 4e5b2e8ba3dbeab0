"""Public holidays of Kenya: those of every year are worked out, and officers edit the list.

A series carries those among its days, so that its calendar asks nothing; its rules may say otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.series import Holiday, Series
from operations import audits
from operations.office import NAIROBI, Actor
from operations.refusals import Refusal

DAY: Final = timedelta(days=1)
SUNDAY: Final = 6
LONGEST_NAME: Final = 60
ACT: Final = "Public Holidays Act (Cap. 110)"
# Of every year: the month and day. Idd-ul-Fitr goes by the moon, and is gazetted as others are.
FIXED: Final[Mapping[tuple[int, int], str]] = {
    (1, 1): "New Year's Day",
    (5, 1): "Labour Day",
    (6, 1): "Madaraka Day",
    (10, 10): "Mazingira Day",
    (10, 20): "Mashujaa Day",
    (12, 12): "Jamhuri Day",
    (12, 25): "Christmas Day",
    (12, 26): "Boxing Day",
}
EASTER: Final = {-2: "Good Friday", 1: "Easter Monday"}  # days from the Sunday


def of_year(year: int) -> dict[date, str]:
    """The holidays of every year, first to last; for one on a Sunday the first free day after it is kept."""
    sunday = easter(year)
    named = {date(year, *day): name for day, name in FIXED.items()}
    named |= {sunday + n * DAY: name for n, name in EASTER.items()}
    kept = {day: name for day, name in named.items() if day.weekday() != SUNDAY}
    for day in sorted(named.keys() - kept.keys()):
        instead = next(later for n in range(1, 8) if (later := day + n * DAY) not in kept)
        kept[instead] = f"{named[day]} (for Sunday)"
    return dict(sorted(kept.items()))


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the rule of Meeus, Jones and Butcher)."""
    century, rest = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (year % 19 + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


# -- the list ------------------------------------------------------------------------------------------


def listed(db: Session, first: date, last: date) -> Sequence[Holiday]:
    """The holidays from one day to another; those of a year nobody listed yet are worked out and kept."""
    for year in range(first.year, last.year + 1):
        complete(db, year)
    return db.scalars(select(Holiday).where(Holiday.day.between(first, last)).order_by(Holiday.day)).all()


def complete(db: Session, year: int) -> None:
    """Write down the holidays of a year of which none is in the list."""
    if db.scalar(select(func.count()).where(Holiday.day.between(date(year, 1, 1), date(year, 12, 31)))):
        return
    rows = [{"day": day, "name": name, "source": ACT} for day, name in of_year(year).items()]
    db.execute(insert(Holiday).values(rows).on_conflict_do_nothing())


def add(db: Session, day: date, name: str, *, by: Actor, now: datetime) -> list[Series]:
    """Put a day on the list or correct its name; answers the series whose days it changed."""
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise Refusal("series.holiday_name")
    complete(db, day.year)
    row = insert(Holiday).values(day=day, name=name, source=by.name)
    db.execute(row.on_conflict_do_update(index_elements=["day"], set_={"name": name, "source": by.name}))
    audits.record(db, "holiday.add", f"holiday:{day}", by=by, name=name)
    return list(spread(db, day, by=by, now=now))


def remove(db: Session, day: date, *, by: Actor, now: datetime) -> list[Series]:
    """Take a day off the list; answers the series whose days it changed. Twice changes nothing."""
    complete(db, day.year)
    if db.scalar(delete(Holiday).where(Holiday.day == day).returning(Holiday.day)):
        audits.record(db, "holiday.remove", f"holiday:{day}", by=by)
    return list(spread(db, day, by=by, now=now))


def spread(db: Session, day: date, *, by: Actor, now: datetime) -> Iterator[Series]:
    """Give the list to the series of this day that are not over yet; what is past stays as it was."""
    today = now.astimezone(NAIROBI).date()
    going = (Series.closed_at.is_(None), Series.ends >= today, Series.starts <= day, Series.ends >= day)
    for series in db.scalars(select(Series).where(*going).order_by(Series.id)):
        before = list(series.holidays)
        keep(db, series)
        if series.holidays != before:
            audits.record(
                db, "series.holidays", f"series:{series.id}", by=by, days=", ".join(series.holidays)
            )
            yield series


def keep(db: Session, series: Series) -> None:
    """Give a series the holidays among its days."""
    series.holidays = [str(each.day) for each in listed(db, series.starts, series.ends)]
