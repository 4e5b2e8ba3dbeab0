"""What is new in a transcript: the part behind what was seen, whatever it holds."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ussd_app.transcripts import added


def hashed(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=b"test").digest()


@pytest.mark.parametrize(
    ("seen", "text", "new"),
    [
        ("", "1", "1"),
        ("1", "1*2", "2"),
        ("1", "1*a*b*c", "a*b*c"),
        ("1", "1**", "*"),
        ("1", "1*", ""),
        ("1*", "1**2", "2"),
        ("", "*", "*"),
        ("", "", None),
        ("1", "1", None),
        ("1*2", "1", None),
        ("1", "2*3", None),
        ("1", "12", None),
    ],
)
def test_new_input_is_what_stands_behind_the_seen(seen: str, text: str, new: str | None) -> None:
    span = added(text, len(seen), hashed(seen), hashed)
    assert (text[slice(*span)] if span else None) == new


@given(st.lists(st.text(max_size=12), max_size=6), st.text(min_size=1, max_size=12))
def test_any_input_is_found_whole(inputs: list[str], typed: str) -> None:
    seen = "*".join(inputs)
    text = f"{seen}*{typed}" if seen else typed
    span = added(text, len(seen), hashed(seen), hashed)
    assert span is not None
    assert text[slice(*span)] == typed
