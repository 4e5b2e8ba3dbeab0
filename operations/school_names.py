"""School names: whether two spellings are one school's, short forms and the order of words aside."""

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from telephony import gsm7

# How the words of a school's kind are written; two kinds of one school are never opposed.
KINDS: Final = {
    **dict.fromkeys(("primary", "pri", "prim", "prm", "pry", "ps"), frozenset({"primary"})),
    **dict.fromkeys(("secondary", "sec", "second", "ss", "senior"), frozenset({"secondary"})),
    **dict.fromkeys(("high", "hs", "hsch"), frozenset({"secondary"})),
    **dict.fromkeys(("junior", "js", "jss", "jnr"), frozenset({"junior"})),
    **dict.fromkeys(("comprehensive", "comp"), frozenset({"primary", "junior"})),
    **dict.fromkeys(("academy", "acad", "acd"), frozenset({"academy"})),
    **dict.fromkeys(("college", "coll"), frozenset({"college"})),
}
# Words that say nothing of which school it is.
FILLERS: Final = frozenset(("school", "sch", "schl", "skul", "schools", "mixed", "the", "of", "for", "and"))
# One spelling of words that do: Girls and Boys are two schools.
SPELLED: Final = {
    **dict.fromkeys(("girl", "grls", "gals"), "girls"),
    **dict.fromkeys(("boy", "bys"), "boys"),
    "saint": "st",
    "mount": "mt",
    "centre": "center",
}
SLASHED: Final = re.compile(r"\b([a-z])[/.]\s?([a-z])\b\.?")  # H/S, P.S.


class Name(NamedTuple):
    """A name taken apart: the words that tell which school it is, and those of its kind."""

    own: frozenset[str]
    kinds: frozenset[str]


def words(text: str) -> list[str]:
    """The words of a name: small letters and digits, H/S as one word."""
    small = SLASHED.sub(r"\1\2", gsm7.fold(text).text.casefold().replace("'", ""))
    return "".join(c if c.isalnum() else " " for c in small).split()


def apart(text: str) -> Name:
    """A name, taken apart."""
    said = words(text)
    kinds = frozenset[str]().union(*(KINDS[word] for word in said if word in KINDS))
    own = frozenset(SPELLED.get(word, word) for word in said if word not in KINDS and word not in FILLERS)
    return Name(own, kinds)


def same(one: str, other: str, areas: Collection[str] = ()) -> bool:
    """Whether both name one school; where both are in these areas, their names need not be said.

    A kind that is left out may be any: "Thika Riverside" is "Thika Riverside Primary", as its people say it.
    """
    first, second = apart(one), apart(other)
    if first.kinds and second.kinds and not first.kinds & second.kinds:
        return False
    here = frozenset(word for area in areas for word in words(area))
    # A name that is nothing but the area's is that school's own: Thika Primary is not Thika Riverside.
    mine, theirs = (
        (name.own - here) if name.own - here - {"girls", "boys"} else name.own for name in (first, second)
    )
    return bool(mine - {"girls", "boys"}) and mine == theirs
