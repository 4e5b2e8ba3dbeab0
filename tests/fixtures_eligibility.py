"""What a register says and what a profile says, and the two held against each other."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.messages import Message
from models.people import Profile
from models.registers import Eligibility, RegisterEntry
from operations import eligibility
from operations.office import Actor, now
from operations.refusals import Refusal

STAFF = Actor("staff:test", "command")
# Who asks, as their profile says it: kind, number, national ID, name; and their line of the register.
TEACHER = ("teacher", "512345", "21234567", "Amina Wanjiru Otieno")
LINE = ("512345", "21234567", "OTIENO AMINA WANJIRU", True)
NUMBERS = {"teacher": "employment_no", "examiner": "employment_no", "driver": "licence_no"}


def register(db: Session, name: str, *lines: tuple[Any, ...]) -> None:
    """Lines of a register: number, national ID, name, active."""
    for number, national_id, called, active in lines:
        level = "secondary" if name == "tsc" else None
        values = {"number": number, "national_id": national_id, "name": called, "active": active}
        db.add(RegisterEntry(register=name, level=level, **values))
    db.flush()


def say(db: Session, account_id: int, kind: str, number: str, national_id: str, name: str) -> None:
    """Let a profile say this, without asking anybody."""
    profile = db.get_one(Profile, account_id)
    profile.kind, profile.full_name = kind, name
    setattr(profile, NUMBERS.get(kind, "service_no"), number)
    db.get_one(Account, account_id).national_id = national_id
    db.flush()


@pytest.fixture
def esther(season: Any) -> int:
    """Esther, whose profile is complete and who waits."""
    account: int = season.accounts["esther"]
    return account


@pytest.fixture
def work(season: Any) -> Iterator[Session]:
    """A transaction on the small season, rolled back at the end."""
    with season.service.stores.sessions() as session:
        yield session


def asked(db: Session, account_id: int) -> Eligibility:
    """What comes of asking."""
    return eligibility.ask(db, account_id, by=STAFF, now=now(db))


def messages(db: Session, account_id: int) -> list[str]:
    """The notices of this account, oldest first."""
    listed = select(Message.words).where(Message.account_id == account_id, Message.klass == "notice")
    return list(db.scalars(listed.order_by(Message.id)))


def refused(act: Callable[[], object]) -> str:
    """The code of the refusal that this act meets."""
    with pytest.raises(Refusal) as refusal:
        act()
    return refusal.value.code
