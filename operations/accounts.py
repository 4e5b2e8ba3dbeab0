"""Accounts: made once a phone, with consent, and opened by credentials sent to that phone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.accounts import Account, Consent
from operations import audits, grants, subscribers
from operations.office import Actor
from telephony import phones

# The version of the privacy words that menus/words and the consent screen show.
CONSENT_VERSION = "2026-11"
# Asked at every dial, so it is spelt out and read without ceremony.
FACE = (
    "SELECT s.lang, a.id FROM subscriber s LEFT JOIN account a ON a.phone = s.phone AND a.centre_code IS NULL"
    " WHERE s.phone = %(phone)s"
)
Read = Callable[[str, Mapping[str, object]], tuple[Any, ...] | None]


@dataclass(frozen=True)
class Face:
    """What a first screen needs to know of a phone."""

    lang: str | None
    known: bool


def face(read: Read, phone: str) -> Face:
    """Whether this phone has an account, and its language: one query, at each dial."""
    row = read(FACE, {"phone": phone})
    return Face(row[0], row[1] is not None) if row else Face(None, False)


def by_phone(db: Session, phone: str) -> Account | None:
    """The account of the person whose phone this is; a centre's account is not one's own."""
    own = select(Account).where(Account.phone == phone, Account.centre_code.is_(None))
    return db.scalars(own).first()


def by_username(db: Session, username: str) -> Account | None:
    """The account of this username."""
    return db.scalars(select(Account).where(Account.username == username)).first()


def agree(db: Session, account_id: int, *, by: Actor, now: datetime) -> None:
    """Keep somebody's consent to the privacy words; agreeing twice is agreeing once."""
    row = insert(Consent).values(account_id=account_id, version=CONSENT_VERSION, channel=by.channel)
    if db.scalar(row.on_conflict_do_nothing().returning(Consent.id)) is not None:
        audits.record(db, "account.consent", f"account:{account_id}", by=by, consent=CONSENT_VERSION)


def create(db: Session, phone: str, lang: str, *, form_id: str, by: Actor, now: datetime) -> str:
    """Make the phone's account with its consent and queue its credentials.

    Answers `created`, also to a repeat of the same form; `exists` where the phone has one already.
    """
    subscribers.speak(db, phone, lang)
    row = insert(Account).values(username=phones.username(phone), phone=phone, form_id=form_id)
    account = db.scalars(row.on_conflict_do_nothing().returning(Account)).first()
    if account is None:
        mine = select(Account.id).where(Account.phone == phone, Account.form_id == form_id)
        return "created" if db.scalar(mine) else "exists"
    db.add(Consent(account_id=account.id, version=CONSENT_VERSION, channel=by.channel))
    grants.send(db, account, grants.new(db, account.id, by.channel, now=now), "account.credentials", now=now)
    audits.record(db, "account.create", f"account:{account.id}", by=by, consent=CONSENT_VERSION)
    return "created"
