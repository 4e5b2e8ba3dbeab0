"""Centres and schools, as imports."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ARRAY, Text, any_, cast, select, update
from sqlalchemy.orm import Session, aliased

from models.places import LEVELS, STATIONS, Candidacy, Centre, School
from operations import bulk, series
from operations import imports_cells as cells
from operations.imports_areas import Areas
from operations.imports_files import BadFile
from operations.imports_kinds import Column, Fault, Keep, Kind, Line
from operations.office import Actor

LONGEST_NAME: Final = 60
CODE = cells.digits(8)
# What a new centre has where the file says nothing.
DEFAULTS: Final = {"station": "examination", "location": ""}
REFERENCES: Final = ("distribution_code", "host_code")


class Centres(Kind):
    """Duty stations by their KNEC codes; with a series, how many candidates each has in it."""

    name = "centres"
    remembers = True
    columns = (
        Column("code", CODE),
        Column("name", cells.name(LONGEST_NAME)),
        Column("county", cells.text(40)),
        Column("sub_county", cells.text(40)),
        Column("station", cells.one_of(*STATIONS), absent=True),
        Column("level", cells.one_of(*LEVELS), absent=True),
        Column("location", cells.text(LONGEST_NAME), absent=True),
        Column("distance_km", cells.number(2000), absent=True),
        Column("candidates", cells.number(20_000), absent=True),
        Column("distribution_code", CODE, absent=True),
        Column("host_code", CODE, absent=True),
    )

    def __init__(self, exam: str = "", year: int = 0) -> None:
        self.exam, self.year, self.series_id = exam, year, 0
        self.areas, self.lines = Areas(), dict[str, int]()
        self.header: Sequence[str] = ()

    @property
    def scope(self) -> str:
        """Once for each series, for the candidates are of one."""
        return f"{self.name}.{self.exam}.{self.year}" if self.exam else self.name

    def prepare(self, db: Session, header: Sequence[str]) -> None:
        """Read the areas, and find the series that the candidates are of."""
        self.areas.prepare(db)
        self.header = header
        if ("candidates" in header) != bool(self.exam):
            raise BadFile("A column candidates and its series go together: --series KCSE 2026.")
        found = series.by_name(db, self.exam, self.year) if self.exam else None
        if self.exam and found is None:
            raise BadFile(f"There is no series {self.exam} {self.year}.")
        self.series_id = found.id if found else 0

    def judge(self, values: dict[str, Any], line: int) -> list[str]:
        """The place must exist; a code stands once; nobody is hosted by themselves."""
        before = self.lines.setdefault(values["code"], line)
        values["sub_county_id"], fault = self.areas.sub_county(values["county"], values["sub_county"])
        faults = [fault] if fault else []
        if before != line:
            faults.append(f"code stands on line {before} already")
        faults += [
            f"{each} is the centre itself" for each in REFERENCES if values.get(each) == values["code"]
        ]
        values |= {each: value for each, value in DEFAULTS.items() if each in values and not values[each]}
        return faults

    def passes(self) -> Sequence[Keep]:
        """First the centres, then which of them serve which: the file may name them in any order."""
        return (self.keep, self.link) if set(REFERENCES) & set(self.header) else (self.keep,)

    def keep(self, db: Session, batch: Sequence[Line], *, by: Actor, now: datetime) -> list[Fault]:
        """Add the centres or correct what the file says of them."""
        rows = [line.values for line in batch]
        given = [each for each in ("station", "level", "location", "distance_km") if each in self.header]
        bulk.upsert(db, Centre, rows, key=("code",), names=("code", "name", "sub_county_id", *given))
        counted = [
            {"centre_code": row["code"], "candidates": row["candidates"]}
            for row in rows
            if row.get("candidates") is not None
        ]
        key, names = ("series_id", "centre_code"), ("centre_code", "candidates")
        bulk.upsert(db, Candidacy, counted, key=key, names=names, series_id=self.series_id)
        return []

    def link(self, db: Session, batch: Sequence[Line], *, by: Actor, now: datetime) -> list[Fault]:
        """Set which centre serves which, and which hosts which; one that does not exist is a fault."""
        faults = []
        for each in (each for each in REFERENCES if each in self.header):
            known = self.known(db, {line.values[each] for line in batch if line.values[each]})
            lost = [line for line in batch if line.values[each] and line.values[each] not in known]
            faults += [Fault(line.number, f"{each} is no centre that we know", line.cells) for line in lost]
            left = {line.number for line in lost}
            self.refer(db, each, [line.values for line in batch if line.number not in left])
        return faults

    def known(self, db: Session, codes: Iterable[str]) -> set[str]:
        """Those of these codes that are centres, or stand in this file: a dry run has not kept those."""
        found = db.scalars(select(Centre.code).where(Centre.code == any_(cast(list(codes), ARRAY(Text)))))
        return {*found, *self.lines}

    def refer(self, db: Session, column: str, rows: Sequence[Any]) -> None:
        """Set this column of every row's centre, in one statement."""
        if not rows:
            return
        given, target = bulk.rows_of(Centre, ("code", column), rows), aliased(Centre)
        meant = select(target.code).where(target.code == given.c[column]).scalar_subquery()
        changed = update(Centre).where(Centre.code == given.c.code).values({column: meant})
        db.execute(changed.execution_options(synchronize_session=False))


class Schools(Kind):
    """Schools as the Ministry lists them; `sub_county` is what its list calls the constituency."""

    name = "schools"
    columns = (
        Column("moe_code", cells.text(20)),
        Column("school_name", cells.name(LONGEST_NAME)),
        Column("level", cells.one_of(*LEVELS)),
        Column("county", cells.text(40)),
        Column("sub_county", cells.text(40)),
    )

    def __init__(self) -> None:
        self.areas = Areas()

    def prepare(self, db: Session, header: Sequence[str]) -> None:
        """Read the counties."""
        self.areas.prepare(db)

    def judge(self, values: dict[str, Any], line: int) -> list[str]:
        """The county must exist; the constituency is kept as it is written."""
        values["county_code"] = self.areas.county(values["county"])
        values["name"], values["area"] = values["school_name"], values["sub_county"]
        return [] if values["county_code"] else [f"county: there is no {values['county']}"]

    def keep(self, db: Session, batch: Sequence[Line], *, by: Actor, now: datetime) -> list[Fault]:
        """Add the schools or correct them."""
        names = ("moe_code", "name", "level", "county_code", "area")
        bulk.upsert(db, School, [line.values for line in batch], key=("moe_code",), names=names)
        return []
