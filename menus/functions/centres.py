"""A centre's own account by phone: its details and officers, its distance, and the phones that act for it."""

from collections.abc import Mapping
from typing import Any, Final

from menus import speech
from menus.functions.attendance import ranges
from menus.vocabulary import BACK, HOME, Call, Choice, Result
from menus.wording import Wording
from models.places import Centre
from operations import calendars, centres, enrolments, rosters
from operations.centres import Details
from operations.office import now
from operations.refusals import Refusal
from operations.rosters import Officer
from telephony import phones
from telephony.shortening import few, shorten

LABEL: Final = 31  # septets of a line of the list of officers
MOST_HOSTED: Final = 3  # centres that a line has room for


def mine(call: Call) -> Centre:
    """The centre that is signed in, on a phone that may act for it still."""
    return rosters.centre_of_account(call.db, call.account, call.phone)


def sentence(call: Call, name: str, **values: Any) -> str:
    """A sentence of the words, in the language of this dialogue."""
    return Wording(call.words, call.office).sms(name, call.lang, values)


# -- home and details ----------------------------------------------------------------------------------


def home(call: Call) -> Mapping[str, str]:
    """The code of the centre, as its home says it."""
    try:
        return {"centre_number": mine(call).code}
    except Refusal:
        return {"centre_number": ""}


def details(call: Call) -> Mapping[str, str]:
    """What the screen of details says; nothing where the phone may not act for a centre."""
    try:
        told = centres.details(call.db, mine(call).code, now=now(call.db))
    except Refusal:
        return {}
    return {
        "centre_number": told.code,
        "centre_name": told.name,
        "centre_place": ", ".join(filter(None, (told.location, told.sub_county, told.county))),
        "centre_candidates": candidates(call, told),
        "centre_depot": told.distribution or speech.term(call, "centre.unknown"),
        "centre_distance": distance(call, told.distance_km),
        "centre_hosting": hosting(call, told),
        "centre_days": days(call, told),
    }


def candidates(call: Call, told: Details) -> str:
    """How many candidates, by series: `KCSE 2026: 240, KPSEA 2026: 88`."""
    said = ", ".join(f"{series}: {count}" for series, count in told.candidates)
    return said or speech.term(call, "centre.unknown")


def distance(call: Call, km: int | None) -> str:
    """Kilometres, or that nobody has said."""
    return speech.term(call, "centre.unsaid") if km is None else f"{km} km"


def hosting(call: Call, told: Details) -> str:
    """Whether this centre is hosted by another one, or hosts some."""
    if told.host is not None:
        return sentence(call, "centre.hosted_by", host_name=told.host.name, host_number=told.host.code)
    if told.hosted:
        return sentence(
            call, "centre.hosts", hosted_numbers=few([centre.code for centre in told.hosted], MOST_HOSTED)
        )
    return speech.term(call, "centre.unhosted")


def days(call: Call, told: Details) -> str:
    """The exam days of the series: `KCSE 2026: 16, 19-23 Oct, 2-6 Nov`."""
    if told.series is None:
        return speech.term(call, "centre.no_series")
    said = ranges(calendars.exam_days(told.series), call.lang)
    return f"{told.series.exam} {told.series.year}: {said}"


def save_distance(call: Call) -> Result:
    """Keep the kilometres that the manager typed."""
    km = int(call.facts["centre_km"])
    centres.set_distance(call.db, mine(call).code, km, by=call.by, now=now(call.db))
    return Result("saved")


def judge_distance(typed: str, call: Call) -> str:
    """Kilometres from 0 to 500; a lone 0 is the way back, so none at all are typed as 000."""
    if typed.strip() in (BACK, HOME):
        raise Refusal("centre.distance")
    return str(centres.read_distance(typed))


# -- officers ------------------------------------------------------------------------------------------


def officers(call: Call, query: str) -> list[Choice]:
    """The officers of the season by roster number, narrowed by letters of their names."""
    wanted = query.casefold().strip()
    return [
        Choice(str(officer.deployment_id), line(call, exam, officer))
        for exam, officer in roster(call)
        if wanted in f"{exam} {officer.name}".casefold()
    ]


def roster(call: Call) -> list[tuple[str, Officer]]:
    """The officers of the exams that the centre is concerned with; none on a phone that may not act.

    With each the exam, where there is more than one.
    """
    try:
        centre = mine(call)
    except Refusal:
        return []
    known = rosters.seasons(call.db, centre.code, now=now(call.db))
    return [
        (series.exam if len(known) > 1 else "", officer)
        for series in known
        for officer in rosters.officers(call.db, centre.code, series.id)
    ]


def line(call: Call, exam: str, officer: Officer) -> str:
    """One line of the list: the exam where there are two, roster number, name, position."""
    number = f"{exam} " if exam else speech.term(call, "register.no")
    said = f"{number}{officer.roster_no} {officer.name or '-'}"
    post = speech.term(call, f"post_short.{officer.position}")
    return f"{shorten(said, LABEL - len(post) - 2)}, {post}"


def officer(call: Call) -> Mapping[str, str]:
    """Everything the centre may know of the officer who was picked."""
    picked = call.facts.get("officer")
    found = next((each for _, each in roster(call) if str(each.deployment_id) == picked), None)
    if found is None:
        return {}
    return {
        "officer_number": str(found.roster_no),
        "officer_name": found.name or "-",
        "officer_post": speech.term(call, f"position.{found.position}"),
        "officer_gender": speech.term(call, f"gender.{found.gender}") if found.gender else "-",
        "officer_identity": found.national_id or "-",
        "officer_phone": phones.local(found.phone),
        "officer_answer": speech.term(call, f"answered.{found.state}"),
    }


# -- phones --------------------------------------------------------------------------------------------


def phones_listed(call: Call, query: str) -> list[Choice]:
    """The phones that may act for the centre, masked; the one that dials is marked."""
    try:
        rows = enrolments.rows(call.db, mine(call).code)
    except Refusal:
        return []
    own = f" ({speech.term(call, 'centre.this_phone')})"
    return [Choice(str(row.id), phones.mask(row.phone) + own * (row.phone == call.phone)) for row in rows]


def phone_chosen(call: Call) -> str | None:
    """The phone that was picked, while it is enrolled."""
    rows = enrolments.rows(call.db, mine(call).code)
    return next((row.phone for row in rows if str(row.id) == call.facts.get("centre_phone")), None)


def phone(call: Call) -> Mapping[str, str]:
    """The phone that was picked, masked."""
    try:
        return {"phone_masked": phones.mask(phone_chosen(call) or "")}
    except Refusal:
        return {"phone_masked": phones.mask("")}


def drop_phone(call: Call) -> Result:
    """Take the phone that was picked off the centre's list; `left` where it was this very one."""
    chosen = phone_chosen(call)
    if chosen is None:
        return Result("dropped")
    enrolments.drop(call.db, call.account or 0, chosen, by=call.by, now=now(call.db))
    return Result("left" if chosen == call.phone else "dropped")
