"""Disputes by phone: the centre marks a disputed day P in time, or the Sub-County Director decides."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import ColumnElement

from menus import speech
from menus.functions.attendance import dates
from menus.vocabulary import MOST_LISTED, Call, Choice, Result
from models.accounts import Account
from models.attendance import Dispute
from operations import attendance, directors, duties, enrolments, rosters, settlements
from operations.office import Actor, now
from operations.refusals import Refusal
from operations.settlements import Open
from telephony import phones
from telephony.shortening import shorten

LABEL: Final = 36  # septets of a line of the list
# Why a dispute is decided so, chosen on the phone; anything else is typed.
REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "upheld": ("paper", "mistake", "seen"),
    "rejected": ("unsigned", "unseen", "late"),
}
KNOWN: Final = frozenset(name for names in REASONS.values() for name in names)
OTHER: Final = "-"


def is_centre(call: Call) -> bool:
    """Whether a centre's account is signed in."""
    account = call.db.get(Account, call.account) if call.account else None
    return account is not None and account.centre_code is not None


def mine(call: Call, *which: ColumnElement[bool]) -> list[Open]:
    """The open disputes that this account may look at; raises a Refusal for anybody else's."""
    if is_centre(call):
        centre = rosters.centre_of_account(call.db, call.account, call.phone)
        return settlements.of_centre(call.db, centre.code, *which)
    director = directors.signed_in(call.db, call.account, call.phone)
    return settlements.of_sub_county(call.db, director.sub_county_id, *which)


def by(call: Call) -> Actor:
    """Who acts: the centre's phone, or the director."""
    if is_centre(call):
        return call.by
    return directors.actor(directors.signed_in(call.db, call.account, call.phone), call.by.channel)


def find(call: Call, query: str) -> list[Choice]:
    """The open disputes, the oldest first, narrowed by letters or digits."""
    wanted = query.casefold().strip()
    try:
        known, own = mine(call), is_centre(call)
    except Refusal:
        return []
    return [
        Choice(str(each.id), label(call, each, own))
        for each in known
        if wanted in f"{each.name} {each.centre_code} {each.reference}".casefold()
    ][:MOST_LISTED]


def label(call: Call, dispute: Open, own: bool) -> str:
    """One line: `16 Oct: 3 Amina Otieno`, and for a director `16 Oct 20401001 Amina Otieno`."""
    whose = f": {dispute.roster_no}" if own else f" {dispute.centre_code}"
    return shorten(f"{dates([dispute.day], call.lang)}{whose} {dispute.name}", LABEL)


def picked(call: Call) -> Open | None:
    """The dispute that was picked, while it is open."""
    number = int(call.facts.get("disputed", "0"))
    return next(iter(mine(call, Dispute.id == number)), None)


def look(call: Call) -> Result:
    """Who may decide this one: the centre while its day is open, else the director, else nobody here."""
    try:
        dispute = picked(call)
    except Refusal:
        return Result("away")
    if dispute is None:
        return Result("gone")
    if not is_centre(call):
        return Result("director")
    return Result("centre" if settlements.may_correct(call.db, dispute, now=now(call.db)) else "closed")


def told(call: Call) -> Mapping[str, str]:
    """What is said of the dispute: who, which day, and what the register holds."""
    try:
        dispute = picked(call)
    except Refusal:
        return {}
    if dispute is None:
        return {}
    duty = duties.one(call.db, dispute.deployment_id)
    days = attendance.of_many(call.db, [duty], now=now(call.db))[duty.id]
    state = next((day.state for day in days if day.day == dispute.day), "unmarked")
    numbers = enrolments.enrolled(call.db, dispute.centre_code)
    return {
        "dispute_reference": dispute.reference,
        "dispute_person": dispute.name,
        "dispute_post": f"@term.position.{dispute.position}",
        "dispute_centre": dispute.centre_code,
        "dispute_day": f"@day:{dispute.day}",
        "dispute_mark": f"@term.mark.{state}",
        "dispute_phones": ", ".join(map(phones.local, numbers)) or speech.term(call, "centre.unknown"),
    }


# -- deciding ------------------------------------------------------------------------------------------


def right(call: Call) -> Result:
    """The person was there."""
    return Result("said", facts={"verdict": "upheld"})


def wrong(call: Call) -> Result:
    """The mark stands."""
    return Result("said", facts={"verdict": "rejected"})


def reasons(call: Call, query: str) -> list[Choice]:
    """Why it is decided so; the last line is for any other reason."""
    names = REASONS[call.facts.get("verdict", "upheld")]
    known = [Choice(name, speech.term(call, f"settled.{name}")) for name in names]
    return [*known, Choice(OTHER, speech.term(call, "settled.other"))]


def reason(call: Call) -> Result:
    """Whether the reason that was picked says all, or is still to be typed."""
    return Result("other" if call.facts.get("dispute_why") == OTHER else "said")


def judge_reason(typed: str, call: Call) -> str:
    """A reason in a few words."""
    return directors.read_reason(typed)


def why(call: Call) -> str:
    """The reason as it is kept: a picked one is read in the language of whoever reads it."""
    said = call.facts.get("dispute_why", "")
    return f"@term.settled.{said}" if said in KNOWN else said


def deciding(call: Call) -> Mapping[str, str]:
    """The decision, as the question before it says it."""
    verdict = call.facts.get("verdict", "upheld")
    return {**told(call), "dispute_verdict": f"@term.verdict.{verdict}", "dispute_reason": why(call)}


def settle(call: Call) -> Result:
    """Settle it; where it was settled before, the first decision holds."""
    dispute = picked(call)
    if dispute is None:
        return Result("before")
    upheld, moment = call.facts["verdict"] == "upheld", now(call.db)
    settlements.settle(call.db, dispute.id, upheld, why(call), by=by(call), now=moment)
    return Result("settled", facts={"dispute_reference": dispute.reference})
