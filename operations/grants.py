"""One-time passwords: 8 digits derived from a grant, so that there is nothing to store."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.accounts import Account, Grant, PasswordRequest
from operations import notices
from operations.office import Actor, Office
from telephony import references

LIFE = timedelta(minutes=30)
# How many one-time passwords an account may be sent, by whoever asks: (window, most).
LIMITS = ((timedelta(hours=1), 3), (timedelta(days=1), 5))


def code(office: Office, grant_id: int | str) -> str:
    """The 8 digits of a grant; the same whenever they are asked for."""
    return office.digits(8, "one-time password", grant_id)


def live(db: Session, account_id: int, *, now: datetime) -> Grant | None:
    """The grant that still opens this account, if there is one."""
    alive = (Grant.account_id == account_id, Grant.used_at.is_(None), Grant.expires_at > now)
    return db.scalars(select(Grant).where(*alive).order_by(Grant.id.desc()).limit(1)).first()


def matches(office: Office, grant_id: int, typed: str) -> bool:
    """Whether the digits typed are this grant's; blanks and dashes between them are forgiven."""
    try:
        digits = references.read_digits(typed)
    except references.BadReference:
        return False
    return hmac.compare_digest(code(office, grant_id).encode(), digits.encode())


def issue(
    db: Session, account: Account, words: str, *, by: Actor, now: datetime, lang: str | None = None
) -> bool:
    """Queue a one-time password to the account's own phone; False, and nothing sent, past the limits.

    Asked again within its life the same one is sent, so that whichever SMS arrives opens the door.
    """
    db.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    asker = asked_by(by)
    if exhausted(db, account.id, asker, now=now):
        return False
    db.add(PasswordRequest(account_id=account.id, channel=asker))
    grant = live(db, account.id, now=now)
    if grant is None:
        spend(db, account.id, now=now)
        grant = new(db, account.id, by.channel, now=now)
    send(db, account, grant, words, now=now, lang=lang)
    return True


def asked_by(by: Actor) -> str:
    """Whose limit an asking counts against: a phone's by its channel, the office's apart from anybody's."""
    kind = by.name.partition(":")[0]
    return by.channel if kind == "phone" else kind


def send(
    db: Session, account: Account, grant: Grant, words: str, *, now: datetime, lang: str | None = None
) -> None:
    """Queue a grant's one-time password to the account's own phone."""
    minutes = str(max(1, round((grant.expires_at - now).total_seconds() / 60)))
    facts = {"grant": str(grant.id), "username": account.username, "minutes": minutes}
    notices.queue(db, "code", words, account.phone, now=now, lang=lang, account_id=account.id, **facts)


def new(db: Session, account_id: int, channel: str, *, now: datetime) -> Grant:
    """A fresh grant, for an account that has no living one."""
    grant = Grant(account_id=account_id, channel=channel, expires_at=now + LIFE)
    db.add(grant)
    db.flush()
    return grant


def spend(db: Session, account_id: int, *, now: datetime) -> None:
    """Close every grant of the account: its password was chosen, or a newer grant stands."""
    unused = update(Grant).where(Grant.account_id == account_id, Grant.used_at.is_(None))
    db.execute(unused.values(used_at=now))


def exhausted(db: Session, account_id: int, asker: str, *, now: datetime) -> bool:
    """Whether this asker has asked for as many as it may, in the hour or in the day."""
    day = now - LIMITS[-1][0]
    mine = (PasswordRequest.account_id == account_id, PasswordRequest.channel == asker)
    counts = [
        func.count().filter(PasswordRequest.asked_at > now - window).label(f"within_{n}")
        for n, (window, _) in enumerate(LIMITS)
    ]
    row = db.execute(select(*counts).where(*mine, PasswordRequest.asked_at > day)).one()
    return any(asked >= most for asked, (_, most) in zip(row, LIMITS, strict=True))
