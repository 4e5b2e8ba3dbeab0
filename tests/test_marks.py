"""Marks: the last valid word holds, in whatever order the words come."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations import marks
from operations.marks import Mark, Word
from operations.office import NAIROBI

DAY = date(2026, 10, 20)
EIGHT = datetime(2026, 10, 20, 8, tzinfo=NAIROBI)
CLOSED = datetime(2026, 10, 21, 10, tzinfo=NAIROBI)
A, B, DIRECTOR = "phone:+254711000001", "phone:+254711000002", "director:+254700000001"


def word(id: int, present: bool, at: datetime = EIGHT, actor: str = A, reason: str | None = None) -> Word:
    return Word(id, 1, DAY, present, actor, at, reason)


def held(*words: Word) -> Mark | None:
    return marks.holding(words).get((1, DAY))


def test_nothing_said_is_nothing_known() -> None:
    assert held() is None


@pytest.mark.parametrize(
    ("words", "present", "decides", "conflict"),
    [
        ([word(1, True)], True, 1, False),
        ([word(1, True), word(2, False, EIGHT + timedelta(hours=1))], False, 2, False),
        # Said later but kept earlier: the moment decides, not the row.
        ([word(1, True, EIGHT + timedelta(hours=1)), word(2, False)], True, 1, False),
        # At the same moment the later row holds.
        ([word(1, True), word(2, False)], False, 2, False),
        # Two phones: both see that they disagree, until one gives in.
        ([word(1, True), word(2, False, actor=B)], False, 2, True),
        ([word(1, True), word(2, True, actor=B)], True, 2, False),
        ([word(1, True), word(2, False, actor=B), word(3, False)], False, 3, False),
        # A moment before ten on the next day is in time, ten o'clock is not.
        ([word(1, True), word(2, False, CLOSED - timedelta(seconds=1))], False, 2, False),
        ([word(1, True), word(2, False, CLOSED)], True, 1, False),
        # After that the director corrects, with a reason; nobody else, and not without one.
        ([word(1, True), word(2, False, CLOSED, A, "mistake")], True, 1, False),
        ([word(1, True), word(2, False, CLOSED, DIRECTOR)], True, 1, False),
        ([word(1, True), word(2, False, CLOSED, DIRECTOR, "paper register")], False, 2, False),
        # A director who decides ends a conflict.
        (
            [word(1, True), word(2, False, actor=B), word(3, True, CLOSED, DIRECTOR, "asked both")],
            True,
            3,
            False,
        ),
    ],
)
def test_the_last_valid_word_holds(words: list[Word], present: bool, decides: int, conflict: bool) -> None:
    mark = held(*words)
    assert mark and mark.word
    assert (mark.present, mark.word.id, mark.conflict) == (present, decides, conflict)


def test_a_word_that_comes_too_late_says_nothing() -> None:
    assert held(word(1, True, CLOSED)) is None


def test_a_day_that_was_opened_again_closes_later() -> None:
    later = marks.holding([word(1, True, CLOSED)], lambda deployment, day: CLOSED + timedelta(hours=1))
    assert later[1, DAY].present is True


# -- against an independent model ------------------------------------------------------------------------

MOMENTS = [
    EIGHT,
    EIGHT + timedelta(minutes=1),
    CLOSED - timedelta(seconds=1),
    CLOSED,
    CLOSED + timedelta(days=2),
]
words_said = st.lists(
    st.builds(
        Word,
        id=st.integers(1, 30),
        deployment_id=st.integers(1, 3),
        day=st.sampled_from([DAY, DAY + timedelta(days=1)]),
        present=st.booleans(),
        actor=st.sampled_from([A, B, DIRECTOR, "staff:njeri"]),
        said_at=st.sampled_from(MOMENTS),
        reason=st.sampled_from([None, "", "asked both"]),
    ),
    max_size=30,
    unique_by=lambda word: word.id,
)


def model(words: list[Word]) -> dict[tuple[int, date], tuple[bool, int, bool]]:
    """The rules once more, the slow way: read everything in order and let each word replace the last."""
    told: dict[tuple[int, date], list[Word]] = {}
    for word in sorted(words, key=lambda word: (word.said_at, word.id)):
        closes = datetime(word.day.year, word.day.month, word.day.day, 10, tzinfo=NAIROBI) + timedelta(days=1)
        boss = word.actor.split(":")[0] in ("director", "staff") and word.reason not in (None, "")
        if word.said_at < closes or boss:
            told.setdefault((word.deployment_id, word.day), []).append(word)
    found = {}
    for spot, said in told.items():
        last = said[-1]
        opinions = {word.actor: word.present for word in said}
        decided = last.actor.split(":")[0] in ("director", "staff") and bool(last.reason)
        found[spot] = (last.present, last.id, len(set(opinions.values())) > 1 and not decided)
    return found


def plain(words: list[Word]) -> dict[tuple[int, date], tuple[bool | None, int, bool]]:
    return {
        spot: (mark.present, mark.word.id if mark.word else 0, mark.conflict)
        for spot, mark in marks.holding(words).items()
    }


@given(words_said, st.data())
def test_any_order_and_any_repeat_end_the_same(words: list[Word], data: st.DataObject) -> None:
    repeated = data.draw(st.lists(st.sampled_from(words), max_size=10)) if words else []
    shuffled = data.draw(st.permutations([*words, *repeated]))
    assert plain(shuffled) == plain(words) == model(words)
