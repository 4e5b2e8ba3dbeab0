"""Sub-County Directors: whom and what one has charge of, and what one does there in person."""

from collections.abc import Collection, Sequence
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
    typed_days,
)
from operations import office as offices
from operations.numbers import Moved
from operations.office import Actor
from operations.refusals import Refusal
from operations.register_states import CentreState, states
from telephony import phones

LEAST_LETTERS: Final = 3  # of a reason: its reader wants more than an x
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


def require_identity(db: Session, director: Director, old: str, shown: str) -> None:
    """Refuse another national ID than the one on file for whoever has this number: `number.other_id`."""
    if person(db, director, old).national_id != shown:
        raise Refusal("number.other_id")


def read_phone(typed: str) -> str:
    """A Kenyan mobile number; raises Refusal `phone.…`."""
    try:
        return phones.read(typed)
    except phones.BadPhone as bad:
        raise Refusal(bad.code) from None


# -- what they do ------------------------------------------------------------------------------------


def move(
    db: Session, director: Director, old: str, new: str, national_id: str, *, by: Actor, now: datetime
) -> Moved:
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
        marked=[state for state in known if state.done],
        partly=[state for state in known if not state.done and not state.unmarked],
        unmarked=[state for state in known if state.unmarked],
    )


def past_day(db: Session, centre_code: str, typed: str, *, now: datetime) -> date:
    """A typed day whose register at the centre is closed; a Refusal of `require_closed` or `.which_day`."""
    day, _ = typed_days.read(typed, now=now)
    require_closed(db, centre_code, day, now=now)
    return day


def require_closed(db: Session, centre_code: str, day: date, *, now: datetime) -> None:
    """Refuse a day that cannot be opened again.

    Raises Refusal `director.no_such_day` without a register, else why the day is not closed.
    """
    exams = [series for series in rosters.manned(db, centre_code) if calendars.examined(series, day)]
    known = [day_registers.in_series(db, series, centre_code, day, now=now).state for series in exams]
    if not known:
        raise Refusal("director.no_such_day")
    if "closed" not in known:
        raise Refusal(day_registers.WHY_NOT[known[0]], register_day=f"@day:{day}")


def reopen(
    db: Session, director: Director, typed: str, day: date, reason: str, *, by: Actor, now: datetime
) -> list[str]:
    """Open a day of a centre in this sub-county again, with the reason; answers the exams it is open for."""
    found = centre(db, director, typed)
    return open_again(db, found.code, day, reason, by=by, now=now)


def open_again(
    db: Session, centre_code: str, day: date, reason: str, *, by: Actor, now: datetime
) -> list[str]:
    """Open every closed register of a centre's day again: of two exams on one day, both. Answers the exams.

    Raises Refusal `director.reason`, or one of `day_registers.reopen` where none is closed.
    """
    why = read_reason(reason)
    day_registers.take_turns(db, centre_code, day)
    known = [
        day_registers.in_series(db, series, centre_code, day, now=now)
        for series in day_registers.series_on(db, centre_code, day)
    ]
    closed: list[int | None] = [register.series.id for register in known if register.state == "closed"]
    opened = [
        day_registers.reopen(db, centre_code, day, why, by=by, now=now, series_id=number)
        for number in closed or [None]
    ]
    return [f"{register.series.exam} {register.series.year}" for register in opened]


def read_reason(typed: str) -> str:
    """A reason in a few words, on one line; raises Refusal `director.reason` where it says nothing."""
    said = " ".join(typed.split())
    if sum(map(str.isalpha, said)) < LEAST_LETTERS:
        raise Refusal("director.reason")
    return said[:LONGEST_REASON]


def waiting(db: Session, centre_code: str, named: str = "", *, now: datetime) -> list[tuple[Return, Series]]:
    """The returns of a centre that wait for their countersigned copies, the first submitted first.

    Of several those that are `named`: by a number, or by an exam with or without its year. Raises Refusal
    `return.not_submitted` where there is none, `return.changed` where a register is no longer what was handed
    in, or `return.came_in` where the copy of each is in.
    """
    rows = select(Return, Series).join(Series, Series.id == Return.series_id)
    first = (Return.submitted_at, Return.series_id)
    every = [(*row,) for row in db.execute(rows.where(Return.centre_code == centre_code).order_by(*first))]
    if not every:
        raise Refusal("return.not_submitted", centre_code=centre_code)
    words = set(named.upper().split())
    meant = [each for each in every if words and is_named(*each, words)] or every
    good = [(row, series) for row, series in meant if returns.holds(db, series, row, now=now)]
    if found := [each for each in good if each[0].received_at is None]:
        return found
    if len(good) < len(meant):
        raise Refusal("return.changed", centre_code=centre_code)
    raise Refusal("return.came_in", return_number=meant[-1][0].reference)


def is_named(row: Return, series: Series, words: Collection[str]) -> bool:
    """Whether these words name this return."""
    years = {word for word in words if word.isdecimal()} or {str(series.year)}
    return row.reference in words or (series.exam in words and str(series.year) in years)


def returned(db: Session, centre_code: str, number: str) -> tuple[Return, Series]:
    """The return of this number; raises Refusal `return.not_submitted` where it is not this centre's."""
    rows = select(Return, Series).join(Series, Series.id == Return.series_id)
    found = db.execute(rows.where(Return.centre_code == centre_code, Return.reference == number)).first()
    if found is None:
        raise Refusal("return.not_submitted", centre_code=centre_code)
    return found[0], found[1]


def receive(db: Session, director: Director, typed: str, number: str, *, by: Actor, now: datetime) -> Return:
    """Record that the countersigned copy of this very return of a centre came in.

    Raises Refusal `return.came_in` where somebody has recorded that meanwhile, or one of `returns.receive`.
    """
    found = centre(db, director, typed)
    kept, series = returned(db, found.code, number)
    db.refresh(kept, with_for_update=True)
    if kept.received_at is not None and returns.holds(db, series, kept, now=now):
        raise Refusal("return.came_in", return_number=number)
    return returns.receive(db, found.code, series.id, by=by, now=now)
