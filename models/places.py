"""Places: counties and sub-counties, schools, and the centres where examinations are run."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Number, one_of

STATIONS = ("examination", "distribution", "marking")
LEVELS = ("primary", "junior", "secondary", "college")


class County(Base):
    """A county, by the code of the constitution (001 Mombasa … 047 Nairobi)."""

    __tablename__ = "county"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class SubCounty(Base):
    """A sub-county; the council's own list differs from the census, so officers may edit it."""

    __tablename__ = "sub_county"
    __table_args__ = (UniqueConstraint("county_code", "name"),)

    id: Mapped[Number]
    county_code: Mapped[str] = mapped_column(ForeignKey("county.code"))
    name: Mapped[str]


class School(Base):
    """A school as the Ministry lists it: where somebody works. It has no KNEC code by itself."""

    __tablename__ = "school"
    __table_args__ = (
        CheckConstraint(one_of("level", LEVELS), "level"),
        Index("ix_school_county", "county_code", "name"),
    )

    id: Mapped[Number]
    moe_code: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    level: Mapped[str]
    county_code: Mapped[str] = mapped_column(ForeignKey("county.code"))
    area: Mapped[str]  # the constituency, as the Ministry's list has it


class Centre(Base):
    """A duty station: an examination centre by its 8-digit KNEC code, a distribution or a marking centre."""

    __tablename__ = "centre"
    __table_args__ = (
        CheckConstraint(one_of("station", STATIONS), "station"),
        CheckConstraint("code ~ '^[0-9]{8}$'", "code"),
        Index("ix_centre_place", "sub_county_id"),
        Index("ix_centre_host", "host_code", postgresql_where=text("host_code IS NOT NULL")),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    station: Mapped[str] = mapped_column(default="examination", server_default="examination")
    level: Mapped[str | None]
    sub_county_id: Mapped[int] = mapped_column(ForeignKey("sub_county.id"))
    location: Mapped[str] = mapped_column(default="", server_default="")
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    distribution_code: Mapped[str | None] = mapped_column(ForeignKey("centre.code"))
    distance_km: Mapped[int | None]  # to the distribution centre, as the centre manager entered it
    host_code: Mapped[str | None] = mapped_column(ForeignKey("centre.code"))  # where this small one is hosted


class Candidacy(Base):
    """How many candidates a centre has in a series."""

    __tablename__ = "candidacy"

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    centre_code: Mapped[str] = mapped_column(ForeignKey("centre.code"), primary_key=True)
    candidates: Mapped[int]
