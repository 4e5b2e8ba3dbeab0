"""The vacancy search: CP2's lists, each holding only what still has vacancies, then what was found."""

from collections.abc import Callable, Mapping
from typing import Final

from menus import speech
from menus.vocabulary import Call, Choice, Result
from operations import forms, places, vacancy_search
from operations.office import now
from operations.vacancy_places import shorter
from operations.vacancy_search import LISTS, MOST_COUNTED, Found, Home
from telephony import gsm7
from telephony.shortening import shorten

ANY: Final = "any"
# A list's pick is kept under this name; `vacancy_exam`, for example.
KEPT: Final = "vacancy_{}"
LONGEST_LINE: Final = 58  # septets: with its number it stands whole on a page in both languages
LONGEST_POST: Final = 36


def lister(name: str) -> Callable[[Call, str], list[Choice]]:
    """The source of one list of the search."""

    def find(call: Call, typed: str) -> list[Choice]:
        """What may be picked: `any` beside the choices, unless there is but one."""
        picked = picked_in(call)
        if name == "sub_county" and "county" not in picked:
            return [Choice(ANY, "@term.any")]  # a sub-county depends on its county
        home = home_of(call)
        found = vacancy_search.choices(call.db, picked, name, home=home, now=now(call.db))
        if typed:
            likeness = [places.like(places.plain(typed), each.name) for each in found]
            return [Choice(each.value, each.name) for each in places.best(found, likeness)]
        own = home.values.get(name) if home else None
        lines = [Choice(each.value, label(call, name, each, own)) for each in found]
        return with_any(lines, own_first=name == "county" and bool(found) and found[0].value == own)

    return find


def with_any(lines: list[Choice], *, own_first: bool) -> list[Choice]:
    """The lines with `any` on top; below one's own county, which is the default."""
    if len(lines) < 2:
        return lines
    at = 1 if own_first else 0
    return [*lines[:at], Choice(ANY, "@term.any"), *lines[at:]]


def label(call: Call, name: str, choice: vacancy_search.Choice, own: str | None) -> str:
    """A line of a list: a term of ours, or a name and whether it is one's own place."""
    if not choice.name:
        return f"@term.{name}.{choice.value}"
    return f"{choice.name} ({speech.term(call, 'yours')})" if choice.value == own else choice.name


def picked_in(call: Call) -> dict[str, str]:
    """What was picked in each list so far, `any` left out."""
    kept = {name: call.facts.get(KEPT.format(name), ANY) for name in LISTS}
    return {name: value for name, value in kept.items() if value != ANY}


def home_of(call: Call) -> Home | None:
    """Where the person works."""
    return vacancy_search.home_of(call.db, call.account) if call.account is not None else None


def keep(call: Call) -> Result:
    """Remember who is looking for a post: one SMS is sent of a search that was dropped, ever."""
    if call.account is not None:
        forms.begin(call.db, f"search:{call.account}", call.account, "apply", now=now(call.db))
    return Result("kept")


# -- the result --------------------------------------------------------------------------------------


def results(call: Call, typed: str) -> list[Choice]:
    """The vacancies that were searched for, the nearest first; letters typed are part of a centre's name."""
    found = vacancy_search.results(call.db, picked_in(call), typed, home=home_of(call), now=now(call.db))
    return [Choice(each.code, line(call, each)) for each in found]


def line(call: Call, found: Found) -> str:
    """A vacancy as the list shows it: Invigilator, Kasarani Girls Sec (3)."""
    exam = "" if "exam" in picked_in(call) else found.exam  # of several, which one
    words = (exam, speech.term(call, f"position.{found.position}"), found.subject, found.paper)
    post, left = shorten(" ".join(filter(None, words)), LONGEST_POST), f" ({found.left})"
    room = LONGEST_LINE - sum(map(gsm7.septets, (post, ", ", left)))
    return f"{post}, {shorten(shorter(found.centre), room)}{left}"


def count(call: Call) -> Mapping[str, str]:
    """How many vacancies were found."""
    found = vacancy_search.count(call.db, picked_in(call), now=now(call.db))
    return {"vacancy_count": str(found) if found <= MOST_COUNTED else f"{MOST_COUNTED}+"}
