"""Disputes settled: by the centre while its day is open, by the director, or by the register itself."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.attendance import Dispute
from models.centres import CentrePhone
from models.messages import Message
from operations import centre_accounts, disputes, office, settlements
from operations.office import Actor, caller
from operations.refusals import Refusal
from operations.settlements import Open
from tests.fixtures_attendance import CENTRE_PHONE, DIRECTOR, STARTS, Roll, at
from tests.fixtures_registers import Morning
from tests.fixtures_season import PASSWORD, PEOPLE, Season
from tests.fixtures_service import Handset
from tests.test_attendance import running

STAFF = Actor("staff:test", "command")
CENTRE = "20401001"
AMINA = caller(PEOPLE["amina"][0], "ussd")
EVENING, NEXT, LATER = at(STARTS, 19), at(STARTS + timedelta(days=1), 9), at(STARTS + timedelta(days=1), 11)


@pytest.fixture
def disputed(roll: Roll) -> Roll:
    """Amina says that she was there on the first day; her centre has an enrolled phone and a director."""
    enrol(roll, CENTRE_PHONE.phone or "")
    appoint(roll)
    post = roll.post()
    roll.say(post, STARTS, False)
    with roll.db() as db:
        disputes.raise_(db, roll.season.accounts["amina"], post, STARTS, by=AMINA, now=EVENING)
    return roll


def enrol(roll: Roll, phone: str, centre: str = CENTRE) -> None:
    with roll.db() as db:
        db.add(CentrePhone(centre_code=centre, phone=phone, enrolled_by=STAFF.name))


def appoint(roll: Roll, place: str = "Kasarani", phone: str = DIRECTOR.phone or "") -> None:
    with roll.db() as db:
        centre_accounts.add_director(db, place, phone, "Mrs Ouma", by=STAFF, now=EVENING)


def settle(roll: Roll, upheld: bool, by: Actor, now: datetime) -> str:
    """How it ended: `upheld`, `rejected`, or the code of the refusal."""
    with roll.db() as db:
        number = db.scalars(select(Dispute.id)).one()
        try:
            done = settlements.settle(db, number, upheld, "Seen by all", by=by, now=now)
        except Refusal as refusal:
            return refusal.code
        return "upheld" if done.upheld else "rejected"


def words(roll: Roll, like: str) -> list[tuple[str, str]]:
    with roll.db() as db:
        rows = select(Message.words, Message.phone).where(Message.words.like(like)).order_by(Message.id)
        return [(said, phone) for said, phone in db.execute(rows)]


def test_every_enrolled_phone_and_the_director_hear_of_it_once_each(roll: Roll) -> None:
    manager = PEOPLE["fatuma"][0]
    for phone in (manager, CENTRE_PHONE.phone or "", AMINA.phone or ""):
        enrol(roll, phone)
    appoint(roll)
    appoint(roll, "Westlands", "+254700000002")
    roll.post("fatuma", "centre_manager")
    post = roll.post()
    roll.say(post, STARTS, False)
    with roll.db() as db:
        disputes.raise_(db, roll.season.accounts["amina"], post, STARTS, by=AMINA, now=EVENING)
    told = [phone for _, phone in words(roll, "dispute.raised")]
    assert told == [DIRECTOR.phone, manager, CENTRE_PHONE.phone]


@pytest.mark.parametrize(("upheld", "ended"), [(True, "upheld"), (False, "rejected")])
def test_the_centre_hears_what_the_director_decided_of_its_register(
    disputed: Roll, upheld: bool, ended: str
) -> None:
    assert settle(disputed, upheld, DIRECTOR, LATER) == ended
    with disputed.db() as db:
        told = db.scalars(select(Message).where(Message.words == "dispute.decided")).one()
        assert told.phone == CENTRE_PHONE.phone
        assert told.details["dispute_verdict"] == f"@term.decided.{ended}"
        assert (told.details["centre_code"], told.details["dispute_number"]) == (CENTRE, "1")


def test_the_centre_corrects_its_mark_in_time_and_the_person_is_told(disputed: Roll) -> None:
    assert settle(disputed, True, CENTRE_PHONE, NEXT) == "upheld"
    with disputed.db() as db:
        dispute = db.scalars(select(Dispute)).one()
        assert (dispute.settled_by, dispute.reason) == (CENTRE_PHONE.name, "Seen by all")
    assert disputed.days(dispute.deployment_id)[STARTS] is True
    assert words(disputed, "dispute.upheld") == [("dispute.upheld", AMINA.phone)]


@pytest.mark.parametrize(
    ("upheld", "by", "now", "code"),
    [
        (False, CENTRE_PHONE, NEXT, "dispute.director_only"),
        (True, CENTRE_PHONE, LATER, "dispute.director_only"),
        (True, caller("+254711000077", "ussd"), NEXT, "dispute.director_only"),
        (True, Actor("director:+254700000002", "ussd"), LATER, "director.not_yours"),
        (False, DIRECTOR, LATER, "rejected"),
        (True, DIRECTOR, LATER, "upheld"),
        (True, STAFF, LATER, "upheld"),
    ],
)
def test_who_may_decide_what_and_until_when(
    disputed: Roll, upheld: bool, by: Actor, now: datetime, code: str
) -> None:
    appoint(disputed, "Westlands", "+254700000002")
    assert settle(disputed, upheld, by, now) == code


def test_a_correction_to_p_closes_the_dispute(disputed: Roll) -> None:
    with disputed.db() as db:
        assert settlements.close_corrected(db, now=NEXT) == 0
        post = db.scalars(select(Dispute.deployment_id)).one()
    disputed.say(post, STARTS, True, NEXT)
    with disputed.db() as db:
        assert [settlements.close_corrected(db, now=NEXT), settlements.close_corrected(db, now=NEXT)] == [
            1,
            0,
        ]
        dispute = db.scalars(select(Dispute)).one()
        assert (dispute.upheld, dispute.settled_by) == (True, CENTRE_PHONE.name)
        assert dispute.reason == settlements.CORRECTED
    assert words(disputed, "dispute.upheld") == [("dispute.upheld", AMINA.phone)]


def test_the_list_is_of_ones_own_centre_or_sub_county(disputed: Roll) -> None:
    with disputed.db() as db:
        here = settlements.of_centre(db, CENTRE)
        place = db.scalars(select(CentrePhone.centre_code)).one()
        assert place == CENTRE
        assert [(each.centre_code, each.name, each.day) for each in here] == [
            (CENTRE, "Amina Wanjiru Otieno", STARTS)
        ]
        assert settlements.of_centre(db, "20401002") == []
        assert "Amina" not in repr(here[0])
        assert isinstance(here[0], Open)


# -- on the phone ----------------------------------------------------------------------------------------


def running_dispute(roll: Roll, ago: int = 1) -> date:
    """Amina disputes a day of the series in progress, which was marked absent: which day."""
    post = running(roll.season, (ago, False))
    with roll.db() as db:
        day = roll.season.today(db) - timedelta(days=ago)
        disputes.raise_(db, roll.season.accounts["amina"], post, day, by=AMINA, now=at(day, 12))
    return day


def director(season: Season, handset: Callable[[str], Handset], lang: str = "en") -> Handset:
    """Fatuma is the director of Kasarani and signs in."""
    with season.service.stores.transaction() as db:
        phone = PEOPLE["fatuma"][0]
        centre_accounts.add_director(db, "Kasarani", phone, "Fatuma", by=STAFF, now=EVENING)
    season.speak("fatuma", lang)
    fatuma = handset(PEOPLE["fatuma"][0])
    fatuma.dial()
    fatuma.send(PASSWORD)
    return fatuma


def test_the_director_decides_on_the_phone(roll: Roll, handset: Callable[[str], Handset]) -> None:
    running_dispute(roll)
    fatuma = director(roll.season, handset)
    assert "Disputed days:" in fatuma.send("6") and "20401001 Amina" in fatuma.screen
    details = fatuma.send("1")
    assert "Amina Wanjiru Otieno says: present on" in details
    if "Was there: P" not in fatuma.screen:
        fatuma.send("98")
    assert "Mark stands" in fatuma.screen
    fatuma.send("2")
    assert "Not in paper register" in fatuma.screen
    assert "the mark stands. Not in paper register" in fatuma.send("1")
    assert "is settled and the person is told" in fatuma.send("1")
    assert fatuma.post() == fatuma.screen  # the gateway posts the hop again
    assert "No day is disputed." in fatuma.send("1")
    said = handset(PEOPLE["amina"][0]).inbox()[-1]
    assert "stands. Not in paper register" in said
    roll.season.speak("amina", "sw")
    assert "Hayuko kwenye rejista" in handset(PEOPLE["amina"][0]).inbox()[-1]


def test_the_director_types_a_reason_in_kiswahili(roll: Roll, handset: Callable[[str], Handset]) -> None:
    running_dispute(roll)
    fatuma = director(roll.season, handset, "sw")
    assert "Siku zilizopingwa:" in fatuma.send("6")
    fatuma.send("1")
    if "Alikuwepo: P" not in fatuma.screen:
        fatuma.send("98")
    assert "Jina liko kwenye rejista" in fatuma.send("1")
    assert "Andika sababu" in fatuma.send("4")
    assert "weka P. Nilimwona mwenyewe" in fatuma.send("Nilimwona mwenyewe")
    assert "imeamuliwa" in fatuma.send("1")
    assert "Nilimwona mwenyewe" in handset(PEOPLE["amina"][0]).inbox()[-1]


def test_somebody_else_has_no_disputes_to_decide(roll: Roll, handset: Callable[[str], Handset]) -> None:
    running_dispute(roll)
    with roll.db() as db:
        phone = PEOPLE["daudi"][0]
        centre_accounts.add_director(db, "Westlands", phone, "Daudi", by=STAFF, now=EVENING)
    daudi = handset(phone)
    daudi.dial()
    daudi.send(PASSWORD)
    assert "No day is disputed." in daudi.send("6")


def test_the_centre_puts_a_mark_right_on_the_phone(morning: Morning) -> None:
    morning.say({2: False})
    with morning.db() as db:
        mine, moment = morning.season.accounts["amina"], office.now(db)
        disputes.raise_(db, mine, morning.posts["amina"], morning.today, by=AMINA, now=moment)
    mercy = morning.sign_in()
    assert "Centre 20401001" in mercy.screen, mercy.screen
    assert "2 Amina Wanjiru Otieno" in mercy.send("6")
    assert "says: present on" in mercy.send("1")
    if "Was not there" not in mercy.screen:
        mercy.send("98")
    assert "The Sub-County Director decides" in mercy.send("2")
    mercy.send("0", "1")
    assert "Marked by mistake" in mercy.screen
    assert "mark P. Marked by mistake" in mercy.send("2")
    assert "is settled and the person is told" in mercy.send("1")
    assert morning.held().split()[1] == "P"
    assert "now marked P. Marked by mistake" in morning.handset(PEOPLE["amina"][0]).inbox()[-1]


def test_a_closed_day_waits_for_the_director(morning: Morning) -> None:
    with morning.db() as db:
        mine, moment = morning.season.accounts["amina"], office.now(db)
        disputes.raise_(db, mine, morning.posts["amina"], morning.day(2), by=AMINA, now=moment)
    mercy = morning.sign_in()
    mercy.send("6", "1")
    assert "the Director decides" in mercy.screen and "Was there" not in mercy.screen
