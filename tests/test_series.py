"""Series: their days, when one may apply, what a position is paid; and the commands of the officers."""

import json
import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.records import Audit
from models.series import Rate, Series
from operations import office, rates
from operations import series as verbs
from operations.office import NAIROBI, Actor
from operations.refusals import Refusal
from tests.fixtures_season import Season
from ussd_app.cli import desk
from ussd_app.cli.series import friday_before
from ussd_app.cli.series import series as group

BY = Actor("staff:wanjiku", "command")
DAY = timedelta(days=1)


def refused(act: Callable[[], object]) -> str:
    """The code of the refusal that this raises."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def open_series(db: Session, moment: datetime) -> list[int]:
    """The series in which one may apply then."""
    return list(db.scalars(select(Series.id).where(verbs.is_open(moment))))


# -- the verbs ---------------------------------------------------------------------------------------


def test_one_may_apply_from_its_beginning_to_its_end(season: Season) -> None:
    with season.service.stores.transaction() as db:
        one, now = db.get_one(Series, season.open), office.now(db)
        assert open_series(db, now) == [season.open]
        for moment, there in (
            (one.apply_from, True),
            (one.apply_from - DAY, False),
            (one.apply_until, False),
        ):
            assert bool(open_series(db, moment)) is there
        verbs.close(db, one, by=BY, now=now)
        verbs.close(db, one, by=BY, now=now)
        db.flush()
        assert open_series(db, now) == [] and one.closed_at is None
        verbs.open_for(db, one, now + DAY, by=BY, now=now)
        db.flush()
        assert open_series(db, now) == [season.open]
        verbs.end(db, one, by=BY, now=now)
        db.flush()
        assert open_series(db, now) == []
        acts = db.scalars(
            select(Audit.act).where(Audit.subject == f"series:{one.id}").order_by(Audit.id)
        ).all()
    assert acts == ["series.close", "series.open", "series.end"]


def test_what_a_series_may_not_be(season: Season) -> None:
    with season.service.stores.transaction() as db:
        now, today = office.now(db), season.today(db)
        add = lambda *days: lambda: verbs.create(db, "PTE", 2027, *days, by=BY, now=now)  # noqa: E731
        assert refused(add(today, today - DAY)) == "series.days"
        assert refused(add(today, today, today + DAY)) == "series.days"
        made = add(today, today + DAY, today - DAY)()
        assert (made.exam, made.apply_from, made.apply_until) == ("PTE", None, None)
        assert refused(add(today, today)) == "series.exists"
        assert refused(lambda: verbs.open_for(db, made, now, by=BY, now=now)) == "series.window"
        assert (
            refused(lambda: verbs.open_for(db, made, now + DAY, now + 2 * DAY, by=BY, now=now))
            == "series.window"
        )
        assert (
            refused(lambda: verbs.set_days(db, made, today, today - DAY, None, by=BY, now=now))
            == "series.days"
        )
        assert refused(lambda: verbs.named(db, "PTE", 1999)) == "series.no_such"
        assert verbs.by_name(db, " pte ", 2027) is made and verbs.by_name(db, "PTE", 1999) is None


# -- rates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exam", "year", "position", "county", "ksh"),
    [
        ("KCSE", 2025, "supervisor", "047", 680),
        ("KCSE", 2026, "supervisor", "019", 680),  # the newest year up to its own
        ("KCSE", 2024, "invigilator", "019", 510),
        ("KCSE", 2023, "supervisor", "047", 695),  # Nairobi and Mombasa
        ("KCSE", 2023, "supervisor", "001", 695),
        ("KCSE", 2023, "supervisor", "019", 630),
        ("KCSE", 2026, "driver", "047", 405),
        ("KJSEA", 2025, "supervisor", "047", 680),  # set for KPSEA and KJSEA together
        ("KCPE", 2023, "security_officer", "047", None),  # only a total was published
        ("KCSE", 2026, "clerk", "047", None),
        ("KPSEA", 2023, "invigilator", "047", None),  # not before its first year
    ],
)
def test_the_rate_is_of_the_newest_year_and_the_region(
    season: Season, exam: str, year: int, position: str, county: str, ksh: int | None
) -> None:
    with season.service.stores.transaction() as db:
        one = verbs.by_name(db, exam, year) or Series(exam=exam, year=year)
        found = rates.of(db, one, position, rates.region_of(county))
        assert found is None if ksh is None else found is not None and found.ksh_per_day == ksh


def test_a_rate_of_ones_own_exam_goes_before_a_common_one(season: Season) -> None:
    with season.service.stores.transaction() as db:
        found = rates.of(db, verbs.named(db, "KPSEA", 2025), "supervisor")
        assert found is not None and (found.exam, found.days) == ("KPSEA", 3)


def test_an_officer_sets_a_rate_and_corrects_it(season: Season) -> None:
    with season.service.stores.transaction() as db:
        now = office.now(db)
        for ksh, days in ((700, 16), (720, None)):
            rates.keep(db, "kcse", 2026, "supervisor", "All", ksh, days, by=BY, now=now)
        rows = db.scalars(select(Rate).where(Rate.year == 2026)).all()
        assert [(row.exam, row.ksh_per_day, row.days, row.total_ksh) for row in rows] == [
            ("KCSE", 720, None, None)
        ]
        found = rates.of(db, verbs.named(db, "KCSE", 2026), "supervisor", "Other")
        assert found is not None and found.ksh_per_day == 720
        keep = lambda *rate: lambda: rates.keep(db, "KCSE", 2026, *rate, by=BY, now=now)  # noqa: E731
        assert refused(keep("teacher", "All", 5)) == "vacancy.no_position"
        assert refused(keep("driver", "Nairobi", 5)) == "rate.region"
        assert refused(keep("driver", "All", 0)) == "rate.sum"
        assert refused(keep("driver", "All", 5, 0)) == "rate.sum"


# -- the commands ------------------------------------------------------------------------------------


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    """Runs `flask series …`."""
    return lambda *words: app.test_cli_runner().invoke(group, list(words))


def test_a_series_is_added_opened_and_closed_by_command(run: Callable[..., Result], season: Season) -> None:
    with season.service.stores.transaction() as db:
        today = office.now(db).astimezone(NAIROBI).date()
    starts, ends, until = (str(today + n * DAY) for n in (60, 90, 30))
    done = run("add", "kpsea", "2031", "--starts", starts, "--ends", ends, "--by", "wanjiku")
    assert done.exit_code == 0 and "nobody may apply" in done.output, done.output
    assert "KPSEA 2031" in run("list").output and "not open yet" in run("list").output
    again = run("add", "KPSEA", "2031", "--starts", starts, "--ends", ends)
    assert again.exit_code == 1 and "KPSEA 2031 is there already." in again.output
    opened = run("open", "KPSEA", "2031", "--until", until, "--by", "wanjiku")
    assert f"open until {today + 31 * DAY} 00:00" in opened.output
    assert "closed since" in run("close", "KPSEA", "2031", "--by", "wanjiku").output
    assert "opens on" in run("open", "KPSEA", "2031", "--until", until, "--from", str(today + 3 * DAY)).output
    assert "over" in run("close", "KPSEA", "2031", "--over").output
    moved = run("dates", "KPSEA", "2031", "--ends", str(today + 99 * DAY))
    assert f"{starts} to {today + 99 * DAY}" in moved.output
    with season.service.stores.transaction() as db:
        one = verbs.named(db, "KPSEA", 2031)
        assert one.rehearsal == friday_before(one.starts)
        audits = select(Audit.act, Audit.actor, Audit.channel).where(Audit.subject == f"series:{one.id}")
        acts = db.execute(audits.order_by(Audit.id)).all()
    named = {
        ("series.create", "staff:wanjiku"),
        ("series.open", "staff:wanjiku"),
        ("series.close", "staff:wanjiku"),
    }
    assert named < {(act, actor) for act, actor, _ in acts} and {channel for *_, channel in acts} == {
        "command"
    }


def test_the_rehearsal_is_the_friday_before() -> None:
    monday, friday = date(2026, 10, 19), date(2026, 10, 16)
    assert friday_before(monday) == friday and friday_before(friday) == friday - 7 * DAY


@pytest.mark.parametrize(
    "words",
    [
        ("open", "KCSE", "1999", "--until", "2099-01-01"),
        ("close", "KCSE", "1999"),
        ("dates", "KCSE", "1999"),
        ("rules", "KCSE", "1999"),
        ("rate", "KCSE", "1999"),
    ],
)
def test_a_series_that_is_not_there_is_said_so(run: Callable[..., Result], words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.exit_code == 1 and "There is no series KCSE 1999." in done.output


def test_rules_are_shown_and_given_by_command(
    run: Callable[..., Result], season: Season, tmp_path: Path
) -> None:
    shown: dict[str, Any] = json.loads(run("rules", "KCSE", "2025").output)
    assert shown["positions"]["invigilator"]["levels"] == ["primary"]
    assert "Not its own" in run("rules", "KCSE", "2026").output
    file = tmp_path / "rules.json"
    file.write_text('{"return_years": 4}')
    assert run("rules", "KCSE", "2026", str(file), "--by", "wanjiku").exit_code == 0
    assert json.loads(run("rules", "KCSE", "2026").output)["return_years"] == 4
    file.write_text('{"return_years": "four"}')
    bad = run("rules", "KCSE", "2026", str(file))
    assert bad.exit_code == 1 and "$.return_years" in bad.output
    assert json.loads(run("rules", "KCSE", "2026").output)["return_years"] == 4


def test_rates_are_shown_and_set_by_command(run: Callable[..., Result], season: Season) -> None:
    assert "clerk  Other  not set" in run("rate", "KCSE", "2026").output
    done = run("rate", "KCSE", "2026", "clerk", "300", "--region", "Other", "--days", "5", "--by", "wanjiku")
    assert "clerk  Other  Ksh 300 a day (KCSE 2026)" in done.output
    assert "clerk  Nairobi & Mombasa  not set" in done.output
    assert run("rate", "KCSE", "2026", "clerk", "0").exit_code == 1


def test_a_rate_is_whose_it_is_by_the_name_at_the_terminal(
    run: Callable[..., Result], season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Money is never set by nobody: without `--by` it is whoever sits there."""
    monkeypatch.setenv("LOGNAME", "achieng")
    for ksh, by in ((420, ()), (430, ("--by", "baraka"))):
        assert run("rate", "KCSE", "2026", "security_officer", str(ksh), *by).exit_code == 0
    with season.service.stores.transaction() as db:
        acts = select(Audit.actor).where(Audit.act.startswith("rate.")).order_by(Audit.id)
        assert db.scalars(acts).all() == ["staff:achieng", "staff:baraka"]


def test_where_the_machine_knows_no_name_it_is_the_users_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987654)
    assert desk.whoever() == "uid-987654"
