"""The profile on the screen: how full it is, its lines by group, and what is asked next."""

from collections.abc import Mapping
from typing import Final

from menus import speech
from menus.functions.profile_answers import spoken
from menus.vocabulary import Call, Choice, Result
from operations import eligibility, places, profile_edits, profiles
from operations.office import now
from operations.profile_fields import FIELDS, GROUPS, TEACHING
from operations.refusals import Refusal
from telephony import phones
from telephony.shortening import few

# Names that are typed in parts.
NAMES: Final = ("full_name", "mpesa_name", "kin_name")
# So many missing lines are named; the others are counted.
MOST_NAMED: Final = 2
# A line of a group, with its answer, takes no more room than this.
LINE_ROOM: Final = 48


def signed(call: Call) -> int:
    """The account that is signed in."""
    if call.account is None:
        raise Refusal("password.sign_in_first")
    return call.account


# -- looking ----------------------------------------------------------------------------------------------


def meter(call: Call) -> Mapping[str, str]:
    """How full the profile is, and the first missing lines."""
    gauge = profiles.meter(call.db, signed(call))
    return {
        "profile_filled": str(gauge.filled),
        "profile_lines": str(gauge.lines),
        "profile_missing": named(call, gauge.missing) or speech.term(call, "profile.nothing"),
    }


def named(call: Call, missing: tuple[str, ...]) -> str:
    """The first missing lines by name, and how many more there are."""
    return few([speech.term(call, f"field.{name}") for name in missing], MOST_NAMED)


def groups(call: Call, query: str) -> list[Choice]:
    """Everything missing at once, each group with what it lacks, and what the council says."""
    missing = profiles.missing(call.db, signed(call))
    lines = [Choice(f"group {group}", counted(call, group, missing)) for group in GROUPS]
    fill = [Choice("fill", speech.term(call, "profile.fill"))] if missing else []
    return [*fill, *lines, Choice("status", speech.term(call, "profile.council"))]


def counted(call: Call, group: str, missing: list[str]) -> str:
    """A group, and how many of its lines are missing."""
    count = sum(FIELDS[name].group == group for name in missing)
    return speech.term(call, f"group.{group}") + (f" ({count})" if count else "")


def lines(call: Call, query: str) -> list[Choice]:
    """The lines of the group that was opened, with their answers; letters narrow them."""
    said = profiles.lines(call.db, signed(call))
    group = group_of(call)
    mine = {name: kept for name, kept in said.items() if FIELDS[name].group == group}
    fill = Choice(f"fill {group}", speech.term(call, "profile.fill"))
    listed = [Choice(f"field {name}", line(call, name, kept)) for name, kept in mine.items()]
    if query:
        wanted = places.plain(query)
        return places.best(listed, [places.like(wanted, choice.label) for choice in listed])
    return listed if all(mine.values()) else [fill, *listed]


def line(call: Call, name: str, kept: str) -> str:
    """A line and its answer, as they are read."""
    answer = phones.local(kept) if name == "kin_phone" else spoken(call, name, kept)
    whole = f"{speech.term(call, f'field.{name}')}: {answer or '-'}"
    return whole if len(whole) <= LINE_ROOM else whole[: LINE_ROOM - 2] + ".."


def group_of(call: Call) -> str:
    """The group that is open, or that the chosen line belongs to."""
    _, _, which = call.facts.get("profile_pick", "").partition(" ")
    return FIELDS[which].group if which in FIELDS else which or GROUPS[0]


def group(call: Call) -> Mapping[str, str]:
    """The name of the open group."""
    return {"profile_group": speech.term(call, f"group.{group_of(call)}")}


def open_choice(call: Call) -> Result:
    """Where a line of the first list leads."""
    return Result(call.facts["profile_pick"].partition(" ")[0])


# -- filling ----------------------------------------------------------------------------------------------


def ask(call: Call) -> Result:
    """What comes next: the line that was chosen, the next missing one, or a list.

    Whoever is asked has begun to fill in a form; each asking touches it.
    """
    what, _, which = call.facts.get("profile_pick", "group").partition(" ")
    last, missing = call.facts.get("profile_last", ""), profiles.missing(call.db, signed(call))
    if missing:
        profile_edits.begin(call.db, signed(call), now=now(call.db))
    if what == "fill":
        at = next_missing(missing, which, last)
    else:
        at = which if what == "field" and not last else ""
    outcome = asked(call, at) if at else "done" if what == "fill" else "group"
    return Result(outcome, facts={"profile_at": at, "profile_last": ""})


def next_missing(missing: list[str], group: str, last: str) -> str:
    """The missing line that follows the last one asked; of this group, or of them all."""
    order = list(FIELDS)
    passed = order.index(last) + 1 if last else 0
    wanted = (name for name in missing if not group or FIELDS[name].group == group)
    return next((name for name in wanted if order.index(name) >= passed), "")


def asked(call: Call, name: str) -> str:
    """How this line is asked: a teacher's work station is a school, searched for in the county."""
    if name != "workplace":
        return name
    profile = profiles.of(call.db, signed(call))
    if profile is None or profile.kind not in TEACHING:
        return "workplace"
    return "school" if profile.sub_county_id else "sub_county"


def skip(call: Call) -> Result:
    """Leave the line that was asked for another time."""
    return Result("next", facts={"profile_last": call.facts.get("profile_at", "")})


def keep(call: Call) -> Result:
    """Save an answer, or ask for the rest of it."""
    name, _, value = call.facts["profile_answer"].partition(" ")
    if name == "other":
        return Result(f"other_{value}")
    if name in NAMES and " " not in value:
        return Result(f"rest_{name}", facts={f"first_{name}": value})
    if name == "email" and "@" not in value:
        return Result("email_host", facts={"email_local": value})
    if eligibility.would_end(call.db, signed(call), name, value):
        return Result("approved")
    return save(call, name, value)


def change(call: Call) -> Result:
    """Save the answer all the same: the council approves anew."""
    name, _, value = call.facts["profile_answer"].partition(" ")
    return save(call, name, value)


def leave(call: Call) -> Result:
    """Let the line that was asked stand as it is; the answer is forgotten."""
    return Result("next", facts={**skip(call).facts, "profile_answer": ""})


def answered_line(call: Call) -> Mapping[str, str]:
    """The name of the line whose answer is to be saved."""
    name = call.facts.get("profile_answer", "").partition(" ")[0]
    return {"profile_line": speech.term(call, f"field.{name}") if name in FIELDS else ""}


def same_name(call: Call) -> Result:
    """M-Pesa has the name that the ID has."""
    profile = profiles.of(call.db, signed(call))
    if profile is None or not profile.full_name:
        raise Refusal("profile.no_name_yet")
    return save(call, "mpesa_name", profile.full_name)


def save(call: Call, name: str, value: str) -> Result:
    """Save a line; the one that was last missing ends the form."""
    account, moment = signed(call), now(call.db)
    before = profiles.missing(call.db, account)
    if name == "school":
        profile_edits.work_at(call.db, account, int(value), by=call.by, now=moment)
    else:
        profile_edits.keep(call.db, account, name, value, by=call.by, now=moment)
    if before and profiles.complete(call.db, account):
        return Result("complete")
    return Result("next", facts={"profile_last": "workplace" if name == "school" else name})
