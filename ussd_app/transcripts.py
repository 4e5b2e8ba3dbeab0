"""The transcript: Africa's Talking repeats all input of a session in every `text`, joined by `*`.

What is new is what stands behind the part that was seen; a `*` that somebody typed is part of it. The seen
part is known by its length and keyed hash only, for it may hold a password.
"""

from collections.abc import Callable


def added(text: str, seen: int, digest: bytes, hashed: Callable[[str], bytes]) -> tuple[int, int] | None:
    """Where the new input stands in `text`, or None where this is not the transcript that was seen, grown.

    With nothing seen yet (the first screen), all of it is new.
    """
    if len(text) < seen or hashed(text[:seen]) != digest:
        return None
    if seen == 0:
        return (0, len(text)) if text else None
    if len(text) == seen or text[seen] != "*":
        return None
    return seen + 1, len(text)
