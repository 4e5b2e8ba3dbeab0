"""Documents by SMS: the letter, the manual, and whether a number is genuine."""

from collections.abc import Mapping
from typing import Final

from models.accounts import Account
from models.deployments import Deployment
from operations import accounts, deployments, documents, links
from sms_gateway import replies
from sms_gateway.commands.calls import Command, SmsCall


def letter(call: SmsCall) -> None:
    """Send the phone's own account the link to its letter or declaration, or say what is in the way."""
    account = accounts.by_phone(call.db, call.phone)
    if account is None:
        return call.reply("sms.no_account")
    post = deployments.current(call.db, account.id)
    if post is None:
        return call.reply("sms.letter_none")
    declaration = DECLARATION & set(call.words)
    send(call, account, post, "declaration" if declaration else documents.kind_of_letter(post.position))


def send(call: SmsCall, account: Account, post: Deployment, kind: str) -> None:
    """The link; an appointment is accepted first, an invitation is read to be answered."""
    if kind != "invitation" and post.state != "accepted":
        return call.reply("sms.letter_accept_first")
    if not account.national_id:
        return call.reply("sms.letter_no_id")
    made = links.draw(call.db, call.office, post.id, kind, now=call.now, lang=call.lang)
    until = links.last_day(post.reporting_at).isoformat()
    words = "sms.declaration" if kind == "declaration" else "sms.letter"
    call.reply(words, letter_seed=made.seed, letter_until=f"@date:{until}")


def check(call: SmsCall) -> None:
    """Say whether the number is genuine; past the day's limit say so once, then nothing."""
    if not call.words:
        return call.reply("sms.check_ask", checked_no=EXAMPLE)
    typed = "".join(call.words)
    verdict = documents.check(call.db, call.office, typed, f"phone:{call.phone}", now=call.now)
    ANSWERS[verdict.name](call, verdict)


def genuine(call: SmsCall, verdict: documents.Verdict) -> None:
    """What the document is, and whose, by the initials; a register by its centre and hash."""
    if verdict.kind == "return":
        return register(call, verdict)
    call.reply(
        "sms.check_genuine",
        checked_no=verdict.reference,
        checked_kind=f"@term.document.{verdict.kind}",
        checked_initials=verdict.initials,
        checked_position=f"@term.position.{verdict.position}",
        checked_centre=verdict.centre,
        checked_exam=verdict.exam,
    )


def register(call: SmsCall, verdict: documents.Verdict) -> None:
    """A register that was returned: only the print with this hash counts; or it was corrected since."""
    call.reply(
        f"sms.check_register_{verdict.name}",
        checked_no=verdict.reference,
        checked_centre=verdict.centre,
        checked_exam=verdict.exam,
        checked_hash=verdict.digest[:12],
    )


def revoked(call: SmsCall, verdict: documents.Verdict) -> None:
    """It was genuine, and is no longer valid."""
    call.reply("sms.check_revoked", checked_no=verdict.reference)


def other(call: SmsCall, verdict: documents.Verdict) -> None:
    """The number of a receipt, which is on no paper."""
    call.reply("sms.check_other", checked_no=verdict.reference)


def unknown(call: SmsCall, verdict: documents.Verdict) -> None:
    """Nobody knows this number, or it is no number at all: the same words."""
    call.reply("sms.check_unknown")


def limit(call: SmsCall, verdict: documents.Verdict) -> None:
    """Enough for today; said once a day."""
    if not replies.said(call.db, call.phone, "sms.check_limit", since=call.now - documents.DAY):
        call.reply("sms.check_limit", checks_a_day=str(documents.MOST_A_DAY["phone"]))


def manual(call: SmsCall) -> None:
    """Where the manual is, and the commands that most people need."""
    call.reply("sms.manual")


# LETTER DECLARATION asks for the form instead.
DECLARATION: Final = frozenset({"declaration", "tamko"})
EXAMPLE: Final = "DC-7K4-QX9-2"
ANSWERS: Final = {
    "genuine": genuine,
    "changed": register,
    "revoked": revoked,
    "other": other,
    "unknown": unknown,
    "limit": limit,
}
COMMANDS: Final[Mapping[str, Command]] = {
    "LETTER": Command(letter),
    "CHECK": Command(check),
    "MANUAL": Command(manual),
}
