"""Adverts in a file: many vacancies at once, all of them or none, each fault named by its line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.places import Centre
from models.series import Series, Vacancy
from operations import audits, series, vacancies
from operations.office import Actor
from operations.refusals import Refusal
from operations.vacancies import Advert

COLUMNS = ("exam", "year", "centre", "position", "places")


@dataclass(frozen=True)
class Line:
    """One line of a file, as far as it can be judged without the database."""

    number: int
    exam: str
    year: int
    advert: Advert


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line: words of ours for a refusal, plain English for what is no line at all."""

    number: int
    refusal: Refusal | None = None
    text: str = ""


def read(rows: Iterable[Mapping[str, str | None]]) -> tuple[list[Line], list[Fault]]:
    """The lines of a CSV file with these columns, and what is wrong with the others."""
    lines, faults = list[Line](), list[Fault]()
    seen: dict[tuple[Any, ...], int] = {}
    for number, row in enumerate(rows, 2):
        line = read_line(number, {name: (value or "").strip() for name, value in row.items() if name})
        if isinstance(line, Fault):
            faults.append(line)
            continue
        first = seen.setdefault((line.exam, line.year, line.advert.post), number)
        if first != number:
            faults.append(Fault(number, text=f"the same post as line {first}"))
        lines.append(line)
    return lines, faults


def read_line(number: int, row: Mapping[str, str]) -> Line | Fault:
    """One line."""
    missing = [name for name in COLUMNS if not row.get(name)]
    if missing:
        return Fault(number, text=f"has no {', '.join(missing)}")
    if not (row["year"].isdecimal() and row["places"].isdecimal()):
        return Fault(number, text="year and places are whole numbers")
    extras = (row.get("activity", ""), row.get("subject") or None, row.get("paper") or None)
    position = row["position"].lower().replace(" ", "_")
    advert = Advert(row["centre"].zfill(8), position, int(row["places"]), *extras)
    return Line(number, row["exam"].upper(), int(row["year"]), advert)


def judge(db: Session, lines: Sequence[Line]) -> list[Fault]:
    """What would be refused of these lines; changes nothing."""
    faults: list[Fault] = []
    for (exam, year), group in by_series(lines).items():
        found = series.by_name(db, exam, year)
        if found is None:
            refused: list[Refusal | None] = [Refusal("series.no_such", series_name=f"{exam} {year}")]
            refused *= len(group)
        else:
            refused = vacancies.refusals(db, found, [line.advert for line in group])
        faults += (Fault(line.number, why) for line, why in zip(group, refused, strict=True) if why)
    return sorted(faults, key=lambda fault: fault.number)


def advertise(db: Session, name: str, lines: Sequence[Line], *, by: Actor, now: datetime) -> None:
    """Advertise all of a file that has no fault; the same again changes nothing."""
    for (exam, year), group in by_series(lines).items():
        adverts = [line.advert for line in group]
        vacancies.advertise_all(db, series.named(db, exam, year), adverts, by=by, now=now)
    audits.record(db, "vacancy.advertise", f"file:{name}", by=by, rows=str(len(lines)))


def by_series(lines: Sequence[Line]) -> dict[tuple[str, int], list[Line]]:
    """The lines by exam and year."""
    groups: dict[tuple[str, int], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.exam, line.year), []).append(line)
    return groups


def listed(db: Session, exam: str = "", year: int | None = None) -> list[tuple[Any, ...]]:
    """What is advertised and not closed: code, exam, year, position, centre, taken and offered places."""
    columns = (Vacancy.code, Series.exam, Series.year, Vacancy.position, Centre.name)
    rows = select(*columns, Vacancy.filled, Vacancy.capacity).join(Series, Series.id == Vacancy.series_id)
    rows = rows.join(Centre, Centre.code == Vacancy.centre_code).where(Vacancy.closed_at.is_(None))
    rows = rows.where(Series.exam == exam.upper()) if exam else rows
    rows = rows.where(Series.year == year) if year else rows
    ordered = rows.order_by(Series.year, Series.exam, Centre.code, Vacancy.id)
    return [tuple(row) for row in db.execute(ordered)]
