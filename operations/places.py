"""Places found by a few letters: sub-counties with their county, and the schools of a county."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from rapidfuzz import fuzz, process
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from models.places import County, School, SubCounty
from telephony import gsm7

T = TypeVar("T")
# A list of more than this is no longer chosen from; one types more letters.
MOST_FOUND: Final = 20
# Letters that stand in a name just so are surer than any likeness.
WHOLE, BEGINS, WORD, HELD = 100.0, 98.0, 95.0, 92.0
# How like a name mistyped letters must be, and how much less like than the best is still shown.
LEAST_LIKE, BEHIND_BEST = 76.0, 12.0
UNSURE: Final = 0.89
A_LITTLE_LIKE, MOST_CLOSELY = 70.0, 200
LEAST_FUZZY: Final = 4
PARTED: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Place:
    """A sub-county with the county it lies in."""

    id: int
    name: str
    county_code: str
    county: str

    @property
    def label(self) -> str:
        """As a list shows it: Kasarani, Nairobi."""
        return f"{self.name}, {self.county}"


def county_of(db: Session, sub_county_id: int | None) -> County | None:
    """The county that a sub-county lies in."""
    within = select(County).join(SubCounty, SubCounty.county_code == County.code)
    return db.scalars(within.where(SubCounty.id == sub_county_id)).first()


def sub_county(db: Session, sub_county_id: int | None) -> Place | None:
    """The sub-county of this id."""
    found = db.execute(rows().where(SubCounty.id == sub_county_id)).first()
    return placed(found) if found else None


def find_sub_counties(db: Session, typed: str, county: str | None = None) -> list[Place]:
    """The sub-counties that these letters may mean, likeliest first; a county's name brings all of it.

    `county` is the code of the one to stay in; with nothing typed, everything there.
    """
    wanted = rows() if county is None else rows().where(SubCounty.county_code == county)
    every = [placed(found) for found in db.execute(wanted.order_by(SubCounty.name, County.name))]
    letters = plain(typed)
    if not letters:
        return every if county else []
    # The label holds the county's name, so that the letters of a county bring all of it.
    return best(every, [max(like(letters, place.name), like(letters, place.label)) for place in every])


def rows() -> Select[int, str, str, str]:
    """The query for places."""
    return select(SubCounty.id, SubCounty.name, County.code, County.name).join(
        County, SubCounty.county_code == County.code
    )


def placed(row: Row[int, str, str, str]) -> Place:
    """A row of that query."""
    id_, name, county_code, county = row
    return Place(id_, name, county_code, county)


def find_schools(db: Session, county_code: str, typed: str) -> list[School]:
    """The schools of this county that these letters may mean, likeliest first."""
    letters = plain(typed)
    if not letters:
        return []
    listed = select(School.id, School.name).where(School.county_code == county_code)
    every = db.execute(listed.order_by(School.name, School.id)).all()
    names = [plain(school.name) for school in every]
    found = best(every, [surely(letters, name) for name in names])
    if not found:
        # A county has thousands: only those that look a little like the letters are looked at closely.
        near = process.extract(
            letters, names, scorer=fuzz.partial_ratio, score_cutoff=A_LITTLE_LIKE, limit=MOST_CLOSELY
        )
        found = best([every[n] for _, _, n in near], [nearly(letters, name) for name, _, _ in near])
    schools = db.scalars(select(School).where(School.id.in_([school.id for school in found])))
    by_id = {school.id: school for school in schools}
    return [by_id[school.id] for school in found]


def best(every: Sequence[T], likeness: Sequence[float]) -> list[T]:
    """Those near enough to the best of them, the best first; equals stay in their order."""
    least = max(LEAST_LIKE * UNSURE, max(likeness, default=0.0) - BEHIND_BEST)
    found = [(-one, n) for n, one in enumerate(likeness) if one >= least]
    return [every[n] for _, n in sorted(found)[:MOST_FOUND]]


def like(letters: str, name: str) -> float:
    """How much these letters are like a name or the beginning of one of its words, 0 to 100."""
    whole = plain(name)
    return surely(letters, whole) or nearly(letters, whole) * UNSURE


def surely(letters: str, whole: str) -> float:
    """How well a name holds the letters as they stand; 0 where it does not."""
    if whole == letters:
        return WHOLE
    if whole.startswith(letters):
        return BEGINS
    if f" {letters}" in whole:
        return WORD
    return HELD if letters in whole and len(letters) >= LEAST_FUZZY else 0.0


def nearly(letters: str, whole: str) -> float:
    """How like mistyped letters are to the beginning of one of a name's words."""
    if len(letters) < LEAST_FUZZY:
        return 0.0
    starts = [whole, *(whole[n + 1 :] for n, letter in enumerate(whole) if letter == " ")]
    # As much of each beginning as was typed, and a letter more or less, for one that was left out or doubled.
    cuts = {start[: len(letters) + more] for start in starts for more in (-1, 0, 1)}
    return max(fuzz.ratio(letters, cut) for cut in cuts)


def plain(text: str) -> str:
    """Letters and digits in small letters, parted by single spaces."""
    return PARTED.sub(" ", gsm7.fold(text).text.casefold().replace("'", "")).strip()
