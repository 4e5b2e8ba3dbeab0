"""Places of the demonstration: 63 examination centres in 47 counties, containers, marking centres, schools.

Their names are made in the manner of real ones, the longest included; their codes have the shape of real
ones and are nobody's. The schools are a sample of the Ministry's list of 2016, from the World Bank's data
catalogue "Kenya schools" (anelda/schoolsKenya, CC0).
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.base import Base
from models.places import Centre, County, School, SubCounty
from models.records import Contact

SCHOOLS: Final = Path(__file__).with_name("demonstration_schools.csv")
COLUMNS: Final = ("code", "what", "county", "sub_county")
# Secondary and primary schools, distribution centres (containers) and marking centres.
CENTRES: Final = """
01101001 s 001 Changamwe | Changamwe Secondary School
01204001 p 001 Likoni | Likoni School for the Blind
01105002 s 001 Mvita | Sheikh Khalifa Bin Zayed Secondary School
02103001 s 002 Matuga | Matuga Girls High School
03103001 s 003 Kilifi North | Kilifi Township Secondary School
04203001 p 004 Garsen | Garsen Primary School
05102001 s 005 Lamu West | Mkomani Mixed Secondary School
06103001 s 006 Voi | Voi Boys High School
07204001 p 007 Garissa | Garissa Township Primary School
08103001 s 008 Wajir East | Wajir Girls Secondary School
09203001 p 009 Mandera East | Mandera Township Primary School
10104001 s 010 Saku | Marsabit Boys High School
11202001 p 011 Isiolo | Isiolo Barracks Primary School
12106001 s 012 Imenti North | Meru Central Boys Secondary School
13101001 s 013 Chuka | Chuka Hill Girls High School
14201001 p 014 Manyatta | Embu Urban Primary School
15106001 s 015 Mwingi Central | Mwingi Boys Secondary School
16104001 s 016 Machakos | Machakos Hills Girls Secondary School
17205001 p 017 Makueni | Wote Township Primary School
18105001 s 018 Olkalou | Ol Kalou Mixed Secondary School
19103001 s 019 Mathira East | Bishop Gatimu Ngandu Girls High School Nyeri
20203001 p 020 Kirinyaga North/Mwea West | Wang'uru Primary School
21105001 s 021 Kiharu | Murang'a Township Secondary School
22108001 s 022 Kikuyu | Kikuyu Springs Secondary School
22212001 p 022 Thika Town | Thika Riverside Primary School
22110002 s 022 Limuru | Limuru Tea Growers Girls High School
23203001 p 023 Turkana Central | Lodwar Mixed Primary School
24104001 s 024 West Pokot | Kapenguria Mixed Secondary School
25201001 p 025 Samburu Central | Maralal Township Primary School
26103001 s 026 Kiminini | Kitale Boys Secondary School
27102001 s 027 Kapseret | Eldoret Highlands Secondary School
27201001 p 027 Ainabkoi | Plateau Comprehensive School
28101001 s 028 Keiyo North | Iten Girls High School
29203001 p 029 Emgwen | Kapsabet Township Primary School
30101001 s 030 Baringo Central | Kabarnet Hill Secondary School
31201001 p 031 Laikipia East | Nanyuki Primary School
32106001 s 032 Nakuru East | Nakuru Lakeside Girls High School
32205001 p 032 Naivasha | Naivasha Karati Primary School
32109002 s 032 Njoro | Njoro Township Secondary School
33102001 s 033 Narok North | Narok Plains Boys High School
34201001 p 034 Kajiado Central | Kajiado Township Primary School
35101001 s 035 Ainamoi | Kericho Tea Belt Secondary School
36201001 p 036 Bomet Central | Bomet Township Primary School
37106001 s 037 Lurambi | Kakamega Forest High School
37210001 p 037 Mumias West | Mumias Township Primary School
38105001 s 038 Vihiga | Vihiga Hills Secondary School
39104001 s 039 Kanduyi | Bungoma Central High School
40203001 p 040 Matayos | Busia Border Primary School
41101001 s 041 Alego Usonga | Siaya Lake View Secondary School
42101001 s 042 Kisumu Central | Kisumu Lakeside Day Secondary School
42202001 p 042 Kisumu East | Kajulu Hills Primary School
43201001 p 043 Homa Bay Town | Homa Bay Pier Primary School
44105001 s 044 Rongo | Rongo Boys Secondary School
45106001 s 045 Kitutu Chache South | St Thomas Aquinas Kisii Mixed School
46204001 p 046 Nyamira | Nyamira Township Primary School
47109001 s 047 Kasarani | Mwiki Hill Secondary School
47101002 s 047 Dagoretti North | Kilimani Ridge Girls High School
47217001 p 047 Westlands | Westlands Gardens Primary School
47111003 s 047 Langata | Langata Park Boys High School
47204002 p 047 Embakasi East | Embakasi Airport View Primary School
47109002 s 047 Kasarani | Zimmerman Ridge Secondary School
47209001 p 047 Kasarani | Kasarani Springs Primary School
47209002 p 047 Kasarani | Clay Hill Primary School
01805001 d 001 Mvita | Mvita Sub-County Container
19803001 d 019 Mathira East | Mathira East Sub-County Container
22808001 d 022 Kikuyu | Kikuyu Sub-County Container
32806001 d 032 Nakuru East | Nakuru East Sub-County Container
42801001 d 042 Kisumu Central | Kisumu Central Sub-County Container
47809001 d 047 Kasarani | Kasarani Sub-County Container
22912001 m 022 Thika Town | Thika Marking Centre
32909001 m 032 Njoro | Njoro Marking Centre
42901001 m 042 Kisumu Central | Kisumu Marking Centre
47911001 m 047 Langata | Langata Marking Centre
"""
WHAT: Final[Mapping[str, tuple[str, str | None]]] = {
    "s": ("examination", "secondary"),
    "p": ("examination", "primary"),
    "d": ("distribution", None),
    "m": ("marking", None),
}
COUNCIL: Final = {
    "name": "KNEC, New Mitihani House",
    "phone": "0720 741 001, 0732 333 860",
    "email": "info@knec.ac.ke",
}


def centres() -> list[dict[str, str]]:
    """Every centre of the table: code, what, county, sub_county, name."""
    found = []
    for line in CENTRES.strip().splitlines():
        left, _, name = line.partition(" | ")
        found.append({**dict(zip(COLUMNS, left.split(" ", 3), strict=True)), "name": name})
    return found


def load(db: Session) -> Mapping[tuple[str, str], int]:
    """Insert them all, and whom to ask in each sub-county; answers the ids of all sub-counties."""
    asked = select(SubCounty.county_code, SubCounty.name, SubCounty.id)
    ids = {(county, name): number for county, name, number in db.execute(asked)}
    counties = {plain(name): code for code, name in db.execute(select(County.code, County.name))}
    places = centres()
    containers = {row["county"]: row["code"] for row in places if row["what"] == "d"}
    rows = [centre(row, ids[row["county"], row["sub_county"]], containers) for row in places]
    # The containers first: the other centres name them.
    keep(db, Centre, sorted(rows, key=lambda row: row["station"] != "distribution"))
    keep(db, School, list(schools(counties)))
    keep(db, Contact, list(contacts(places)))
    return ids


def keep(db: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert rows, by the names of their columns, at once; what is there already stays as it is."""
    # Not through the mapped class: that would take one statement for each pattern of empty columns.
    plain_table = Base.metadata.tables[table.__tablename__]
    db.execute(insert(plain_table).on_conflict_do_nothing(), rows)


def centre(row: Mapping[str, str], sub_county: int, containers: Mapping[str, str]) -> dict[str, Any]:
    """A centre as its table has it; examination centres fetch their papers from their county's container."""
    station, level = WHAT[row["what"]]
    container = containers.get(row["county"]) if station == "examination" else None
    return {
        "code": row["code"],
        "name": row["name"],
        "station": station,
        "level": level,
        "sub_county_id": sub_county,
        "location": f"{row['sub_county']} town",
        "distribution_code": container,
        "distance_km": 2 + int(row["code"]) % 23 if container else None,
    }


def schools(counties: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The sample of the Ministry's list; what it calls a sub-county is the constituency."""
    with SCHOOLS.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield {
                "moe_code": row["moe_code"],
                "name": " ".join(row["school_name"].split()),
                "level": row["level"].lower(),
                "county_code": counties[plain(row["county"])],
                "area": row["sub_county"],
            }


def plain(county: str) -> str:
    """A county's name as it is compared: Elgeyo Marakwet is Elgeyo-Marakwet."""
    return county.replace("-", " ").casefold()


def contacts(places: Iterable[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """The council's desk, which is KNEC's own, and an invented director for each sub-county of a centre."""
    yield {"kind": "council", "area": "", **COUNCIL}
    for area, number in directors(places).items():
        told = {"name": f"SCDE {area}", "phone": f"0700 000 {number:03}", "email": "scde@example.ke"}
        yield {"kind": "director", "area": area, **told}


def directors(places: Iterable[Mapping[str, str]]) -> Mapping[str, int]:
    """The number of the director of each sub-county with a centre, from 1 on by name."""
    return {area: n for n, area in enumerate(sorted({row["sub_county"] for row in places}), 1)}
