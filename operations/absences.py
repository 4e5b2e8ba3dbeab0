"""Absences: the other side of the register. Whoever was marked absent hears of it in the evening.

A mark that is put right takes the message back while nobody has begun to send it; after that the person hears
of the correction, too. Everybody has one line a week. Each run serves up to a thousand people in a number of
queries that does not depend on theirs; natural keys see to it that nobody is told twice.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Row, Select, and_, delete, false, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from models.accounts import Account
from models.attendance import MarkEvent
from models.centres import RegisterDay
from models.deployments import Deployment
from models.messages import Message
from models.series import Series
from operations import attendance, calendars, duties, notices, pay
from operations.attendance import Day
from operations.duties import Duty
from operations.last_words import key, last_word
from operations.office import NAIROBI
from operations.register_reading import REGISTERED

# The hour of a day after which its absences are told, and the week's line on its last exam day.
EVENING: Final = time(18, 30, tzinfo=NAIROBI)
# A mark may be changed until the next day at 10:00; where a day was opened again, so long after that, too.
LOOKED_BACK: Final = timedelta(days=3)
BATCH: Final = 1000
CLASS: Final = "chase"
ABSENT, PRESENT, WEEK = "absent:", "present:", "week:"
Spot = tuple[int, date]


# -- absent --------------------------------------------------------------------------------------------


def tell(db: Session, *, now: datetime) -> int:
    """Tell those who were marked absent, a batch of them; answers how many. Held until the class is open."""
    if not notices.CLASSES[CLASS].is_open(now):
        return 0
    for rows in batches(db, now, *untold()):
        known = days_of(db, rows, now=now)
        said = [
            (f"{ABSENT}{row.deployment_id}:{row.day}", row.account_id, row.phone, said_of(row))
            for row in rows
            if known[row.deployment_id, row.day].state == "absent"
        ]
        if said:
            return notices.queue_once(db, CLASS, "absence.marked", said, now=now)
    return 0


def untold() -> tuple[ColumnElement[bool], ...]:
    """Marked absent by the last word, and not told of it."""
    return ~told(ABSENT), last_word(MarkEvent.deployment_id, MarkEvent.day).is_(False)


def told(prefix: str) -> ColumnElement[bool]:
    """Whether the person was told so of this day."""
    mine = Message.natural_key == key(prefix, MarkEvent.deployment_id, MarkEvent.day)
    return select(Message.id).where(mine).exists()


Found = Row[int, date, int, str, str]


def batches(db: Session, now: datetime, *which: ColumnElement[bool]) -> Iterator[Sequence[Found]]:
    """Those of whom an absence was said lately, and of whom this holds: a batch after the other.

    The condition lets some through of whom the register says otherwise: they must not stand before others.
    """
    query = sought(db, now, *which)
    rows = db.execute(query).all()
    while rows:
        yield rows
        last = tuple_(literal(rows[-1].day), literal(rows[-1].deployment_id))
        rows = db.execute(query.where(tuple_(MarkEvent.day, MarkEvent.deployment_id) > last)).all()


def sought(db: Session, now: datetime, *which: ColumnElement[bool]) -> Select[int, date, int, str, str]:
    """The query for them: it begins at the index of absences, however many were marked present."""
    lately = MarkEvent.day.between(over(now) - LOOKED_BACK, over(now))
    absent = (~MarkEvent.present, or_(lately, reopened(db, now)))
    return (
        select(
            *(MarkEvent.deployment_id, MarkEvent.day, Account.id.label("account_id")),
            *(Account.phone, Deployment.centre_code),
        )
        .distinct()
        .join(Deployment, Deployment.id == MarkEvent.deployment_id)
        .join(Account, Account.id == Deployment.account_id)
        .where(*absent, *which)
        .order_by(MarkEvent.day, MarkEvent.deployment_id)
        .limit(BATCH)
    )


def reopened(db: Session, now: datetime) -> ColumnElement[bool]:
    """Whether the day is an older one, whose register was opened again and was so until lately."""
    opened = (RegisterDay.reopened_until > now - LOOKED_BACK, RegisterDay.day < over(now) - LOOKED_BACK)
    days = db.scalars(select(RegisterDay.day).where(*opened).distinct()).all()
    if not days:
        return false()
    here = (RegisterDay.series_id == Deployment.series_id, RegisterDay.centre_code == Deployment.centre_code)
    mine = select(RegisterDay.day).where(*here, RegisterDay.day == MarkEvent.day, *opened)
    return and_(MarkEvent.day.in_(days), mine.exists())


def over(now: datetime) -> date:
    """The last day whose evening has come."""
    today = duties.local(now)
    return today if now >= datetime.combine(today, EVENING) else today - timedelta(days=1)


def days_of(db: Session, rows: Collection[Found], *, now: datetime) -> Mapping[Spot, Day]:
    """What holds of each of these days: the register decides, as everywhere."""
    many = duties.gather(db, duties.among(Deployment.id, {row.deployment_id for row in rows})) if rows else []
    held = attendance.of_many(db, many, now=now) if many else {}
    found = {(number, day.day): day for number, days in held.items() for day in days}
    return {spot: found.get(spot, Day(spot[1])) for spot in ((row.deployment_id, row.day) for row in rows)}


def said_of(row: Found) -> dict[str, str]:
    """The values of what a person is told of a day."""
    return {"attended_day": f"@day:{row.day}", "centre_code": row.centre_code}


# -- put right -----------------------------------------------------------------------------------------


def put_right(db: Session, *, now: datetime) -> int:
    """Take back or correct what was told of days that are marked P now; answers how many days."""
    present = last_word(MarkEvent.deployment_id, MarkEvent.day).is_(True)
    righted: dict[Found, Day] = {}
    for rows in batches(db, now, told(ABSENT), ~told(PRESENT), present):
        known = days_of(db, rows, now=now)
        found = ((row, known[row.deployment_id, row.day]) for row in rows)
        righted = {row: day for row, day in found if day.state == "present"}
        if righted:
            break
    unsent = take_back(db, [f"{ABSENT}{row.deployment_id}:{row.day}" for row in righted])
    said = [
        (f"{PRESENT}{row.deployment_id}:{row.day}", row.account_id, row.phone, said_of(row))
        for row, day in righted.items()
        if f"{ABSENT}{row.deployment_id}:{row.day}" not in unsent and not answered(day)
    ]
    notices.queue_once(db, CLASS, "absence.put_right", said, now=now)
    return len(righted)


def answered(day: Day) -> bool:
    """Whether the person hears of the correction by the answer to their dispute."""
    return day.dispute is not None and bool(day.dispute.upheld)


def take_back(db: Session, keys: Collection[str]) -> frozenset[str]:
    """Delete those of these messages that nobody has begun to send; answers which."""
    if not keys:
        return frozenset()
    waiting = (Message.natural_key.in_(keys), Message.state == "ready", Message.attempts == 0)
    gone = delete(Message).where(*waiting).returning(Message.natural_key)
    return frozenset(str(each) for each in db.scalars(gone))


# -- the week ------------------------------------------------------------------------------------------


def tell_week(db: Session, *, now: datetime) -> int:
    """Tell the next batch how their week stands, once its last exam day is over; answers how many."""
    today = duties.local(now)
    monday = today - timedelta(days=today.weekday())
    begins = func.coalesce(Series.rehearsal, Series.starts)
    going = (Series.closed_at.is_(None), begins < monday + timedelta(days=7), Series.ends >= monday)
    for series in db.scalars(select(Series).where(*going).order_by(Series.id)).all():
        week = [day for day in calendars.exam_days(series) if 0 <= (day - monday).days < 7]
        if (
            week
            and now >= datetime.combine(week[-1], EVENING)
            and (said := tell_series(db, series, week, now))
        ):
            return said
    return 0


def tell_series(db: Session, series: Series, week: Sequence[date], now: datetime) -> int:
    """Tell the next batch of one series; 0 where everybody was told."""
    prefix = f"{WEEK}{series.id}:{week[-1]}:"
    after = reached(db, prefix)
    while ids := following(db, series, week, after):
        many = duties.gather(db, duties.among(Deployment.id, ids))
        said = lines(db, many, week, prefix, now=now)
        if said:
            return notices.queue_once(db, CLASS, "week.line", said, now=now)
        after = ids[-1]
    return 0


def reached(db: Session, prefix: str) -> int:
    """The last deployment that was told: the keys of a week are in the order of their numbers."""
    within = Message.natural_key.between(f"{prefix}{'0' * 12}", f"{prefix}{'9' * 12}")
    last = db.scalar(select(func.max(Message.natural_key)).where(within))
    return int(last.removeprefix(prefix)) if last else 0


def following(db: Session, series: Series, week: Sequence[date], after: int) -> Sequence[int]:
    """The next batch of deployments in the register that serve in this week."""
    serving = (Deployment.first_day <= week[-1], Deployment.last_day >= week[0])
    posts = (Deployment.state == "accepted", Deployment.position.in_(REGISTERED))
    rows = select(Deployment.id).where(Deployment.id > after, Deployment.series_id == series.id)
    return db.scalars(rows.where(*serving, *posts).order_by(Deployment.id).limit(BATCH)).all()


def lines(
    db: Session, many: Sequence[Duty], week: Sequence[date], prefix: str, *, now: datetime
) -> list[tuple[str, int, str, dict[str, str]]]:
    """The line of each of these for the week: key, account, phone and values."""
    days = attendance.of_many(db, many, now=now)
    sums = pay.of_duties(db, many, days)
    mine = select(Account.id, Account.phone).where(
        duties.among(Account.id, {duty.account_id for duty in many})
    )
    numbers = {number: phone for number, phone in db.execute(mine)}  # noqa: C416
    said = []
    for duty in sorted(many, key=lambda duty: duty.id):
        own = [day for day in days[duty.id] if week[0] <= day.day <= week[-1]]
        if own:
            earned = sums[duty.id].ksh
            values = {
                "attended_exam": duty.exam,
                **counted(own),
                "pay_so_far": "@term.pay.no_rate" if earned is None else f"@ksh:{earned}",
            }
            said.append((f"{prefix}{duty.id:012}", duty.account_id, numbers[duty.account_id], values))
    return said


def counted(days: Collection[Day]) -> dict[str, str]:
    """Days in numbers, as sentences say them."""
    sums = pay.counted(days, None)
    return {
        "days_present": str(sums.days_present),
        "days_absent": str(sums.days_absent),
        "days_unmarked": str(sums.unmarked),
    }
