"""The season of the demonstration: KPSEA of this year is over, KCSE under way, both of the next are open."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from msgspec import structs
from sqlalchemy.orm import Session

from models.places import Candidacy
from models.series import Series, Vacancy
from operations import rule_book, series, vacancies
from operations.demonstration_places import centres, keep
from operations.office import NAIROBI, Actor
from operations.vacancies import Advert

STAFF: Final = Actor("staff:demonstration", "command")
OPEN_FOR: Final = timedelta(weeks=6)
DAY: Final = timedelta(days=1)
MARKING: Final = (("Mathematics", "1"), ("English", "2"), ("Kiswahili", "1"))


def make_series(db: Session, *, now: datetime) -> tuple[Series, Series, list[Series]]:
    """KPSEA of this year, over; KCSE, in its second or third week; both of the next, open for six weeks."""
    today = now.astimezone(NAIROBI).date()
    past, began = monday(today - 12 * DAY), monday(today - 9 * DAY)
    ended = days_of(db, "KPSEA", today.year, past, past + 2 * DAY, now=now)
    running = days_of(db, "KCSE", today.year, began, began + 32 * DAY, now=now)
    examine_daily(db, running, now=now)
    coming = monday(date(today.year + 1, 10, 24))
    lengths = {"KCSE": 32 * DAY, "KPSEA": 2 * DAY}
    opened = [
        days_of(db, exam, today.year + 1, coming, coming + length, now=now)
        for exam, length in lengths.items()
    ]
    for one in opened:
        series.open_for(db, one, now + OPEN_FOR, by=STAFF, now=now)
    return ended, running, opened


def examine_daily(db: Session, running: Series, *, now: datetime) -> None:
    """Let this series go on from Monday to Sunday, so that a register can be tried on any day of the week."""
    every = [running.starts + n * DAY for n in range((running.ends - running.starts).days + 1)]
    book = structs.replace(rule_book.of(db, running), exam_days=every, holidays=[])
    rule_book.keep(db, running, book, by=STAFF, now=now)


def monday(day: date) -> date:
    """The Monday of this day's week."""
    return day - day.weekday() * DAY


def days_of(db: Session, exam: str, year: int, first: date, last: date, *, now: datetime) -> Series:
    """The series of this exam and year on these days, its rehearsal on the Friday before."""
    rehearsal = first - 3 * DAY
    found = series.by_name(db, exam, year)
    if found is None:
        found = series.create(db, exam, year, first, last, rehearsal, by=STAFF, now=now)
    else:
        series.set_days(db, found, first, last, rehearsal, by=STAFF, now=now)
    return found


def advertise(db: Session, opened: Sequence[Series], *, now: datetime) -> list[Vacancy]:
    """Vacancies of every position, at every other centre of the exam's level and all the others."""
    found: list[Vacancy] = []
    for one, what in zip(opened, "sp", strict=True):
        places = centres()
        schools = [row["code"] for row in places if row["what"] == what][::2]
        adverts = [advert for code in schools for advert in at_school(code)]
        if what == "s":
            adverts += elsewhere(places)
        found += vacancies.advertise_all(db, one, adverts, by=STAFF, now=now)
        register_candidates(db, one, schools)
    return found


def register_candidates(db: Session, one: Series, schools: Sequence[str]) -> None:
    """The candidates of these centres in a series."""
    keep(
        db,
        Candidacy,
        [{"series_id": one.id, "centre_code": code, "candidates": size(code)} for code in schools],
    )


def size(code: str) -> int:
    """How many candidates a centre has."""
    return 60 + int(code) % 211


def at_school(code: str) -> Iterator[Advert]:
    """One supervisor for 200 candidates, one invigilator for 20, two officers; now and then a manager."""
    yield Advert(code, "supervisor", 1 + size(code) // 200)
    yield Advert(code, "invigilator", 1 + size(code) // 20)
    yield Advert(code, "security_officer", 2)
    if int(code) % 3 == 0:
        yield Advert(code, "centre_manager", 1)


def elsewhere(places: Sequence[Mapping[str, str]]) -> Iterator[Advert]:
    """Drivers and clerks at the containers, examiners at the marking centres."""
    for row in places:
        if row["what"] == "d":
            yield Advert(row["code"], "driver", 2)
            yield Advert(row["code"], "clerk", 1)
        if row["what"] == "m":
            yield from (Advert(row["code"], "examiner", 5, "", *paper) for paper in MARKING)
