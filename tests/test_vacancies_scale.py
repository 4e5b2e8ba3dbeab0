"""The search among 20,000 vacancies at 5,000 centres: every list is one query, and an index answers it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from operations import office, vacancy_search
from operations.vacancy_search import LISTS, Home, Picked
from tests.fixtures_season import Season, sub_county

# Spread over every sub-county, four vacancies a centre, a third of them full, one in 400 a driver's.
CENTRES = """
INSERT INTO centre (code, name, station, level, sub_county_id)
SELECT (50000000 + n)::text, 'Centre ' || n || ' Secondary School', 'examination', 'secondary', places.ids[1 + n % 301]
FROM generate_series(1, 5000) n, (SELECT array_agg(id ORDER BY id) AS ids FROM sub_county) places
"""
VACANCIES = """
INSERT INTO vacancy (code, series_id, activity, station, position, centre_code, capacity, filled)
SELECT (700000 + n)::text, CASE WHEN n % 10 = 0 THEN :running ELSE :open END,
       CASE WHEN n % 400 = 0 THEN 'transport' ELSE (ARRAY['supervision', 'invigilation', 'management', 'security'])[1 + n / 5001] END,
       'examination',
       CASE WHEN n % 400 = 0 THEN 'driver' ELSE (ARRAY['supervisor', 'invigilator', 'centre_manager', 'security_officer'])[1 + n / 5001] END,
       (50000001 + n % 5000)::text, 3, CASE WHEN n % 3 = 0 THEN 3 ELSE 0 END
FROM generate_series(1, 20000) n
"""


@pytest.fixture
def crowd(season: Season) -> Season:
    """The small season among many."""
    with season.service.stores.transaction() as db:
        db.execute(text(CENTRES))
        db.execute(text(VACANCIES), {"open": season.open, "running": season.running})
        db.execute(text("ANALYZE vacancy, centre, series, sub_county"))
    return season


def plan_of(db: Session, ask: Callable[[], object]) -> str:
    """The plan of the one query that this asks."""
    asked: list[tuple[str, Any]] = []

    def note(connection: Connection, cursor: Any, sql: str, values: Any, *rest: Any) -> None:
        asked.append((sql, values))

    ask()  # what is asked once a transaction
    event.listen(db.connection(), "before_cursor_execute", note)
    ask()
    event.remove(db.connection(), "before_cursor_execute", note)
    assert len(asked) == 1, [sql for sql, _ in asked]
    sql, values = asked[0]
    return "\n".join(row[0] for row in db.connection().exec_driver_sql(f"EXPLAIN {sql}", values))


def test_every_list_the_result_and_the_count_are_each_one_query_by_index(crowd: Season) -> None:
    with crowd.service.stores.transaction() as db:
        now, exam, kasarani = office.now(db), str(crowd.open), sub_county(db, "Kasarani")
        home = Home("047", kasarani, "Nairobi", "Kasarani")
        nairobi = {"county": "047"}
        cases: list[Picked] = [
            {},
            {"exam": exam},
            {"position": "driver"},
            {"exam": exam, "activity": "invigilation", "station": "examination", "position": "invigilator"},
            nairobi,
            {"exam": exam, **nairobi, "sub_county": str(kasarani)},
        ]
        for picked in cases:
            asks: dict[str, Callable[[], object]] = {
                name: lambda picked=picked, name=name: vacancy_search.choices(
                    db, picked, name, home=home, now=now
                )
                for name in LISTS
                if name != "sub_county"
                or "county" in picked  # else it asks nothing: it depends on its county
            }
            asks["results"] = lambda picked=picked: vacancy_search.results(db, picked, home=home, now=now)
            asks["typed"] = lambda picked=picked: vacancy_search.results(db, picked, "centre 49", now=now)
            asks["count"] = lambda picked=picked: vacancy_search.count(db, picked, now=now)
            for name, ask in asks.items():
                plan = plan_of(db, ask)
                assert "Seq Scan on vacancy" not in plan, f"{name} after {picked}\n{plan}"
                assert "ix_vacancy_" in plan, f"{name} after {picked}\n{plan}"


def test_at_that_size_the_lists_hold_what_they_should(crowd: Season) -> None:
    with crowd.service.stores.transaction() as db:
        now, exam = office.now(db), str(crowd.open)
        lists = {
            name: vacancy_search.choices(db, {"county": "047"}, name, home=None, now=now) for name in LISTS
        }
        assert [len(lists[name]) for name in LISTS] == [1, 5, 1, 5, 47, 17]
        assert all(len(each) <= 97 for each in lists.values())
        found = vacancy_search.results(db, {"exam": exam}, home=None, now=now)
        assert len(found) == 97 and vacancy_search.count(db, {}, now=now) == 1000
        # n % 400 = 0 makes n % 10 = 0: they are of the series that is not open, and one is the small season's.
        assert [
            each.name for each in vacancy_search.choices(db, {"position": "driver"}, "county", now=now)
        ] == ["Kisumu"]
