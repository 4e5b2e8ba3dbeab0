"""Attendance: what is said of each day is kept, and the days of a deployment follow from it.

A centre's mark is P (present) or Ab (absent); of a day of which nothing valid was said, nothing is known.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ARRAY, Text, any_, cast, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.attendance import Dispute, MarkEvent
from models.centres import RegisterDay
from models.deployments import DEPLOYED
from operations import audits, calendars, duties, marks
from operations.duties import Duty
from operations.marks import UNMARKED, CutOff, Mark, Word
from operations.office import Actor
from operations.refusals import Refusal

WORD: Final = (
    *(MarkEvent.id, MarkEvent.deployment_id, MarkEvent.day, MarkEvent.present),
    *(MarkEvent.actor, MarkEvent.said_at, MarkEvent.reason),
)


@dataclass(frozen=True)
class Day:
    """One day of a deployment: what holds of it, and the latest dispute about it."""

    day: date
    mark: Mark = UNMARKED
    dispute: Dispute | None = None

    @property
    def state(self) -> str:
        """`present`, `absent` or `unmarked`."""
        return {True: "present", False: "absent", None: "unmarked"}[self.mark.present]


def record(
    db: Session,
    deployment_id: int,
    day: date,
    present: bool,
    *,
    source: str,
    channel: str,
    said_at: datetime,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    cut_off: CutOff | None = None,
) -> bool:
    """Keep one word about one person on one day; False where this very `source` was kept already.

    Raises Refusal `attendance.no_deployment`, `attendance.no_such_day`, `attendance.not_yet`, or
    `attendance.closed`: after the cut-off only a director or an officer corrects, with a reason.
    """
    duty = duties.one(db, deployment_id)
    serving(duty, day, now)
    overruled = marks.overrules(by.name, reason)
    closes = (cut_off or cut_offs(db, [duty]))(deployment_id, day)
    if said_at >= closes and not overruled:
        raise Refusal("attendance.closed")
    said = {"day": day, "channel": channel, "actor": by.name, "said_at": said_at, "reason": reason}
    kept = keep(db, [{"deployment_id": deployment_id, "present": present, "source": source, **said}])
    if kept and overruled:
        subject = f"deployment:{deployment_id}"
        audits.record(db, "attendance.correct", subject, by=by, day=day.isoformat(), present=str(present))
    return bool(kept)


def keep(db: Session, rows: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    """Add these words in one statement: the deployments of those whose `source` was not there before."""
    if not rows:
        return frozenset()
    row = insert(MarkEvent).on_conflict_do_nothing(index_elements=["source"])
    return frozenset(db.scalars(row.returning(MarkEvent.deployment_id), list(rows)))


def cut_offs(db: Session, many: Collection[Duty]) -> CutOff:
    """When each day of these deployments closes: by the series, or later where it was opened again."""
    series, centres = {duty.series.id for duty in many}, sorted({duty.centre_code for duty in many})
    rows = select(RegisterDay.series_id, RegisterDay.centre_code, RegisterDay.day, RegisterDay.reopened_until)
    here = RegisterDay.centre_code == any_(cast(centres, ARRAY(Text)))
    opened = duties.among(RegisterDay.series_id, series), here, RegisterDay.reopened_until.is_not(None)
    later = {(number, centre, day): until for number, centre, day, until in db.execute(rows.where(*opened))}
    known = {duty.id: duty for duty in many}

    def cut_off(deployment_id: int, day: date) -> datetime:
        duty = known[deployment_id]
        closes = calendars.closes(duty.series, day)
        again = later.get((duty.series.id, duty.centre_code, day))
        return closes if again is None else max(closes, again)

    return cut_off


def serving(duty: Duty, day: date, now: datetime) -> None:
    """Raise a Refusal unless this person served on this day, and the day has come."""
    if duty.state not in (*DEPLOYED, *duties.SERVED):
        raise Refusal("attendance.no_deployment")
    opens = duty.series.rehearsal or duty.series.starts
    if not max(opens, duty.first_day) <= day <= min(duty.series.ends, duty.last_day):
        raise Refusal("attendance.no_such_day")
    if day > duties.local(now):
        raise Refusal("attendance.not_yet")


# -- what holds --------------------------------------------------------------------------------------


def days(db: Session, deployment_id: int, *, now: datetime) -> list[Day]:
    """The days of a deployment up to today, first to last, each with what holds of it."""
    duty = duties.one(db, deployment_id)
    return of_many(db, [duty], now=now)[duty.id]


def of_many(
    db: Session, many: Collection[Duty], *, now: datetime, cut_off: CutOff | None = None
) -> Mapping[int, list[Day]]:
    """The days of each of these deployments up to today: three queries, however many there are."""
    ids = [duty.id for duty in many]
    held = marks.holding(words(db, ids), cut_off or cut_offs(db, many))
    disputed = disputes(db, ids)
    said: dict[int, set[date]] = {}
    for deployment_id, day in held:
        said.setdefault(deployment_id, set()).add(day)
    return {
        duty.id: [
            Day(day, held.get((duty.id, day), UNMARKED), disputed.get((duty.id, day)))
            for day in listed(duty, said.get(duty.id, ()), duties.local(now))
        ]
        for duty in many
    }


def listed(duty: Duty, said: Iterable[date], today: date) -> list[date]:
    """The days that are shown: every working day so far, and any other that was marked."""
    return sorted({day for day in duty.working_days() if day <= today} | set(said))


def words(db: Session, ids: Collection[int], day: date | None = None) -> Iterator[Word]:
    """Everything that was said of these deployments, or of one day of theirs."""
    which = [duties.among(MarkEvent.deployment_id, ids), *([MarkEvent.day == day] if day else [])]
    rows = db.execute(select(*WORD).where(*which))
    return (Word(*row) for row in rows)


def disputes(db: Session, ids: Collection[int]) -> Mapping[tuple[int, date], Dispute]:
    """The latest dispute about each day of these deployments."""
    raised = select(Dispute).where(duties.among(Dispute.deployment_id, ids)).order_by(Dispute.id)
    return {(dispute.deployment_id, dispute.day): dispute for dispute in db.scalars(raised)}
