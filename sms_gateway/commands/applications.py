"""Applications by SMS: apply, status, withdraw."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from models.accounts import Account, Confirmation
from models.applications import LIVE
from operations import (
    accounts,
    applications,
    confirmations,
    deployments,
    eligibility,
    posts,
    profiles,
    vacancies,
)
from operations.posts import Standing
from operations.refusals import Refusal
from sms_gateway.commands.answering import has_digit
from sms_gateway.commands.calls import Command, SmsCall
from telephony import references
from telephony.shortening import few, pieces

# Three applications, or three lines of a profile, leave room for the rest of one SMS.
MOST_SAID: Final = 3
# The word that may follow the code of a withdrawal, in either language; anything else is another reason.
WHY: Final[Mapping[str, str]] = {
    **dict.fromkeys(("wrong", "position", "nafasi"), "wrong_position"),
    **dict.fromkeys(("mind", "change", "nia", "nimebadili"), "change_of_mind"),
}


# -- STATUS ------------------------------------------------------------------------------------------


def status(call: SmsCall) -> None:
    """Where every live application stands, and the last one that ended."""
    account = owner(call)
    if account is None:
        return
    listed = applications.mine(call.db, account.id)
    told = [each for each in listed if each.live]
    told += [each for each in listed if not each.live][:1]
    if not told:
        if deployments.current(call.db, account.id) is not None:
            return call.reply("sms.status_posted")
        approved = eligibility.of(call.db, account.id)
        may = approved is not None and approved.standing == "approved"
        return call.reply("sms.status_none" if may else "sms.status_not_approved")
    if len(told) == 1:
        return tell(call, told[0])
    call.reply("sms.status_several", applied_lines=lines(told[:MOST_SAID]))


def tell(call: SmsCall, standing: Standing) -> None:
    """Say where one application stands, and what to do next."""
    call.reply(f"sms.status_{standing.said}", **standing.values())


def lines(told: Sequence[Standing]) -> list[str]:
    """Several applications in one line, in pieces that are spelled when it is sent."""
    pieces: list[str] = []
    for standing in told:
        pieces += ["; "] if pieces else []
        pieces += [f"{standing.reference} {standing.post.exam} ", f"@term.application.{standing.said}"]
    return pieces


# -- APPLY -------------------------------------------------------------------------------------------


def apply(call: SmsCall) -> None:
    """Ask for a YES with the post, the exam and the place; whoever may not apply hears why."""
    account = owner(call)
    if account is None:
        return
    code = "".join(word for word in call.words if has_digit(word))
    if not code:
        return call.reply("sms.apply_how")
    vacancy = vacancies.by_code(call.db, code)
    if vacancy is None:
        raise Refusal("vacancy.no_such_code")
    missing = profiles.missing(call.db, account.id)
    if missing:
        return call.reply(
            "sms.apply_incomplete",
            applied_least=pieces([f"@term.field.{name}" for name in missing], MOST_SAID),
        )
    known = applications.live(call.db, account.id, vacancy.series_id)
    post = posts.of(call.db, vacancy.id)
    if known is not None:
        return call.reply("sms.apply_live", applied_reference=known.reference, applied_exam=post.exam)
    applications.check(call.db, account.id, vacancy, now=call.now)
    asked = confirmations.ask(call.db, call.phone, "apply", now=call.now, vacancy=vacancy.code)
    call.reply("sms.apply_confirm", confirmation=str(asked.id), **post.values())


def applied(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """Apply for what was asked; a repeated YES is told the same reference, or what became of it."""
    account = owner(call)
    vacancy = vacancies.by_code(call.db, asked.details["vacancy"])
    if account is None or vacancy is None:
        return
    made = applications.apply(
        call.db, account.id, vacancy.id, form_id=f"sms:{asked.id}", by=call.by, now=call.now
    )
    if made.state not in LIVE:
        return tell(call, posts.standing_of(call.db, made.id))
    call.reply("sms.applied", applied_reference=made.reference)


# -- WITHDRAW ----------------------------------------------------------------------------------------


def withdraw(call: SmsCall) -> None:
    """Ask for a YES to withdraw the application named, or the only one there is."""
    account = owner(call)
    if account is None:
        return
    mine = applications.mine(call.db, account.id)
    reference = named(call.words, {each.reference for each in mine})
    live = [each for each in mine if each.live]
    if not reference and len(live) != 1:
        return which(call, live)
    chosen = reference or live[0].reference
    standing = applications.own(call.db, account.id, chosen)
    applications.refuse_held(standing.state, standing.reference)
    asked = confirmations.ask(call.db, call.phone, "withdraw", now=call.now, reference=standing.reference)
    call.reply("sms.withdraw_confirm", confirmation=str(asked.id), **standing.values())


def which(call: SmsCall, live: Sequence[Standing]) -> None:
    """Nothing to withdraw, or several: say so."""
    if not live:
        return call.reply("sms.withdraw_none")
    call.reply("sms.withdraw_which", applied_numbers=few([each.reference for each in live], MOST_SAID))


def withdrawn(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """Withdraw what was asked; a repeated YES is told the same."""
    account = owner(call)
    if account is None:
        return
    standing = applications.own(call.db, account.id, asked.details["reference"])
    why = next((WHY[word] for word in call.words if word in WHY), "other")
    applications.withdraw(call.db, standing.id, why, by=call.by, now=call.now)
    call.reply("sms.withdrawn", applied_reference=standing.reference)


def named(words: Sequence[str], known: Collection[str]) -> str:
    """The reference among these words, however it was spaced; empty where nothing of the kind is there.

    Of two readings a known one is meant: the A of `A P Y 4 H` is dropped as a word, and in one of 23 the P
    begins another. What has digits and is no reference is refused by whoever looks it up.
    """
    read = list(readings(words))
    if read:
        return next((reference for reference in read if reference in known), read[0])
    return "".join(words) if any(map(has_digit, words)) else ""


def readings(words: Sequence[str]) -> Iterator[str]:
    """The references that neighbouring words can be read as."""
    for run in runs(words):
        with suppress(references.BadReference):
            yield references.read(run, applications.KIND)


def runs(words: Sequence[str]) -> Iterator[str]:
    """Neighbouring words joined, the longest first: a reference may be written a symbol a word."""
    for length in range(min(len(words), references.LENGTH), 0, -1):
        for start in range(len(words) - length + 1):
            yield "".join(words[start : start + length])


def owner(call: SmsCall) -> Account | None:
    """The account of the phone that asks; without one it is told how to get one."""
    account = accounts.by_phone(call.db, call.phone)
    if account is None:
        call.reply("sms.no_account")
    return account


COMMANDS: Final[Mapping[str, Command]] = {
    "STATUS": Command(status),
    "APPLY": Command(apply, confirmed=applied),  # asks for its YES itself
    "WITHDRAW": Command(withdraw, confirmed=withdrawn),
}
