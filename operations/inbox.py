"""The message list: every notice of an account, whatever became of its SMS."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.messages import Message

# What is kept for reading; codes and replies answer the moment, and are gone with it.
LISTED: Final = ("notice", "chase", "register", "campaign")
MOST: Final = 97
# Asked whenever home is drawn, so it is spelt out and read without ceremony.
UNREAD: Final = (
    "SELECT count(*) FROM message WHERE account_id = %(account)s AND read_at IS NULL"
    " AND class IN ('notice', 'chase', 'register', 'campaign')"
)
Read = Callable[[str, Mapping[str, object]], tuple[Any, ...] | None]


def news(read: Read, account_id: int) -> int:
    """How many messages this account has not read: one query, whenever home is drawn."""
    row = read(UNREAD, {"account": account_id})
    return int(row[0]) if row else 0


def unread(db: Session, account_id: int) -> int:
    """How many messages this account has not read."""
    return int(db.connection().exec_driver_sql(UNREAD, {"account": account_id}).scalar_one())


def listed(db: Session, account_id: int, most: int = MOST) -> list[Message]:
    """The messages of this account, newest first; a new number or a failed SMS loses none of them."""
    mine = (Message.account_id == account_id, Message.klass.in_(LISTED))
    return list(db.scalars(select(Message).where(*mine).order_by(Message.id.desc()).limit(most)))


def one(db: Session, account_id: int, message_id: int) -> Message | None:
    """A message of this account's list; None where it is not in it."""
    mine = (Message.account_id == account_id, Message.klass.in_(LISTED), Message.id == message_id)
    return db.scalars(select(Message).where(*mine)).first()


def read(db: Session, account_id: int, message_id: int, *, now: datetime) -> Message | None:
    """Open a message of this account's list; the first reading is the one that is kept."""
    message = one(db, account_id, message_id)
    if message and message.read_at is None:
        message.read_at = now
    return message
