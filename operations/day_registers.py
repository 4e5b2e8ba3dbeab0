"""Day registers: what a centre says of a day is added to its register, and a director opens it again.

What holds follows from the events alone (`operations.marks`), so phones that agree, disagree, repeat or race
end the same whatever comes first; each side hears of a disagreement.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.centres import RegisterDay
from models.places import Centre
from operations import attendance, audits, centre_accounts, enrolments, late_words, marks, name_lists, notices
from operations.office import Actor
from operations.refusals import Refusal
from operations.register_reading import DayRegister, Row, again, in_series, of, open_days, series_on
from operations.register_states import CentreState, states
from operations.rosters import Officer
from telephony import references

__all__ = [
    "CentreState",
    "DayRegister",
    "Receipt",
    "Row",
    "hold",
    "in_series",
    "mark",
    "of",
    "open_days",
    "reopen",
    "series_on",
    "states",
    "take_turns",
]

# A register is decided and written by one at a time.
TAKE_TURNS: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:register, 22263))")
MOST_NAMED: Final = 58  # septets of names that a notice of one segment has room for
HEARD: Final = ("phone", "director")  # whose word has a phone behind it
STAYS_OPEN: Final = timedelta(hours=24)  # a day that was opened again


@dataclass(frozen=True)
class Receipt:
    """What holds of the day after a word was kept, and the number under which that was written down."""

    number: str
    register: DayRegister
    present: list[Officer]
    absent: list[Officer]
    unmarked: list[Officer]
    offered: list[Officer]  # who did not accept the post yet, and was not marked by name either
    conflicts: list[Row]


def take_turns(db: Session, centre_code: str, day: date) -> None:
    """Wait until nobody else decides about this register; whatever is read from here on stays so."""
    db.execute(TAKE_TURNS, {"register": f"{centre_code} {day}"})


def hold(
    db: Session, centre_code: str, day: date, *, now: datetime, series_id: int | None = None
) -> DayRegister:
    """The register of a centre's day, about which nobody else decides until this transaction ends."""
    take_turns(db, centre_code, day)
    return of(db, centre_code, day, now=now, series_id=series_id)


def mark(
    db: Session,
    register: DayRegister,
    said: Mapping[int, bool],
    *,
    source: str,
    channel: str,
    said_at: datetime,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    number: str | None = None,
) -> Receipt:
    """Keep what was said of these roster numbers, present or not; the same `source` again changes nothing.

    The register is one that this transaction holds. `said_at` is by the rule of the channel (`marks.heard`).
    Raises Refusal `register.no_exam`, `attendance.not_yet`, `attendance.closed` or `register.unknown_number`.
    """
    refuse_shut(register, said_at, by, reason)
    deployed = {row.officer.roster_no: row.officer.deployment_id for row in register.rows}
    refuse_unknown(register, said)
    word = {"day": register.day, "channel": channel, "actor": by.name, "said_at": said_at, "reason": reason}
    fresh = attendance.keep(
        db,
        [
            {"deployment_id": deployed[no], "present": present, "source": f"{source}:{no}", **word}
            for no, present in sorted(said.items())
        ],
    )
    after = again(db, register)
    receipt = receipt_of(after, number or references.make("RG"))
    if fresh:
        tell_others(db, after, news(register, after), source, by=by, now=now)
        late_words.flag(db, register, after, said_at=said_at, by=by, now=now)
        write_down(db, receipt, by=by, reason=reason)
    return receipt


def refuse_shut(register: DayRegister, said_at: datetime, by: Actor, reason: str | None) -> None:
    """Refuse a word about a day that has no register, or none any more."""
    if register.state == "no_exam":
        raise Refusal("register.no_exam", register_day=f"@day:{register.day}")
    if register.state == "not_yet":
        raise Refusal("attendance.not_yet")
    if said_at >= register.closes_at and not marks.overrules(by.name, reason):
        raise Refusal("attendance.closed")


def refuse_unknown(register: DayRegister, numbers: Iterable[int]) -> None:
    """Refuse roster numbers that nobody has on this day, by name."""
    unknown = sorted(set(numbers) - {row.officer.roster_no for row in register.rows})
    if unknown:
        raise Refusal("register.unknown_number", register_numbers=numbered(unknown))


def numbered(numbers: Iterable[int]) -> str:
    """Some roster numbers as they are said back; of many the first ones."""
    said = [str(number)[:12] for number in numbers]
    return ", ".join(said[:3]) + (" .." if len(said) > 3 else "")


def receipt_of(register: DayRegister, number: str) -> Receipt:
    """The receipt of a register as it stands."""
    return Receipt(
        number,
        register,
        present=register.of_state("present"),
        absent=register.of_state("absent"),
        unmarked=register.of_state("unmarked"),
        offered=[row.officer for row in register.rows if not row.required and row.mark.word is None],
        conflicts=register.conflicts,
    )


def write_down(db: Session, receipt: Receipt, *, by: Actor, reason: str | None) -> None:
    """Keep the receipt in the audit trail, where an enquiry finds it."""
    sums = {
        "present": str(len(receipt.present)),
        "absent": str(len(receipt.absent)),
        "unmarked": str(len(receipt.unmarked)),
    }
    subject = f"register:{receipt.register.centre_code}:{receipt.register.day}"
    why = {"reason": reason} if reason else {}
    whose = enrolments.person(db, by)
    audits.record(db, "register.mark", subject, by=by, receipt=receipt.number, **sums, **why, **whose)


def news(before: DayRegister, after: DayRegister) -> list[Row]:
    """The lines about which phones differ, and did not before or not with what holds now."""
    known = {row.officer.roster_no: row.mark.present for row in before.conflicts}
    return [row for row in after.conflicts if known.get(row.officer.roster_no) != row.mark.present]


def tell_others(
    db: Session, register: DayRegister, rows: Iterable[Row], source: str, *, by: Actor, now: datetime
) -> None:
    """Tell the other phones that said otherwise, a director's among them; who acts reads it in the answer."""
    about: dict[str, list[Row]] = {}
    for row in rows:
        others = [actor.partition(":") for actor in row.mark.actors if actor != by.name]
        for phone in {phone for role, _, phone in others if role in HEARD}:
            about.setdefault(phone, []).append(row)
    for phone, differing in about.items():
        facts: dict[str, Any] = {"centre_code": register.centre_code, "register_day": f"@day:{register.day}"}
        facts |= {
            "key": f"conflict:{source}:{phone}",
            "register_names": name_lists.marked(differing, MOST_NAMED),
        }
        notices.queue(db, "register", "register.conflict", phone, now=now, **facts)


# -- opening again ------------------------------------------------------------------------------------


def reopen(
    db: Session,
    centre_code: str,
    day: date,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    series_id: int | None = None,
) -> DayRegister:
    """Open a closed day for 24 hours, with a reason; the centre's phones are told.

    Raises Refusal `register.no_reason`, `director.not_yours`, `register.no_series`, `register.no_exam`,
    `attendance.not_yet` or `register.still_open`.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise Refusal("register.no_reason")
    require_director(db, centre_code, by)
    register = hold(db, centre_code, day, now=now, series_id=series_id)
    if register.state != "closed":
        raise Refusal(WHY_NOT[register.state], register_day=f"@day:{day}")
    spot = {"series_id": register.series.id, "centre_code": centre_code, "day": day}
    until = now + STAYS_OPEN
    opened = {"reopened_until": until, "reopened_by": by.name, "reopened_for": reason}
    row = insert(RegisterDay).values(**spot, **opened)
    db.execute(row.on_conflict_do_update(index_elements=list(spot), set_=opened))
    subject = f"register:{centre_code}:{day}"
    audits.record(db, "register.reopen", subject, by=by, reason=reason)
    facts: dict[str, Any] = {"centre_code": centre_code, "register_day": f"@day:{day}"}
    facts["register_until"] = f"@moment:{until.isoformat()}"
    for phone in enrolments.enrolled(db, centre_code):
        key = f"register reopened:{centre_code}/{day}/{until.isoformat()}:{phone}"  # once for all exams there
        notices.queue(db, "register", "register.reopened", phone, now=now, key=key, **facts)
    return in_series(db, register.series, centre_code, day, now=now)


WHY_NOT: Final[Mapping[str, str]] = {
    "no_exam": "register.no_exam",
    "not_yet": "attendance.not_yet",
    "open": "register.still_open",
    "reopened": "register.still_open",
}


def require_director(db: Session, centre_code: str, by: Actor) -> None:
    """Refuse anybody but the director of the centre's sub-county and the council's staff."""
    centre = db.get(Centre, centre_code)
    if centre is None:
        raise Refusal("centre.unknown", centre_code=centre_code)
    centre_accounts.require_charge(db, centre, by=by)
