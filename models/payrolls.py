"""Pay schedules: what a series owes whom, computed from marks and rates; the council pays."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Number, Stamp, one_of


class PaySchedule(Base):
    """One computation of a series' pay: prepared by one, closed by another."""

    __tablename__ = "pay_schedule"
    __table_args__ = (
        CheckConstraint(one_of("state", ("draft", "closed", "discarded")), "state"),
        CheckConstraint("closed_by IS NULL OR closed_by <> prepared_by", "four_eyes"),
        Index("uq_pay_schedule_closed", "series_id", unique=True, postgresql_where=text("state = 'closed'")),
    )

    id: Mapped[Number]
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    state: Mapped[str] = mapped_column(default="draft", server_default="draft")
    digest: Mapped[str]  # of every line: the same marks and rates give the same one
    prepared_by: Mapped[str]
    prepared_at: Mapped[Stamp]
    closed_by: Mapped[str | None]
    closed_at: Mapped[Moment | None]


class PayLine(Base):
    """What one deployment comes to, or why it is not paid, and who that was on the day it was prepared.

    The person is kept here as the profile had it: a closed schedule says the same for ever, whatever people
    correct later. The lines of a draft go with it; those of a closed one stay, for they are accounts.
    """

    __tablename__ = "pay_line"
    __table_args__ = (Index("ix_pay_line_refused", "schedule_id", "refused"),)

    schedule_id: Mapped[int] = mapped_column(
        ForeignKey("pay_schedule.id", ondelete="CASCADE"), primary_key=True
    )
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"), primary_key=True)
    days: Mapped[int]
    ksh_per_day: Mapped[int | None]
    ksh: Mapped[int | None]
    refused: Mapped[str | None]  # the code of the reason; nothing is paid on such a line
    # As it stood at preparing; part of the digest.
    reference: Mapped[str | None]
    name: Mapped[str | None]
    mpesa_name: Mapped[str | None]
    phone: Mapped[str | None]
    national_id: Mapped[str | None]
    number: Mapped[str | None]  # of TSC, the licence or the service, by what the person is
    position: Mapped[str | None]
    centre_code: Mapped[str | None]
    centre: Mapped[str | None]
    sub_county: Mapped[str | None]
    county: Mapped[str | None]
    region: Mapped[str | None]  # by which the rate was chosen
    document: Mapped[str | None]  # that reported the days, where no register has them
    # Days that are marked here too and count on another line of this person: nobody is paid twice for a day.
    days_elsewhere: Mapped[int] = mapped_column(default=0, server_default="0")


class DayReport(Base):
    """The days that somebody worked in a post which no daily register covers, as an office reported them."""

    __tablename__ = "day_report"
    __table_args__ = (CheckConstraint("days >= 0", "days"),)

    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"), primary_key=True)
    days: Mapped[int]
    document: Mapped[str]  # the number of the paper that says so
    reported_by: Mapped[str]
    reported_at: Mapped[Stamp]
