"""`flask advertise …`: one vacancy or a file of them, each fault by its line, all or nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select, update

from models.records import Audit
from models.series import Series, Vacancy
from telephony import references
from tests.fixtures_season import Season
from ussd_app.cli.advertise import advertise

HEAD = "exam,year,centre,position,places,activity,subject,paper\n"


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    """Runs `flask advertise …`."""
    return lambda *words: app.test_cli_runner().invoke(advertise, [str(word) for word in words])


@pytest.fixture
def year(season: Season) -> int:
    """The year of the open KCSE."""
    with season.service.stores.transaction() as db:
        return db.get_one(Series, season.open).year


def how_many(season: Season) -> int:
    """How many vacancies there are."""
    with season.service.stores.transaction() as db:
        return db.scalar(select(func.count()).select_from(Vacancy)) or 0


def test_one_vacancy_is_advertised_listed_and_closed(
    run: Callable[..., Result], season: Season, year: int
) -> None:
    done = run("add", "kcse", year, "20402001", "supervisor", 2, "--by", "wanjiku")
    assert done.exit_code == 0, done.output
    code = done.output.split(":")[0]
    assert references.digits_right(code)
    again = run("add", "KCSE", year, "20402001", "supervisor", 3, "--by", "wanjiku")
    assert again.output.startswith(f"{code}: 3 supervisor")
    listed = run("list", "--exam", "KCSE", "--year", year).output
    assert f"{code}  KCSE {year}  supervisor  Westlands Academy  0 of 3 taken" in listed
    assert f"{code} is closed; 0 of 3 were taken." in run("close", code, "--by", "wanjiku").output
    assert code not in run("list").output and "0 vacancies." in run("list", "--exam", "PTE").output
    with season.service.stores.transaction() as db:
        acts = select(Audit.act, Audit.actor).where(Audit.act.like("vacancy.%")).order_by(Audit.id)
        assert [tuple(row) for row in db.execute(acts)] == [
            ("vacancy.advertise", "staff:wanjiku"),
            ("vacancy.advertise", "staff:wanjiku"),
            ("vacancy.close", "staff:wanjiku"),
        ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("KCSE", 1999, "20402001", "driver", 1), "There is no series KCSE 1999."),
        (("KCSE", None, "99999999", "driver", 1), "There is no centre 99999999."),
        (("KCSE", None, "20402001", "driver", 0), "The number of places is from 1 to 5000."),
        (("KCSE", None, "20402001", "examiner", 1), "An examiner's post has a subject"),
    ],
)
def test_a_wrong_advert_is_refused_in_words(
    run: Callable[..., Result], season: Season, year: int, words: tuple[object, ...], says: str
) -> None:
    before = how_many(season)
    done = run("add", *(year if word is None else word for word in words))
    assert done.exit_code == 1 and says in done.output and how_many(season) == before


def test_a_code_of_no_vacancy_is_not_closed(run: Callable[..., Result], season: Season) -> None:
    done = run("close", season.vacancies["driver", "42101001"], "77774")
    assert done.exit_code == 1 and "code" in done.output
    with season.service.stores.transaction() as db:
        assert db.scalar(select(func.count()).where(Vacancy.closed_at.is_not(None))) == 0


def test_a_file_is_tried_then_advertised_and_again_changes_nothing(
    run: Callable[..., Result], season: Season, year: int, tmp_path: Path
) -> None:
    file = tmp_path / "adverts.csv"
    file.write_text(
        f"\ufeff{HEAD}KCSE,{year},20402001,Supervisor,2,,,\nkcse,{year},1101001,driver,3,transport,,\n"
        f"KCSE,{year},20401001,invigilator,7,,,\nKCSE,{year},20402001,examiner,1,,Mathematics,1\n"
    )
    before = how_many(season)
    tried = run("file", file, "--dry-run")
    assert tried.exit_code == 0 and "4 vacancies with 13 places are fine." in tried.output, tried.output
    assert how_many(season) == before
    for _ in range(2):
        done = run("file", file, "--by", "wanjiku")
        assert "4 vacancies with 13 places advertised." in done.output, done.output
        assert how_many(season) == before + 3  # the invigilators of Kasarani Girls were there already
    with season.service.stores.transaction() as db:
        audits = db.scalars(select(Audit).where(Audit.act == "vacancy.advertise")).all()
        assert [(row.actor, row.subject, row.details) for row in audits] == [
            ("staff:wanjiku", "file:adverts.csv", {"rows": "4"})
        ] * 2


def test_every_fault_of_a_file_is_named_by_its_line_and_nothing_is_changed(
    run: Callable[..., Result], season: Season, year: int, tmp_path: Path
) -> None:
    taken = update(Vacancy).where(Vacancy.code == season.vacancies["invigilator", "20401001"])
    with season.service.stores.transaction() as db:
        db.execute(taken.values(filled=2))
    rows = [
        f"KCSE,{year},20402001,supervisor,2,,,",
        f"KCSE,{year},20402001,teacher,2,,,",
        "KCSE,1999,20402001,driver,2,,,",
        f"KCSE,{year},99999999,driver,2,,,",
        f"KCSE,{year},20402001,driver,,,,",
        f"KCSE,{year},20402001,driver,two,,,",
        f"KCSE,{year},20402001,supervisor,5,,,",
        f"KCSE,{year},20401001,invigilator,1,,,",
    ]
    file = tmp_path / "adverts.csv"
    file.write_text(HEAD + "\n".join(rows) + "\n")
    before = how_many(season)
    for words in (("file", file), ("file", file, "--dry-run")):
        done = run(*words)
        assert done.exit_code == 1 and how_many(season) == before
        told = done.output.splitlines()
        assert told[0] == "Error: Nothing was changed." and told[1:] == [
            "line 3: There is no position teacher.",
            "line 4: There is no series KCSE 1999.",
            "line 5: There is no centre 99999999.",
            "line 6: has no places",
            "line 7: year and places are whole numbers",
            "line 8: the same post as line 2",
            "line 9: 2 places are taken already; there cannot be fewer.",
        ]


def test_a_file_with_other_columns_is_refused(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("code,name\n1,2\n")
    done = run("file", file)
    assert done.exit_code == 1 and "line 2: has no exam, year, centre, position, places" in done.output


def test_a_large_file_takes_a_few_statements(season: Season, year: int) -> None:
    """No statement a line: a season's adverts are a hundred thousand."""
    from sqlalchemy import event

    from operations import adverts, office
    from tests.test_vacancies import BY

    with season.service.stores.transaction() as db:
        for n in range(300):
            season.make_centre(db, f"{60000000 + n}", f"Centre {n}", "Likoni")
        rows = [{"exam": "KCSE", "year": str(year), "centre": f"{60000000 + n}"} for n in range(300)]
        lines, faults = adverts.read([{**row, "position": "driver", "places": "1"} for row in rows])
        asked: list[str] = []
        event.listen(db.connection(), "before_cursor_execute", lambda *args: asked.append(args[2]))
        adverts.advertise(db, "large.csv", lines, by=BY, now=office.now(db))
    assert not faults and len(lines) == 300 and len(asked) <= 12, asked
