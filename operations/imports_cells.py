"""Cells: what a column of an imported file may hold, and why anything else is refused."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

from operations import profile_fields
from operations.refusals import Refusal
from telephony import gsm7, phones

Reader = Callable[[str], Any]

LONGEST: Final = 200
# What a spreadsheet makes of a long number: 2.547E+11.
SHORTENED: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+")
RUINED: Final = re.compile(r"#(?:N/A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|#+)")
SIGNED: Final = re.compile(r"[+-][0-9 ()-]+")
YES: Final = ("yes", "y", "true", "1", "active", "registered", "practising", "practicing", "valid", "serving")
NO: Final = (
    *("no", "n", "false", "0", "inactive", "deregistered", "suspended", "interdicted", "retired"),
    *("expired", "invalid", "revoked", "left", "dismissed", "deceased"),
)
PHONE_FAULTS: Final = {
    "phone.letters": "has letters",
    "phone.several": "holds several numbers",
    "phone.not_kenyan": "is not a Kenyan number",
    "phone.not_mobile": "is not a mobile number",
    "phone.too_short": "is too short",
    "phone.too_long": "is too long",
}


class BadCell(ValueError):
    """Why a cell cannot be kept, as it is read after the column's name: `has letters`."""


def tidy(cell: str) -> str:
    """The cell on one line without what nobody sees; raises BadCell for what a spreadsheet spoiled."""
    text = cell.strip()
    if not text:
        return ""
    if not text.isprintable():
        text = seen(text)
    if len(text) > LONGEST:
        raise BadCell(f"is longer than {LONGEST} characters")
    first = text[0]
    if first.isdigit() and SHORTENED.fullmatch(text):
        raise BadCell(f"was shortened to {text} by a spreadsheet: format the column as text and save again")
    if first == "#" and RUINED.match(text):
        raise BadCell(f"holds a spreadsheet's error, {text[:10]}")
    if first in "=@" or (first in "+-" and not SIGNED.fullmatch(text)):
        raise BadCell("holds a formula: save the values, not the formulas")
    return text


def seen(text: str) -> str:
    """The text on one line; joiners and direction marks are dropped, other controls refused."""
    spaced = " ".join(text.split())
    if any(unicodedata.category(letter) == "Cc" for letter in spaced):
        raise BadCell("holds a control character")
    return "".join(letter for letter in spaced if letter.isprintable())


def name(most: int) -> Reader:
    """A name, as phones can show it, no longer than this."""

    def read(text: str) -> str:
        folded = " ".join(gsm7.fold(text).text.split())
        if gsm7.septets(folded) > most:
            raise BadCell(f"is longer than {most} letters: please abbreviate")
        if not any(map(str.isalpha, folded)):
            raise BadCell("has no letters")
        return folded

    return read


def text(most: int) -> Reader:
    """Anything that phones can show, no longer than this."""

    def read(typed: str) -> str:
        folded = " ".join(gsm7.fold(typed).text.split())
        if gsm7.septets(folded) > most:
            raise BadCell(f"is longer than {most} letters")
        return folded

    return read


def digits(*lengths: int) -> Reader:
    """So many digits; spaces and dashes between them are forgiven."""
    said = " or ".join(map(str, lengths))

    def read(typed: str) -> str:
        bare = typed if typed.isdecimal() else re.sub(r"[\s-]+", "", typed)
        if not (bare.isascii() and bare.isdecimal()):
            raise BadCell("has other signs than digits")
        if len(bare) not in lengths:
            short = len(bare) == lengths[0] - 1
            lost = ". Did a spreadsheet drop a leading 0?" if short else ""
            raise BadCell(f"has {len(bare)} digits, not {said}{lost}")
        return bare

    return read


def number(most: int) -> Reader:
    """A whole number up to this."""

    def read(typed: str) -> int:
        bare = typed.replace(",", "")
        if not (bare.isascii() and bare.isdecimal() and len(bare) < 10):
            raise BadCell("is not a whole number")
        if int(bare) > most:
            raise BadCell(f"is more than {most}")
        return int(bare)

    return read


def one_of(*words: str) -> Reader:
    """One of these words, in whatever case."""

    def read(typed: str) -> str:
        word = typed.casefold()
        if word not in words:
            raise BadCell(f"must be one of {', '.join(words)}")
        return word

    return read


def yes_or_no(typed: str) -> bool:
    """Whether it is so, in the words that authorities use."""
    word = typed.casefold()
    if word in YES or word in NO:
        return word in YES
    raise BadCell("must be yes or no")


def phone(typed: str) -> str:
    """A Kenyan mobile number in any usual spelling."""
    try:
        return phones.read(typed)
    except phones.BadPhone as fault:
        raise BadCell(PHONE_FAULTS.get(fault.code, "is not a phone number")) from None


def line(field: str, why: str) -> Reader:
    """What a profile keeps in this line, judged as if the person had typed it."""

    def read(typed: str) -> str:
        try:
            return profile_fields.judge(field, typed)
        except Refusal:
            raise BadCell(why) from None

    return read
