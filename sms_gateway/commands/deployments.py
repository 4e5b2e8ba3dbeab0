"""Deployments by SMS: what it is, accept, decline.

An answer that carries a code of the offer acts at once; any other one is asked for its YES.
"""

from collections.abc import Mapping
from typing import Final

from models.accounts import Account, Confirmation
from models.deployments import Deployment
from operations import accounts, confirmations, deployments
from operations.deployments import DeploymentFacts
from operations.refusals import Refusal
from sms_gateway import keywords
from sms_gateway.commands import answering, offers
from sms_gateway.commands.calls import Command, SmsCall
from telephony import references

CODE_DIGITS: Final = 4
# What somebody may write behind DECLINE, in either language, folded.
REASONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("far", "distance", "mbali"), "too_far"),
    **dict.fromkeys(("sick", "ill", "unwell", "mgonjwa", "naumwa", "ugonjwa"), "sick"),
    **dict.fromkeys(("child", "son", "daughter", "mtoto", "mwanangu"), "own_child"),
    **dict.fromkeys(("other", "nyingine", "mengine"), "other"),
}
# The code of an offer is good for both answers; a code that a DECLINE was asked for is good for that alone.
ACTS: Final[Mapping[str, tuple[str, ...]]] = {"accept": ("accept",), "decline": ("accept", "decline")}


def details(call: SmsCall) -> None:
    """Where, when and to whom, and how to answer while it is not answered."""
    account = accounts.by_phone(call.db, call.phone)
    if account is None:
        return call.reply("sms.no_account")
    post = deployments.current(call.db, account.id)
    if post is None:
        return call.reply("sms.duty_none")
    told = deployments.facts(call.db, post.id).told()
    if post.state == "offered":
        code = deployments.code_for(call.db, post, now=call.now)
        return call.reply("sms.duty_offered", confirmation=str(code), **told)
    call.reply("sms.duty_accepted", **told)


def accept(call: SmsCall) -> None:
    """Accept the offer."""
    answer(call, "accept")


def decline(call: SmsCall) -> None:
    """Decline the offer; one that was just declined takes the reason."""
    answer(call, "decline")


def answer(call: SmsCall, act: str) -> None:
    """Act at once with a code sent to this phone for this; else find the offer and ask.

    A keyword that was only guessed at, or words that may say the opposite, are asked back with both answers.
    """
    account = accounts.by_phone(call.db, call.phone)
    if account is None:
        return call.reply("sms.no_account")
    typed = code_in(call.words)
    if typed and doubtful(call, act) and offers.choose(call):
        return
    if typed and call.guessed:
        return call.reply("sms.duty_unanswerable")
    if typed:
        said = confirmations.answer(call.db, call.office, call.phone, typed, now=call.now, acts=ACTS[act])
        if said.asked is not None and said.name in ("fresh", "repeat"):
            return settle(call, act, account, said.asked, reason_in(call.words))
        if said.name in ("wrong", "ended"):
            return call.reply(f"sms.code_{said.name}")
    ask(call, act, account)


def doubtful(call: SmsCall, act: str) -> bool:
    """Whether it is not plain that this is the answer that was meant.

    Behind ACCEPT stands nothing but its code; behind DECLINE there may be any reason, though no ACCEPT.
    """
    if call.guessed:
        return True
    if act == "accept":
        return not all(map(answering.has_digit, call.words))
    return any(keywords.means(word, "ACCEPT") for word in call.words)


def ask(call: SmsCall, act: str, account: Account) -> None:
    """Say which offer it is, and ask for the YES; what is settled already is told again."""
    post = meant(call, act, account)
    if post is None:
        return call.reply("sms.duty_unanswerable")
    if post.state != "offered":
        return OUTCOMES[act](call, post, reason_in(call.words))
    told = deployments.facts(call.db, post.id).said()
    if act == "accept":
        code = deployments.code_for(call.db, post, now=call.now)
        return call.reply("sms.duty_accept_confirm", confirmation=str(code), **told)
    asked = confirmations.ask(
        *(call.db, call.phone, "decline"),
        now=call.now,
        deployment=str(post.id),
        reason=reason_in(call.words),
    )
    call.reply("sms.duty_decline_confirm", confirmation=str(asked.id), **told)


def meant(call: SmsCall, act: str, account: Account) -> Deployment | None:
    """The deployment that is answered: the one whose reference was typed, else the offer that begins first.

    Where nothing waits, the one that was answered like this last: a repeat is told the same.
    """
    mine = deployments.mine(call.db, account.id)
    try:
        reference = references.read(" ".join(call.words), deployments.KIND)
        named = [post for post in mine if post.reference == reference]
    except references.BadReference:
        offered = sorted((post for post in mine if post.state == "offered"), key=by_day)
        answered = f"{act}ed" if act == "accept" else "declined"
        named = offered or [post for post in mine if post.state == answered]
        if act == "decline" and not named:
            named = [post for post in mine if post.state == "accepted"]
    return call.db.get(Deployment, named[0].id) if named else None


def by_day(post: DeploymentFacts) -> tuple[object, ...]:
    """The order in which offers begin."""
    return post.first_day, post.id


def settle(call: SmsCall, act: str, account: Account, asked: Confirmation, reason: str) -> None:
    """Do what the code was sent for; a number that has moved to another account answers nothing."""
    post = call.db.get(Deployment, int(asked.details["deployment"]))
    if post is None or post.account_id != account.id:
        raise Refusal("deployment.none")
    OUTCOMES[act](call, post, reason or asked.details.get("reason", ""))


def accepted(call: SmsCall, post: Deployment, reason: str) -> None:
    """Accept it and say what comes next."""
    deployments.accept(call.db, post.id, by=call.by, now=call.now)
    call.reply("sms.duty_accept_done", **deployments.facts(call.db, post.id).said())


def declined(call: SmsCall, post: Deployment, reason: str) -> None:
    """Decline it; without a reason, ask for one."""
    ended = deployments.decline(call.db, post.id, reason, by=call.by, now=call.now)
    words = "sms.duty_decline_done" if ended.reason else "sms.duty_decline_why"
    told = deployments.facts(call.db, post.id).said()
    call.reply(words, **{name: told[name] for name in ("duty_post", "duty_exam", "duty_centre")})


def confirm_accept(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """The YES to an offer."""
    confirmed(call, "accept", asked)


def confirm_decline(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """The YES to a DECLINE."""
    confirmed(call, "decline", asked)


def confirmed(call: SmsCall, act: str, asked: Confirmation) -> None:
    """Do what was confirmed; doing it twice is the same answer."""
    account = accounts.by_phone(call.db, call.phone)
    if account is None:
        return call.reply("sms.no_account")
    settle(call, act, account, asked, "")


def code_in(words: tuple[str, ...]) -> str:
    """The 4 digits among the words; a reference is none."""
    try:
        references.read(" ".join(words), deployments.KIND)
    except references.BadReference:
        typed = answering.code(words)
        return typed if len(typed) == CODE_DIGITS else ""
    return ""


def reason_in(words: tuple[str, ...]) -> str:
    """The reason that the words give; empty where they give none."""
    return next((REASONS[word] for word in words if word in REASONS), "")


OUTCOMES: Final = {"accept": accepted, "decline": declined}
COMMANDS: Final[Mapping[str, Command]] = {
    "DEPLOYMENT": Command(details),
    "ACCEPT": Command(accept, confirmed=confirm_accept),
    "DECLINE": Command(decline, confirmed=confirm_decline),
}
