"""Where somebody stands with the council, and what the registers say."""

from collections.abc import Mapping

from menus import speech
from menus.vocabulary import Call, Result
from operations import eligibility, profiles
from operations.office import now
from operations.refusals import Refusal
from operations.registers import AUTHORITIES
from telephony.shortening import few

# So many missing lines are named; the others are counted.
MOST_NAMED = 6


def look(call: Call) -> Result:
    """How far the person has come."""
    return Result(eligibility.stage(call.db, signed(call), by=call.by, now=now(call.db)))


def signed(call: Call) -> int:
    """The account that is signed in."""
    if call.account is None:
        raise Refusal("password.sign_in_first")
    return call.account


def lacking(call: Call) -> Mapping[str, str]:
    """The lines that the profile lacks, the first of them by name."""
    missing = profiles.missing(call.db, signed(call))
    return {"lacking_lines": few([speech.term(call, f"field.{name}") for name in missing], MOST_NAMED)}


def facts(call: Call) -> Mapping[str, str]:
    """What the screens say of the register and of the council's decision."""
    row = eligibility.of(call.db, signed(call))
    if row is None:
        return {}
    register = AUTHORITIES[row.kind].register
    return {
        "register_of": speech.term(call, f"register.{register}"),
        "number_of": speech.term(call, f"number.{register}"),
        "papers": speech.term(call, f"papers.{register}"),
        "own_number": row.number,
        # Only the name of the line that has both their number and their ID is theirs to see.
        "kind_of": speech.term(call, f"kind.{row.kind}"),
        "why_not": row.reason or "",
    }
