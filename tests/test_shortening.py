"""What is left of a text or a list that is too long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony import gsm7, shortening


@pytest.mark.parametrize(
    ("text", "septets", "left"),
    [
        ("Kitui", 5, "Kitui"),
        ("Kitui", 4, "Ki.."),
        ("Ki tui", 5, "Ki.."),  # no blank before the dots
        ("a[b]c", 7, "a[b]c"),  # brackets take two septets each
        ("a[b]c", 6, "a[b.."),
        ("Ng\u2019ang\u2019a", 8, "Ng'ang'a"),
        ("Kitui", 1, ".."),
    ],
)
def test_a_text(text: str, septets: int, left: str) -> None:
    assert shortening.shorten(text, septets) == left


@given(st.text(max_size=60), st.integers(2, 60))
def test_it_fits_whatever_it_was(text: str, septets: int) -> None:
    left = shortening.shorten(text, septets)
    assert gsm7.is_gsm7(left) and gsm7.septets(left) <= septets


@pytest.mark.parametrize(
    ("names", "left"),
    [([], ""), (["Embu"], "Embu"), (["Embu", "Kitui"], "Embu, Kitui"), (["a", "b", "c", "d"], "a, b +2")],
)
def test_a_list(names: list[str], left: str) -> None:
    assert shortening.few(names, 2) == left
