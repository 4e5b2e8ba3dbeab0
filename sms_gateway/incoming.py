"""An incoming SMS as Africa's Talking posts it: fields read forgivingly, never refused."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from operations.office import Office
from telephony import phones

# As Africa's Talking has been seen to write a date; all three are UTC.
DATES: Final = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%fZ")
LONGEST_ID = 200


@dataclass(frozen=True)
class Sms:
    """One SMS, its fields fit to be stored; what it says is not stored and stays out of its repr."""

    provider_id: str
    sender: str
    to: str
    text: str = field(repr=False)
    phone: str | None = None  # the sender, where it is a Kenyan mobile
    sent_at: datetime | None = None
    network: str | None = None


def read(form: Mapping[str, str], office: Office) -> Sms:
    """The SMS in these fields; what is missing is empty, and a date of unknown shape is None."""
    sender = clean(form.get("from", ""), 32)
    return Sms(
        provider_id=provider_id(form, office),
        sender=sender,
        to=clean(form.get("to", ""), 32),
        text=form.get("text", ""),
        phone=mobile(sender),
        sent_at=read_date(form.get("date", "")),
        network=clean(form.get("networkCode", ""), 16) or None,
    )


def provider_id(form: Mapping[str, str], office: Office) -> str:
    """Their id, or `h:` and a keyed hash: of an id that is strange, of the fields where there is none."""
    own = form.get("id", "").strip()
    if own and own == clean(own, LONGEST_ID) and not own.startswith("h:"):
        return own
    facts = [own] if own else [form.get(name, "") for name in ("from", "to", "date", "text")]
    return "h:" + office.derive("incoming sms", *facts).hex()


def clean(value: str, most: int) -> str:
    """A field as it may be stored: without what cannot be printed, and not too long."""
    seen = (letter for letter in value if letter == " " or unicodedata.category(letter)[0] not in "CZ")
    return "".join(seen).strip()[:most]


def mobile(sender: str) -> str | None:
    """The sender's number, or None where nobody could be answered there."""
    try:
        return phones.read(sender)
    except phones.BadPhone:
        return None


def read_date(date: str) -> datetime | None:
    """A date in one of the known shapes, or None: nothing that matters rests on it."""
    for known in DATES:
        try:
            return datetime.strptime(date, known).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
