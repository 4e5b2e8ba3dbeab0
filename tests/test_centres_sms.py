"""LIST: the officers of a centre by SMS, to its own phones alone, in two segments at most."""

import pytest
from sqlalchemy import select

from models.accounts import Account
from models.centres import CentrePhone
from models.people import Profile
from operations import subscribers
from operations.rosters import Officer
from sms_gateway.commands import centres
from telephony import gsm7
from tests.fixtures_season import Season
from tests.fixtures_service import Handset
from tests.test_centres import CENTRE, MERCY, Phones, staffed


@pytest.fixture
def mercy(season: Season, handset: Phones) -> Handset:
    """A phone that acts for the centre."""
    enrol(season, MERCY, CENTRE)
    return handset(MERCY)


def enrol(season: Season, phone: str, *codes: str) -> None:
    with season.service.stores.transaction() as db:
        subscribers.meet(db, phone, "en")
        db.add_all(CentrePhone(centre_code=code, phone=phone, enrolled_by="staff:test") for code in codes)


def answer(phone: Handset, words: str) -> str:
    phone.text(words)
    last = phone.inbox()[-1]
    assert len(gsm7.segments(last).parts) <= 2, last
    return last


def test_the_list_masks_the_ids_and_says_who_has_accepted(season: Season, mercy: Handset) -> None:
    staffed(season)
    with season.service.stores.transaction() as db:
        shown = db.get_one(Account, season.accounts["amina"]).national_id or "?"
    every = answer(mercy, "LIST") + answer(mercy, "list 2")
    assert f"1 Amina Wanjiru Otieno, Supervisor, F, ID *****{shown[-3:]}, 0711000001, accepted" in every
    assert "not accepted yet" in every and shown not in every
    assert "officers 1/2" in every and "Next: send LIST 2 to 22262" in every and "officers 2/2" in every


def test_the_list_in_kiswahili(season: Season, mercy: Handset) -> None:
    staffed(season)
    said = answer(mercy, "Orodha")
    assert "maafisa 1/2: 1 Amina Wanjiru Otieno, Msimamizi, Ke, ID *****" in said
    assert "amekubali" in said and "tuma ORODHA 2" in said


def test_a_part_that_is_not_there_is_the_last_one(season: Season, mercy: Handset) -> None:
    staffed(season)
    assert answer(mercy, "LIST 99") == answer(mercy, "LIST 2")
    assert answer(mercy, "LIST 0") == answer(mercy, "LIST")


def test_nobody_else_sees_it(season: Season, mercy: Handset, wanja: Handset) -> None:
    staffed(season)
    assert "works on a phone that acts for a centre" in answer(wanja, f"LIST {CENTRE}")
    assert "Amina" not in " ".join(wanja.inbox())


def test_a_phone_of_two_centres_says_which(season: Season, mercy: Handset) -> None:
    staffed(season)
    enrol(season, MERCY, "20401002")
    assert "centres 20401001, 20401002" in answer(mercy, "LIST")
    assert "Amina" in answer(mercy, f"LIST {CENTRE}")
    assert "officers 2/2" in answer(mercy, f"LIST {CENTRE} 2")
    assert "nobody is deployed at centre 20401002" in answer(mercy, "LIST 20401002")


def test_another_centres_list_is_not_ones_own(season: Season, mercy: Handset) -> None:
    staffed(season)
    assert "acts for centres 20401001" in answer(mercy, "LIST 20401002")


def test_a_removed_phone_sees_nothing_more(season: Season, mercy: Handset) -> None:
    staffed(season)
    with season.service.stores.transaction() as db:
        row = db.scalars(select(CentrePhone)).one()
        row.removed_at = row.enrolled_at
    assert "works on a phone that acts for a centre" in answer(mercy, "LIST")


@pytest.mark.parametrize("size", [1, 2, 40])
def test_every_officer_is_in_one_part_and_each_part_fits(size: int) -> None:
    longest = "Christopher Wamalwa Wanyonyi Simiyu"
    known = [
        Officer(n, n, longest, "security_officer", "female", "23456789", "+254712345678", "offered")
        for n in range(1, size + 1)
    ]
    parts = [*centres.parts(known)]
    assert [officer.roster_no for part in parts for officer in part] == [*range(1, size + 1)]
    assert all(parts) and all(len(part) <= 2 for part in parts)


def test_a_name_that_gsm7_does_not_have_is_folded_to_what_it_has(season: Season, mercy: Handset) -> None:
    staffed(season)
    with season.service.stores.transaction() as db:
        db.get_one(Profile, season.accounts["amina"]).full_name = "Ámína Ŵanjiru [Otieno]"
    said = answer(mercy, "LIST")
    assert gsm7.is_gsm7(said) and "Wanjiru" in said
