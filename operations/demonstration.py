"""The demonstration season: invented people and places, for a laptop and for training.

It is loaded once, in a few statements a table; `docs/demo.md` says whom to dial as. Its days are counted from
the day it is loaded on, so that one series is under way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.accounts import Account, Consent, Subscriber
from models.base import Base
from models.people import Profile
from models.places import Centre, School
from models.registers import Eligibility, RegisterEntry
from operations import accounts, demonstration_people, demonstration_places, passwords, registers
from operations import demonstration_centres as centres
from operations import demonstration_posts as posts
from operations import demonstration_season as season
from operations import demonstration_stories as stories
from operations.demonstration_people import PASSWORD, Person
from operations.demonstration_places import keep
from operations.office import Office


def load(db: Session, office: Office, *, now: datetime) -> None:
    """Load the demonstration; loading twice changes nothing."""
    places = demonstration_places.centres()
    if db.get(Centre, places[0]["code"]) is not None:
        return
    hashed = passwords.hashed(office, PASSWORD)
    sub_counties = demonstration_places.load(db)
    centres.appoint(db, places, sub_counties, hashed, now=now)
    people = demonstration_people.everyone([(row["county"], row["sub_county"]) for row in places])
    owners = open_accounts(db, people, hashed, now=now)
    fill_profiles(db, people, owners, sub_counties)
    register(db, people, owners, now=now)
    ended, running, opened = season.make_series(db, now=now)
    adverts = season.advertise(db, opened, now=now)
    crowd = posts.Crowd(people, owners)
    posts.staff(db, running, (*posts.STAFFED, posts.UNISSUED), posts.ROSTER, crowd, now=now)
    posts.staff(db, ended, posts.ENDED, posts.SMALL, crowd, now=now)
    posts.mark(db, running, posts.STAFFED, behind=2, now=now)
    posts.mark(db, ended, posts.ENDED, behind=0, now=now)
    for one in (running, ended):
        centres.open_centres(db, one, hashed)
    posts.apply_all(db, adverts, crowd, now=now)
    stories.remember(db, people, owners, now=now)
    stories.act(db, people, owners, running, adverts, now=now)
    centres.happen(db, running, ended, now=now)


def open_accounts(db: Session, people: Sequence[Person], hashed: str, *, now: datetime) -> Mapping[int, int]:
    """An account for everybody, with the one public password; answers whose is which, by number."""
    keep(db, Subscriber, [{"phone": each.phone, "lang": each.lang} for each in people])
    rows = list(demonstration_people.accounts(people, hashed))
    row = insert(Base.metadata.tables["account"])
    # Somebody of an older demonstration keeps their password, and gets the national ID that they lacked.
    known = {"national_id": func.coalesce(Account.national_id, row.excluded.national_id)}
    added = row.on_conflict_do_update(index_elements=["username"], set_=known)
    db.execute(added, [one | {"password_set_at": now} for one in rows])
    own = (Account.phone.in_([each.phone for each in people]), Account.centre_code.is_(None))
    asked = select(Account.phone, Account.id).where(*own)
    ids = {row[0]: row[1] for row in db.execute(asked)}
    consents = {"version": accounts.CONSENT_VERSION, "channel": "command"}
    keep(db, Consent, [{"account_id": account_id, **consents} for account_id in ids.values()])
    return {each.n: ids[each.phone] for each in people}


def fill_profiles(
    db: Session,
    people: Sequence[Person],
    owners: Mapping[int, int],
    sub_counties: Mapping[tuple[str, str], int],
) -> None:
    """What each says of themselves; teachers work at a school of their county."""
    schools: dict[tuple[str, str], list[tuple[int, str]]] = {}
    listed = select(School.county_code, School.level, School.id, School.name).order_by(School.id)
    for county, level, school_id, name in db.execute(listed):
        schools.setdefault((county, level), []).append((school_id, name))
    rows = []
    for each in people:
        near = schools.get((each.home[0], "secondary" if each.level == "secondary" else "primary"), [])
        school = near[each.n % len(near)] if near else None
        rows.append(demonstration_people.profile(each, owners[each.n], sub_counties[each.home], school))
    keep(db, Profile, rows)


def register(db: Session, people: Sequence[Person], owners: Mapping[int, int], *, now: datetime) -> None:
    """The registers of the authorities, what they say of everybody, and what the council decided."""
    known = [*people, *demonstration_people.newcomers([each.home for each in people])]
    keep(db, RegisterEntry, [row for each in known if (row := demonstration_people.entry(each))])
    rows: list[dict[str, Any]] = []
    for kind in registers.AUTHORITIES:
        mine = [each for each in people if each.kind == kind]
        claims = [demonstration_people.claim(each) for each in mine]
        found = registers.check(db, registers.AUTHORITIES[kind].register, claims)
        for each, finding in zip(mine, found, strict=True):
            row = demonstration_people.eligibility(each, owners[each.n], finding)
            rows += [row | {"decided_at": now if row["decided_by"] else None}] if row else []
    keep(db, Eligibility, rows)
