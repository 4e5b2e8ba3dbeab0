"""The daily register by SMS: `ATT 482913 ALL`, `ATT 482913 AB 3 7`; without a code it only asks."""

from collections.abc import Callable, Mapping, Sequence
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
from operations.refusals import Refusal
from operations.register_texts import Said
from sms_gateway.commands.calls import Command, SmsCall

# How a refusal of the register reads in an SMS, where a screen says it in fewer words.
BY_SMS: Final[Mapping[str, str]] = {
    "register.unknown_number": "sms.att_unknown_number",
    "attendance.closed": "sms.att_shut",
}
# The words of a register text that are Kiswahili only.
KISWAHILI: Final = frozenset(
    (
        *("wote", "sote", "yupo", "wapo", "tupo", "hayupo", "hawapo", "hayuko", "hawako"),
        *("isipokuwa", "ila", "kasoro", "na", "namba", "nambari", "ni", "tafadhali"),
    )
)


def attend(call: SmsCall) -> None:
    """Mark the register of the day whose code was sent, from a phone that acts for the centre."""
    centres = enrolments.centre_of(call.db, call.phone)
    if not centres:
        return call.reply("sms.att_unenrolled") if call.words else mine(call)
    said = register_texts.read(call.words)
    if not said.code:
        return how(call, centres) if said.asks else call.reply("sms.att_no_code")
    said_at = marks.heard(call.sent_at, call.now)
    day = duties.local(said_at)
    reading = attendance_codes.read(
        call.db, call.office, centres, said.code, day=day, by=call.by, now=call.now
    )
    ANSWERS[reading.name](call, reading, said)


def mine(call: SmsCall) -> None:
    """Somebody who marks for no centre asks whether they were marked."""
    words, values = own_marks.said(call.db, call.phone, now=call.now)
    call.reply(words, **values)


def how(call: SmsCall, centres: Sequence[str]) -> None:
    """Say how today's register is marked: one SMS for each register that this phone may mark today."""
    today = duties.local(call.now)
    registers = [
        day_registers.in_series(call.db, series, centre_code, today, now=call.now)
        for centre_code in centres
        for series in day_registers.series_on(call.db, centre_code, today)
        if calendars.examined(series, today)
    ]
    for register in registers:
        sown = attendance_codes.current(call.db, register)
        if sown is None:
            call.reply("sms.att_stopped", centre_code=register.centre_code)
        else:
            call.reply("sms.att_how", attendance_seed=sown, **standing(register))
    if not registers:
        call.reply("sms.att_no_exam")


def standing(register: DayRegister) -> dict[str, str]:
    """How a register stands, in numbers."""
    counts = {state: str(len(register.of_state(state))) for state in ("present", "absent", "unmarked")}
    return {
        "centre_code": register.centre_code,
        "register_exam": register.exam,
        "register_day": f"@day:{register.day}",
        **{f"register_{state}": count for state, count in counts.items()},
    }


def register_of(call: SmsCall, reading: Reading) -> DayRegister:
    """The register whose code was sent; reading the code holds it, where it is today's."""
    if reading.series is None or reading.day is None:
        raise ValueError("the code is of no register")
    return day_registers.in_series(call.db, reading.series, reading.centre_code, reading.day, now=call.now)


def speaks(words: Sequence[str]) -> str | None:
    """The language of the words behind `ATT`, which both languages write: Kiswahili, where one is its own."""
    tokens = {token for word in words for token in register_texts.parted(word)}
    return None if tokens.isdisjoint(KISWAHILI) else "sw"


# -- what a code leads to -----------------------------------------------------------------------------


def right(call: SmsCall, reading: Reading, said: Said) -> None:
    """Mark, and answer with the absent by name, the totals and the receipt."""
    register = register_of(call, reading)
    if said.asks:
        return call.reply("sms.att_what", **standing(register))
    try:
        receipt = day_registers.mark(
            call.db,
            register,
            said.marks(row.officer.roster_no for row in register.required),
            source=call.form,
            channel="sms",
            said_at=marks.heard(call.sent_at, call.now),
            by=call.by,
            now=call.now,
        )
    except Refusal as refusal:
        raise Refusal(BY_SMS.get(refusal.code, refusal.code), **refusal.values) from refusal
    call.reply(
        "sms.att_done",
        centre_code=reading.centre_code,
        register_exam=register.exam,
        register_day=f"@day:{register.day}",
        register_summary=register_lines.summary(receipt),
        register_receipt=receipt.number,
    )


def other_day(call: SmsCall, reading: Reading, said: Said) -> None:
    """The code of another day marks nothing, whichever day the text says it was sent."""
    register = register_of(call, reading)
    words = "sms.att_closed_day" if register.state == "closed" else "sms.att_other_day"
    call.reply(words, register_day=f"@day:{register.day}")


def replaced(call: SmsCall, reading: Reading, said: Said) -> None:
    """The code that the day had before a newer one was asked for; it is no guess."""
    call.reply("sms.att_replaced", centre_code=reading.centre_code)


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


ANSWERS: Final[Mapping[str, Callable[[SmsCall, Reading, Said], None]]] = {
    "right": right,
    "replaced": replaced,
    "other_day": other_day,
    "wrong": wrong,
    "other_centre": other_centre,
    "stopped": stopped,
    "no_exam": no_exam,
}
COMMANDS: Final[Mapping[str, Command]] = {"ATT": Command(attend, speaks=speaks)}
