"""The longest names in the data that we ship are no longer than what the tree was compiled with."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from menus.table import VOCABULARY
from operations import demonstration_places
from telephony import gsm7

ROOT = Path(__file__).parent.parent


def column(file: str, name: str) -> Iterator[str]:
    with (ROOT / file).open(encoding="utf-8", newline="") as lines:
        yield from (row[name] for row in csv.DictReader(lines))


def longest(names: Iterator[str]) -> int:
    return max(gsm7.septets(gsm7.fold(name).text) for name in names)


@pytest.mark.parametrize("blank", ["sub_county", "their_place"])
def test_sub_counties(blank: str) -> None:
    names = column("models/migrations/reference/counties.csv", "sub_county")
    assert longest(names) <= VOCABULARY.blanks[blank].septets


@pytest.mark.parametrize("blank", ["applied_county"])
def test_counties(blank: str) -> None:
    names = column("models/migrations/reference/counties.csv", "county")
    assert longest(names) <= VOCABULARY.blanks[blank].septets


@pytest.mark.parametrize(
    "blank", ["duty_centre", "applied_centre", "centre_name", "vacancy_place", "host_name"]
)
def test_schools_and_centres(blank: str) -> None:
    room = VOCABULARY.blanks[blank].septets
    assert longest(column("operations/demonstration_schools.csv", "school_name")) <= room
    assert longest(row["name"] for row in demonstration_places.centres()) <= room
