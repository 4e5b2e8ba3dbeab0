"""Acts asked for by SMS that wait for `YES <code>`; the code is derived, so there is nothing to store."""

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from models.accounts import Confirmation
from operations.office import Office

LIFE = timedelta(minutes=30)
# How long a spent or stale code is still known for what it was, so that its owner hears why.
KNOWN = timedelta(days=1)
MOST_WRONG = 5
SHOWN = "shown"  # the national ID of a move, as the director read it off the card


@dataclass(frozen=True)
class Answer:
    """What a typed code does: `fresh` (now spent), `repeat`, `expired`, `ended`, `wrong`, or `none` waits."""

    name: str
    asked: Confirmation | None = None


def code(office: Office, confirmation_id: int | str) -> str:
    """The 4 digits of a confirmation."""
    return office.digits(4, "confirmation", confirmation_id)


def ask(
    db: Session, phone: str, act: str, *, now: datetime, life: timedelta = LIFE, **details: str
) -> Confirmation:
    """Let this act wait for its YES; asking for the same again keeps the code that was sent."""
    waiting = db.scalars(living(phone, now).where(Confirmation.act == act, Confirmation.details == details))
    known = waiting.first()
    if known:
        return known
    asked = Confirmation(phone=phone, act=act, details=details, expires_at=now + life)
    db.add(asked)
    db.flush()
    return asked


def living(phone: str, now: datetime) -> Select[Confirmation]:
    """The query for what this phone may still confirm, newest first."""
    mine = (Confirmation.phone == phone, Confirmation.used_at.is_(None), Confirmation.expires_at > now)
    return select(Confirmation).where(*mine, Confirmation.wrong < MOST_WRONG).order_by(Confirmation.id.desc())


def waiting(
    db: Session, office: Office, phone: str, typed: str, *, now: datetime, acts: Collection[str]
) -> Confirmation | None:
    """What this code would confirm; it is only looked at, and stays as it is."""
    return matching(office, db.scalars(living(phone, now).where(Confirmation.act.in_(acts))).all(), typed)


def answer(
    db: Session, office: Office, phone: str, typed: str, *, now: datetime, acts: Collection[str] = ()
) -> Answer:
    """What this code confirms; a wrong one counts against all that waits, and the fifth ends it.

    Where `acts` are named, a code that was sent for any other act is a wrong one, and stays unspent.
    """
    waiting = db.scalars(living(phone, now).with_for_update()).all()
    fresh = matching(office, [asked for asked in waiting if not acts or asked.act in acts], typed)
    if fresh:
        fresh.used_at = now
        return Answer("fresh", fresh)
    past = earlier(db, office, phone, typed, now=now, acts=acts)
    if past or not waiting:
        return past or Answer("none")
    for asked in waiting:
        asked.wrong += 1
    return Answer("wrong" if any(asked.wrong < MOST_WRONG for asked in waiting) else "ended")


def earlier(
    db: Session, office: Office, phone: str, typed: str, *, now: datetime, acts: Collection[str] = ()
) -> Answer | None:
    """What this code was good for within the last day: a repeated YES, or one that came too late."""
    mine = [Confirmation.phone == phone, Confirmation.expires_at > now - KNOWN]
    mine += [Confirmation.act.in_(acts)] if acts else []
    known = db.scalars(select(Confirmation).where(*mine).order_by(Confirmation.id.desc()).limit(20)).all()
    asked = matching(office, known, typed)
    if asked is None:
        return None
    if asked.used_at:
        return Answer("repeat", asked)
    return Answer("ended" if asked.wrong >= MOST_WRONG else "expired", asked)


def matching(office: Office, many: Sequence[Confirmation], typed: str) -> Confirmation | None:
    """The one of these that the code belongs to."""
    for asked in many:
        if hmac.compare_digest(code(office, asked.id).encode(), typed.encode()):
            return asked
    return None


def forget(db: Session, *, now: datetime) -> int:
    """Strike the national ID out of the moves that nobody can say YES to any more; answers how many."""
    over = or_(Confirmation.used_at.is_not(None), Confirmation.expires_at <= now)
    kept = Confirmation.details.has_key(SHOWN)
    stale = update(Confirmation).where(over, Confirmation.act == "move", kept)
    done = stale.values(details=Confirmation.details.op("-")(SHOWN)).returning(Confirmation.id)
    return len(db.scalars(done).all())


def drop(db: Session, phone: str, *, now: datetime, but: Collection[str] = ()) -> None:
    """What waits for this phone is not wanted any more, but for these acts: its codes are stale from now."""
    mine = (Confirmation.phone == phone, Confirmation.used_at.is_(None), Confirmation.expires_at > now)
    stale = update(Confirmation).where(*mine, Confirmation.act.not_in(but))
    db.execute(stale.values(expires_at=now))
