"""A centre by its own manager: details, distance, officers, and the phones that act for it, by USSD and SMS."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from menus.functions.attendance import ranges
from models.accounts import Account
from models.places import Candidacy, Centre
from models.records import Audit
from operations import accounts, centre_accounts, centres, enrolments
from operations.office import Actor, caller, now
from operations.refusals import Refusal
from tests.fixtures_season import Season
from tests.fixtures_service import Handset, service_of
from tests.test_centre_accounts import CENTRE, PASSWORD, code_sent_to, open_centre, phones_of, sign_in

STAFF = Actor("staff:test", "command")
MERCY, DEPUTY = "+254715000001", "+254715000002"
Phones = Callable[[str], Handset]


@pytest.fixture
def mercy(season: Season, handset: Phones) -> Handset:
    """The manager's phone, signed in to the centre once."""
    phone = handset(MERCY)
    with season.service.stores.transaction() as db:
        centre_accounts.issue(db, CENTRE, phone.phone, by=STAFF, now=now(db))
    open_centre(phone)
    return phone


@pytest.fixture
def deputy(mercy: Handset, handset: Phones) -> Handset:
    """A second phone of the centre."""
    phone = handset(DEPUTY)
    sign_in(phone, PASSWORD)
    phone.send(code_sent_to(mercy))
    return phone


def staffed(season: Season) -> None:
    """Three officers in the running series, one of whom has not accepted."""
    with season.service.stores.transaction() as db:
        season.make_deployment(db, "amina", CENTRE, "supervisor")
        season.make_deployment(db, "fatuma", CENTRE, "centre_manager")
        season.make_deployment(db, "baraka", CENTRE, "invigilator", state="offered")


# -- details -------------------------------------------------------------------------------------------


def test_the_details_say_all_that_is_known(season: Season, mercy: Handset) -> None:
    staffed(season)
    with season.service.stores.transaction() as db:
        depot = season.make_centre(db, "20499001", "Kasarani Container", "Kasarani", station="distribution")
        centre = db.get_one(Centre, CENTRE)
        centre.distribution_code, centre.location = depot.code, "Off Thika Road"
        db.get_one(Centre, "20401002").host_code = CENTRE
        db.add(Candidacy(series_id=season.running, centre_code=CENTRE, candidates=88))
        db.add(Candidacy(series_id=season.open, centre_code=CENTRE, candidates=240))
    pages = [sign_in(mercy, PASSWORD, "4")]
    while "98." in pages[-1]:
        pages.append(mercy.send("98"))
    bodies = [page.removeprefix("CON ").partition("\n0.Back")[0] for page in pages]
    said = " ".join(" ".join(bodies).split())
    for words in (
        *("Kasarani Girls Secondary School (20401001)", "Off Thika Road", "Kasarani Container"),
        *("not entered yet", "Hosts 20401002", ": 88", ": 240", "1. Enter the distance"),
    ):
        assert words in said, f"{words!r} is not in {said}"


def test_a_hosted_centre_says_where(season: Season) -> None:
    with season.service.stores.transaction() as db:
        db.get_one(Centre, CENTRE).host_code = "20401002"
        db.flush()
        told = centres.details(db, CENTRE, now=now(db))
        assert told.host and told.host.name == "Mwiki Boys High School"
        assert centres.details(db, "20401002", now=now(db)).hosted[0].code == CENTRE


@pytest.mark.parametrize(
    ("typed", "km"),
    [("12", 12), ("12 km", 12), ("12KM", 12), ("12.5", 13), ("12,4 km", 12), ("000", 0), ("500", 500)],
)
def test_a_distance_is_read_as_it_is_typed(typed: str, km: int) -> None:
    assert centres.read_distance(typed) == km


@pytest.mark.parametrize("typed", ["501", "500.5", "-3", "far", "", "1e2", "99999", "12 miles", "١٢٣٤٥"])
def test_what_is_no_distance_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match=r"centre\.distance"):
        centres.read_distance(typed)


def test_the_manager_enters_the_distance_and_the_trail_says_from_which_phone(
    season: Season, mercy: Handset
) -> None:
    sign_in(mercy, PASSWORD, "4", "98")
    assert "About how many km" in mercy.send("1")
    assert "from 0 to 500" in mercy.send("501")
    assert "saved: 12 km" in mercy.send("12")
    assert "saved: 12 km" in mercy.post()
    with season.service.stores.transaction() as db:
        assert db.get_one(Centre, CENTRE).distance_km == 12
        trail = db.scalars(select(Audit).where(Audit.act == "centre.distance")).all()
    assert [(row.actor, row.details) for row in trail] == [
        (f"phone:{MERCY}", {"before": "", "km": "12"}),
    ]


def test_the_trail_names_the_person_whose_phone_it_is(season: Season) -> None:
    with season.service.stores.transaction() as db:
        by = caller("+254711000001", "ussd")
        centres.set_distance(db, CENTRE, 7, by=by, now=now(db))
        row = db.scalars(select(Audit).where(Audit.act == "centre.distance")).one()
        assert row.details["person"] == f"account:{season.accounts['amina']}"


# -- officers ------------------------------------------------------------------------------------------


def test_the_officers_are_listed_with_their_ids(season: Season, mercy: Handset) -> None:
    staffed(season)
    screen = sign_in(mercy, PASSWORD, "3")
    assert "1. No.1 Amina Wanjiru Otieno, Sup" in screen and "3. No.3 " in screen
    with season.service.stores.transaction() as db:
        amina = db.get_one(Account, season.accounts["amina"])
        shown = amina.national_id or "?"
    detail = mercy.send("1")
    for words in ("No. 1: Amina Wanjiru Otieno", "Supervisor, Female", shown, "0711 000 001", "accepted"):
        assert words in detail
    mercy.send("0")
    assert "not accepted yet" in mercy.send("3")
    mercy.send("0")
    assert "Fatuma" in mercy.send("fat") and "Amina" not in mercy.screen


def test_a_removed_phone_sees_and_changes_nothing_more(
    season: Season, mercy: Handset, deputy: Handset, app: Flask
) -> None:
    staffed(season)
    assert "Amina" in sign_in(deputy, PASSWORD, "3")
    drop(app, DEPUTY)
    assert "Amina" not in deputy.send("1")
    deputy.send("00", "3")
    assert "Amina" not in deputy.screen
    deputy.send("00", "4")
    assert "Kasarani Girls" not in deputy.screen
    deputy.send("98", "1")
    deputy.send("9")
    with season.service.stores.transaction() as db:
        assert db.get_one(Centre, CENTRE).distance_km is None


# -- phones --------------------------------------------------------------------------------------------


def drop(app: Flask, phone: str, by: str = MERCY) -> None:
    with service_of(app).stores.transaction() as db:
        account = accounts.by_username(db, CENTRE)
        assert account
        enrolments.drop(db, account.id, phone, by=caller(by, "ussd"), now=now(db))


def test_a_phone_is_removed_and_all_are_told(mercy: Handset, deputy: Handset, app: Flask) -> None:
    screen = sign_in(mercy, PASSWORD, "7", "1")
    assert "1. +2547*****001 (this phone)" in screen and "2. +2547*****002" in screen
    assert "Remove +2547*****002?" in mercy.send("2")
    assert "Done." in mercy.send("1")
    assert "Done." in mercy.post()
    assert phones_of(app) == [MERCY]
    assert "may no longer act for centre" in deputy.inbox()[-1]
    assert "+2547*****002 may no longer act" in mercy.inbox()[-1]
    assert "this phone is new" in sign_in(deputy, PASSWORD)


def test_the_last_phone_stays(mercy: Handset, app: Flask) -> None:
    sign_in(mercy, PASSWORD, "7", "1", "1")
    assert "The last phone stays" in mercy.send("1")
    assert phones_of(app) == [MERCY]


def test_a_phone_that_removes_itself_is_signed_out(mercy: Handset, deputy: Handset, app: Flask) -> None:
    sign_in(mercy, PASSWORD, "7", "1", "1")
    assert mercy.send("1").startswith("END Done. This phone may no longer act")
    assert phones_of(app) == [DEPUTY]


def test_the_next_credentials_never_go_to_a_phone_that_was_removed(
    mercy: Handset, deputy: Handset, app: Flask
) -> None:
    drop(app, MERCY, by=DEPUTY)
    before = len(mercy.inbox())
    mercy.dial()
    mercy.send("2", CENTRE, "1")
    assert len(mercy.inbox()) == before
    with service_of(app).stores.transaction() as db:
        account = accounts.by_username(db, CENTRE)
        assert account and account.phone == DEPUTY


def test_two_phones_that_remove_each_other_at_once_leave_one(
    mercy: Handset, deputy: Handset, app: Flask
) -> None:
    refused: list[str] = []

    def second() -> None:
        try:
            drop(app, MERCY, by=DEPUTY)
        except Refusal as refusal:
            refused.append(refusal.code)

    other = threading.Thread(target=second)
    with service_of(app).stores.transaction() as db:
        account = accounts.by_username(db, CENTRE)
        assert account
        enrolments.drop(db, account.id, DEPUTY, by=caller(MERCY, "ussd"), now=now(db))
        db.flush()
        other.start()
        other.join(timeout=0.5)  # it waits for this transaction to end, and reads what that left
    other.join()
    assert phones_of(app) == [MERCY] and refused == ["centre.last_phone"]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([(11, 9), (11, 10), (11, 11), (11, 12), (11, 13), (11, 16), (11, 17)], "9-13, 16-17 Nov"),
        ([(10, 16), (10, 30), (10, 31), (11, 1), (11, 2)], "16, 30-31 Oct, 1-2 Nov"),
        ([(11, 2), (11, 4), (11, 6)], "2, 4, 6 Nov"),
        ([], ""),
    ],
)
def test_exam_days_that_follow_each_other_are_said_as_one(days: list[tuple[int, int]], said: str) -> None:
    assert ranges([date(2026, *day) for day in days], "en") == said
