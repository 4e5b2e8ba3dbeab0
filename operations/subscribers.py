"""Phone lines: their language, and what they do not want to hear."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.accounts import Subscriber


def language(db: Session, phone: str) -> str | None:
    """The language this line chose or last wrote in; None for a line never heard of."""
    return db.scalar(select(Subscriber.lang).where(Subscriber.phone == phone))


def meet(db: Session, phone: str, lang: str) -> None:
    """Know this line from now on; one already known keeps its language."""
    row = insert(Subscriber).values(phone=phone, lang=lang)
    db.execute(row.on_conflict_do_nothing(index_elements=["phone"]))


def speak(db: Session, phone: str, lang: str) -> None:
    """Use this language for everything that this line will hear."""
    row = insert(Subscriber).values(phone=phone, lang=lang)
    db.execute(row.on_conflict_do_update(index_elements=["phone"], set_={"lang": lang}))


def stop(db: Session, phone: str, lang: str, *, now: datetime) -> None:
    """No campaigns for this line; whatever it asks for still comes. Stopping twice changes nothing."""
    meet(db, phone, lang)
    line = update(Subscriber).where(Subscriber.phone == phone, Subscriber.opted_out_at.is_(None))
    db.execute(line.values(opted_out_at=now))


def start(db: Session, phone: str, lang: str) -> None:
    """Campaigns may come again."""
    meet(db, phone, lang)
    db.execute(update(Subscriber).where(Subscriber.phone == phone).values(opted_out_at=None, blocked_at=None))


def block(db: Session, phone: str, *, now: datetime) -> None:
    """Remember that the network refuses our sender for this line."""
    line = update(Subscriber).where(Subscriber.phone == phone, Subscriber.blocked_at.is_(None))
    db.execute(line.values(blocked_at=now))
