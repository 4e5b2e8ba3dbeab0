"""Attendance codes: the six digits that let an SMS mark one centre's register of one day.

They are derived from the series, the centre, the day and the number of the issue, so nothing is stored and a
lost one is issued anew; the last is a check digit. Five wrong ones stop marking by SMS there for the day.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import String, cast, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.centres import CentrePhone, RegisterDay
from models.deployments import DEPLOYED, Deployment
from models.messages import Message
from models.places import Centre
from models.series import Series
from operations import audits, calendars, centre_accounts, day_registers, duties, enrolments, notices, rosters
from operations import office as offices
from operations.office import Actor, Office
from operations.refusals import Refusal
from operations.register_reading import REGISTERED, DayRegister
from operations.register_states import examining
from telephony import references

MOST_WRONG: Final = 5
SPOT: Final = ("series_id", "centre_code", "day")
WORDS: Final = "register.code"


@dataclass(frozen=True)
class Reading:
    """What a code is to the phone that sent it.

    `right`, `replaced`, `wrong`, `stopped`, `other_day`, `other_centre` or `no_exam`.
    """

    name: str
    centre_code: str = ""
    series: Series | None = None
    day: date | None = None  # whose the code is
    left: int = 0  # tries


# -- making -------------------------------------------------------------------------------------------


def code(office: Office, series_id: int, centre_code: str, day: date, issue: int = 1) -> str:
    """The six digits of a centre's day."""
    root = office.digits(5, "attendance code", series_id, centre_code, day, issue)
    return root + references.check_digit(root)


def seed(series_id: int, centre_code: str, day: date, issue: int = 1) -> str:
    """What travels in a message in place of the code."""
    return f"{series_id}/{centre_code}/{day}/{issue}"


def from_seed(office: Office, sown: str) -> str:
    """The code that a message is about."""
    series, centre_code, day, issue = sown.split("/")
    return code(office, int(series), centre_code, date.fromisoformat(day), int(issue))


def season(
    db: Session, office: Office, centre_code: str, series: Series | None = None
) -> Iterator[tuple[date, str]]:
    """Every day of a series, the centre's own where none is named, with its code: to be printed."""
    series = series or rosters.season(db, centre_code, now=offices.now(db))
    if series is None:
        raise Refusal("register.no_series")
    issues = issues_of(db, series.id, centre_code)
    for day in calendars.exam_days(series):
        yield day, code(office, series.id, centre_code, day, issues.get(day, 1))


def issues_of(db: Session, series_id: int, centre_code: str) -> Mapping[date, int]:
    """The number of the issue of each day of which something is known."""
    here = (RegisterDay.series_id == series_id, RegisterDay.centre_code == centre_code)
    rows = db.execute(select(RegisterDay.day, RegisterDay.issue).where(*here))
    return {row.day: row.issue for row in rows}


def current(db: Session, register: DayRegister) -> str | None:
    """The seed of a register's code as it is now; None where wrong codes have stopped marking by SMS."""
    series, centre_code, day = register.series.id, register.centre_code, register.day
    known = db.get(RegisterDay, (series, centre_code, day), populate_existing=True)
    if known is not None and known.stopped_at is not None:
        return None
    return seed(series, centre_code, day, known.issue if known else 1)


# -- sending ------------------------------------------------------------------------------------------


def send(db: Session, office: Office, day: date, *, now: datetime) -> int:
    """Send the day's codes to every enrolled phone, in as many statements for one centre as for all.

    Again it sends only what was not sent: to phones enrolled since. Answers how many were queued.
    """
    sent = 0
    for series in examining(db, day):
        manned = select(Deployment.centre_code).where(
            *(Deployment.series_id == series.id, Deployment.state.in_(DEPLOYED)),
            *(Deployment.position.in_(REGISTERED), Deployment.first_day <= day, Deployment.last_day >= day),
        )
        enrolled = select(CentrePhone.centre_code).where(CentrePhone.removed_at.is_(None))
        centres = select(Centre.code).where(Centre.code.in_(manned), Centre.code.in_(enrolled))
        known = select(literal(series.id), Centre.code, literal(day), literal(now)).where(
            Centre.code.in_(centres)
        )
        row = insert(RegisterDay).from_select([*SPOT, "code_sent_at"], known)
        first = {"code_sent_at": func.coalesce(RegisterDay.code_sent_at, now)}
        db.execute(row.on_conflict_do_update(index_elements=SPOT, set_=first))
        sent += queue(db, series, day, now=now)
    return sent


def queue(db: Session, series: Series, day: date, *, now: datetime, centre_code: str | None = None) -> int:
    """Queue the code of each centre with a row of this day for each of its phones, once an issue."""
    rule = notices.CLASSES["register"]
    sown = func.concat(f"{series.id}/", RegisterDay.centre_code, f"/{day}/", cast(RegisterDay.issue, String))
    details = func.jsonb_build_object(
        *("attendance_seed", sown, "centre_code", RegisterDay.centre_code),
        *("register_day", f"@day:{day}", "register_exam", f"{series.exam} {series.year}"),
    )
    shared = {"lane": rule.lane, "class": "register", "words": WORDS, "not_after": now + rule.life}
    values: dict[str, Any] = {
        **{name: literal(value) for name, value in shared.items()},
        "natural_key": func.concat("attendance code:", sown, ":", CentrePhone.phone),
        "phone": CentrePhone.phone,
        "details": details,
    }
    here = [RegisterDay.series_id == series.id, RegisterDay.day == day, RegisterDay.stopped_at.is_(None)]
    if centre_code is not None:
        here.append(RegisterDay.centre_code == centre_code)
    phones = (
        select(*values.values())
        .join_from(RegisterDay, CentrePhone, CentrePhone.centre_code == RegisterDay.centre_code)
        .where(CentrePhone.removed_at.is_(None), *here)
    )
    row = insert(Message.metadata.tables["message"]).from_select(list(values), phones)
    row = row.on_conflict_do_nothing(index_elements=["natural_key"])
    done = db.execute(row.execution_options(preserve_rowcount=True))
    db.info.setdefault("rings", set()).add(rule.lane)
    return int(getattr(done, "rowcount", 0))


def renew(db: Session, register: DayRegister, *, by: Actor, now: datetime) -> None:
    """Issue the code of a register that is held anew and send it; the one before it no longer works.

    Tries begin again. Raises Refusal `register.no_exam` or `attendance.closed`.
    """
    centre_code, day = register.centre_code, register.day
    if register.state == "no_exam":
        raise Refusal("register.no_exam", register_day=f"@day:{day}")
    if register.state == "closed":
        raise Refusal("attendance.closed")
    spot = {"series_id": register.series.id, "centre_code": centre_code, "day": day}
    anew = {"issue": RegisterDay.issue + 1, "wrong": 0, "stopped_at": None, "code_sent_at": now}
    row = insert(RegisterDay).values(**spot, issue=2, code_sent_at=now)
    db.execute(row.on_conflict_do_update(index_elements=SPOT, set_=anew))
    queue(db, register.series, day, now=now, centre_code=centre_code)
    whose = enrolments.person(db, by)
    audits.record(db, "register.renew_code", f"register:{centre_code}:{day}", by=by, **whose)


# -- reading ------------------------------------------------------------------------------------------


def read(
    db: Session, office: Office, centres: Sequence[str], typed: str, *, day: date, by: Actor, now: datetime
) -> Reading:
    """What this code is to a phone of these centres on this day; wrong ones are counted. No guess raises.

    Their registers of the day are held from here on.
    """
    for centre_code in centres:
        day_registers.take_turns(db, centre_code, day)
    spots = [(series, each) for each in centres for series in day_registers.series_on(db, each, day)]
    today = [(series, each) for series, each in spots if calendars.examined(series, day)]
    for series, each in today:
        known = db.get(RegisterDay, (series.id, each, day), populate_existing=True)
        if right(office, typed, series.id, each, day, known.issue if known else 1):
            return Reading("stopped" if known and known.stopped_at else "right", each, series, day)
        if known and any(right(office, typed, series.id, each, day, n) for n in range(1, known.issue)):
            return Reading("replaced", each, series, day)
    other = elsewhen(db, office, typed, spots)
    if other is None:
        return missed(db, office, typed, today, day, by=by, now=now)
    # A code that was right on its own day: perhaps yesterday's SMS once more.
    subject = f"register:{other.centre_code}:{day}"
    whose = enrolments.person(db, by)
    audits.record(db, "register.other_day_code", subject, by=by, code_of=str(other.day), **whose)
    return other


def right(office: Office, typed: str, series_id: int, centre_code: str, day: date, issue: int) -> bool:
    """Whether these are the digits of that day."""
    return hmac.compare_digest(code(office, series_id, centre_code, day, issue).encode(), typed.encode())


def elsewhen(db: Session, office: Office, typed: str, spots: list[tuple[Series, str]]) -> Reading | None:
    """The other day of the same centre whose code this is."""
    for series, centre_code in spots:
        issues = issues_of(db, series.id, centre_code)
        for day in calendars.exam_days(series):
            if right(office, typed, series.id, centre_code, day, issues.get(day, 1)):
                return Reading("other_day", centre_code, series, day)
    return None


def missed(
    db: Session,
    office: Office,
    typed: str,
    today: list[tuple[Series, str]],
    day: date,
    *,
    by: Actor,
    now: datetime,
) -> Reading:
    """Count a wrong code against each centre that the phone acts for; the fifth stops marking by SMS."""
    if not today:
        return Reading("no_exam")
    left = [count(db, series.id, each, day, by=by, now=now) for series, each in today]
    here = today[0][1]
    if max(left) == 0:
        return Reading("stopped", here)
    name = "other_centre" if neighbours(db, office, typed, today, day) else "wrong"
    return Reading(name, here, left=max(left))


def count(db: Session, series_id: int, centre_code: str, day: date, *, by: Actor, now: datetime) -> int:
    """One more wrong code: how many are left."""
    spot = {"series_id": series_id, "centre_code": centre_code, "day": day}
    row = insert(RegisterDay).values(**spot, wrong=1)
    more = {"wrong": RegisterDay.wrong + 1}
    wrong = db.scalars(
        row.on_conflict_do_update(index_elements=SPOT, set_=more).returning(RegisterDay.wrong)
    ).one()
    if wrong == MOST_WRONG:
        stop(db, series_id, centre_code, day, by=by, now=now)
    return max(MOST_WRONG - wrong, 0)


def stop(db: Session, series_id: int, centre_code: str, day: date, *, by: Actor, now: datetime) -> None:
    """No more marking by SMS there that day; the centre's other phones and the director are told once.

    Whoever sent the last code reads it in the answer.
    """
    known = db.get_one(RegisterDay, (series_id, centre_code, day), populate_existing=True)
    known.stopped_at = now
    audits.record(
        db, "register.stop_sms", f"register:{centre_code}:{day}", by=by, **enrolments.person(db, by)
    )
    centre = db.get_one(Centre, centre_code)
    directors = [each.phone for each in centre_accounts.directors_of(db, centre.sub_county_id)]
    facts: dict[str, Any] = {"centre_code": centre_code, "register_day": f"@day:{day}"}
    for phone in {*enrolments.enrolled(db, centre_code), *directors} - {by.phone}:
        key = f"register stopped:{centre_code}/{day}/{known.issue}:{phone}"  # once for all exams there
        notices.queue(db, "register", "register.stopped", phone, now=now, key=key, **facts)


def neighbours(db: Session, office: Office, typed: str, today: list[tuple[Series, str]], day: date) -> bool:
    """Whether this is the day's code of another centre of the sub-county: codes are mixed up."""
    own = [centre_code for _, centre_code in today]
    places = select(Centre.sub_county_id).where(Centre.code.in_(own))
    rows = (
        select(Deployment.series_id, Centre.code, func.coalesce(RegisterDay.issue, 1))
        .distinct()
        .join_from(Centre, Deployment, Deployment.centre_code == Centre.code)
        .outerjoin(
            RegisterDay,
            (RegisterDay.series_id == Deployment.series_id)
            & (RegisterDay.centre_code == Centre.code)
            & (RegisterDay.day == day),
        )
        .where(
            Centre.sub_county_id.in_(places),
            Centre.code.not_in(own),
            duties.among(Deployment.series_id, {series.id for series, _ in today}),
        )
    )
    return any(
        right(office, typed, series_id, centre_code, day, issue)
        for series_id, centre_code, issue in db.execute(rows)
    )
