"""Denials: what an SMS says is not so, or not wanted, which is never read as its opposite."""

import re
from typing import Final

# "I do not", in both languages: the answer that stands behind it is not the one that is meant.
NEGATIVES: Final = frozenset(
    (
        *("not", "never", "cannot", "dont", "cant", "wont", "didnt", "wouldnt", "couldnt"),
        *("si", "sio", "siyo", "sitaki", "siwezi", "sitaweza", "hatutaki", "hatuwezi", "sipendi"),
    )
)
MOST_LEAD: Final = 6  # words before the one that a negative is about: "I am sorry but I cannot accept"


# A Kiswahili verb that is denied is one letter or two from the same verb that is not: sikubali, nakubali.
_DENIED: Final = re.compile(
    r"(?:u|m|a|wa|tu|ni)?(?:si|ha|hu|hatu|hawa|ham)(?:ku|ta|ja|to|nge)?"
    r"(?:kubal|kata|omb|tak|ondo|thibitish|jisajil|anz|ach)[a-z]{0,5}"
)
_ACCEPTING: Final = re.compile(r"accept(?:s|ed|ing)?|(?:ku|na|ni|tu|nime|nita)?kubali(?:ana)?")
_SHORTENED: Final = re.compile(r"\b(do|ca|wo|did|would|could)n'?\s?t\b")  # don't, don t


def spell_out(text: str) -> str:
    """A folded text in which don't is one word."""
    return _SHORTENED.sub(r"\1nt", text)


def begins(words: list[str]) -> bool:
    """Whether a text begins with what is denied, so that no keyword is guessed at there."""
    first = words[:2]
    return not NEGATIVES.isdisjoint(first) or any(map(_DENIED.fullmatch, (*first, "".join(first))))


def of_accept(words: list[str]) -> int | None:
    """Where the ACCEPT stands that a negative before it denies; None where there is none."""
    for at, word in enumerate(words[: MOST_LEAD + 1]):
        if _ACCEPTING.fullmatch(word) and not NEGATIVES.isdisjoint(words[:at]):
            return at
    return None
