"""Making an account, and knowing who dials."""

from collections.abc import Mapping

from menus.vocabulary import Call, Result
from operations import accounts, subscribers
from operations.office import now
from telephony import phones


def who(call: Call) -> Result:
    """Whether this phone has an account; from here on the line's own language is spoken."""
    face = accounts.face(call.read, call.phone)
    return Result("known" if face.known else "unknown", lang=face.lang)


def create(call: Call) -> Result:
    """Make the account of the phone that dials."""
    made = accounts.create(call.db, call.phone, call.lang, form_id=call.form, by=call.by, now=now(call.db))
    return Result(made)


def agree(call: Call) -> Result:
    """Consent, by somebody whose account the council made from a list."""
    if call.account is not None:
        accounts.agree(call.db, call.account, by=call.by, now=now(call.db))
    return Result("agreed")


def switch_language(call: Call) -> Result:
    """Speak the other language from now on."""
    other = "en" if call.lang == "sw" else "sw"
    subscribers.speak(call.db, call.phone, other)
    return Result("signed" if call.account else "start", lang=other)


def caller(call: Call) -> Mapping[str, str]:
    """The number that dials, in the form that is its username."""
    return {"number": phones.username(call.phone)}


def caller_and_codes(call: Call) -> Mapping[str, str]:
    """The number that dials, and how it reaches this service."""
    return {**caller(call), **codes(call)}


def codes(call: Call) -> Mapping[str, str]:
    """How to reach this service."""
    office = call.office
    return {"service_code": office.service_code, "short_code": office.short_code}
