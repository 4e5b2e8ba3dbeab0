"""Profiles: what a professional says of themselves, line by line, and how much of it is still missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.people import Profile
from operations import places, profile_fields
from operations.profile_fields import FIELDS

# The lines that stand under another name than their own.
COLUMNS: Final[Mapping[str, str]] = {"sub_county": "sub_county_id", "school": "school_id"}


@dataclass(frozen=True)
class Meter:
    """How full a profile is."""

    filled: int
    lines: int
    missing: tuple[str, ...]


def of(db: Session, account_id: int) -> Profile | None:
    """What somebody said of themselves; None where nothing was said yet."""
    return db.get(Profile, account_id)


def held(db: Session, account_id: int) -> dict[str, str]:
    """Every line that is filled, as it is kept; also lines that another kind of person would fill."""
    asked = select(Account.national_id, Profile).outerjoin(Profile, Profile.account_id == Account.id)
    row = db.execute(asked.where(Account.id == account_id)).first()
    national_id, profile = row if row else (None, None)
    found = {name: getattr(profile, COLUMNS.get(name, name), None) for name in FIELDS}
    return {name: str(value) for name, value in (found | {"national_id": national_id}).items() if value}


def lines(db: Session, account_id: int) -> dict[str, str]:
    """Every line of somebody's kind, in order, as it is read: empty where it is missing."""
    kept = held(db, account_id)
    said = {field.name: kept.get(field.name, "") for field in profile_fields.of_kind(kept.get("kind"))}
    found = places.sub_county(db, int(said["sub_county"])) if said["sub_county"] else None
    return said | {"sub_county": found.label if found else ""}


def missing(db: Session, account_id: int) -> list[str]:
    """The mandatory lines that are still empty, in order."""
    return lacking(held(db, account_id))


def lacking(kept: Mapping[str, str]) -> list[str]:
    """The lines that a profile of this kind should have and has not."""
    return [field.name for field in profile_fields.of_kind(kept.get("kind")) if field.name not in kept]


def complete(db: Session, account_id: int) -> bool:
    """Whether nothing is missing."""
    return not missing(db, account_id)


def meter(db: Session, account_id: int) -> Meter:
    """How many lines are filled, and which are missing."""
    kept = held(db, account_id)
    wanted, empty = len(profile_fields.of_kind(kept.get("kind"))), lacking(kept)
    return Meter(wanted - len(empty), wanted, tuple(empty))
