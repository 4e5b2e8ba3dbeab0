"""`flask deploy …`, as an officer runs it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from models.accounts import Account
from models.applications import Application
from models.deployments import Deployment
from models.messages import Message
from models.records import Audit
from telephony import references
from tests.deploying import BOYS, COAST, GIRLS, accept, application, applied, offer, plain_rules, row, words
from tests.fixtures_season import PEOPLE, Season
from tests.processes import blocked, wait_until
from ussd_app.cli.deploy import deploy

POST = ("--centre", GIRLS, "--position", "supervisor", "--by", "jane")


@pytest.fixture(autouse=True)
def rules(season: Season) -> None:
    """Few people fill many posts."""
    plain_rules(season)


def run(app: Flask, *given: object) -> Result:
    """One command and what it said."""
    return app.test_cli_runner().invoke(deploy, list(map(str, given)))


def series(season: Season) -> tuple[str, ...]:
    """The options that name the open series."""
    with season.service.stores.sessions() as db:
        return "--exam", "kcse", "--year", str(season.today(db).year + 1)


def number_of(season: Season, name: str) -> str:
    """A phone as an officer types it."""
    return "0" + PEOPLE[name][0][4:]


def everything(season: Season) -> list[tuple[str, str]]:
    """Every deployment: its centre and state, by id."""
    with season.service.stores.sessions() as db:
        rows = db.execute(select(Deployment.centre_code, Deployment.state).order_by(Deployment.id))
        return [(centre, state) for centre, state in rows]


def test_a_person_is_deployed_and_the_command_says_what_stands(app: Flask, season: Season) -> None:
    said = run(app, "person", number_of(season, "amina"), *POST, *series(season))
    assert said.exit_code == 0, said.output
    assert f"{GIRLS} Kasarani Girls Secondary School no. 1" in said.output and "offered" in said.output
    assert "+2547*****001" in said.output and PEOPLE["amina"][0] not in said.output
    assert everything(season) == [(GIRLS, "offered")] and words(season, "amina") == ["deployment.offered"]
    with season.service.stores.sessions() as db:
        assert ("staff:jane", "deployment.offer") in db.execute(select(Audit.actor, Audit.act)).all()
        assert db.scalars(select(Message.lane)).one() == "bulk"


def test_the_reporting_time_is_nairobis_unless_it_says_otherwise(app: Flask, season: Season) -> None:
    report = f"{series(season)[3]}-02-01T06:30"
    said = run(app, "person", number_of(season, "amina"), *POST, *series(season), "--report", report)
    assert said.exit_code == 0, said.output
    assert row(season, 1).reporting_at.isoformat() == f"{series(season)[3]}-02-01T03:30:00+00:00"


def test_an_application_is_answered_by_its_reference(app: Flask, season: Season) -> None:
    number, reference = applied(season, "amina"), references.make("AP")
    with season.service.stores.transaction() as db:
        db.get_one(Application, number).reference = reference
    more = (*POST, *series(season), "--application", reference.lower())
    said = run(app, "person", number_of(season, "amina"), *more)
    assert said.exit_code == 0, said.output
    assert application(season, number)[0] == "deployed"


REFUSED = {
    "nobody": (("0733000333",), "No account has this phone number"),
    "no phone": (("07110",), "too short"),
    "a driver": (("0711000003",), "driver"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_said_in_words(app: Flask, season: Season, case: str) -> None:
    given, text = REFUSED[case]
    said = run(app, "person", *given, *POST, *series(season))
    assert said.exit_code == 1 and text in said.output, said.output
    assert everything(season) == []


def test_two_posts_in_one_series_are_refused_with_the_first_ones_reference(
    app: Flask, season: Season
) -> None:
    number = offer(season, "amina", BOYS)
    said = run(app, "person", number_of(season, "amina"), *POST, *series(season))
    assert said.exit_code == 1 and row(season, number).reference in said.output


def test_replace_decline_and_cancel(app: Flask, season: Season) -> None:
    first = offer(season, "amina")
    accept(season, first)
    by = ("--by", "jane")
    said = run(app, "replace", row(season, first).reference, "0711000006", "--reason", "sick", *by)
    assert said.exit_code == 0 and "no. 2" in said.output, said.output
    assert everything(season) == [(GIRLS, "replaced"), (GIRLS, "offered")]
    accept(season, 2)
    assert run(app, "decline", row(season, 2).reference.lower(), "--reason", "far", *by).exit_code == 0
    third = offer(season, "amina")
    assert run(app, "cancel", row(season, third).reference, "--reason", "closed", *by).exit_code == 0
    assert [state for _, state in everything(season)] == ["replaced", "declined", "cancelled"]
    said = run(app, "cancel", "DP-XXX", "--reason", "closed", *by)
    assert said.exit_code == 1 and "no such deployment" in said.output
    said = run(app, "cancel", row(season, third).reference, "--reason", " ", *by)
    assert said.exit_code == 1 and "give a reason" in said.output


def test_the_list_says_who_is_where(app: Flask, season: Season) -> None:
    offer(season, "amina")
    accept(season, offer(season, "fatuma", COAST, "invigilator"))
    assert "2 deployments." in run(app, "list").output
    said = run(app, "list", "--state", "accepted", "--exam", "KCSE", "--centre", COAST)
    assert "Fatuma Hassan Ali" in said.output and said.output.endswith("1 deployments.\n")


# -- a file ------------------------------------------------------------------------------------------


def sheet(folder: Path, *lines: str) -> Path:
    """A file of an office."""
    path = folder / "posts.csv"
    path.write_text("\n".join(("phone,centre,position,reporting", *lines)) + "\n", encoding="utf-8")
    return path


def test_a_file_deploys_the_right_rows_and_says_the_others(
    app: Flask, season: Season, tmp_path: Path
) -> None:
    path = sheet(
        tmp_path,
        f"0711000001,{GIRLS},supervisor,",
        f"0711000006,{COAST},invigilator,{series(season)[3]}-02-01 06:30",
        f"0711000003,{GIRLS},supervisor,",
        f"0733000333,{GIRLS},clerk,",
        f"0711000004,{COAST},cook,",
        "0711000004,123,clerk,soon",
    )
    said = run(app, "file", path, *series(season), "--by", "jane")
    assert said.exit_code == 1
    for text in ("line 4:", "line 5: No account has this phone number", "line 6: position must be one of"):
        assert text in said.output
    assert "line 7: centre has 3 digits, not 8" in said.output and "is no day and time" in said.output
    assert everything(season) == [(GIRLS, "offered"), (COAST, "offered")]
    assert season.service.stores.redis.keys("bell:*") == [b"bell:bulk"]
    left_out = (tmp_path / "posts.faults.csv").read_text()
    assert "0733000333" in left_out and "0711000001" not in left_out


def test_a_dry_run_says_the_same_and_changes_nothing(app: Flask, season: Season, tmp_path: Path) -> None:
    path = sheet(tmp_path, f"0711000001,{GIRLS},supervisor,", f"0711000003,{GIRLS},supervisor,")
    said = run(app, "file", path, *series(season), "--by", "jane", "--dry-run")
    assert "line 3:" in said.output and everything(season) == []
    assert words(season, "amina") == []
    assert season.service.stores.redis.keys("bell:*") == []


def test_a_file_that_is_read_again_tells_nobody_twice(app: Flask, season: Season, tmp_path: Path) -> None:
    path = sheet(tmp_path, f"0711000001,{GIRLS},supervisor,")
    assert run(app, "file", path, *series(season)).exit_code == 0
    assert "read in" in run(app, "file", path, *series(season)).output
    assert run(app, "file", path, *series(season), "--again").exit_code == 0
    longer = sheet(tmp_path, f"0711000001,{GIRLS},supervisor,", f"0711000006,{COAST},invigilator,")
    assert run(app, "file", longer, *series(season)).exit_code == 0
    with season.service.stores.sessions() as db:
        assert db.scalar(select(func.count()).select_from(Message)) == 2
    assert everything(season) == [(GIRLS, "offered"), (COAST, "offered")]


def test_a_file_holds_nobody_while_it_waits_for_somebody_else(
    app: Flask, season: Season, tmp_path: Path
) -> None:
    """Two officers' files with the same people, or a person who applies meanwhile, do not deadlock."""
    path = sheet(tmp_path, f"0711000001,{GIRLS},supervisor,", f"0711000006,{COAST},invigilator,")
    stores, held = season.service.stores, select(Account).with_for_update()
    with ThreadPoolExecutor(1) as pool:
        with stores.transaction() as db:
            db.execute(held.where(Account.id == season.accounts["fatuma"]))
            reading = pool.submit(run, app, "file", path, *series(season))
            wait_until(lambda: reading.done() or blocked(stores), "the file waiting for Fatuma")
            db.execute(held.where(Account.id == season.accounts["amina"]))
        assert reading.result(30).exit_code == 0
    assert everything(season) == [(GIRLS, "offered"), (COAST, "offered")]


def test_a_file_names_people_and_a_series(app: Flask, season: Season, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text(f"centre,position\n{GIRLS},clerk\n")
    assert "phone or reference" in run(app, "file", path, *series(season)).output
    path = sheet(tmp_path, f",{GIRLS},supervisor,")
    assert "neither phone nor reference" in run(app, "file", path, *series(season)).output
    said = run(app, "file", path, "--exam", "KCSE", "--year", "1999")
    assert said.exit_code == 1 and "There is no series KCSE 1999" in said.output
