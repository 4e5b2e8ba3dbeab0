"""Which days are examined: Monday to Friday but public holidays, unless the rules of the series say otherwise."""

import csv
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text

from models.records import Audit
from models.series import Holiday, Series
from operations import calendars, holidays, office, rule_book
from operations import series as verbs
from operations.office import Actor
from operations.refusals import Refusal
from tests.fixtures_season import Season
from ussd_app.cli.series import series as group

BY = Actor("staff:wanjiku", "command")
MASHUJAA = date(2031, 10, 20)  # a Monday


def run(app: Flask, *words: object) -> Result:
    return app.test_cli_runner().invoke(group, [str(word) for word in words])


def made(season: Season, starts: date = date(2031, 10, 13), ends: date = date(2031, 10, 24)) -> int:
    """A series around Mashujaa Day."""
    with season.service.stores.transaction() as db:
        rehearsal = starts - timedelta(days=3)
        return verbs.create(db, "KPSEA", 2031, starts, ends, rehearsal, by=BY, now=office.now(db)).id


def examined(season: Season, number: int) -> list[date]:
    with season.service.stores.sessions() as db:
        return list(calendars.exam_days(db.get_one(Series, number)))


def ruled(season: Season, number: int, rules: str) -> list[date]:
    """The days of a series once it has these rules."""
    with season.service.stores.transaction() as db:
        book = rule_book.read_text(rules)
        rule_book.keep(db, db.get_one(Series, number), book, by=BY, now=office.now(db))
    return examined(season, number)


# -- the days of every year --------------------------------------------------------------------------

# Of the council's own years: KCSE 2024 began on Tuesday the 22nd, after a Mashujaa Day on a Sunday.
KNOWN = {
    date(2024, 10, 21): "Mashujaa Day (for Sunday)",
    date(2025, 10, 20): "Mashujaa Day",
    date(2022, 12, 27): "Christmas Day (for Sunday)",  # gazetted so: Monday was Boxing Day
    date(2023, 1, 2): "New Year's Day (for Sunday)",
    date(2025, 4, 18): "Good Friday",
    date(2025, 4, 21): "Easter Monday",
    date(2027, 12, 27): "Boxing Day (for Sunday)",
}
EASTERS = [
    *(date(1981, 4, 19), date(2000, 4, 23), date(2011, 4, 24), date(2024, 3, 31)),
    *(date(2035, 3, 25), date(2038, 4, 25), date(2049, 4, 18)),
]


@pytest.mark.parametrize("day", KNOWN, ids=str)
def test_the_holidays_that_are_known(day: date) -> None:
    assert holidays.of_year(day.year)[day] == KNOWN[day]


def test_no_holiday_is_kept_on_a_sunday_and_none_is_lost() -> None:
    for year in range(2000, 2100):
        found = holidays.of_year(year)
        assert len(found) == 10 and all(day.weekday() != holidays.SUNDAY for day in found), year
        assert all(day.year == year for day in found)


@pytest.mark.parametrize("sunday", EASTERS, ids=str)
def test_easter(sunday: date) -> None:
    assert holidays.easter(sunday.year) == sunday


def test_the_list_of_the_migrations_is_what_is_worked_out() -> None:
    file = Path(__file__).parent.parent / "models/migrations/reference/holidays.csv"
    with file.open(newline="", encoding="utf-8") as lines:
        rows = {date.fromisoformat(row["day"]): row["name"] for row in csv.DictReader(lines)}
    years = range(2022, 2031)
    assert rows == {day: name for year in years for day, name in holidays.of_year(year).items()}


def test_series_that_were_there_got_their_holidays(season: Season) -> None:
    with season.service.stores.sessions() as db:
        kcse = {year: verbs.named(db, "KCSE", year) for year in (2024, 2025, 2026)}
        assert {year: one.holidays for year, one in kcse.items()} == {
            2024: [],
            2025: [],
            2026: ["2026-10-20"],
        }
        assert not calendars.examined(kcse[2026], date(2026, 10, 20))
        assert calendars.examined(kcse[2026], date(2026, 10, 21))


# -- a series ----------------------------------------------------------------------------------------


def test_no_exam_on_a_public_holiday(season: Season) -> None:
    days = examined(season, made(season))
    assert MASHUJAA not in days and len(days) == 1 + 9 and date(2031, 10, 21) in days


def test_a_day_that_the_rules_list_is_examined_holiday_or_weekend(season: Season) -> None:
    number, saturday = made(season), date(2031, 10, 18)
    days = [MASHUJAA, saturday, date(2031, 10, 21)]
    listed = ", ".join(f'"{day}"' for day in days)
    assert ruled(season, number, f'{{"exam_days": [{listed}]}}') == [date(2031, 10, 10), *sorted(days)]
    with season.service.stores.sessions() as db:
        assert calendars.free(db.get_one(Series, number)) == set()
    # It holds against holidays that the rules name themselves, too.
    both = f'{{"exam_days": [{listed}], "holidays": ["{MASHUJAA}"]}}'
    assert MASHUJAA in ruled(season, number, both)


def test_the_holidays_of_the_rules_stand_for_the_countrys(season: Season) -> None:
    number, other = made(season), date(2031, 10, 22)
    days = ruled(season, number, f'{{"holidays": ["{other}"]}}')
    assert MASHUJAA in days and other not in days
    assert MASHUJAA in ruled(season, number, '{"holidays": []}')
    assert MASHUJAA not in ruled(season, number, '{"return_years": 3}')  # rules that say nothing of it


def test_other_days_have_other_holidays(season: Season) -> None:
    number = made(season)
    with season.service.stores.transaction() as db:
        one = db.get_one(Series, number)
        new = (date(2031, 12, 8), date(2031, 12, 26))
        verbs.set_days(db, one, *new, None, by=BY, now=office.now(db))
        assert one.holidays == ["2031-12-12", "2031-12-25", "2031-12-26"]


def test_a_rehearsal_is_held_on_the_day_that_is_set(season: Season) -> None:
    number = made(season, date(2031, 10, 23))
    assert examined(season, number)[0] == MASHUJAA


# -- the list ----------------------------------------------------------------------------------------


def test_officers_add_the_days_that_the_moon_or_the_gazette_says(app: Flask, season: Season) -> None:
    number, idd = made(season), date(2031, 10, 15)
    said = run(app, "holiday", idd, "Idd-ul-Fitr", "--by", "jane")
    assert said.exit_code == 0 and "KPSEA 2031: No exam on public holidays: Wed 2031-10-15" in said.output
    assert idd not in examined(season, number)
    assert "Wed 2031-10-15  Idd-ul-Fitr  (jane)" in run(app, "holidays", 2031).output
    said = run(app, "holiday", idd, "--remove", "--by", "jane")
    assert "is no public holiday" in said.output and idd in examined(season, number)
    with season.service.stores.sessions() as db:
        acts = db.scalars(select(Audit.act).where(Audit.act.like("%holiday%")).order_by(Audit.id)).all()
    assert acts == ["holiday.add", "series.holidays", "holiday.remove", "series.holidays"]


def test_a_day_may_be_taken_off_and_stays_off(app: Flask, season: Season) -> None:
    number = made(season)
    assert run(app, "holiday", MASHUJAA, "--remove").exit_code == 0
    assert MASHUJAA in examined(season, number)
    assert str(MASHUJAA) not in run(app, "holidays", 2031).output
    assert "KPSEA" not in run(app, "holiday", MASHUJAA, "--remove").output  # twice changes nothing


def test_a_series_that_is_over_keeps_its_days(app: Flask, season: Season) -> None:
    number = made(season)
    with season.service.stores.transaction() as db:
        db.execute(text("UPDATE series SET closed_at = now() WHERE id = :id"), {"id": number})
    assert run(app, "holiday", "2031-10-15", "Idd-ul-Fitr").exit_code == 0
    assert date(2031, 10, 15) in examined(season, number)


def test_a_holiday_has_a_name(app: Flask, season: Season) -> None:
    said = run(app, "holiday", "2031-10-15", " ")
    assert said.exit_code == 1 and "A public holiday has a name" in said.output
    with season.service.stores.transaction() as db, pytest.raises(Refusal, match=r"series\.holiday_name"):
        holidays.add(db, MASHUJAA, "", by=BY, now=office.now(db))


def test_a_year_beyond_the_list_is_worked_out_once(app: Flask, season: Season) -> None:
    for _ in range(2):
        assert run(app, "holidays", 2055).output.count("2055-") == 10
    with season.service.stores.sessions() as db:
        assert db.get_one(Holiday, date(2055, 10, 20)).source == holidays.ACT


def test_a_rehearsal_that_nobody_set_avoids_a_holiday(app: Flask, season: Season) -> None:
    """As the council did in 2023: Friday was Mashujaa Day, so it was rehearsed on Thursday the 19th."""
    said = run(app, "add", "KILEA", 2028, "--starts", "2028-10-23", "--ends", "2028-10-26")
    assert "Rehearsal 2028-10-19." in said.output, said.output
    said = run(app, "add", "KPSEA", 2031, "--starts", "2031-10-20", "--ends", "2031-10-24")
    assert "Rehearsal 2031-10-17. No exam on public holidays: Mon 2031-10-20." in said.output


def test_the_migration_gives_holidays_to_what_is_not_over(season: Season) -> None:
    migration = import_module("models.migrations.versions.0004_pay_and_holidays")
    number = made(season)
    with season.service.stores.transaction() as db:
        kcse = verbs.named(db, "KCSE", 2022)  # over, and with a register that was marked
        season.make_deployment(db, "amina", "20401001", "supervisor", series_id=kcse.id)
        db.execute(
            text("UPDATE series SET holidays = '[]', rules = '{\"holidays\": [], \"return_years\": 3}'")
        )
        db.execute(text("INSERT INTO holiday (day, name) VALUES ('2031-10-15', 'Idd-ul-Fitr')"))
        db.execute(text(migration.UNSAID))
        db.execute(text(migration.SPREAD))
    with season.service.stores.sessions() as db:
        one, over = db.get_one(Series, number), verbs.named(db, "KCSE", 2022)
        assert one.rules == {"return_years": 3}
        assert one.holidays == ["2031-10-15", "2031-10-20"] and over.holidays == []
        assert verbs.named(db, "KCSE", 2026).holidays == ["2026-10-20"]
