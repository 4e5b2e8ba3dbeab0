"""Attendance: what was said of each day, only ever added to, and the days that somebody disputes."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.accounts import CHANNELS
from models.base import Base, Moment, Number, Stamp, one_of


class MarkEvent(Base):
    """One word about one person on one day; the register is a pure function of these rows."""

    __tablename__ = "mark_event"
    __table_args__ = (
        CheckConstraint(one_of("channel", CHANNELS), "channel"),
        Index("ix_mark_event_deployment", "deployment_id", "day", "id"),
        # Few are absent: who is to be told of it is found among these alone.
        Index("ix_mark_event_absent", "day", "deployment_id", postgresql_where=text("NOT present")),
    )

    id: Mapped[Number]
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    day: Mapped[date]
    present: Mapped[bool]
    source: Mapped[str] = mapped_column(unique=True)  # the hop or SMS that said it, and of whom: once each
    channel: Mapped[str]
    actor: Mapped[str]
    said_at: Mapped[Moment]  # when it was said, by the rule of the channel; it decides which word holds
    received_at: Mapped[Stamp]
    reason: Mapped[str | None]  # of a correction after the cut-off


class Dispute(Base):
    """A day that a person says was marked wrongly; the centre and the director hear of it."""

    __tablename__ = "dispute"
    __table_args__ = (
        Index(
            "uq_dispute_open",
            *("deployment_id", "day"),
            unique=True,
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index("ix_dispute_deployment", "deployment_id", "day"),
    )

    id: Mapped[Number]
    reference: Mapped[str] = mapped_column(unique=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    day: Mapped[date]
    raised_at: Mapped[Stamp]
    settled_at: Mapped[Moment | None]
    settled_by: Mapped[str | None]
    upheld: Mapped[bool | None]
    reason: Mapped[str | None]
