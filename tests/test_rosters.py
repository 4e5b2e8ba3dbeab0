"""The roster of a centre: its officers in a series, which series that is, and who may see it."""

from datetime import date, timedelta

import pytest

from models.accounts import Account
from models.centres import CentrePhone
from models.series import Series
from operations import centre_accounts, enrolments, rosters
from operations.office import Actor, now
from operations.refusals import Refusal
from tests.fixtures_attendance import Roll, at
from tests.fixtures_season import Season

CENTRE = "20401001"
STAFF = Actor("staff:test", "command")


def test_the_officers_stand_by_roster_number_in_one_query(roll: Roll, queries: list[str]) -> None:
    roll.post("baraka", "invigilator", roster_no=7)
    roll.post("amina", "supervisor", roster_no=3, state="offered")
    roll.post("daudi", "security_officer", roster_no=5, state="declined")
    with roll.db() as db:
        queries.clear()
        listed = rosters.officers(db, CENTRE, roll.series_id)
    assert [(officer.roster_no, officer.name, officer.state) for officer in listed] == [
        (3, "Amina Wanjiru Otieno", "offered"),
        (7, listed[1].name, "accepted"),
    ]
    assert len([said for said in queries if "deployment" in said]) == 1
    assert (listed[0].position, listed[0].gender, listed[0].phone) == (
        "supervisor",
        "female",
        "+254711000001",
    )


def test_no_name_and_no_id_is_in_what_a_log_may_show(roll: Roll) -> None:
    roll.post("amina")
    with roll.db() as db:
        officer = rosters.officers(db, CENTRE, roll.series_id)[0]
    assert officer.national_id and officer.national_id not in repr(officer)
    assert "Amina" not in repr(officer)


def test_somebody_without_a_profile_is_listed_by_phone(roll: Roll) -> None:
    roll.season.accounts["new"] = person_of(roll, "+254711000099")
    roll.post("new", "invigilator")
    with roll.db() as db:
        officer = rosters.officers(db, CENTRE, roll.series_id)[0]
    assert (officer.name, officer.gender, officer.national_id, officer.phone) == ("", "", "", "+254711000099")


def person_of(roll: Roll, phone: str) -> int:
    with roll.db() as db:
        return roll.season.make_account(db, phone).id


@pytest.mark.parametrize(
    "day", [date(2030, 10, 17), date(2030, 11, 2)]
)  # before the rehearsal; when it is over
def test_the_series_that_concerns_a_centre(roll: Roll, day: date) -> None:
    roll.post("amina")
    with roll.db() as db:
        concerned = rosters.season(db, CENTRE, now=at(day, 9))
        assert concerned and concerned.id == roll.series_id
        assert rosters.season(db, "20401002", now=at(day, 9)) is None


def test_a_series_that_was_closed_concerns_nobody(season: Season) -> None:
    with season.service.stores.transaction() as db:
        season.make_deployment(db, "amina", CENTRE, "supervisor")
        assert rosters.season(db, CENTRE, now=now(db))
        db.get_one(Series, season.running).closed_at = now(db) - timedelta(hours=1)
        db.flush()
        assert rosters.season(db, CENTRE, now=now(db)) is None


def test_only_a_centres_account_has_a_centre_and_only_on_an_enrolled_phone(season: Season) -> None:
    phone = "+254715000001"
    with season.service.stores.transaction() as db:
        account = centre_accounts.issue(db, CENTRE, phone, by=STAFF, now=now(db))
        assert rosters.centre_of_account(db, account.id).code == CENTRE
        with pytest.raises(Refusal, match=r"centre\.not_yours"):
            rosters.centre_of_account(db, season.accounts["amina"])
        with pytest.raises(Refusal, match=r"centre\.not_yours"):
            rosters.centre_of_account(db, None)
        with pytest.raises(Refusal, match=r"centre\.not_enrolled"):
            rosters.centre_of_account(db, account.id, phone)
        enrolments.enrol(db, db.get_one(Account, account.id), phone, by=STAFF, now=now(db))
        assert rosters.centre_of_account(db, account.id, phone).code == CENTRE
        assert db.query(CentrePhone).count() == 1
