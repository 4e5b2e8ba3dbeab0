"""Disputes: a day that was marked wrongly, who hears of it, and how it is settled."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from models.attendance import Dispute, MarkEvent
from models.messages import Message
from models.people import Profile
from models.records import Contact
from operations import attendance, centre_accounts, disputes, settlements
from operations.office import Actor
from operations.refusals import Refusal
from tests.fixtures_attendance import CENTRE_PHONE, DIRECTOR, ENDS, REHEARSAL, STARTS, Roll, at
from tests.fixtures_season import PEOPLE
from tests.fixtures_service import Handset
from tests.test_attendance import open_days, running

AMINA = Actor(f"phone:{PEOPLE['amina'][0]}", "ussd")
STAFF = Actor("staff:test", "command")
NEXT = at(STARTS + timedelta(days=1), 12)


def raise_(roll: Roll, post: int, day: date = STARTS, who: str = "amina", now: object = NEXT) -> str:
    """Dispute a day: its reference."""
    with roll.db() as db:
        mine = roll.season.accounts[who]
        return disputes.raise_(db, mine, post, day, by=AMINA, now=now).reference


def refused(roll: Roll, *told: object, **more: object) -> str:
    with pytest.raises(Refusal) as refusal:
        raise_(roll, *told, **more)
    return refusal.value.code


def contact(roll: Roll, phone: str, area: str = "Kasarani") -> None:
    with roll.db() as db:
        db.merge(Contact(kind="director", area=area, name="SCDE", phone=phone, email="scde@example.ke"))


def told(roll: Roll) -> list[tuple[str, str, int | None]]:
    """Who was told of a dispute: class, phone and account of each message."""
    with roll.db() as db:
        rows = select(Message.klass, Message.phone, Message.account_id)
        return [
            (klass, phone, mine)
            for klass, phone, mine in db.execute(rows.where(Message.words == "dispute.raised"))
        ]


def appoint(roll: Roll) -> None:
    """The director of Kasarani, where all this happens."""
    with roll.db() as db:
        centre_accounts.add_director(db, "Kasarani", DIRECTOR.phone or "", "Mrs Ouma", by=STAFF, now=NEXT)


def settle(roll: Roll, upheld: bool, reason: str = "Paper register", by: Actor = DIRECTOR) -> Dispute:
    appoint(roll)
    with roll.db() as db:
        number = db.scalars(select(Dispute.id)).one()
        return settlements.settle(db, number, upheld, reason, by=by, now=NEXT + timedelta(days=3))


def test_the_centre_and_the_director_are_told(roll: Roll) -> None:
    contact(roll, "0700 000 001")
    post = roll.post()
    roll.post("fatuma", "centre_manager")
    roll.post("esther", "centre_manager", centre="20401002")  # of another centre
    roll.post("daudi", "centre_manager", state="offered")  # who has not accepted
    roll.say(post, STARTS, False)
    reference = raise_(roll, post)
    fatuma = PEOPLE["fatuma"][0]
    assert told(roll) == [
        ("chase", "+254700000001", None),
        ("chase", fatuma, roll.season.accounts["fatuma"]),
    ]
    with roll.db() as db:
        details = db.scalars(select(Message.details).where(Message.phone == fatuma)).one()
    assert details["reference"] == reference
    assert details["dispute_person"] == "Amina Wanjiru Otieno"
    assert details["dispute_mark"] == "@term.mark.absent"


@pytest.mark.parametrize("phone", ["-", "", "the office", "020 222 3333", "0720 741 001, 0732 333 860"])
def test_a_number_that_cannot_be_read_is_passed_over(roll: Roll, phone: str) -> None:
    contact(roll, phone)
    post = roll.post()
    assert raise_(roll, post)
    assert told(roll) == []


def test_a_centre_manager_is_not_told_of_their_own_dispute(roll: Roll) -> None:
    post = roll.post("amina", "centre_manager")
    assert raise_(roll, post)
    assert told(roll) == []


def test_twice_is_the_same_dispute_and_nobody_is_told_again(roll: Roll) -> None:
    contact(roll, "0700 000 001")
    post = roll.post()
    assert raise_(roll, post) == raise_(roll, post)
    assert len(told(roll)) == 1
    with roll.db() as db:
        assert db.scalar(select(func.count()).select_from(Dispute)) == 1


def test_two_at_the_same_moment_are_one_dispute(roll: Roll) -> None:
    contact(roll, "0700 000 001")
    post = roll.post()
    with ThreadPoolExecutor(4) as pool:
        references = set(pool.map(lambda n: raise_(roll, post), range(4)))
    assert len(references) == 1 and len(told(roll)) == 1


def test_two_days_are_two_disputes(roll: Roll) -> None:
    post = roll.post()
    assert raise_(roll, post) != raise_(roll, post, REHEARSAL)


def test_what_cannot_be_disputed_says_why(roll: Roll) -> None:
    post, others = roll.post(), roll.post("chebet", "driver")
    roll.say(post, REHEARSAL, True)
    assert refused(roll, post, REHEARSAL) == "dispute.present"
    assert refused(roll, post, ENDS) == "attendance.no_such_day"  # still to come
    assert refused(roll, post, STARTS, now=at(STARTS, 15)) == "dispute.not_over"
    assert refused(roll, post, STARTS - timedelta(days=1)) == "attendance.no_such_day"  # no exam on it
    assert refused(roll, others) == "attendance.no_deployment"


def test_a_day_marked_absent_is_disputed_on_the_day_itself(roll: Roll) -> None:
    post = roll.post()
    roll.say(post, STARTS, False)
    assert raise_(roll, post, now=at(STARTS, 15)).startswith("DS-")


def test_an_upheld_dispute_marks_the_day_and_tells_the_person(roll: Roll) -> None:
    post = roll.post()
    roll.say(post, STARTS, False)
    raise_(roll, post)
    settled = settle(roll, True)
    assert (settled.upheld, settled.settled_by, settled.reason) == (True, DIRECTOR.name, "Paper register")
    with roll.db() as db:
        day = next(each for each in attendance.days(db, post, now=NEXT) if each.day == STARTS)
        notice = db.scalars(select(Message).where(Message.words == "dispute.upheld")).one()
    assert (day.state, day.mark.conflict) == ("present", False)
    assert day.mark.word and day.mark.word.actor == DIRECTOR.name
    assert (notice.klass, notice.account_id) == ("notice", roll.season.accounts["amina"])


def test_a_rejected_dispute_changes_no_mark_and_is_final(roll: Roll) -> None:
    post = roll.post()
    roll.say(post, STARTS, False)
    raise_(roll, post)
    assert settle(roll, False).upheld is False
    assert roll.days(post)[STARTS] is False
    assert refused(roll, post) == "dispute.settled"


def test_the_first_settlement_holds(roll: Roll) -> None:
    post = roll.post()
    raise_(roll, post)
    settle(roll, False)
    assert settle(roll, True, "No, yes").upheld is False
    with roll.db() as db:
        assert db.scalar(select(func.count()).select_from(MarkEvent)) == 0
        assert len(db.scalars(select(Message).where(Message.words.like("dispute.%"))).all()) == 1


@pytest.mark.parametrize(
    ("reason", "by", "code"),
    [
        (" ", DIRECTOR, "dispute.no_reason"),
        ("they were there", CENTRE_PHONE, "dispute.director_only"),
        ("I was there", AMINA, "dispute.director_only"),
    ],
)
def test_only_the_director_settles_and_with_a_reason(roll: Roll, reason: str, by: Actor, code: str) -> None:
    raise_(roll, roll.post())
    with pytest.raises(Refusal) as refusal:
        settle(roll, True, reason, by)
    assert refusal.value.code == code


def test_a_dispute_that_is_not_there(roll: Roll) -> None:
    with roll.db() as db, pytest.raises(Refusal) as refusal:
        settlements.settle(db, 4711, True, "so", by=DIRECTOR, now=NEXT)
    assert refusal.value.code == "dispute.unknown"


def test_a_long_name_still_fits_its_sms(roll: Roll, handset: Callable[[str], Handset]) -> None:
    post = roll.post(position="security_officer")
    roll.post("fatuma", "centre_manager")
    with roll.db() as db:
        db.get_one(Profile, roll.season.accounts["amina"]).full_name = "Christopher Wamalwa " * 5
    raise_(roll, post)
    for lang in ("en", "sw"):
        roll.season.speak("fatuma", lang)
        assert "Christopher" in (said := handset(PEOPLE["fatuma"][0]).inbox()[-1]) and len(said) <= 160


def test_a_long_reason_still_fits_its_sms(roll: Roll, handset: Callable[[str], Handset]) -> None:
    raise_(roll, roll.post())
    settle(roll, False, "x" * 500)
    assert len(handset(PEOPLE["amina"][0]).inbox()[-1]) <= 160


# -- on the phone ----------------------------------------------------------------------------------------


def reference(roll: Roll) -> str:
    with roll.db() as db:
        return db.scalars(select(Dispute.reference)).one()


def test_a_day_is_disputed_on_the_phone_and_a_lost_answer_changes_nothing(
    roll: Roll, handset: Callable[[str], Handset]
) -> None:
    contact(roll, "0700 000 001")
    running(roll.season, (3, True), (1, False))
    amina = open_days(handset)
    assert ": Ab" in amina.send("3")
    assert "absent (Ab). Marked 8.04 am. Were you there?" in amina.send("1")
    said = amina.send("1")
    assert reference(roll) in said and "Thank you." in said
    assert amina.post() == said  # the gateway posts the hop again
    assert "You dispute: " in amina.send("1")

    again = open_days(handset)
    assert ": disputed" in again.send("3")
    disputed = [line for line in again.screen.split("\n") if ": disputed" in line]
    assert f"You dispute it: {reference(roll)}" in again.send(disputed[0][0])
    assert len(told(roll)) == 1


def test_a_settled_dispute_shows_its_reason(roll: Roll, handset: Callable[[str], Handset]) -> None:
    post = running(roll.season, (3, False))
    with roll.db() as db:
        day = roll.season.today(db) - timedelta(days=3)
        moment = at(day, 12)
        found = disputes.raise_(db, roll.season.accounts["amina"], post, day, by=AMINA, now=moment)
        centre_accounts.add_director(db, "Kasarani", DIRECTOR.phone or "", "Mrs Ouma", by=STAFF, now=moment)
        settlements.settle(db, found.id, False, "You signed nowhere", by=DIRECTOR, now=moment)
    amina = open_days(handset).send("3")
    settled = next(line for line in amina.split("\n") if ": settled" in line)
    again = open_days(handset)
    assert "was settled: You signed nowhere" in again.send("3", settled.split(".")[0].removeprefix("CON "))


def test_nothing_to_dispute_says_so(roll: Roll, handset: Callable[[str], Handset]) -> None:
    roll.post()
    assert "There is no day to dispute" in open_days(handset).send("3")
