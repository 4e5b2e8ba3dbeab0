"""The message list: notices worded as they are read, in the language of the dialogue."""

import re
from collections.abc import Mapping
from typing import Any, Final

from babel.dates import format_date

from menus import speech
from menus.vocabulary import Call, Choice, Result, Words
from menus.wording import DERIVED, Wording
from models.messages import Message
from operations import inbox
from operations.office import NAIROBI, Office, now
from telephony.shortening import shorten

LABEL: Final = 28  # septets of a line of the list: three stand on a page
LETTERHEAD: Final = re.compile("KNEC(?: CP2)?: ")  # begins most notices, and tells nobody anything in a list
# Codes are in the SMS alone: a screen is kept for a while, so that a repeated hop gets the same answer.
SEE_SMS: Final = "@term.message.see_sms"


def news(call: Call) -> Mapping[str, str]:
    """How many messages wait, as home says it: one lean read, and no transaction."""
    unread = inbox.news(call.read, call.account) if call.account else 0
    said = call.words["message.news" if unread else "message.no_news"].say(call.lang)
    return {"news": said.replace("{unread}", str(unread)), "unread": str(unread)}


def listed(call: Call, query: str) -> list[Choice]:
    """The messages, newest first, narrowed by letters in their words; a star marks the unread."""
    if call.account is None:
        return []
    wanted, choices = query.casefold().strip(), []
    for message in inbox.listed(call.db, call.account):
        said = worded(message, call.lang, call.words, call.office)
        if wanted in said.casefold():
            choices.append(Choice(str(message.id), label(message, said, call.lang)))
    return choices


def label(message: Message, said: str, lang: str) -> str:
    """One line of the list: the date, whether it is new, and how it begins."""
    star = "" if message.read_at else "*"
    return shorten(f"{short_date(message, lang)}{star} {plainly(said)}", LABEL)


def plainly(said: str) -> str:
    """A message without the name of its sender, which all of them have."""
    head = LETTERHEAD.match(said)
    return said[head.end() :] if head else said


def read(call: Call) -> Result:
    """Open the message that was picked; from now on it is read."""
    chosen = int(call.facts["message_id"])
    opened = inbox.read(call.db, call.account or 0, chosen, now=now(call.db))
    return Result("read" if opened else "gone")


def text(call: Call) -> Mapping[str, str]:
    """The message that was opened, with its date."""
    message = inbox.one(call.db, call.account or 0, int(call.facts["message_id"]))
    if message is None:
        return {"message_when": "-", "message_text": "-"}
    said = worded(message, call.lang, call.words, call.office)
    return {"message_when": f"@date:{day_of(message)}", "message_text": plainly(said)}


def worded(message: Message, lang: str, words: Mapping[str, Words], office: Office) -> str:
    """A message in this language; one whose words are gone says so, and takes no other with it."""
    wording = Wording(words, office)
    try:
        return wording.sms(message.words, lang, without_codes(message.details))
    except (KeyError, ValueError):
        return words["message.unworded"].say(lang)


def without_codes(details: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a message with no id from which a code could be derived."""
    sources = {source: blank for blank, (source, _) in DERIVED.items()}
    kept = {name: value for name, value in details.items() if name not in sources}
    return kept | {blank: SEE_SMS for source, blank in sources.items() if source in details}


def short_date(message: Message, lang: str) -> str:
    """The day it was queued: 16 Oct."""
    return format_date(message.queued_at.astimezone(NAIROBI), "d MMM", speech.LOCALES[lang])


def day_of(message: Message) -> str:
    """The day it was queued, as the tokens of speech write it."""
    return message.queued_at.astimezone(NAIROBI).date().isoformat()
