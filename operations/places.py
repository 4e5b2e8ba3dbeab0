"""Places found by a few letters: sub-counties with their county, and the schools of a county."""

from dataclasses import dataclass
from typing import Final, TypeVar

from rapidfuzz import fuzz
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from models.places import County, School, SubCounty
from telephony import gsm7

T = TypeVar("T")
# A list of more than this is no longer chosen from; one types more letters.
MOST_FOUND: Final = 20
# Letters that stand in a name just so are sure; where there are such, likeness is noise.
WHOLE, BEGINS, WORD, HELD, SURE = 100.0, 98.0, 95.0, 92.0, 90.0
# How like a name mistyped letters must be, and how much less like than the best is still shown.
LEAST_LIKE, BEHIND_BEST = 76.0, 12.0
UNSURE: Final = 0.89
LEAST_FUZZY: Final = 4


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
    # A county's own name stands behind a sub-county of that name, and before a mere likeness.
    likeness = [
        max(like(letters, place.name), like(letters, place.label), like(letters, place.county) - 1)
        for place in every
    ]
    return best(every, likeness)


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
    listed = select(School).where(School.county_code == county_code).order_by(School.name, School.id)
    every = list(db.scalars(listed))
    return best(every, [like(letters, school.name) for school in every])


def best(every: list[T], likeness: list[float]) -> list[T]:
    """Those near enough to the best of them, the best first; equals stay in their order."""
    top = max(likeness, default=0.0)
    least = SURE if top >= SURE else max(LEAST_LIKE * UNSURE, top - BEHIND_BEST)
    found = [(-one, n) for n, one in enumerate(likeness) if one >= least]
    return [every[n] for _, n in sorted(found)[:MOST_FOUND]]


def like(letters: str, name: str) -> float:
    """How much these letters are like a name or the beginning of one of its words, 0 to 100."""
    whole = plain(name)
    if whole == letters:
        return WHOLE
    if whole.startswith(letters):
        return BEGINS
    if f" {letters}" in whole:
        return WORD
    if len(letters) < LEAST_FUZZY:
        return 0.0
    if letters in whole:
        return HELD
    starts = [whole, *(whole[n + 1 :] for n, letter in enumerate(whole) if letter == " ")]
    # As much of each beginning as was typed, and a letter more or less, for one that was left out or doubled.
    cuts = {start[: len(letters) + more] for start in starts for more in (-1, 0, 1)}
    return max(fuzz.ratio(letters, cut) for cut in cuts) * UNSURE


def plain(text: str) -> str:
    """Letters and digits in small letters, parted by single spaces."""
    folded = gsm7.fold(text).text.casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded if c != "'").split())
