"""Own marks: "was I marked?", asked by `ATT` from an officer's own phone."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from operations import absences, accounts, attendance, duties, pay, payrolls
from operations.duties import Duty
from operations.register_reading import REGISTERED


def said(db: Session, phone: str, *, now: datetime) -> tuple[str, dict[str, str]]:
    """The name of the answer's words and their values: today's mark and this week's days.

    Whoever has no post is told what the command is for.
    """
    account, today = accounts.by_phone(db, phone), duties.local(now)
    own = duties.mine(db, account.id) if account else []
    if not own:
        return "sms.att_unenrolled", {}
    duty = meant(own, today)
    values = {"attended_exam": duty.exam, "centre_code": duty.centre_code}
    if today < duty.first_day:
        return "sms.own_later", {**values, "attended_day": f"@day:{duty.first_day}"}
    if duty.position not in REGISTERED:
        return without_register(db, duty, now=now)
    days = attendance.of_many(db, [duty], now=now)[duty.id]
    current = next((day for day in days if day.day == today), None)
    if current is not None:
        monday = today - timedelta(days=today.weekday())
        week = [day for day in days if day.day >= monday]
        marked = {"attended_day": f"@day:{today}", "attended_mark": f"@term.own_mark.{current.state}"}
        return "sms.own_today", {**values, **marked, **absences.counted(week)}
    return "sms.own_days", {**values, **absences.counted(days)}


def without_register(db: Session, duty: Duty, *, now: datetime) -> tuple[str, dict[str, str]]:
    """The days reported of a post that no register has; once pay is closed, what was decided."""
    exam, line = {"attended_exam": duty.exam}, payrolls.decided(db, duty.id)
    if line is None:
        return "sms.pay_reported", {**exam, **pay.said(pay.so_far(db, duty.id, now))}
    return payrolls.worded(line), {**exam, **payrolls.said(line)}


def meant(own: Sequence[Duty], today: date) -> Duty:
    """The post that is asked about: one that serves today, else the latest begun, else the next."""
    going = [duty for duty in own if duty.first_day <= today <= duty.last_day]
    serving = [duty for duty in going if today in duty.working_days()]
    begun = [duty for duty in own if duty.first_day <= today]
    return (serving or going or begun or own[::-1])[0]
