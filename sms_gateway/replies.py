"""Replies: one SMS back to the number that asked, and how often the same words are said to one phone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.messages import Message
from operations import notices

# Words that a stranger, a machine or a fault could call for without end: at most so many in this time.
BRAKES: Final[Mapping[str, tuple[int, timedelta]]] = {
    "sms.apology": (1, timedelta(minutes=10)),
    "sms.no_account": (3, timedelta(days=1)),
    "sms.vacancies": (20, timedelta(days=1)),
    "sms.vacancies_yours": (20, timedelta(days=1)),
    "sms.vacancies_others": (20, timedelta(days=1)),
    "sms.vacancies_unknown_place": (10, timedelta(days=1)),
    "sms.unknown": (10, timedelta(hours=1)),
    "sms.unknown_known": (10, timedelta(hours=1)),
    "sms.unknown_both": (10, timedelta(hours=1)),
}


def queue(db: Session, phone: str, lang: str, name: str, *, now: datetime, **values: Any) -> bool:
    """Queue this answer in the caller's transaction; False, and silence, where it was said too often."""
    most, window = BRAKES.get(name, (0, timedelta()))
    if most and said(db, phone, name, since=now - window) >= most:
        return False
    notices.queue(db, "reply", name, phone, now=now, lang=lang, **values)
    return True


def said(db: Session, phone: str, name: str, *, since: datetime) -> int:
    """How often this phone was answered with these words since then."""
    mine = (Message.phone == phone, Message.words == name, Message.queued_at > since)
    return db.scalar(select(func.count()).select_from(Message).where(*mine)) or 0
