"""Sub-County Directors by SMS and by command: what changes something asks for a YES."""

import re
from datetime import date, timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from models.accounts import Account, Confirmation
from models.centres import RegisterDay, Return
from models.records import Audit
from operations import centre_accounts
from operations.office import now
from telephony import gsm7
from tests.fixtures_directors import (
    CENTRE,
    ELSEWHERE,
    ESTHER,
    MANAGER,
    STAFF,
    Phones,
    correct,
    hand_in,
    one_time_passwords,
    shown_id,
    staffed,
)
from tests.fixtures_season import Season
from tests.fixtures_service import Handset
from workers.periodic import forget


def answer(phone: Handset, words: str) -> str:
    """What the SMS is answered."""
    before = len(phone.inbox())
    assert phone.text(words) == 200
    answers = phone.inbox()[before:]
    assert answers, f"{words} was not answered"
    assert all(len(gsm7.segments(said).parts) <= 2 for said in answers)
    return answers[-1]


def yes(phone: Handset, word: str = "YES") -> str:
    """Confirm with the code of the last question."""
    code = re.findall(rf"{word} ([0-9]{{4}})", phone.inbox()[-1])[-1]
    return answer(phone, f"{word} {code}")


# -- ISSUE ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        f"ISSUE {CENTRE} 0715000001",
        f"issue  {CENTRE} 0715 000 001",
        f"Issue {CENTRE}, +254715000001",
    ],
)
def test_issue_asks_first(njeri: Handset, handset: Phones, words: str) -> None:
    said = answer(njeri, words)
    assert "of centre 20401001 Kasarani Girls Secondary School to 0715 000 001?" in said
    assert one_time_passwords(handset(MANAGER)) == 0
    code = re.findall(r"YES ([0-9]{4})", said)[0]
    assert "on its way to 0715 000 001" in answer(njeri, f"YES {code}")
    assert "on its way to 0715 000 001" in answer(njeri, f"YES {code}")
    assert one_time_passwords(handset(MANAGER)) == 1


def test_issue_in_kiswahili(njeri: Handset, handset: Phones) -> None:
    assert "Jibu NDIYO" in answer(njeri, f"TOA {CENTRE} 0715000001")
    assert "liko njiani" in yes(njeri, "NDIYO")


@pytest.mark.parametrize("words", ["ISSUE", f"ISSUE {CENTRE}", "ISSUE 0715000001", "TOA"])
def test_issue_says_how(njeri: Handset, words: str) -> None:
    assert f"{CENTRE} 0712345678" in answer(njeri, words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (f"ISSUE {ELSEWHERE} 0715000001", "not in your sub-county"),
        ("ISSUE 99999999 0715000001", "No centre has the code 99999999"),
        (f"ISSUE {CENTRE} 0205000000", "not a mobile number"),
        (f"REOPEN {ELSEWHERE} 16/10 no network", "not in your sub-county"),
        (f"RECEIVE {ELSEWHERE}", "not in your sub-county"),
        (f"RECEIVE {CENTRE}", "has not submitted"),
        (f"REOPEN {CENTRE} tomorrow", "Which day?"),
        (f"REOPEN {CENTRE} 16/10", "give a reason"),
        ("MOVE 0711000006 0722333444 ID 23456789", "not of your sub-county"),
        ("MOVE 0799999999 0722333444 ID 23456789", "No account has that number"),
    ],
)
def test_what_will_not_do_is_said_at_once(njeri: Handset, words: str, said: str) -> None:
    assert said in answer(njeri, words)


@pytest.mark.parametrize(
    "words",
    [
        *(f"ISSUE {CENTRE} 0715000001", f"REOPEN {CENTRE} 16/10 no network", f"RECEIVE {CENTRE}"),
        *("TODAY", "MOVE 0711000001 0722333444 ID 23456789"),
    ],
)
def test_a_phone_that_is_no_director_changes_nothing(
    njeri: Handset, wanja: Handset, season: Season, words: str
) -> None:
    assert "not known as a Sub-County Director's" in answer(wanja, words)
    with season.service.stores.transaction() as db:
        assert db.scalars(select(Confirmation)).all() == []


def test_a_yes_of_somebody_who_is_no_director_any_more_does_nothing(
    season: Season, njeri: Handset, handset: Phones
) -> None:
    answer(njeri, f"ISSUE {CENTRE} 0715000001")
    with season.service.stores.transaction() as db:
        centre_accounts.remove_director(db, ESTHER, by=STAFF, now=now(db))
    assert "not known as" in yes(njeri)
    assert one_time_passwords(handset(MANAGER)) == 0


def test_a_yes_after_a_move_to_another_sub_county_does_nothing(
    season: Season, njeri: Handset, handset: Phones
) -> None:
    answer(njeri, f"ISSUE {CENTRE} 0715000001")
    with season.service.stores.transaction() as db:
        centre_accounts.add_director(db, "Westlands", ESTHER, "Esther Njeri", by=STAFF, now=now(db))
    assert "not in your sub-county" in yes(njeri)
    assert one_time_passwords(handset(MANAGER)) == 0


def test_issuing_by_sms_is_limited(season: Season, njeri: Handset, handset: Phones) -> None:
    for n in range(3):
        answer(njeri, f"ISSUE {CENTRE} 071500002{n}")
        assert "on its way" in yes(njeri)
    answer(njeri, f"ISSUE {CENTRE} 0715000029")
    assert "Too many passwords" in yes(njeri)
    assert one_time_passwords(handset("+254715000029")) == 0


# -- MOVE ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ["MOVE 0711000001 0722333444 ID {id}", "hamisha 0711 000 001, 0722 333 444 kitambulisho {id}"],
)
def test_move_asks_first_and_keeps_no_id(season: Season, njeri: Handset, handset: Phones, words: str) -> None:
    shown = shown_id(season, "amina")
    said = answer(njeri, words.format(id=shown))
    assert "0711 000 001" in said and "0722 333 444" in said and shown not in said
    yes(njeri, "YES" if "YES" in said else "NDIYO")
    assert "0722 333 444" in njeri.inbox()[-1]
    assert len(handset("+254722333444").inbox()) == 1
    with season.service.stores.transaction() as db:
        assert db.get_one(Account, season.accounts["amina"]).phone == "+254722333444"
        assert shown not in str(db.scalars(select(Confirmation)).one().details)
        assert db.scalars(select(Audit.actor).where(Audit.act == "account.move")).all() == [
            f"director:{ESTHER}"
        ]


def test_another_id_is_found_out_at_the_yes(season: Season, njeri: Handset) -> None:
    answer(njeri, "MOVE 0711000001 0722333444 ID 29999999")
    assert "not the national ID" in yes(njeri)
    with season.service.stores.transaction() as db:
        assert db.get_one(Account, season.accounts["amina"]).phone == "+254711000001"


def test_an_id_is_not_kept_with_a_question_that_nobody_answered(season: Season, njeri: Handset) -> None:
    shown = shown_id(season, "amina")
    answer(njeri, f"MOVE 0711000001 0722333444 ID {shown}")
    for later, kept in ((timedelta(minutes=29), True), (timedelta(minutes=31), False)):
        with season.service.stores.transaction() as db:
            forget(db, now=now(db) + later)
            details = db.scalars(select(Confirmation)).one().details
            assert (shown in str(details)) == kept and details["old"] == "+254711000001"


@pytest.mark.parametrize("words", ["MOVE", "MOVE 0711000001", "MOVE 0711000001 0722333444", "MOVE a b ID 1"])
def test_move_says_how(njeri: Handset, words: str) -> None:
    assert "ID 23456789" in answer(njeri, words)


# -- TODAY ---------------------------------------------------------------------------------------------


def test_today_says_the_numbers_and_whom_to_call(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    said = answer(njeri, "TODAY")
    assert said.startswith("Kasarani, ") and "centres 2, marked 0, in part 1, not 1" in said
    assert said.endswith("To do: 20401002, 20401001 (1/2).")
    assert "vituo 2" in answer(njeri, "LEO")


def test_today_without_an_exam(season: Season, njeri: Handset) -> None:
    assert "no centre of Kasarani keeps a register" in answer(njeri, "TODAY")


def test_today_in_parts(season: Season, njeri: Handset, examined: date) -> None:
    with season.service.stores.transaction() as db:
        for n in range(12):
            season.make_centre(db, f"2040120{n:02}"[-8:], f"School {n}", "Kasarani")
            season.accounts[f"p{n}"] = season.make_account(db, f"+2547160000{n:02}").id
            season.make_deployment(db, f"p{n}", f"2040120{n:02}"[-8:], "supervisor")
    first = answer(njeri, "TODAY")
    assert "not 12" in first and "Next: TODAY 2" in first
    second = answer(njeri, "TODAY 2")
    codes = re.findall(r"\b[0-9]{8}\b", first + second)
    assert len(set(codes)) == len(codes) == 12


# -- REOPEN and RECEIVE --------------------------------------------------------------------------------


def test_reopen_asks_first(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    day = examined - timedelta(days=2)
    said = answer(njeri, f"REOPEN {CENTRE} {day:%d/%m} the phone was stolen")
    assert "Reason: the phone was stolen." in said
    assert "is open again" in yes(njeri)
    with season.service.stores.transaction() as db:
        row = db.get_one(RegisterDay, (season.running, CENTRE, day))
        assert (row.reopened_by, row.reopened_for) == (f"director:{ESTHER}", "the phone was stolen")


@pytest.mark.parametrize(
    ("ago", "reason", "said"),
    [
        (0, "the phone was stolen", "is still open"),
        (2, "x", "reason"),
        (-1, "the phone was stolen", "Which day"),
    ],
)
def test_what_cannot_be_reopened_is_refused_before_the_question(
    season: Season, njeri: Handset, examined: date, ago: int, reason: str, said: str
) -> None:
    staffed(season, examined)
    day = examined - timedelta(days=ago)
    told = answer(njeri, f"REOPEN {CENTRE} {day:%d/%m/%Y} {reason}")
    assert said in told and "YES" not in told


def test_receive_asks_first(season: Season, njeri: Handset) -> None:
    hand_in(season, season.running, "RR-7K4-QX9-2")
    assert "RR-7K4-QX9-2" in answer(njeri, f"RECEIVE {CENTRE}")
    assert "received" in yes(njeri)
    assert "hapo awali" in answer(njeri, f"POKEA {CENTRE}")
    with season.service.stores.transaction() as db:
        assert db.get_one(Return, (season.running, CENTRE)).received_by == f"director:{ESTHER}"


def test_a_register_that_changed_is_not_received(
    season: Season, njeri: Handset, examined: date, app: Flask
) -> None:
    staffed(season, examined)
    hand_in(season, season.running, "RR-7K4-QX9-2")
    assert "RR-7K4-QX9-2" in answer(njeri, f"RECEIVE {CENTRE}")
    correct(season, season.running)
    said = yes(njeri)
    assert "Centre 20401001 must submit it again: it changed after it was handed in" in said
    assert "ilibadilika baada ya kuwasilishwa" in answer(njeri, f"POKEA {CENTRE}")
    refused = staff(app, "receive", CENTRE)
    assert refused.exit_code == 1 and "changed after it was handed in" in refused.output
    with season.service.stores.transaction() as db:
        assert db.get_one(Return, (season.running, CENTRE)).received_at is None


# -- by command ----------------------------------------------------------------------------------------


def staff(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["staff", *words])


def test_by_command(season: Season, njeri: Handset, examined: date, app: Flask, handset: Phones) -> None:
    staffed(season, examined)
    assert "centres 2, marked 0, in part 1, not 1" in staff(app, "today", "Kasarani").output
    day = (examined - timedelta(days=2)).isoformat()
    assert "open again" in staff(app, "reopen", CENTRE, day, "--reason", "no network", "--by", "jane").output
    assert "on its way" in staff(app, "issue", CENTRE, "0715000001").output
    assert one_time_passwords(handset(MANAGER)) == 1
    refused = staff(app, "receive", CENTRE)
    assert refused.exit_code == 1 and "has not submitted" in refused.output
    assert "no director's phone" in staff(app, "remove", "director", "0711000005").output
    assert staff(app, "remove", "director", "0711000005").exit_code == 1
