"""Days as people type them: 16/10, 1610, 16.10.26, 16 Oct 2026, 16 Oktoba, 2026-10-16."""

import re
from datetime import date, datetime
from typing import Final

from operations import duties
from operations.refusals import Refusal

BARE: Final = re.compile(r"^(\d\d)(\d\d)(20\d\d)?(?!\d)")
YEAR_FIRST: Final = re.compile(r"^(20[2-9]\d)[\s./-]+(\d{1,2})[\s./-]+(\d{1,2})(?!\d)")
DAY: Final = re.compile(
    r"(\d{1,2})(?:[\s./-]+(\d{1,2})|[\s./-]*([a-z]{3,9}))(?:[\s./-]+(20\d\d)|[./-](\d\d))?(?!\d)",
    re.IGNORECASE,
)
MONTHS: Final = {
    **dict.fromkeys(("jan",), 1),
    **dict.fromkeys(("feb",), 2),
    **dict.fromkeys(("mar", "mac"), 3),
    **dict.fromkeys(("apr",), 4),
    **dict.fromkeys(("may", "mei"), 5),
    **dict.fromkeys(("jun",), 6),
    **dict.fromkeys(("jul",), 7),
    **dict.fromkeys(("aug", "ago"), 8),
    **dict.fromkeys(("sep",), 9),
    **dict.fromkeys(("oct", "okt"), 10),
    **dict.fromkeys(("nov",), 11),
    **dict.fromkeys(("dec", "des"), 12),
}


def read(typed: str, *, now: datetime) -> tuple[date, str]:
    """The day that a text begins with, and what follows it; raises Refusal `director.which_day`.

    Without a year it is the latest such day that has come.
    """
    spaced = spell_apart(typed)
    found = DAY.match(spaced)
    if found is None:
        raise Refusal("director.which_day")
    day, number, name, long_year, short_year = found.groups()
    month = int(number) if number else MONTHS.get((name or "")[:3].lower(), 0)
    current = duties.local(now)
    year = long_year or short_year
    named = [2000 + int(year[-2:])] if year else [current.year, current.year - 1]
    for each in named:
        try:
            read = date(each, month, int(day))
        except ValueError:
            continue
        if read <= current:
            return read, spaced[found.end() :].strip(" ,:;.-/")
    raise Refusal("director.which_day")


def spell_apart(typed: str) -> str:
    """A day in digits alone with its parts apart, and the day first: 1610 is 16/10."""
    turned = YEAR_FIRST.sub(r"\3/\2/\1", typed.strip(), count=1)
    return BARE.sub(lambda day: "/".join(filter(None, day.groups())), turned, count=1)


def is_day(typed: str) -> bool:
    """Whether a text has the shape of a day and says no more."""
    return DAY.fullmatch(spell_apart(typed)) is not None
