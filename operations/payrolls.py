"""Payrolls: the pay schedule of a series, prepared by one and closed by another.

The council pays by it; this system moves no money.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, delete, func, insert, literal, select, text
from sqlalchemy.orm import Session

from models.deployments import Deployment
from models.payrolls import PayLine, PaySchedule
from models.series import Series
from operations import audits, bulk, calendars, payroll_lines
from operations.office import Actor
from operations.payroll_lines import COLUMNS, Line
from operations.refusals import Refusal
from telephony.shortening import few

# Whoever prepares, closes or discards the schedules of one series takes turns.
TAKE_TURNS: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('pay:' || :series, 22264))")
Told = Callable[[int], None]
LEAST_SEEN: Final = 8  # signs of a digest that nobody hits by chance
MOST_NAMED: Final = 5  # lines that came to something else


@dataclass(frozen=True)
class Summary:
    """What a schedule comes to: lines and shillings to pay, and the lines refused, by reason."""

    paid: int
    ksh: int
    refused: Mapping[str, int]


def prepare(
    db: Session, series_id: int, *, by: Actor, now: datetime, told: Told = lambda count: None
) -> PaySchedule:
    """Compute every line of a series into a new draft, which takes the place of an older one.

    `told` hears how many lines there are so far. Raises Refusal `pay.staff_only`, `pay.no_series`,
    `pay.not_over` or `pay.closed`.
    """
    series = to_change(db, series_id, by)
    if now < calendars.closes(series, series.ends):
        raise Refusal("pay.not_over", pay_from=f"@moment:{calendars.closes(series, series.ends).isoformat()}")
    if closed(db, series_id) is not None:
        raise Refusal("pay.closed")
    for old in db.scalars(drafts(series_id)).all():
        drop(db, old, by=by)
    schedule = PaySchedule(series_id=series_id, digest="", prepared_by=by.name, prepared_at=now)
    db.add(schedule)
    db.flush()
    schedule.digest = payroll_lines.digest(series, kept(db, schedule.id, series, now=now, told=told))
    db.flush()
    audits.record(db, "pay.prepare", f"pay_schedule:{schedule.id}", by=by, digest=schedule.digest)
    return schedule


def kept(db: Session, schedule_id: int, series: Series, *, now: datetime, told: Told) -> Iterator[Line]:
    """Every line, as it is computed and written down."""
    count = 0
    for chunk in payroll_lines.compute(db, series, now=now):
        write(db, schedule_id, chunk)
        count += len(chunk)
        told(count)
        yield from chunk


def write(db: Session, schedule_id: int, chunk: Sequence[Line]) -> None:
    """Write these lines down in one statement."""
    given = bulk.rows_of(PayLine, COLUMNS, [vars(each) for each in chunk])
    whole = select(literal(schedule_id), *given.c)
    db.execute(insert(PayLine).from_select(["schedule_id", *COLUMNS], whole))


def close(
    db: Session,
    schedule_id: int,
    *,
    seen: str,
    by: Actor,
    now: datetime,
    told: Told = lambda count: None,
) -> PaySchedule:
    """Close a draft that somebody else prepared; closing it again changes nothing.

    `seen` is how the digest begins that this other one read beside the lines or in the export. Everything is
    computed once more. Raises Refusal `pay.staff_only`, `pay.unknown`, `pay.discarded`, `pay.four_eyes`,
    `pay.closed`, `pay.other_digest`, `pay.broken`, or `pay.changed` where it comes to something else by now.
    """
    schedule = held(db, schedule_id, by)
    if schedule.state == "closed":
        return schedule
    if schedule.state == "discarded":
        raise Refusal("pay.discarded")
    if folded(by.name) == folded(schedule.prepared_by):
        raise Refusal("pay.four_eyes")
    series = db.get_one(Series, schedule.series_id)
    if closed(db, series.id) is not None:
        raise Refusal("pay.closed")
    if not saw(seen, schedule.digest):
        raise Refusal("pay.other_digest")
    if payroll_lines.digest(series, payroll_lines.stored(db, schedule.id)) != schedule.digest:
        raise Refusal("pay.broken")
    if differing := changed(db, schedule.id, series, now=now, told=told):
        raise Refusal("pay.changed", pay_changed=named(differing))
    schedule.state, schedule.closed_by, schedule.closed_at = "closed", by.name, now
    db.flush()
    audits.record(db, "pay.close", f"pay_schedule:{schedule.id}", by=by, digest=schedule.digest)
    return schedule


def changed(db: Session, schedule_id: int, series: Series, *, now: datetime, told: Told) -> list[str | None]:
    """The deployments whose line comes to something else by now, comes in anew or is gone, in their order."""
    count, after, found = 0, 0, list[str | None]()
    for chunk in payroll_lines.compute(db, series, now=now):
        last = chunk[-1].deployment_id
        found += differences(payroll_lines.between(db, schedule_id, after, last), chunk)
        count, after = count + len(chunk), last
        told(count)
    return found + differences(payroll_lines.between(db, schedule_id, after, None), [])


def differences(kept: Iterable[Line], computed: Iterable[Line]) -> list[str | None]:
    """The deployments whose lines are not the same in both."""
    odd = {line.deployment_id: line.reference for line in {*kept} ^ {*computed}}
    return [odd[number] for number in sorted(odd)]


def named(references: Sequence[str | None]) -> str:
    """The first of these references, and how many more there are."""
    return few([each or "-" for each in references], MOST_NAMED)


def discard(db: Session, schedule_id: int, *, by: Actor, now: datetime) -> PaySchedule:
    """Discard a draft with its lines; twice changes nothing. A closed one stays.

    Raises Refusal `pay.staff_only`, `pay.unknown` or `pay.closed`.
    """
    schedule = held(db, schedule_id, by)
    if schedule.state == "closed":
        raise Refusal("pay.closed")
    if schedule.state == "draft":
        drop(db, schedule, by=by)
    return schedule


def drop(db: Session, schedule: PaySchedule, *, by: Actor) -> None:
    """A draft becomes discarded: its digest is kept, its lines are not."""
    schedule.state = "discarded"
    db.execute(delete(PayLine).where(PayLine.schedule_id == schedule.id))
    db.flush()
    audits.record(db, "pay.discard", f"pay_schedule:{schedule.id}", by=by, digest=schedule.digest)


def to_change(db: Session, series_id: int, by: Actor) -> Series:
    """The series whose schedules are changed, while everybody else waits."""
    if by.phone is not None:
        raise Refusal("pay.staff_only")
    db.execute(TAKE_TURNS, {"series": str(series_id)})
    series = db.get(Series, series_id)
    if series is None:
        raise Refusal("pay.no_series")
    return series


def held(db: Session, schedule_id: int, by: Actor) -> PaySchedule:
    """This schedule, as nobody else changes it."""
    schedule = db.get(PaySchedule, schedule_id)
    if schedule is None:
        raise Refusal("pay.unknown")
    to_change(db, schedule.series_id, by)
    db.refresh(schedule, with_for_update=True)
    return schedule


def saw(typed: str, digest: str) -> bool:
    """Whether this is how the digest begins, in enough signs; blanks and capitals do not matter."""
    plain = "".join(typed.split()).lower()
    return len(plain) >= LEAST_SEEN and digest.startswith(plain)


def folded(name: str) -> str:
    """Whose name an actor's is, `staff:Achieng`, as two spellings of it are compared.

    Blanks, capitals, wide letters and signs that nobody sees make nobody another person.
    """
    whole = unicodedata.normalize("NFKC", name.partition(":")[2] or name)
    seen = "".join(letter for letter in whole if letter.isprintable() or letter.isspace())
    return " ".join(seen.casefold().split())


# -- reading -------------------------------------------------------------------------------------------


def drafts(series_id: int) -> Select[PaySchedule]:
    """The query for the drafts of a series."""
    return select(PaySchedule).where(PaySchedule.series_id == series_id, PaySchedule.state == "draft")


def closed(db: Session, series_id: int) -> PaySchedule | None:
    """The closed schedule of a series; there is one at most, and it is never changed."""
    mine = (PaySchedule.series_id == series_id, PaySchedule.state == "closed")
    return db.scalars(select(PaySchedule).where(*mine)).first()


def latest(db: Session, series_id: int) -> PaySchedule | None:
    """The schedule of a series that counts: the closed one, else the draft."""
    return closed(db, series_id) or db.scalars(drafts(series_id)).first()


def summary(db: Session, schedule_id: int) -> Summary:
    """What this schedule comes to, in one query."""
    sums = select(PayLine.refused, func.count(), func.coalesce(func.sum(PayLine.ksh), 0))
    rows = db.execute(sums.where(PayLine.schedule_id == schedule_id).group_by(PayLine.refused)).all()
    refused = {reason: count for reason, count, _ in rows if reason is not None}
    paid = next(((count, int(ksh or 0)) for reason, count, ksh in rows if reason is None), (0, 0))
    return Summary(*paid, dict(sorted(refused.items())))


def lines(
    db: Session, schedule_id: int, *, refused: str | None = None, most: int
) -> list[tuple[PayLine, str]]:
    """The first lines of a schedule, or of those refused for this reason, with their deployments' numbers."""
    row = select(PayLine, Deployment.reference).join(Deployment, Deployment.id == PayLine.deployment_id)
    which = [PayLine.schedule_id == schedule_id, *([PayLine.refused == refused] if refused else [])]
    found = db.execute(row.where(*which).order_by(PayLine.deployment_id).limit(most))
    return [(line, reference) for line, reference in found]


def decided(db: Session, deployment_id: int) -> PayLine | None:
    """The line of one post in the closed schedule of its series; None before that, or where it has none."""
    row = select(PayLine).join(PaySchedule, PaySchedule.id == PayLine.schedule_id)
    mine = (PayLine.deployment_id == deployment_id, PaySchedule.state == "closed")
    return db.scalars(row.where(*mine)).first()


def worded(line: PayLine) -> str:
    """The name of the SMS that says what was decided of one post."""
    return "sms.statement" if line.refused is None else "sms.statement_refused"


def said(line: PayLine) -> dict[str, str]:
    """What was decided of one post, as screens and messages say it."""
    found = {"reference": line.reference or "-", "pay_days": str(line.days)}
    if line.refused is not None:
        return {**found, "pay_reason": f"@term.pay_refused.{line.refused}"}
    return {**found, "pay_rate": f"@ksh:{line.ksh_per_day}", "pay_so_far": f"@ksh:{line.ksh}"}


def statement(db: Session, account_id: int) -> list[tuple[PayLine, Deployment, Series]]:
    """A person's lines of the latest closed schedule that has any of theirs, one for each of their posts."""
    row = (
        select(PayLine, Deployment, Series)
        .join(PaySchedule, PaySchedule.id == PayLine.schedule_id)
        .join(Deployment, Deployment.id == PayLine.deployment_id)
        .join(Series, Series.id == PaySchedule.series_id)
        .where(PaySchedule.state == "closed", Deployment.account_id == account_id)
        .order_by(PaySchedule.closed_at.desc(), PayLine.schedule_id.desc(), Deployment.id)
    )
    found = [(line, post, series) for line, post, series in db.execute(row)]
    return [each for each in found if each[0].schedule_id == found[0][0].schedule_id]
