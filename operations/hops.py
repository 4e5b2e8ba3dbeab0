"""The answers of hops that wrote something, and what the gateway says at a session's end."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.sessions import HopReply, SessionEnd

# AT repeats nothing later than this, and an answer may hold personal data.
KEPT = timedelta(hours=24)


class Repeated(Exception):
    """This hop was answered before; its effect must not happen twice."""


def remember(db: Session, session_id: str, text_hash: bytes, reply: str) -> None:
    """Store the answer in the hop's own commit; raises Repeated if another process was first."""
    row = insert(HopReply).values(session_id=session_id, text_hash=text_hash, reply=reply)
    stored = db.execute(row.on_conflict_do_nothing().returning(HopReply.session_id)).first()
    if stored is None:
        raise Repeated


def recall(db: Session, session_id: str, text_hash: bytes) -> str | None:
    """The stored answer to this very hop."""
    hop = (HopReply.session_id == session_id, HopReply.text_hash == text_hash)
    return db.scalar(select(HopReply.reply).where(*hop))


def finish(db: Session, session_id: str, phone: str, event: Mapping[str, str]) -> None:
    """Keep what the gateway said at the end, once a session; it decides nothing."""
    row = insert(SessionEnd).values(
        session_id=session_id,
        phone=phone,
        status=event.get("status", ""),
        network=event.get("networkCode"),
        cost=event.get("cost"),
        duration_ms=event.get("durationInMillis"),
        hops=event.get("hopsCount"),
        error=event.get("errorMessage"),
    )
    db.execute(row.on_conflict_do_nothing())
