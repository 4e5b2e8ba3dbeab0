"""Register lines: a register in as few letters as tell who was absent, in pieces that any language spells."""

from collections.abc import Iterable, Sequence
from typing import Final

from operations.day_registers import Receipt
from operations.register_reading import Row
from operations.rosters import Officer

ROOM: Final = 140  # letters of names that a reply of two segments has room for
DECIDED: Final = {True: "P", False: "Ab", None: "-"}


def summary(receipt: Receipt) -> list[str]:
    """What holds now: `P 4, Ab 1: 3 Baraka Mwangi. Not marked: 5 Amina Otieno`; and where phones differ."""
    said = [f"P {len(receipt.present)}, Ab {len(receipt.absent)}"]
    room = ROOM // max(1, bool(receipt.absent) + bool(receipt.unmarked) + bool(receipt.conflicts))
    if receipt.absent:
        said.append(f": {names(receipt.absent, room)}")
    if receipt.unmarked:
        said += [". ", "@term.register.not_marked", f" {names(receipt.unmarked, room)}"]
    if receipt.conflicts:
        said += [". ", "@term.register.conflict", f" {lines(receipt.conflicts)}"]
    return said


def names(officers: Sequence[Officer], room: int = ROOM) -> str:
    """Officers by number and name, `3 Baraka Mwangi, 7 Chebet Rono`; those without room by number alone."""
    said, left = [], room - 4 * len(officers)
    for officer in officers:
        name = short(officer.name)
        left -= len(name)
        said.append(f"{officer.roster_no} {name}" if name and left >= 0 else str(officer.roster_no))
    return ", ".join(said)


def lines(rows: Iterable[Row]) -> str:
    """The numbers about which phones differ, and what holds of each: `3 Ab, 7 P`."""
    return ", ".join(f"{row.officer.roster_no} {DECIDED[row.mark.present]}" for row in rows)


def short(name: str) -> str:
    """A name by its first and last word."""
    words = name.split()
    return " ".join(words if len(words) < 3 else (words[0], words[-1]))
