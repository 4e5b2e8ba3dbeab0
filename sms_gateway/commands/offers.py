"""Offers that wait for their answer: which one an SMS may be about, and asking which answer was meant."""

import re

from models.deployments import Deployment
from operations import accounts, confirmations, deployments
from sms_gateway.commands.calls import SmsCall

ACTS = ("accept",)  # the code of an offer, which is good for both answers


def coded(call: SmsCall) -> Deployment | None:
    """The offer whose code stands anywhere in the text; looking at a code neither spends nor counts it."""
    for typed in re.findall(r"(?<![0-9])[0-9]{4}(?![0-9])", call.text):
        asked = confirmations.waiting(call.db, call.office, call.phone, typed, now=call.now, acts=ACTS)
        post = call.db.get(Deployment, int(asked.details["deployment"])) if asked else None
        if post is not None and post in waiting(call):
            return post
    return None


def waiting(call: SmsCall) -> list[Deployment]:
    """The offers to this phone's account that are not answered yet, in the order in which they begin."""
    account = accounts.by_phone(call.db, call.phone)
    mine = deployments.mine(call.db, account.id) if account else []
    offered = sorted((post for post in mine if post.state == "offered"), key=lambda p: (p.first_day, p.id))
    return [call.db.get_one(Deployment, post.id) for post in offered]


def choose(call: SmsCall, post: Deployment | None = None) -> bool:
    """Say that an offer stands, `post` where it is known, and how each answer is sent; False without one."""
    post = post or coded(call) or next(iter(waiting(call)), None)
    if post is None:
        return False
    told = deployments.facts(call.db, post.id).said()
    shown = {name: told[name] for name in ("duty_post", "duty_exam", "duty_centre")}
    code = deployments.code_for(call.db, post, now=call.now)
    call.reply("sms.duty_choose", confirmation=str(code), **shown)
    return True
