"""Chasing: registers that are not marked and returns that are not handed in, told to those who can act.

Each chase goes out once for its moment: whichever clock comes first takes the moment, in the commit that
queues the messages. A clock that was down catches up as long as that is of use.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ARRAY, Text, any_, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.attendance import MarkEvent
from models.centres import CentrePhone, Director, RegisterDay
from models.deployments import Deployment
from models.messages import Message
from models.places import SubCounty
from models.records import Run
from models.series import Series
from operations import audits, calendars, duties, notices, returns
from operations.office import NAIROBI, Actor
from operations.register_reading import REGISTERED
from operations.register_states import CentreState, examining, states
from operations.returns import Missing

CLASS: Final = "chase"
CLOCK: Final = Actor("system", "command")
CODES_AT: Final = time(5, 30, tzinfo=NAIROBI)
NUDGED_AFTER: Final = timedelta(minutes=30)  # of the session
DIRECTORS_AT: Final = time(10, tzinfo=NAIROBI)
RETURNS_AT, RETURNS_UNTIL = time(9, tzinfo=NAIROBI), time(18, tzinfo=NAIROBI)
# A return is chased once a week, from a week after the last day on, so many times.
WEEK, MOST_WEEKS = timedelta(days=7), 4
REMINDERS: Final = {"never": "chase.return", "before": "chase.return_changed"}
LIST_ROOM, NAME_ROOM = 150, 24  # septets of a list in two segments, and of one name in it


def first_time(db: Session, name: str, moment: datetime) -> bool:
    """Whether nobody has taken this moment yet; it is taken now."""
    row = insert(Run).values(name=name, slot=moment).on_conflict_do_nothing()
    return db.execute(row.returning(Run.slot)).first() is not None


def last_session(series: Iterable[Series], day: date) -> datetime:
    """When the last session of this day ends."""
    return max(calendars.session(each, day)[1] for each in series)


# -- the morning's codes -------------------------------------------------------------------------------


def take_morning(db: Session, *, now: datetime) -> date | None:
    """The day whose attendance codes are to be sent now, once: from 05:30 until the day's papers are over."""
    today = duties.local(now)
    opens, series = datetime.combine(today, CODES_AT), examining(db, today)
    if not series or not opens <= now < last_session(series, today):
        return None
    return today if first_time(db, "codes of a day", opens) else None


# -- registers -----------------------------------------------------------------------------------------


def nudge(db: Session, *, now: datetime) -> int:
    """Remind the centres that marked nobody 30 minutes after the session began; answers how many messages."""
    today, sent = duties.local(now), 0
    for series in examining(db, today):
        begins, ends = calendars.session(series, today)
        due = begins + NUDGED_AFTER
        if due <= now < ends and first_time(db, f"nudges of series {series.id}", due):
            sent += nudge_series(db, series, today, now=now)
    return sent


def nudge_series(db: Session, series: Series, day: date, *, now: datetime) -> int:
    """Note and queue the nudges of one series: two statements, however many centres."""
    said = select(MarkEvent.id).where(MarkEvent.deployment_id == Deployment.id, MarkEvent.day == day).exists()
    enrolled = select(CentrePhone.centre_code).where(CentrePhone.removed_at.is_(None))
    unmarked = (
        select(literal(series.id), Deployment.centre_code, literal(day), literal(now))
        .where(
            *(Deployment.series_id == series.id, Deployment.state == "accepted"),
            *(Deployment.position.in_(REGISTERED), Deployment.centre_code.in_(enrolled)),
            *(Deployment.first_day <= day, Deployment.last_day >= day),
        )
        .group_by(Deployment.centre_code)
        .having(func.count().filter(said) == 0)
    )
    spot = ["series_id", "centre_code", "day"]
    row = insert(RegisterDay).from_select([*spot, "nudged_at"], unmarked)
    once = RegisterDay.nudged_at.is_(None)
    db.execute(row.on_conflict_do_update(index_elements=spot, set_={"nudged_at": now}, where=once))
    return queue_nudges(db, series, day, now=now)


def queue_nudges(db: Session, series: Series, day: date, *, now: datetime) -> int:
    """Queue what the centres that are nudged at this moment are told, for each of their phones."""
    rule = notices.CLASSES[CLASS]
    shared = {"lane": rule.lane, "class": CLASS, "words": "chase.nudge", "not_after": now + rule.life}
    told = func.jsonb_build_object("centre_code", RegisterDay.centre_code, "register_day", f"@day:{day}")
    spot = func.concat(f"nudge:{series.id}/", RegisterDay.centre_code, f"/{day}:", CentrePhone.phone)
    values: dict[str, Any] = {
        **{name: literal(value) for name, value in shared.items()},
        "natural_key": spot,
        "phone": CentrePhone.phone,
        "details": told,
    }
    nudged = (RegisterDay.series_id == series.id, RegisterDay.day == day, RegisterDay.nudged_at == now)
    mine = (CentrePhone.centre_code == RegisterDay.centre_code) & CentrePhone.removed_at.is_(None)
    phones = select(*values.values()).join_from(RegisterDay, CentrePhone, mine).where(*nudged)
    row = insert(Message).from_select(list(values), phones)
    done = db.scalars(row.on_conflict_do_nothing(index_elements=["natural_key"]).returning(Message.id)).all()
    db.info.setdefault("rings", set()).add(rule.lane)
    return len(done)


def list_unmarked(db: Session, *, now: datetime) -> int:
    """At 10:00 tell each director which centres marked nobody; answers how many are told.

    Where a sub-county has no director, the audit trail says that nobody was told.
    """
    today = duties.local(now)
    due, series = datetime.combine(today, DIRECTORS_AT), examining(db, today)
    if not series or not due <= now < last_session(series, today):
        return 0
    if not first_time(db, "lists of a day", due):
        return 0
    directors = acting(db)
    known: dict[int, list[CentreState]] = {}
    for state in states(db, db.scalars(select(SubCounty.id)).all(), today, now=now):
        known.setdefault(state.sub_county_id, []).append(state)
    for place in known.keys() - {each.sub_county_id for each in directors}:
        unheard(db, place, today, known[place])
    said = []
    for director in directors:
        here = known.get(director.sub_county_id, [])
        unmarked = [
            (state.centre_code, f"{state.lacking} {state.name}".strip()) for state in here if state.unmarked
        ]
        if unmarked:
            values = {
                "register_day": f"@day:{today}",
                "chased_count": str(len(unmarked)),
                "chased_all": str(len(here)),
                "chased_centres": listed(unmarked),
            }
            said.append((f"unmarked:{today}:{director.phone}", None, director.phone, values))
    return notices.queue_once(db, CLASS, "chase.unmarked", said, now=now)


def unheard(db: Session, sub_county_id: int, day: date, here: Sequence[CentreState]) -> None:
    """Write down that there was nobody to tell, where a centre of a sub-county marked nobody."""
    unmarked = sum(state.unmarked for state in here)
    if unmarked:
        facts = {"day": day.isoformat(), "unmarked": str(unmarked), "centres": str(len(here))}
        audits.record(db, "chase.no_director", f"sub_county:{sub_county_id}", by=CLOCK, **facts)


def acting(db: Session) -> Sequence[Director]:
    """Every director there is."""
    return db.scalars(select(Director).where(Director.removed_at.is_(None)).order_by(Director.id)).all()


def listed(centres: Sequence[tuple[str, str]]) -> str:
    """The first few centres by code and name: `20401001 Kasarani Girls, 20401002 Mwiki Boys +5`."""
    said = ""
    for n, (code, name) in enumerate(centres):
        one = f"{', ' if said else ''}{code} {name[:NAME_ROOM].strip()}"
        if len(said) + len(one) > LIST_ROOM:
            return f"{said} +{len(centres) - n}"
        said += one
    return said


# -- returns -------------------------------------------------------------------------------------------


def chase_returns(db: Session, *, now: datetime) -> int:
    """Once a week from a week after the last day: tell centres and directors what is still out.

    Answers how many messages.
    """
    today = duties.local(now)
    due = datetime.combine(today, RETURNS_AT)
    if not due <= now < datetime.combine(today, RETURNS_UNTIL):
        return 0
    weeks = chased(db, today)
    if not weeks or not first_time(db, "returns of a day", due):
        return 0
    everywhere = db.scalars(select(SubCounty.id)).all()
    out = [each for each in returns.missing(db, everywhere, now=now) if each.series_id in weeks]
    return chase_centres(db, out, weeks, now=now) + list_returns(db, out, weeks, now=now)


def chased(db: Session, today: date) -> dict[int, int]:
    """The ended series that are chased, and which week after their last day this is."""
    ended = db.scalars(select(Series).where(Series.closed_at.is_(None), Series.ends < today)).all()
    weeks = {each.id: (today - returns.last_day(each)) // WEEK for each in ended}
    return {number: week for number, week in weeks.items() if 1 <= week <= MOST_WEEKS}


def chase_centres(db: Session, out: Sequence[Missing], weeks: dict[int, int], *, now: datetime) -> int:
    """Remind each phone of the centres that have not handed their register in, or not as it stands now."""
    return sum(
        remind(db, words, [each for each in out if each.handed == handed], weeks, now=now)
        for handed, words in REMINDERS.items()
    )


def remind(db: Session, words: str, late: Sequence[Missing], weeks: dict[int, int], *, now: datetime) -> int:
    """Say these words to each phone of these centres."""
    phones: dict[str, list[str]] = {}
    codes = literal([each.centre_code for each in late], ARRAY(Text))
    mine = (CentrePhone.centre_code == any_(codes), CentrePhone.removed_at.is_(None))
    for code, phone in db.execute(select(CentrePhone.centre_code, CentrePhone.phone).where(*mine)):
        phones.setdefault(code, []).append(phone)
    said = [
        (
            f"return:{each.series_id}/{each.centre_code}/{weeks[each.series_id]}:{phone}",
            None,
            phone,
            {"centre_code": each.centre_code, "attended_exam": each.exam},
        )
        for each in late
        for phone in phones.get(each.centre_code, [])
    ]
    return notices.queue_once(db, CLASS, words, said, now=now)


def list_returns(db: Session, out: Sequence[Missing], weeks: dict[int, int], *, now: datetime) -> int:
    """Tell each director which registers of each series have not come back."""
    known: dict[tuple[int, int], list[Missing]] = {}
    for each in out:
        known.setdefault((each.sub_county_id, each.series_id), []).append(each)
    said = []
    for director in acting(db):
        for (place, number), here in known.items():
            if place == director.sub_county_id:
                key = f"returns:{number}/{weeks[number]}:{director.phone}"
                said.append((key, None, director.phone, summary(here)))
    return notices.queue_once(db, CLASS, "chase.returns", said, now=now)


def summary(here: Sequence[Missing]) -> dict[str, str]:
    """What one director is told of a series; those that have not submitted come first."""
    first = sorted(here, key=lambda each: (each.handed == "in", each.centre_code))
    return {
        "attended_exam": here[0].exam,
        "chased_count": str(len(here)),
        "chased_all": str(sum(each.handed != "in" for each in here)),
        "chased_centres": listed([(each.centre_code, each.centre) for each in first]),
    }
