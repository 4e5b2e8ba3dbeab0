"""The GSM-7 alphabet: counting septets, cutting text into SMS segments, folding text into the alphabet.

Tables and sizes are those of 3GPP 23.038 and 23.040; national shift tables are not used in Kenya.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from telephony.spellings import NEAREST

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # each is sent as ESC and a code, so it costs two septets
_ALPHABET: Final = BASIC | EXTENDED

_GSM7_ROOM: Final = (160, 153)  # septets in a lone message, and in a part that carries the 6-octet header
_UCS2_ROOM: Final = (70, 67)  # the same 140 octets in UTF-16 code units

# One match of a precompiled class takes a third of the time of a set or of str.translate on a full screen.
_only_basic: Final = re.compile("[" + re.escape("".join(sorted(BASIC))) + "]*").fullmatch
_find_strangers: Final = re.compile("[^" + re.escape("".join(sorted(_ALPHABET))) + "]").findall
# Two surrogates side by side are a pair to the phone, even where Python holds them as two characters.
_find_ucs2_atoms: Final = re.compile(r"[\ud800-\udbff][\udc00-\udfff]|.", re.DOTALL).findall

# Unicode categories of what nobody sees: controls, zero-width characters, accents left on their own.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Me", "Mn"})

_MIXED_FRACTION: Final = re.compile("(?<=[0-9])(?=[\u00bc-\u00be\u2150-\u215e])")
_POWER: Final = re.compile("(?<=[0-9])(?=[\u00b2\u00b3\u00b9\u2070\u2074-\u2079])")


class NotGsm7(ValueError):
    """The text holds characters outside GSM-7; `characters` has each of them once."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        super().__init__(f"not in GSM-7: {characters!a}")
        self.characters = characters


class Folded(NamedTuple):
    """A text in GSM-7, and the characters (each once, in order) that had no near spelling and became `?`."""

    text: str
    lost: tuple[str, ...]


class Segments(NamedTuple):
    """How a text goes out as SMS: `units` are septets in gsm7 and UTF-16 code units in ucs2."""

    encoding: Literal["gsm7", "ucs2"]
    units: int
    parts: tuple[str, ...]


def strangers(text: str) -> tuple[str, ...]:
    """Name the characters outside GSM-7, each once, in order of appearance."""
    return tuple(dict.fromkeys(_find_strangers(text)))


def is_gsm7(text: str) -> bool:
    """Tell whether every character is in GSM-7, extension table included."""
    return _only_basic(text) is not None or not _find_strangers(text)


def septets(text: str) -> int:
    """Count the septets of a text; raises NotGsm7."""
    if _only_basic(text):
        return len(text)
    if odd := strangers(text):
        raise NotGsm7(odd)
    return len(text) + sum(map(text.count, EXTENDED))


def clip(text: str, septets: int) -> str:
    """Keep the longest prefix of at most so many septets, never half an escape pair; raises NotGsm7."""
    if _only_basic(text):
        return text[: max(septets, 0)]
    if odd := strangers(text):
        raise NotGsm7(odd)
    for end, character in enumerate(text):
        septets -= _septets_of(character)
        if septets < 0:
            return text[:end]
    return text


def segments(text: str) -> Segments:
    """Cut a text into the parts it is sent in, never inside an escape pair or a surrogate pair.

    One character outside GSM-7 turns the whole message into UCS-2. An empty text is one empty part.
    """
    if is_gsm7(text):
        units, parts = _cut([(character, _septets_of(character)) for character in text], *_GSM7_ROOM)
        return Segments("gsm7", units, parts)
    units, parts = _cut([(atom, _code_units_of(atom)) for atom in _find_ucs2_atoms(text)], *_UCS2_ROOM)
    return Segments("ucs2", units, parts)


def fold(text: str) -> Folded:
    """Spell a text in GSM-7, as near as can be; text that is GSM-7 already, é included, stays as it is."""
    if is_gsm7(text):
        return Folded(text, ())
    spelled: list[str] = []
    lost: dict[str, None] = {}
    for character in _compose(text):
        spelling = _spell(character)
        if spelling is None:
            lost[character] = None
        spelled.append("?" if spelling is None else spelling)
    return Folded("".join(spelled), tuple(lost))


def _septets_of(character: str) -> int:
    return 2 if character in EXTENDED else 1


def _code_units_of(atom: str) -> int:
    return sum(2 if character > "\uffff" else 1 for character in atom)


def _cut(atoms: Iterable[tuple[str, int]], lone: int, joined: int) -> tuple[int, tuple[str, ...]]:
    """Pack atoms into parts, greedily as phones do: the total, and one part if it fits alone."""
    total, room = 0, 0
    parts: list[list[str]] = []
    for atom, cost in atoms:
        if room < cost:
            parts.append([])
            room = joined
        parts[-1].append(atom)
        room -= cost
        total += cost
    whole = ["".join(part) for part in parts]
    return total, ("".join(whole),) if total <= lone else tuple(whole)


def _compose(text: str) -> str:
    """Join accents to letters and halves of surrogate pairs; keep apart what folding would run together.

    Without the latter 1½ would become 11/2, and 10² would become 102.
    """
    mended = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    mended = _POWER.sub("^", _MIXED_FRACTION.sub(" ", mended))
    return unicodedata.normalize("NFC", mended)


def _spell(character: str) -> str | None:
    """Spell one character in GSM-7, or None where nothing is near."""
    if character in _ALPHABET:
        return character
    if character in NEAREST:
        return NEAREST[character]
    if unicodedata.category(character) in _UNSEEN:
        return ""
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    pieces = unicodedata.normalize("NFKD", character)
    if pieces == character:
        return None
    spelled = [spelling for piece in pieces if (spelling := _spell(piece)) is not None]
    return "".join(spelled) if len(spelled) == len(pieces) else None
