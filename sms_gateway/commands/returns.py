"""The return of the register and a person's statement of pay, by SMS."""

from collections.abc import Mapping
from typing import Final

from operations import accounts, duties, enrolments, payrolls, returns
from operations.refusals import Refusal
from operations.returns import Standing
from sms_gateway.commands import pay
from sms_gateway.commands.calls import Command, SmsCall
from telephony.shortening import few

MOST_NAMED: Final = 3  # centres that an answer has room for
MOST_POSTS: Final = 3  # of a person, an SMS each


def register(call: SmsCall) -> None:
    """Say how the return of the centre's register stands; one that is submitted comes as a link."""
    mine = enrolments.centre_of(call.db, call.phone)
    named = [code for code in mine if code in call.words] or mine
    if not named:
        return call.reply("sms.return_not_enrolled")
    if len(named) > 1:
        return call.reply("sms.return_which", officers_centres=few(named, MOST_NAMED))
    answer(call, named[0], returns.standing(call.db, named[0], now=call.now))


def answer(call: SmsCall, centre_code: str, found: Standing) -> None:
    """How it stands, in one SMS."""
    said = {"centre_code": centre_code}
    if found.series is not None:
        said |= {"return_exam": found.exam, "return_from": f"@date:{found.ends}"}
    if found.returned is not None:
        said["return_number"] = found.returned.reference
        said["return_handed"] = f"@date:{duties.local(found.returned.submitted_at)}"
    if found.name == "submitted" and linked(call, found, said):
        return
    call.reply(f"sms.return_{found.name}", **said)


def linked(call: SmsCall, found: Standing, said: Mapping[str, str]) -> bool:
    """Answer with the link for printing; False where there is none to give."""
    if found.returned is None:
        return False
    try:
        made, position = returns.link(call.db, call.office, found.returned, now=call.now, lang=call.lang)
    except Refusal:
        return False
    holder = f"@term.position.{position}"
    call.reply("sms.return_link", **said, letter_seed=made.seed, return_holder=holder)
    return True


def statement(call: SmsCall) -> None:
    """An SMS for each post that a person has in the latest closed pay schedule; before it, the pay so far."""
    account = accounts.by_phone(call.db, call.phone)
    found = payrolls.statement(call.db, account.id) if account else []
    if not found:
        return pay.so_far(call)
    for line, _, series in found[-MOST_POSTS:]:
        pay.decided(call, line, f"{series.exam} {series.year}")


COMMANDS: Final[Mapping[str, Command]] = {
    "RETURN": Command(register),
    "STATEMENT": Command(statement),
}
