"""Returned registers: every officer and day of a centre's series, on a sheet to be signed and stamped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from babel.dates import format_date

from documents import codes
from documents.letters import POSTS
from documents.renderer import Renderer
from documents.spelling import ENGLISH, NAIROBI, plain, say_date, say_moment

TEMPLATE: Final = "return"
# A fixed name: nothing of a centre or a person goes into the name of a file.
FILE_NAME: Final = "knec-attendance-register.pdf"
HASH_SHOWN: Final = 12  # symbols that two people can compare


@dataclass(frozen=True)
class Line:
    """An officer, and each day on which one was marked: present or not."""

    roster_no: int
    name: str = field(repr=False)
    national_id: str = field(repr=False)
    position: str
    marked: Mapping[date, bool]


@dataclass(frozen=True)
class Register:
    """Everything that a returned register says; texts as they stand in the tables."""

    number: str  # by which anybody may check it
    check_url: str
    short_code: str
    exam: str
    centre_code: str
    centre: str
    sub_county: str
    county: str
    submitted_at: datetime
    submitted_digest: str
    digest: str  # of the events as they are now
    days: tuple[date, ...]
    lines: tuple[Line, ...]


def draw(renderer: Renderer, register: Register) -> bytes:
    """The register as a PDF, dated by its return: the same bytes for the same marks."""
    return renderer.draw(TEMPLATE, spelled(register), at=register.submitted_at)


def spelled(register: Register) -> dict[str, Any]:
    """What the template shows: every value a plain text, whatever its owner typed."""
    return {
        "number": register.number,
        "ref": register.number,
        "date": say_date(register.submitted_at.astimezone(NAIROBI).date()),
        "qr": codes.qr(register.check_url),
        "short_code": register.short_code,
        "exam": plain(register.exam),
        "centre": plain(f"{register.centre} ({register.centre_code})"),
        "place": plain(f"{register.sub_county}, {register.county}"),
        "submitted": say_moment(register.submitted_at),
        "from": say_date(register.days[0]) if register.days else "",
        "until": say_date(register.days[-1]) if register.days else "",
        "hash": register.digest,
        "short_hash": register.digest[:HASH_SHOWN],
        "was": "" if register.digest == register.submitted_digest else register.submitted_digest[:HASH_SHOWN],
        "days": [day_head(day) for day in register.days],
        "months": months(register.days),
        "rows": [row(line, register.days) for line in register.lines],
        "present": [
            str(sum(line.marked.get(day, False) for line in register.lines)) for day in register.days
        ],
        "totals": totals(register),
    }


def day_head(day: date) -> list[str]:
    """A day as its column is headed: Fr, 16."""
    return [format_date(day, "EEEEEE", ENGLISH)[:2], str(day.day)]


def months(days: tuple[date, ...]) -> list[list[str]]:
    """The months above the days, each with the number of its columns."""
    said = [format_date(day, "MMM y", ENGLISH) for day in days]
    return [[month, str(said.count(month))] for month in dict.fromkeys(said)]


def row(line: Line, days: tuple[date, ...]) -> list[str]:
    """An officer's line: number, name, ID, post, a mark a day, and the sums of P and Ab."""
    marks = [("P" if line.marked[day] else "Ab") if day in line.marked else "" for day in days]
    head = [
        str(line.roster_no),
        plain(line.name or "-"),
        plain(line.national_id or "-"),
        POSTS[line.position],
    ]
    return [*head, *marks, str(marks.count("P")), str(marks.count("Ab"))]


def totals(register: Register) -> list[str]:
    """All marks P, all Ab."""
    marks = [present for line in register.lines for present in line.marked.values()]
    return [str(sum(marks)), str(len(marks) - sum(marks))]
