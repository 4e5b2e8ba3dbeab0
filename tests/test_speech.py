"""Dates, money and terms are spelled in the language of whoever reads."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus.speech import spell
from menus.table import joined
from menus.vocabulary import Blank, Vocabulary, Words
from menus.wording import Wording
from operations.office import Office
from telephony import gsm7

WORDS: Mapping[str, Words] = {
    "term.position.driver": Words("Driver", "Dereva"),
    "office.post": Words("{post} on {day}", "{post}, {day}"),
    "secret.words": Words("not a term", "si neno"),
}
OFFICE = Office(b"key", b"pepper", "https://x", "22262", "*1#")


@pytest.mark.parametrize(
    ("value", "en", "sw"),
    [
        ("@term.position.driver", "Driver", "Dereva"),
        ("@date:2026-10-16", "16 Oct 2026", "16 Okt 2026"),
        ("@day:2026-10-16", "Fri 16 Oct", "Ijumaa 16 Okt"),
        ("@time:2026-10-16T04:00:00+00:00", "7.00 am", "7.00 am"),
        ("@time:2026-10-16T21:05:00+00:00", "12.05 am", "12.05 am"),
        ("@moment:2026-10-15T21:30:00+00:00", "Fri 16 Oct, 12.30 am", "Ijumaa 16 Okt, 12.30 am"),
        ("@ksh:8160", "Ksh 8,160", "Ksh 8,160"),
        (["48213 ", "@term.position.driver", ", Moi"], "48213 Driver, Moi", "48213 Dereva, Moi"),
        ("Moi Girls", "Moi Girls", "Moi Girls"),
    ],
)
def test_a_token_is_spelled_in_both_languages(value: object, en: str, sw: str) -> None:
    assert (spell(value, "en", WORDS), spell(value, "sw", WORDS)) == (en, sw)
    assert gsm7.is_gsm7(en + sw)


@pytest.mark.parametrize(
    "text", ["@", "@jane", "@term.unknown", "@secret.words", "@who:2026", "@date:", "@ksh:many", "a@b.ke"]
)
def test_what_is_no_token_stays_as_it_is(text: str) -> None:
    assert spell(text, "en", WORDS) == text


def test_a_notice_is_worded_in_the_language_of_the_moment_it_is_sent() -> None:
    wording = Wording(WORDS, OFFICE)
    details = {"post": "@term.position.driver", "day": "@day:2026-10-16"}
    assert wording.sms("office.post", "en", details) == "Driver on Fri 16 Oct"
    assert wording.sms("office.post", "sw", details) == "Dereva, Ijumaa 16 Okt"


@given(st.text())
def test_no_name_that_a_person_types_can_break_a_sentence(name: str) -> None:
    said = Wording(WORDS, OFFICE).sms("office.post", "en", {"post": "A " + name, "day": "today"})
    assert "\n" not in said and gsm7.is_gsm7(said)


def test_a_name_stands_in_one_part_of_the_vocabulary_only() -> None:
    part = Vocabulary(blanks={"post": Blank("Driver")})
    with pytest.raises(ValueError, match="blanks named twice: post"):
        joined(part, part)
    assert joined(part, Vocabulary()).blanks == part.blanks
