"""Attendance codes, and what is written behind them: read forgivingly, and never guessed at."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from operations import register_texts
from operations.refusals import Refusal
from operations.register_texts import Said
from sms_gateway import keywords
from tests.fixtures_registers import OTHER_CENTRE, Morning

ALL_NUMBERS = range(1, 8)


def read(text: str) -> Said:
    """What a whole SMS says."""
    found = keywords.find(text)
    assert found and found.keyword == "ATT", text
    return register_texts.read(found.words)


def marks(text: str) -> str:
    """The marks of officers 1 to 7 as the SMS says them."""
    said = read(text).marks(ALL_NUMBERS)
    return "".join({True: "P", False: "A", None: "?"}[said.get(n)] for n in ALL_NUMBERS)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("ATT 482913 ALL", "PPPPPPP"),
        ("ATT 482913 AB 3 7", "PPAPPPA"),
        ("ATT 482913 P 1 2 4 AB 3", "PPAP???"),
        ("ATT 482913 P 1 2", "PP?????"),
        ("att482913all", "PPPPPPP"),
        ("ATT482913AB3,7", "PPAPPPA"),
        ("ATT 482 913 all", "PPPPPPP"),
        ("Att 4 8 2 9 1 3 ab3 ab 7", "PPAPPPA"),
        ("ATT 482913ALL", "PPPPPPP"),
        ("ATT 482913 ALL ABSENT", "AAAAAAA"),
        ("HUD 482913 WOTE HAWAPO", "AAAAAAA"),
        ("HUD 482913 wote wapo", "PPPPPPP"),
        ("att 482913 except 3 and 7", "PPAPPPA"),
        ("ATT 482913 AB 3 P 3.", None),
        ("ATT 482913 AB l2", "PPPPPPP"),  # 12 is nobody here: the register refuses it
    ],
)
def test_what_a_text_says(text: str, marked: str | None) -> None:
    if marked is None:
        with pytest.raises(Refusal, match=r"register\.contradiction"):
            read(text)
        return
    assert marks(text) == marked and read(text).code == "482913"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("O7l 23S", "071235"),
        ("o7L23s", "071235"),
        ("BBB III", "888111"),
        ("0 7 1 2 3 5", "071235"),
        ("i2o 4s6", "120456"),
    ],
)
def test_letters_that_look_like_digits(typed: str, code: str) -> None:
    assert read(f"ATT {typed} ALL").code == code
    assert read(f"att {typed.lower()} wote").code == code
    if typed != "BBB III":  # no digit tells it from a word, where it is joined to one
        assert read(f"ATT{typed.replace(' ', '')}ALL").code == code


def test_a_text_without_marks_only_asks() -> None:
    assert read("ATT").asks and read("Att 482913").asks and not read("ATT").code


REFUSED = {f"register.{code}" for code in ("code_shape", "not_understood", "contradiction", "range")}


@given(st.text(alphabet="ATTabpl0123456789 ,.OISB-wotehyu", max_size=40))
@example("ATT " + "9" * 40)
@example("ATT P" + " 1" * 60)
def test_any_text_is_read_or_refused(text: str) -> None:
    found = keywords.find(f"ATT {text}")
    if found is None or found.keyword != "ATT":
        return
    try:
        said = register_texts.read(found.words)
    except Refusal as refusal:
        assert refusal.code in REFUSED
        return
    assert said.code == "" or len(said.code) == 6
    assert not said.present & said.absent


@pytest.mark.parametrize("text", ["attendance", "ATTENTION please", "mahudhurio", "attach 4"])
def test_other_words_are_no_register_text(text: str) -> None:
    found = keywords.find(text)
    assert found is None or found.keyword != "ATT"


def test_codes_differ_by_centre_day_and_issue(morning: Morning) -> None:
    varied: list[dict[str, Any]] = [{}, {"issue": 2}, {"centre": OTHER_CENTRE}]
    # Of a week each: on one day in ten thousand two of them are the same by chance.
    weeks = [tuple(morning.code(morning.day(ago), **one) for ago in range(7)) for one in varied]
    assert len(set(weeks)) == 3 and all(len(set(week)) > 4 for week in weeks)
    assert all(len(code) == 6 and code.isdigit() for week in weeks for code in week)


def test_no_code_is_stored(morning: Morning) -> None:
    """Neither in the outbox nor in what is kept of an incoming SMS."""
    morning.text("ATT")
    morning.text("ATT <code> ALL")
    with morning.db() as db:
        kept = db.connection().exec_driver_sql(
            "SELECT string_agg(m.details::text || coalesce(m.natural_key, ''), ' ') FROM message m"
            " UNION ALL SELECT string_agg(shape, ' ') FROM incoming_sms"
        )
        assert morning.code() not in str(kept.all())
