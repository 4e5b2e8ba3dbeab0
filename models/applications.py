"""Applications for vacancies: one live one a person and series, the withdrawn and refused ones kept."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Number, Stamp, one_of

LIVE = ("submitted", "approved", "deployed")
ENDED = ("withdrawn", "rejected", "released")


class Application(Base):
    """A person's wish for a vacancy; while it is live it holds one of the vacancy's places."""

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint(one_of("state", (*LIVE, *ENDED)), "state"),
        Index(
            "uq_application_live",
            *("account_id", "series_id"),
            unique=True,
            postgresql_where=text("state IN ('submitted', 'approved', 'deployed')"),
        ),
        Index("ix_application_account", "account_id", "id"),
        Index("ix_application_vacancy", "vacancy_id"),
    )

    id: Mapped[Number]
    reference: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    vacancy_id: Mapped[int] = mapped_column(ForeignKey("vacancy.id"))
    form_id: Mapped[str] = mapped_column(unique=True)  # the attempt that made it: a repeat finds it
    state: Mapped[str] = mapped_column(default="submitted", server_default="submitted")
    reason: Mapped[str | None]  # why withdrawn, rejected or released
    channel: Mapped[str]
    applied_at: Mapped[Stamp]
    ended_at: Mapped[Moment | None]
    decided_at: Mapped[Moment | None]
    decided_by: Mapped[str | None]
