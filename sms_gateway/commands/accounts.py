"""Accounts by SMS: register, password, language, help, and whether announcements may come."""

from collections.abc import Mapping
from typing import Final

from models.accounts import Confirmation
from operations import accounts, confirmations, contacts, enrolments, grants, guesses, subscribers
from sms_gateway import replies
from sms_gateway.commands.calls import Command, SmsCall
from telephony import phones

LANGUAGES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("en", "eng", "english", "kiingereza"), "en"),
    **dict.fromkeys(("sw", "swa", "swahili", "kiswahili"), "sw"),
}


def register(call: SmsCall) -> None:
    """Show the privacy line and ask for a YES; who has an account hears how to get its password."""
    username = phones.username(call.phone)
    if accounts.by_phone(call.db, call.phone):
        return call.reply("sms.account_exists", username=username)
    asked = confirmations.ask(call.db, call.phone, "register", now=call.now)
    call.reply("sms.register", username=username, confirmation=str(asked.id))


def open_account(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """Make the account that was agreed to; its credentials are the answer."""
    form = f"sms:{asked.id}"
    outcome = accounts.create(call.db, call.phone, call.lang, form_id=form, by=call.by, now=call.now)
    if outcome == "exists":
        call.reply("sms.account_exists", username=phones.username(call.phone))
    elif not fresh:
        call.reply("sms.registered", username=phones.username(call.phone))


def password(call: SmsCall) -> None:
    """Send the phone's own account a one-time password, which lifts its own lock; within the limits.

    A centre's comes from the Sub-County Director, which is what a phone of a centre alone is told.
    """
    account = accounts.by_phone(call.db, call.phone)
    if account is None:
        centres = enrolments.of_phone(call.db, call.phone)
        return call.reply("sms.password_centre" if centres else "sms.no_account")
    words = "account.one_time_password"
    if not grants.issue(call.db, account, words, by=call.by, now=call.now, lang=call.lang):
        return call.reply("sms.password_limit")
    guesses.forget(call.db, account.username, call.phone)


def help_me(call: SmsCall) -> None:
    """Say what works and whom to call; who has an account hears of that, the others how to get one."""
    words = "sms.help_known" if accounts.by_phone(call.db, call.phone) else "sms.help"
    council = contacts.council(call.db)
    if council and council.phone:
        call.reply(f"{words}_contact", contact_phone=council.phone)
    else:
        call.reply(words)


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


def confirm_stop(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """STOP it was; a repeat must not undo a START sent since."""
    if fresh:
        return stop(call)
    call.reply("sms.stopped")


def start(call: SmsCall) -> None:
    """Campaigns may come again."""
    subscribers.start(call.db, call.phone, call.lang)
    call.reply("sms.started")


def confirm_start(call: SmsCall, asked: Confirmation, fresh: bool) -> None:
    """START it was; a repeat must not undo a STOP sent since."""
    if fresh:
        return start(call)
    call.reply("sms.started")


COMMANDS: Final[Mapping[str, Command]] = {
    "REGISTER": Command(register, confirmed=open_account),  # asks for its YES itself
    "PASSWORD": Command(password),
    "HELP": Command(help_me),
    "LANG": Command(language),
    "STOP": Command(stop, matters=True, confirmed=confirm_stop),
    "START": Command(start, matters=True, confirmed=confirm_start),
}
