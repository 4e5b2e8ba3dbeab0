"""My attendance and pay: the days as the centre marked them, what they come to, and a day disputed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, Final

from babel.dates import format_date

from menus import speech
from menus.vocabulary import Call, Choice, Result
from menus.wording import Wording
from operations import attendance, disputes, duties, pay, payrolls
from operations.attendance import Day
from operations.duties import Duty
from operations.office import now
from operations.register_reading import REGISTERED
from telephony.shortening import shorten

# Nobody has more posts in a year; older ones are asked for at the Sub-County Director's.
MOST_DUTIES: Final = 6
LABEL: Final = 34  # septets of a line of their list
# A day that was disputed makes room for the next one.
MOST_DISPUTED: Final = 8
STATES: Final = ("present", "absent", "unmarked")


def mine(call: Call, query: str) -> list[Choice]:
    """The deployments of this account that have days."""
    own = duties.mine(call.db, call.account or 0)[:MOST_DUTIES]
    return [Choice(str(duty.id), shorten(f"{duty.exam}, {duty.centre}", LABEL)) for duty in own]


def covered(call: Call) -> Result:
    """Whether a daily register has the chosen post, or an office reports its days; and if pay is decided."""
    duty = duties.own(call.db, call.account, int(call.facts["duty"]))
    by = "registered" if duty.position in REGISTERED else "reported"
    line = payrolls.decided(call.db, duty.id)
    if line is None:
        return Result(by)
    words = "pay.decided" if line.refused is None else "pay.decided_refused"
    said = sentence(call, words, **payrolls.said(line))
    return Result(f"{by}_decided", facts={"attended_exam": duty.exam, "pay_decided": said})


def summary(call: Call) -> Mapping[str, str]:
    """The days of the chosen deployment in numbers, and what they come to."""
    duty, days = chosen(call)
    so_far = pay.of_duties(call.db, [duty], {duty.id: days})[duty.id]
    return {
        "attended_exam": duty.exam,
        "days_present": str(so_far.days_present),
        "days_absent": str(so_far.days_absent),
        "days_unmarked": str(so_far.unmarked),
        **pay.said(so_far),
    }


def chosen(call: Call) -> tuple[Duty, list[Day]]:
    """The deployment that was chosen, if it is one's own, with its days."""
    duty = duties.own(call.db, call.account, int(call.facts["duty"]))
    return duty, attendance.of_many(call.db, [duty], now=now(call.db))[duty.id]


def day_by_day(call: Call) -> Mapping[str, str]:
    """Every day so far under what holds of it: `P (present): 16, 19 Oct. Ab (absent): 20 Oct.`"""
    days = chosen(call)[1]
    groups = {
        **{state: [day.day for day in days if day.state == state] for state in STATES},
        "disputed": [day.day for day in days if day.dispute and not day.dispute.settled_at],
    }
    said = [
        f"{speech.term(call, f'days.{name}')}: {dates(group, call.lang)}."
        for name, group in groups.items()
        if group
    ]
    return {"attended_days": " ".join(said) or speech.term(call, "days.none")}


def dates(days: Iterable[date], lang: str) -> str:
    """Days in few letters, first to last, the month said once: `16, 19 Oct, 2 Nov`."""
    return ", ".join(
        f"{', '.join(str(day.day) for day in month)} {name}" for month, name in months(days, lang)
    )


def ranges(days: Iterable[date], lang: str) -> str:
    """Days that follow each other said as one: `16, 19-23 Oct, 2-6 Nov`."""
    return ", ".join(f"{', '.join(runs(month))} {name}" for month, name in months(days, lang))


def months(days: Iterable[date], lang: str) -> Iterator[tuple[list[date], str]]:
    """The days of each month, and what it is called."""
    for _, group in groupby(days, key=lambda day: (day.year, day.month)):
        month = list(group)
        yield month, format_date(month[0], "MMM", speech.LOCALES[lang])


def runs(days: Iterable[date]) -> Iterator[str]:
    """Days of one month, those that follow each other as their first and last: `16`, `19-23`."""
    for _, group in groupby(enumerate(days), key=lambda each: each[1].toordinal() - each[0]):
        run = [day.day for _, day in group]
        yield str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"


def disputable(call: Call, query: str) -> list[Choice]:
    """The days that may be disputed, the latest first, then those that were: how they stand."""
    moment, days = now(call.db), chosen(call)[1][::-1]
    may = [day for day in days if disputes.disputable(day, now=moment)]
    were = [day for day in days if day.dispute and day not in may]
    listed = [choice(call, day, day.state) for day in may]
    for day in were:
        listed.append(choice(call, day, "settled" if day.dispute and day.dispute.settled_at else "disputed"))
    return listed[:MOST_DISPUTED]


def choice(call: Call, day: Day, standing: str) -> Choice:
    """One day of the list: `16 Oct: Ab`."""
    said = f"{dates([day.day], call.lang)}: {speech.term(call, f'mark_short.{standing}')}"
    return Choice(day.day.isoformat(), said)


def look(call: Call) -> Result:
    """What is to be said of the day that was picked."""
    picked = date.fromisoformat(call.facts["mark_day"])
    day = next((each for each in chosen(call)[1] if each.day == picked), None)
    return Result(outcome(call, day), facts=told(call, day)) if day else Result("gone")


def outcome(call: Call, day: Day) -> str:
    """Which screen a day has; `gone` where there is nothing to say of it any more."""
    if disputes.disputable(day, now=now(call.db)):
        return "open"
    if day.dispute and day.dispute.settled_at:
        return "settled"
    if day.state == "present":
        return "present"
    return "disputed" if day.dispute else "gone"


def told(call: Call, day: Day) -> dict[str, str]:
    """A day as its screen says it."""
    return {
        "attended_day": f"@day:{day.day}",
        "attended_mark": f"@term.own_mark.{day.state}",
        "attended_said": said_of(call, day),
        "dispute_reference": day.dispute.reference if day.dispute else "",
        "dispute_reason": (day.dispute.reason or "") if day.dispute else "",
    }


def said_of(call: Call, day: Day) -> str:
    """When the word that holds was said, and whether two phones differ; nothing of an unmarked day."""
    word = day.mark.word
    if word is None:
        return ""
    on_the_day = duties.local(word.said_at) == day.day
    moment = f"@{'time' if on_the_day else 'moment'}:{word.said_at.isoformat()}"
    said = sentence(call, "attendance.marked_at", attended_moment=moment)
    return f"{said} {sentence(call, 'attendance.conflict')}" if day.mark.conflict else said


def sentence(call: Call, name: str, **values: Any) -> str:
    """A sentence of the words, in the language of this dialogue."""
    return Wording(call.words, call.office).sms(name, call.lang, values)


def dispute(call: Call) -> Result:
    """Dispute the day that was picked; again it is the same dispute."""
    moment = now(call.db)
    day = date.fromisoformat(call.facts["mark_day"])
    raised = disputes.raise_(call.db, call.account, int(call.facts["duty"]), day, by=call.by, now=moment)
    return Result("raised", facts={"dispute_reference": raised.reference})


def count(call: Call) -> Result:
    """How the pay so far is counted: with a rate that has a limit of days or none, or without a rate."""
    duty, days = chosen(call)
    so_far = pay.of_duties(call.db, [duty], {duty.id: days})[duty.id]
    facts = {"pay_days": str(so_far.payable_days), "pay_most": str(so_far.most_days or "")}
    if so_far.ksh is None:
        return Result("unrated", facts=facts)
    facts |= {
        "pay_rate": f"@ksh:{so_far.ksh_per_day}",
        "pay_year": str(so_far.rate_year),
        "pay_so_far": f"@ksh:{so_far.ksh}",
    }
    return Result("capped" if so_far.most_days else "rated", facts=facts)
