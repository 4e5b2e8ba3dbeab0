"""Spelling: dates, sums and names as the council's letters write them."""

import re
import unicodedata
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

NAIROBI: Final = ZoneInfo("Africa/Nairobi")
ENGLISH: Final = Locale("en", "KE")
# A word longer than this may be broken, or it would leave the page.
LONGEST_WORD: Final = 24
ORDINALS: Final = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


def say_date(day: date) -> str:
    """23rd October 2026."""
    return f"{day.day}{ORDINALS.get(day.day, 'th')} {format_date(day, 'MMMM y', ENGLISH)}"


def say_day(day: date) -> str:
    """Friday 16th October 2026."""
    return f"{format_date(day, 'EEEE', ENGLISH)} {say_date(day)}"


def say_time(moment: datetime) -> str:
    """7.00 am, Nairobi time."""
    local = moment.astimezone(NAIROBI)
    return f"{local.hour % 12 or 12}.{local.minute:02} {'am' if local.hour < 12 else 'pm'}"


def say_moment(moment: datetime) -> str:
    """Friday 16th October 2026 at 7.00 am."""
    return f"{say_day(moment.astimezone(NAIROBI).date())} at {say_time(moment)}"


def say_sum(shillings: int) -> str:
    """Kshs 1,680/=."""
    return f"Kshs {shillings:,}/="


def say_phone(number: str) -> str:
    """0711 000 001."""
    local = f"0{number.removeprefix('+254')}"
    return f"{local[:4]} {local[4:7]} {local[7:]}" if re.fullmatch(r"\+254\d{9}", number) else number


def plain(text: str) -> str:
    """A text on one line, without what nobody sees or what turns a line round; long words may break."""
    seen = "".join(" " if c.isspace() else c for c in text if c.isspace() or not hidden(c))
    return re.sub(rf"\S{{{LONGEST_WORD}}}(?=\S)", "\\g<0>\u200b", " ".join(seen.split()))


def hidden(character: str) -> bool:
    """Whether this is a control or a format character, such as a right-to-left override."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")
