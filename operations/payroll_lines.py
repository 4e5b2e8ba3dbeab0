"""Pay lines: what each deployment of a series comes to, or why it is not paid; nothing but a computation.

The same marks, people and rates give the same lines, and the same hash over them, whoever computes them when.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.payrolls import PayLine
from models.series import Series
from operations import day_reports, payroll_claims, payroll_days, payroll_marks, payroll_posts
from operations.payroll_claims import Book, Claim
from operations.payroll_days import Counted, Work
from operations.payroll_marks import NOTHING, Marked
from operations.payroll_posts import Post

# So many deployments are computed at once: memory stays the same, however many there are.
CHUNK: Final = 5000


@dataclass(frozen=True)
class Line:
    """One deployment's line; integer shillings, and no sum where it is refused."""

    deployment_id: int
    days: int  # that are paid for: each of a person's once, and no more than the rate allows
    ksh_per_day: int | None
    ksh: int | None
    refused: str | None
    days_elsewhere: int = 0  # marked here too, and counted on another line of this person
    # Whom it is for, as it stood when the line was computed.
    reference: str | None = None
    name: str | None = field(default=None, repr=False)
    mpesa_name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    national_id: str | None = field(default=None, repr=False)
    number: str | None = field(default=None, repr=False)
    position: str | None = None
    centre_code: str | None = None
    centre: str | None = None
    sub_county: str | None = None
    county: str | None = None
    region: str | None = None
    document: str | None = None  # that reported the days


COLUMNS: Final = tuple(each.name for each in fields(Line))


def compute(db: Session, series: Series, *, now: datetime) -> Iterator[list[Line]]:
    """Every line of the series in the order of its deployments, a chunk at a time: a few queries a chunk."""
    book, after = payroll_claims.open_book(db, series, now), 0
    while ids := payroll_posts.following(db, series.id, after, CHUNK):
        yield lines(db, book, ids)
        after = ids[-1]


def lines(db: Session, book: Book, ids: Collection[int]) -> list[Line]:
    """The lines of these deployments, in their order; what else the same people have is looked at beside."""
    every = {*ids, *(other for number in ids for other in book.several.get(number, ()))}
    marked, reported = payroll_marks.of(db, book.series, every), day_reports.of(db, every)
    disputed = payroll_claims.disputes(db, every)
    claims = [
        payroll_claims.judge(
            book, post, seen(book, post.id, marked), reported.get(post.id), post.id in disputed
        )
        for post in payroll_posts.of(db, every)
    ]
    counted, wanted = counts(claims), frozenset(ids)
    return [line(each, counted[each.post.id]) for each in claims if each.post.id in wanted]


def seen(book: Book, number: int, marked: Mapping[int, Marked]) -> Marked:
    """What was decided of one deployment, and the days that were decided of the same person's others."""
    others = (marked.get(other, NOTHING) for other in book.several.get(number, ()) if other != number)
    elsewhere = frozenset(day for other in others for day in other.days)
    return marked.get(number, NOTHING)._replace(elsewhere=elsewhere)


def counts(claims: Iterable[Claim]) -> Mapping[int, Counted]:
    """What counts of each deployment, of whoever has several as much as of anybody else."""
    people: dict[int, list[Work]] = {}
    for each in claims:
        people.setdefault(each.post.account_id, []).append(each.work)
    return {
        number: counted for works in people.values() for number, counted in payroll_days.once(works).items()
    }


def line(claim: Claim, counted: Counted) -> Line:
    """One line: the days that count times the rate, or why not."""
    per_day = claim.rate.ksh_per_day if claim.rate else None
    ksh = None if claim.refused or per_day is None else counted.days * per_day
    sums = (counted.days, per_day, ksh, claim.refused, counted.elsewhere)
    who = (*person(claim.post), claim.document)
    return Line(claim.post.id, *sums, *who)


def person(post: Post) -> tuple[str | None, ...]:
    """Whom a line is for, in the order of its columns."""
    place = (post.centre_code, post.centre, post.sub_county, post.county, post.region)
    named = (post.reference, post.full_name, post.mpesa_name, post.phone, post.national_id, post.number)
    return (*named, post.position, *place)


# -- kept lines, and the hash over them ----------------------------------------------------------------


def stored(db: Session, schedule_id: int) -> Iterator[Line]:
    """The lines of a schedule as they were written down, in the order of their deployments."""
    return (Line(*row) for row in db.execute(written(schedule_id).execution_options(yield_per=CHUNK)))


def between(db: Session, schedule_id: int, after: int, until: int | None) -> list[Line]:
    """The lines of a schedule of the deployments behind one number, up to another or to the last."""
    rows = written(schedule_id).where(PayLine.deployment_id > after)
    rows = rows if until is None else rows.where(PayLine.deployment_id <= until)
    return [Line(*row) for row in db.execute(rows)]


def written(schedule_id: int) -> Select[Any]:
    """The query for the lines of a schedule, in the order of their deployments."""
    columns = [getattr(PayLine, name) for name in COLUMNS]
    return select(*columns).where(PayLine.schedule_id == schedule_id).order_by(PayLine.deployment_id)


class Fingerprint:
    """The SHA-256 over the series' name and its lines, each a JSON array in the order of `COLUMNS`."""

    def __init__(self, series: Series) -> None:
        self.hash = hashlib.sha256(f"{series.exam} {series.year}\n".encode())

    def add(self, each: Line) -> None:
        """One more line."""
        self.hash.update(msgspec.json.encode(tuple(vars(each).values())) + b"\n")

    @property
    def digest(self) -> str:
        """The hash over all lines so far, in 64 hexadecimal digits."""
        return self.hash.hexdigest()


def digest(series: Series, every: Iterable[Line]) -> str:
    """The hash over every line, in their order."""
    found = Fingerprint(series)
    for each in every:
        found.add(each)
    return found.digest
