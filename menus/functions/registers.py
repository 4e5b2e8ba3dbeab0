"""The daily register on the phone: all present or who is absent, read back, confirmed, with a receipt."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from menus import speech
from menus.functions.messages import clipped
from menus.vocabulary import Call, Choice, Result
from operations import attendance_codes, day_registers, duties, register_lines, rosters
from operations.day_registers import DayRegister
from operations.office import now
from operations.refusals import Refusal
from operations.register_reading import Row
from telephony import references

LABEL: Final = 26  # septets of a name in the list of officers
MOST_OFFICERS: Final = 60
STATES: Final = ("present", "absent", "unmarked")
MOST_DAYS: Final = 10
MOST_SERIES: Final = 4


def centre(call: Call) -> str:
    """The centre whose account this is."""
    return rosters.centre_of_account(call.db, call.account).code


def series(call: Call, query: str) -> list[Choice]:
    """The series in which this centre has a day to mark: most often one."""
    here, moment = centre(call), now(call.db)
    today = duties.local(moment)
    return [
        Choice(str(each.id), f"{each.exam} {each.year}")
        for each in rosters.manned(call.db, here)
        if day_registers.open_days(call.db, here, now=moment, series_id=each.id)
        or (each.rehearsal or each.starts) <= today <= each.ends
    ][:MOST_SERIES]


def today(call: Call) -> Result:
    """Turn to today's register."""
    return Result("found", facts={"register_on": duties.local(now(call.db)).isoformat()})


def look(call: Call) -> Result:
    """How the day stands that is turned to: not_yet, open, closed, reopened or no_exam; or there is none."""
    try:
        return Result(register_of(call).state)
    except Refusal:
        return Result("none")


def register_of(call: Call) -> DayRegister:
    """The register of the day that is turned to."""
    day, number = date.fromisoformat(call.facts["register_on"]), int(call.facts["register_series"])
    return day_registers.of(call.db, centre(call), day, now=now(call.db), series_id=number)


def standing(call: Call) -> Mapping[str, str]:
    """The day, and what holds so far."""
    register = register_of(call)
    return {
        "register_day": f"@day:{register.day}",
        "register_so_far": so_far(call, register),
    }


def so_far(call: Call, register: DayRegister) -> str:
    """What holds in numbers, and about whom phones differ."""
    present, absent, unmarked = (len(register.of_state(state)) for state in STATES)
    if not present and not absent:
        return f"{unmarked} {speech.term(call, 'register.none_marked')}"
    said = f"P {present}, Ab {absent}"
    if unmarked:
        said += f", {speech.term(call, 'register.unmarked')} {unmarked}"
    if register.conflicts:
        numbers = [row.officer.roster_no for row in register.conflicts]
        said += f". {speech.term(call, 'register.differ')} {day_registers.numbered(numbers)}"
    return said


def numbers(typed: str, call: Call) -> str:
    """Roster numbers, however they are parted; one that nobody has is refused by name."""
    found = sorted({int(number) for number in re.findall("[0-9]+", typed)} - {0})
    if not found or re.search("[A-Za-z]", typed):
        raise Refusal("register.no_numbers")
    day_registers.refuse_unknown(register_of(call), found)
    return " ".join(map(str, found))


def number(typed: str, call: Call) -> str:
    """One roster number that somebody has."""
    found = numbers(typed, call)
    if " " in found:
        raise Refusal("register.one_number")
    return found


def all_present(call: Call) -> Result:
    """Nobody is absent: to be read back."""
    return Result("drafted", facts={"register_away": "", **draft()})


def some_absent(call: Call) -> Result:
    """The numbers that were typed are absent: to be read back."""
    return Result("drafted", facts=draft())


def draft() -> dict[str, str]:
    """A new receipt: confirmed twice, it is the same word."""
    return {"register_receipt": references.make("RG")}


def read_back(call: Call) -> Mapping[str, str]:
    """Who will be marked absent, by name, and how many present."""
    register = register_of(call)
    away = absent(call)
    officers = [row.officer for row in register.rows if row.officer.roster_no in away]
    present = sum(register.everyone(away).values())
    said = f"P {present}, Ab {len(officers)}"
    if officers:
        said += f": {register_lines.names(officers)}"
    else:
        said = f"{speech.term(call, 'register.all_present')}: {present}"
    return {"register_day": f"@day:{register.day}", "register_readback": said}


def absent(call: Call) -> list[int]:
    """The roster numbers that were typed."""
    return [int(number) for number in call.facts.get("register_away", "").split()]


def save(call: Call) -> Result:
    """Mark the whole register as it was read back."""
    return marked(call, register_of(call).everyone(absent(call)))


def marked(call: Call, said: Mapping[int, bool]) -> Result:
    """Keep what was said and answer with what holds now."""
    moment, register = now(call.db), register_of(call)
    receipt = day_registers.mark(
        call.db,
        register.centre_code,
        register.day,
        said,
        source=f"ussd:{call.form}:{call.facts['register_receipt']}",
        channel="ussd",
        said_at=moment,
        by=call.by,
        now=moment,
        series_id=register.series.id,
        number=call.facts["register_receipt"],
    )
    summary = speech.spell(register_lines.summary(receipt), call.lang, call.words)
    return Result("marked", facts={"register_day": f"@day:{register.day}", "register_summary": summary})


# -- one by one ---------------------------------------------------------------------------------------


def listed(call: Call) -> Mapping[str, str]:
    """The lines of the register: `3 Baraka Mwangi Ab, 7 Chebet Rono ?`."""
    return {"register_list": ", ".join(line(row) for row in register_of(call).rows[:MOST_OFFICERS])}


def line(row: Row) -> str:
    """One line of the list; a question mark, where nothing is said yet."""
    mark = {"present": "P", "absent": "Ab", "unmarked": "?"}[row.state]
    return f"{clipped(f'{row.officer.roster_no} {register_lines.short(row.officer.name)}', LABEL)} {mark}"


def one(call: Call) -> Mapping[str, str]:
    """The officer that was picked."""
    register, number = register_of(call), int(call.facts["register_officer"])
    row = next((row for row in register.rows if row.officer.roster_no == number), None)
    return {
        "register_name": f"{number} {row.officer.name}" if row else str(number),
        "register_post": f"@term.position.{row.officer.position}" if row else "-",
        "register_mark": f"@term.mark.{row.state}" if row else "-",
    }


def one_present(call: Call) -> Result:
    """Mark the officer that was picked present."""
    return mark_one(call, True)


def one_absent(call: Call) -> Result:
    """Mark the officer that was picked absent."""
    return mark_one(call, False)


def mark_one(call: Call, present: bool) -> Result:
    """Mark the officer that was picked; each marking has a receipt of its own."""
    new = draft()
    call.facts.update(new)
    ended = marked(call, {int(call.facts["register_officer"]): present})
    return Result(ended.outcome, facts={**new, **ended.facts})


def days(call: Call, query: str) -> list[Choice]:
    """The days that may be marked now, the latest first."""
    moment, number = now(call.db), int(call.facts["register_series"])
    listed = day_registers.open_days(call.db, centre(call), now=moment, series_id=number)
    return [Choice(day.isoformat(), speech.say_day(day.isoformat(), call.lang)) for day in listed][:MOST_DAYS]


def renew(call: Call) -> Result:
    """Send a new attendance code to the centre's phones."""
    register = register_of(call)
    here, number = register.centre_code, register.series.id
    attendance_codes.renew(call.db, here, register.day, by=call.by, now=now(call.db), series_id=number)
    return Result("sent")
