"""Commands: what can be asked for by SMS. A table of keywords; each function calls verbs and replies once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from models.accounts import Confirmation
from operations import accounts, confirmations, contacts, grants, guesses, subscribers
from operations.office import Actor, Office
from sms_gateway import keywords, replies
from telephony import phones, references

LANGUAGES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("en", "eng", "english", "kiingereza"), "en"),
    **dict.fromkeys(("sw", "swa", "swahili", "kiswahili"), "sw"),
}
# How the keyword of an act is spelled to somebody.
SPELLED: Final[Mapping[str, Mapping[str, str]]] = {
    "register": {"en": "REGISTER", "sw": "JISAJILI"},
    "stop": {"en": "STOP", "sw": "ACHA"},
    "start": {"en": "START", "sw": "ANZA"},
}


@dataclass(frozen=True)
class SmsCall:
    """One SMS as a command sees it: who asked, in which language, and the words after the keyword."""

    db: Session
    office: Office
    phone: str
    lang: str
    words: tuple[str, ...]
    by: Actor
    now: datetime

    def reply(self, name: str, **values: str) -> None:
        """Answer the asking number with these words, in the same commit."""
        replies.queue(self.db, self.phone, self.lang, name, now=self.now, **values)


@dataclass(frozen=True)
class Command:
    """What a keyword does; one that matters acts only on its exact keyword alone, else it asks first."""

    run: Callable[[SmsCall], None]
    matters: bool = False


def answer(call: SmsCall, match: keywords.Match | None, commands: Mapping[str, Command]) -> None:
    """Do what the SMS asks for, or say what works."""
    if match is None:
        return explain(call)
    if match.lang:
        subscribers.meet(call.db, call.phone, match.lang)
    command = commands[match.keyword]
    if not command.matters or not (match.near or match.words):
        return command.run(call)
    # A keyword with a number is somebody's record, not an order to us (cht-core#476).
    return explain(call) if any(map(has_digit, match.words)) else doubt(call, match.keyword.lower())


def has_digit(word: str) -> bool:
    """Whether a word holds a digit."""
    return bool(re.search("[0-9]", word))


def explain(call: SmsCall) -> None:
    """Say what works, in the line's language; in both where nobody knows it."""
    known = subscribers.language(call.db, call.phone)
    call.reply("sms.unknown" if known else "sms.unknown_both")


def doubt(call: SmsCall, act: str) -> None:
    """Ask whether this is what was meant."""
    asked = confirmations.ask(call.db, call.phone, act, now=call.now)
    call.reply("sms.did_you_mean", keyword=SPELLED[act][call.lang], confirmation=str(asked.id))


def register(call: SmsCall) -> None:
    """Show the privacy line and ask for a YES; who has an account hears how to get its password."""
    username = phones.username(call.phone)
    if accounts.by_phone(call.db, call.phone):
        return call.reply("sms.account_exists", username=username)
    asked = confirmations.ask(call.db, call.phone, "register", now=call.now)
    call.reply("sms.register", username=username, confirmation=str(asked.id))


def password(call: SmsCall) -> None:
    """Send the phone's own account a one-time password, which lifts a lock; within the limits."""
    account = accounts.by_phone(call.db, call.phone)
    if account is None:
        return call.reply("sms.no_account")
    words = "account.one_time_password"
    if not grants.issue(call.db, account, words, by=call.by, now=call.now, lang=call.lang):
        return call.reply("sms.password_limit")
    guesses.forget(call.db, account.username)


def help_me(call: SmsCall) -> None:
    """Say what works and whom to call."""
    council = contacts.council(call.db)
    if council and council.phone:
        call.reply("sms.help_contact", contact_phone=council.phone)
    else:
        call.reply("sms.help")


def language(call: SmsCall) -> None:
    """Speak another language from now on; asked without one, say how."""
    chosen = next((LANGUAGES[word] for word in call.words if word in LANGUAGES), None)
    if chosen is None:
        return call.reply("sms.language_ask")
    subscribers.speak(call.db, call.phone, chosen)
    replies.queue(call.db, call.phone, chosen, "sms.language_set", now=call.now)


def stop(call: SmsCall) -> None:
    """No campaigns from now on. What is asked for still comes, this answer among it."""
    subscribers.stop(call.db, call.phone, call.lang, now=call.now)
    call.reply("sms.stopped")


def start(call: SmsCall) -> None:
    """Campaigns may come again."""
    subscribers.start(call.db, call.phone, call.lang)
    call.reply("sms.started")


def no(call: SmsCall) -> None:
    """Forget whatever waits for a YES."""
    confirmations.drop(call.db, call.phone, now=call.now)
    call.reply("sms.nothing_changed")


def yes(call: SmsCall) -> None:
    """Do what the code was sent for; a repeat is told the same and does nothing more."""
    typed = code(call.words)
    if not typed:
        return call.reply("sms.code_missing")
    said = confirmations.answer(call.db, call.office, call.phone, typed, now=call.now)
    if said.asked is not None and said.name in ("fresh", "repeat"):
        return ACTS[said.asked.act](call, said.asked, said.name == "fresh")
    if said.asked is not None and said.name == "expired":
        return call.reply("sms.code_expired", keyword=SPELLED[said.asked.act][call.lang])
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


def open_account(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """Make the account that was agreed to; its credentials are the answer."""
    form = f"sms:{asked.id}"
    outcome = accounts.create(call.db, call.phone, call.lang, form_id=form, by=call.by, now=call.now)
    if outcome == "exists":
        call.reply("sms.account_exists", username=phones.username(call.phone))
    elif not fresh:
        call.reply("sms.registered", username=phones.username(call.phone))


def confirm_stop(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """STOP it was; a repeat must not undo a START sent since."""
    if fresh:
        return stop(call)
    call.reply("sms.stopped")


def confirm_start(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """START it was; a repeat must not undo a STOP sent since."""
    if fresh:
        return start(call)
    call.reply("sms.started")


ACTS: Final[Mapping[str, Callable[[SmsCall, Confirmation, bool], None]]] = {
    "register": open_account,
    "stop": confirm_stop,
    "start": confirm_start,
}

COMMANDS: Final[Mapping[str, Command]] = {
    "REGISTER": Command(register),  # asks for its YES itself
    "YES": Command(yes),  # its code was sent to this phone for this very act
    "NO": Command(no),
    "PASSWORD": Command(password),
    "HELP": Command(help_me),
    "LANG": Command(language),
    "STOP": Command(stop, matters=True),
    "START": Command(start, matters=True),
}
