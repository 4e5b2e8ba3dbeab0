"""Nominated people from a file: an account, what is known of the profile, and an SMS."""

from collections.abc import Callable
from typing import Any

from click.testing import Result
from sqlalchemy import event

from operations import profile_edits
from operations.office import caller, now
from tests.fixtures_imports import Terminal
from tests.fixtures_season import Season
from tests.fixtures_service import Handset

HEADER = (
    "phone",
    "national_id",
    "full_name",
    "kind",
    "number",
    "county",
    "sub_county",
    "language",
    "subject",
)
JANE = ("0712 345 678", "21234567", "JANE WANJIKU KAMAU", "teacher", "512345", "Nairobi", "Kasarani", "", "")
OMAR = ("254722000333", "31234567", "Omar Hassan", "driver", "dl 4567", "Mombasa", "Likoni", "sw", "")
ROSE = (
    "+254733000444",
    "01234568",
    "Rose Auma",
    "examiner",
    "0623456",
    "Kisumu",
    "Kisumu Central",
    "en",
    "Kiswahili",
)
PROFILE = """
    SELECT a.phone, a.national_id, p.kind, p.full_name, coalesce(p.employment_no, p.licence_no, p.service_no), s.name
    FROM account a JOIN profile p ON p.account_id = a.id LEFT JOIN sub_county s ON s.id = p.sub_county_id
    WHERE a.phone IN ('+254712345678', '+254722000333', '+254733000444') ORDER BY a.phone
"""


def read_in(terminal: Terminal, *rows: tuple[Any, ...], name: str = "people.csv") -> Result:
    """Read in these people."""
    return terminal.run("import", "people", terminal.table(name, HEADER, *rows), "--by", "mercy")


def test_people_get_an_account_and_what_is_known_of_them(terminal: Terminal) -> None:
    said = read_in(terminal, JANE, OMAR, ROSE)
    assert said.output == "3 rows read in.\n", said.output
    assert terminal.sql(PROFILE) == [
        ("+254712345678", "21234567", "teacher", "Jane Wanjiku Kamau", "512345", "Kasarani"),
        ("+254722000333", "31234567", "driver", "Omar Hassan", "DL4567", "Likoni"),
        ("+254733000444", "01234568", "examiner", "Rose Auma", "0623456", "Kisumu Central"),
    ]
    assert terminal.sql("SELECT username, password_hash FROM account ORDER BY 1")[0] == ("254712345678", None)
    assert terminal.sql("SELECT count(*) FROM consent") == [(0,)]
    assert terminal.sql("SELECT subject FROM profile WHERE kind = 'examiner'") == [("Kiswahili",)]
    acts = terminal.sql(
        "SELECT act, actor, count(*) FROM audit WHERE actor = 'staff:mercy' GROUP BY 1, 2 ORDER BY 1"
    )
    assert acts == [("account.create", "staff:mercy", 3), ("people.import", "staff:mercy", 1)]


def test_they_hear_of_it_once_in_their_language_and_get_in(
    terminal: Terminal, handset: Callable[[str], Handset]
) -> None:
    for name in ("people.csv", "again.csv"):
        read_in(terminal, JANE, OMAR, *([ROSE] if name == "again.csv" else []), name=name)
    [english], [swahili] = handset("+254712345678").inbox(), handset("+254722000333").inbox()
    assert english.startswith("KNEC has opened a CP2 account for you") and "Send PASSWORD to 22262" in english
    assert swahili.startswith("KNEC imekufungulia akaunti ya CP2") and len(swahili) <= 160
    jane = handset("+254712345678")
    jane.text("PASSWORD")
    jane.dial()
    jane.send(jane.one_time_password())
    assert "last 4 digits of your national ID" in jane.screen
    jane.send("4567", "kahawa55", "kahawa55")
    assert "Your new password is saved" in jane.screen


def test_what_somebody_said_is_never_overwritten(terminal: Terminal, season: Season) -> None:
    baraka = season.accounts["baraka"]
    with season.service.stores.transaction() as db:
        by = caller("+254711000002", "ussd")
        profile_edits.keep(db, baraka, "full_name", "Baraka Kamau Mwangi", by=by, now=now(db))
    row = ("0711000002", "21234567", "B. Mwangi Other", "teacher", "512345", "Nairobi", "Kasarani", "sw", "")
    assert read_in(terminal, row).exit_code == 0
    [kept] = terminal.sql(
        "SELECT a.national_id, p.full_name, p.kind, p.employment_no, s.lang FROM account a "
        "JOIN profile p ON p.account_id = a.id JOIN subscriber s ON s.phone = a.phone WHERE a.id = :id",
        id=baraka,
    )
    assert kept == ("21234567", "Baraka Kamau Mwangi", "teacher", "512345", "en")
    assert terminal.sql("SELECT count(*) FROM message WHERE words = 'account.opened'") == [(0,)]


def test_whom_a_number_or_an_id_belongs_to_is_not_changed(terminal: Terminal, season: Season) -> None:
    [(amina,)] = terminal.sql("SELECT national_id FROM account WHERE phone = '+254711000001'")
    taken_phone = ("0711000001", "29999999", *JANE[2:])
    taken_id = ("0712000999", amina, *JANE[2:])
    twice = (JANE[0], "28888888", *JANE[2:])
    same_id = ("0712000998", JANE[1], *JANE[2:])
    said = read_in(terminal, taken_phone, taken_id, JANE, twice, same_id, JANE)
    assert said.output.splitlines()[:4] == [
        "line 2: phone has an account with another national_id",
        "line 3: national_id has an account on another phone, +2547*****001",
        "line 5: phone has an account with another national_id",
        "line 6: national_id has an account on another phone, +2547*****678",
    ]
    assert terminal.sql("SELECT national_id FROM account WHERE phone = '+254712345678'") == [(JANE[1],)]
    assert terminal.sql("SELECT count(*) FROM account") == [(7,)]
    assert terminal.sql("SELECT national_id FROM account WHERE phone = '+254711000001'") == [(amina,)]


def test_a_batch_of_people_takes_as_many_statements_as_ten(terminal: Terminal) -> None:
    counts: list[int] = []

    @event.listens_for(terminal.service.stores.engine, "before_cursor_execute")
    def count(*_: object) -> None:
        counts[-1] += 1

    for start, size in ((0, 10), (1000, 400)):
        counts.append(0)
        numbers = range(start, start + size)
        rows = [(f"07120{n:05}", f"3{n:07}", *JANE[2:]) for n in numbers]
        assert read_in(terminal, *rows, name=f"{size}.csv").exit_code == 0
    assert counts[0] == counts[1]
    assert terminal.sql("SELECT count(*) FROM profile") == [(410,)]
    assert terminal.sql("SELECT count(*) FROM message WHERE words = 'account.opened'") == [(410,)]
