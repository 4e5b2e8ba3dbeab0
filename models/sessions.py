"""USSD hops that changed something, session ends, and the published menu trees."""

from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Number, Stamp


class HopReply(Base):
    """The answer of a hop that wrote something, stored in the same commit: a repeat gets these bytes."""

    __tablename__ = "hop"

    session_id: Mapped[str] = mapped_column(primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)  # keyed, over phone, id and text
    reply: Mapped[str]
    created_at: Mapped[Stamp] = mapped_column(index=True)


class SessionEnd(Base):
    """What the gateway said when a session ended, without the input and the last screen."""

    __tablename__ = "session_end"
    # Rows come in the order of their time, so a few pages of this find a month's old ones among millions.
    __table_args__ = (Index("ix_session_end_ended_at", "ended_at", postgresql_using="brin"),)

    session_id: Mapped[str] = mapped_column(primary_key=True)
    phone: Mapped[str]
    status: Mapped[str]
    network: Mapped[str | None]
    cost: Mapped[str | None]
    duration_ms: Mapped[str | None]
    hops: Mapped[str | None]
    error: Mapped[str | None]
    ended_at: Mapped[Stamp]


class MenuVersion(Base):
    """A compiled menu tree with its words, named by its digest; never changed, never deleted."""

    __tablename__ = "menu_version"

    digest: Mapped[str] = mapped_column(primary_key=True)
    tree: Mapped[dict[str, Any]]
    created_at: Mapped[Stamp]


class MenuPublication(Base):
    """Which version went live when and by whose hand; the last row is what callers see."""

    __tablename__ = "menu_publication"

    id: Mapped[Number]
    digest: Mapped[str] = mapped_column(ForeignKey("menu_version.digest"))
    by: Mapped[str]
    published_at: Mapped[Stamp]
