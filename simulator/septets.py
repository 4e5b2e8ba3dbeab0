"""How long a text is on the air, counted by the simulator's own tables (3GPP 23.038)."""

from dataclasses import asdict, dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
ROOM = {"gsm7": (160, 153), "ucs2": (70, 67)}  # units in a lone segment, units in each of several


@dataclass(frozen=True)
class Length:
    """The length of a text: its alphabet, its septets or code units, and its segments."""

    alphabet: str
    units: int
    segments: int

    def plain(self) -> dict[str, object]:
        """Give the length as plain data."""
        return asdict(self)


def measure(text: str) -> Length:
    """Count the units and the segments of a text."""
    alphabet = "gsm7" if all(sign in BASIC or sign in EXTENSION for sign in text) else "ucs2"
    widths = [width(sign, alphabet) for sign in text]
    alone, shared = ROOM[alphabet]
    units = sum(widths)
    return Length(alphabet, units, 1 if units <= alone else parts(widths, shared))


def width(sign: str, alphabet: str) -> int:
    """Count the units of one character."""
    wide = sign in EXTENSION if alphabet == "gsm7" else ord(sign) > 0xFFFF
    return 2 if wide else 1


def parts(widths: list[int], room: int) -> int:
    """Count the segments; a character of two units never stands in two segments."""
    segments, used = 1, 0
    for units in widths:
        if used + units > room:
            segments, used = segments + 1, 0
        used += units
    return segments
