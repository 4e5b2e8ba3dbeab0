"""Name lists: as many of some officers as a message has room for, in pieces that any language spells."""

from collections.abc import Iterable, Sequence
from typing import Final

from operations.register_reading import Row
from telephony import gsm7

BETWEEN: Final = ", "
MORE: Final = len(" and 120 more")  # or `na 120 zaidi`


def fitted(entries: Sequence[tuple[str, str]], room: int) -> list[str]:
    """Each entry as (brief, whole), together in no more septets than `room`.

    As many whole ones as leave room for the others in brief; of too many, how many more there are.
    """
    briefs = [brief for brief, _ in entries]
    spare = room - septets(BETWEEN.join(briefs))
    if spare < 0:
        return beginning(briefs, room - MORE)
    said: list[str] = []
    for brief, whole in entries:
        spare -= septets(whole) - septets(brief)
        said.append(whole if spare >= 0 else brief)
    return [BETWEEN.join(said)]


def marked(rows: Iterable[Row], room: int) -> list[str]:
    """Lines of a register as a notice says them: `3 Baraka Mwangi Ab, 7 Chebet Rono P`."""
    lines = [(row.officer, "P" if row.mark.present else "Ab") for row in rows]
    return fitted(
        [
            (f"{officer.roster_no} {mark}", f"{officer.roster_no} {officer.name} {mark}")
            for officer, mark in lines
        ],
        room,
    )


def beginning(briefs: Sequence[str], room: int) -> list[str]:
    """The first ones that fit, and how many more: `3, 7, 12 and 48 more`."""
    count = max(n for n in range(len(briefs)) if n <= 1 or septets(BETWEEN.join(briefs[:n])) <= room)
    more = [" ", "@term.register.and", f" {len(briefs) - count} ", "@term.register.more"]
    return [BETWEEN.join(briefs[:count]), *more]


def septets(said: str) -> int:
    """The room a text takes in a message, where it stands in GSM-7."""
    return gsm7.septets(gsm7.fold(said).text)
