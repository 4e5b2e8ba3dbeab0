"""The return of the register by phone: how it stands, submitting it, and the link for printing."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Final

from menus import speech
from menus.vocabulary import Call, Result
from models.centres import Return
from operations import duties, notices, return_sheets, returns, rosters
from operations.office import now
from operations.refusals import Refusal
from operations.return_sheets import Sheet
from operations.returns import Standing
from telephony.shortening import few

MOST_NAMED: Final = 3  # days with marks missing that are named


def centre(call: Call) -> str:
    """The centre that is signed in, on a phone that may act for it still."""
    return rosters.centre_of_account(call.db, call.account, call.phone).code


def standing(call: Call) -> Standing:
    """How the return of this centre stands."""
    return returns.standing(call.db, centre(call), now=now(call.db))


def look(call: Call) -> Result:
    """How it stands: none, soon, ready or lacking marks, changed, submitted, received, or not theirs."""
    return looked(call, ("due",))


def again(call: Call) -> Result:
    """How it stands now that one that changed is to be handed in again."""
    return looked(call, ("due", "changed"))


def looked(call: Call, summed_up: Collection[str]) -> Result:
    """How it stands, with the sums of the register where it stands like this."""
    try:
        found = standing(call)
    except Refusal:
        return Result("gone")
    if found.series is None:
        return Result("none")
    facts = {"return_exam": found.exam, "return_series": str(found.series.id)}
    facts["return_from"] = speech.spell(f"@date:{found.ends}", call.lang, call.words)
    if found.name not in summed_up:
        return Result(found.name, facts={**facts, **numbered(call, found.returned)})
    sheet = return_sheets.of(call.db, centre(call), found.series, now=now(call.db))
    return Result("lacking" if sheet.missing else "ready", facts={**facts, **summed(call, sheet)})


def numbered(call: Call, row: Return | None) -> Mapping[str, str]:
    """The number of a return, the day it was handed in, and when its countersigned copy came in."""
    if row is None:
        return {}
    came = row.received_at.isoformat() if row.received_at else ""
    day = speech.spell(f"@moment:{came}", call.lang, call.words) if came else "-"
    handed = speech.spell(f"@date:{duties.local(row.submitted_at)}", call.lang, call.words)
    return {"return_number": row.reference, "return_handed": handed, "return_received": day}


def summed(call: Call, sheet: Sheet) -> Mapping[str, str]:
    """What a register comes to before it is submitted, and which of its marks are missing."""
    missing = sheet.missing
    days = [
        f"{speech.spell(f'@date:{day}', call.lang, call.words).rpartition(' ')[0]} ({count})"
        for day, count in missing.items()
    ]
    return {
        "return_officers": str(len(sheet.lines)),
        "return_present": str(sum(line.present for line in sheet.lines)),
        "return_absent": str(sum(line.absent for line in sheet.lines)),
        "marks_missing": str(sum(missing.values())),
        "days_missing": few(days, MOST_NAMED),
    }


def submit(call: Call) -> Result:
    """Hand the register in, with the missing marks that were shown; the link for printing comes by SMS."""
    row = returns.submit(
        call.db,
        centre(call),
        by=call.by,
        now=now(call.db),
        series_id=int(call.facts["return_series"]),
        confirmed=int(call.facts.get("marks_missing", "0")),
    )
    with suppress(Refusal):  # nobody has a national ID on file, or too many links: handed in all the same
        send(call, row)
    return Result("submitted", facts=numbered(call, row))


def link(call: Call) -> Result:
    """Send the link for printing once more."""
    found = standing(call)
    if found.returned is None:
        raise Refusal("return.none")
    if found.name == "changed":
        raise Refusal("return.changed", centre_code=found.returned.centre_code)
    return Result("sent", facts={"return_holder": send(call, found.returned)})


def send(call: Call, row: Return) -> str:
    """Queue the link to the phone that acts; answers the position of the officer whose ID opens it."""
    made, position = returns.link(call.db, call.office, row, now=now(call.db), lang=call.lang)
    notices.queue(
        *(call.db, "reply", "sms.return_link", call.phone),
        now=now(call.db),
        lang=call.lang,
        letter_seed=made.seed,
        centre_code=row.centre_code,
        return_number=row.reference,
        return_holder=f"@term.position.{position}",
    )
    return speech.term(call, f"position.{position}")
