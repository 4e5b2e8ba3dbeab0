"""The outbox, its attempts, delivery reports, and incoming SMS."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Number, Stamp, one_of

LANES = ("urgent", "bulk")
CLASSES = ("code", "reply", "register", "chase", "notice", "campaign")
# ready → leased → posting → accepted | unknown → sent → delivered; failed, expired and dead are ends.
STATES = (
    "ready",
    "leased",
    "posting",
    "unknown",
    "accepted",
    "sent",
    "delivered",
    "failed",
    "expired",
    "dead",
)

lease_token = Sequence("lease_token", metadata=Base.metadata)


class Message(Base):
    """One outgoing SMS: named words and values, worded when it is sent, in the person's language."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint(one_of("lane", LANES), "lane"),
        CheckConstraint(one_of("class", CLASSES), "class"),
        CheckConstraint(one_of("state", STATES), "state"),
        Index(
            "ix_message_ready",
            *("lane", "class", "next_attempt_at", "id"),  # by class, so that held ones are stepped over
            postgresql_where=text("state = 'ready'"),
        ),
        Index("ix_message_not_after", "not_after", postgresql_where=text("state = 'ready'")),
        Index("ix_message_leased", "lease_until", postgresql_where=text("state IN ('leased', 'posting')")),
        Index("ix_message_unknown", "phone", "posted_at", postgresql_where=text("state = 'unknown'")),
        Index("ix_message_provider_id", "provider_id"),
        Index("ix_message_phone", "phone", "queued_at"),
        Index("ix_message_account", "account_id", "id", postgresql_where=text("account_id IS NOT NULL")),
    )

    id: Mapped[Number]
    lane: Mapped[str]
    klass: Mapped[str] = mapped_column("class")
    natural_key: Mapped[str | None] = mapped_column(unique=True)  # the fact it tells of: never told twice
    phone: Mapped[str]
    lang: Mapped[str | None]  # None: the subscriber's stored language when it is sent
    words: Mapped[str]  # the name of its wording in menus/words
    details: Mapped[dict[str, Any]]  # values of its blanks; a one-time password travels as its grant's id
    sender: Mapped[str | None]  # None: the lane's sender ID
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    queued_at: Mapped[Stamp]
    next_attempt_at: Mapped[Stamp]
    not_after: Mapped[Moment]  # past this it is worth nothing and is never sent
    state: Mapped[str] = mapped_column(default="ready", server_default="ready")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")  # times it failed, or felled a worker
    lease_token: Mapped[int | None] = mapped_column(BigInteger)
    lease_until: Mapped[Moment | None]
    posted_at: Mapped[Moment | None]
    settled_at: Mapped[Moment | None]
    provider_id: Mapped[str | None]  # Africa's Talking's messageId
    provider_status: Mapped[str | None]  # the last word of a report, raw
    failure: Mapped[str | None]  # why it failed: our code, or the provider's own word
    read_at: Mapped[Moment | None]  # when it was read in the message list
    segments: Mapped[int | None]
    cost: Mapped[str | None]


class Attempt(Base):
    """One POST to the provider, written before the first byte leaves."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("message_id", "n"),)

    id: Mapped[Number]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    n: Mapped[int]
    lease_token: Mapped[int] = mapped_column(BigInteger)
    worker: Mapped[str]
    started_at: Mapped[Stamp]
    finished_at: Mapped[Moment | None]
    outcome: Mapped[str | None]  # accepted, rejected, not_sent, unknown
    http_status: Mapped[int | None]
    provider_code: Mapped[str | None]
    latency_ms: Mapped[int | None]


class Report(Base):
    """A delivery report, one row a distinct fact; it waits here while its message is not yet known."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("provider_id", "status"),
        Index("ix_report_parked", "received_at", postgresql_where=text("applied_at IS NULL")),
    )

    id: Mapped[Number]
    provider_id: Mapped[str]
    status: Mapped[str]  # raw, whatever it says
    failure: Mapped[str | None]
    phone: Mapped[str | None]
    network: Mapped[str | None]
    received_at: Mapped[Stamp]
    applied_at: Mapped[Moment | None]


class Incoming(Base):
    """An incoming SMS, once each; the text is kept as its shape only, for it may hold a password."""

    __tablename__ = "incoming_sms"
    __table_args__ = (
        CheckConstraint(one_of("state", ("received", "handled", "ignored", "failed")), "state"),
        Index("ix_incoming_sms_phone", "phone", "received_at"),
    )

    id: Mapped[Number]
    provider_id: Mapped[str] = mapped_column(unique=True)  # theirs, or `h:` and a keyed hash of the fields
    phone: Mapped[str]
    to: Mapped[str]
    shape: Mapped[str]  # known words kept, everything else as x and 9
    shape_hash: Mapped[str]  # keyed hash of the whole text, to notice a loop
    network: Mapped[str | None]
    keyword: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="received")
    reference: Mapped[str | None]  # what a failed one was logged under
    sent_at: Mapped[Moment | None]  # by Africa's Talking's date
    received_at: Mapped[Stamp]


class Pause(Base):
    """A lane that must not send for now: no credit, a refused key or sender."""

    __tablename__ = "lane_pause"

    lane: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[Moment]
    reason: Mapped[str]
