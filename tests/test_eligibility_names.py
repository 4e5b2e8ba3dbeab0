"""How alike two names are: what is forgiven, and what needs a person to look at it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operations.names import likeness, parts, same
from operations.registers import ALIKE

# The same person, spelled by two offices.
ALIKE_NAMES = [
    ("Amina Wanjiru Otieno", "OTIENO AMINA WANJIRU"),
    ("Amina Wanjiru Otieno", "Otieno, A. W."),
    ("Amina W Otieno", "AMINA WANJIRU OTIENO"),
    ("Amina Otieno", "AMINA WANJIRU OTIENO"),
    ("Christopher Simiyu", "CHRISTOPHER WAMALWA WANYONYI SIMIYU"),
    ("Peter Ng'ang'a", "NGANGA PETER"),
    ("N\u00e9ema Atieno", "NEEMA ATIENO"),
    ("Mohamed Ali Hassan", "MOHAMMED ALLY HASSAN"),
    ("Mr. John Kiprono", "KIPRONO JOHN"),
    ("Grace Akinyi Odhiambo", "GRACE AKINYI OUMA"),  # married since: two of three names
]
# Two people, or one whom the council should look at.
UNLIKE_NAMES = [
    ("Amina Wanjiru Otieno", "PETER KAMAU NJOROGE"),
    ("Peter Kamau", "PETER OTIENO"),
    ("Mary Wanjiku", "MARY WAMBUI"),
    ("Otieno", "AMINA WANJIRU OTIENO"),
    ("A. W. O.", "AMINA WANJIRU OTIENO"),
    ("", "AMINA WANJIRU OTIENO"),
    ("", ""),
]


@pytest.mark.parametrize(("one", "other"), ALIKE_NAMES)
def test_one_person_spelled_twice(one: str, other: str) -> None:
    assert likeness(one, other) >= ALIKE


@pytest.mark.parametrize(("one", "other"), UNLIKE_NAMES)
def test_two_people(one: str, other: str) -> None:
    assert likeness(one, other) < ALIKE


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_a_share_whatever_is_compared(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 100
    assert likeness(one, one) == (100 if parts(one) else 0)


def test_the_same_parts_are_the_same_name() -> None:
    assert same("Amina Wanjiru OTIENO", "otieno, Amina  Wanjiru")
    assert not same("Amina Otieno", "Amina W Otieno")
