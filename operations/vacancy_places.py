"""Places as people type them in one line: a county, a sub-county, or part of a centre's name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.places import Centre, County
from operations import places
from operations.vacancy_search import Home
from telephony import gsm7

# Words around a place, in both languages, that are no part of its name.
NOISE: Final = frozenset(
    (
        *("in", "at", "of", "near", "for", "from", "county", "counties", "sub", "subcounty"),
        *("ya", "za", "wa", "katika", "kwa", "karibu", "huko", "kaunti", "ndogo"),
    )
)
LONGEST_PLACE: Final = 44
SHORTER: Final = {"Secondary": "Sec", "Primary": "Pri", "School": ""}


@dataclass(frozen=True)
class Sought:
    """A place that was asked for: what it is called, and what to search for there."""

    name: str
    picked: Mapping[str, str] = field(default_factory=dict)
    typed: str = ""


def near(home: Home) -> list[Sought]:
    """Where to look for somebody who names no place: at home, then in the county."""
    here = {"county": home.county_code, "sub_county": str(home.sub_county_id)}
    return [Sought(home.sub_county, here), Sought(home.county, {"county": home.county_code})]


def find(db: Session, words: Iterable[str]) -> Sought | None:
    """The place that these words may mean, one without a name where they name none; None for no known place.

    What is spelled right goes before what is only alike, and the wider place before the narrower.
    """
    typed = " ".join(word for word in words if word not in NOISE)
    letters = places.plain(typed)
    if not letters:
        return Sought("")
    by_place = counties_and_parts(db, letters)
    spelled = [sought for likeness, sought in by_place if likeness >= places.BEGINS]
    alike = [sought for _, sought in by_place]
    for found in (spelled, centres_named(db, letters), alike, centres_alike(db, letters)):
        if found:
            return found[0]
    return None


def counties_and_parts(db: Session, letters: str) -> list[tuple[float, Sought]]:
    """The counties and sub-counties that these letters may mean, likeliest first."""
    counties = db.execute(select(County.name, County.code).order_by(County.name))
    known = [Sought(name, {"county": code}) for name, code in counties]
    parts = places.find_sub_counties(db, letters)
    known += [Sought(one.name, {"county": one.county_code, "sub_county": str(one.id)}) for one in parts]
    rated = [(places.like(letters, sought.name), sought) for sought in known]
    near_enough = [pair for pair in rated if pair[0] >= places.LEAST_LIKE]
    return sorted(near_enough, key=lambda pair: -pair[0])


def centres_named(db: Session, letters: str) -> list[Sought]:
    """The centres in whose names all these words stand: by name where it is one, else as they were typed."""
    held = (Centre.name.icontains(word, autoescape=True) for word in letters.split())
    found = list(db.scalars(select(Centre.name).where(*held).order_by(Centre.code).limit(2)))
    return [Sought(found[0] if len(found) == 1 else letters.title(), typed=letters)] if found else []


def centres_alike(db: Session, letters: str) -> list[Sought]:
    """The centres whose names are like these letters, likeliest first; the first letter is rarely a slip."""
    rows = db.execute(select(Centre.name, Centre.code).where(Centre.name.istartswith(letters[0])))
    known = [Sought(name, {"centre": code}) for name, code in rows]
    return places.best(known, [places.like(letters, sought.name) for sought in known])


def shorter(name: str) -> str:
    """A centre's name as people shorten it: Kasarani Girls Sec."""
    words = gsm7.fold(name).text.split()
    short = ""
    while words[1:] and words[-1] in SHORTER and not short:
        short = SHORTER[words.pop()]
    return " ".join(filter(None, [*words, short]))
