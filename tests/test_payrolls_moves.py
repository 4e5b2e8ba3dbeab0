"""Who was moved is paid each day once: two posts, two lines, and no day or limit counts twice."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from models.payrolls import PayLine, PaySchedule
from operations import payroll_days, payroll_lines, payroll_posts, payrolls, rates, returns
from operations.office import Actor
from operations.payroll_days import Counted, Work
from operations.refusals import Refusal
from tests.fixtures_attendance import AFTER, DAYS, at
from tests.fixtures_returns import STAFF, Desk
from tests.fixtures_service import Handset
from ussd_app.cli.pay import pay

ALICE, BOB = Actor("staff:alice", "command"), Actor("staff:bob", "command")
OTHER = "20401002"


@pytest.fixture
def moved(desk: Desk) -> Desk:
    """Daudi was marked P at one centre for four days, and from the fourth on at another."""
    left = {"state": "replaced", "answered_at": at(DAYS[0], 6), "ended_at": at(DAYS[3], 12)}
    desk.posts["daudi"] = desk.roll.post("daudi", "security_officer", **left)
    desk.posts["there"] = desk.roll.post("daudi", "security_officer", centre=OTHER, first_day=DAYS[3])
    desk.mark("daudi", *DAYS[:4])
    desk.mark("there", *DAYS[3:])
    desk.submit()
    desk.receive()
    hand_in(desk)
    desk.rate()
    most(desk, None)
    return desk


def hand_in(desk: Desk, confirmed: int = 0) -> None:
    """The second centre's register."""
    with desk.roll.db() as db:
        returns.submit(db, OTHER, by=STAFF, now=AFTER, confirmed=confirmed)
        returns.receive(db, OTHER, desk.roll.series_id, by=STAFF, now=AFTER)


def most(desk: Desk, days: int | None) -> None:
    with desk.roll.db() as db:
        rates.keep(db, "KCSE", 2030, "security_officer", rates.ALL, 400, days, by=STAFF, now=AFTER)


def prepare(desk: Desk) -> tuple[str, dict[str, tuple[int, int, int | None, str | None]]]:
    """The digest, and each line's days, days elsewhere, sum and refusal."""
    whose = {post: name for name, post in desk.posts.items()}
    with desk.roll.db() as db:
        made = payrolls.prepare(db, desk.roll.series_id, by=ALICE, now=AFTER)
        rows = db.scalars(select(PayLine).where(PayLine.schedule_id == made.id)).all()
        lines = {
            whose[row.deployment_id]: (row.days, row.days_elsewhere, row.ksh, row.refused) for row in rows
        }
        return made.digest, {name: lines[name] for name in ("daudi", "there")}


def test_the_earlier_post_keeps_a_day_that_is_marked_in_two(moved: Desk) -> None:
    assert prepare(moved)[1] == {"daudi": (4, 0, 1600, None), "there": (6, 1, 2400, None)}


def test_a_day_marked_at_the_first_centre_is_not_missed_at_the_second(moved: Desk) -> None:
    with moved.roll.db() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))
        left_out = text("DELETE FROM mark_event WHERE deployment_id = :post AND day = :day")
        db.execute(left_out, {"post": moved.posts["there"], "day": DAYS[3]})
        db.execute(text("SET LOCAL session_replication_role = DEFAULT"))
    hand_in(moved, confirmed=1)
    assert prepare(moved)[1] == {"daudi": (4, 0, 1600, None), "there": (6, 0, 2400, None)}


def test_both_lines_together_come_to_the_most_days_of_the_rate(moved: Desk) -> None:
    most(moved, 8)
    assert prepare(moved)[1] == {"daudi": (4, 0, 1600, None), "there": (4, 1, 1600, None)}


def test_a_line_that_is_not_paid_keeps_no_day(moved: Desk) -> None:
    moved.correct("amina", DAYS[0], False)  # so the register of the first centre is not what was signed
    assert prepare(moved)[1] == {"daudi": (3, 1, None, "not_returned"), "there": (7, 0, 2800, None)}


def test_chunks_see_what_else_somebody_has(moved: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = prepare(moved)
    monkeypatch.setattr(payroll_lines, "CHUNK", 1)
    assert prepare(moved) == whole


def test_the_list_of_lines_says_that_days_count_elsewhere(app: Flask, moved: Desk) -> None:
    prepare(moved)
    said = app.test_cli_runner().invoke(pay, ["lines", "KCSE", "2030"]).output.splitlines()
    assert [line.partition("  ")[2] for line in said if "x Ksh 400" in line] == [
        "4 days x Ksh 400 = Ksh 1600",
        "6 days x Ksh 400 = Ksh 2400; 1 more count on another line",
    ]


def test_a_statement_says_each_post_of_somebody_who_was_moved(
    moved: Desk, handset: Callable[[str], Handset]
) -> None:
    digest = prepare(moved)[0]
    with moved.roll.db() as db:
        made = db.scalars(select(PaySchedule).where(PaySchedule.digest == digest)).one()
        payrolls.close(db, made.id, seen=digest, by=BOB, now=AFTER)
    daudi = handset("+254711000004")
    daudi.text("STATEMENT")
    first, second = daudi.inbox()[-2:]
    assert "4 days x Ksh 400 = Ksh 1,600" in first and "6 days x Ksh 400 = Ksh 2,400" in second


def test_only_who_has_several_posts_is_looked_at_beside(moved: Desk) -> None:
    both = sorted((moved.posts["daudi"], moved.posts["there"]))
    with moved.roll.db() as db:
        found = payroll_posts.several(db, moved.roll.series_id)
    assert {number: sorted(every) for number, every in found.items()} == dict.fromkeys(both, both)


# -- the rule by itself ----------------------------------------------------------------------------------


def work(number: int, present: frozenset[date], most: int | None, refused: bool = False) -> Work:
    return Work(number, len(present), present, most, refused)


days = st.frozensets(st.integers(0, 11).map(lambda n: DAYS[0] + timedelta(days=n)))


@given(st.lists(st.tuples(days, st.booleans()), max_size=5), st.one_of(st.none(), st.integers(1, 12)))
def test_no_day_counts_twice(posts: list[tuple[frozenset[date], bool]], most: int | None) -> None:
    works = [work(n, present, most, refused) for n, (present, refused) in enumerate(posts)]
    found = payroll_days.once(works)
    whole = frozenset[date]().union(*(present for present, _ in posts))
    paid = frozenset[date]().union(*(present for present, refused in posts if not refused))
    assert sum(each.days for each in found.values()) == min(len(whole), most or 99)
    assert sum(found[each.deployment_id].days for each in works if not each.refused) == min(
        len(paid), most or 99
    )
    assert payroll_days.once(works[::-1]) == found


def test_reported_days_count_against_the_limit_too() -> None:
    found = payroll_days.once([Work(1, 12, frozenset(), 16, False), work(2, frozenset(DAYS), 16)])
    assert found == {1: Counted(12, 0), 2: Counted(4, 0)}


# -- what changed since it was prepared ------------------------------------------------------------------


@pytest.mark.parametrize("spoil", ["profile", "gone", "new", "last gone"])
def test_whoever_closes_hears_which_lines_changed(moved: Desk, spoil: str) -> None:
    name = {"profile": "fatuma", "gone": "daudi", "new": "esther", "last gone": "there"}[spoil]
    with moved.roll.db() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))
        for each in ("daudi", "there"):
            db.execute(text("DELETE FROM mark_event WHERE deployment_id = :id"), {"id": moved.posts[each]})
        db.execute(
            text("UPDATE deployment SET state = 'cancelled' WHERE id = :id"), {"id": moved.posts["there"]}
        )
        kept = moved.posts["daudi" if spoil == "gone" else "there"]
        if spoil in ("gone", "last gone"):
            db.execute(text("UPDATE deployment SET state = 'accepted' WHERE id = :id"), {"id": kept})
        made = payrolls.prepare(db, moved.roll.series_id, by=ALICE, now=AFTER)
    if spoil == "profile":
        moved.profile("fatuma", mpesa_name="HASSAN FATUMA ALI")
    elif spoil == "new":
        moved.posts["esther"] = moved.roll.post("esther", "invigilator", centre=OTHER)
    else:
        with moved.roll.db() as db:
            db.execute(text("UPDATE deployment SET state = 'cancelled' WHERE id = :id"), {"id": kept})
    with moved.roll.db() as db, pytest.raises(Refusal, match=r"pay\.changed") as refused:
        payrolls.close(db, made.id, seen=made.digest, by=BOB, now=AFTER)
    asked = text("SELECT reference FROM deployment WHERE id = :id")
    with moved.roll.db() as db:
        assert refused.value.values == {"pay_changed": db.scalar(asked, {"id": moved.posts[name]})}


def test_five_are_named_and_the_others_counted() -> None:
    assert payrolls.named(["DP-1"]) == "DP-1"
    assert payrolls.named([f"DP-{n}" for n in range(7)]) == "DP-0, DP-1, DP-2, DP-3, DP-4 +2"
