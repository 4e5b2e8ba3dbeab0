"""References that survive being read aloud, written down and typed on twelve keys: `AP-7K4-QX9-2`.

The alphabet has 23 symbols. Neither 0 nor O is in it, nor 1 I L, 5 S, 8 B; of 2 and Z it keeps 2. Without
vowels no reference spells a word. 23 is a prime, so the check is a weighted sum modulo 23 in the manner of
ISBN-10: the nine places have different weights, none zero, hence a wrong symbol, or any two exchanged,
changes the sum. The letters of the kind are summed too. Six symbols give 148 million references a kind:
draw again on a clash.
"""

import re
import secrets
from collections.abc import Callable
from typing import Final

from telephony import gsm7

ALPHABET: Final = "234679CDFGHJKMNPQRTVWXY"
_SYMBOLS: Final = 6
LENGTH: Final = 9  # the kind, the symbols, the check symbol

# A letter of a kind that is no symbol takes the value of a symbol that is no letter of a kind, so that those
# letters too have 23 different values. That leaves none for Q, X and Z.
_KIND_LETTERS: Final = "ABCDEFGHIJKLMNOPRSTUVWY"
_VALUES: Final = {symbol: value for value, symbol in enumerate(ALPHABET)} | {
    letter: ALPHABET.index(symbol) for letter, symbol in zip("ABEILOSU", "234679QX", strict=True)
}
_WEIGHTS: Final = range(LENGTH, 0, -1)  # the check symbol weighs 1

_KIND: Final = re.compile(f"[{_KIND_LETTERS}]{{2}}")
_TYPED: Final = re.compile(f"[{_KIND_LETTERS}]{{2}}[{ALPHABET}Z]{{{_SYMBOLS + 1}}}", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[\s.\-]+")

# Damm's quasigroup of order 10 (2004): totally anti-symmetric, with zeros on the diagonal.
_DAMM: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_DIGITS_MEANT: Final = str.maketrans("OoIiLl|SsBbZz", "0011111558822")


class BadReference(ValueError):
    """The text is no reference: `code` is `reference.shape`, `reference.check` or `reference.kind`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def make(prefix: str, randbelow: Callable[[int], int] = secrets.randbelow) -> str:
    """Draw a new reference of the kind that the prefix names: two capitals, no Q, X or Z, else ValueError."""
    if not _KIND.fullmatch(prefix):
        raise ValueError(f"a kind is two capitals without Q, X and Z, not {prefix!r}")
    body = prefix + "".join(ALPHABET[randbelow(len(ALPHABET))] for _ in range(_SYMBOLS))
    return _spell(body + ALPHABET[-_weigh(body) % len(ALPHABET)])


def read(typed: str, prefix: str | None = None) -> str:
    """Read a typed reference into its one spelling; raises BadReference.

    Case, hyphens, dots and spaces are forgiven, Z is 2, and a prefix that is asked for may be left out.
    """
    bare = _bare(typed)
    if prefix is not None and len(bare) == LENGTH - len(prefix):
        bare = prefix + bare
    if not _TYPED.fullmatch(bare):  # before upper(), which makes two letters of one ß
        raise BadReference("reference.shape")
    bare = bare.upper().replace("Z", "2")
    if _weigh(bare) % len(ALPHABET):
        raise BadReference("reference.check")
    if prefix is not None and not bare.startswith(prefix):
        raise BadReference("reference.kind")
    return _spell(bare)


def check_digit(digits: str) -> str:
    """Give the digit (Damm's) that catches every wrong digit and every two neighbours exchanged.

    Leading zeros do not change it, so keep codes of one length. Raises ValueError for anything but 0 to 9.
    """
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("a check digit is made of digits only")
    state = "0"
    for digit in digits:
        state = _DAMM[int(state)][int(digit)]
    return state


def digits_right(code: str) -> bool:
    """Tell whether a code of digits ends in its check digit; false for any other text."""
    return len(code) > 1 and code.isascii() and code.isdigit() and check_digit(code) == "0"


def read_digits(typed: str) -> str:
    """Read the digits somebody typed, O for 0 and its like forgiven; `digits_right` looks at the check digit.

    Raises BadReference (`reference.shape`) when nothing or more than digits is left.
    """
    digits = _bare(typed).translate(_DIGITS_MEANT)
    if not (digits.isascii() and digits.isdigit()):
        raise BadReference("reference.shape")
    return digits


def _bare(typed: str) -> str:
    """Drop what separates symbols, typographic dashes and full-width forms included."""
    return _SEPARATORS.sub("", gsm7.fold(typed).text)


def _weigh(bare: str) -> int:
    return sum(weight * _VALUES[symbol] for weight, symbol in zip(_WEIGHTS, bare, strict=False))


def _spell(bare: str) -> str:
    return f"{bare[:2]}-{bare[2:5]}-{bare[5:8]}-{bare[8:]}"
