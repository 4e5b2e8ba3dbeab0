"""The return of a register: submitted by the centre, countersigned, received, and changed by a correction."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from models.places import SubCounty
from models.records import Audit
from models.series import Series
from operations import documents, returns
from operations.office import Actor, caller
from operations.refusals import Refusal
from tests.fixtures_attendance import AFTER, DAYS, DIRECTOR, ENDS, STARTS, Roll, at
from tests.fixtures_returns import CENTRE, LAST_DAY, MANAGER, STAFF, Desk


def test_a_whole_register_is_submitted_once(desk: Desk) -> None:
    first, again = desk.submit(), desk.submit(AFTER)
    assert (first.reference, first.digest, first.submitted_by) == (
        again.reference,
        again.digest,
        MANAGER.name,
    )
    assert first.submitted_at == LAST_DAY == again.submitted_at
    with desk.roll.db() as db:
        acts = [row.act for row in db.scalars(select(Audit)) if row.act.startswith("return.")]
    assert acts == ["return.submit"]


@pytest.mark.parametrize(
    ("by", "moment", "code"),
    [
        (MANAGER, at(DAYS[-2], 18), "return.too_soon"),
        (MANAGER, at(STARTS, 6), "return.too_soon"),
        (caller("+254715000009", "ussd"), LAST_DAY, "centre.not_enrolled"),
    ],
)
def test_what_is_refused(desk: Desk, by: Actor, moment: object, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        desk.submit(moment, by)


def test_missing_marks_are_counted_and_must_be_confirmed(desk: Desk) -> None:
    desk.posts["daudi"] = desk.roll.post("daudi", "security_officer")
    desk.mark("daudi", *DAYS[:-3])
    assert desk.sheet(LAST_DAY).missing == dict.fromkeys(DAYS[-3:], 1)
    for confirmed in (0, 2):
        with pytest.raises(Refusal, match=r"return\.missing") as refused:
            desk.submit(confirmed=confirmed)
        assert refused.value.values == {"marks_missing": "3"}
    assert desk.submit(confirmed=3).reference


def test_of_somebody_who_left_or_never_accepted_no_day_is_missed(desk: Desk) -> None:
    desk.roll.post("daudi", "security_officer", state="offered")
    left = {"state": "replaced", "answered_at": at(STARTS, 6), "ended_at": at(DAYS[3], 12)}
    desk.posts["esther"] = desk.roll.post("esther", "invigilator", **left)
    desk.mark("esther", *DAYS[:2])
    sheet = desk.sheet()
    assert sheet.missing == {}
    assert [(line.officer.name, line.present) for line in sheet.lines if line.present < 10] == [
        ("Esther Njeri", 2)
    ]


def test_a_centre_without_a_register_has_none_to_return(roll: Roll) -> None:
    with roll.db() as db, pytest.raises(Refusal, match=r"return\.none"):
        returns.submit(db, "42101001", by=STAFF, now=AFTER)


def test_two_phones_at_once_have_one_answer(desk: Desk) -> None:
    found: list[str] = []
    barrier = threading.Barrier(4)

    def hand_in() -> None:
        barrier.wait()
        found.append(desk.submit().reference)

    threads = [threading.Thread(target=hand_in) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 4 and len(set(found)) == 1


def test_the_hash_is_of_the_events_that_count(desk: Desk) -> None:
    row = desk.submit()
    assert desk.sheet().digest == desk.sheet(AFTER + timedelta(days=9)).digest == row.digest
    desk.correct("chebet", DAYS[1], False)
    assert desk.sheet().digest != row.digest


def test_a_register_that_changed_is_handed_in_again_under_its_number(desk: Desk) -> None:
    first = desk.submit(now=AFTER)
    desk.receive(now=AFTER)
    assert desk.submit(now=AFTER).received_at  # nothing has changed: the same answer
    desk.correct("chebet", DAYS[1], False)
    with desk.roll.db() as db:
        assert returns.standing(db, CENTRE, now=AFTER).name == "changed"
    with pytest.raises(Refusal, match=r"return\.changed"):
        desk.receive(now=AFTER)
    again = desk.submit(now=AFTER + timedelta(hours=1))
    assert again.reference == first.reference and again.digest != first.digest
    assert again.submitted_at > first.submitted_at and not again.received_at and not again.received_by
    assert desk.receive(now=AFTER + timedelta(hours=2)).received_at


def test_check_tells_that_a_register_is_genuine_and_that_it_was_corrected(desk: Desk) -> None:
    row, office = desk.submit(), desk.roll.season.service.office
    with desk.roll.db() as db:
        found = documents.check(db, office, row.reference, "phone:+254733000333", now=AFTER)
    assert (found.name, found.kind, found.exam) == ("genuine", "return", "KCSE 2030")
    assert found.centre == "20401001 Kasarani Girls Secondary School" and found.digest == row.digest
    desk.correct("chebet", DAYS[1], False)
    with desk.roll.db() as db:
        found = documents.check(db, office, row.reference.lower(), "phone:+254733000333", now=AFTER)
    assert found.name == "changed" and found.digest != row.digest


def test_of_a_closed_series_nothing_is_asked_for_again(desk: Desk) -> None:
    desk.submit()
    desk.correct("chebet", DAYS[1], False)
    with pytest.raises(Refusal, match=r"return\.changed"):
        desk.receive()
    with desk.roll.db() as db:
        db.get_one(Series, desk.roll.series_id).closed_at = AFTER
        assert returns.standing(db, CENTRE, now=AFTER).name == "submitted"
    assert desk.receive().received_at


@pytest.mark.parametrize("by", [STAFF, DIRECTOR, caller("+254700000001", "sms")])
def test_the_countersigned_copy_is_received_once(desk: Desk, by: Actor) -> None:
    with pytest.raises(Refusal, match=r"return\.not_submitted"):
        desk.receive(by)
    desk.submit()
    first, again = desk.receive(by), desk.receive(STAFF, AFTER + timedelta(days=1))
    assert (
        (first.received_by, first.received_at) == (by.name, AFTER) == (again.received_by, again.received_at)
    )


def test_only_the_centres_own_director_receives(desk: Desk) -> None:
    desk.submit()
    for stranger in (MANAGER, Actor("director:+254733000333", "sms")):
        with pytest.raises(Refusal, match=r"director\.not_yours"):
            desk.receive(stranger)


def test_how_a_return_stands(desk: Desk) -> None:
    def stands(now: object) -> str:
        with desk.roll.db() as db:
            return returns.standing(db, CENTRE, now=now).name

    assert stands(at(DAYS[-2], 18)) == "soon"
    assert stands(at(ENDS, 0)) == "due"
    desk.submit()
    assert stands(LAST_DAY) == "submitted"
    desk.receive()
    assert stands(AFTER) == "received"
    with desk.roll.db() as db:
        assert returns.standing(db, "42101001", now=AFTER).name == "none"


def test_the_missing_ones_in_two_queries_and_one_a_series(desk: Desk, queries: list[str]) -> None:
    desk.roll.post("daudi", "security_officer", centre="20401002")

    def out(now: datetime = AFTER) -> list[tuple[str, str]]:
        with desk.roll.db() as db:
            place = db.scalars(select(SubCounty.id).where(SubCounty.name == "Kasarani")).one()
            return [(each.centre_code, each.handed) for each in returns.missing(db, [place], now=now)]

    with desk.roll.db() as db:
        ended = db.scalars(select(Series.id).where(Series.closed_at.is_(None), Series.ends < AFTER)).all()
    assert out(LAST_DAY) == []
    queries.clear()
    assert out() == [("20401001", "never"), ("20401002", "never")]
    asked = [words for words in queries if words.lstrip().startswith("SELECT")]
    assert len(asked) == 1 + 2 + len(ended)  # the first asks for the sub-county
    desk.submit()
    assert out() == [("20401001", "in"), ("20401002", "never")]
    desk.receive()
    assert out() == [("20401002", "never")]
    desk.correct("fatuma", DAYS[0], False)
    assert out() == [("20401001", "before"), ("20401002", "never")]
