"""Counties and sub-counties as files name them."""

from dataclasses import dataclass, field

from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.places import County, SubCounty
from operations import places

# A name so like one of ours is proposed, never taken.
LIKE = 75


@dataclass
class Areas:
    """Every county and sub-county there is, read once for a whole file."""

    counties: dict[str, str] = field(default_factory=dict)  # a folded name, or a code: the code
    within: dict[str, dict[str, int]] = field(default_factory=dict)  # by county: a folded name, its id
    names: dict[str, str] = field(default_factory=dict)  # a folded name as it is written

    def prepare(self, db: Session) -> None:
        """Read them."""
        for county in db.scalars(select(County)):
            self.names[folded(county.name)] = county.name
            self.counties |= {folded(county.name): county.code, county.code: county.code}
            self.within[county.code] = {}
        for area in db.scalars(select(SubCounty)):
            self.names[folded(area.name)] = area.name
            self.within[area.county_code][folded(area.name)] = area.id

    def county(self, typed: str) -> str | None:
        """The code of a county, named or by its code."""
        return self.counties.get(folded(typed)) or self.counties.get(typed.zfill(3))

    def sub_county(self, county: str, typed: str) -> tuple[int | None, str]:
        """The sub-county of this name in this county, or why there is none."""
        code = self.county(county)
        if code is None:
            return None, f"county: there is no {county}{self.nearest(county, list(self.counties))}"
        found = self.within[code].get(folded(typed))
        if found is None:
            text = f"sub_county: there is no {typed} in {county}"
            return None, text + self.nearest(typed, list(self.within[code]))
        return found, ""

    def nearest(self, typed: str, known: list[str]) -> str:
        """What may have been meant."""
        best = process.extractOne(folded(typed), known, scorer=fuzz.ratio, score_cutoff=LIKE)
        return f"; {self.names.get(best[0], best[0])}?" if best else ""


def folded(name: str) -> str:
    """A place's name as it is compared, without the word for what it is."""
    plain = places.plain(name)
    for word in (" sub county", " subcounty", " county"):
        plain = plain.removesuffix(word)
    return plain
