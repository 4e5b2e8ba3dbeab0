"""Answering: from the keyword that was found to the command, and the YES or NO that follows a question."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from operations import accounts, confirmations, subscribers
from sms_gateway import keywords
from sms_gateway.commands import offers
from sms_gateway.commands.calls import Command, SmsCall
from telephony import references


def answer(call: SmsCall, match: keywords.Match | None, table: Mapping[str, Command]) -> None:
    """Do what the SMS asks for, or say what works."""
    call = replace(call, table=table)
    if match is None:
        return explain(call)
    if match.lang and not call.met:
        subscribers.meet(call.db, call.phone, call.lang)
        call = replace(call, met=True)
    call = replace(call, guessed=match.near)
    if match.lang is None and (post := offers.coded(call)) is not None:
        offers.choose(call, post)  # a code alone is not yet an answer to what may be answered in two ways
        return
    command = table[match.keyword]
    if not command.matters or not (match.near or match.words):
        return command.run(call)
    # A keyword with a number is somebody's record, not an order to us (cht-core#476).
    return explain(call) if any(map(has_digit, match.words)) else doubt(call, match.keyword)


def has_digit(word: str) -> bool:
    """Whether a word holds a digit."""
    return bool(re.search("[0-9]", word))


def explain(call: SmsCall) -> None:
    """Say what works, in the line's language; in both where nobody knows it.

    Where the text holds the code of an offer, both answers to that are told instead.
    """
    post = offers.coded(call)
    if post is not None and offers.choose(call, post):
        return
    known = accounts.by_phone(call.db, call.phone) is not None
    call.reply("sms.unknown_known" if known else "sms.unknown" if call.met else "sms.unknown_both")


def doubt(call: SmsCall, keyword: str) -> None:
    """Ask whether this is what was meant."""
    asked = confirmations.ask(call.db, call.phone, keyword.lower(), now=call.now)
    call.reply("sms.did_you_mean", keyword=keywords.spelled(keyword, call.lang), confirmation=str(asked.id))


def no(call: SmsCall) -> None:
    """Forget whatever waits for a YES; an offer is declined by its own word only, so it stands."""
    confirmations.drop(call.db, call.phone, now=call.now, but=offers.ACTS)
    if not offers.choose(call):
        call.reply("sms.nothing_changed")


def yes(call: SmsCall) -> None:
    """Do what the code was sent for; a repeat is told the same and does nothing more."""
    typed = code(call.words)
    if not typed or call.guessed:
        return call.reply("sms.code_missing")
    said = confirmations.answer(call.db, call.office, call.phone, typed, now=call.now)
    keyword = said.asked.act.upper() if said.asked else ""
    act = call.table[keyword].confirmed if keyword in call.table else None
    if said.asked is not None and act is not None and said.name in ("fresh", "repeat"):
        return act(call, said.asked, said.name == "fresh")
    if said.asked is not None and said.name == "expired":
        return call.reply("sms.code_expired", keyword=keywords.spelled(keyword, call.lang))
    call.reply({"none": "sms.nothing_waiting", "ended": "sms.code_ended"}.get(said.name, "sms.code_wrong"))


def code(words: tuple[str, ...]) -> str:
    """The digits that follow a YES, letters that look like them forgiven; empty where there are none."""
    for typed in ("".join(words), *words):
        if has_digit(typed):
            try:
                return references.read_digits(typed)
            except references.BadReference:
                continue
    return ""


COMMANDS: Final[Mapping[str, Command]] = {
    "YES": Command(yes),  # its code was sent to this phone for this very act
    "NO": Command(no),
}
