"""What is typed or chosen for a line of the profile: `<line> <answer>`, so that one action saves them all."""

import re
from collections.abc import Callable
from typing import Final

from menus import speech
from menus.vocabulary import Call, Choice
from operations import places, profile_fields, profile_formats, profiles
from operations.profile_fields import FIELDS
from operations.refusals import Refusal

Judge = Callable[[str, Call], str]

HOSTS: Final = ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "tsc.go.ke")
LOCAL: Final = re.compile(r"(?=.*[a-z])[a-z0-9_%+-]{2,}(\.[a-z0-9_%+-]+)*")
LEAST_LETTERS: Final = 2


def answer(name: str) -> Judge:
    """The check of this line."""

    def judge(typed: str, call: Call) -> str:
        return f"{name} {profile_fields.judge(name, typed)}"

    return judge


def first_name(name: str) -> Judge:
    """The check of a name that is typed in parts: the first one, or all of it at once."""

    def judge(typed: str, call: Call) -> str:
        part = profile_formats.name_part(typed)
        return f"{name} {profile_fields.judge(name, part) if ' ' in part else part}"

    return judge


def other_names(name: str) -> Judge:
    """The check of the other part, which is kept behind the first."""

    def judge(typed: str, call: Call) -> str:
        part = profile_formats.name_part(typed)
        return f"{name} {profile_fields.judge(name, call.facts.get(f'first_{name}', '') + ' ' + part)}"

    return judge


def email(typed: str, call: Call) -> str:
    """A whole address, or what stands before its @: then the rest is chosen."""
    plain = profile_formats.tidy(typed).lower()
    if LOCAL.fullmatch(plain) and len(plain) <= profile_formats.LONGEST_EMAIL:
        return f"email {plain}"
    return f"email {profile_fields.judge('email', typed)}"


def letters(typed: str) -> str:
    """Letters enough to find a place by."""
    plain = profile_formats.tidy(typed)
    if sum(map(str.isalpha, plain)) < LEAST_LETTERS:
        raise Refusal("profile.letters")
    return plain


def place_letters(typed: str, call: Call) -> str:
    """Letters that some sub-county or county is known by."""
    plain = letters(typed)
    if not places.find_sub_counties(call.db, plain):
        raise Refusal("profile.no_place")
    return plain


def school_letters(typed: str, call: Call) -> str:
    """Letters of a school; where none is found its name is typed."""
    return letters(typed)


# -- lists ------------------------------------------------------------------------------------------------


def choices(name: str, *, other: bool = False) -> Callable[[Call, str], list[Choice]]:
    """The list of this line, narrowed by letters; with `other`, what is not on it may be typed."""

    def find(call: Call, query: str) -> list[Choice]:
        codes = [*FIELDS[name].choices]
        if query:
            codes = places.best(codes, [likeness(call, name, code, places.plain(query)) for code in codes])
        listed = [Choice(f"{name} {code}", spoken(call, name, code)) for code in codes]
        return [*listed, *([Choice(f"other {name}", speech.term(call, "profile.other"))] if other else [])]

    return find


def likeness(call: Call, name: str, code: str, wanted: str) -> float:
    """How much the letters are like this choice, by any of its names."""
    known = (spoken(call, name, code), *FIELDS[name].choices[code])
    return max(places.like(wanted, each) for each in known)


def spoken(call: Call, name: str, kept: str) -> str:
    """An answer as it is read, in the language of this dialogue."""
    return speech.spell(profile_fields.read(name, kept), call.lang, call.words)


def hosts(call: Call, query: str) -> list[Choice]:
    """What may stand behind the @."""
    local = call.facts.get("email_local", "")
    ends = [Choice(f"email {local}@{host}", f"@{host}") for host in HOSTS]
    return [*ends, Choice("other email", speech.term(call, "profile.other"))]


def sub_counties(call: Call, query: str) -> list[Choice]:
    """The sub-counties that the letters may mean."""
    found = places.find_sub_counties(call.db, query or call.facts.get("place_letters", ""))
    return [Choice(f"sub_county {place.id}", place.label) for place in found]


def schools(call: Call, query: str) -> list[Choice]:
    """The schools of one's own county that the letters may mean; the last line is for any other."""
    profile = profiles.of(call.db, call.account or 0)
    county = places.county_of(call.db, profile.sub_county_id if profile else None)
    typed = query or call.facts.get("school_letters", "")
    found = places.find_schools(call.db, county.code, typed) if county else []
    other = Choice("other workplace", speech.term(call, "profile.other_school"))
    return [*(Choice(f"school {school.id}", school.name) for school in found), other]
