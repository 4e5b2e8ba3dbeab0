"""Keys: what a typed choice means, and which key stands before which option."""

import unicodedata

from menus.vocabulary import Option


def keyed(options: list[Option]) -> dict[str, Option]:
    """The options by their keys: given ones, else the next number."""
    return {option.key or str(n): option for n, option in enumerate(options, 1)}


def digit(typed: str) -> str:
    """A choice as it was meant: full-width or Arabic-Indic digits, spaces and a closing dot or # forgiven."""
    plain = typed.strip().rstrip(" .#")
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
