"""What a director upheld and the centre undid: the director hears of it, and the person disputes it anew."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from models.attendance import Dispute
from models.messages import Message
from operations import disputes, office, settlements
from operations.office import Actor, caller
from operations.refusals import Refusal
from tests.fixtures_registers import DEPUTY, DIRECTOR, MERCY, Morning
from tests.fixtures_season import PASSWORD, PEOPLE
from tests.fixtures_service import Handset

AMINA = caller(PEOPLE["amina"][0], "ussd")
BOSS = Actor(f"director:{DIRECTOR}", "ussd")


def dispute(morning: Morning) -> str:
    """Amina, who is officer 2, disputes today: its number."""
    with morning.db() as db:
        mine, moment = morning.season.accounts["amina"], office.now(db)
        made = disputes.raise_(db, mine, morning.posts["amina"], morning.today, by=AMINA, now=moment)
        return made.reference


def settle(morning: Morning, upheld: bool) -> None:
    """The director decides the dispute that is open."""
    with morning.db() as db:
        number = db.scalars(select(Dispute.id).where(Dispute.settled_at.is_(None))).one()
        settlements.settle(db, number, upheld, "Signed the paper", by=BOSS, now=office.now(db))


@pytest.fixture
def upheld(morning: Morning) -> Morning:
    """Amina was marked absent, and the director has upheld her dispute."""
    morning.say({2: False})
    dispute(morning)
    settle(morning, upheld=True)
    assert morning.held().split()[1] == "P"
    return morning


def told(morning: Morning) -> list[str]:
    """Whose phones were told that another one differs."""
    with morning.db() as db:
        return sorted(db.scalars(select(Message.phone).where(Message.words == "register.conflict")))


def test_the_director_hears_that_a_phone_said_otherwise(upheld: Morning) -> None:
    upheld.say({2: False}, DEPUTY)
    assert upheld.held().split()[1] == "A*"
    assert DIRECTOR in told(upheld)


def test_the_day_is_disputed_anew(upheld: Morning) -> None:
    with pytest.raises(Refusal, match=r"dispute\.present"):
        dispute(upheld)
    upheld.say({2: False}, MERCY)
    second = dispute(upheld)
    assert dispute(upheld) == second, "twice is the same one"
    settle(upheld, upheld=True)
    assert upheld.held().split()[1] == "P"
    with upheld.db() as db:
        assert [row.upheld for row in db.scalars(select(Dispute).order_by(Dispute.id))] == [True, True]


def test_what_was_rejected_stays_so(morning: Morning) -> None:
    morning.say({2: False})
    dispute(morning)
    settle(morning, upheld=False)
    morning.say({2: False}, DEPUTY)
    with pytest.raises(Refusal, match=r"dispute\.settled"):
        dispute(morning)


@pytest.mark.parametrize(("lang", "seen"), [("en", "is disputed: DS-"), ("sw", "imepingwa: DS-")])
def test_on_the_phone(upheld: Morning, handset: Callable[[str], Handset], lang: str, seen: str) -> None:
    upheld.say({2: False}, MERCY)
    upheld.season.speak("amina", lang)
    amina = handset(PEOPLE["amina"][0])
    amina.dial()
    amina.send(PASSWORD)
    assert ": Ab" in amina.send("7", "3")
    amina.send("1", "98")
    assert seen in amina.send("1")
