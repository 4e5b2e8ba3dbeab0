"""Register lines: a register in as few letters as tell who was absent, in pieces that any language spells."""

from collections.abc import Sequence
from typing import Final

from operations import name_lists
from operations.day_registers import Receipt
from operations.register_reading import Row
from operations.rosters import Officer

ROOM: Final = 150  # septets of names that a reply of two segments has room for
READ_ROOM: Final = 464  # of names that are read back on a screen: four pages, for a session is short
DECIDED: Final = {True: "P", False: "Ab", None: "-"}


def summary(receipt: Receipt) -> list[str]:
    """What holds now: `P 4, Ab 1: 3 Baraka Mwangi; not marked: 5 Amina Otieno`; and where phones differ.

    No full stop follows a number: at the beginning of a line it would look like a key.
    """
    named = [
        ([": "], [named_as(each) for each in receipt.absent]),
        (["; ", "@term.register.not_marked", " "], [named_as(each) for each in receipt.unmarked]),
        (["; ", "@term.register.not_accepted", " "], [named_as(each) for each in receipt.offered]),
        (["; ", "@term.register.conflict", " "], [decided(row) for row in receipt.conflicts]),
    ]
    parts = [(before, entries) for before, entries in named if entries]
    said = [f"P {len(receipt.present)}, Ab {len(receipt.absent)}"]
    for before, entries in parts:
        said += [*before, *name_lists.fitted(entries, ROOM // len(parts))]
    return said


def names(officers: Sequence[Officer]) -> list[str]:
    """All of these officers by number and name: `3 Baraka Mwangi, 7 Chebet Rono`.

    Of thirty or more some by their first name, of twice as many some by number.
    """
    first = [f"{each.roster_no} {each.name.partition(' ')[0]}".rstrip() for each in officers]
    numbers, wholes = zip(*map(named_as, officers), strict=True)
    room_for_all = name_lists.septets(name_lists.BETWEEN.join(first)) <= READ_ROOM
    briefer = list(zip(first, wholes, strict=True) if room_for_all else zip(numbers, first, strict=True))
    return name_lists.fitted(briefer, READ_ROOM)


def named_as(officer: Officer) -> tuple[str, str]:
    """An officer in brief, and by name."""
    return str(officer.roster_no), f"{officer.roster_no} {short(officer.name)}".rstrip()


def decided(row: Row) -> tuple[str, str]:
    """The number about whom phones differ and what holds of it, `3 Ab`: no longer with the room for it."""
    said = f"{row.officer.roster_no} {DECIDED[row.mark.present]}"
    return said, said


def short(name: str) -> str:
    """A name by its first and last word."""
    words = name.split()
    return " ".join(words if len(words) < 3 else (words[0], words[-1]))
