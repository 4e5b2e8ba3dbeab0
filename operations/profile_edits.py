"""Profile edits: a line is saved by itself, and what follows from that.

What the council verified somebody by is verified again when it changes, and a profile that has just become
complete is held against the registers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from models.accounts import Account
from models.people import Profile
from models.places import School
from operations import audits, eligibility, forms, places, profile_fields, profiles
from operations.office import NAIROBI, Actor
from operations.profile_fields import FIELDS
from operations.refusals import Refusal

YOUNGEST, OLDEST = 18, 80
# Nobody began to work, or ended their studies, longer ago than this.
LONGEST_AGO: Final = 65
# The lines that are kept as numbers.
NUMBERS: Final = frozenset({"birth_year", "work_since", "sub_county", "school"})


def begin(db: Session, account_id: int, *, now: datetime) -> None:
    """Note that somebody is at their profile: a form a day, so that who leaves it twice is reminded once."""
    day = now.astimezone(NAIROBI).date().isoformat()
    forms.begin(db, f"profile:{account_id}:{day}", account_id, "profile", now=now)


def keep(db: Session, account_id: int, name: str, value: str, *, by: Actor, now: datetime) -> None:
    """Save one line. Saving the same again changes nothing; raises the Refusal that says what is wrong."""
    account = locked(db, account_id)
    kept = judged(db, account_id, name, value, now=now)
    before = profiles.held(db, account_id)
    if before.get(name) != kept:
        write(db, account, {name: kept}, now=now)
        settle(db, account_id, name, before, by=by, now=now)


def judged(db: Session, account_id: int, name: str, value: str, *, now: datetime) -> str:
    """What would be kept of this answer of this person today; raises the Refusal that says what is wrong."""
    kept, said = profile_fields.judge(name, value), profiles.held(db, account_id)
    judge_of_kind(name, said.get("kind"))
    judge_of_life(name, kept, said.get("birth_year"), now.astimezone(NAIROBI).year)
    if name == "kin_phone" and kept == db.get_one(Account, account_id).phone:
        raise Refusal("profile.kin_own")
    if name == "sub_county" and places.sub_county(db, int(kept)) is None:
        raise Refusal("profile.not_listed")
    return kept


def work_at(db: Session, account_id: int, school_id: int, *, by: Actor, now: datetime) -> None:
    """Save a school of the Ministry's list as the work station."""
    school = db.get(School, school_id)
    if school is None:
        raise Refusal("profile.not_listed")
    account = locked(db, account_id)
    before = profiles.held(db, account_id)
    write(db, account, {"workplace": school.name, "school": str(school.id)}, now=now)
    if before.get("workplace") != school.name:
        settle(db, account_id, "workplace", before, by=by, now=now)


def locked(db: Session, account_id: int) -> Account:
    """The account, while everybody else who saves a line of it waits: the last of them sees it complete."""
    return db.get_one(Account, account_id, with_for_update=True, populate_existing=True)


def write(db: Session, account: Account, changes: Mapping[str, str], *, now: datetime) -> None:
    """Put these lines where they stand. A work station that is typed is no school of the list any more."""
    if "national_id" in changes:
        account.national_id = changes["national_id"]
    profile = db.get(Profile, account.id, populate_existing=True) or Profile(account_id=account.id)
    if "workplace" in changes:
        profile.school_id = None
    for name in changes.keys() - {"national_id"}:
        setattr(
            profile,
            profiles.COLUMNS.get(name, name),
            int(changes[name]) if name in NUMBERS else changes[name],
        )
    profile.updated_at = now
    db.add(profile)
    db.flush()


def settle(
    db: Session, account_id: int, name: str, before: Mapping[str, str], *, by: Actor, now: datetime
) -> None:
    """What follows from a line that was saved: the audit, and what the council has to look at again."""
    audits.record(db, "profile.keep", f"account:{account_id}", by=by, line=name)
    eligibility.forget_if_changed(db, account_id, name, by=by, now=now)
    if not profiles.complete(db, account_id):
        return
    forms.finish_all(db, account_id, "profile", now=now)
    if profiles.lacking(before):
        eligibility.ask(db, account_id, by=by, now=now)


# -- what only the day and the rest of the profile can tell ------------------------------------------------


def judge_of_kind(name: str, kind: str | None) -> None:
    """Refuse a line that is not asked of this kind of person; who has not said theirs may fill any."""
    if kind and kind not in FIELDS[name].kinds:
        raise Refusal("profile.other_kind")


def judge_of_life(name: str, kept: str, born: str | None, this_year: int) -> None:
    """Refuse a year in which it cannot have been: to come, too long ago, before they were born."""
    if name == "birth_year" and not YOUNGEST <= this_year - int(kept) <= OLDEST:
        raise Refusal("profile.age")
    if name not in ("work_since", "study_period"):
        return
    year = int(kept[-4:])
    if year > this_year:
        raise Refusal("profile.year_ahead")
    if year < this_year - LONGEST_AGO or (born and year <= int(born)):
        raise Refusal("profile.year_early")
