"""Moves: when the days of a series change, the posts that stand move with them, and the people are told.

A few statements, whatever the number of posts. Marks are never touched: a day with a mark stays in its post,
and days that would leave marks outside of the series are refused.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, distinct, func, select, text
from sqlalchemy.orm import Session

from models.accounts import Confirmation
from models.attendance import MarkEvent
from models.deployments import Deployment
from models.series import Series
from operations import calendars, notices
from operations.deployment_facts import REPORT_AT, day_of
from operations.office import NAIROBI
from operations.refusals import Refusal

CLASS: Final = "notice"
WORDS: Final = "deployment.moved"

# Who began with the series begins with it again, and so for the start behind a rehearsal; any other first
# day is only kept within the new days. Who has still to report does so as many days later, at the same hour;
# where that would be past already, tomorrow morning at the latest. What is marked stays inside.
MOVE: Final = text(
    """
    WITH post AS (
        SELECT d.id, d.first_day, d.last_day, d.reporting_at,
            (SELECT min(m.day) FROM mark_event m WHERE m.deployment_id = d.id) AS marked_first,
            (SELECT max(m.day) FROM mark_event m WHERE m.deployment_id = d.id) AS marked_last
        FROM deployment d WHERE d.series_id = :series AND d.state IN ('offered', 'accepted')
    ), aimed AS (
        SELECT id, reporting_at, first_day AS before,
            LEAST(marked_first, CASE
                WHEN first_day = :old_begins THEN CAST(:begins AS date)
                WHEN first_day = :old_starts THEN CAST(:starts AS date)
                ELSE LEAST(GREATEST(first_day, :begins), :ends) END) AS first_day,
            GREATEST(marked_last, CASE
                WHEN last_day = :old_ends THEN CAST(:ends AS date)
                ELSE LEAST(last_day, :ends) END) AS last_day
        FROM post
    ), shifted AS (
        SELECT id, first_day, last_day, reporting_at AS before,
            CASE WHEN reporting_at > :now
                THEN reporting_at + make_interval(hours => 24 * (first_day - before))
                ELSE reporting_at END AS reporting_at
        FROM aimed
    ), moved AS (
        SELECT id, first_day, GREATEST(first_day, last_day) AS last_day, before,
            CASE WHEN before > :now AND reporting_at <= :now THEN LEAST(before, :tomorrow)
                ELSE reporting_at END AS reporting_at
        FROM shifted
    )
    UPDATE deployment d
    SET first_day = moved.first_day, last_day = moved.last_day, reporting_at = moved.reporting_at
    FROM moved, account, centre
    WHERE d.id = moved.id AND account.id = d.account_id AND centre.code = d.centre_code
        AND (d.first_day, d.last_day, d.reporting_at)
            IS DISTINCT FROM (moved.first_day, moved.last_day, moved.reporting_at)
    RETURNING d.id, d.account_id, d.position, d.reporting_at, moved.before, account.phone, centre.name
    """
)
# Whoever answers by SMS holds the code first and the post after it, and so does this.
HOLD: Final = text(
    "SELECT c.id FROM confirmation c JOIN deployment d ON c.details ->> 'deployment' = CAST(d.id AS text)"
    " WHERE c.act = 'accept' AND c.used_at IS NULL AND c.expires_at > :now"
    " AND d.series_id = :series AND d.state = 'offered' ORDER BY c.id DESC FOR UPDATE OF c"
)
# An offer's code lives until it is time to report, so it moves too.
LENGTHEN: Final = text(
    "UPDATE confirmation c SET expires_at = d.reporting_at FROM deployment d"
    " WHERE c.act = 'accept' AND c.used_at IS NULL AND c.details ->> 'deployment' = CAST(d.id AS text)"
    " AND d.series_id = :series AND d.state = 'offered' AND c.expires_at < d.reporting_at"
    " AND c.expires_at > :now"
)


@dataclass(frozen=True)
class Days:
    """The days of a series as they were."""

    starts: date
    ends: date
    rehearsal: date | None

    @property
    def begins(self) -> date:
        """The rehearsal, where there was one."""
        return self.rehearsal or self.starts


@dataclass(frozen=True)
class Moved:
    """How many posts got other days, and how many of their people are told of a new reporting day."""

    posts: int
    told: int


def days_of(series: Series) -> Days:
    """The days of a series as they are now."""
    return Days(series.starts, series.ends, series.rehearsal)


def marked_days(db: Session, series: Series) -> dict[date, int]:
    """The days on which somebody is marked in this series, and how many posts are marked on each."""
    marked = select(MarkEvent.day, func.count(distinct(MarkEvent.deployment_id)))
    here = marked.join(Deployment, Deployment.id == MarkEvent.deployment_id)
    rows = db.execute(here.where(Deployment.series_id == series.id).group_by(MarkEvent.day))
    return {row[0]: row[1] for row in rows}


def refuse_lost(series: Series, marked: dict[date, int], examined: set[date]) -> None:
    """Refuse days that leave marks out: outside of the series, or on what is an exam day no longer."""
    lost = {
        day: posts for day, posts in marked.items() if day in examined and not calendars.examined(series, day)
    }
    if lost:
        said = {
            "lost_marks": str(sum(lost.values())),
            "lost_day": str(min(lost)),
            "lost_until": str(max(lost)),
        }
        raise Refusal("series.marks_outside", **said)


def follow(db: Session, series: Series, before: Days, *, now: datetime) -> Moved:
    """Move the live posts of a series from the days it had to those it has, and tell whom it concerns."""
    db.flush()
    tomorrow = datetime.combine(day_of(now) + timedelta(days=1), REPORT_AT)
    days = {"begins": calendars.begins(series), "starts": series.starts, "ends": series.ends}
    old = {"old_begins": before.begins, "old_starts": before.starts, "old_ends": before.ends}
    db.execute(HOLD, {"series": series.id, "now": now})
    moved = db.execute(MOVE, {"series": series.id, "now": now, "tomorrow": tomorrow, **days, **old}).all()
    db.execute(LENGTHEN, {"series": series.id, "now": now})
    for model in (Deployment, Confirmation):
        expire(db, model)
    people = [said(row, series, now) for row in moved if day_of(row.reporting_at) != day_of(row.before)]
    return Moved(len(moved), notices.queue_once(db, CLASS, WORDS, people, now=now))


def expire(db: Session, model: type[Any]) -> None:
    """Forget what this session has read of these rows: the statement changed them behind its back."""
    for row in list(db.identity_map.values()):
        if isinstance(row, model):
            db.expire(row)


def said(
    row: Row[*tuple[Any, ...]], series: Series, now: datetime
) -> tuple[str, int | None, str, dict[str, str]]:
    """What one person is told: once for each change, for days may go back to what they were."""
    reporting = row.reporting_at.astimezone(NAIROBI)
    details = {
        "duty_exam": f"{series.exam} {series.year}",
        "duty_post": f"@term.post.{row.position}",
        "duty_centre": row.name,
        "duty_day": f"@date:{day_of(reporting).isoformat()}",
        "duty_time": f"@time:{reporting.isoformat()}",
    }
    return f"{WORDS}:{row.id}:{now.isoformat()}", row.account_id, row.phone, details
