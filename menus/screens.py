"""Drawing: words, lists and long texts laid out on a screen of 160 septets, page by page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from menus.vocabulary import Blank
from telephony import gsm7

# The whole body with its `CON ` or `END ` is at most 160 septets on every Kenyan network.
WHOLE, PREFIX = 160, 4
ROOM = WHOLE - PREFIX
# The words for a wrong choice are at most this long: they stand on top of any page of a list.
NOTE_ROOM = 24
BLANK = re.compile(r"\{(\w+)\}")
LONGEST_PART = 20  # letters of a part of a number or a date, and more


@dataclass(frozen=True)
class Foot:
    """The words of the navigation keys; an empty one is not drawn."""

    back: str = ""
    home: str = ""
    more: str = ""
    behind: bool = True  # whether there is a way back from the first page

    def line(self, page: int, last: bool) -> str:
        """The last line of a page."""
        words = (self.back if page or self.behind else "", self.home, "" if last else self.more)
        return " ".join(word for word in words if word)

    @property
    def whole(self) -> str:
        """The line with every key. Pages are cut to leave room for it, so they are cut alike on each."""
        return self.line(page=1, last=False)


def fill(words: str, values: Mapping[str, str], blanks: Mapping[str, Blank]) -> str:
    """The words with their blanks filled, in one pass: a value is never read as a blank again."""
    if "{" not in words:
        return words
    return BLANK.sub(lambda blank: fit(values.get(blank[1], ""), blanks.get(blank[1])), words)


def fit(value: str, blank: Blank | None) -> str:
    """A value as a screen may show it: one line of GSM-7, no longer than the longest real one."""
    plain = " ".join(value.split())
    plain = plain if gsm7.is_gsm7(plain) else gsm7.fold(plain).text
    if blank is None or len(plain) <= blank.septets // 2 or gsm7.septets(plain) <= blank.septets:
        return plain
    return gsm7.clip(plain, max(0, blank.septets - 2)) + ".."


def stack(*parts: str) -> str:
    """The parts that say something, each on its line."""
    return "\n".join(part for part in parts if part)


def fits(text: str) -> bool:
    """Whether a screen takes this text with its prefix."""
    return gsm7.septets(text) <= ROOM


def list_pages(head: str, lines: list[str], foot: Foot) -> list[list[str]]:
    """The lines of each page: as many as fit below the head, the same whatever note stands on top."""
    top = max(gsm7.septets(head), NOTE_ROOM)
    if not lines or top + sum(map(septets_of, [*lines, foot.line(0, last=True)])) <= ROOM:
        return [lines]
    return greedy(lines, ROOM - top - septets_of(foot.whole))


def septets_of(line: str) -> int:
    """A line's room with its line break; an empty one takes none."""
    return gsm7.septets(line) + 1 if line else 0


def greedy(lines: list[str], room: int) -> list[list[str]]:
    """Fill page after page; a line that is too long for any page is clipped, never dropped."""
    pages: list[list[str]] = [[]]
    left = room
    for line in lines:
        shown = line if septets_of(line) <= room else gsm7.clip(line, room - 3) + ".."
        if septets_of(shown) > left and pages[-1]:
            pages.append([])
            left = room
        pages[-1].append(shown)
        left -= septets_of(shown)
    return pages


def list_screen(note: str, head: str, lines: list[str], page: int, foot: Foot) -> str:
    """One page of a list. A note stands above the head, or in its place where both do not fit."""
    pages = list_pages(head, lines, foot)
    at = min(page, len(pages) - 1)
    last = foot.line(at, last=at == len(pages) - 1)
    whole = stack(note, head, *pages[at], last)
    if not note or fits(whole):
        return whole
    shorter = stack(note, *pages[at], last)
    return shorter if fits(shorter) else stack(note, last)


def text_pages(text: str, tail: list[str], foot: Foot) -> list[str]:
    """A long text cut at spaces into pages; the options that follow it stand on the last one."""
    if fits(stack(text, *tail, foot.line(0, last=True))):
        return [stack(text, *tail)]
    pages, rest = [], text.strip()
    room = ROOM - septets_of(foot.whole)
    while rest:
        piece = cut(rest, room)
        pages.append(piece.rstrip())
        rest = rest[len(piece) :].lstrip()
    if tail and not (pages and fits(stack(pages[-1], *tail, foot.line(1, last=True)))):
        pages.append("")
    pages[-1] = stack(pages[-1], *tail)
    return pages


def cut(text: str, room: int) -> str:
    """The longest beginning that fits, ending at a space in its second half: at one outside a phone number,
    a date or an amount, if there is one."""
    piece = gsm7.clip(text, room)
    if len(piece) == len(text):
        return piece
    within = 0
    for at in range(len(piece), max(1, len(piece) // 2) - 1, -1):
        if text[at].isspace():
            if not glued(text, at):
                return text[:at]
            within = within or at
    return text[: within or len(piece)]


def glued(text: str, at: int) -> bool:
    """Whether this space is one of those in `0722 000 117`, `Mon 23 Nov 2026` and `KES 2,500`."""
    before, after = text[max(0, at - LONGEST_PART) : at].split()[-1:], text[at + 1 : at + 2]
    if text[at] != " " or not before or not after.isalnum():
        return False
    first, last = before[0][0], before[0][-1]
    if after.isdigit():
        return last.isdigit() or (first.isupper() and last.isalnum())
    return last.isdigit() and not first.isalpha()


def text_screen(note: str, text: str, tail: list[str], page: int, foot: Foot) -> str:
    """One page of a text. A note stands above it; where both do not fit it takes the text's place, if options
    stand there to choose from, else the text stays."""
    pages = text_pages(text, tail, foot)
    at = min(page, len(pages) - 1)
    last = at == len(pages) - 1
    alone, whole = (stack(*above, pages[at], foot.line(at, last)) for above in ((), (note,)))
    if not note or fits(whole):
        return whole
    return stack(note, *tail, foot.line(at, last)) if tail and last else alone
