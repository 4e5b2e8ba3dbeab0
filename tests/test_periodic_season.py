"""The clock's jobs of the season: the morning's codes, and every job on a database without a season."""

import os
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from models.messages import Message
from models.records import Run
from operations import absences, chases
from operations.office import NAIROBI
from runtime import settings as settings_module
from tests.fixtures_attendance import STARTS, Roll, at
from tests.fixtures_registers import Morning
from workers import periodic

# Twenty thousand people like the one there is, and their marks.
OFFICERS = """
WITH lines AS (INSERT INTO subscriber (phone, lang) SELECT '+2547' || 20000000 + n, 'en'
               FROM generate_series(1, 20000) n RETURNING phone),
     people AS (INSERT INTO account (username, phone) SELECT substr(phone, 2), phone FROM lines
                RETURNING id)
INSERT INTO deployment (reference, account_id, series_id, centre_code, position, roster_no, reporting_at,
                        first_day, last_day, report_to, carry, state)
SELECT 'bulk ' || people.id, people.id, series_id, centre_code, position, 1000 + people.id, reporting_at,
       first_day, last_day, report_to, carry, state
FROM people, deployment WHERE deployment.id = :post
"""
MARKS = """
INSERT INTO mark_event (deployment_id, day, present, source, channel, actor, said_at)
SELECT id, cast(:day AS date) - n, (id + n) % 15 <> 0, 'bulk:' || id || ':' || n, 'ussd', 'phone:x',
       cast(:day AS date) - n + interval '8 hours'
FROM deployment, generate_series(0, 9) n WHERE id > :post
"""
JOBS = ("codes", "nudges", "lists", "returns", "disputes", "absences", "weeks")


def test_the_jobs_of_the_season_stand_in_the_table() -> None:
    assert set(JOBS) <= {job.name for job in periodic.TABLE}


def test_the_codes_go_out_once_a_morning(morning: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "read", lambda environment: morning.season.service.settings)
    half_past_five = datetime.combine(morning.today, datetime.min.time(), NAIROBI) + timedelta(hours=5.5)
    counts = []
    for now in (half_past_five - timedelta(minutes=1), half_past_five, half_past_five + timedelta(hours=4)):
        with morning.db() as db:
            periodic.send_codes(db, now=now)
            rung = db.info.pop("rings", set())
            counts.append((db.scalar(select(func.count()).select_from(Message)), rung))
    assert counts == [(0, set()), (2, {"urgent"}), (2, set())]


def test_what_a_job_takes_is_given_back_with_its_transaction(morning: Morning) -> None:
    now = datetime.combine(morning.today, datetime.min.time(), NAIROBI) + timedelta(hours=8.5)
    with morning.season.service.stores.sessions() as db:
        chases.nudge(db, now=now)
        assert db.scalar(select(func.count()).select_from(Message)) == 2
        db.rollback()
        assert db.scalar(select(func.count()).select_from(Run)) == 0
    with morning.db() as db:
        chases.nudge(db, now=now)
        assert db.scalar(select(func.count()).select_from(Message)) == 2


@pytest.mark.parametrize("name", JOBS)
def test_without_a_season_nothing_is_asked_of_the_environment(
    roll: Roll, name: str, queries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", {})
    job = next(job for job in periodic.TABLE if job.name == name)
    with roll.db() as db:
        queries.clear()
        assert job.act is not None
        job.act(db, now=at(STARTS, 3))
        assert not db.info.get("rings")
        assert len(queries) <= 3, "a job that has nothing to do is cheap"


def test_the_evening_of_many_officers_reads_indexes(roll: Roll) -> None:
    """20,000 officers, each marked on ten days, one in fifty absent: no table of marks is read through."""
    post = roll.post()
    with roll.db() as db:
        db.execute(text(OFFICERS), {"post": post})
        db.execute(text(MARKS), {"day": STARTS, "post": post})
        db.execute(text("ANALYZE mark_event, deployment, account"))
        query = absences.sought(db, at(STARTS, 19), *absences.untold())
        said = query.compile(db.connection(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(db.scalars(text(f"EXPLAIN {said}".replace(":", "\\:"))))
        told = absences.tell(db, now=at(STARTS, 19))
    assert "ix_mark_event_absent" in plan and "Seq Scan on mark_event" not in plan, plan
    assert told == absences.BATCH
