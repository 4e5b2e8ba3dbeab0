"""Sub-County Directors: whom and what one has charge of, and what one does there in person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.centres import Director, Return
from models.deployments import DEPLOYED, Deployment
from models.people import Profile
from models.places import Centre, SubCounty
from models.series import Series
from operations import (
    accounts,
    calendars,
    centre_accounts,
    centres,
    day_registers,
    duties,
    numbers,
    returns,
    rosters,
)
from operations import office as offices
from operations.office import Actor
from operations.refusals import Refusal
from operations.register_states import CentreState, states
from telephony import phones

# A day as it is typed: 16/10, 1610, 16.10.26, 16 Oct 2026, 16 Oktoba.
BARE: Final = re.compile(r"^(\d\d)(\d\d)(20\d\d)?(?!\d)")
DAY: Final = re.compile(
    r"(\d{1,2})(?:[\s./-]+(\d{1,2})|[\s./-]*([a-z]{3,9}))(?:[\s./-]+(20\d\d)|[./-](\d\d))?(?!\d)",
    re.IGNORECASE,
)
MONTHS: Final = {
    **dict.fromkeys(("jan",), 1),
    **dict.fromkeys(("feb",), 2),
    **dict.fromkeys(("mar", "mac"), 3),
    **dict.fromkeys(("apr",), 4),
    **dict.fromkeys(("may", "mei"), 5),
    **dict.fromkeys(("jun",), 6),
    **dict.fromkeys(("jul",), 7),
    **dict.fromkeys(("aug", "ago"), 8),
    **dict.fromkeys(("sep",), 9),
    **dict.fromkeys(("oct", "okt"), 10),
    **dict.fromkeys(("nov",), 11),
    **dict.fromkeys(("dec", "des"), 12),
}
LONGEST_REASON: Final = 60


@dataclass(frozen=True)
class Today:
    """The registers of a day in a sub-county: which centres have marked everybody, some, or nobody."""

    sub_county: str
    day: date
    marked: Sequence[CentreState]
    partly: Sequence[CentreState]
    unmarked: Sequence[CentreState]

    @property
    def centres(self) -> int:
        """How many keep a register on this day."""
        return len(self.marked) + len(self.partly) + len(self.unmarked)

    @property
    def wanting(self) -> Sequence[CentreState]:
        """Those that somebody has to call: the unmarked first."""
        return (*self.unmarked, *self.partly)


# -- who it is ---------------------------------------------------------------------------------------


def of_phone(db: Session, phone: str) -> Director:
    """The director whose phone this is; raises Refusal `director.not_one`."""
    director = centre_accounts.director_of(db, phone)
    if director is None:
        raise Refusal("director.not_one")
    return director


def signed_in(db: Session, account_id: int | None, phone: str) -> Director:
    """The director who signed in to their own account on their own phone.

    Raises Refusal `director.not_one`, or `director.own_phone` where the account is a director's and the phone
    is another: what is done in an office's name is done from the phone that the council knows.
    """
    account = db.get(Account, account_id) if account_id else None
    if account is None or account.centre_code:
        raise Refusal("director.not_one")
    director = of_phone(db, account.phone)
    if phone != account.phone:
        raise Refusal("director.own_phone")
    return director


def actor(director: Director, channel: str) -> Actor:
    """Who acts when a director does."""
    return offices.director(director.phone, channel)


# -- what they have charge of ------------------------------------------------------------------------


def centre(db: Session, director: Director, typed: str) -> Centre:
    """The centre of a typed code, in this director's sub-county.

    Raises Refusal `centre.eight_digits`, `centre.unknown` or `director.not_yours`.
    """
    found = centres.by_code(db, typed)
    if found.sub_county_id != director.sub_county_id:
        raise Refusal("director.not_yours", centre_code=found.code)
    return found


def person(db: Session, director: Director, typed: str) -> Account:
    """The account of somebody of this sub-county by its number; they work there, or are deployed there.

    Raises Refusal `phone.…`, `director.no_such_person`, `director.not_your_person`, or `director.no_id` where
    no ID is on file: what nothing can be compared with is moved by the council alone.
    """
    account = accounts.by_phone(db, read_phone(typed))
    if account is None:
        raise Refusal("director.no_such_person")
    place, here = director.sub_county_id, Deployment.account_id == account.id
    posted = select(Deployment.id).join(Centre, Centre.code == Deployment.centre_code)
    posted = posted.where(here, Deployment.state.in_(DEPLOYED), Centre.sub_county_id == place)
    works = select(Profile.account_id).where(Profile.account_id == account.id, Profile.sub_county_id == place)
    if not db.scalar(select(or_(posted.exists(), works.exists()))):
        raise Refusal("director.not_your_person")
    if not account.national_id:
        raise Refusal("director.no_id")
    return account


def read_phone(typed: str) -> str:
    """A Kenyan mobile number; raises Refusal `phone.…`."""
    try:
        return phones.read(typed)
    except phones.BadPhone as bad:
        raise Refusal(bad.code) from None


# -- what they do ------------------------------------------------------------------------------------


def move(
    db: Session, director: Director, old: str, new: str, national_id: str, *, by: Actor, now: datetime
) -> str:
    """Move somebody of this sub-county to a new number, whose ID the director has looked at."""
    account = person(db, director, old)
    return numbers.move(db, account.id, new, national_id=national_id, by=by, now=now)


def today(db: Session, director: Director, *, now: datetime) -> Today:
    """How today's registers stand in this director's sub-county."""
    return today_of(db, director.sub_county_id, now=now)


def today_of(db: Session, sub_county_id: int, *, now: datetime) -> Today:
    """How today's registers stand in a sub-county."""
    day = duties.local(now)
    known = states(db, [sub_county_id], day, now=now)
    return Today(
        sub_county=db.get_one(SubCounty, sub_county_id).name,
        day=day,
        marked=[state for state in known if state.marked >= state.officers],
        partly=[state for state in known if 0 < state.marked < state.officers],
        unmarked=[state for state in known if state.marked == 0 < state.officers],
    )


def past_day(db: Session, centre_code: str, typed: str, *, now: datetime) -> date:
    """A typed day on which the centre had a register; a Refusal `director.which_day` or `.no_such_day`."""
    day, _ = read_day(typed, now=now)
    if not any(calendars.examined(series, day) for series in rosters.manned(db, centre_code)):
        raise Refusal("director.no_such_day")
    return day


def reopen(
    db: Session, director: Director, typed: str, day: date, reason: str, *, by: Actor, now: datetime
) -> Centre:
    """Open a day of a centre in this sub-county again, with the reason."""
    found = centre(db, director, typed)
    day_registers.reopen(db, found.code, day, read_reason(reason), by=by, now=now)
    return found


def read_reason(typed: str) -> str:
    """A reason in a few words, on one line; raises Refusal `director.reason` where it says nothing."""
    said = " ".join(typed.split())
    if not any(map(str.isalpha, said)):
        raise Refusal("director.reason")
    return said[:LONGEST_REASON]


def returned(db: Session, centre_code: str) -> tuple[Return, Series]:
    """The return of a centre that waits for its countersigned copy, else the last one.

    Raises Refusal `director.no_return` where none was submitted.
    """
    rows = select(Return, Series).join(Series, Series.id == Return.series_id)
    waits = (Return.received_at.is_not(None), Return.submitted_at.desc())
    found = db.execute(rows.where(Return.centre_code == centre_code).order_by(*waits)).first()
    if found is None:
        raise Refusal("director.no_return", centre_code=centre_code)
    return found[0], found[1]


def receive(db: Session, director: Director, typed: str, *, by: Actor, now: datetime) -> Return:
    """Record that the countersigned copy of a centre's register came in; twice is the same."""
    found = centre(db, director, typed)
    kept, series = returned(db, found.code)
    returns.receive(db, found.code, series.id, by=by, now=now)
    return kept


def read_day(typed: str, *, now: datetime) -> tuple[date, str]:
    """The day that a text begins with, and what follows it; raises Refusal `director.which_day`.

    Without a year it is the latest such day that has come.
    """
    spaced = spell_apart(typed)
    found = DAY.match(spaced)
    if found is None:
        raise Refusal("director.which_day")
    day, number, name, long_year, short_year = found.groups()
    month = int(number) if number else MONTHS.get((name or "")[:3].lower(), 0)
    current = duties.local(now)
    year = long_year or short_year
    named = [2000 + int(year[-2:])] if year else [current.year, current.year - 1]
    for each in named:
        try:
            read = date(each, month, int(day))
        except ValueError:
            continue
        if read <= current:
            return read, spaced[found.end() :].strip(" ,:;.-/")
    raise Refusal("director.which_day")


def spell_apart(typed: str) -> str:
    """A day in digits alone with its parts apart: 1610 is 16/10."""
    return BARE.sub(lambda day: "/".join(filter(None, day.groups())), typed.strip(), count=1)


def is_day(typed: str) -> bool:
    """Whether a text has the shape of a day and says no more."""
    return DAY.fullmatch(spell_apart(typed)) is not None
