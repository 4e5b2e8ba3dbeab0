"""Kenyan mobile numbers: read as people and providers write them, kept in E.164, shown, and masked.

`phonenumbers` is the authority on what is a mobile number. It is asked only about numbers that are not
canonical yet, because one parse takes some 100 microseconds.
"""

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

# The mobile ranges of phonenumbers 9.0.43. When the library learns a new one, its numbers merely take the
# slow way, and a test says that this line is behind.
CANONICAL: Final = re.compile(r"\+254(?:1(?:0[0-8]|[18][0-9]|2[014]|3[05-9]|4[0-6])|7[0-9]{2})[0-9]{6}")

_E164: Final = re.compile(r"\+[0-9]{11,15}")
_KENYAN: Final = re.compile(r"\+254[0-9]{9}")
_NATIONAL_DIGITS: Final = 9

# What people put between digits, and what copying from a contact list adds unseen: joiners, direction marks.
_UNSEEN: Final = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_PUNCTUATION: Final = re.compile(rf"[\s().\-\u2010-\u2015{_UNSEEN}]+")
_DIGITS: Final = re.compile(r"\+?[0-9]+")
_SEVERAL: Final = re.compile(r"[0-9][^0-9]+[0-9]")
_TWO_NUMBERS: Final = 18  # digits; the longest right spelling of one, 000254 (0) 712 345 678, has 16

# Kenya's own international prefix is 000, so the library takes the usual 00 for a part of the number.
_KENYA_DIALLED: Final = re.compile(r"\+?0{0,3}254")
_ABROAD_DIALLED: Final = re.compile(r"\+?0{2,3}(?=[1-9])")

_PARSE_FAULTS: Final = {
    NumberParseException.INVALID_COUNTRY_CODE: "phone.not_kenyan",
    NumberParseException.TOO_LONG: "phone.too_long",
}

_MASKED: Final = "*****"
_MOST_DIGITS_SHOWN: Final = 4


class BadPhone(ValueError):
    """The text is not one Kenyan mobile number; it never carries the text itself, which may end in a log.

    `code` is `phone.` and one of: empty, letters (anything but digits and punctuation), several, not_kenyan,
    not_mobile, too_short, too_long.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read(typed: str) -> str:
    """Read a Kenyan mobile number in any usual spelling as E.164 (`+254712345678`); raises BadPhone."""
    if CANONICAL.fullmatch(typed):
        return typed
    return _read_mobile(_tidy(typed))


def username(e164: str) -> str:
    """Spell a number as its owner's username: `254712345678`."""
    return e164.removeprefix("+")


def local(e164: str) -> str:
    """Spell a Kenyan number as it is dialled, `0712 345 678`; any other text stays as it is."""
    if not _KENYAN.fullmatch(e164):
        return e164
    return f"0{e164[4:7]} {e164[7:10]} {e164[10:]}"


def mask(e164: str) -> str:
    """Hide the middle of an E.164 number, `+2547*****678`; any other text is hidden whole, its length too."""
    if not _E164.fullmatch(e164):
        return _MASKED
    return e164[:5] + "*" * (len(e164) - 8) + e164[-3:]


def _tidy(typed: str) -> str:
    """Bring a typed number to bare digits, in international form where it names a country.

    Letters are refused here, because the library would take them for digits of a keypad, or for an extension.
    """
    bare = _PUNCTUATION.sub("", typed)
    if not bare.strip("+"):
        raise BadPhone("phone.empty")
    if sum(map(typed.count, "0123456789")) >= _TWO_NUMBERS and _SEVERAL.search(typed):
        raise BadPhone("phone.several")
    if not _DIGITS.fullmatch(bare):
        raise BadPhone("phone.letters")
    if _KENYA_DIALLED.match(bare):
        return _KENYA_DIALLED.sub("+254", bare, count=1)
    if _ABROAD_DIALLED.match(bare):
        return _ABROAD_DIALLED.sub("+", bare, count=1)
    return bare.removeprefix("+") if bare.startswith("+0") else bare


def _read_mobile(tidy: str) -> str:
    try:
        number = phonenumbers.parse(tidy, "KE")
    except NumberParseException as fault:
        raise BadPhone(_PARSE_FAULTS.get(fault.error_type, "phone.too_short")) from None
    if number.country_code != 254:
        raise BadPhone("phone.not_kenyan")
    if not phonenumbers.is_valid_number_for_region(number, "KE"):
        raise BadPhone(_name_misfit(len(str(number.national_number))))
    if phonenumbers.number_type(number) != PhoneNumberType.MOBILE:
        raise BadPhone("phone.not_mobile")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _name_misfit(digits: int) -> str:
    if digits == _NATIONAL_DIGITS:
        return "phone.not_mobile"
    return "phone.too_short" if digits < _NATIONAL_DIGITS else "phone.too_long"
