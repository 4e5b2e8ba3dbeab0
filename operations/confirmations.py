"""Acts asked for by SMS that wait for `YES <code>`; the code is derived, so there is nothing to store."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from models.accounts import Confirmation
from operations.office import Office

LIFE = timedelta(minutes=30)
MOST_WRONG = 5


def code(office: Office, confirmation_id: int | str) -> str:
    """The 4 digits of a confirmation."""
    return office.digits(4, "confirmation", confirmation_id)


def ask(db: Session, phone: str, act: str, *, now: datetime, **details: str) -> Confirmation:
    """Let this act wait for its YES; asking for the same again keeps the code that was sent."""
    waiting = db.scalars(living(phone, now).where(Confirmation.act == act, Confirmation.details == details))
    known = waiting.first()
    if known:
        return known
    asked = Confirmation(phone=phone, act=act, details=details, expires_at=now + LIFE)
    db.add(asked)
    db.flush()
    return asked


def living(phone: str, now: datetime) -> Select[Confirmation]:
    """The query for what this phone may still confirm, newest first."""
    mine = (Confirmation.phone == phone, Confirmation.used_at.is_(None), Confirmation.expires_at > now)
    return select(Confirmation).where(*mine, Confirmation.wrong < MOST_WRONG).order_by(Confirmation.id.desc())


def answer(db: Session, office: Office, phone: str, typed: str, *, now: datetime) -> Confirmation | None:
    """The act that this code confirms, now spent; a wrong code counts against all that waits, 5 end it."""
    waiting = db.scalars(living(phone, now).with_for_update()).all()
    for asked in waiting:
        if hmac.compare_digest(code(office, asked.id).encode(), typed.encode()):
            asked.used_at = now
            return asked
    ids = [asked.id for asked in waiting]
    db.execute(update(Confirmation).where(Confirmation.id.in_(ids)).values(wrong=Confirmation.wrong + 1))
    return None
