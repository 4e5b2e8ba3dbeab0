"""People: the profile of an account in five groups, and where they served before."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Number, Stamp, one_of

KINDS = ("teacher", "examiner", "driver", "security")
GENDERS = ("male", "female")


class Profile(Base):
    """What a professional says of themselves; the national ID stands in the account."""

    __tablename__ = "profile"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), "kind"),
        CheckConstraint(one_of("gender", GENDERS), "gender"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    kind: Mapped[str | None]
    # Personal
    full_name: Mapped[str | None]  # as on the ID
    mpesa_name: Mapped[str | None]  # as M-Pesa has it: a different one stops the pay
    birth_year: Mapped[int | None]
    gender: Mapped[str | None]
    kra_pin: Mapped[str | None]
    nssf_no: Mapped[str | None]
    nhif_no: Mapped[str | None]  # or its successor's, SHA
    email: Mapped[str | None]
    # Bank
    bank: Mapped[str | None]
    bank_branch: Mapped[str | None]
    bank_account: Mapped[str | None]
    # Qualifications
    study_level: Mapped[str | None]
    study_place: Mapped[str | None]
    course: Mapped[str | None]
    study_period: Mapped[str | None]
    # Work station
    employer: Mapped[str | None]
    employment_no: Mapped[str | None]  # teachers and examiners: the TSC number
    workplace: Mapped[str | None]
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    designation: Mapped[str | None]
    work_since: Mapped[int | None]  # a year
    sub_county_id: Mapped[int | None] = mapped_column(ForeignKey("sub_county.id"))
    # Next of kin
    kin_name: Mapped[str | None]
    kin_phone: Mapped[str | None]
    kin_relation: Mapped[str | None]
    # What only some kinds have
    licence_no: Mapped[str | None]  # drivers (NTSA)
    service_no: Mapped[str | None]  # security officers (National Police Service)
    subject: Mapped[str | None]  # examiners
    paper: Mapped[str | None]
    updated_at: Mapped[Stamp]


class Service(Base):
    """A season served at a centre before, by national ID: nobody returns there for some years."""

    __tablename__ = "service"
    __table_args__ = (
        UniqueConstraint("national_id", "year", "exam", "centre_code", "position"),
        Index("ix_service_person", "national_id", "year"),
    )

    id: Mapped[Number]
    national_id: Mapped[str]
    year: Mapped[int]
    exam: Mapped[str]
    centre_code: Mapped[str]
    position: Mapped[str]


class Interest(Base):
    """A centre in which somebody declared an interest: a child who sits there, a relative who runs it."""

    __tablename__ = "interest"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    centre_code: Mapped[str] = mapped_column(ForeignKey("centre.code"), primary_key=True)
    reason: Mapped[str]
    declared_at: Mapped[Stamp]
