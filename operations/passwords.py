"""Passwords: the rules a new one must meet, and the slow hash that keeps it."""

import hashlib
import hmac
import re

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type

from operations.office import Office
from operations.refusals import Refusal

LEAST, MOST = 6, 32
# What a 12-key phone types without hunting; `0` and `00` are navigation and too short anyway.
TYPABLE = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,?!'-@/:;()&+=_$%\"<>*#¡"
)
RUNS = ("0123456789" * 3 + "0", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
WORDS = frozenset({"password", "nenosiri", "knec", "knec22262", "mwalimu", "teacher", "kenya", "cp2cp2"})
# OWASP's argon2id floor: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
# Compared with when there is no account, so that strangers wait as long as everybody.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Y3AyLW5vYm9keS1oZXJlIQ$e52B1pGGNsBNQZrHrnUzjS2ahJp0rLn9dqHXRuj3KlE"


def judge(password: str, phone: str, username: str = "") -> None:
    """Raise a Refusal that says why this password will not do: short, long, unusual or easy to guess."""
    if len(password) < LEAST:
        raise Refusal("password.short")
    if len(password) > MOST:
        raise Refusal("password.long")
    if not set(password) <= TYPABLE:
        raise Refusal("password.characters")
    if trivial(password.lower(), phone, username):
        raise Refusal("password.easy")


def trivial(password: str, phone: str, username: str = "") -> bool:
    """Whether a neighbour would guess it: repeats, runs, the phone's or the username's own digits, our words.

    Digits behind a run or a word make it no better (qwerty1), nor does one other among equal ones (100000).
    Nor do blanks and signs between them. A centre's username is its code, which stands on all its papers.
    """
    bare = re.sub(r"[\W_]", "", password)
    stem = bare.rstrip("0123456789")
    pieces = (bare, stem) if len(stem) >= LEAST - 1 else (bare,)
    return (
        any(repeats(text) for text in (password.strip(), bare))
        or len(set(bare)) <= 2
        or any(piece in run or piece in run[::-1] for piece in pieces for run in RUNS)
        or any(made_of(bare, digits) for digits in {phone.lstrip("+"), username} - {""})
        or not WORDS.isdisjoint({bare, stem})
    )


def made_of(bare: str, digits: str) -> bool:
    """Whether a password of digits is a piece of this number, or holds it."""
    local = "0" + digits.removeprefix("254")
    return bare.isdigit() and (bare in digits or bare in local or digits in bare)


def repeats(text: str) -> bool:
    """Whether one short piece makes the whole: 111111, 121212, abcabc."""
    return any(text == (text[:n] * len(text))[: len(text)] for n in range(1, len(text) // 2 + 1))


def peppered(office: Office, password: str) -> bytes:
    """The password under the pepper, so that a stolen table alone is worth nothing."""
    return hmac.new(office.pepper, password.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def hashed(office: Office, password: str) -> str:
    """The argon2id hash to store. Slow on purpose (about 25 ms): call it outside a transaction."""
    return HASHER.hash(peppered(office, password))


def right(office: Office, stored: str | None, typed: str) -> bool:
    """Whether this is the password. As slow for a missing one: call it outside a transaction."""
    try:
        return HASHER.verify(stored or NOBODY, peppered(office, typed)) and stored is not None
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
