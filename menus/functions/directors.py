"""A Sub-County Director by phone: credentials, numbers, the registers of a day, and their returns.

Every act is done on the director's own phone, and in the sub-county that the council named.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from menus import speech
from menus.vocabulary import Call, Choice, Result
from models.centres import Director
from models.places import Centre
from operations import centre_accounts, centres, directors, enrolments, profile_fields, rosters, typed_days
from operations.directors import Today
from operations.office import Actor, now
from operations.refusals import Refusal
from telephony import phones
from telephony.shortening import few, shorten

LABEL: Final = 31  # septets of a line of the list of centres
# Why a day is opened again, chosen on the phone; anything else is typed.
REASONS: Final = ("network", "phone", "wrong", "away", "dispute")
OTHER: Final = "-"
MOST_LEFT: Final = 2  # centres that a screen names
MOST_RETURNS: Final = 5  # of one centre that wait: so many exams are there


def me(call: Call) -> Director:
    """The director who is signed in; raises a Refusal for anybody else."""
    return directors.signed_in(call.db, call.account, call.phone)


def by(call: Call, director: Director) -> Actor:
    """Who acts: the director, by phone."""
    return directors.actor(director, call.by.channel)


def centre(call: Call) -> Centre:
    """The centre whose code was typed, if it is in this director's sub-county."""
    return directors.centre(call.db, me(call), call.facts.get("their_code", ""))


# -- what is typed -----------------------------------------------------------------------------------


def judge_centre(typed: str, call: Call) -> str:
    """The code of a centre of this sub-county."""
    code = centres.read_code(typed)
    return directors.centre(call.db, me(call), code).code


def judge_phone(typed: str, call: Call) -> str:
    """A Kenyan mobile number."""
    return directors.read_phone(typed)


def judge_person(typed: str, call: Call) -> str:
    """The number of somebody of this sub-county, who has an account."""
    phone = directors.read_phone(typed)
    return directors.person(call.db, me(call), phone).phone


def judge_identity(typed: str, call: Call) -> str:
    """The national ID number of the person who moves, as the director reads it off the card."""
    shown = profile_fields.judge("national_id", typed)
    directors.require_identity(call.db, me(call), call.facts.get("old_phone", ""), shown)
    return shown


def judge_day(typed: str, call: Call) -> str:
    """A day on which the centre had a register."""
    if not typed_days.is_day(typed):
        raise Refusal("director.which_day")
    return directors.past_day(call.db, centre(call).code, typed, now=now(call.db)).isoformat()


def judge_reason(typed: str, call: Call) -> str:
    """A reason in a few words."""
    return directors.read_reason(typed)


# -- today -------------------------------------------------------------------------------------------


def today(call: Call) -> Today:
    """How today's registers stand in this director's sub-county."""
    return directors.today(call.db, me(call), now=now(call.db))


def counts(call: Call) -> Mapping[str, str]:
    """The registers of today in numbers."""
    try:
        told = today(call)
    except Refusal:
        return {}
    return {
        "their_place": told.sub_county,
        "their_day": f"@day:{told.day}",
        "their_centres": str(told.centres),
        "their_marked": str(len(told.marked)),
        "their_partly": str(len(told.partly)),
        "their_unmarked": str(len(told.unmarked)),
    }


def wanting(call: Call, query: str) -> list[Choice]:
    """The centres that somebody has to call, the unmarked first, narrowed by letters or digits."""
    wanted = query.casefold().strip()
    try:
        told = today(call)
    except Refusal:
        return []
    return [
        Choice(state.centre_code, shorten(f"{state.counts} {state.name}", LABEL))
        for state in told.wanting
        if wanted in f"{state.centre_code} {state.name}".casefold()
    ]


def wanted(call: Call) -> Mapping[str, str]:
    """The centre that was picked, and whom to call there."""
    try:
        told, code = today(call), call.facts.get("their_centre", "")
        found = directors.centre(call.db, me(call), code)
    except Refusal:
        return {}
    states = {state.centre_code: state for state in (*told.wanting, *told.marked)}
    numbers = enrolments.enrolled(call.db, found.code) or manager(call, found.code)
    return {
        "their_code": found.code,
        "their_school": found.name,
        "their_counts": states[code].counts if code in states else "-",
        "their_phones": ", ".join(map(phones.local, numbers)) or speech.term(call, "centre.unknown"),
    }


def manager(call: Call, code: str) -> list[str]:
    """The phone of a centre of which none is enrolled yet: its account's, else the deployed manager's."""
    account = centre_accounts.account_of(call.db, code)
    return [account.phone] if account else rosters.managers(call.db, code, now=now(call.db))


# -- credentials -------------------------------------------------------------------------------------


def told(call: Call) -> Mapping[str, str]:
    """What was typed, as the question before the act says it."""
    try:
        found = centre(call)
    except Refusal:
        return {}
    to = call.facts.get("their_phone", "")
    return {"their_code": found.code, "their_school": found.name, "their_number": phones.local(to)}


def issue(call: Call) -> Result:
    """Send the centre's one-time password to its manager's phone."""
    director, to = me(call), call.facts["their_phone"]
    code, moment = call.facts["their_code"], now(call.db)
    centre_accounts.issue(call.db, code, to, by=by(call, director), now=moment)
    return Result("issued")


# -- a new number ------------------------------------------------------------------------------------


def moving(call: Call) -> Mapping[str, str]:
    """The old and the new number, as the question says them."""
    old, new = call.facts.get("old_phone", ""), call.facts.get("their_phone", "")
    return {"old_number": phones.local(old), "their_number": phones.local(new)}


def move(call: Call) -> Result:
    """Move the person to the new number."""
    director, facts = me(call), call.facts
    typed = (facts["old_phone"], facts["their_phone"], facts["shown_id"])
    done = directors.move(call.db, director, *typed, by=by(call, director), now=now(call.db))
    if not done.centres:
        return Result("moved")
    return Result("left", facts={"left_centres": few(done.centres, MOST_LEFT)})


# -- a day opened again ------------------------------------------------------------------------------


def reasons(call: Call, query: str) -> list[Choice]:
    """Why a day is opened again; the last line is for any other reason."""
    known = [speech.term(call, f"reopen.{name}") for name in REASONS]
    return [*(Choice(said, said) for said in known), Choice(OTHER, speech.term(call, "reopen.other"))]


def reason(call: Call) -> Result:
    """Whether the reason that was picked says all, or is still to be typed."""
    return Result("other" if call.facts.get("their_reason") == OTHER else "said")


def opening(call: Call) -> Mapping[str, str]:
    """The centre, the day and the reason, as the question says them."""
    return {**told(call), "their_day": f"@day:{call.facts.get('their_date', '')}"}


def reopen(call: Call) -> Result:
    """Open the day again."""
    director, facts = me(call), call.facts
    typed = (facts["their_code"], date.fromisoformat(facts["their_date"]), facts["their_reason"])
    exams = directors.reopen(call.db, director, *typed, by=by(call, director), now=now(call.db))
    return Result("reopened", facts={"their_exams": ", ".join(exams)})


# -- a return ----------------------------------------------------------------------------------------


def judge_returned(typed: str, call: Call) -> str:
    """The code of a centre of this sub-county whose register waits for its countersigned copy."""
    code = centres.read_code(typed)
    found = directors.centre(call.db, me(call), code)
    directors.waiting(call.db, found.code, now=now(call.db))
    return found.code


def returns(call: Call, query: str) -> list[Choice]:
    """The returns of this centre that wait, by exam."""
    try:
        found = directors.waiting(call.db, centre(call).code, now=now(call.db))
    except Refusal:
        return []
    return [Choice(row.reference, f"{series.exam} {series.year}") for row, series in found[:MOST_RETURNS]]


def returned(call: Call) -> Mapping[str, str]:
    """The exam of the return that is to be received."""
    try:
        _, series = directors.returned(call.db, centre(call).code, call.facts.get("their_return", ""))
    except Refusal:
        return {}
    return {**told(call), "their_series": f"{series.exam} {series.year}"}


def receive(call: Call) -> Result:
    """Record that the countersigned copy of the return that was shown came in."""
    director, typed = me(call), (call.facts["their_code"], call.facts["their_return"])
    directors.receive(call.db, director, *typed, by=by(call, director), now=now(call.db))
    return Result("received")
