"""What is paid is what was signed: a register that changed after it was handed in is not returned."""

import re
from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text, update

from models.attendance import MarkEvent
from models.centres import RegisterDay, Return
from models.series import Series
from operations import payroll_claims, return_seals
from operations.marks import OVERRULING
from operations.register_reading import REGISTERED
from tests.fixtures_attendance import AFTER, DAYS, at
from tests.fixtures_returns import CENTRE, Desk

CENTRES_MORE = """
WITH more AS (INSERT INTO centre (code, name, station, level, sub_county_id)
              SELECT (50000000 + n)::text, 'Centre ' || n, 'examination', 'secondary',
                     (SELECT min(id) FROM sub_county)
              FROM generate_series(1, 3000) n RETURNING code)
INSERT INTO register_return (series_id, centre_code, reference, digest, submitted_at, submitted_by, received_at)
SELECT :series, code, 'bulk ' || code, '', now(), 'phone:x', now() FROM more
"""
POSTS_MORE = """
WITH lines AS (INSERT INTO subscriber (phone, lang) SELECT '+2547' || 20000000 + n, 'en'
               FROM generate_series(1, 12000) n RETURNING phone),
     people AS (INSERT INTO account (username, phone) SELECT substr(phone, 2), phone FROM lines
                RETURNING id, (50000001 + substr(phone, 6)::int % 3000)::text AS code)
INSERT INTO deployment (reference, account_id, series_id, centre_code, position, roster_no, reporting_at,
                        first_day, last_day, report_to, carry, state)
SELECT 'bulk ' || people.id, people.id, series_id, people.code, position, people.id, reporting_at,
       first_day, last_day, report_to, carry, state
FROM people, deployment WHERE deployment.id = :post
"""
MARKS_MORE = """
INSERT INTO mark_event (deployment_id, day, present, source, channel, actor, said_at)
SELECT id, cast(:day AS date) + n, true, 'bulk:' || id || ':' || n, 'ussd', 'phone:x',
       cast(:day AS date) + n + interval '8 hours'
FROM deployment, generate_series(0, 4) n WHERE id > :post
"""


def sealed(desk: Desk) -> dict[str, datetime]:
    """The registers by which somebody is paid."""
    with desk.roll.db() as db:
        return dict(return_seals.sealed(db, db.get_one(Series, desk.roll.series_id)))


def say(desk: Desk, n: int, day: date, said_at: datetime, actor: str, reason: str | None = None) -> None:
    """A word as a row, valid or not."""
    with desk.roll.db() as db:
        row = MarkEvent(deployment_id=desk.posts["chebet"], day=day, present=False, source=f"any:{n}")
        row.channel, row.actor, row.said_at, row.reason = "ussd", actor, said_at, reason
        db.add(row)


@pytest.mark.parametrize("seed", range(6))
def test_the_hash_is_that_of_the_sheet(desk: Desk, seed: int) -> None:
    """Any words: in time or not, at any microsecond, of days that were opened again, by whomever."""
    chance = Random(seed)
    with desk.roll.db() as db:
        opened = {"series_id": desk.roll.series_id, "centre_code": CENTRE, "day": DAYS[2]}
        db.add(RegisterDay(**opened, reopened_until=at(DAYS[6], 12)))
    for n in range(80):
        day, hours = chance.choice(DAYS[:6]), chance.choice((0, 7, 8, 25, 26, 27, 60, 200))
        said_at = at(day, 0) + timedelta(
            hours=hours, microseconds=chance.choice((0, 1, 120, 999_999, 500_000))
        )
        actor = chance.choice(("phone:+254715000001", "director:+254700000001", "staff:x\u00e9", "staffer:x"))
        say(desk, n, day, said_at, actor, chance.choice((None, "", "was there")))
    desk.submit()
    assert sealed(desk) == {}  # nothing has come in yet
    desk.receive()
    assert sealed(desk) == {CENTRE: AFTER}
    with desk.roll.db() as db:
        db.execute(update(Return).values(digest="0" * 64))
    assert sealed(desk) == {}


def test_only_words_that_count_change_a_register(desk: Desk) -> None:
    desk.submit()
    desk.receive()
    say(desk, 1, DAYS[0], at(DAYS[5], 9), "phone:+254715000001")  # days after the cut-off
    say(desk, 2, DAYS[0], at(DAYS[5], 9), "director:+254700000001")  # without a reason
    assert list(sealed(desk)) == [CENTRE]
    say(desk, 3, DAYS[0], at(DAYS[5], 9), "director:+254700000001", "was away")
    assert sealed(desk) == {}


def test_a_centre_without_a_word_and_one_that_closes_at_another_hour(desk: Desk) -> None:
    with desk.roll.db() as db:
        db.get_one(Series, desk.roll.series_id).rules = {"register_closes": "07:59:59"}
        db.execute(text("SET LOCAL session_replication_role = replica"))
        db.execute(text("DELETE FROM mark_event WHERE day <> :day"), {"day": DAYS[0]})
        db.execute(text("UPDATE mark_event SET said_at = said_at + interval '1 day'"))  # a second too late
        db.execute(text("SET LOCAL session_replication_role = DEFAULT"))
    desk.submit(confirmed=99)
    desk.receive()
    assert list(sealed(desk)) == [CENTRE]
    with desk.roll.db() as db:
        db.get_one(Series, desk.roll.series_id).rules = {}
    assert sealed(desk) == {}


def test_every_register_is_read_by_index(desk: Desk) -> None:
    """3,000 centres with four officers each, marked on five days: no table of words is read through."""
    known = {"series": desk.roll.series_id, "registered": list(REGISTERED), "closes": "10:00"}
    with desk.roll.db() as db:
        db.execute(text(CENTRES_MORE), {"series": desk.roll.series_id})
        db.execute(text(POSTS_MORE), {"post": desk.posts["chebet"]})
        db.execute(text(MARKS_MORE), {"post": desk.posts["chebet"], "day": DAYS[1]})
        db.execute(text("ANALYZE centre, register_return, account, deployment, mark_event, register_day"))
        asked = text(f"EXPLAIN {return_seals.UNCHANGED.text}")
        plan = "\n".join(db.scalars(asked, {**known, "overruling": list(OVERRULING)}))
    whole = r"Index Cond: \(\(series_id = handed.series_id\) AND \(centre_code = handed.centre_code\)\)"
    assert re.search(whole, plan) and "ix_mark_event_deployment" in plan, plan
    assert not re.search(r"Seq Scan on (deployment|mark_event)", plan), plan


@pytest.mark.parametrize(("hours", "late"), [(23, False), (24, True)])
def test_the_last_day_for_registers_is_a_whole_day_in_nairobi(desk: Desk, hours: int, late: bool) -> None:
    desk.submit()
    desk.receive(now=at(AFTER.date(), 0) + timedelta(hours=hours, minutes=59))
    with desk.roll.db() as db:
        series = db.get_one(Series, desk.roll.series_id)
        assert payroll_claims.open_book(db, series, AFTER).returns_by is None
        series.rules = {"returns_by": AFTER.date().isoformat()}
        book = payroll_claims.open_book(db, series, AFTER)
    assert payroll_claims.too_late(book, book.returned[CENTRE]) is late
