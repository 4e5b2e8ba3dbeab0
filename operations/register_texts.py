"""Register texts: what somebody wrote of a day's register after the keyword, read forgivingly.

`482913 ALL`, `482 913 ab 3 7`, `O7l23s p 1 2 4 ab 3`, `482913 hawapo 3 na 7`. Digits before the first word
make the code. Pure: whether the code is right and the numbers are somebody's is for others to say.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from operations.refusals import Refusal
from telephony import references

ALL, PRESENT, ABSENT = "all", "present", "absent"
# Every word that may stand in a text, folded: English, then Kiswahili.
WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("all", "everyone", "everybody", "full", "wote", "sote"), ALL),
    **dict.fromkeys(("p", "present", "pres", "yupo", "wapo", "tupo"), PRESENT),
    **dict.fromkeys(("ab", "abs", "absent", "except", "missing"), ABSENT),
    **dict.fromkeys(("hayupo", "hawapo", "hayuko", "hawako", "isipokuwa", "ila", "kasoro"), ABSENT),
}
# Words that stand between and say nothing.
FILLERS: Final = frozenset(
    (
        *("and", "na", "no", "nos", "number", "numbers", "are", "is", "the", "please", "officer", "officers"),
        *("namba", "nambari", "ni", "tafadhali"),
    )
)
CODE_DIGITS: Final = 6
LIKE_DIGITS: Final = "0-9oilszb"  # what `references.read_digits` takes for a digit
TOKEN: Final = re.compile(f"[{LIKE_DIGITS}]+")
NUMBER: Final = re.compile(f"(?=[a-z]*[0-9])[{LIKE_DIGITS}]+")
# A code or number written together with the word behind it, or a word with the number behind it.
LONGEST_FIRST: Final = "|".join(sorted(WORDS, key=len, reverse=True))
TOGETHER: Final = re.compile(f"([{LIKE_DIGITS}]*?)({LONGEST_FIRST})((?:[0-9].*)?)")


@dataclass(frozen=True)
class Said:
    """What a text says: the code, and who is present or absent; without marks it only asks."""

    code: str = ""
    everyone: bool | None = None  # all present, or all absent
    present: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()

    @property
    def asks(self) -> bool:
        """Whether nothing is said of anybody."""
        return self.everyone is None and not self.present and not self.absent

    def marks(self, required: Iterable[int]) -> dict[int, bool]:
        """Each number's mark. Whoever is only said to be absent leaves the others present."""
        others = self.everyone if self.everyone is not None else (None if self.present else True)
        named = dict.fromkeys(self.present, True) | dict.fromkeys(self.absent, False)
        return named if others is None else dict.fromkeys(required, others) | named


def read(words: Iterable[str]) -> Said:
    """What these folded words say.

    Raises Refusal `register.code_shape`, `register.not_understood` or `register.contradiction`.
    """
    tokens = [token for word in words if word not in FILLERS for token in parted(word)]
    head = next((n for n, token in enumerate(tokens) if token in WORDS), len(tokens))
    before, after = tokens[:head], tokens[head:]
    if not before:
        before, after = late_code(after)
    code = read_code(before)
    groups = dict[str, set[int]]()
    group = ""
    for token in after:
        if token in WORDS:
            group = WORDS[token]
            groups.setdefault(group, set())
        else:
            groups[group].add(read_number(token))
    return judged(code, groups)


def parted(word: str) -> Iterator[str]:
    """A word as it is, or the number and the word that were written together."""
    if word in WORDS or NUMBER.fullmatch(word):
        yield word
        return
    together = TOGETHER.fullmatch(word)
    if together is None:
        yield word
        return
    number, name, rest = together.groups()
    yield from filter(None, (number, name))
    if rest:
        yield from parted(rest)


def late_code(tokens: list[str]) -> tuple[list[str], list[str]]:
    """A code behind its words is a code all the same, where one token looks like it."""
    like = [token for token in tokens if NUMBER.fullmatch(token) and len(token) == CODE_DIGITS]
    if len(like) != 1:
        return [], tokens
    return like, [token for token in tokens if token != like[0]]


def read_code(tokens: list[str]) -> str:
    """The six digits that these tokens make; empty where there are none."""
    if not tokens:
        return ""
    typed = "".join(tokens)
    if not TOKEN.fullmatch(typed):
        raise Refusal("register.not_understood")
    digits = references.read_digits(typed)
    if len(digits) != CODE_DIGITS:
        raise Refusal("register.code_shape")
    return digits


def read_number(token: str) -> int:
    """A roster number; letters that look like digits are forgiven beside a digit."""
    if not NUMBER.fullmatch(token) or len(token) > 12:
        raise Refusal("register.not_understood")
    return int(references.read_digits(token))


def judged(code: str, groups: Mapping[str, set[int]]) -> Said:
    """What the groups say together."""
    present, absent = groups.get(PRESENT, set()), groups.get(ABSENT, set())
    both = sorted(present & absent)
    if both:
        raise Refusal("register.contradiction", register_numbers=", ".join(map(str, both[:3])))
    if ALL in groups:
        named = groups[ALL] | present | absent
        if (PRESENT in groups and ABSENT in groups and not named) or groups[ALL]:
            raise Refusal("register.not_understood")
        return Said(code, not (ABSENT in groups and not absent), frozenset(present), frozenset(absent))
    if any(not numbers for numbers in groups.values()):
        raise Refusal("register.not_understood")
    return Said(code, None, frozenset(present), frozenset(absent))
