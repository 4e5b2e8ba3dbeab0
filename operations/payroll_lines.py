"""Pay lines: what each deployment of a series comes to, or why it is not paid; nothing but a computation.

The same marks, people and rates give the same lines, and the same hash over them, whoever computes them when.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.attendance import Dispute, MarkEvent
from models.centres import Return
from models.deployments import Deployment
from models.people import Profile
from models.places import Centre, SubCounty
from models.series import POSITIONS, Rate, Series
from operations import calendars, document_terms, duties, names, payroll_marks, rates
from operations.payroll_marks import NOTHING, Marked
from operations.registers import ALIKE

# So many deployments are computed at once: memory stays the same, however many there are.
CHUNK: Final = 5000
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


class Post(NamedTuple):
    """A deployment as pay sees it: where, whose, and what their profile says."""

    id: int
    state: str
    answered_at: datetime | None
    position: str
    centre_code: str
    county_code: str
    first_day: date
    last_day: date
    national_id: str | None
    kind: str | None
    full_name: str | None
    mpesa_name: str | None
    employment_no: str | None
    licence_no: str | None
    service_no: str | None

    @property
    def deployed(self) -> bool:
        """Whether the post was accepted. One that was left is paid until then."""
        return self.state == "accepted" or (self.state in duties.SERVED and self.answered_at is not None)

    @property
    def identified(self) -> bool:
        """Whether the national ID and the number of this kind of person are known."""
        number = getattr(self, document_terms.NUMBERS.get(self.kind or "", "employment_no"))
        return bool(self.national_id and number)

    @property
    def same_name(self) -> bool:
        """Whether M-Pesa has the same name, as alike as the registers of people must be."""
        return names.likeness(self.full_name or "", self.mpesa_name or "") >= ALIKE


@dataclass(frozen=True)
class Book:
    """What every line of a series needs: its days, its rates by position and region, what was returned."""

    series: Series
    days: tuple[date, ...]
    rates: Mapping[tuple[str, str], Rate | None]
    returned: frozenset[str]


def compute(db: Session, series: Series, *, now: datetime) -> Iterator[list[Line]]:
    """Every line of the series in the order of its deployments, a chunk at a time: a few queries a chunk."""
    book, after = open_book(db, series, now), 0
    while ids := following(db, series.id, after):
        yield lines(db, book, ids)
        after = ids[-1]


def open_book(db: Session, series: Series, now: datetime) -> Book:
    """The days and rates of this series and its received returns, read once."""
    came_in = select(Return.centre_code).where(Return.series_id == series.id, Return.received_at.is_not(None))
    places = ((position, region) for position in POSITIONS for region in (rates.CITIES, rates.OTHER))
    sums = {place: rates.of(db, series, *place, own_year=True) for place in places}
    days = (day for day in calendars.exam_days(series) if day <= duties.local(now))
    return Book(series, tuple(days), sums, frozenset(db.scalars(came_in)))


def following(db: Session, series_id: int, after: int) -> list[int]:
    """The next deployments that have a line: those accepted, and any of which a day was marked."""
    marked = select(MarkEvent.id).where(MarkEvent.deployment_id == Deployment.id).exists()
    has_line = (Deployment.state == "accepted") | marked
    rows = select(Deployment.id).where(Deployment.series_id == series_id, Deployment.id > after, has_line)
    return list(db.scalars(rows.order_by(Deployment.id).limit(CHUNK)))


def lines(db: Session, book: Book, ids: Collection[int]) -> list[Line]:
    """The lines of these deployments, in their order."""
    marked, disputed = payroll_marks.of(db, book.series, ids), disputes(db, ids)
    return [line(book, post, marked.get(post.id, NOTHING), post.id in disputed) for post in posts(db, ids)]


def posts(db: Session, ids: Collection[int]) -> Iterator[Post]:
    """These deployments and who is behind them."""
    rows = (
        select(
            *(Deployment.id, Deployment.state, Deployment.answered_at, Deployment.position),
            *(Deployment.centre_code, SubCounty.county_code, Deployment.first_day, Deployment.last_day),
            *(Account.national_id, Profile.kind, Profile.full_name, Profile.mpesa_name),
            *(Profile.employment_no, Profile.licence_no, Profile.service_no),
        )
        .join(Account, Account.id == Deployment.account_id)
        .join(Centre, Centre.code == Deployment.centre_code)
        .join(SubCounty, SubCounty.id == Centre.sub_county_id)
        .outerjoin(Profile, Profile.account_id == Account.id)
        .where(duties.among(Deployment.id, ids))
        .order_by(Deployment.id)
    )
    return map(Post._make, db.execute(rows))


def line(book: Book, post: Post, marked: Marked, disputed: bool) -> Line:
    """One line: days times the rate, or the first reason why not."""
    rate = book.rates[post.position, rates.region_of(post.county_code)]
    found = {
        "not_deployed": not post.deployed,
        "no_identity": not post.identified,
        "other_name": not post.same_name,
        "not_returned": post.centre_code not in book.returned,
        "incomplete": disputed or unmarked(book, post, marked),
        "no_rate": rate is None,
    }
    days = min(marked.present, rate.days) if rate and rate.days else marked.present
    per_day = rate.ksh_per_day if rate else None
    refused = next((reason for reason in REFUSED if found[reason]), None)
    return Line(post.id, days, per_day, None if refused or per_day is None else days * per_day, refused)


def unmarked(book: Book, post: Post, marked: Marked) -> bool:
    """Whether a day of somebody who serves to the end has no mark; of who left, none is missed."""
    served = (day for day in book.days if post.first_day <= day <= post.last_day)
    return post.state == "accepted" and any(day not in marked.days for day in served)


def disputes(db: Session, ids: Collection[int]) -> frozenset[int]:
    """Which of these deployments have a day that is disputed and not settled."""
    waits = (duties.among(Dispute.deployment_id, ids), Dispute.settled_at.is_(None))
    return frozenset(db.scalars(select(Dispute.deployment_id).where(*waits)))


def digest(series: Series, every: Iterable[Line]) -> str:
    """The hash over every line, in their order."""
    said = hashlib.sha256(f"{series.exam} {series.year}\n".encode())
    for each in every:
        facts = (each.deployment_id, each.days, each.ksh_per_day, each.ksh, each.refused)
        said.update(("\x1f".join(map(str, facts)) + "\n").encode())
    return said.hexdigest()
