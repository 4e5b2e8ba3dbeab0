"""The registers of TSC, NTSA and the police, who was found in them, and the imports that brought them."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Number, Stamp, one_of
from models.people import KINDS

REGISTERS = ("tsc", "ntsa", "nps")
MATCHES = ("unchecked", "verified", "mismatch", "not_found")
STANDINGS = ("waiting", "approved", "rejected")
# How the register differs from what somebody says, where it does.
MISMATCHES = ("national_id", "number", "name", "inactive")


class RegisterEntry(Base):
    """A line of an authority's register."""

    __tablename__ = "register_entry"
    __table_args__ = (
        CheckConstraint(one_of("register", REGISTERS), "register"),
        UniqueConstraint("register", "number"),
        Index("ix_register_entry_person", "register", "national_id"),
    )

    id: Mapped[Number]
    register: Mapped[str]
    number: Mapped[str]  # TSC number, licence number, service number
    national_id: Mapped[str]
    name: Mapped[str]
    active: Mapped[bool]  # practising, valid, serving
    level: Mapped[str | None]  # TSC: primary, junior, secondary
    imported_at: Mapped[Stamp]


class Eligibility(Base):
    """Where somebody stands with the council: how the registers matched, and what the council decided."""

    __tablename__ = "eligibility"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), "kind"),
        CheckConstraint(one_of("match", MATCHES), "match"),
        CheckConstraint(one_of("standing", STANDINGS), "standing"),
        CheckConstraint(one_of("differs", MISMATCHES), "differs"),
        # One person, one approved account, however many phones.
        Index(
            "uq_eligibility_approved_id",
            "national_id",
            unique=True,
            postgresql_where=text("standing = 'approved'"),
        ),
        Index("ix_eligibility_person", "national_id"),
        Index("ix_eligibility_waiting", "asked_at", postgresql_where=text("standing = 'waiting'")),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    kind: Mapped[str]
    national_id: Mapped[str]  # as checked: a change asks for verification again
    number: Mapped[str]
    name: Mapped[str]
    match: Mapped[str] = mapped_column(default="unchecked", server_default="unchecked")
    differs: Mapped[str | None]  # of a mismatch: which
    register_name: Mapped[str | None]  # the name that the register has
    similarity: Mapped[int | None]  # of the two names, 0 to 100
    level: Mapped[str | None]  # of a teacher's school, from the register
    standing: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    reason: Mapped[str | None]
    asked_at: Mapped[Stamp]
    decided_at: Mapped[Moment | None]
    decided_by: Mapped[str | None]


class Import(Base):
    """A file being read in; after a stop it goes on behind the last row that was kept."""

    __tablename__ = "import"
    __table_args__ = (UniqueConstraint("kind", "digest"),)

    id: Mapped[Number]
    kind: Mapped[str]
    digest: Mapped[str]  # of the file's bytes: the same file is not read in twice
    name: Mapped[str]
    rows: Mapped[int]
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    faults: Mapped[int] = mapped_column(default=0, server_default="0")
    by: Mapped[str]
    started_at: Mapped[Stamp]
    finished_at: Mapped[Moment | None]
