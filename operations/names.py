"""Names of people: how alike two of them are, whoever spelled them."""

import re
import unicodedata
from typing import Final

from rapidfuzz import fuzz

TITLES: Final = frozenset(("mr", "mrs", "ms", "miss", "mwl", "dr", "prof", "rev", "madam"))
SLIP: Final = 80  # one letter of five that is wrong, missing or too many
LEAST_SHARED: Final = 2
# Accents that stand beside their letters, and apostrophes of every make: Ng'ang'a.
UNSEEN: Final = re.compile("[\u0300-\u036f'`\u2018\u2019\u02bc]")


def likeness(one: str, other: str) -> int:
    """How alike two names are, 0 to 100: order, case and accents are forgiven, initials stand for names.

    A name left out costs a little where at least two others are shared. Initials alone are like nobody.
    """
    first, second = parts(one), parts(other)
    if set(first) & set(second):
        first, second = spelled_out(first, second), spelled_out(second, first)
    left, right = " ".join(sorted(first)), " ".join(sorted(second))
    whole = fuzz.ratio(left, right) if left and right else 0
    if len(set(first) & set(second)) >= 2:
        whole = max(whole, (whole + fuzz.token_set_ratio(left, right)) / 2)
    return round(whole)


def payable(one: str, other: str) -> bool:
    """Whether money for one of these names may go to a phone in the other: one of them may leave names out.

    Every name of the shorter has one of its own in the longer, the same but for a slip, two at least;
    initials count for nothing. Stricter than `likeness`: whoever shares a family's names is another person.
    """
    first, second = ([part for part in parts(name) if len(part) > 1] for name in (one, other))
    few, left = sorted((first, second), key=len)
    for name in few:
        meant = max(left, key=lambda each: slip(name, each), default="")
        if slip(name, meant) < SLIP:
            return False
        left.remove(meant)
    return len(few) >= LEAST_SHARED


def slip(one: str, other: str) -> float:
    """How alike two single names are, 0 to 100. Otieno is no slip for Atieno: first letters tell brothers."""
    return fuzz.ratio(one, other) if one[:1] == other[:1] else 0


def same(one: str, other: str) -> bool:
    """Whether both have the same parts, in whatever order and case."""
    return sorted(parts(one)) == sorted(parts(other))


def parts(name: str) -> list[str]:
    """The parts of a name, folded: `Mr. A.W. Ng'ang'a` is a, w, nganga."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    joined = UNSEEN.sub("", letters)
    return [part for part in re.findall(r"[a-z0-9]+", joined) if part not in TITLES]


def spelled_out(names: list[str], others: list[str]) -> list[str]:
    """These names with each initial replaced by the other side's name that it may stand for."""
    left = [name for name in others if name not in names and len(name) > 1]
    whole = []
    for name in names:
        meant = next((full for full in left if len(name) == 1 and full.startswith(name)), name)
        if meant in left:
            left.remove(meant)
        whole.append(meant)
    return whole
