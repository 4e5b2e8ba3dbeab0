"""Forms: what somebody began and has not finished."""

from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Stamp


class Form(Base):
    """A form that somebody is filling in; after a dropped session one SMS says how to finish it."""

    __tablename__ = "form"
    __table_args__ = (
        Index(
            "ix_form_unfinished",
            "touched_at",
            postgresql_where=text("finished_at IS NULL AND reminded_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # the journey's form id
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    journey: Mapped[str]  # profile, apply
    details: Mapped[dict[str, Any]]  # what its reminder says
    begun_at: Mapped[Stamp]
    touched_at: Mapped[Stamp]
    finished_at: Mapped[Moment | None]
    reminded_at: Mapped[Moment | None]
    returned_at: Mapped[Moment | None]  # the person dialled again: no reminder
