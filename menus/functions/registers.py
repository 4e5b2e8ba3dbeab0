"""The daily register on the phone: all present or who is absent, read back, confirmed, with a receipt."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from menus import speech
from menus.functions.attendance import sentence
from menus.vocabulary import Call, Choice, Result
from operations import attendance_codes, day_registers, duties, register_lines, rosters
from operations.day_registers import DayRegister
from operations.office import now
from operations.refusals import Refusal
from operations.register_reading import Row
from telephony import references
from telephony.shortening import shorten

LABEL: Final = 27  # septets of a name in the list of officers
MOST_OFFICERS: Final = 60
STATES: Final = ("present", "absent", "unmarked")
MOST_DAYS: Final = 10
MOST_SERIES: Final = 4
# Words, fractions, and ranges: `3-7` may be two people or five.
NO_LIST: Final = re.compile(r"[^\W0-9_]|\d\s*(?:-|\.\.)\s*\d")


def centre(call: Call) -> str:
    """The centre whose account this is, on a phone that may act for it still."""
    return rosters.centre_of_account(call.db, call.account, call.phone).code


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
    """How the day stands that is turned to: open, earlier, closed, not_yet or no_exam; or there is none.

    `earlier` is a past day that is open: it is marked here only, not by SMS.
    """
    centre(call)
    try:
        register = register_of(call)
    except Refusal:
        return Result("none")
    if register.state in ("open", "reopened"):
        return Result("open" if register.day == duties.local(now(call.db)) else "earlier")
    return Result(register.state)


def register_of(call: Call) -> DayRegister:
    """The register of the day that is turned to."""
    day, number = date.fromisoformat(call.facts["register_on"]), int(call.facts["register_series"])
    return day_registers.of(call.db, centre(call), day, now=now(call.db), series_id=number)


def standing(call: Call) -> Mapping[str, str]:
    """The day, and what holds so far; or that this phone may no longer read it."""
    try:
        said = so_far(call, register_of(call))
    except Refusal as refusal:
        said = refused(call, refusal)
    return {"register_day": f"@day:{call.facts['register_on']}", "register_so_far": said}


def refused(call: Call, refusal: Refusal) -> str:
    """Why nothing can be shown, in the place of what would be."""
    return sentence(call, refusal.code, **refusal.values)


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
        said += f"; {speech.term(call, 'register.differ')} {day_registers.numbered(numbers)}"
    return said


def numbers(typed: str, call: Call) -> str:
    """Roster numbers, however they are parted; a range, or one that nobody has, is refused."""
    found = sorted({int(number) for number in re.findall("[0-9]+", typed)} - {0})
    if not found or NO_LIST.search(typed):
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
    """Who will be marked absent, all by name, and how many present."""
    try:
        register = register_of(call)
    except Refusal as refusal:
        return {
            "register_day": f"@day:{call.facts['register_on']}",
            "register_readback": refused(call, refusal),
        }
    away = absent(call)
    officers = [row.officer for row in register.rows if row.officer.roster_no in away]
    present = sum(register.everyone(away).values())
    said = f"P {present}, Ab {len(officers)}"
    if officers:
        said += f": {speech.spell(register_lines.names(officers), call.lang, call.words)}"
    else:
        said = f"{speech.term(call, 'register.all_present')}: {present}"
    return {"register_day": f"@day:{register.day}", "register_readback": said}


def absent(call: Call) -> list[int]:
    """The roster numbers that were typed."""
    return [int(number) for number in call.facts.get("register_away", "").split()]


def save(call: Call) -> Result:
    """Mark the whole register as it was read back."""
    register = held(call)
    return marked(call, register, register.everyone(absent(call)))


def held(call: Call) -> DayRegister:
    """The register that is turned to, to be changed by a phone that may act for the centre still."""
    mine = rosters.centre_of_account(call.db, call.account, call.phone).code
    day, number = date.fromisoformat(call.facts["register_on"]), int(call.facts["register_series"])
    return day_registers.hold(call.db, mine, day, now=now(call.db), series_id=number)


def marked(call: Call, register: DayRegister, said: Mapping[int, bool]) -> Result:
    """Keep what was said and answer with what holds now."""
    moment = now(call.db)
    receipt = day_registers.mark(
        call.db,
        register,
        said,
        source=f"ussd:{call.form}:{call.facts['register_receipt']}",
        channel="ussd",
        said_at=moment,
        by=call.by,
        now=moment,
        number=call.facts["register_receipt"],
    )
    summary = speech.spell(register_lines.summary(receipt), call.lang, call.words)
    day = {"register_exam": register.exam, "register_day": f"@day:{register.day}"}
    return Result("marked", facts={**day, "register_summary": summary})


# -- one by one ---------------------------------------------------------------------------------------


def officers(call: Call, query: str) -> list[Choice]:
    """The lines of the register, one officer each: `No.3 Baraka Mwangi Ab`; letters of a name narrow them."""
    wanted = query.casefold().strip()
    rows = [row for row in register_of(call).rows if wanted in row.officer.name.casefold()]
    return [Choice(str(row.officer.roster_no), line(call, row)) for row in rows[:MOST_OFFICERS]]


def line(call: Call, row: Row) -> str:
    """One line of the list; a question mark, where nothing is said yet."""
    mark = {"present": "P", "absent": "Ab", "unmarked": "?"}[row.state]
    said = (
        f"{speech.term(call, 'register.no')}{row.officer.roster_no} {register_lines.short(row.officer.name)}"
    )
    return f"{shorten(said, LABEL)} {mark}"


def one(call: Call) -> Mapping[str, str]:
    """The officer that was picked."""
    number = int(call.facts["register_officer"])
    try:
        register = register_of(call)
    except Refusal as refusal:
        return {"register_name": refused(call, refusal), "register_post": "-", "register_mark": "-"}
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
    ended = marked(call, held(call), {int(call.facts["register_officer"]): present})
    return Result(ended.outcome, facts={**new, **ended.facts})


def days(call: Call, query: str) -> list[Choice]:
    """The past days that may be marked now, the latest first."""
    moment, number = now(call.db), int(call.facts["register_series"])
    listed = day_registers.open_days(call.db, centre(call), now=moment, series_id=number)
    past = [day.isoformat() for day in listed if day < duties.local(moment)]
    return [Choice(day, speech.say_day(day, call.lang)) for day in past][:MOST_DAYS]


def renew(call: Call) -> Result:
    """Send a new attendance code to the centre's phones."""
    attendance_codes.renew(call.db, held(call), by=call.by, now=now(call.db))
    return Result("sent")
