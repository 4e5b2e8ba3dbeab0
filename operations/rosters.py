"""Rosters: the officers of a centre in a series, by the numbers under which the register has them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.deployments import DEPLOYED, Deployment
from models.people import Profile
from models.places import Centre
from models.series import Series
from operations import duties, enrolments
from operations.refusals import Refusal

LISTED: Final = (
    *(Deployment.id, Deployment.roster_no, Profile.full_name, Deployment.position, Profile.gender),
    *(Account.national_id, Account.phone, Deployment.state),
)


@dataclass(frozen=True)
class Officer:
    """Somebody deployed at a centre; what is not known of them is empty."""

    deployment_id: int
    roster_no: int
    name: str = field(repr=False)
    position: str
    gender: str
    national_id: str = field(repr=False)
    phone: str
    state: str  # of the deployment: offered or accepted, where it lives


def officers(db: Session, centre_code: str, series_id: int) -> list[Officer]:
    """The living deployments at a centre by roster number, in one query."""
    here = (Deployment.centre_code == centre_code, Deployment.series_id == series_id)
    living = everybody().where(*here, Deployment.state.in_(DEPLOYED)).order_by(Deployment.roster_no)
    return [officer(*row) for row in db.execute(living)]


def everybody() -> Select[int, int, str | None, str, str | None, str | None, str, str]:
    """The query for everybody who is or was deployed, at any centre; its rows are for `officer`."""
    return (
        select(*LISTED)
        .join(Account, Account.id == Deployment.account_id)
        .outerjoin(Profile, Profile.account_id == Account.id)
    )


def officer(
    deployment_id: int,
    roster_no: int,
    name: str | None,
    position: str,
    gender: str | None,
    national_id: str | None,
    phone: str,
    state: str,
) -> Officer:
    """A row of `everybody` as an officer."""
    known = (name or "", position, gender or "", national_id or "")
    return Officer(deployment_id, roster_no, *known, phone, state)


def season(db: Session, centre_code: str, *, now: datetime) -> Series | None:
    """The series this centre is concerned with: the one in progress, else the next, else the last."""
    return next(iter(seasons(db, centre_code, now=now)), None)


def seasons(db: Session, centre_code: str, *, now: datetime) -> list[Series]:
    """Every series that is not over, in which this centre has officers; where there is none, the last."""
    today = duties.local(now)
    known = manned(db, centre_code)
    return [each for each in known if today <= each.ends] or known[-1:]


def manned(db: Session, centre_code: str) -> list[Series]:
    """The series that go on, in which this centre has officers; the one that ends first first."""
    posts = (Deployment.series_id == Series.id, Deployment.centre_code == centre_code)
    here = select(Deployment.id).where(*posts, Deployment.state.in_(DEPLOYED)).exists()
    rows = select(Series).where(Series.closed_at.is_(None), here).order_by(Series.ends, Series.id)
    return list(db.scalars(rows))


def managers(db: Session, centre_code: str, *, now: datetime) -> list[str]:
    """The phones of those who are deployed to manage this centre in the series it is concerned with."""
    listed = [
        officer
        for series in seasons(db, centre_code, now=now)
        for officer in officers(db, centre_code, series.id)
    ]
    return [*dict.fromkeys(each.phone for each in listed if each.position == "centre_manager")]


def centre_of_account(db: Session, account_id: int | None, phone: str | None = None) -> Centre:
    """The centre whose account this is, and which `phone`, where one is named, may still act for.

    Raises Refusal `centre.not_yours` or `centre.not_enrolled`: a phone may be removed while it is signed in.
    """
    own = select(Centre).join(Account, Account.centre_code == Centre.code)
    centre = db.scalars(own.where(Account.id == account_id)).first()
    if centre is None:
        raise Refusal("centre.not_yours")
    if phone is not None and phone not in enrolments.enrolled(db, centre.code):
        raise Refusal("centre.not_enrolled")
    return centre
