"""The daily register by SMS: `ATT 482913 ALL`, `ATT 482913 AB 3 7`; without a code it only asks."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from operations import (
    attendance_codes,
    calendars,
    day_registers,
    duties,
    enrolments,
    marks,
    own_marks,
    register_lines,
    register_texts,
)
from operations.attendance_codes import Reading
from operations.day_registers import DayRegister
from operations.register_texts import Said
from sms_gateway.commands.calls import Command, SmsCall


def attend(call: SmsCall) -> None:
    """Mark the register of the day whose code was sent, from a phone that acts for the centre."""
    if not enrolments.centre_of(call.db, call.phone):
        return call.reply("sms.att_unenrolled") if call.words else mine(call)
    said = register_texts.read(call.words)
    if not said.code:
        return how(call) if said.asks else call.reply("sms.att_no_code")
    said_at = marks.heard(call.sent_at, call.now)
    day = duties.local(said_at)
    reading = attendance_codes.read(
        call.db, call.office, call.phone, said.code, day=day, by=call.by, now=call.now
    )
    ANSWERS[reading.name](call, reading, said)


def mine(call: SmsCall) -> None:
    """Somebody who marks for no centre asks whether they were marked."""
    words, values = own_marks.said(call.db, call.phone, now=call.now)
    call.reply(words, **values)


def how(call: SmsCall) -> None:
    """Say how today's register is marked: one SMS for each register that this phone may mark today."""
    today = duties.local(call.now)
    registers = [
        day_registers.of(call.db, centre_code, today, now=call.now, series_id=series.id)
        for centre_code in enrolments.centre_of(call.db, call.phone)
        for series in day_registers.series_on(call.db, centre_code, today)
        if calendars.examined(series, today)
    ]
    for register in registers:
        issue = attendance_codes.issues_of(call.db, register.series.id, register.centre_code).get(today, 1)
        seed = attendance_codes.seed(register.series.id, register.centre_code, today, issue)
        call.reply("sms.att_how", attendance_seed=seed, **standing(register))
    if not registers:
        call.reply("sms.att_no_exam")


def standing(register: DayRegister) -> dict[str, str]:
    """How a register stands, in numbers."""
    counts = {state: str(len(register.of_state(state))) for state in ("present", "absent", "unmarked")}
    return {
        "centre_code": register.centre_code,
        "register_day": f"@day:{register.day}",
        **{f"register_{state}": count for state, count in counts.items()},
    }


# -- what a code leads to -----------------------------------------------------------------------------


def right(call: SmsCall, reading: Reading, said: Said) -> None:
    """Mark, and answer with the absent by name, the totals and the receipt."""
    day = reading.day or duties.local(call.now)
    register = day_registers.of(call.db, reading.centre_code, day, now=call.now, series_id=reading.series_id)
    if said.asks:
        return call.reply("sms.att_what", **standing(register))
    receipt = day_registers.mark(
        call.db,
        reading.centre_code,
        day,
        said.marks(row.officer.roster_no for row in register.required),
        source=call.form,
        channel="sms",
        said_at=marks.heard(call.sent_at, call.now),
        by=call.by,
        now=call.now,
        series_id=reading.series_id,
    )
    call.reply(
        "sms.att_done",
        centre_code=reading.centre_code,
        register_day=f"@day:{day}",
        register_summary=register_lines.summary(receipt),
        register_receipt=receipt.number,
    )


def other_day(call: SmsCall, reading: Reading, said: Said) -> None:
    """The code of another day marks nothing, whichever day the text says it was sent."""
    day = reading.day or date.max
    state = day_registers.of(
        call.db, reading.centre_code, day, now=call.now, series_id=reading.series_id
    ).state
    words = "sms.att_closed_day" if state == "closed" else "sms.att_other_day"
    call.reply(words, register_day=f"@day:{day}")


def wrong(call: SmsCall, reading: Reading, said: Said) -> None:
    """Neither today's code nor any other of the centre."""
    call.reply("sms.att_wrong", centre_code=reading.centre_code, tries=str(reading.left))


def other_centre(call: SmsCall, reading: Reading, said: Said) -> None:
    """The code of a centre nearby."""
    call.reply("sms.att_other_centre", centre_code=reading.centre_code, tries=str(reading.left))


def stopped(call: SmsCall, reading: Reading, said: Said) -> None:
    """Too many wrong codes: by USSD only, until a code is issued anew."""
    call.reply("sms.att_stopped", centre_code=reading.centre_code)


def no_exam(call: SmsCall, reading: Reading, said: Said) -> None:
    """There is nothing to mark that day."""
    call.reply("sms.att_no_exam")


def unenrolled(call: SmsCall, reading: Reading, said: Said) -> None:
    """A phone that acts for no centre."""
    call.reply("sms.att_unenrolled")


ANSWERS: Final[Mapping[str, Callable[[SmsCall, Reading, Said], None]]] = {
    "right": right,
    "other_day": other_day,
    "wrong": wrong,
    "other_centre": other_centre,
    "stopped": stopped,
    "no_exam": no_exam,
    "unenrolled": unenrolled,
}
COMMANDS: Final[Mapping[str, Command]] = {"ATT": Command(attend)}
