"""Signing in: a challenge is read, the slow hash is compared outside, and the outcome is written.

Between the two steps no transaction is open. The second one locks the counts and looks again, so guesses
that were compared side by side still count one after the other.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.accounts import Account
from models.records import Audit
from operations import accounts, audits, centre_accounts, enrolments, grants, guesses, notices, passwords
from operations.office import NAIROBI, Actor, Office
from telephony import phones

# Nobody keeps one dialogue going for longer: the network ends it after minutes.
LONGEST_SESSION: Final = timedelta(hours=12)


@dataclass(frozen=True)
class Challenge:
    """What a guess is compared with: the account's password and its living one-time password."""

    username: str
    account_id: int | None
    stored: str | None = field(repr=False)
    grant_id: int | None


@dataclass(frozen=True)
class Outcome:
    """How a guess ended: `right`, `one_time`, `one_time_id` (the ID is asked too), `wrong`, `locked`.

    At a centre's account also `new_phone` (a code is asked too) and `elsewhere`: its one-time password works
    on the phone it was sent to, and enrols that one.
    """

    name: str
    account_id: int | None = None
    tries: int = 0
    minutes: int = 0


def challenge(db: Session, username: str, *, now: datetime) -> Challenge:
    """Read what a guess at this username is compared with; the same work for one that does not exist."""
    account = accounts.by_username(db, username)
    if account is None:
        return Challenge(username, None, None, None)
    grant = grants.live(db, account.id, now=now)
    return Challenge(username, account.id, account.password_hash, grant.id if grant else None)


def compare(office: Office, asked: Challenge, typed: str) -> str:
    """`right`, `one_time` or `wrong`. Slow on purpose: call it with no transaction open."""
    matched = asked.grant_id is not None and grants.matches(office, asked.grant_id, typed)
    right = passwords.right(office, asked.stored, typed)
    return "right" if right else "one_time" if matched else "wrong"


def settle(db: Session, asked: Challenge, answer: str, *, by: Actor, now: datetime) -> Outcome:
    """Write down how the guess ended. A lock holds even against the right password; nothing else is told."""
    phone = by.phone or ""
    account = db.get(Account, asked.account_id) if asked.account_id else None
    scopes = guesses.keys(asked.username, phone, own=owns(db, account, phone))
    shut = locked(db, scopes, now=now)
    if shut:
        return shut
    if answer == "wrong" or account is None or stale(account, asked):
        return wrong(db, asked.username, account, scopes, by=by, now=now)
    if answer == "one_time" and account.national_id:
        return Outcome("one_time_id", account.id)
    if account.centre_code and not may_act(db, account, answer, phone):
        return Outcome("elsewhere" if answer == "one_time" else "new_phone", account.id)
    return welcome(db, account, answer, by=by)


def locked(db: Session, scopes: list[tuple[str, str]], *, now: datetime) -> Outcome | None:
    """The lock on these counts and its minutes, begun ones counted whole; None where there is none."""
    wait = guesses.locked(db, scopes, now=now)
    return None if wait is None else Outcome("locked", minutes=ceil(wait.total_seconds() / 60))


def owns(db: Session, account: Account | None, phone: str) -> bool:
    """Whether the account is this phone's own: strangers' guesses are counted apart from its owner's."""
    if account is None or account.phone == phone:
        return account is not None
    return account.centre_code is not None and phone in enrolments.enrolled(db, account.centre_code)


def may_act(db: Session, account: Account, answer: str, phone: str) -> bool:
    """Whether a centre's password, or its one-time password, opens it on this phone."""
    if answer == "one_time":
        return phone == account.phone
    return phone in enrolments.enrolled(db, account.centre_code or "")


def stale(account: Account, asked: Challenge) -> bool:
    """Whether the password changed while the guess was being compared."""
    return account.password_hash != asked.stored


def welcome(db: Session, account: Account, answer: str, *, by: Actor) -> Outcome:
    """The guess was right: this phone's wrong ones are forgotten and the sign-in is written down."""
    guesses.forget(db, account.username, by.phone or "")
    audits.record(db, "account.sign_in", f"account:{account.id}", by=by, how=answer)
    return Outcome(answer, account.id)


def wrong(
    db: Session,
    username: str,
    account: Account | None,
    scopes: list[tuple[str, str]],
    *,
    by: Actor,
    now: datetime,
) -> Outcome:
    """Count the wrong guess; the fifth locks, and the account's owner hears of it once a day."""
    closed, left = guesses.count_wrong(db, scopes, now=now)
    shut = locked(db, scopes, now=now) if closed else None
    if shut is None:
        return Outcome("wrong", tries=left)
    if account is not None and owns(db, account, by.phone or ""):
        tell(db, account, "locked", [by.phone or account.phone], now=now)
    elif account is not None:
        everybody = centre_accounts.phones_of(db, account)
        tell(db, account, "guessed", everybody, now=now, new_phone=phones.mask(by.phone or ""))
    return shut


def tell(
    db: Session, account: Account, what: str, told: Sequence[str], *, now: datetime, **facts: str
) -> None:
    """Tell these phones once a day that this one is locked, or that a stranger's was."""
    day = now.astimezone(NAIROBI).date().isoformat()
    for phone in told:
        key = f"{what}:{account.id}:{phone}:{day}"
        say(db, account, what, phone, now=now, key=key, **facts)


def say(
    db: Session,
    account: Account,
    what: str,
    phone: str,
    *,
    now: datetime,
    key: str | None = None,
    **facts: str,
) -> None:
    """Queue `account.…` to a phone, or its words for a centre, which name it: those speak of the director."""
    words = f"account.centre_{what}" if account.centre_code else f"account.{what}"
    if account.centre_code:
        facts["centre_code"] = account.centre_code
    notices.queue(db, "reply", words, phone, now=now, key=key, account_id=account.id, **facts)


def prove_identity(db: Session, account_id: int, digits: str, *, by: Actor, now: datetime) -> Outcome:
    """After a one-time password: the last 4 of the national ID on file; wrong ones count as wrong guesses."""
    account = db.get_one(Account, account_id)
    scopes = guesses.keys(account.username, by.phone or "", own=owns(db, account, by.phone or ""))
    shut = locked(db, scopes, now=now)
    if shut:
        return shut
    if not same((account.national_id or "")[-4:], digits):
        return wrong(db, account.username, account, scopes, by=by, now=now)
    return welcome(db, account, "one_time", by=by)


def choose_password(db: Session, account_id: int, hashed: str, *, by: Actor, now: datetime) -> None:
    """Set the password whose hash this is; every one-time password of the account is spent."""
    db.execute(
        update(Account).where(Account.id == account_id).values(password_hash=hashed, password_set_at=now)
    )
    grants.spend(db, account_id, now=now)
    audits.record(db, "account.password", f"account:{account_id}", by=by)
    account = db.get_one(Account, account_id)
    guesses.forget(db, account.username, by.phone or "")
    end_others(db, account_id, by=by, now=now)
    if account.centre_code and by.phone:
        enrolments.enrol(db, account, by.phone, by=by, now=now)
    for phone in centre_accounts.phones_of(db, account):
        say(db, account, "password_changed", phone, now=now)


def end_others(db: Session, account_id: int, *, by: Actor, now: datetime) -> None:
    """Let nobody who signed in on another phone go on; the edge ends their sessions after the commit."""
    signed_in = (Audit.subject == f"account:{account_id}", Audit.act == "account.sign_in")
    lately = select(Audit.actor).where(*signed_in, Audit.at > now - LONGEST_SESSION)
    those = {name.removeprefix("phone:") for name in db.scalars(lately.distinct())}
    db.info.setdefault("ended", set()).update(those - {by.phone or ""})


def recover(db: Session, username: str, *, by: Actor, now: datetime) -> bool:
    """Send new credentials to the account's own phone, if there is such an account.

    Answers False where they were asked for too often, which is told to the account's own phone only. For a
    centre only its enrolled phones can ask, and only one of those gets it; the director's word alone enrols a
    first phone, and anybody else is referred to the director by the same words. The phone that it goes to
    lifts its own lock by asking; asked for from any other phone, it lifts none.
    """
    account = accounts.by_username(db, username)
    if account and account.centre_code:
        known = enrolments.enrolled(db, account.centre_code)
        if by.phone not in known or account.phone not in known:
            return True
    sent = account is None or grants.issue(db, account, "account.one_time_password", by=by, now=now)
    if account and sent and by.phone == account.phone:
        guesses.forget(db, username, account.phone)
    return sent


def reopen(
    db: Session, office: Office, username: str, one_time: str, id_digits: str, *, by: Actor, now: datetime
) -> int | None:
    """The account that this one-time password still opens, with its ID digits where an ID is on file."""
    account = accounts.by_username(db, username)
    grant = grants.live(db, account.id, now=now) if account else None
    if account is None or grant is None or not grants.matches(office, grant.id, one_time):
        return None
    if account.national_id and not same(account.national_id[-4:], id_digits):
        return None
    if account.centre_code and by.phone != account.phone:
        return None
    return account.id


def same(stored: str, typed: str) -> bool:
    """Whether two short texts agree, in constant time."""
    return hmac.compare_digest(stored.encode(), typed.encode())
