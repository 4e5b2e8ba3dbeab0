"""A morning of exams: what every centre says of its officers, in which order, and what holds in the end.

It knows nothing of how the product decides: `holds` and `differ` are all of the rule, told once more and on
their own.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# When an SMS was sent, in seconds before the load begins. What is said by USSD comes later than all SMS.
FIRST, SECOND, THIRD, BY_USSD = 280, 160, 40, 0


@dataclass(frozen=True)
class Word:
    """One thing that a centre says: an SMS without its code, or what is typed by USSD."""

    ago: int
    text: str  # of the SMS; by USSD the roster numbers of the absent
    marks: Mapping[int, bool]
    phone: int = 0  # which one of the centre's phones

    @property
    def by_sms(self) -> bool:
        """Whether it comes as an SMS."""
        return self.ago != BY_USSD


Roster = Sequence[int]
Scene = Callable[[random.Random, Roster], list[Word]]


def holds(words: Iterable[Word]) -> dict[int, bool]:
    """What holds of every officer of a centre when all is said: of each, what was said of them last."""
    held: dict[int, bool] = {}
    for word in sorted(words, key=lambda word: -word.ago):
        held.update(word.marks)
    return held


def differ(words: Iterable[Word]) -> set[int]:
    """The officers of whom two phones say otherwise when all is said."""
    said: dict[int, dict[int, bool]] = {}
    for word in sorted(words, key=lambda word: -word.ago):
        for number, present in word.marks.items():
            said.setdefault(number, {})[word.phone] = present
    return {number for number, phones in said.items() if len(set(phones.values())) > 1}


def everybody(roster: Roster, absent: Iterable[int] = ()) -> dict[int, bool]:
    """These are absent and all the others are there."""
    return dict.fromkeys(roster, True) | dict.fromkeys(absent, False)


def numbers(roster: Iterable[int]) -> str:
    """Roster numbers as they are typed."""
    return " ".join(map(str, sorted(roster)))


def some(chance: random.Random, roster: Roster) -> list[int]:
    """One or two who did not come."""
    return chance.sample(roster, min(len(roster) - 1, chance.randint(1, 2)))


# -- by SMS -------------------------------------------------------------------------------------------


def full_house(chance: random.Random, roster: Roster) -> list[Word]:
    """Everybody is there."""
    return [Word(FIRST, chance.choice(("ALL", "all", "wote")), everybody(roster))]


def some_away(chance: random.Random, roster: Roster) -> list[Word]:
    """Somebody is not there."""
    away = some(chance, roster)
    return [Word(FIRST, f"AB {numbers(away)}", everybody(roster, away))]


def by_name(chance: random.Random, roster: Roster) -> list[Word]:
    """Two SMS that name everybody, one half each."""
    half = len(roster) // 2
    parts = [part for part in (roster[:half], roster[half:]) if part]
    return [named(chance, part, ago) for part, ago in zip(parts, (FIRST, SECOND), strict=False)]


def named(chance: random.Random, part: Roster, ago: int) -> Word:
    """An SMS that says P of some and AB of others, and nothing of those who are not in it."""
    away = chance.sample(part, min(len(part) - 1, 1))
    here = [number for number in part if number not in away]
    said = f"P {numbers(here)}" + (f" AB {numbers(away)}" if away else "")
    return Word(ago, said, everybody(part, away))


def corrected(chance: random.Random, roster: Roster) -> list[Word]:
    """A full house, and then it was not."""
    away = some(chance, roster)
    return [*full_house(chance, roster), Word(SECOND, f"AB {numbers(away)}", everybody(roster, away))]


def came_late(chance: random.Random, roster: Roster) -> list[Word]:
    """Some are away, then one of them comes after all; of nobody else anything is said."""
    away = some(chance, roster)
    return [
        Word(FIRST, f"AB {numbers(away)}", everybody(roster, away)),
        Word(SECOND, f"P {away[0]}", {away[0]: True}),
    ]


def two_phones(chance: random.Random, roster: Roster) -> list[Word]:
    """The manager says one thing, the deputy another, and the manager then changes one of them."""
    away = some(chance, roster)
    return [
        *full_house(chance, roster),
        Word(SECOND, f"AB {numbers(away)}", everybody(roster, away), phone=1),
        Word(THIRD, f"P {away[0]}", {away[0]: True}),
    ]


# -- by USSD ------------------------------------------------------------------------------------------


def dialled(chance: random.Random, roster: Roster) -> list[Word]:
    """Signed in and marked, two in three with nobody away."""
    away = some(chance, roster) if chance.random() < 1 / 3 else []
    return [Word(BY_USSD, numbers(away), everybody(roster, away))]


def dialled_later(chance: random.Random, roster: Roster) -> list[Word]:
    """The deputy's SMS of before, which may arrive after what was then marked by USSD."""
    earlier = some_away(chance, roster)[0]
    return [Word(earlier.ago, earlier.text, earlier.marks, phone=1), *dialled(chance, roster)]


SMS_SCENES: Final[Mapping[Scene, int]] = {
    full_house: 55,
    some_away: 20,
    by_name: 8,
    corrected: 8,
    came_late: 5,
    two_phones: 4,
}
USSD_SCENES: Final[Mapping[Scene, int]] = {dialled: 75, dialled_later: 25}


def said(chance: random.Random, centres: int, officers: int, by_ussd: int) -> list[list[Word]]:
    """What each centre says, in the order in which it says it; the first ones by USSD."""
    roster = range(1, officers + 1)
    return [scene(chance, by_ussd > centre)(chance, roster) for centre in range(centres)]


def scene(chance: random.Random, by_ussd: bool) -> Scene:
    """A centre's morning, the frequent ones more often."""
    scenes = USSD_SCENES if by_ussd else SMS_SCENES
    return chance.choices([*scenes], [*scenes.values()])[0]
