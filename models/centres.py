"""Centres at work: the phones that may act for one, the directors above them, and each day's register."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Number, Stamp


class CentrePhone(Base):
    """A phone that may act for a centre: the first by the director's one-time password, at most three."""

    __tablename__ = "centre_phone"
    __table_args__ = (
        Index(
            "uq_centre_phone_enrolled",
            *("centre_code", "phone"),
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index("ix_centre_phone_phone", "phone", postgresql_where=text("removed_at IS NULL")),
    )

    id: Mapped[Number]
    centre_code: Mapped[str] = mapped_column(ForeignKey("centre.code"))
    phone: Mapped[str]
    enrolled_by: Mapped[str]
    enrolled_at: Mapped[Stamp]
    removed_at: Mapped[Moment | None]


class Enrolment(Base):
    """A phone that waits for the code sent to an enrolled one; the code is derived from the row's id."""

    __tablename__ = "enrolment"
    __table_args__ = (Index("ix_enrolment_live", "centre_code", "phone"),)

    id: Mapped[Number]
    centre_code: Mapped[str] = mapped_column(ForeignKey("centre.code"))
    phone: Mapped[str]
    wrong: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[Stamp]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class Director(Base):
    """A Sub-County Director of Education, known by phone."""

    __tablename__ = "director"
    __table_args__ = (
        Index("uq_director_phone", "phone", unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("ix_director_sub_county", "sub_county_id", postgresql_where=text("removed_at IS NULL")),
    )

    id: Mapped[Number]
    sub_county_id: Mapped[int] = mapped_column(ForeignKey("sub_county.id"))
    phone: Mapped[str]
    name: Mapped[str]
    added_by: Mapped[str]
    added_at: Mapped[Stamp]
    removed_at: Mapped[Moment | None]


class RegisterDay(Base):
    """What is known of one day's register beside its marks: its code, its nudges, who opened it again."""

    __tablename__ = "register_day"
    __table_args__ = (CheckConstraint("issue >= 1 AND wrong >= 0", "counts"),)

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    centre_code: Mapped[str] = mapped_column(ForeignKey("centre.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    issue: Mapped[int] = mapped_column(default=1, server_default="1")  # of the attendance code
    wrong: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # wrong codes; the fifth stops SMS marking
    stopped_at: Mapped[Moment | None]
    code_sent_at: Mapped[Moment | None]
    nudged_at: Mapped[Moment | None]
    reopened_until: Mapped[Moment | None]
    reopened_by: Mapped[str | None]
    reopened_for: Mapped[str | None]  # the reason


class Return(Base):
    """A register handed in for a whole series, and the countersigned copy that came back."""

    __tablename__ = "register_return"

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    centre_code: Mapped[str] = mapped_column(ForeignKey("centre.code"), primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]  # of the events it was made from
    submitted_at: Mapped[Stamp]
    submitted_by: Mapped[str]
    received_at: Mapped[Moment | None]
    received_by: Mapped[str | None]
