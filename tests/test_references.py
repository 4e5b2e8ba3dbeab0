"""Every slip the check symbols promise to catch is tried, and every spelling they promise to forgive."""

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony import references
from telephony.references import ALPHABET

KIND_LETTERS = "ABCDEFGHIJKLMNOPRSTUVWY"
SEEDS = st.integers(0, 2**32)
KINDS = st.text(KIND_LETTERS, min_size=2, max_size=2)

patient = settings(deadline=None)


def drawn(prefix: str, seed: int) -> str:
    return references.make(prefix, random.Random(seed).randrange)


def refusal(typed: str, prefix: str | None = None) -> str:
    with pytest.raises(references.BadReference) as caught:
        references.read(typed, prefix)
    assert isinstance(caught.value, ValueError)
    return caught.value.code


def test_alphabet_has_no_look_alikes_and_a_prime_size() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 23
    for alike in ("0O", "1IL", "5S", "8B", "2Z"):
        assert len(set(alike) & set(ALPHABET)) <= 1
    assert not set(ALPHABET) & set("AEIOU")


@given(KINDS, SEEDS)
@patient
def test_make_is_read_back(prefix: str, seed: int) -> None:
    reference = drawn(prefix, seed)
    assert [len(group) for group in reference.split("-")] == [2, 3, 3, 1]
    assert references.read(reference) == references.read(reference, prefix) == reference


def test_make_draws_from_the_systems_randomness() -> None:
    assert len({references.make("AP") for _ in range(200)}) == 200


@pytest.mark.parametrize("prefix", ["", "A", "APP", "ap", "A1", "AQ", "XA", "ZA", "A\n"])
def test_make_refuses_what_cannot_name_a_kind(prefix: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        references.make(prefix)


@given(KINDS, SEEDS)
@patient
def test_every_wrong_symbol_is_caught(prefix: str, seed: int) -> None:
    bare = drawn(prefix, seed).replace("-", "")
    for place, wrong in product(range(9), KIND_LETTERS + ALPHABET):
        slip = bare[:place] + wrong + bare[place + 1 :]
        if slip != bare:
            assert refusal(slip) in {"reference.check", "reference.shape"}


@given(KINDS, SEEDS)
@patient
def test_any_two_exchanged_are_caught(prefix: str, seed: int) -> None:
    bare = drawn(prefix, seed).replace("-", "")
    for first, second in product(range(9), range(9)):
        slip = list(bare)
        slip[first], slip[second] = slip[second], slip[first]
        if "".join(slip) != bare:
            assert refusal("".join(slip)) in {"reference.check", "reference.shape"}


REFERENCE = references.make("AP", lambda _: 0)  # AP-222-222- and its check symbol
CHECK = REFERENCE[-1]


@pytest.mark.parametrize(
    "typed",
    [
        f"AP-222-222-{CHECK}",
        f"ap222222{CHECK.lower()}",
        f" AP 222 222 {CHECK}\n",
        f"A.P.2.2.2.2.2.2.{CHECK}.",
        f"AP--222-222{CHECK}",
        f"AP–222—222‑{CHECK}",
        f"AP-ZZZ-zz2-{CHECK}",
        f"ＡＰ\xa0222\u200b222{CHECK}",
    ],
)
def test_read_forgives(typed: str) -> None:
    assert references.read(typed) == REFERENCE


def test_read_adds_the_kind_it_was_asked_for() -> None:
    assert references.read(f"222-222-{CHECK}", "AP") == REFERENCE
    assert refusal(f"222-222-{CHECK}") == "reference.shape"
    assert refusal(f"222-222-{CHECK}", "DP") == "reference.check"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "AP",
        "AP-222-222",
        f"AP-222-222-{CHECK}2",
        f"AP-O22-222-{CHECK}",
        f"A2-222-222-{CHECK}",
        "ß" + REFERENCE[2:],
        "APſ22222",
        "\ud83d",
    ],
)
def test_read_refuses_another_shape(typed: str) -> None:
    assert refusal(typed) == "reference.shape"


def test_read_refuses_another_kind() -> None:
    assert refusal(drawn("DP", 1), "AP") == "reference.kind"
    assert refusal("DP" + REFERENCE[2:], "AP") == "reference.check"


@pytest.mark.parametrize("digits", ["00000", "12345", "99999", "40917", "572"])
def test_check_digit_catches_every_slip(digits: str) -> None:
    code = digits + references.check_digit(digits)
    assert references.digits_right(code)
    for place, wrong in product(range(len(code)), "0123456789"):
        slip = code[:place] + wrong + code[place + 1 :]
        assert references.digits_right(slip) == (slip == code)
    for place in range(len(code) - 1):
        slip = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert references.digits_right(slip) == (slip == code)


def test_check_digit_is_damms() -> None:
    assert references.check_digit("572") == "4"


def test_check_digit_catches_every_wrong_pair() -> None:
    right = {a + b + references.check_digit(a + b) for a, b in product("0123456789", repeat=2)}
    for code in right:
        first, second, check = tuple(code)
        assert first == second or second + first + check not in right
        assert second == check or first + check + second not in right


@pytest.mark.parametrize("digits", ["", "12a", "٣٤", "²", "1 2"])
def test_check_digit_wants_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        references.check_digit(digits)
    assert not references.digits_right(digits)


def test_one_digit_is_no_code() -> None:
    assert not references.digits_right("0")


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("123456", "123456"),
        ("l2O-4S6", "120456"),
        ("I o B b s z |", "1088521"),
        (" 12.34-56\n", "123456"),
        ("１２３４５６", "123456"),
        ("000001", "000001"),
    ],
)
def test_read_digits(typed: str, digits: str) -> None:
    assert references.read_digits(typed) == digits


@pytest.mark.parametrize("typed", ["", " - ", "12x", "12#", "-1+2", "\ud83d"])
def test_read_digits_refuses(typed: str) -> None:
    with pytest.raises(references.BadReference) as caught:
        references.read_digits(typed)
    assert caught.value.code == "reference.shape"
