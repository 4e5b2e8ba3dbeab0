"""The registers of TSC, NTSA and the police: who is found in them, and how well their name fits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ARRAY, ColumnElement, Text, any_, cast, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.registers import RegisterEntry
from operations import names

# Names that are less alike than this are two people's, or need a person to look at them.
ALIKE: Final = 75


@dataclass(frozen=True)
class Authority:
    """Where a kind of professional is registered, and which line of the profile holds their number."""

    register: str
    field: str
    # NTSA answers for a national ID; the form of a licence's number differs between its own papers.
    by_id: bool = False


AUTHORITIES: Final[Mapping[str, Authority]] = {
    "teacher": Authority("tsc", "employment_no"),
    "examiner": Authority("tsc", "employment_no"),
    "driver": Authority("ntsa", "licence_no", by_id=True),
    "security": Authority("nps", "service_no"),
}


def number_field(kind: str | None) -> str:
    """The column of a profile with the number that a kind of person goes by."""
    return AUTHORITIES[kind or "teacher"].field


@dataclass(frozen=True)
class Claim:
    """What somebody says of themselves, as far as a register can tell whether it is true."""

    kind: str
    number: str
    national_id: str
    name: str

    def same(self, other: "Claim") -> bool:
        """Whether both say the same; case and order of a name's parts say nothing."""
        numbers = (self.kind, self.number, self.national_id) == (other.kind, other.number, other.national_id)
        return numbers and names.same(self.name, other.name)


@dataclass(frozen=True)
class Finding:
    """What a register says of a claim: `verified`, `mismatch` (and how it `differs`) or `not_found`."""

    match: str
    differs: str | None = None
    name: str | None = None
    similarity: int | None = None
    level: str | None = None


def kinds_of(register: str) -> list[str]:
    """The kinds of professional that this register knows."""
    return [kind for kind, authority in AUTHORITIES.items() if authority.register == register]


def plain(number: str) -> str:
    """A number as it is compared: letters and digits, without the zeros that a spreadsheet drops."""
    return "".join(filter(str.isalnum, number)).upper().lstrip("0")


def check(db: Session, register: str, claims: Sequence[Claim]) -> list[Finding]:
    """What this register says of each claim, in one query; the claims are of its own kinds."""
    found = entries(db, register, claims)
    numbered = {entry.number: entry for entry in found}
    owned: dict[str, list[RegisterEntry]] = {}
    for entry in found:
        owned.setdefault(entry.national_id, []).append(entry)
    return [judge(each, numbered.get(each.number), owned.get(each.national_id, [])) for each in claims]


def entries(db: Session, register: str, claims: Iterable[Claim]) -> Sequence[RegisterEntry]:
    """Every line of the register that has a number or a national ID of these claims."""
    numbers, ids = [], []
    for claim in claims:
        numbers.append(claim.number)
        ids.append(claim.national_id)
    known = or_(among(RegisterEntry.number, numbers), among(RegisterEntry.national_id, ids))
    listed = select(RegisterEntry).where(RegisterEntry.register == register, known)
    # Last the ones in force: of several lines under one ID they are what counts.
    listed = listed.order_by(RegisterEntry.active, RegisterEntry.id).execution_options(populate_existing=True)
    return db.scalars(listed).all()


def among(column: InstrumentedAttribute[str], values: list[str]) -> ColumnElement[bool]:
    """Whether the column is one of these, however many they are: one parameter."""
    return column == any_(cast(values, ARRAY(Text)))


def judge(claim: Claim, numbered: RegisterEntry | None, owned: Sequence[RegisterEntry]) -> Finding:
    """Hold a claim against the line with its number and the lines under its national ID."""
    if numbered is not None and numbered.national_id != claim.national_id:
        return compared(claim, numbered, "national_id")
    if not owned:
        return Finding("not_found")
    if numbered is None and not AUTHORITIES[claim.kind].by_id:
        return compared(claim, owned[-1], "number")
    entry = numbered if numbered and numbered.active else owned[-1]
    return compared(claim, entry, "" if entry.active else "inactive")


def compared(claim: Claim, entry: RegisterEntry, differs: str) -> Finding:
    """The finding from this line, the names compared."""
    alike = names.likeness(claim.name, entry.name)
    differs = differs or ("" if alike >= ALIKE else "name")
    match = "mismatch" if differs else "verified"
    # The level of one's own line only: rules of who may serve where stand on it.
    level = None if differs == "national_id" else entry.level
    return Finding(match, differs or None, entry.name, alike, level)
