"""Laying out screens: lists, texts, blanks and notes within 160 septets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus import screens
from menus.keys import digit
from menus.screens import Foot
from menus.vocabulary import Blank
from telephony import gsm7

FOOT = Foot("0.Back", "00.Menu", "98.More")
FIRST = Foot("0.Back", "", "98.More", behind=False)
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapit"
LONG_NAME = "Kirinyaga Central and Mwea East United Traders' Open Market."


# -- blanks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Mama M", "Mama M"),
        ("{name}", "{name}"),
        ("%s {0}", "%s {0}"),
        ("a\n1. Approve", "a 1. Approve"),
        ("  END  now ", "END now"),
        ("\U0001f600", "?"),
        ("\u201cok\u201d \u2014 \u2019", '"ok" - \''),
        ("", ""),
        ("x" * 30, "x" * 18 + ".."),
        ("\u20ac" * 30, "\u20ac" * 9 + ".."),
    ],
)
def test_a_value_is_one_line_of_gsm7_no_longer_than_its_blank(value: str, shown: str) -> None:
    assert screens.fill("<{name}>", {"name": value}, {"name": Blank("n" * 20)}) == f"<{shown}>"


def test_blanks_are_filled_in_one_pass() -> None:
    values = {"a": "{b}", "b": "{a}"}
    assert screens.fill("{a} {b} {c}", values, {}) == "{b} {a} "


@given(st.text(max_size=200), st.integers(2, 60))
def test_no_value_is_wider_than_its_blank(value: str, width: int) -> None:
    assert gsm7.septets(screens.fit(value, Blank("n" * width))) <= width


# -- keys --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *[("1", "1"), ("1.", "1"), ("1#", "1"), (" 1 . ", "1"), ("\uff11", "1"), ("\u0661\u0662", "12")],
        *[("00", "00"), ("01", "01"), ("1.5", "1.5"), ("\u00b2", "\u00b2"), ("#", ""), ("", "")],
    ],
)
def test_a_key_is_read_as_it_was_meant(typed: str, meant: str) -> None:
    assert digit(typed) == meant


# -- lists -------------------------------------------------------------------------------------------


def lines(count: int, label: str = "Line") -> list[str]:
    return [f"{n}. {label}" for n in range(1, count + 1)]


def test_a_list_that_fits_is_one_page() -> None:
    assert screens.list_pages("Which?", lines(5), FOOT) == [lines(5)]


@pytest.mark.parametrize("foot", [FOOT, FIRST, Foot()])
@pytest.mark.parametrize("head", ["", "Which?", "Which of these many places?\nChoose one", "H" * 60])
@pytest.mark.parametrize("label", ["Line", LONG_NAME, "W" * 40, "x" * 300])
def test_every_line_is_on_one_page_and_every_page_fits_with_any_short_note(
    label: str, head: str, foot: Foot
) -> None:
    pages = screens.list_pages(head, lines(97, label), foot)
    assert [line.partition(".")[0] for page in pages for line in page] == [str(n) for n in range(1, 98)]
    assert all(pages)
    for number, page in enumerate(pages):
        for note in ("", "n" * screens.NOTE_ROOM):
            drawn = screens.list_screen(note, head, lines(97, label), number, foot)
            assert screens.fits(drawn)
            assert set(page) <= set(drawn.split("\n"))
            assert note in drawn


def test_the_first_page_has_no_way_back_where_nothing_is_behind() -> None:
    drawn = [screens.list_screen("", "Which?", lines(40), page, FIRST).split("\n")[-1] for page in (0, 1)]
    assert drawn == ["98.More", "0.Back 98.More"]


def test_pages_are_cut_alike_whichever_is_on_show() -> None:
    behind = screens.list_pages("Which?", lines(40), Foot("0.Back", "", "98.More", behind=True))
    assert screens.list_pages("Which?", lines(40), FIRST) == behind


def test_a_page_past_the_last_is_the_last() -> None:
    last = screens.list_screen("", "Which?", lines(40), 5, FOOT)
    assert screens.list_screen("", "Which?", lines(40), 500, FOOT) == last
    assert "40. Line" in last
    assert "98.More" not in last


def test_a_note_too_long_for_the_lines_is_shown_without_them() -> None:
    drawn = screens.list_screen("n" * 100, "Which?", lines(40), 0, FOOT)
    assert drawn == "n" * 100 + "\n0.Back 00.Menu 98.More"


# -- texts -------------------------------------------------------------------------------------------


def test_a_text_is_cut_at_spaces_and_loses_no_word() -> None:
    text = " ".join(f"word{n}" for n in range(100))
    pages = screens.text_pages(text, [], FOOT)
    assert " ".join(pages) == text
    assert all(screens.fits(screens.stack(page, FOOT.whole)) for page in pages)


def test_a_page_that_ends_with_a_word_keeps_it() -> None:
    assert screens.cut("abcd efgh ijkl", 9) == "abcd efgh"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Call Asha Ali at 0722 000 117 now", "Call Asha Ali at"),
        ("You are to report on Mon 23 Nov", "You are to report on"),
        ("You are to be paid KES 2,500 a day", "You are to be paid"),
        ("Call 0722 000 117\nDays: 23 Nov", "Call 0722 000 117\nDays:"),
        ("From 1 2 3 4 5 6 7 8 9 10 11 12 13", "From 1 2 3 4 5 6 7 8 9 10"),
    ],
)
def test_a_phone_number_or_a_date_is_read_in_one_piece(text: str, first: str) -> None:
    assert screens.cut(text, 26) == first


@pytest.mark.parametrize(
    "text", [f"{LONG_WORD} " * 12, LONG_WORD * 12, f"a {LONG_NAME} " * 9, "\u20ac" * 400]
)
def test_long_words_make_no_empty_page(text: str) -> None:
    pages = screens.text_pages(text, [], FOOT)
    assert all(pages)
    assert "".join("".join(pages).split()) == "".join(text.split())
    assert all(screens.fits(screens.stack(page, FOOT.whole)) for page in pages)


@pytest.mark.parametrize("length", range(90, 330, 7))
def test_options_stand_whole_on_the_last_page(length: int) -> None:
    tail = ["1. I agree to all of this", "2. I do not", "3. Read it all again"]
    text = ("word " * 100)[:length].strip()
    pages = screens.text_pages(text, tail, FOOT)
    drawn = [screens.text_screen("", text, tail, number, FOOT) for number in range(len(pages))]
    assert all(map(screens.fits, drawn))
    assert drawn[-1].split("\n")[-4:-1] == tail
    assert not any(set(tail) & set(one.split("\n")) for one in drawn[:-1])
    assert " ".join(" ".join(pages).split()) == f"{text} {' '.join(tail)}"


def test_a_note_takes_the_place_of_a_text_only_where_options_remain() -> None:
    text, tail = "word " * 28, ["1. I agree"]
    pages = screens.text_pages(text * 2, tail, FOOT)
    last = len(pages) - 1
    assert screens.text_screen("Refused.", text * 2, tail, 0, FOOT).startswith("word")
    full = screens.text_screen("n" * 120, text * 2, tail, last, FOOT)
    assert full == "n" * 120 + "\n1. I agree\n0.Back 00.Menu"


def test_no_text_and_no_line_is_still_a_screen() -> None:
    assert screens.text_screen("", "", [], 0, FOOT) == "0.Back 00.Menu"
    assert screens.list_screen("", "None.", [], 3, FOOT) == "None.\n0.Back 00.Menu"
    assert screens.text_pages("", lines(30), Foot()) == ["\n".join(lines(30))]


@given(st.text(alphabet=sorted(gsm7.BASIC | gsm7.EXTENDED), max_size=700))
def test_any_text_is_paged_to_fit(text: str) -> None:
    said = " ".join(text.split())
    pages = screens.text_pages(said, [], FOOT)
    assert all(screens.fits(screens.text_screen("", said, [], n, FOOT)) for n in range(len(pages)))
    assert "".join("".join(pages).split()) == "".join(said.split())
