"""Vacancies by SMS: how many there are in a place, the first few with their codes, and how to apply."""

from collections.abc import Mapping
from typing import Any, Final

from operations import accounts, vacancy_fit, vacancy_places, vacancy_search
from operations.vacancy_fit import Fit
from operations.vacancy_places import Sought
from operations.vacancy_search import MOST_COUNTED, Found, Home
from sms_gateway.commands.calls import Command, SmsCall
from telephony.shortening import shorten

MOST_TOLD: Final = 3  # vacancies in one answer of two segments
LONGEST_CENTRE: Final = 22


def vacancies(call: SmsCall) -> None:
    """What is open in the place that was named, or where this person works; anybody may ask.

    Who is of a known kind is told what people of that kind may take, and nothing else.
    """
    account = accounts.by_phone(call.db, call.phone)
    home = vacancy_search.home_of(call.db, account.id) if account else None
    fit = vacancy_fit.of(call.db, account.id, now=call.now) if account else None
    sought = vacancy_places.find(call.db, call.words)
    if sought is None:
        return call.reply("sms.vacancies_unknown_place")
    if sought.name:
        return tell(call, [sought], home, fit)
    if home is None:
        return call.reply("sms.vacancies_where")
    return tell(call, vacancy_places.near(home), home, fit)


def tell(call: SmsCall, wanted: list[Sought], home: Home | None, fit: Fit | None) -> None:
    """The vacancies of the first of these places that has some."""
    words = "sms.vacancies_yours" if fit else "sms.vacancies"
    for sought in wanted:
        found, total = search(call, sought, home, fit)
        if found:
            return call.reply(words, **answer(sought, found, total))
    if not vacancy_search.count(call.db, {}, now=call.now):
        return call.reply("sms.vacancies_none")
    others = search(call, wanted[-1], home, None)[1] if fit else 0
    there = {"vacancy_place": shorten(wanted[-1].name, vacancy_places.LONGEST_PLACE)}
    if fit and others:
        kind = f"@term.kind.{fit.kind}"
        return call.reply("sms.vacancies_others", vacancy_kind=kind, vacancy_count=counted(others), **there)
    call.reply("sms.vacancies_none_there", **there)


def search(call: SmsCall, sought: Sought, home: Home | None, fit: Fit | None) -> tuple[list[Found], int]:
    """The first vacancies there, and how many there are."""
    picked, typed = sought.picked, sought.typed
    if fit:
        found = vacancy_fit.results(call.db, fit, picked, typed, home=home, now=call.now)
        return found, len(found) if typed else vacancy_fit.count(call.db, fit, picked, now=call.now)
    found = vacancy_search.results(call.db, picked, typed, home=home, now=call.now)
    return found, len(found) if typed else vacancy_search.count(call.db, picked, now=call.now)


def counted(total: int) -> str:
    """A number of vacancies as it is told."""
    return str(total) if total <= MOST_COUNTED else f"{MOST_COUNTED}+"


def answer(sought: Sought, found: list[Found], total: int) -> dict[str, Any]:
    """The values of the answer; a line is spelled in the reader's language when it is sent."""
    lines: list[str] = []
    several = len({each.exam for each in found}) > 1
    for each in found[:MOST_TOLD]:
        lines += ["; "] if lines else []
        centre = shorten(vacancy_places.shorter(each.centre), LONGEST_CENTRE)
        exam = f"{each.exam} " if several else ""
        lines += [f"{each.code} {exam}", f"@term.position.{each.position}", f" {centre} ({each.left})"]
    return {
        "vacancy_place": shorten(sought.name, vacancy_places.LONGEST_PLACE),
        "vacancy_count": counted(total),
        "vacancy_lines": lines,
        "vacancy_code": found[0].code,
    }


COMMANDS: Final[Mapping[str, Command]] = {"VACANCIES": Command(vacancies)}
