"""Letters: what an appointment, an invitation and a declaration say, as rows that a template lays out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from documents import codes
from documents.renderer import Renderer
from documents.spelling import plain, say_date, say_moment, say_phone, say_sum

DECLARATIONS: Final = Path(__file__).parent / "declarations.yaml"
# The post's letters in a reference, as KNEC writes them.
POSTS: Final[Mapping[str, str]] = {
    "centre_manager": "CM",
    "supervisor": "SUP",
    "invigilator": "INV",
    "clerk": "CLK",
    "security_officer": "SEC",
    "driver": "DRV",
    "examiner": "EXM",
}
# Who is numbered by what: the name of the number under the national ID.
NUMBERS: Final[Mapping[str, str]] = {"driver": "Licence Number", "security_officer": "Service Number"}
# How a duty station is called within a sentence.
STATIONS: Final[Mapping[str, str]] = {
    "examination": "examination centre",
    "distribution": "distribution centre",
    "marking": "marking centre",
}


@dataclass(frozen=True)
class Letter:
    """Everything that a letter or a declaration says; texts as they stand in the tables."""

    number: str  # by which anybody may check it
    check_url: str
    short_code: str
    deployment_id: int
    issued_on: date
    exam: str
    year: int
    position: str
    station: str
    centre_code: str
    centre: str
    name: str
    national_id: str
    employment_no: str
    phone: str
    town: str
    sub_county: str
    county: str
    reporting_at: datetime
    first_day: date
    last_day: date
    report_to: str
    carry: str
    distance_km: int | None = None
    ksh_per_day: int | None = None  # none: not known, and no letter guesses
    subject: str = ""  # examiners
    paper: str = ""
    accepted_on: date | None = None
    rest_years: int | None = None  # how long nobody returns to a centre, as the series' rules have it
    declaration: str = ""  # the version of the declaration's words
    agreed_at: datetime | None = None  # when it was agreed to on the phone


# Fixed names: nothing of a person goes into the name of a file. Each kind has a template of its name.
FILE_NAMES: Final[Mapping[str, str]] = {
    "letter": "knec-appointment-letter.pdf",
    "invitation": "knec-invitation-letter.pdf",
    "declaration": "knec-declaration-form.pdf",
}


def draw(renderer: Renderer, kind: str, letter: Letter) -> bytes:
    """The letter of this kind as a PDF; dated by its day of issue, so it is the same whenever it is drawn."""
    at = datetime.combine(letter.issued_on, datetime.min.time(), letter.reporting_at.tzinfo)
    return renderer.draw(kind, spelled(letter), at=at)


def spelled(letter: Letter) -> dict[str, Any]:
    """What a template shows of a letter: every value a plain text, whatever its owner typed."""
    return {
        "number": letter.number,
        "address": letter.check_url,
        "qr": codes.qr(letter.check_url),
        "short_code": letter.short_code,
        "ref": reference(letter),
        "date": say_date(letter.issued_on),
        "exam": plain(letter.exam),
        "year": str(letter.year),
        "position": letter.position,
        "station": STATIONS[letter.station],
        "centre": plain(f"{letter.centre} ({letter.centre_code})"),
        "name": plain(letter.name),
        "to": [[label, plain(value)] for label, value in holder(letter) if value.strip()],
        "sub_county": plain(letter.sub_county),
        "county": plain(letter.county),
        **occasion(letter),
    }


def reference(letter: Letter) -> str:
    """The letter's REF, as KNEC files it."""
    post, serial = POSTS[letter.position], f"{letter.deployment_id:07}"
    return f"KNEC/GEN/EA/FA/SI/APP/{plain(letter.exam)}/{post}/{letter.year}/{serial}"


def holder(letter: Letter) -> list[tuple[str, str]]:
    """The lines of the block TO, under the name."""
    return [
        ("National Identity Number", letter.national_id),
        (NUMBERS.get(letter.position, "TSC Number"), letter.employment_no),
        ("Mobile Number", say_phone(letter.phone)),
        ("Town", letter.town),
    ]


def occasion(letter: Letter) -> dict[str, Any]:
    """When, where and on which terms; what is not known is empty, and its sentence is left out."""
    return {
        "from": say_date(letter.first_day),
        "until": say_date(letter.last_day),
        "reporting": say_moment(letter.reporting_at),
        "report_to": plain(letter.report_to),
        "carry": plain(letter.carry),
        "distance": str(letter.distance_km) if letter.distance_km else "",
        "rate": say_sum(letter.ksh_per_day) if letter.ksh_per_day else "",
        "subject": plain(letter.subject),
        "paper": plain(letter.paper),
        "accepted": say_date(letter.accepted_on) if letter.accepted_on else "",
        "rest_years": str(letter.rest_years or ""),
        "version": plain(letter.declaration),
        "agreed": say_moment(letter.agreed_at) if letter.agreed_at else "",
        "declaration": clauses(letter.declaration),
    }


def clauses(version: str) -> list[str]:
    """What this version of the declaration says; KeyError for one that never was."""
    versions = yaml.safe_load(DECLARATIONS.read_text("utf-8"))
    return [str(clause) for clause in versions[version]] if version else []
