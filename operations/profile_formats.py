"""Formats: what each kind of answer must look like, however it was typed.

A judge takes what was typed and answers what is kept, or refuses with the reason. What is kept is judged to
be the same again. Nobody asks it about time or about other people: `operations.profiles` does that.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from rapidfuzz import fuzz, process

from operations.refusals import Refusal
from telephony import gsm7, phones

Judge = Callable[[str], str]

LONGEST_NAME, LONGEST_TEXT, LONGEST_EMAIL = 60, 60, 60
NAME: Final = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ](?:[A-Za-zÀ-ÖØ-öø-ÿ'.-]*[A-Za-zÀ-ÖØ-öø-ÿ.'])?")
TEXT: Final = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ0-9 .,'&()/+-]+")
EMAIL: Final = re.compile(r"[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*@(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}")
MEMBER: Final = re.compile(r"[A-Z]{0,3}[0-9]{5,16}[A-Z]?(?:-[0-9]{1,2})?")
LICENCE: Final = re.compile(r"[A-Z]{0,4}[0-9]{4,12}[A-Z]?")
PERIOD: Final = re.compile(r"([12][0-9]{3})[^0-9]*([12][0-9]{3})")
KRA_PIN: Final = re.compile(r"A[0-9]{9}[A-Z]")
BETWEEN: Final = re.compile(r"[\s.,/-]+")
# A line that begins so could be read as one of ours: a numbered option, or the wire's own words.
SPOOF: Final = re.compile(r"(?:END|CON)\b|[0-9]+\s*[.):]", re.IGNORECASE)
# Letters that stand for digits where only digits may stand, and the other way round.
AS_DIGITS: Final = str.maketrans("OIL", "011")
AS_LETTER: Final = str.maketrans("01", "OI")
# An answer that is nearly one of a list, in letters.
NEAR: Final = 85


def tidy(typed: str) -> str:
    """One line of GSM-7: without controls, direction marks and what else nobody sees; digits are 0 to 9."""
    return " ".join(gsm7.fold(typed).text.split())


def digits(code: str, *lengths: int) -> Judge:
    """So many digits; spaces and dashes between them are forgiven, nothing but noughts is not."""

    def judge(typed: str) -> str:
        bare = BETWEEN.sub("", tidy(typed))
        if not (bare.isascii() and bare.isdecimal() and len(bare) in lengths and bare.strip("0")):
            raise Refusal(code)
        return bare

    return judge


def tsc_number(typed: str) -> str:
    """4 to 8 digits, with or without TSC before them."""
    bare = BETWEEN.sub("", tidy(typed)).upper().removeprefix("TSC")
    return digits("profile.tsc_no", *range(4, 9))(bare)


def pattern(code: str, wanted: re.Pattern[str]) -> Judge:
    """Letters and digits of this shape, in capitals; spaces are forgiven."""

    def judge(typed: str) -> str:
        bare = re.sub(r"[\s./]+", "", tidy(typed)).upper()
        if not wanted.fullmatch(bare) or not bare.strip("0"):
            raise Refusal(code)
        return bare

    return judge


def kra_pin(typed: str) -> str:
    """A, nine digits and a letter; O for 0 and I or L for 1 are forgiven where only a digit can stand."""
    bare = BETWEEN.sub("", tidy(typed)).upper()
    read = bare[:1] + bare[1:10].translate(AS_DIGITS) + bare[10:].translate(AS_LETTER)
    if read.startswith("P") and KRA_PIN.fullmatch("A" + read[1:]):
        raise Refusal("profile.kra_company")
    if not KRA_PIN.fullmatch(read):
        raise Refusal("profile.kra_pin")
    return read


def year(typed: str) -> str:
    """A year of four digits."""
    bare = tidy(typed).rstrip(".")
    if not re.fullmatch("[12][0-9]{3}", bare):
        raise Refusal("profile.year")
    return bare


def period(typed: str) -> str:
    """From a year to a year, however they are parted: 2005-2008."""
    found = PERIOD.fullmatch(tidy(typed))
    if found is None:
        raise Refusal("profile.period")
    if found[1] > found[2]:
        raise Refusal("profile.period_order")
    return f"{found[1]}-{found[2]}"


def email(typed: str) -> str:
    """An e-mail address; some networks deliver `@` as an inverted exclamation mark."""
    bare = "".join(tidy(typed).replace("¡", "@").lower().split()).rstrip(".,")
    if len(bare) > LONGEST_EMAIL or not EMAIL.fullmatch(bare):
        raise Refusal("profile.email")
    return bare


def phone(typed: str) -> str:
    """A Kenyan mobile number, in any usual spelling."""
    try:
        return phones.read(tidy(typed))
    except phones.BadPhone as bad:
        raise Refusal(bad.code) from None


def name_part(typed: str) -> str:
    """One or more names in letters, each with a capital where none or all were typed so."""
    plain = tidy(typed)
    if not plain or not all(map(NAME.fullmatch, plain.split())):
        raise Refusal("profile.name_letters")
    if SPOOF.match(plain):
        raise Refusal("profile.name_odd")
    if len(plain) > LONGEST_NAME:
        raise Refusal("profile.name_long")
    return cased(plain)


def full_name(typed: str) -> str:
    """At least two names, one of them more than a letter."""
    plain = name_part(typed)
    if len(plain.split()) < 2 or max(map(len, plain.split())) < 2:
        raise Refusal("profile.name_two")
    return plain


def cased(name: str) -> str:
    """A name typed all in one case as it is written: Ng'ang'a Wa-Thiong'o."""
    if not (name.islower() or name.isupper()):
        return name
    return re.sub(r"(?:^|(?<=[ -]))\S", lambda first: first[0].upper(), name.lower())


def words(typed: str) -> str:
    """Some words: letters among them, no longer than a screen can show, and no line of ours."""
    plain = tidy(typed)
    if not TEXT.fullmatch(plain) or sum(map(str.isalpha, plain)) < 2:
        raise Refusal("profile.words")
    if SPOOF.match(plain):
        raise Refusal("profile.words_odd")
    if len(plain) > LONGEST_TEXT:
        raise Refusal("profile.words_long")
    return plain


def listed(choices: Mapping[str, tuple[str, ...]], *, other: Judge | None = None) -> Judge:
    """One of a list, by its code or by a word that means it; what stands in none is for `other` to judge."""
    meant = {alias.casefold(): code for code, aliases in choices.items() for alias in (code, *aliases)}

    def judge(typed: str) -> str:
        plain = tidy(typed).casefold()
        if plain in meant:
            return meant[plain]
        near = process.extract(plain, meant.keys(), scorer=fuzz.ratio, score_cutoff=NEAR, limit=None)
        codes = {meant[word] for word, _, _ in near}
        if len(codes) == 1 and plain.isascii() and not any(map(str.isdigit, plain)):
            return codes.pop()
        if other is not None:
            return other(typed)
        raise Refusal("profile.not_listed")

    return judge
