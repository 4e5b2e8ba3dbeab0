"""Sub-County Directors by SMS; what changes something asks for a YES, and is judged again when it comes."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from models.accounts import Confirmation
from models.centres import Director, Return
from models.series import Series
from operations import centre_accounts, confirmations, directors, profile_fields, typed_days
from operations.register_states import CentreState
from sms_gateway.commands.calls import Command, SmsCall
from telephony import phones
from telephony.shortening import few

CODE: Final = re.compile(r"(?<![0-9])[0-9]{8}(?![0-9])")
# What stands before the number of an ID, in either language.
IDENTITY: Final = frozenset(("id", "kitambulisho"))
CODES_SAID: Final = 9  # centres in a reply to TODAY
MOST_NAMED: Final = 2  # exams that a question has room for
MOST_LEFT: Final = 2  # centres, likewise


def me(call: SmsCall) -> Director:
    """The director whose phone asks; raises a Refusal for anybody else."""
    return directors.of_phone(call.db, call.phone)


def after_code(call: SmsCall) -> tuple[str, str] | None:
    """The centre's code as it was typed, and all that follows it; None where there is none."""
    found = CODE.search(call.text)
    return (found[0], call.text[found.end() :].strip(" ,;:.-")) if found else None


# -- ISSUE -------------------------------------------------------------------------------------------


def issue(call: SmsCall) -> None:
    """Ask whether a centre's one-time password goes to this phone."""
    director, typed = me(call), after_code(call)
    if typed is None or not typed[1]:
        return call.reply("sms.issue_how")
    centre, to = directors.centre(call.db, director, typed[0]), directors.read_phone(typed[1])
    asked = confirmations.ask(call.db, call.phone, "issue", now=call.now, centre=centre.code, manager=to)
    said = {"their_code": centre.code, "their_school": centre.name, "their_number": phones.local(to)}
    call.reply("sms.issue_confirm", confirmation=str(asked.id), **said)


def issued(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """Send it; a repeated YES is told the same, and sends nothing more."""
    director, code, to = me(call), asked.details["centre"], asked.details["manager"]
    if fresh:
        by = directors.actor(director, call.by.channel)
        centre_accounts.issue(call.db, code, to, by=by, now=call.now)
    call.reply("sms.issue_done", their_code=code, their_number=phones.local(to))


# -- MOVE --------------------------------------------------------------------------------------------


def move(call: SmsCall) -> None:
    """Ask whether a person's account moves to a new number."""
    director, numbers = me(call), moving(call.words)
    if numbers is None:
        return call.reply("sms.move_how")
    old, new, shown = numbers
    directors.person(call.db, director, old)
    profile_fields.judge("national_id", shown)
    asked = confirmations.ask(call.db, call.phone, "move", now=call.now, old=old, new=new, shown=shown)
    said = {"old_number": phones.local(old), "their_number": phones.local(new)}
    call.reply("sms.move_confirm", confirmation=str(asked.id), **said)


def moving(words: Sequence[str]) -> tuple[str, str, str] | None:
    """The old number, the new one and the ID; a number may be typed in several words."""
    at = next((n for n, word in enumerate(words) if word in IDENTITY), len(words))
    shown = "".join(words[at + 1 :])
    for n in range(1, at):
        try:
            old, new = phones.read("".join(words[:n])), phones.read("".join(words[n:at]))
        except phones.BadPhone:
            continue
        return (old, new, shown) if shown else None
    return None


def moved(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """Move it; then the ID is needed no more, and is not kept with the question."""
    director, details = me(call), asked.details
    if fresh:
        by = directors.actor(director, call.by.channel)
        typed = (details["old"], details["new"], details["shown"])
        done = directors.move(call.db, director, *typed, by=by, now=call.now)
        details = {"old": details["old"], "new": details["new"], "centres": list(done.centres)}
        asked.details = details
    said = {"old_number": phones.local(details["old"]), "their_number": phones.local(details["new"])}
    if left := details.get("centres"):
        return call.reply("sms.move_done_centre", left_centres=few(left, MOST_LEFT), **said)
    call.reply("sms.move_done", **said)


# -- TODAY -------------------------------------------------------------------------------------------


def today(call: SmsCall) -> None:
    """Say how today's registers stand: in numbers, then the centres to call, the unmarked first."""
    told = directors.today(call.db, me(call), now=call.now)
    said = {"their_place": told.sub_county, "their_day": f"@day:{told.day}"}
    if not told.centres:
        return call.reply("sms.today_no_centres", **said)
    said["their_centres"] = str(told.centres)
    if not told.wanting:
        return call.reply("sms.today_all", **said)
    wanting = [code_of(state) for state in told.wanting]
    pages = [wanting[n : n + CODES_SAID] for n in range(0, len(wanting), CODES_SAID)]
    page = min(max(1, asked_for(call.words)), len(pages))
    said |= {
        "their_marked": str(len(told.marked)),
        "their_partly": str(len(told.partly)),
        "their_unmarked": str(len(told.unmarked)),
        "their_codes": ", ".join(pages[page - 1]),
    }
    if page < len(pages):
        return call.reply("sms.today_part", their_next=str(page + 1), **said)
    call.reply("sms.today_last", **said)


def code_of(state: CentreState) -> str:
    """A centre of the list: its code, and how many are marked where some are, or the exam without a mark."""
    if state.lacking:
        return f"{state.centre_code} {state.lacking}"
    return f"{state.centre_code} ({state.counts})" if state.marked else state.centre_code


def asked_for(words: Sequence[str]) -> int:
    """The page that is asked for; the first, where none is named."""
    return next((int(word) for word in words if word.isdecimal() and len(word) < 3), 1)


# -- REOPEN ------------------------------------------------------------------------------------------


def reopen(call: SmsCall) -> None:
    """Ask whether a day of a centre opens again."""
    director, typed = me(call), after_code(call)
    if typed is None or not typed[1]:
        return call.reply("sms.reopen_how")
    centre = directors.centre(call.db, director, typed[0])
    day, reason = typed_days.read(typed[1], now=call.now)
    why = directors.read_reason(reason)
    directors.require_closed(call.db, centre.code, day, now=call.now)
    details = {"centre": centre.code, "day": day.isoformat(), "reason": why}
    asked = confirmations.ask(call.db, call.phone, "reopen", now=call.now, life=confirmations.LIFE, **details)
    said = {"their_code": centre.code, "their_day": f"@day:{day}", "their_reason": why}
    call.reply("sms.reopen_confirm", confirmation=str(asked.id), **said)


def reopened(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """Open it; a repeated YES is told the same."""
    director, details = me(call), asked.details
    day = date.fromisoformat(details["day"])
    if fresh:
        by = directors.actor(director, call.by.channel)
        typed = (details["centre"], day, details["reason"])
        exams = directors.reopen(call.db, director, *typed, by=by, now=call.now)
        asked.details = details = {**details, "exams": ", ".join(exams)}
    said = {"their_code": details["centre"], "their_day": f"@day:{day}", "their_exams": details["exams"]}
    call.reply("sms.reopen_done", **said)


# -- RECEIVE -----------------------------------------------------------------------------------------


def receive(call: SmsCall) -> None:
    """Ask whether the countersigned register of a centre came in; of two that wait, first which."""
    director, typed = me(call), after_code(call)
    if typed is None:
        return call.reply("sms.receive_how")
    centre = directors.centre(call.db, director, typed[0])
    found = directors.waiting(call.db, centre.code, typed[1], now=call.now)
    if len(found) > 1:
        exams = ", ".join(f"{series.exam} {series.year}" for _, series in found[:MOST_NAMED])
        exam = found[0][1].exam
        return call.reply("sms.receive_which", their_code=centre.code, their_exams=exams, their_series=exam)
    said = told(*found[0])
    details = {"centre": centre.code, "return": said["their_return"]}
    life = confirmations.LIFE
    asked = confirmations.ask(call.db, call.phone, "receive", now=call.now, life=life, **details)
    call.reply("sms.receive_confirm", confirmation=str(asked.id), **said)


def received(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """Record that this very one did; a repeated YES is told the same."""
    director, typed = me(call), (asked.details["centre"], asked.details["return"])
    if fresh:
        by = directors.actor(director, call.by.channel)
        directors.receive(call.db, director, *typed, by=by, now=call.now)
    call.reply("sms.receive_done", **told(*directors.returned(call.db, *typed)))


def told(row: Return, series: Series) -> dict[str, str]:
    """A return, as the question and the answer name it."""
    return {
        "their_code": row.centre_code,
        "their_return": row.reference,
        "their_series": f"{series.exam} {series.year}",
    }


COMMANDS: Final[Mapping[str, Command]] = {
    "ISSUE": Command(issue, confirmed=issued),
    "MOVE": Command(move, confirmed=moved),
    "TODAY": Command(today),
    "REOPEN": Command(reopen, confirmed=reopened),
    "RECEIVE": Command(receive, confirmed=received),
}
