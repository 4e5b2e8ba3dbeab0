"""Claims: what somebody's profile says of them, as far as a register can tell whether it is true."""

from dataclasses import replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.people import Profile
from models.registers import Eligibility
from operations import registers
from operations.registers import AUTHORITIES, Claim

# The lines of a profile that the council's approval stands on.
CLAIMED: Final = frozenset(
    ("kind", "full_name", "national_id", *(authority.field for authority in AUTHORITIES.values()))
)


def claim_of(db: Session, account_id: int) -> Claim | None:
    """What the profile says now, as far as a register can tell; None while a line of it is empty."""
    asked = (
        select(Profile.kind, Profile.full_name, Account.national_id)
        .add_columns(Profile.employment_no, Profile.licence_no, Profile.service_no)
        .join(Account, Account.id == Profile.account_id)
        .where(Account.id == account_id)
    )
    said = db.execute(asked).mappings().first()
    if said is None or said["kind"] is None:
        return None
    number, national_id = said[AUTHORITIES[said["kind"]].field], said["national_id"]
    name = said["full_name"]
    if not (number and national_id and name):
        return None
    return Claim(said["kind"], registers.plain(number), registers.plain(national_id), name)


def claim_in(row: Eligibility) -> Claim:
    """The claim as it was checked."""
    return Claim(row.kind, row.number, row.national_id, row.name)


def answered(claim: Claim, field: str, kept: str) -> Claim:
    """The claim as it would be with this answer in this line of the profile."""
    if field == AUTHORITIES[claim.kind].field:
        return replace(claim, number=registers.plain(kept))
    if field == "national_id":
        return replace(claim, national_id=registers.plain(kept))
    part = {"kind": "kind", "full_name": "name"}.get(field)
    return replace(claim, **{part: kept}) if part else claim
