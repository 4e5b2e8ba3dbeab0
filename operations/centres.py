"""Centres: what the council knows of one, and how far it is from where its papers lie."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.places import Candidacy, Centre, County, SubCounty
from models.series import Series
from operations import audits, enrolments, rosters
from operations.office import Actor
from operations.refusals import Refusal
from telephony import references

CODE: Final = re.compile("[0-9]{8}")
LEAST_KM, MOST_KM = 0, 500
DISTANCE: Final = re.compile(r"(\d{1,4})(?:[.,](\d{1,2}))?\s*(?:km|kms|kilomita|kilometres)?", re.IGNORECASE)
# Of so many series the candidates are told, the newest first.
MOST_SERIES: Final = 3


@dataclass(frozen=True)
class Details:
    """A centre as its own manager sees it; what is not known is empty or None."""

    code: str
    name: str
    location: str
    sub_county: str
    county: str
    distribution: str  # the name of its distribution centre
    distance_km: int | None
    host: Centre | None  # where this one is hosted
    hosted: Sequence[Centre]  # those that are hosted here
    candidates: Sequence[tuple[str, int]]  # by series: KCSE 2026
    series: Series | None  # the one it is concerned with now


def details(db: Session, centre_code: str, *, now: datetime) -> Details:
    """What there is to say of this centre; raises Refusal `centre.unknown`."""
    depot, host = aliased(Centre), aliased(Centre)
    row = (
        select(Centre, SubCounty.name, County.name, depot.name, host)
        .join(SubCounty, SubCounty.id == Centre.sub_county_id)
        .join(County, County.code == SubCounty.county_code)
        .outerjoin(depot, depot.code == Centre.distribution_code)
        .outerjoin(host, host.code == Centre.host_code)
    )
    found = db.execute(row.where(Centre.code == centre_code)).first()
    if found is None:
        raise Refusal("centre.unknown", centre_code=centre_code)
    centre, sub_county, county, depot_name, hosting = found
    return Details(
        code=centre.code,
        name=centre.name,
        location=centre.location,
        sub_county=sub_county,
        county=county,
        distribution=depot_name or "",
        distance_km=centre.distance_km,
        host=hosting,
        hosted=hosted(db, centre_code),
        candidates=candidates(db, centre_code),
        series=rosters.season(db, centre_code, now=now),
    )


def hosted(db: Session, centre_code: str) -> Sequence[Centre]:
    """The small centres that sit their papers in this one."""
    return db.scalars(select(Centre).where(Centre.host_code == centre_code).order_by(Centre.code)).all()


def candidates(db: Session, centre_code: str) -> list[tuple[str, int]]:
    """How many candidates are registered here, by series, the newest first."""
    rows = (
        select(Series.exam, Series.year, Candidacy.candidates)
        .join(Series, Series.id == Candidacy.series_id)
        .where(Candidacy.centre_code == centre_code)
        .order_by(Series.starts.desc(), Series.id.desc())
        .limit(MOST_SERIES)
    )
    return [(f"{exam} {year}", count) for exam, year, count in db.execute(rows)]


def by_code(db: Session, typed: str) -> Centre:
    """The centre of a typed code, letters that look like digits forgiven.

    Raises Refusal `centre.eight_digits` or `centre.unknown`.
    """
    code = read_code(typed)
    centre = db.get(Centre, code)
    if centre is None:
        raise Refusal("centre.unknown", centre_code=code)
    return centre


def read_code(typed: str) -> str:
    """Eight digits; raises Refusal `centre.eight_digits`."""
    try:
        code = references.read_digits(typed)
    except references.BadReference:
        code = ""
    if not CODE.fullmatch(code):
        raise Refusal("centre.eight_digits")
    return code


def read_distance(typed: str) -> int:
    """Kilometres as somebody types them, `12`, `12.5` or `12 km`, to the nearest whole one.

    Raises Refusal `centre.distance` where that is no number, or not from 0 to 500.
    """
    found = DISTANCE.fullmatch(typed.strip())
    if found is None:
        raise Refusal("centre.distance")
    km = int(found[1]) + (found[2] is not None and found[2][0] >= "5")
    if not LEAST_KM <= km <= MOST_KM:
        raise Refusal("centre.distance")
    return km


def set_distance(db: Session, centre_code: str, km: int, *, by: Actor, now: datetime) -> None:
    """Keep how far the centre is from its distribution centre; the same again changes nothing."""
    if not LEAST_KM <= km <= MOST_KM:
        raise Refusal("centre.distance")
    centre = db.get_one(Centre, centre_code, with_for_update=True, populate_existing=True)
    if centre.distance_km == km:
        return
    before = "" if centre.distance_km is None else str(centre.distance_km)
    centre.distance_km = km
    whose = enrolments.person(db, by)
    audits.record(db, "centre.distance", f"centre:{centre_code}", by=by, before=before, km=str(km), **whose)
