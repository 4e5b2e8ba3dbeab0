"""Shortening: what is left of a text or a list where a small screen has no room for all of it."""

from collections.abc import Sequence

from telephony import gsm7

CUT = ".."


def shorten(text: str, septets: int) -> str:
    """A text in GSM-7 letters, of at most so many septets; what is left out shows as two dots."""
    plain = gsm7.fold(text).text
    if gsm7.septets(plain) <= septets:
        return plain
    return gsm7.clip(plain, max(0, septets - len(CUT))).rstrip() + CUT


def few(names: Sequence[str], most: int) -> str:
    """The first of these, and how many more there are: `Embu, Kitui +5`."""
    return "".join(pieces(names, most))


def pieces(names: Sequence[str], most: int) -> list[str]:
    """The same in pieces, for names that are spelled out only where they are read."""
    first = [piece for name in names[:most] for piece in (", ", name)][1:]
    return [*first, f" +{len(names) - most}"] if len(names) > most else first
