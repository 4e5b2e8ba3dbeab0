"""Series (an exam in a year) with their rules and rates, and the vacancies advertised in them."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Number, Stamp, one_of
from models.places import STATIONS

ACTIVITIES = ("supervision", "invigilation", "management", "distribution", "security", "transport", "marking")
POSITIONS = (
    "centre_manager",
    "supervisor",
    "invigilator",
    "clerk",
    "security_officer",
    "driver",
    "examiner",
)


# The columns of the search's lists, in the order in which they are asked.
CHOSEN = ("series_id", "activity", "station", "position", "centre_code")
HAS_ROOM = "closed_at IS NULL AND filled < capacity"


class Series(Base):
    """An exam in a year: its days, when one may apply, and the rules of who may do what."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("exam", "year"),)

    id: Mapped[Number]
    exam: Mapped[str]
    year: Mapped[int]
    rehearsal: Mapped[date | None]
    starts: Mapped[date]
    ends: Mapped[date]
    apply_from: Mapped[Moment | None]  # none: nobody may apply yet
    apply_until: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    # The public holidays among its days, as the list had them: a later change moves no register that is past.
    holidays: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    source: Mapped[str] = mapped_column(default="", server_default="")


class Holiday(Base):
    """A day that is kept as a public holiday in Kenya; officers edit the list."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]
    source: Mapped[str] = mapped_column(default="", server_default="")


class Rate(Base):
    """What a position is paid a day; empty sums are not known, and nothing is paid on a guess."""

    __tablename__ = "rate"
    __table_args__ = (UniqueConstraint("year", "exam", "position", "region"),)

    id: Mapped[Number]
    year: Mapped[int]
    exam: Mapped[str]
    position: Mapped[str]
    region: Mapped[str]  # All, Nairobi & Mombasa, Other
    ksh_per_day: Mapped[int | None]
    days: Mapped[int | None]  # the most days that are paid
    total_ksh: Mapped[int | None]
    source: Mapped[str] = mapped_column(default="", server_default="")


class Vacancy(Base):
    """A post advertised at a duty station: so many places, of which so many are taken."""

    __tablename__ = "vacancy"
    __table_args__ = (
        CheckConstraint(one_of("activity", ACTIVITIES), "activity"),
        CheckConstraint(one_of("station", STATIONS), "station"),
        CheckConstraint(one_of("position", POSITIONS), "position"),
        CheckConstraint("filled BETWEEN 0 AND capacity", "filled"),
        # What has a place left, as the lists of the search ask for it: by choices first, and by place.
        Index("ix_vacancy_choice", *CHOSEN, postgresql_where=text(HAS_ROOM)),
        Index("ix_vacancy_place", "centre_code", "series_id", postgresql_where=text(HAS_ROOM)),
        Index("ix_vacancy_series", "series_id", "centre_code"),
    )

    id: Mapped[Number]
    code: Mapped[str] = mapped_column(unique=True)  # digits with a check digit: typed on twelve keys
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    activity: Mapped[str]
    station: Mapped[str]
    position: Mapped[str]
    centre_code: Mapped[str] = mapped_column(ForeignKey("centre.code"))
    subject: Mapped[str | None]  # examiners: what is marked
    paper: Mapped[str | None]
    capacity: Mapped[int]
    filled: Mapped[int] = mapped_column(default=0, server_default="0")
    advertised_at: Mapped[Stamp]
    closed_at: Mapped[Moment | None]
