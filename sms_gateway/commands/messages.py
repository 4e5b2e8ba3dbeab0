"""The message list by SMS: how many wait, and the newest of them. Nothing is marked as read: anybody may be
asking in a phone's name, and an answer may be lost."""

from collections.abc import Iterable, Mapping
from typing import Final

from menus import speech
from menus.functions.messages import day_of, plainly, worded
from operations import accounts, inbox
from sms_gateway.commands.calls import Command, SmsCall
from telephony import gsm7
from telephony.shortening import shorten

# Septets of the newest messages: with the words around them the answer takes two segments at most.
ROOM: Final = 216
BETWEEN: Final = " -- "  # two messages, which are sentences with dates of their own
LEAST: Final = 40  # a beginning shorter than this tells nobody anything


def messages(call: SmsCall) -> None:
    """Say how many messages wait, with the newest whole if it fits, and the next if there is room."""
    account = accounts.by_phone(call.db, call.phone)
    if account is None:
        return call.reply("sms.no_account")
    newest = said(call, account.id)
    if not newest:
        return call.reply("sms.messages_none")
    unread = str(inbox.unread(call.db, account.id))
    call.reply("message.newest", unread=unread, message_newest=fitted(newest))


def said(call: SmsCall, account_id: int) -> list[str]:
    """The two newest messages with their dates, in the words of the live tree."""
    words = call.wording().words
    return [
        f"{speech.say_date(day_of(one), call.lang)}: {plainly(worded(one, call.lang, words, call.office))}"
        for one in inbox.listed(call.db, account_id, most=2)
    ]


def fitted(newest: Iterable[str]) -> str:
    """As much of these as two segments have room for."""
    pieces, left = [], ROOM
    for text in newest:
        if left >= LEAST:
            pieces.append(shorten(text, left))
            left -= gsm7.septets(pieces[-1]) + len(BETWEEN)
    return BETWEEN.join(pieces)


COMMANDS: Final[Mapping[str, Command]] = {"MESSAGES": Command(messages)}
