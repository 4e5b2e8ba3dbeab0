"""The audit trail, the runs of periodic jobs, and reference data that officers keep."""

from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Number, Stamp, one_of


class Audit(Base):
    """Who did what to whom, when and from where; rows are only ever added."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject", "id"),)

    id: Mapped[Number]
    at: Mapped[Stamp]
    actor: Mapped[str]  # `phone:+2547…`, `staff:name`, `system`
    channel: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str]  # `account:12`
    details: Mapped[dict[str, Any]]


class Run(Base):
    """One slot of a periodic job: the constraint lets one clock process take it, however many run."""

    __tablename__ = "run"

    name: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[Moment] = mapped_column(primary_key=True)
    started_at: Mapped[Stamp]
    finished_at: Mapped[Moment | None]


class Contact(Base):
    """Whom to ask: the council itself, or a sub-county's director of education."""

    __tablename__ = "contact"
    __table_args__ = (CheckConstraint(one_of("kind", ("council", "director")), "kind"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)  # a sub-county, or empty for the council
    name: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str]
