"""Sub-County Directors: whom they have charge of, their acts by USSD, and what races and strangers get."""

import threading
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from models.accounts import Account, Grant
from models.centres import RegisterDay, Return
from models.records import Audit
from operations import accounts, centre_accounts, directors, grants, returns, typed_days
from operations.office import NAIROBI, director, now
from operations.refusals import Refusal
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
from tests.fixtures_season import PASSWORD, Season
from tests.fixtures_service import Handset, service_of


def home(phone: Handset) -> str:
    """Dial and sign in."""
    phone.dial()
    return phone.send(PASSWORD)


# -- who it is -----------------------------------------------------------------------------------------


def test_a_directors_home_is_one_screen(njeri: Handset) -> None:
    screen = home(njeri)
    assert "1. Today" in screen and "8. Settings" in screen and "98." not in screen


def test_a_director_acts_on_their_own_phone_alone(season: Season, njeri: Handset, wanja: Handset) -> None:
    wanja.dial()
    wanja.send("2", ESTHER.removeprefix("+"), PASSWORD)
    assert "1. Today" in wanja.screen
    assert "from your own phone" in wanja.send("2", CENTRE)
    with season.service.stores.transaction() as db, pytest.raises(Refusal, match=r"director\.not_one"):
        directors.signed_in(db, season.accounts["amina"], "+254711000001")


def test_a_director_who_was_removed_does_nothing_more(season: Season, njeri: Handset) -> None:
    home(njeri)
    with season.service.stores.transaction() as db:
        known = centre_accounts.director_of(db, ESTHER)
        assert known
        known.removed_at = now(db)
    assert "not known as" in njeri.send("2", CENTRE)


def test_what_a_director_does_is_theirs_by_phone(season: Season) -> None:
    by = director(ESTHER, "sms")
    assert (by.name, by.phone) == (f"director:{ESTHER}", ESTHER)
    assert STAFF.phone is None


# -- credentials ---------------------------------------------------------------------------------------


def test_a_director_issues_a_centres_credentials(season: Season, njeri: Handset, handset: Phones) -> None:
    home(njeri)
    assert "Kasarani Girls" in njeri.send("2", CENTRE)
    assert "not a mobile number" in njeri.send("0205000000")
    assert "0715 000 001" in njeri.send("0715 000 001")
    assert "is on its way to 0715 000 001" in njeri.send("1")
    assert "is on its way" in njeri.post()
    assert one_time_passwords(handset(MANAGER)) == 1
    with season.service.stores.transaction() as db:
        row = db.scalars(select(Audit).where(Audit.act == "centre.issue")).one()
    assert (row.actor, row.channel, row.subject) == (f"director:{ESTHER}", "ussd", f"centre:{CENTRE}")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (ELSEWHERE, "not in your sub-county"),
        ("99999999", "No centre has the code"),
        ("2040", "has 8 digits"),
    ],
)
def test_only_centres_of_the_sub_county(njeri: Handset, typed: str, said: str) -> None:
    home(njeri)
    assert said in njeri.send("2", typed)


def test_issuing_is_limited_to_three_an_hour(season: Season, handset: Phones) -> None:
    for n in range(3):
        issue(season, f"+25471500001{n}")
    with pytest.raises(Refusal, match=r"centre\.too_many_passwords"):
        issue(season, "+254715000019")
    assert one_time_passwords(handset("+254715000019")) == 0
    with season.service.stores.transaction() as db:
        account = accounts.by_username(db, CENTRE)
        assert account and account.phone == "+254715000012"


def issue(season: Season, phone: str) -> None:
    with season.service.stores.transaction() as db:
        centre_accounts.issue(db, CENTRE, phone, by=STAFF, now=now(db))


def test_two_first_issues_at_once_make_one_account_and_one_living_password(season: Season) -> None:
    named = [f"+25471500002{n}" for n in range(4)]
    barrier, faults = threading.Barrier(len(named)), list[Exception]()

    def run(phone: str) -> None:
        barrier.wait()
        try:
            issue(season, phone)
        except Refusal:
            pass
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=[phone]) for phone in named]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not faults
    with season.service.stores.transaction() as db:
        account = db.scalars(select(Account).where(Account.centre_code == CENTRE)).one()
        living = db.scalars(
            select(Grant).where(Grant.account_id == account.id, Grant.used_at.is_(None))
        ).all()
        assert len(living) == 1
        sent = db.scalar(select(func.count()).select_from(Grant).where(Grant.account_id == account.id))
        assert sent == 3  # one a phone: no two phones were sent the same


def test_the_password_of_the_phone_before_opens_nothing(season: Season, app: Flask) -> None:
    issue(season, MANAGER)
    with service_of(app).stores.transaction() as db:
        account = accounts.by_username(db, CENTRE)
        assert account
        first = grants.live(db, account.id, now=now(db))
    issue(season, "+254715000002")
    with service_of(app).stores.transaction() as db:
        living = grants.live(db, account.id, now=now(db))
        assert first and living and first.id != living.id


# -- a new number --------------------------------------------------------------------------------------


def test_a_director_moves_a_persons_number(season: Season, njeri: Handset, handset: Phones) -> None:
    home(njeri)
    njeri.send("3", "0711000001", shown_id(season, "amina"), "0722333444")
    assert "Move the account of 0711 000 001 to 0722 333 444?" in njeri.screen
    assert "one-time password is on its way" in njeri.send("1")
    assert one_time_passwords(handset("+254722333444")) == 1
    with season.service.stores.transaction() as db:
        row = db.scalars(select(Audit).where(Audit.act == "account.move")).one()
    assert (row.actor, row.details["new"]) == (f"director:{ESTHER}", "+2547*****444")


def test_another_id_moves_nothing(season: Season, njeri: Handset) -> None:
    home(njeri)
    refused = njeri.send("3", "0711000001", "29999999")
    assert "not the national ID" in refused and "national ID number on the card" in refused
    assert "Enter the new number" in njeri.send(shown_id(season, "amina"))
    with season.service.stores.transaction() as db:
        assert db.get_one(Account, season.accounts["amina"]).phone == "+254711000001"


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        ("0711000006", "not of your sub-county"),  # Fatuma works in Changamwe
        ("0799999999", "No account has that number"),
        ("0205000000", "not a mobile number"),
    ],
)
def test_only_people_of_the_sub_county(njeri: Handset, phone: str, said: str) -> None:
    home(njeri)
    assert said in njeri.send("3", phone)


def test_somebody_deployed_there_is_of_the_sub_county(season: Season, njeri: Handset) -> None:
    with season.service.stores.transaction() as db:
        season.make_deployment(db, "fatuma", CENTRE, "supervisor")
    home(njeri)
    assert "national ID number on the card" in njeri.send("3", "0711000006")


def test_without_an_id_on_file_the_council_moves_them(season: Season, njeri: Handset) -> None:
    with season.service.stores.transaction() as db:
        db.get_one(Account, season.accounts["amina"]).national_id = None
    home(njeri)
    assert "KNEC moves them" in njeri.send("3", "0711000001")


# -- today ---------------------------------------------------------------------------------------------


def test_today_counts_first_then_whom_to_call(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    issue(season, MANAGER)
    home(njeri)
    assert "Marked 0 of 2 centres; in part 1, not 1." in njeri.send("1")
    screen = njeri.send("1")
    assert "1. 0/1 Mwiki Boys High School" in screen and "2. 1/2 Kasarani Girls" in screen
    assert "Westlands" not in screen
    detail = njeri.send("2")
    assert "(20401001)" in detail and "Marked: 1/2" in detail and "0715 000 001" in detail


def test_a_sub_county_is_read_in_few_queries(
    season: Season, njeri: Handset, examined: date, queries: list[str]
) -> None:
    staffed(season, examined)
    with season.service.stores.transaction() as db:
        known = directors.of_phone(db, ESTHER)
        queries.clear()
        told = directors.today(db, known, now=now(db))
    assert told.centres == 2 and len([said for said in queries if "SELECT" in said]) <= 4


def test_whom_to_call_where_no_phone_is_enrolled(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    home(njeri)
    assert "Call: not known yet" in njeri.send("1", "1", "2")
    with season.service.stores.transaction() as db:
        season.make_deployment(db, "baraka", CENTRE, "centre_manager", state="offered")
    home(njeri)
    assert "Call: 0711 000 002" in njeri.send("1", "1", "2")


def test_no_leads_to_the_home_as_a_dial_shows_it(njeri: Handset) -> None:
    home(njeri)
    first = njeri.screen
    njeri.send("2", CENTRE, "0715000001")
    assert njeri.send("2") == first and "8. Settings" in first


# -- a day opened again, a return ----------------------------------------------------------------------


def test_a_director_opens_a_day_again_with_a_reason(season: Season, njeri: Handset, examined: date) -> None:
    staffed(season, examined)
    day = examined - timedelta(days=2)
    home(njeri)
    assert "no exam on that day" in njeri.send("4", CENTRE, (examined - timedelta(days=60)).strftime("%d%m"))
    assert "Why?" in njeri.send(day.strftime("%d%m"))
    assert "Type the reason" in njeri.send("6")
    assert "give a reason" in njeri.send("123")
    assert "(24 hours)? Reason: phone stolen" in njeri.send("phone stolen")
    assert "is open again" in njeri.send("1")
    with season.service.stores.transaction() as db:
        row = db.get_one(RegisterDay, (season.running, CENTRE, day))
        assert (row.reopened_by, row.reopened_for) == (f"director:{ESTHER}", "phone stolen")
        assert db.scalars(select(Audit.actor).where(Audit.act == "register.reopen")).all() == [
            f"director:{ESTHER}"
        ]


def test_a_director_receives_a_return(season: Season, njeri: Handset) -> None:
    home(njeri)
    assert "has not submitted" in njeri.send("5", CENTRE)
    hand_in(season, season.running, "RR-7K4-QX9-2")
    assert "RR-7K4-QX9-2 of 20401001" in njeri.send(CENTRE)
    assert "recorded as received" in njeri.send("1")
    with season.service.stores.transaction() as db:
        row = db.get_one(Return, (season.running, CENTRE))
        assert row.received_at and row.received_by == f"director:{ESTHER}"


@pytest.mark.parametrize("signed", [False, True], ids=["submitted", "received"])
def test_a_register_that_changed_is_not_received_on_the_screen(
    season: Season, njeri: Handset, examined: date, signed: bool
) -> None:
    staffed(season, examined)
    hand_in(season, season.running, "RR-7K4-QX9-2")
    if signed:
        with season.service.stores.transaction() as db:
            returns.receive(db, CENTRE, season.running, by=STAFF, now=now(db))
    correct(season, season.running)
    home(njeri)
    assert "Centre 20401001 must submit it again" in njeri.send("5", CENTRE)


def test_a_register_that_changes_before_the_yes_is_not_received(
    season: Season, njeri: Handset, examined: date
) -> None:
    staffed(season, examined)
    hand_in(season, season.running, "RR-7K4-QX9-2")
    home(njeri)
    assert "RR-7K4-QX9-2 of 20401001" in njeri.send("5", CENTRE)
    correct(season, season.running)
    assert "changed after it was handed in" in njeri.send("1")
    with season.service.stores.transaction() as db:
        assert db.get_one(Return, (season.running, CENTRE)).received_at is None


@pytest.mark.parametrize(
    ("typed", "day", "rest"),
    [
        ("16/10 no network", date(2026, 10, 16), "no network"),
        ("1610", date(2026, 10, 16), ""),
        ("2026-10-16 no network", date(2026, 10, 16), "no network"),
        ("2010 3 7 absent", date(2026, 10, 20), "3 7 absent"),
        ("16.10.26: sick", date(2026, 10, 16), "sick"),
        ("16 Okt hakuna mtandao", date(2026, 10, 16), "hakuna mtandao"),
        ("16 oktoba 2026 kwa sababu", date(2026, 10, 16), "kwa sababu"),
        ("16/10 20 people", date(2026, 10, 16), "20 people"),
        ("31/12 x", date(2025, 12, 31), "x"),
    ],
)
def test_a_day_as_it_is_typed(typed: str, day: date, rest: str) -> None:
    assert typed_days.read(typed, now=datetime(2026, 11, 22, 12, tzinfo=NAIROBI)) == (day, rest)


@pytest.mark.parametrize("typed", ["", "0", "00", "99/99", "29/02", "1/1/2030", "yesterday", "16 xyz"])
def test_what_is_no_day(typed: str) -> None:
    with pytest.raises(Refusal, match=r"director\.which_day"):
        typed_days.read(typed, now=datetime(2026, 11, 22, 12, tzinfo=NAIROBI))
