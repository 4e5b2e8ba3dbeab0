"""Series: an exam in a year, its days, and when one may apply in it."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.series import Series
from operations import audits, calendars, holidays, series_moves
from operations.office import Actor
from operations.refusals import Refusal
from operations.series_moves import Moved


def is_open(now: datetime | None = None) -> ColumnElement[bool]:
    """The condition that one may apply in a series at this moment, the database's own where none is given."""
    moment = func.now() if now is None else now
    return and_(Series.closed_at.is_(None), Series.apply_from <= moment, Series.apply_until > moment)


def listed(db: Session) -> list[Series]:
    """Every series, the newest first."""
    return list(db.scalars(select(Series).order_by(Series.year.desc(), Series.starts, Series.exam)))


def by_name(db: Session, exam: str, year: int) -> Series | None:
    """The series of this exam and year."""
    named = (Series.exam == exam.strip().upper(), Series.year == year)
    return db.scalars(select(Series).where(*named)).first()


def named(db: Session, exam: str, year: int) -> Series:
    """The series of this exam and year; a refusal where there is none."""
    series = by_name(db, exam, year)
    if series is None:
        raise Refusal("series.no_such", series_name=f"{exam.strip().upper()} {year}")
    return series


def create(
    db: Session,
    exam: str,
    year: int,
    starts: date,
    ends: date,
    rehearsal: date | None = None,
    *,
    by: Actor,
    now: datetime,
) -> Series:
    """Add a series; nobody may apply in it before it is opened."""
    judge_days(starts, ends, rehearsal)
    values = {"exam": exam.strip().upper(), "year": year, "starts": starts, "ends": ends}
    row = insert(Series).values(**values, rehearsal=rehearsal, source=by.name)
    series = db.scalars(row.on_conflict_do_nothing().returning(Series)).first()
    if series is None:
        raise Refusal("series.exists", series_name=f"{values['exam']} {year}")
    holidays.keep(db, series)
    audits.record(db, "series.create", subject(series), by=by, starts=str(starts), ends=str(ends))
    return series


def set_days(
    db: Session, series: Series, starts: date, ends: date, rehearsal: date | None, *, by: Actor, now: datetime
) -> Moved:
    """Correct the days of a series; its posts move with it, and people hear of a new reporting day.

    Refused, with the number, where marks would be left on days that are not the exam's any more.
    """
    judge_days(starts, ends, rehearsal)
    # An offer that is being written comes first, and moves along; one that comes later has the new days.
    db.refresh(series, with_for_update={"key_share": True})
    before, marked = series_moves.days_of(series), series_moves.marked_days(db, series)
    examined = {day for day in marked if calendars.examined(series, day)}
    series.starts, series.ends, series.rehearsal = starts, ends, rehearsal
    holidays.keep(db, series)
    series_moves.refuse_lost(series, marked, examined)
    moved = series_moves.follow(db, series, before, now=now)
    days = {"starts": str(starts), "ends": str(ends), "rehearsal": str(rehearsal or "")}
    counts = {"posts": str(moved.posts), "told": str(moved.told)}
    audits.record(db, "series.set_days", subject(series), by=by, **days, **counts)
    return moved


def judge_days(starts: date, ends: date, rehearsal: date | None) -> None:
    """A rehearsal comes before the first day, and the first day before the last."""
    if not (rehearsal or starts) <= starts <= ends:
        raise Refusal("series.days")


def open_for(
    db: Session, series: Series, until: datetime, since: datetime | None = None, *, by: Actor, now: datetime
) -> None:
    """Let people apply until then, from now on or from a later moment; one that ended begins again."""
    since = since or now
    if until <= max(since, now):
        raise Refusal("series.window")
    series.apply_from, series.apply_until, series.closed_at = since, until, None
    window = {"since": since.isoformat(), "until": until.isoformat()}
    audits.record(db, "series.open", subject(series), by=by, **window)


def close(db: Session, series: Series, *, by: Actor, now: datetime) -> None:
    """Nobody applies in it from now on; all else goes on. Closing twice changes nothing."""
    if series.apply_until is not None and series.apply_until > now:
        series.apply_until = now
        audits.record(db, "series.close", subject(series), by=by)


def end(db: Session, series: Series, *, by: Actor, now: datetime) -> None:
    """It is over: nobody applies and nobody is deployed in it any more. Ending twice changes nothing."""
    if series.closed_at is None:
        series.closed_at = now
        audits.record(db, "series.end", subject(series), by=by)


def subject(series: Series) -> str:
    """A series as the audit trail names it."""
    return f"series:{series.id}"
