"""Speech: dates, times, money and terms as Kenyans write them, in the language of whoever reads.

A value may be a token that says what it is instead of how it reads, for a notice is queued before anybody
knows in which language it will be sent: `@term.position.driver`, `@date:2026-10-16`, `@ksh:8160`.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from babel import Locale
from babel.dates import format_date

from menus.vocabulary import Call, Words
from operations.office import NAIROBI

LOCALES: Final[Mapping[str, Locale]] = {"en": Locale("en", "KE"), "sw": Locale("sw", "KE")}


def spell(value: Any, lang: str, words: Mapping[str, Words]) -> str:
    """A value as it is read: a token in this language, a list piece by piece, anything else as it is."""
    if isinstance(value, list):
        return "".join(spell(piece, lang, words) for piece in value)
    text = str(value)
    if not text.startswith("@"):
        return text
    if text.startswith("@term."):
        known = words.get(text[1:])
        return known.say(lang) if known else text
    kind, _, rest = text[1:].partition(":")
    try:
        return FORMATS[kind](rest, lang) if kind in FORMATS else text
    except ValueError:  # somebody's own text that only looks like a token
        return text


def term(call: Call, name: str) -> str:
    """A term of the field, such as `position.driver`, in the language of this dialogue."""
    return spell(f"@term.{name}", call.lang, call.words)


def say_date(iso: str, lang: str) -> str:
    """16 Oct 2026."""
    return format_date(date.fromisoformat(iso), "d MMM y", LOCALES[lang])


def say_day(iso: str, lang: str) -> str:
    """Fri 16 Oct."""
    return format_date(date.fromisoformat(iso), "EEE d MMM", LOCALES[lang])


def say_time(iso: str, lang: str) -> str:
    """7.00 am, Nairobi time: written so in both languages, for the Swahili clock begins at another hour."""
    local = datetime.fromisoformat(iso).astimezone(NAIROBI)
    return f"{local.hour % 12 or 12}.{local.minute:02} {'am' if local.hour < 12 else 'pm'}"


def say_moment(iso: str, lang: str) -> str:
    """Fri 16 Oct, 7.00 am."""
    local = datetime.fromisoformat(iso).astimezone(NAIROBI)
    return f"{say_day(local.date().isoformat(), lang)}, {say_time(iso, lang)}"


def say_ksh(amount: str, lang: str) -> str:
    """Ksh 8,160."""
    return f"Ksh {int(amount):,}"


FORMATS: Final[Mapping[str, Callable[[str, str], str]]] = {
    "date": say_date,
    "day": say_day,
    "time": say_time,
    "moment": say_moment,
    "ksh": say_ksh,
}
