"""Applying by phone, and what becomes of an application: status, withdrawal, applying again."""

from collections.abc import Mapping

from menus import speech
from menus.vocabulary import Call, Choice, Result
from models.series import Vacancy
from operations import applications, forms, posts, profiles, rules, vacancies
from operations.office import now
from operations.refusals import Refusal
from telephony import references

# A shorter one is a slip, or a key of the screen.
SHORTEST_CODE = 4
# Nobody applies for more exams than this at once; older ones that ended stay in the books.
MOST_LISTED = 8
# What interest in a centre is declared: it is kept with the declaration.
INTERESTS = ("child", "relative", "work", "other")


# -- applying ----------------------------------------------------------------------------------------


def judge_code(typed: str, call: Call) -> str:
    """The code of a vacancy there is, as it is spelled."""
    try:
        digits = references.read_digits(typed)
    except references.BadReference:
        raise Refusal("vacancy.no_such_code") from None
    if len(digits) < SHORTEST_CODE:
        raise Refusal("vacancy.no_such_code")
    return found(call, digits).code


def check(call: Call) -> Result:
    """Whether this person may apply for this vacancy; if so a form is begun, to be finished now or later."""
    account, vacancy, moment = signed(call), wanted(call), now(call.db)
    if profiles.missing(call.db, account):
        # The profile comes first, and has a reminder of its own.
        forms.finish_all(call.db, account, "apply", now=moment)
        return Result("incomplete")
    known = applications.live(call.db, account, vacancy.series_id)
    if known is not None:
        return Result("live", facts={"application": str(known.id)})
    applications.check(call.db, account, vacancy, now=moment)
    if not call.facts.get("attempt"):  # what was begun before, a search too, needs no reminder of its own
        forms.finish_all(call.db, account, "apply", now=moment)
    details = {"vacancy": vacancy.code, "code": vacancy.code, "post": f"@term.position.{vacancy.position}"}
    forms.begin(call.db, attempt(call), account, "apply", now=moment, **details)
    return Result("ready", facts={"attempt": attempt(call)})


def submit(call: Call) -> Result:
    """Apply; the same form again is told the same reference."""
    account, vacancy = signed(call), wanted(call)
    made = applications.apply(
        call.db, account, vacancy.id, form_id=attempt(call), by=call.by, now=now(call.db)
    )
    applications.refuse_ended(made.state, made.reference)
    return Result("done", facts={"applied_reference": made.reference})


def declare(call: Call) -> Result:
    """Note an interest in the vacancy's centre: this person does not serve there."""
    account, vacancy, moment = signed(call), wanted(call), now(call.db)
    reason = call.facts.get("interest", "other")
    rules.declare_interest(call.db, account, vacancy.centre_code, reason, by=call.by, now=moment)
    forms.finish(call.db, attempt(call), now=moment)
    return Result("declared", facts={"attempt": ""})


def post(call: Call) -> Mapping[str, str]:
    """The post, the exam and the place of the vacancy that was chosen."""
    return posts.of(call.db, wanted(call).id).values()


def missing(call: Call) -> Mapping[str, str]:
    """The lines of the profile that are still empty."""
    names = profiles.missing(call.db, signed(call))
    return {"applied_missing": ", ".join(speech.term(call, f"field.{name}") for name in names)}


def interests(call: Call, query: str) -> list[Choice]:
    """What interest somebody may have in a centre."""
    return [Choice(name, speech.term(call, f"interest.{name}")) for name in INTERESTS]


# -- afterwards --------------------------------------------------------------------------------------


def mine(call: Call, query: str) -> list[Choice]:
    """The person's applications: the live ones, then the newest that ended."""
    listed = applications.mine(call.db, signed(call))[:MOST_LISTED]
    return [Choice(str(each.id), label(call, each)) for each in listed]


def label(call: Call, standing: posts.Standing) -> str:
    """An application as a list names it."""
    state = speech.term(call, f"application.{standing.said}")
    return f"{standing.post.exam} {speech.term(call, f'position.{standing.post.position}')}: {state}"


def look(call: Call) -> Result:
    """Where the application that was picked stands."""
    return Result(picked(call).said)


def standing(call: Call) -> Mapping[str, str]:
    """What is said of the application that was picked."""
    return picked(call).values()


def reasons(call: Call, query: str) -> list[Choice]:
    """Why somebody may withdraw."""
    return [Choice(name, speech.term(call, f"withdrawal.{name}")) for name in applications.WITHDRAWALS]


def withdraw(call: Call) -> Result:
    """Take the application back; its place goes to others."""
    reason = call.facts.get("withdrawal", "other")
    applications.withdraw(call.db, picked(call).id, reason, by=call.by, now=now(call.db))
    return Result("withdrawn")


# -- who, and which ----------------------------------------------------------------------------------


def signed(call: Call) -> int:
    """The account that is signed in."""
    if call.account is None:
        raise Refusal("password.sign_in_first")
    return call.account


def attempt(call: Call) -> str:
    """The form of this attempt to apply: one a dialogue, whichever vacancies are looked at on the way."""
    return call.facts.get("attempt") or call.form


def wanted(call: Call) -> Vacancy:
    """The vacancy that was typed or picked."""
    return found(call, call.facts.get("vacancy", ""))


def found(call: Call, code: str) -> Vacancy:
    """The vacancy of this code."""
    vacancy = vacancies.by_code(call.db, code)
    if vacancy is None:
        raise Refusal("vacancy.no_such_code")
    return vacancy


def picked(call: Call) -> posts.Standing:
    """The application that was picked, which must be this person's own."""
    chosen = call.facts.get("application", "")
    mine_ = posts.standing_of(call.db, int(chosen)) if chosen else None
    if mine_ is None or mine_.account_id != signed(call):
        raise Refusal("application.none")
    return mine_
