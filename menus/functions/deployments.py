"""A person's deployments by phone: what they are, accept, decline with the reason, and the letter by SMS."""

from collections.abc import Mapping
from typing import Final

from menus import speech
from menus.vocabulary import Call, Choice, Result
from models.accounts import Account
from operations import deployments, documents, links, notices
from operations.deployments import REASONS as REASONS
from operations.deployments import DeploymentFacts
from operations.office import now
from operations.refusals import Refusal

# So many are listed: nobody looks for what they did years ago between two calls of the network.
MOST: Final = 9


def listed(call: Call, query: str) -> list[Choice]:
    """Every deployment of whoever is signed in, live ones first."""
    mine = deployments.mine(call.db, call.account) if call.account else []
    return [
        Choice(str(post.id), f"{post.series}: {speech.term(call, f'deployment.{post.state}')}")
        for post in mine[:MOST]
    ]


def chosen(call: Call) -> DeploymentFacts:
    """The deployment that was picked, if it belongs to whoever is signed in now."""
    return deployments.own(call.db, call.account, int(call.facts.get("duty", "0")))


def state(call: Call) -> Result:
    """Which screen shows it."""
    post = chosen(call)
    return Result(post.state if post.live else "ended")


def facts(call: Call) -> Mapping[str, str]:
    """What the screens say of it; nothing, where it is not theirs."""
    try:
        return chosen(call).told()
    except Refusal:
        return {}


def reasons(call: Call, query: str) -> list[Choice]:
    """Why somebody may decline."""
    return [Choice(reason, speech.term(call, f"decline.{reason}")) for reason in REASONS]


def accept(call: Call) -> Result:
    """Accept the offer."""
    deployments.accept(call.db, chosen(call).id, by=call.by, now=now(call.db))
    return Result("accepted")


def decline(call: Call) -> Result:
    """Decline the offer, with the reason that was picked."""
    deployments.decline(call.db, chosen(call).id, call.facts["duty_reason"], by=call.by, now=now(call.db))
    return Result("declined")


def letter(call: Call) -> Result:
    """Send the link to the letter to the account's own phone, whichever phone asks."""
    post, moment = chosen(call), now(call.db)
    account = call.db.get_one(Account, post.account_id)
    if not account.national_id:
        raise Refusal("deployment.no_id")
    kind = documents.kind_of_letter(post.position)
    made = links.draw(call.db, call.office, post.id, kind, now=moment, lang=call.lang)
    notices.queue(
        *(call.db, "reply", "sms.letter", account.phone),
        now=moment,
        lang=call.lang,
        letter_seed=made.seed,
        letter_until=f"@date:{links.last_day(post.reporting_at).isoformat()}",
    )
    return Result("sent")
