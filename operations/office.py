"""What verbs need beside the database: the office's keys and public names, who acts, and the time."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

NAIROBI = ZoneInfo("Africa/Nairobi")


@dataclass(frozen=True)
class Office:
    """The council's office as verbs see it: frozen, made once from the settings."""

    key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)
    public_url: str
    short_code: str
    service_code: str

    def derive(self, purpose: str, *facts: object) -> bytes:
        """A keyed hash over a purpose and facts; the purpose keeps one use from standing in for another."""
        text = "\x1f".join((purpose, *map(str, facts)))
        return hmac.new(self.key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()

    def digits(self, count: int, purpose: str, *facts: object) -> str:
        """A derived code of so many digits; the bias of the modulus is below one in a billion."""
        return str(int.from_bytes(self.derive(purpose, *facts)[:16], "big") % 10**count).zfill(count)


@dataclass(frozen=True)
class Actor:
    """Who acts, and through which channel: permission and audit stand on it."""

    name: str
    channel: str  # ussd, sms, console or command

    @property
    def phone(self) -> str | None:
        """The phone that acts, where it is one."""
        kind, _, phone = self.name.partition(":")
        return phone if kind in ("phone", "director") else None


def caller(phone: str, channel: str) -> Actor:
    """The person behind a phone."""
    return Actor(f"phone:{phone}", channel)


def director(phone: str, channel: str) -> Actor:
    """A Sub-County Director at their own phone; what they say with a reason holds after a day has closed."""
    return Actor(f"director:{phone}", channel)


def now(db: Session) -> datetime:
    """The database's time at the transaction's start, asked once a transaction."""
    transaction = db.get_transaction() or db.begin()
    known = db.info.get("now")
    if known is None or known[0] is not transaction:
        known = db.info["now"] = (transaction, db.scalars(select(func.now())).one())
    moment: datetime = known[1]
    return moment
