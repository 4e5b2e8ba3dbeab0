"""Calendars: on which days something is examined in a series, and when each day's register closes.

They are data of the series, beside its rules. Without any, the exam goes on from Monday to Friday, and rests
on public holidays; the rules may name other holidays, or each day by itself, and what they name holds.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec

from models.series import Series
from operations.office import NAIROBI

SATURDAY: Final = 5


class Calendar(msgspec.Struct, frozen=True):
    """The days of a series that differ from its weeks, and the hour at which a day closes on the next one."""

    exam_days: list[date] = []  # every day of the exam but the rehearsal; Monday to Friday, where it is empty
    holidays: list[date] | None = None  # instead of the country's, which hold where nothing is said
    register_closes: time = time(10)
    session_begins: time = time(8)  # of a day's first paper
    session_ends: time = time(17)  # of its last
    returns_by: date | None = None  # the last day on which signed registers come in to be paid by


FIELDS: Final = frozenset(Calendar.__struct_fields__)


def of(series: Series) -> Calendar:
    """The calendar of a series; what it does not say is as usual."""
    rules = series.rules or {}  # none yet, where the row is not in the database
    said = {name: rules[name] for name in FIELDS & rules.keys()}
    if said.get("holidays") is None:
        said["holidays"] = series.holidays or []
    return msgspec.convert(said, Calendar)


def begins(series: Series) -> date:
    """The first day of a series: its rehearsal, where it has one."""
    return series.rehearsal or series.starts


def exam_days(series: Series) -> Iterator[date]:
    """The days that are marked, first to last: the rehearsal, then each day with an exam."""
    calendar, first = of(series), begins(series)
    for n in range((series.ends - first).days + 1):
        day = first + timedelta(days=n)
        if is_examined(series, calendar, day):
            yield day


def examined(series: Series, day: date) -> bool:
    """Whether this day is marked in this series."""
    return is_examined(series, of(series), day)


def is_examined(series: Series, calendar: Calendar, day: date) -> bool:
    """The same, with the calendar at hand."""
    if day == series.rehearsal:
        return True
    if not series.starts <= day <= series.ends:
        return False
    if calendar.exam_days:
        return day in calendar.exam_days
    return day.weekday() < SATURDAY and day not in (calendar.holidays or ())


def free(series: Series) -> set[date]:
    """The holidays on which this series rests; where its days are listed one by one, only those left out."""
    calendar = of(series)
    return set(calendar.holidays or ()) - set(calendar.exam_days)


def closes(series: Series, day: date) -> datetime:
    """When the register of a day closes, unless it is opened again."""
    hour = of(series).register_closes
    return datetime.combine(day + timedelta(days=1), hour.replace(tzinfo=NAIROBI))


def session(series: Series, day: date) -> tuple[datetime, datetime]:
    """When the first paper of a day begins, and when its last one ends."""
    calendar = of(series)
    begins, ends = calendar.session_begins, calendar.session_ends
    return (
        datetime.combine(day, begins.replace(tzinfo=NAIROBI)),
        datetime.combine(day, ends.replace(tzinfo=NAIROBI)),
    )
