"""Queries that are asked often find what they seek by an index, however many others there are."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from operations import attendance, centres, duties, forms, office
from tests.fixtures_attendance import Roll
from tests.fixtures_season import PEOPLE, Season

PEOPLE_MORE = """
WITH lines AS (INSERT INTO subscriber (phone, lang) SELECT '+2547' || 20000000 + n, 'en'
               FROM generate_series(1, 20000) n RETURNING phone),
     people AS (INSERT INTO account (username, phone) SELECT substr(phone, 2), phone FROM lines RETURNING id)
INSERT INTO form (id, account_id, journey, details, begun_at, touched_at)
SELECT 'bulk' || id, id, 'apply', '{}', now() - interval '1 hour', now() - interval '1 hour' FROM people
"""
CENTRES_MORE = """
INSERT INTO centre (code, name, station, level, sub_county_id, host_code)
SELECT (50000000 + n)::text, 'Centre ' || n, 'examination', 'secondary', (SELECT min(id) FROM sub_county),
       CASE WHEN n % 50 = 0 THEN '20401001' WHEN n % 51 = 0 THEN '20401002' END
FROM generate_series(1, 5000) n
"""
REOPENED = """
INSERT INTO register_day (series_id, centre_code, day, reopened_until)
SELECT :series, code, current_date - n, now() + interval '1 day'
FROM centre, generate_series(1, 4) n
"""


@pytest.fixture
def crowd(season: Season) -> Season:
    """The small season among many."""
    with season.service.stores.transaction() as db:
        db.execute(text(PEOPLE_MORE))
        db.execute(text(CENTRES_MORE))
        db.execute(text(REOPENED), {"series": season.running})
        db.execute(text("ANALYZE account, form, centre, register_day"))
    return season


def plan_of(db: Session, act: Callable[[], object]) -> str:
    """The plan of the first query that this asks."""
    asked: list[tuple[str, Any]] = []

    def note(connection: Connection, cursor: Any, sql: str, values: Any, *rest: Any) -> None:
        asked.append((sql, values))

    event.listen(db.connection(), "before_cursor_execute", note)
    act()
    event.remove(db.connection(), "before_cursor_execute", note)
    sql, values = asked[0]
    return "\n".join(row[0] for row in db.connection().exec_driver_sql(f"EXPLAIN {sql}", values))


def test_whoever_dialled_again_is_found_by_phone(crowd: Season) -> None:
    with crowd.service.stores.transaction() as db:
        phones, now = [PEOPLE["amina"][0], "+254720000007"], office.now(db)
        plan = plan_of(db, lambda: forms.returned(db, phones, now=now))
    assert "uq_account_person_phone" in plan and "Seq Scan on account" not in plan, plan


def test_days_opened_again_are_sought_at_the_centres_that_are_asked_of(crowd: Season) -> None:
    with crowd.service.stores.transaction() as db:
        post = crowd.make_deployment(db, "amina", "20401001", "supervisor", series_id=crowd.running).id
        duty = duties.one(db, post)
        plan = plan_of(db, lambda: attendance.cut_offs(db, [duty]))
    [found] = [line for line in plan.splitlines() if "Index Cond" in line]
    assert "series_id" in found and "centre_code" in found, plan


def test_the_centres_that_one_hosts_are_found_by_their_index(crowd: Season) -> None:
    with crowd.service.stores.transaction() as db:
        assert len(centres.hosted(db, "20401001")) == 100
        plan = plan_of(db, lambda: centres.hosted(db, "20401001"))
    assert "ix_centre_host" in plan, plan


def test_a_day_opened_again_at_one_centre_is_closed_at_another(roll: Roll) -> None:
    here, there = roll.post(), roll.post("fatuma", "invigilator", centre="01101001")
    with roll.db() as db:
        both = [duties.one(db, post) for post in (here, there)]
        day = both[0].first_day
        later = text(
            "INSERT INTO register_day (series_id, centre_code, day, reopened_until)"
            " VALUES (:series, '20401001', :day, '2099-01-01')"
        )
        db.execute(later, {"series": roll.series_id, "day": day})
        closes = attendance.cut_offs(db, both)
        assert closes(here, day).year == 2099 and closes(there, day).year == 2030
