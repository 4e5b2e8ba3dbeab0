"""Marks: what holds of each day, as a pure function of everything that was said of it.

The words may come in any order, twice, or against each other. The last valid one holds.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from operations.office import NAIROBI

# A day closes on the next one at this hour; then only a director or an officer corrects, and says why.
CLOSES: Final = time(10, tzinfo=NAIROBI)
OVERRULING: Final = ("director:", "staff:")
# An SMS waits at the network for so long at most; one that is older than that was not sent when it says.
BELIEVED: Final = timedelta(hours=12)


class Word(NamedTuple):
    """One word about one person on one day, as a row of `mark_event` has it."""

    id: int
    deployment_id: int
    day: date
    present: bool
    actor: str
    said_at: datetime
    reason: str | None


@dataclass(frozen=True)
class Mark:
    """What holds of a day: present, absent, or nothing yet; and whether two disagree about it."""

    present: bool | None = None
    word: Word | None = None  # the one that decides
    conflict: bool = False
    actors: tuple[str, ...] = ()  # everybody whose last word it was


UNMARKED: Final = Mark()
CutOff = Callable[[int, date], datetime]


def usual(deployment_id: int, day: date) -> datetime:
    """When a day closes unless it was opened again: the next one at 10:00 in Nairobi."""
    return datetime.combine(day + timedelta(days=1), CLOSES)


def holding(words: Iterable[Word], cut_off: CutOff = usual) -> Mapping[tuple[int, date], Mark]:
    """What holds of each deployment and day of which something valid was said.

    The last word said before the cut-off, or a correction with its reason by whoever may overrule; of two
    said at the same moment the later row. Two disagree where the last words of two actors differ, until
    an overruling one decides.
    """
    last: dict[tuple[int, date], dict[str, Word]] = {}
    for word in words:
        if counts(word, cut_off):
            said = last.setdefault((word.deployment_id, word.day), {})
            said[word.actor] = max(said.get(word.actor, word), word, key=order)
    return {spot: judged(list(said.values())) for spot, said in last.items()}


def counts(word: Word, cut_off: CutOff = usual) -> bool:
    """Whether a word is valid: said in time, or by somebody who may overrule and says why."""
    return word.said_at < cut_off(word.deployment_id, word.day) or overrules(word.actor, word.reason)


def overrules(actor: str, reason: str | None) -> bool:
    """Whether this is a correction that counts after the cut-off."""
    return bool(reason) and actor.startswith(OVERRULING)


def heard(sent_at: datetime | None, received_at: datetime) -> datetime:
    """When an SMS was said: by the network's date, if that can be believed, else when it came."""
    believed = sent_at is not None and received_at - BELIEVED < sent_at <= received_at
    return sent_at if sent_at is not None and believed else received_at


def order(word: Word) -> tuple[datetime, int]:
    """What makes one word the later of two."""
    return word.said_at, word.id


def judged(lasts: list[Word]) -> Mark:
    """The mark that follows from the last word of each actor."""
    decides = max(lasts, key=order)
    differ = any(word.present != decides.present for word in lasts)
    conflict = differ and not overrules(decides.actor, decides.reason)
    return Mark(decides.present, decides, conflict, tuple(sorted(word.actor for word in lasts)))
