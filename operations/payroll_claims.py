"""Claims: what each deployment of a series comes to by itself, and why one is not paid."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.attendance import Dispute
from models.series import POSITIONS, Rate, Series
from operations import calendars, duties, payroll_posts, rates, return_seals
from operations.day_reports import Report
from operations.payroll_days import Work
from operations.payroll_marks import Marked
from operations.payroll_posts import Post

# Why a line is not paid, in the order in which somebody mends it; the first that is true is written down.
REFUSED: Final = (
    "not_deployed",  # marked, but the post was never accepted
    "no_identity",  # national ID, or TSC, licence or service number missing
    "other_name",  # M-Pesa has another name, or none is known
    "not_returned",  # the countersigned register has not come in as the register stands now
    "late",  # it came in after the day that the rules of the series set
    "incomplete",  # days without a mark, or disputed
    "no_rate",  # none a day: marking, too, which is paid by the script
    "no_days",  # no daily register has this position, and no office reported days
)


@dataclass(frozen=True)
class Book:
    """What every line of a series needs: its days, its rates by position and region, and its returns."""

    series: Series
    days: tuple[date, ...]
    rates: Mapping[tuple[str, str], Rate | None]
    returned: Mapping[str, datetime]  # the centres whose signed register came in, and when
    returns_by: date | None
    several: Mapping[int, Sequence[int]]  # the deployments of whoever has more than one, by each of them


def open_book(db: Session, series: Series, now: datetime) -> Book:
    """What every line of this series needs, read once."""
    places = ((position, region) for position in POSITIONS for region in (rates.CITIES, rates.OTHER))
    sums = {place: rates.of(db, series, *place, own_year=True) for place in places}
    days = (day for day in calendars.exam_days(series) if day <= duties.local(now))
    returned, returns_by = return_seals.sealed(db, series), calendars.of(series).returns_by
    return Book(series, tuple(days), sums, returned, returns_by, payroll_posts.several(db, series.id))


class Claim(NamedTuple):
    """A deployment judged by itself: what it comes to, at which rate, and the first reason why not."""

    post: Post
    work: Work
    rate: Rate | None
    refused: str | None
    document: str | None


def judge(book: Book, post: Post, marked: Marked, report: Report | None, disputed: bool) -> Claim:
    """What one deployment comes to by itself, or the first reason why not."""
    rate, came_in = book.rates[post.position, post.region], book.returned.get(post.centre_code)
    found = {
        "not_deployed": not post.deployed,
        "no_identity": not post.identified,
        "other_name": not post.same_name,
        "not_returned": post.registered and came_in is None,
        "late": post.registered and too_late(book, came_in),
        "incomplete": disputed or (post.registered and unmarked(book, post, marked)),
        "no_rate": rate is None,
        "no_days": not post.registered and report is None,
    }
    refused = next((reason for reason in REFUSED if found[reason]), None)
    present = marked.present if post.registered else frozenset()
    reported = 0 if post.registered or report is None else report.days
    work = Work(post.id, len(present) + reported, present, rate.days if rate else None, refused is not None)
    return Claim(post, work, rate, refused, None if post.registered or report is None else report.document)


def too_late(book: Book, came_in: datetime | None) -> bool:
    """Whether a register came in after the last day for it, where the rules of the series set one."""
    return bool(book.returns_by and came_in and duties.local(came_in) > book.returns_by)


def unmarked(book: Book, post: Post, marked: Marked) -> bool:
    """Whether a day of somebody who serves to the end has no mark; of who left, none is missed.

    Whoever was moved in the middle of a day is marked where they were: once is enough.
    """
    served = {day for day in book.days if post.first_day <= day <= post.last_day}
    return post.state == "accepted" and not served <= marked.days | marked.elsewhere


def disputes(db: Session, ids: Collection[int]) -> frozenset[int]:
    """Which of these deployments have a day that is disputed and not settled."""
    waits = (duties.among(Dispute.deployment_id, ids), Dispute.settled_at.is_(None))
    return frozenset(db.scalars(select(Dispute.deployment_id).where(*waits)))
