"""A new number: somebody's account moves to another phone, after an officer has looked at their ID."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from models.accounts import Account, Consent, Grant, PasswordRequest
from models.applications import Application
from models.deployments import Deployment
from models.forms import Form
from models.messages import Message
from models.people import Interest, Profile
from models.registers import Eligibility
from operations import (
    accounts,
    audits,
    centre_accounts,
    confirmations,
    enrolments,
    grants,
    guesses,
    notices,
    subscribers,
)
from operations.office import Actor
from operations.profile_fields import FIELDS
from operations.refusals import Refusal
from telephony import phones

# Work for the council: an account in which some stands is nobody's second one.
WORK: Final[Sequence[Any]] = (Application, Deployment)
# What goes with an account that makes way.
LEFT: Final[Sequence[Any]] = (Eligibility, Interest, Profile, Consent, Grant, PasswordRequest, Form)
# The classes of message that wait for the day: those for this account follow it to the new phone.
WAITING: Final = ("notice", "chase")


@dataclass(frozen=True)
class Moved:
    """The username that an account has now, and what the old phone acted for until then."""

    username: str
    centres: Sequence[str]
    directed: bool  # it was a Sub-County Director's


def move(
    db: Session, account_id: int, new_phone: str, *, national_id: str, by: Actor, now: datetime
) -> Moved:
    """Move the account to this phone: the old password and all that waits on the old phone end with it.

    The ID is the one that the officer was shown. The old phone acts for no centre and no sub-county any more:
    it may have been stolen. Raises a Refusal `number.…`, `profile.national_id` where that is no ID, or
    `phone.…` where the new number is none.
    """
    phone, shown = read(new_phone), FIELDS["national_id"].judge(national_id)
    account = db.get_one(Account, account_id, with_for_update=True, populate_existing=True)
    old = account.phone
    judge(account, phone, shown)
    make_way(db, account, phone, shown, by=by)
    subscribers.meet(db, phone, subscribers.language(db, old) or "en")
    account.phone, account.username, account.password_hash = phone, phones.username(phone), None
    db.flush()
    shut(db, old, now=now)
    db.info.setdefault("ended", set()).update(
        (old, phone)
    )  # whose USSD sessions the edge ends after the commit
    follow(db, account, old)
    centres = enrolments.quit_all(db, old, phone, by=by, now=now)
    directed = centre_accounts.director_of(db, old) is not None
    if directed:
        centre_accounts.remove_director(db, old, by=by, now=now)
    open_new(db, account, by=by, now=now)
    notices.queue(db, "reply", "number.moved_away", old, now=now, new_number=phones.mask(phone))
    facts = {"old": phones.mask(old), "new": phones.mask(phone)}
    on_file = "same" if account.national_id else "none on file"
    audits.record(db, "account.move", f"account:{account.id}", by=by, national_id=on_file, **facts)
    return Moved(account.username, centres, directed)


def read(typed: str) -> str:
    """The new number, which must be a Kenyan mobile."""
    try:
        return phones.read(typed)
    except phones.BadPhone as bad:
        raise Refusal(bad.code) from None


def judge(account: Account, phone: str, shown: str) -> None:
    """Refuse a centre's account, another ID than the one on file, and the number that it has already."""
    if account.centre_code:
        raise Refusal("number.centre")
    if account.national_id and account.national_id != shown:
        raise Refusal("number.other_id")
    if phone == account.phone:
        raise Refusal("number.same")


def make_way(db: Session, account: Account, phone: str, shown: str, *, by: Actor) -> None:
    """Remove the account that stands on the new phone, where it was never opened or is the same person's.

    Somebody with a new number often opens a second account before anybody tells them to see the Director.
    Refused where it is, or may be, another person's, and where it holds work for the council.
    """
    stands = accounts.by_phone(db, phone)
    if stands is None:
        return
    db.refresh(stands, with_for_update=True)
    own = stands.national_id == account.national_id == shown
    if holds_work(db, stands.id) or (not own and opened(db, stands)):
        raise Refusal("number.taken")
    audits.record(db, "account.make_way", f"account:{stands.id}", by=by, to=f"account:{account.id}")
    db.execute(update(Message).where(Message.account_id == stands.id).values(account_id=account.id))
    for left in LEFT:
        db.execute(delete(left).where(left.account_id == stands.id))
    db.delete(stands)
    db.flush()


def holds_work(db: Session, account_id: int) -> bool:
    """Whether the council approved this account, or it applied or was deployed."""
    approved = exists().where(Eligibility.account_id == account_id, Eligibility.standing == "approved")
    work = (exists().where(table.account_id == account_id) for table in WORK)
    return bool(db.scalar(select(or_(approved, *work))))


def opened(db: Session, account: Account) -> bool:
    """Whether anybody ever signed in to this account, or said something of themselves."""
    said = select(exists().where(Profile.account_id == account.id))
    return bool(account.password_hash or account.national_id or db.scalar(said))


def shut(db: Session, phone: str, *, now: datetime) -> None:
    """Nothing that was asked for on the old phone can be done from there any more."""
    confirmations.drop(db, phone, now=now)
    guesses.forget(db, phones.username(phone), phone)


def follow(db: Session, account: Account, old: str) -> None:
    """Notices that nobody has begun to send go to the new phone."""
    mine = (Message.account_id == account.id, Message.phone == old, Message.state == "ready")
    db.execute(update(Message).where(*mine, Message.klass.in_(WAITING)).values(phone=account.phone))


def open_new(db: Session, account: Account, *, by: Actor, now: datetime) -> None:
    """Send the new phone a one-time password; the ones that the old phone was sent open nothing."""
    grants.spend(db, account.id, now=now)
    grants.send(db, account, grants.new(db, account.id, by.channel, now=now), "number.moved_here", now=now)
