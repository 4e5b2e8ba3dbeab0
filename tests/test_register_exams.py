"""Two exams at one centre on one day: each has its own register, its own code, and its own new code."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from models.centres import RegisterDay
from models.series import Series
from operations import attendance_codes, office
from telephony import references
from tests.fixtures_registers import CENTRE, DEPUTY, DIRECTOR, MERCY, Morning


@pytest.fixture
def other(morning: Morning) -> int:
    """KJSEA goes on at the same centre, with one officer of its own; the id of the series."""
    with morning.db() as db:
        today = morning.today
        series = Series(exam="KJSEA", year=2031, starts=today, ends=today + timedelta(days=9))
        series.rules = {"exam_days": [today.isoformat()]}
        db.add(series)
        db.flush()
        morning.season.make_deployment(db, "chebet", CENTRE, "invigilator", series_id=series.id)
        return series.id


def code(morning: Morning, series_id: int, issue: int = 1) -> str:
    keys = morning.season.service.office
    return attendance_codes.code(keys, series_id, CENTRE, morning.today, issue)


def known(morning: Morning, series_id: int) -> tuple[int, int, bool]:
    """Of a series' day: the issue of the code, how many wrong ones came, and whether SMS is stopped."""
    with morning.db() as db:
        row = db.get_one(RegisterDay, (series_id, CENTRE, morning.today))
        return row.issue, row.wrong, row.stopped_at is not None


def renew(morning: Morning, exam: str) -> str:
    """Ask for a new code of this exam by USSD."""
    phone = morning.sign_in()
    line = re.search(rf"(\d)\. {exam}", phone.send("1"))
    assert line, phone.screen
    return phone.send(line[1], "5", "1")


def wrong_codes(morning: Morning, right: set[str]) -> list[str]:
    made = (root + references.check_digit(root) for root in map("{:05}".format, range(40, 90)))
    return [each for each in made if each not in right][:5]


def test_each_exam_has_its_own_code_and_marks_its_own_register(morning: Morning, other: int) -> None:
    with morning.db() as db:
        sent = attendance_codes.send(db, morning.season.service.office, morning.today, now=office.now(db))
    assert sent == 4  # two phones, two exams
    texts = " ".join(morning.handset(MERCY).inbox())
    assert f"ATT {morning.code()} ALL" in texts and f"ATT {code(morning, other)} ALL" in texts
    morning.text(f"ATT {code(morning, other)} ALL")
    assert len(morning.events()) == 1 and morning.held() == "? ? ? ?"
    morning.text("ATT <code> AB 2")
    assert len(morning.events()) == 5 and morning.held() == "P A P P"


def test_asking_gives_a_line_for_each_exam(morning: Morning, other: int) -> None:
    morning.text("ATT")
    texts = morning.handset(MERCY).inbox()
    assert len(texts) == 2
    assert sorted("KJSEA" in text for text in texts) == [False, True]
    assert "KJSEA" in morning.text(f"ATT {code(morning, other)} ALL")
    assert [f"ATT {each} ALL" in " ".join(texts) for each in (morning.code(), code(morning, other))] == [
        True,
        True,
    ]


def test_a_new_code_of_one_exam_leaves_the_others_as_it_was(morning: Morning, other: int) -> None:
    assert "new code was sent" in renew(morning, "KJSEA")
    for phone in (MERCY, DEPUTY):
        assert [code(morning, other, 2) in text for text in morning.handset(phone).inbox()] == [True]
    assert "was replaced" in morning.text(f"ATT {code(morning, other, 1)} ALL")
    assert not morning.events()
    morning.text("ATT <code> ALL")
    assert morning.held() == "P P P P" and len(morning.events()) == 4
    morning.text(f"ATT {code(morning, other, 2)} ALL")
    assert len(morning.events()) == 5
    with morning.db() as db:
        row = db.get(RegisterDay, (morning.season.running, CENTRE, morning.today))
        assert row is None or row.issue == 1


def test_five_wrong_codes_stop_both_and_a_new_code_opens_its_own_exam_alone(
    morning: Morning, other: int
) -> None:
    right = {morning.code(), code(morning, other)}
    for each in wrong_codes(morning, right):
        morning.text(f"ATT {each} ALL")
    assert known(morning, morning.season.running) == known(morning, other) == (1, 5, True)
    for phone, count in ((MERCY, 0), (DEPUTY, 1), (DIRECTOR, 1)):  # whoever sent it read it in the answer
        told = [text for text in morning.handset(phone).inbox() if "5 wrong attendance codes" in text]
        assert len(told) == count, told
    for each in right:
        assert "SMS marking is stopped" in morning.text(f"ATT {each} ALL")
    renew(morning, "KJSEA")
    assert known(morning, other) == (2, 0, False)
    assert known(morning, morning.season.running) == (1, 5, True)
    morning.text(f"ATT {code(morning, other, 2)} ALL")
    assert len(morning.events()) == 1
    assert "SMS marking is stopped" in morning.text("ATT <code> ALL")
    assert morning.held() == "? ? ? ?"


@pytest.mark.parametrize("first", [0, 1])
def test_each_exams_printed_code_can_be_issued_anew_again_and_again(
    morning: Morning, other: int, first: int
) -> None:
    exams: list[tuple[str, Callable[[int], str]]] = [
        ("KPSEA", lambda issue: morning.code(issue=issue)),
        ("KJSEA", lambda issue: code(morning, other, issue)),
    ]
    for exam, _ in (exams[first], exams[first], exams[1 - first]):
        renew(morning, exam)
    issues = {exams[first][0]: 3, exams[1 - first][0]: 2}
    for exam, made in exams:
        before = len(morning.events())
        assert "was replaced" in morning.text(f"ATT {made(issues[exam] - 1)} ALL")
        assert len(morning.events()) == before
        morning.text(f"ATT {made(issues[exam])} ALL")
        assert len(morning.events()) > before
