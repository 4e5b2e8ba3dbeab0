"""The lists of TSC, NTSA and the police, as an import."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ARRAY, Text, any_, cast, select
from sqlalchemy.orm import Session

from models.places import LEVELS
from models.registers import RegisterEntry
from operations import bulk, eligibility, registers
from operations import imports_cells as cells
from operations.imports_cells import BadCell, Reader
from operations.imports_kinds import Column, Fault, Kind, Line, Transactions
from operations.office import Actor

NAMES: Final = ("register", "number", "national_id", "name", "active", "level")
LONGEST_NAME: Final = 80
ID, NUMBER = cells.digits(5, 6, 7, 8, 9, 14), cells.digits(3, 4, 5, 6, 7, 8)


def national_id(typed: str) -> str:
    """A national ID as it is compared; the oldest have five digits, a Maisha number has fourteen."""
    return kept(ID(typed))


def numbered(typed: str) -> str:
    """A TSC or service number as it is compared."""
    return kept(NUMBER(typed))


def licence(typed: str) -> str:
    """A driving licence's number, whose form differs between its own papers."""
    if not 3 <= len(registers.plain(typed)) <= 20:
        raise BadCell("has not 3 to 20 letters and digits")
    return kept(typed)


def kept(typed: str) -> str:
    """A number as it is compared; noughts alone are none."""
    plain = registers.plain(typed)
    if not plain:
        raise BadCell("is nothing but noughts")
    return plain


NUMBERS: Final[dict[str, Reader]] = {"tsc": numbered, "ntsa": licence, "nps": numbered}


class Register(Kind):
    """An authority's list: number, national_id, name, active, and the level a teacher teaches at."""

    name = "registers"

    def __init__(self, register: str) -> None:
        self.register = register
        self.columns = (
            Column("number", NUMBERS[register]),
            Column("national_id", national_id),
            Column("name", cells.name(LONGEST_NAME)),
            Column("active", cells.yes_or_no),
            Column("level", cells.one_of(*LEVELS), absent=True),
        )

    @property
    def scope(self) -> str:
        """Once for each register."""
        return f"{self.name}.{self.register}"

    def keep(self, db: Session, batch: Sequence[Line], *, by: Actor, now: datetime) -> list[Fault]:
        """Add these lines or correct them; a number that this file gave to somebody else stays theirs."""
        owners, faults, rows = self.given(db, batch), list[Fault](), []
        for line in batch:
            owner = line.values["national_id"]
            if owners.setdefault(line.values["number"], owner) != owner:
                text = "number stands in this file already, with another national ID"
                faults.append(Fault(line.number, text, line.cells))
                continue
            rows.append({"level": None, **line.values, "register": self.register})
        bulk.upsert(db, RegisterEntry, rows, key=("register", "number"), names=NAMES, imported_at=now)
        return faults

    def given(self, db: Session, batch: Sequence[Line]) -> dict[str, str]:
        """Whose the numbers of this batch are by earlier rows of this very file."""
        numbers = cast([line.values["number"] for line in batch], ARRAY(Text))
        entries = select(RegisterEntry.number, RegisterEntry.national_id).where(
            RegisterEntry.register == self.register,
            RegisterEntry.number == any_(numbers),
            RegisterEntry.imported_at >= self.since,
        )
        return {entry.number: entry.national_id for entry in db.execute(entries)}

    def settle(self, transaction: Transactions) -> None:
        """Hold everybody of this register's kinds against it again."""
        after: int | None = 0
        while after is not None:
            with transaction() as db:
                after = eligibility.recheck(db, self.register, after=after)
