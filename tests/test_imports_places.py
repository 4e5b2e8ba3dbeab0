"""Centres, schools and contacts from files: what is kept, and what refers to what."""

from collections.abc import Sequence

import pytest
from click.testing import Result

from tests.fixtures_imports import Terminal
from tests.fixtures_season import Season

CENTRE = (
    "code",
    "name",
    "county",
    "sub_county",
    "candidates",
    "distribution_code",
    "distance_km",
    "host_code",
)
CENTRES = "SELECT code, distribution_code, host_code FROM centre WHERE code LIKE '99%' ORDER BY code"


def centre(code: int, *more: object) -> list[object]:
    """A row of a centre in Kasarani: its candidates, distribution centre, distance and host."""
    filled = [*more, *[""] * 4][:4]
    return [code, f"Centre {code}", "Nairobi", "Kasarani", *filled]


def read_in(
    terminal: Terminal, *rows: Sequence[object], more: Sequence[str] = (), name: str = "in.csv"
) -> Result:
    """Read in centres with their candidates of KCSE of the season's year."""
    path = terminal.table(name, CENTRE, *rows)
    return terminal.run("import", "centres", path, *series(terminal), *more)


def series(terminal: Terminal) -> list[object]:
    """The option that names the season's open series."""
    [(year,)] = terminal.sql("SELECT year FROM series WHERE apply_until IS NOT NULL")
    return ["--series", "KCSE", year]


def test_centres_refer_to_each_other_in_any_order(terminal: Terminal, season: Season) -> None:
    said = read_in(
        terminal,
        centre(99000001, 340, 99000009, 12),
        centre(99000002, 14, 99000009, 3, 99000001),
        centre(99000009),
    )
    assert said.output == "3 rows read in.\n"
    assert terminal.sql(CENTRES) == [
        ("99000001", "99000009", None),
        ("99000002", "99000009", "99000001"),
        ("99000009", None, None),
    ]
    counted = terminal.sql(
        "SELECT centre_code, candidates FROM candidacy WHERE series_id = :id ORDER BY 1", id=season.open
    )
    assert counted == [("99000001", 340), ("99000002", 14)]
    [row] = terminal.sql("SELECT name, station, distance_km, location FROM centre WHERE code = '99000002'")
    assert row == ("Centre 99000002", "examination", 3, "")


def test_references_across_batches_and_passes_in_a_dry_run_too(terminal: Terminal, season: Season) -> None:
    """A dry run knows the centres of the file though it has kept none."""
    rows = [centre(99000000 + n, n, 99001999 - n) for n in range(2000)]
    dry = read_in(terminal, *rows, more=["--dry-run"])
    assert dry.output == "2,000 rows are fine, nothing was changed.\n", dry.output
    assert terminal.sql(CENTRES) == []
    said = read_in(terminal, *rows)
    assert said.output.endswith("2,000 rows read in.\n"), said.output
    assert terminal.sql("SELECT count(*) FROM centre WHERE distribution_code IS NOT NULL") == [(2000,)]
    assert terminal.sql("SELECT rows, done, faults FROM import") == [(2000, 4000, 0)]


# Rows of centres that will not do, and why.
WRONG = {
    "lost nought": (centre(1101001), "code has 7 digits, not 8. Did a spreadsheet drop a leading 0?"),
    "unknown host": (centre(99000001, "", "", "", 98765432), "host_code is no centre that we know"),
    "own host": (centre(99000001, "", "", "", 99000001), "host_code is the centre itself"),
    "far": (centre(99000001, 10, "", 99999), "distance_km is more than 2000"),
    "candidates": (centre(99000001, "many"), "candidates is not a whole number"),
    "place": (
        [99000001, "X", "Mombasa", "Kasarani"] + [""] * 4,
        "sub_county: there is no Kasarani in Mombasa",
    ),
    "county": ([99000001, "X", "Kenya", "Kasarani"] + [""] * 4, "county: there is no Kenya"),
    "no name": ([99000001, "", "Nairobi", "Kasarani"] + [""] * 4, "name is empty"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_centre_that_cannot_be_is_said(terminal: Terminal, season: Season, name: str) -> None:
    row, words = WRONG[name]
    said = read_in(terminal, centre(99000005), row)
    assert said.exit_code == 1 and f"line 3: {words}" in said.output, said.output
    kept = terminal.sql("SELECT count(*) FROM centre WHERE code IN ('99000001', '99000005')")
    assert kept == [(2 if name == "unknown host" else 1,)]
    assert terminal.sql("SELECT count(*) FROM centre WHERE host_code IS NOT NULL") == [(0,)]


def test_a_code_twice_is_said_with_both_lines(terminal: Terminal, season: Season) -> None:
    said = read_in(
        terminal, centre(99000001), centre(99000002), [*centre(99000001)[:1], *centre(99000003)[1:]]
    )
    assert "line 4: code stands on line 2 already" in said.output
    assert terminal.sql("SELECT name FROM centre WHERE code = '99000001'") == [("Centre 99000001",)]


def test_what_a_file_does_not_say_stays(terminal: Terminal, season: Season) -> None:
    read_in(terminal, centre(99000009), centre(99000001, 340, 99000009, 12))
    path = terminal.table(
        "names.csv", CENTRE[:4], (99000001, "Moi Girls", "nairobi city county".title(), "kasarani")
    )
    said = terminal.run("import", "centres", path)
    assert "there is no Nairobi City County" in said.output
    path = terminal.table("names.csv", CENTRE[:4], (99000001, "Moi Girls", "047", "KASARANI SUB-COUNTY"))
    assert terminal.run("import", "centres", path).exit_code == 0
    kept = terminal.sql("SELECT name, distribution_code, distance_km FROM centre WHERE code = '99000001'")
    assert kept == [("Moi Girls", "99000009", 12)]


def test_candidates_are_of_some_series(terminal: Terminal, season: Season) -> None:
    path = terminal.table("in.csv", CENTRE, centre(99000001, 10))
    assert "--series KCSE 2026" in terminal.run("import", "centres", path).output
    said = terminal.run("import", "centres", path, "--series", "KCSE", 1999)
    assert said.output == "Error: There is no series KCSE 1999.\n"
    bare = terminal.table("bare.csv", CENTRE[:4], centre(99000001)[:4])
    assert "--series KCSE 2026" in terminal.run("import", "centres", bare, *series(terminal)).output
    assert terminal.sql(CENTRES) == []


def test_a_series_of_another_year_may_have_the_same_file(terminal: Terminal, season: Season) -> None:
    assert read_in(terminal, centre(99000001, 10)).exit_code == 0
    assert "This very file was read in" in read_in(terminal, centre(99000001, 10)).output
    [(year,)] = terminal.sql(
        "SELECT year FROM series WHERE exam = 'KPSEA' AND apply_until IS NULL ORDER BY year DESC LIMIT 1"
    )
    said = terminal.run("import", "centres", terminal.folder / "in.csv", "--series", "KPSEA", year)
    assert said.output == "1 rows read in.\n"


SCHOOL = ("moe_code", "school_name", "level", "status", "county", "district", "sub_county", "ward")


def test_schools_of_the_ministrys_list(terminal: Terminal) -> None:
    rows = [
        (990470, "Toniok", "Primary", "Public", "Baringo", "Koibatek", "Eldama Ravine", "Lembus/  Perkerra"),
        (990471, "Murang'a High", "Secondary", "Public", "MURANGA", "", "Kiharu", ""),
        (990472, "Nowhere", "Primary", "Public", "Wakanda", "", "X Y", ""),
    ]
    path = terminal.table("schools.csv", SCHOOL, *rows)
    said = terminal.run("import", "schools", path)
    assert "Columns that nobody reads: district, status, ward.\n" in said.output
    assert "line 4: county: there is no Wakanda" in said.output
    for _ in range(2):
        kept = (
            "SELECT name, level, county_code, area FROM school WHERE moe_code LIKE '9904%' ORDER BY moe_code"
        )
        assert terminal.sql(kept) == [
            ("Toniok", "primary", "030", "Eldama Ravine"),
            ("Murang'a High", "secondary", "021", "Kiharu"),
        ]
        terminal.run("import", "schools", path, "--again")


CONTACT = ("kind", "area", "name", "phone", "email")


def test_contacts_are_kept_and_corrected(terminal: Terminal) -> None:
    council = ("Council", "", "KNEC", "0720 741 001, 0732 333 860", "info@knec.ac.ke")
    rows = [council, ("director", "Kasarani", "SCDE Kasarani", "0700 000 001", "")]
    said = terminal.run("import", "contacts", terminal.table("contacts.csv", CONTACT, *rows), "--by", "amina")
    assert said.output == "2 rows read in.\n"
    rows[1] = ("director", "Kasarani", "SCDE Kasarani", "0700 000 002", "scde@example.ke")
    wrong = [
        ("cook", "", "X Y", "1", ""),
        ("director", "", "X Y", "1", ""),
        ("council", "Likoni", "X Y", "1", ""),
    ]
    said = terminal.run("import", "contacts", terminal.table("contacts.csv", CONTACT, *rows, *wrong))
    assert "line 4: kind must be one of council, director\n" in said.output
    assert "line 5: area is empty: a director's is the sub-county\n" in said.output
    assert "line 6: area must be empty for the council\n" in said.output
    kept = terminal.sql("SELECT kind, area, name, phone, email FROM contact ORDER BY kind")
    assert kept == [("council", *council[1:]), rows[1]]
