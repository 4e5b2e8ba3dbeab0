"""Register texts: what somebody wrote of a day's register after the keyword, read forgivingly.

`482913 ALL`, `482 913 ab 3 7`, `O7l23s p 1 2 4 ab 3`, `482913 hawapo 3 na 7`. Digits before the first word
make the code. Pure: whether the code is right and the numbers are somebody's is for others to say.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from operations.refusals import Refusal
from telephony import references

ALL, PRESENT, ABSENT, EXCEPT = "all", "present", "absent", "except"
# Every word that may stand in a text, folded: English, then Kiswahili.
WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("all", "everyone", "everybody", "full", "wote", "sote"), ALL),
    **dict.fromkeys(("p", "present", "pres", "yupo", "wapo", "tupo"), PRESENT),
    **dict.fromkeys(("ab", "abs", "absent", "missing"), ABSENT),
    **dict.fromkeys(("hayupo", "hawapo", "hayuko", "hawako"), ABSENT),
    **dict.fromkeys(("except", "isipokuwa", "ila", "kasoro"), EXCEPT),
}
# Words that stand together are one of these runs, or nothing is marked: a wrong guess inverts a register.
# Without numbers behind them: everybody's mark.
WITHOUT: Final[Mapping[tuple[str, ...], bool]] = {
    (ALL,): True,
    (ALL, PRESENT): True,
    (PRESENT, ALL): True,
    (ALL, ABSENT): False,
    (ABSENT, ALL): False,
}
# With numbers behind them: everybody's mark, where one is said, and the mark of these numbers.
WITH: Final[Mapping[tuple[str, ...], tuple[bool | None, bool]]] = {
    (PRESENT,): (None, True),
    (ABSENT,): (None, False),
    (EXCEPT,): (True, False),
    (EXCEPT, ABSENT): (True, False),
    (ALL, ABSENT): (True, False),
    (ALL, PRESENT, ABSENT): (True, False),
    (ALL, EXCEPT): (True, False),
    (ALL, EXCEPT, ABSENT): (True, False),
    (ALL, PRESENT, EXCEPT): (True, False),
    (PRESENT, ALL, EXCEPT): (True, False),
    (ALL, PRESENT, EXCEPT, ABSENT): (True, False),
    (ALL, ABSENT, EXCEPT): (False, True),
    (ABSENT, ALL, EXCEPT): (False, True),
    (ALL, ABSENT, PRESENT): (False, True),
    (ABSENT, ALL, PRESENT): (False, True),
}
# Words that stand between and say nothing.
FILLERS: Final = frozenset(
    (
        *("and", "na", "nos", "number", "numbers", "are", "is", "the", "please", "officer", "officers"),
        *("namba", "nambari", "ni", "tafadhali"),
    )
)
RANGE: Final = "-"  # how `3-7` and `3..7` come: what stands between the numbers
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

    Raises Refusal `register.code_shape`, `register.not_understood`, `register.range` or
    `register.contradiction`.
    """
    tokens = [token for word in meant(list(words)) for token in parted(word)]
    head = next((n for n, token in enumerate(tokens) if token in WORDS), len(tokens))
    before, after = tokens[:head], tokens[head:]
    if not before:
        before, after = late_code(after)
    return judged(read_code([token for token in before if token != RANGE]), list(runs(after)))


def meant(words: list[str]) -> Iterator[str]:
    """The words without those that say nothing; "no" is one before a number only: `ALL NO AB` is refused."""
    for word, following in pairwise([*words, ""]):
        if word not in FILLERS and not (word == "no" and NUMBER.fullmatch(following)):
            yield word


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
    """A roster number; letters that look like digits are forgiven beside a digit. A range is refused:
    `3-7` may be two people or five."""
    if token == RANGE:
        raise Refusal("register.range")
    if not NUMBER.fullmatch(token) or len(token) > 12:
        raise Refusal("register.not_understood")
    return int(references.read_digits(token))


def runs(tokens: list[str]) -> Iterator[tuple[tuple[str, ...], frozenset[int]]]:
    """The words that stand together, each kind once, with the numbers behind them."""
    parts = [(is_word, list(part)) for is_word, part in groupby(tokens, WORDS.__contains__)]
    for (is_word, part), (_, behind) in pairwise([*parts, (False, [])]):
        if is_word:
            yield tuple(dict.fromkeys(WORDS[token] for token in part)), frozenset(map(read_number, behind))


def judged(code: str, said: list[tuple[tuple[str, ...], frozenset[int]]]) -> Said:
    """What the runs say together."""
    everyone = set[bool | None]()
    named: dict[bool, frozenset[int]] = {True: frozenset(), False: frozenset()}
    for n, (run, numbers) in enumerate(said):
        if run not in (WITH if numbers else WITHOUT) or (EXCEPT in run and n > 0):
            raise Refusal("register.not_understood")
        others, mark = WITH[run] if numbers else (WITHOUT[run], True)
        everyone.add(others)
        named[mark] |= numbers
    both = sorted(named[True] & named[False])
    if both:
        raise Refusal("register.contradiction", register_numbers=", ".join(map(str, both[:3])))
    if len(everyone - {None}) > 1:
        raise Refusal("register.not_understood")
    return Said(code, next(iter(everyone - {None}), None), named[True], named[False])
