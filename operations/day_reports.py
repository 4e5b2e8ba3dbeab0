"""Day reports: how many days somebody worked in a post that no daily register covers.

Drivers, clerks and examiners are in no centre's register; the office they work for reports their days, with
the number of its own paper. A later report takes the place of an earlier one; the audit trail has both.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.deployments import Deployment
from models.payrolls import DayReport
from models.series import Rate
from operations import audits, bulk, duties
from operations.office import Actor

NAMES = ("deployment_id", "days", "document", "reported_by", "reported_at")


class Report(NamedTuple):
    """What an office reported of one deployment: its days, and the number of the paper that says so."""

    days: int
    document: str
    reported_at: datetime


def of(db: Session, ids: Collection[int]) -> Mapping[int, Report]:
    """What was reported of these deployments, in one query."""
    columns = (DayReport.deployment_id, DayReport.days, DayReport.document, DayReport.reported_at)
    rows = db.execute(select(*columns).where(duties.among(DayReport.deployment_id, ids)))
    return {row.deployment_id: Report(row.days, row.document, row.reported_at) for row in rows}


def capped(days: int, rate: Rate | None) -> int:
    """No more days than the rate pays for."""
    return min(days, rate.days) if rate and rate.days else days


def most(post: Deployment, now: datetime) -> int:
    """How many days of a deployment may have been worked until today."""
    ended = duties.local(post.ended_at) if post.ended_at and post.state in duties.SERVED else date.max
    last = min(post.last_day, ended, duties.local(now))
    return max(0, (last - post.first_day + timedelta(days=1)).days)


def keep(db: Session, said: Mapping[int, tuple[int, str]], *, by: Actor, now: datetime) -> None:
    """Keep the days and the document of each of these deployments; what is no news is not audited again."""
    before = {number: each[:2] for number, each in of(db, said).items()}
    rows = [(number, *report, by.name, now) for number, report in said.items()]
    named = [dict(zip(NAMES, row, strict=True)) for row in rows]
    bulk.upsert(db, DayReport, named, key=("deployment_id",), names=NAMES)
    for number, (days, document) in said.items():
        if before.get(number) != (days, document):
            facts = {"days": str(days), "document": document, "before": str(before.get(number, ("",))[0])}
            audits.record(db, "pay.days", f"deployment:{number}", by=by, **facts)
