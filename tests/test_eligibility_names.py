"""How alike two names are: what is forgiven, and what needs a person to look at it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operations.names import likeness, parts, payable, same
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


# Whether money for the one may go to a phone in the other.
PAYABLE = [
    ("Fatuma Atieno Hassan", "HASSAN FATUMA ATIENO", True),
    ("Fatuma Atieno Hassan", "FATUMA HASSAN", True),  # M-Pesa lacks the middle name
    ("Fatuma Hassan", "FATUMA ATIENO HASSAN", True),
    ("N\u00e9ema Ng'ang'a", "NGANGA NEEMA", True),
    ("Mohamed Abdi Hassan", "MOHAMMED ABDI HASAN", True),  # slips
    ("James M. Makori", "JAMES MASINDE MAKORI", True),
    ("J. Masinde Makori", "MASINDE MAKORI JAMES", True),
    ("Fatuma Atieno Mwamburi", "FATUMA ATIENO HASSAN", False),
    ("James Masinde Makori", "PETER MASINDE MAKORI", False),
    ("Fatuma Mwamburi", "FATUMA ATIENO HASSAN", False),
    ("Peter Otieno Omondi", "PETER ATIENO OMONDI", False),  # no slip: a sister's name
    ("Hassan Hassan", "HASSAN OMAR", False),  # each name needs one of its own
    ("James M.", "JAMES MASINDE", False),  # one name is too few
    ("James", "JAMES", False),
    ("J. M.", "J. M.", False),
    ("", "", False),
]


@pytest.mark.parametrize(("one", "other", "may"), PAYABLE)
def test_whose_phone_is_paid(one: str, other: str, may: bool) -> None:
    assert payable(one, other) is may is payable(other, one)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_a_share_whatever_is_compared(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 100
    assert likeness(one, one) == (100 if parts(one) else 0)
    assert payable(one, one) == (len([part for part in parts(one) if len(part) > 1]) > 1)


def test_the_same_parts_are_the_same_name() -> None:
    assert same("Amina Wanjiru OTIENO", "otieno, Amina  Wanjiru")
    assert not same("Amina Otieno", "Amina W Otieno")
