"""Late words: an SMS that came long after its date and changed what was known of a day is pointed out.

It counts by its date, as the rule of the register has it, and may be yesterday's SMS sent once more with an
edited date: only people can tell. So the centre's phones and the director are asked to look.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from models.places import Centre
from operations import audits, centre_accounts, enrolments, name_lists, notices
from operations.office import Actor
from operations.register_reading import DayRegister, Row

LATE: Final = timedelta(hours=1)
MOST_NAMED: Final = 40  # septets of names that the notice has room for


def flag(
    db: Session, before: DayRegister, after: DayRegister, *, said_at: datetime, by: Actor, now: datetime
) -> None:
    """Write a late word down that changed a mark; people are told once a register and day."""
    rows = changed(before, after) if now - said_at > LATE else []
    if not rows:
        return
    centre_code, day = after.centre_code, after.day
    subject, whose = f"register:{centre_code}:{day}", enrolments.person(db, by)
    numbers = " ".join(str(row.officer.roster_no) for row in rows)
    word = {"said_at": said_at.isoformat(), "numbers": numbers, **whose}
    audits.record(db, "register.late_word", subject, by=by, **word)
    facts: dict[str, Any] = {
        "centre_code": centre_code,
        "register_day": f"@day:{day}",
        "late_moment": f"@moment:{said_at.isoformat()}",
        "late_names": name_lists.marked(rows, MOST_NAMED),
    }
    directors = centre_accounts.directors_of(db, db.get_one(Centre, centre_code).sub_county_id)
    for phone in {*enrolments.enrolled(db, centre_code), *(each.phone for each in directors)}:
        key = f"late word:{after.series.id}/{centre_code}/{day}:{phone}"
        notices.queue(db, "register", "register.late_word", phone, now=now, key=key, **facts)


def changed(before: DayRegister, after: DayRegister) -> list[Row]:
    """The lines that held something else before."""
    held = {row.officer.roster_no: row.mark.present for row in before.rows if row.mark.present is not None}
    return [
        row for row in after.rows if held.get(row.officer.roster_no, row.mark.present) != row.mark.present
    ]
