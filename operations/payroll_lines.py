"""Pay lines: what each deployment of a series comes to, or why it is not paid; nothing but a computation.

The same marks, people and rates give the same lines, and the same hash over them, whoever computes them when.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.attendance import Dispute, MarkEvent
from models.centres import Return
from models.deployments import Deployment
from models.people import Profile
from models.series import POSITIONS, Rate, Series
from operations import attendance, calendars, document_terms, duties, marks, names, rates
from operations.duties import Duty
from operations.marks import CutOff
from operations.registers import ALIKE

# So many deployments are computed at once: memory stays the same, however many there are.
CHUNK: Final = 2000
# Why a line is not paid, in the order in which somebody mends it; the first that is true is written down.
REFUSED: Final = (
    "not_deployed",  # marked, but the post was never accepted
    "no_identity",  # national ID, or TSC, licence or service number missing
    "other_name",  # M-Pesa has another name, or none is known
    "not_returned",  # the countersigned register has not come in
    "incomplete",  # days without a mark, or disputed: late
    "no_rate",
)


@dataclass(frozen=True)
class Line:
    """One deployment's line; integer shillings, and no sum where it is refused."""

    deployment_id: int
    days: int  # that are paid for, no more than the rate allows
    ksh_per_day: int | None
    ksh: int | None
    refused: str | None


@dataclass(frozen=True)
class Person:
    """What stands between somebody and their pay."""

    identified: bool
    same_name: bool
    answered: bool  # the post was accepted, also where somebody else took over later
    returned: bool


@dataclass(frozen=True)
class Book:
    """What every line of a series needs: its days, its rates by position and region, what was returned."""

    days: tuple[date, ...]
    rates: Mapping[tuple[str, str], Rate | None]
    returned: frozenset[str]


def compute(db: Session, series: Series, *, now: datetime) -> Iterator[list[Line]]:
    """Every line of the series in the order of its deployments, a chunk at a time: a few queries a chunk."""
    book, after = open_book(db, series), 0
    while ids := following(db, series.id, after):
        many = sorted(duties.gather(db, duties.among(Deployment.id, ids)), key=lambda duty: duty.id)
        yield lines(db, book, many, now=now)
        after = ids[-1]


def open_book(db: Session, series: Series) -> Book:
    """The rates of this series and its received returns, read once."""
    came_in = select(Return.centre_code).where(Return.series_id == series.id, Return.received_at.is_not(None))
    places = ((position, region) for position in POSITIONS for region in (rates.CITIES, rates.OTHER))
    sums = {place: rates.of(db, series, *place) for place in places}
    return Book(tuple(calendars.exam_days(series)), sums, frozenset(db.scalars(came_in)))


def following(db: Session, series_id: int, after: int) -> list[int]:
    """The next deployments that have a line: those accepted, and any of which a day was marked."""
    marked = select(MarkEvent.id).where(MarkEvent.deployment_id == Deployment.id).exists()
    has_line = (Deployment.state == "accepted") | marked
    rows = select(Deployment.id).where(Deployment.series_id == series_id, Deployment.id > after, has_line)
    return list(db.scalars(rows.order_by(Deployment.id).limit(CHUNK)))


def lines(db: Session, book: Book, many: list[Duty], *, now: datetime) -> list[Line]:
    """The lines of these deployments."""
    ids = [duty.id for duty in many]
    held = marks.holding(attendance.words(db, ids), remembered(attendance.cut_offs(db, many), many))
    marked: dict[int, dict[date, bool]] = {number: {} for number in ids}
    for (number, day), mark in held.items():
        marked[number][day] = bool(mark.present)
    people, disputed, today = persons(db, book, ids), disputes(db, ids), duties.local(now)
    days = [day for day in book.days if day <= today]
    return [
        line(
            duty,
            people[duty.id],
            sum(marked[duty.id].values()),
            duty.id in disputed or unmarked(duty, marked[duty.id], days),
            book.rates[duty.position, rates.region_of(duty.county_code)],
        )
        for duty in many
    ]


def remembered(cut_off: CutOff, many: Iterable[Duty]) -> CutOff:
    """The same cut-offs, worked out once for each centre and day rather than at every word."""
    centre = {duty.id: duty.centre_code for duty in many}
    known: dict[tuple[str, date], datetime] = {}

    def find(number: int, day: date) -> datetime:
        spot = centre[number], day
        if spot not in known:
            known[spot] = cut_off(number, day)
        return known[spot]

    return find


def unmarked(duty: Duty, marked: Mapping[date, bool], days: Iterable[date]) -> bool:
    """Whether a day of somebody who serves to the end has no mark; of who left, none is missed."""
    served = (day for day in days if duty.first_day <= day <= duty.last_day)
    return duty.state == "accepted" and any(day not in marked for day in served)


def persons(db: Session, book: Book, ids: Collection[int]) -> Mapping[int, Person]:
    """Who is behind these deployments, as far as their pay depends on it."""
    rows = (
        select(Deployment, Account.national_id, Profile)
        .join(Account, Account.id == Deployment.account_id)
        .outerjoin(Profile, Profile.account_id == Account.id)
        .where(duties.among(Deployment.id, ids))
    )
    return {
        post.id: person(post, national_id, profile or Profile(), book)
        for post, national_id, profile in db.execute(rows)
    }


def person(post: Deployment, national_id: str | None, profile: Profile, book: Book) -> Person:
    """One of them. A post that was left is paid until then, if it had been accepted."""
    number = getattr(profile, document_terms.NUMBERS.get(profile.kind or "", "employment_no"))
    left = post.state in duties.SERVED and post.answered_at is not None
    return Person(
        identified=bool(national_id and number),
        same_name=names.likeness(profile.full_name or "", profile.mpesa_name or "") >= ALIKE,
        answered=post.state == "accepted" or left,
        returned=post.centre_code in book.returned,
    )


def disputes(db: Session, ids: Collection[int]) -> frozenset[int]:
    """Which of these deployments have a day that is disputed and not settled."""
    waits = (duties.among(Dispute.deployment_id, ids), Dispute.settled_at.is_(None))
    return frozenset(db.scalars(select(Dispute.deployment_id).where(*waits)))


def line(duty: Duty, person: Person, present: int, incomplete: bool, rate: Rate | None) -> Line:
    """One line: days times the rate, or the first reason why not."""
    found = {
        "not_deployed": not person.answered,
        "no_identity": not person.identified,
        "other_name": not person.same_name,
        "not_returned": not person.returned,
        "incomplete": incomplete,
        "no_rate": rate is None,
    }
    days = min(present, rate.days) if rate and rate.days else present
    per_day = rate.ksh_per_day if rate else None
    refused = next((reason for reason in REFUSED if found[reason]), None)
    return Line(duty.id, days, per_day, None if refused or per_day is None else days * per_day, refused)


def digest(series: Series, every: Iterable[Line]) -> str:
    """The hash over every line, in their order."""
    said = hashlib.sha256(f"{series.exam} {series.year}\n".encode())
    for each in every:
        facts = (each.deployment_id, each.days, each.ksh_per_day, each.ksh, each.refused)
        said.update(("\x1f".join(map(str, facts)) + "\n").encode())
    return said.hexdigest()
