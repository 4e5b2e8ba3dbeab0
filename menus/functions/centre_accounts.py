"""Whose home it is after a sign-in, and adding a phone to a centre."""

from menus.vocabulary import Call, Result
from operations import accounts, centre_accounts, enrolments
from operations.office import now
from operations.refusals import Refusal


def desk(call: Call) -> Result:
    """The home of a person, a centre or a director."""
    return Result(centre_accounts.desk(call.read, call.account or 0))


def ask_code(call: Call) -> Result:
    """Send the code for a new phone to the phones that the centre has."""
    account = accounts.by_username(call.db, call.facts["opening"])
    if account is None or account.centre_code is None:
        raise Refusal("centre.no_phone_yet")
    enrolments.ask(call.db, account, call.phone, now=now(call.db))
    return Result("sent")


def enrol(call: Call) -> Result:
    """The code of the new phone; the right one enrols it and opens the centre's account."""
    account = accounts.by_username(call.db, call.facts["opening"])
    if account is None:
        return Result("ended")
    moment, typed = now(call.db), enrolments.read_code(call.secret("enrolment_code") or "")
    ended = enrolments.answer(call.db, call.office, account, typed, by=call.by, now=moment)
    if ended == "wrong":
        left = enrolments.tries_left(call.db, account, call.phone, now=moment)
        return Result(ended, facts={"tries": str(left)})
    return Result(ended, account=account.id if ended == "enrolled" else None)


def judge_code(typed: str, call: Call) -> str:
    """Six digits, blanks and dashes between them forgiven."""
    return enrolments.read_code(typed)
