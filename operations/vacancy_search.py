"""The vacancy search: CP2's lists in their order, each holding only what still has vacancies."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    String,
    any_,
    cast,
    func,
    literal,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.selectable import LateralFromClause

from models.people import Profile
from models.places import STATIONS, Centre, County, SubCounty
from models.series import ACTIVITIES, CHOSEN, POSITIONS, Series, Vacancy
from operations.series import is_open

# What may be picked, in the order of CP2's own lists: its column and what its value is. The last is no list,
# and neither are several positions with commas between them.
COLUMNS: Final[Mapping[str, tuple[InstrumentedAttribute[Any], Callable[[str], Any]]]] = {
    "exam": (Vacancy.series_id, int),
    "activity": (Vacancy.activity, str),
    "station": (Vacancy.station, str),
    "position": (Vacancy.position, str),
    "positions": (Vacancy.position, lambda names: any_(cast(names.split(","), ARRAY(String)))),
    "county": (SubCounty.county_code, str),
    "sub_county": (Centre.sub_county_id, int),
    "centre": (Centre.code, str),
}
WHAT: Final = ("exam", "activity", "station", "position")
WHERE: Final = ("county", "sub_county", "centre")
LISTS: Final = (*WHAT, "county", "sub_county")
WORDS: Final = {"activity": ACTIVITIES, "station": STATIONS, "position": POSITIONS}
PLACES: Final = {"county": (County.code, County.name), "sub_county": (SubCounty.id, SubCounty.name)}
INDEXED: Final = [getattr(Vacancy, name) for name in CHOSEN]
MOST_LISTED: Final = 97
MOST_POSTS: Final = 500  # of one centre: nobody advertises more
MOST_COUNTED: Final = 999
Picked = Mapping[str, str]  # what was picked in each list; a list that is not there is any


@dataclass(frozen=True)
class Home:
    """Where somebody works: what is near comes first."""

    county_code: str
    sub_county_id: int
    county: str
    sub_county: str

    @property
    def values(self) -> dict[str, str]:
        """Its values in the lists of places."""
        return {"county": self.county_code, "sub_county": str(self.sub_county_id)}


@dataclass(frozen=True)
class Choice:
    """One line of a list: the value that is picked, and what it is called where that is no term of ours."""

    value: str
    name: str


@dataclass(frozen=True)
class Found:
    """A vacancy with places left."""

    code: str
    position: str
    subject: str | None
    paper: str | None
    centre: str
    left: int
    exam: str


def home_of(db: Session, account_id: int) -> Home | None:
    """Where this person works, as the profile has it."""
    columns = (County.code, SubCounty.id, County.name, SubCounty.name)
    place = select(*columns).join(SubCounty, SubCounty.county_code == County.code)
    mine = place.join(Profile, Profile.sub_county_id == SubCounty.id).where(Profile.account_id == account_id)
    row = db.execute(mine).first()
    return Home(*row) if row else None


# -- the lists ---------------------------------------------------------------------------------------

# Every combination that is offered, found by stepping from one to the next in the index: some ten steps a
# series, however many vacancies there are.
OFFERED: Final = text("""
WITH RECURSIVE offered AS (
    (SELECT series_id, activity, station, position FROM vacancy
     WHERE closed_at IS NULL AND filled < capacity
     ORDER BY series_id, activity, station, position LIMIT 1)
    UNION ALL
    SELECT next.* FROM offered o CROSS JOIN LATERAL (
        SELECT v.series_id, v.activity, v.station, v.position FROM vacancy v
        WHERE v.closed_at IS NULL AND v.filled < v.capacity
          AND (v.series_id, v.activity, v.station, v.position)
            > (o.series_id, o.activity, o.station, o.position)
        ORDER BY v.series_id, v.activity, v.station, v.position LIMIT 1
    ) next
)
SELECT CAST(s.id AS text) AS exam, concat(s.exam, ' ', s.year) AS name, o.activity, o.station, o.position
FROM offered o JOIN series s ON s.id = o.series_id
WHERE s.closed_at IS NULL AND s.apply_from <= :now AND s.apply_until > :now
ORDER BY s.starts, s.exam
""")


def choices(
    db: Session, picked: Picked, name: str, *, home: Home | None = None, now: datetime
) -> list[Choice]:
    """What this list holds: what still has vacancies after what was picked before; one's own place first."""
    before = {each: picked[each] for each in LISTS[: LISTS.index(name)] if each in picked}
    if name == "sub_county" and "county" not in before:
        return []  # it depends on its county
    if name in PLACES:
        own = home.values.get(name) if home else None
        return sorted(places(db, before, name, now=now), key=lambda place: place.value != own)
    rows = [row for row in db.execute(OFFERED, {"now": now}).mappings() if before.items() <= row.items()]
    if name == "exam":
        return [Choice(*pair) for pair in dict.fromkeys((row["exam"], row["name"]) for row in rows)]
    return [Choice(word, "") for word in WORDS[name] if any(row[name] == word for row in rows)]


def places(db: Session, picked: Picked, name: str, *, now: datetime) -> list[Choice]:
    """The counties, or the sub-counties of the county that was picked, that have one vacancy at least."""
    one = select(literal(1)).select_from(Centre).join(posts_here(picked, now), true()).limit(1)
    there = one.where(Centre.sub_county_id == SubCounty.id).lateral()  # each sub-county by the index
    shown = PLACES[name]
    rows = select(*shown).select_from(SubCounty).join(County, County.code == SubCounty.county_code)
    rows = rows.join(there, true()).distinct().order_by(shown[1])
    if name == "sub_county":
        rows = rows.where(SubCounty.county_code == picked["county"])
    return [Choice(str(value), called) for value, called in db.execute(rows)]


def posts(picked: Picked, now: datetime) -> Select[Any]:
    """The posts with a place left among what was picked, wherever they are."""
    opened = select(func.array_agg(Series.id)).where(is_open(now)).scalar_subquery()
    left = (Vacancy.capacity - Vacancy.filled).label("left")
    named = (Vacancy.code, Vacancy.position, Vacancy.subject, Vacancy.paper)
    shown = (*named, left, Vacancy.id, Vacancy.series_id)
    found: Any = select(*shown).where(
        Vacancy.series_id == any_(cast(opened, ARRAY(BigInteger))),
        Vacancy.closed_at.is_(None),
        Vacancy.filled < Vacancy.capacity,
    )
    return narrowed(found, picked, (*WHAT, "positions"))


def posts_here(picked: Picked, now: datetime) -> LateralFromClause:
    """The posts of each centre, asked for by the index: so no plan ever reads them all."""
    return posts(picked, now).where(Vacancy.centre_code == Centre.code).limit(MOST_POSTS).lateral("post")


def posts_there(picked: Picked, now: datetime) -> Select[Any]:
    """The posts with a place left among what was picked, with their centres."""
    post = posts_here(picked, now)
    shown = (
        post.c.code,
        post.c.position,
        post.c.subject,
        post.c.paper,
        Centre.name,
        post.c.left,
        Series.exam,
    )
    found = select(*shown, Centre.code.label("centre_code"), post.c.id).select_from(Centre)
    found = found.join(SubCounty, SubCounty.id == Centre.sub_county_id).join(post, true())
    found = found.join(Series, Series.id == post.c.series_id)
    return narrowed(found, picked, WHERE)


def narrowed(found: Select[Any], picked: Picked, names: tuple[str, ...]) -> Select[Any]:
    """These rows, narrowed to what was picked under these names."""
    for name in names:
        if name in picked:
            held, read = COLUMNS[name]
            found = found.where(held == read(picked[name]))
    return found


# -- the result --------------------------------------------------------------------------------------


def results(
    db: Session,
    picked: Picked,
    typed: str = "",
    *,
    home: Home | None = None,
    now: datetime,
    most: int = MOST_LISTED,
) -> list[Found]:
    """The vacancies of a search: one's own sub-county first, then one's county, then by centre.

    Each of the three is read by itself and only as far as the list goes.
    """
    named = [Centre.name.icontains(word, autoescape=True) for word in typed.split()]
    parts = []
    for rank, near in enumerate(nearest_first(home, picked)):
        part = posts_there(picked, now).add_columns(literal(rank).label("rank")).where(near, *named)
        parts.append(part.order_by(Centre.code).limit(most).subquery())
    rows = union_all(*(select(part) for part in parts)).subquery()
    ordered = select(rows).order_by(rows.c.rank, rows.c.centre_code, rows.c.id).limit(most)
    return [Found(*row[:7]) for row in db.execute(ordered)]


def nearest_first(home: Home | None, picked: Picked) -> Iterator[ColumnElement[bool]]:
    """Conditions that part what was picked by how near it is."""
    elsewhere = home is None or picked.get("county", home.county_code) != home.county_code
    if home is None or elsewhere or {"sub_county", "centre"} & picked.keys():
        yield true()
        return
    yield Centre.sub_county_id == home.sub_county_id
    yield (SubCounty.county_code == home.county_code) & (Centre.sub_county_id != home.sub_county_id)
    if "county" not in picked:
        yield SubCounty.county_code != home.county_code


def count(db: Session, picked: Picked, *, now: datetime) -> int:
    """How many vacancies there are among what was picked; beyond 999 it counts no further."""
    # In the order of the index, so that the first thousand are read and no more.
    by_place = bool(picked.keys() & set(WHERE))
    some = posts_there(picked, now) if by_place else posts(picked, now).order_by(*INDEXED)
    return db.scalar(select(func.count()).select_from(some.limit(MOST_COUNTED + 1).subquery())) or 0
