"""Centre accounts: the user name is the 8-digit code; the director's one-time password opens it."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.accounts import Account
from models.centres import Director
from models.deployments import DEPLOYED, Deployment
from models.places import Centre, County, SubCounty
from models.series import Series
from operations import audits, enrolments, grants, guesses, subscribers
from operations.accounts import Read
from operations.office import NAIROBI, Actor
from operations.refusals import Refusal
from telephony import phones

# Asked at every visit home, so it is spelt out and read without ceremony.
DESK = (
    "SELECT a.centre_code, EXISTS (SELECT 1 FROM consent c WHERE c.account_id = a.id),"
    " EXISTS (SELECT 1 FROM director d WHERE d.phone = a.phone AND d.removed_at IS NULL)"
    " FROM account a WHERE a.id = %(account)s"
)


def desk(read: Read, account_id: int) -> str:
    """Whose home this account has: `person`, `centre` or `director`.

    A `newcomer`'s account was made by the council from a list: nobody has asked for their consent yet.
    """
    centre, agreed, directs = read(DESK, {"account": account_id}) or (None, True, False)
    if centre:
        return "centre"
    return "newcomer" if not agreed else "director" if directs else "person"


def issue(db: Session, centre_code: str, phone: str, *, by: Actor, now: datetime) -> Account:
    """Send a centre's one-time password to its manager's phone; asked again, it goes to the phone named now.

    Raises a Refusal where there is no such centre, it is not the director's, or too many were sent.
    """
    centre = db.get(Centre, centre_code)
    if centre is None or centre.station == "marking":
        raise Refusal("centre.unknown", centre_code=centre_code)
    require_charge(db, centre, by=by)
    account = open_account(db, centre_code, phone)
    if account.phone != phone:  # what another phone was sent opens nothing any more
        grants.spend(db, account.id, now=now)
        account.phone = phone
    if not grants.issue(db, account, "centre.credentials", by=by, now=now):
        raise Refusal("centre.too_many_passwords")
    guesses.forget(db, account.username, phone)
    enrolments.end_waiting(db, centre_code, now=now)
    audits.record(db, "centre.issue", f"centre:{centre_code}", by=by, phone=phones.mask(phone))
    return account


def open_account(db: Session, centre_code: str, phone: str) -> Account:
    """The centre's account, made at its first issue; held, so that two who issue at once take turns."""
    subscribers.meet(db, phone, "en")
    row = insert(Account).values(username=centre_code, phone=phone, centre_code=centre_code)
    db.execute(row.on_conflict_do_nothing())
    held = select(Account).where(Account.username == centre_code).with_for_update()
    return db.scalars(held.execution_options(populate_existing=True)).one()


def account_of(db: Session, centre_code: str) -> Account | None:
    """The account of this centre, where credentials were ever issued."""
    return db.scalars(select(Account).where(Account.centre_code == centre_code)).first()


def require_charge(db: Session, centre: Centre, *, by: Actor) -> None:
    """Refuse a phone that is not the director of the centre's sub-county; the council's staff may do all."""
    if by.phone is not None and not directs(db, by.phone, centre.sub_county_id):
        raise Refusal("director.not_yours", centre_code=centre.code)


def directs(db: Session, phone: str, sub_county_id: int) -> bool:
    """Whether this phone is the director of this sub-county."""
    mine = (Director.phone == phone, Director.removed_at.is_(None), Director.sub_county_id == sub_county_id)
    return db.scalar(select(Director.id).where(*mine)) is not None


def director_of(db: Session, phone: str) -> Director | None:
    """The director whose phone this is."""
    return db.scalars(select(Director).where(Director.phone == phone, Director.removed_at.is_(None))).first()


def directors_of(db: Session, sub_county_id: int) -> list[Director]:
    """The directors of a sub-county."""
    mine = (Director.sub_county_id == sub_county_id, Director.removed_at.is_(None))
    return list(db.scalars(select(Director).where(*mine).order_by(Director.id)))


def add_director(
    db: Session, sub_county: str, phone: str, name: str, *, by: Actor, now: datetime
) -> Director:
    """Let this phone be the director of a sub-county, named alone or as `County/Sub-county`.

    Raises a Refusal where the name is not known or stands in several counties. A phone that directs another
    sub-county moves to this one.
    """
    place = find_sub_county(db, sub_county)
    known = director_of(db, phone)
    if known is not None and known.sub_county_id == place.id:
        known.name = name
        return known
    if known is not None:
        known.removed_at = now
        db.flush()
    subscribers.meet(db, phone, "en")
    director = Director(sub_county_id=place.id, phone=phone, name=name, added_by=by.name)
    db.add(director)
    db.flush()
    audits.record(db, "director.add", f"sub_county:{place.id}", by=by, phone=phones.mask(phone))
    return director


def remove_director(db: Session, phone: str, *, by: Actor, now: datetime) -> None:
    """This phone is no director's any more; raises Refusal `director.not_one` where it was none."""
    known = director_of(db, phone)
    if known is None:
        raise Refusal("director.not_one")
    known.removed_at = now
    place = f"sub_county:{known.sub_county_id}"
    audits.record(db, "director.remove", place, by=by, phone=phones.mask(phone))


def listed(db: Session) -> Sequence[Row[str, str, str, str]]:
    """Every director as county, sub-county, name and phone, in the order of the first two."""
    all_of_them = (
        select(County.name, SubCounty.name, Director.name, Director.phone)
        .join(SubCounty, SubCounty.id == Director.sub_county_id)
        .join(County, County.code == SubCounty.county_code)
        .where(Director.removed_at.is_(None))
        .order_by(County.name, SubCounty.name)
    )
    return db.execute(all_of_them).all()


def undirected(db: Session, *, now: datetime) -> list[tuple[str, int]]:
    """The sub-counties without a director in which people serve in a series that is not over.

    Each by its name and how many centres there are; nobody there reads a list or opens a day again.
    """
    going = (Series.closed_at.is_(None), Series.ends >= now.astimezone(NAIROBI).date())
    directed = select(Director.sub_county_id).where(Director.removed_at.is_(None))
    rows = (
        select(SubCounty.name, County.name, func.count(Centre.code.distinct()))
        .join(County, County.code == SubCounty.county_code)
        .join(Centre, Centre.sub_county_id == SubCounty.id)
        .join(Deployment, Deployment.centre_code == Centre.code)
        .join(Series, Series.id == Deployment.series_id)
        .where(Deployment.state.in_(DEPLOYED), SubCounty.id.not_in(directed), *going)
        .group_by(SubCounty.id, County.code)
        .order_by(County.name, SubCounty.name)
    )
    return [(f"{county}/{name}", count) for name, county, count in db.execute(rows)]


def find_sub_county(db: Session, named: str) -> SubCounty:
    """The one sub-county of this name, which may have its county's before it: `Nakuru/Njoro`."""
    whole = " ".join(named.split())
    county, _, own = whole.partition("/")
    found = db.scalars(select(SubCounty).where(SubCounty.name.ilike(literally(whole)))).all()
    if len(found) != 1 and own:
        within = select(SubCounty).join(County, County.code == SubCounty.county_code)
        names = (County.name.ilike(literally(county.strip())), SubCounty.name.ilike(literally(own.strip())))
        found = db.scalars(within.where(*names)).all()
    if len(found) != 1:
        raise Refusal("director.which_sub_county" if found else "director.no_sub_county", sub_county=whole)
    return found[0]


def literally(typed: str) -> str:
    """A text as a pattern that only it matches."""
    return re.sub(r"([%_\\])", r"\\\1", typed)


def phones_of(db: Session, account: Account) -> list[str]:
    """Every phone that should hear of what happens to this account."""
    if account.centre_code is None:
        return [account.phone]
    return enrolments.enrolled(db, account.centre_code) or [account.phone]
