"""Deployments: who serves where in a series, and the declaration that each of them makes."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Number, Stamp, one_of
from models.series import POSITIONS

DEPLOYED = ("offered", "accepted")
UNDONE = ("declined", "replaced", "cancelled")


class Deployment(Base):
    """A person's post at a centre in a series: offered, then accepted or declined, perhaps replaced."""

    __tablename__ = "deployment"
    __table_args__ = (
        CheckConstraint(one_of("state", (*DEPLOYED, *UNDONE)), "state"),
        CheckConstraint(one_of("position", POSITIONS), "position"),
        Index(
            "uq_deployment_live",
            *("account_id", "series_id"),
            unique=True,
            postgresql_where=text("state IN ('offered', 'accepted')"),
        ),
        Index(
            "uq_deployment_roster",
            *("series_id", "centre_code", "roster_no"),
            unique=True,
        ),
        Index("ix_deployment_account", "account_id", "id"),
    )

    id: Mapped[Number]
    reference: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    centre_code: Mapped[str] = mapped_column(ForeignKey("centre.code"))
    position: Mapped[str]
    roster_no: Mapped[int]  # the person's number in the centre's register, never given twice
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"))
    vacancy_id: Mapped[int | None] = mapped_column(ForeignKey("vacancy.id"))
    reporting_at: Mapped[Moment]
    first_day: Mapped[date]
    last_day: Mapped[date]
    report_to: Mapped[str]  # whom to report to, with a phone where there is one
    carry: Mapped[str]  # what to carry
    state: Mapped[str] = mapped_column(default="offered", server_default="offered")
    reason: Mapped[str | None]  # why declined, replaced or cancelled
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("deployment.id"))
    offered_at: Mapped[Stamp]
    answered_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]


class Declaration(Base):
    """The declaration form, agreed on the phone: which words, when, and through which channel."""

    __tablename__ = "declaration"

    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"), primary_key=True)
    version: Mapped[str]
    channel: Mapped[str]
    agreed_at: Mapped[Stamp]
