"""Delivery reports: each distinct fact once, in any order, early or late.

A report raises its message along ranks (sent, failed, delivered) and never lowers it. One whose message is
not known waits here, for our own record of the send may come after it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import structlog
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from operations import subscribers
from telephony import phones

log = structlog.get_logger()

# What each status means for a message; any other is kept and changes nothing. Compared without case.
MEANING: Final = {
    "success": "delivered",
    "sent": "sent",
    "submitted": "sent",
    "buffered": "sent",
    "failed": "failed",
    "rejected": "failed",
    "absentsubscriber": "failed",
    "expired": "failed",
}
# From which states a message may rise to each. A twin that waits to be sent is not stopped by a failed copy.
BELOW: Final = {
    "sent": ("unknown", "accepted"),
    "failed": ("unknown", "accepted", "sent"),
    "delivered": (
        *("ready", "leased", "posting", "unknown", "accepted", "sent"),
        *("failed", "expired", "dead"),
    ),
}
BLOCKED: Final = "userinblacklist"
LONGEST: Final = {"provider_id": 200, "status": 100, "failure": 100, "network": 20}
MANY_PARKED = 100
AT_ONCE = 1000

STORE = text("""
INSERT INTO report (provider_id, status, failure, phone, network)
VALUES (:provider_id, :status, :failure, :phone, :network)
ON CONFLICT (provider_id, status) DO NOTHING RETURNING id, provider_id, status, failure, phone
""")

# A report that names another phone than the message went to is not believed.
KNOWN = text("""
SELECT id, phone FROM message
WHERE provider_id = :provider_id AND (CAST(:phone AS text) IS NULL OR phone = :phone) ORDER BY id DESC LIMIT 1
""")

RISE = text("""
UPDATE message SET state = :state, provider_status = :status, failure = :failure,
    settled_at = coalesce(settled_at, now()), lease_until = NULL
WHERE id = :id AND state = ANY(CAST(:below AS text[]))
""")

# An unknown message gets the id of a parked report to its phone, if neither can be mistaken for another: one
# lost attempt in the two days before, one strange id, and nothing on its way at the moment.
ADOPT = text("""
WITH parked AS (
    SELECT phone, min(provider_id) AS provider_id, min(received_at) AS received_at FROM report
    WHERE applied_at IS NULL AND phone IS NOT NULL AND (CAST(:phone AS text) IS NULL OR phone = :phone)
    GROUP BY phone HAVING count(DISTINCT provider_id) = 1
), lost AS (
    SELECT p.provider_id, min(m.id) AS id FROM parked p
    JOIN message m ON m.phone = p.phone
    JOIN attempt a ON a.message_id = m.id AND a.outcome = 'unknown'
        AND a.started_at BETWEEN p.received_at - interval '48 hours' AND p.received_at
    WHERE NOT EXISTS (SELECT 1 FROM message b WHERE b.phone = p.phone AND b.state = 'posting')
    GROUP BY p.provider_id HAVING count(*) = 1
)
UPDATE message AS m SET provider_id = lost.provider_id FROM lost
WHERE m.id = lost.id AND m.state = 'unknown' AND m.provider_id IS NULL RETURNING m.provider_id
""")

EARLY = text("""
SELECT id, provider_id, status, failure, phone FROM report
WHERE provider_id = ANY(:ids) AND applied_at IS NULL ORDER BY id
""")

PARKED_KNOWN = text("""
SELECT r.id, provider_id, status, failure, phone FROM report r WHERE r.applied_at IS NULL AND EXISTS (
    SELECT 1 FROM message m WHERE m.provider_id = r.provider_id AND (r.phone IS NULL OR r.phone = m.phone)
) ORDER BY r.id LIMIT :most
""")


def receive(
    db: Session, form: Mapping[str, str], *, now: datetime
) -> Literal["applied", "parked", "repeat", "ignored"]:
    """Take in one delivery report, as posted; whatever it says, it is not wanted again."""
    facts = {
        "provider_id": clean(form.get("id"), "provider_id"),
        "status": clean(form.get("status"), "status"),
        "failure": clean(form.get("failureReason"), "failure"),
        "phone": phone_of(form.get("phoneNumber", "")),
        "network": clean(form.get("networkCode"), "network"),
    }
    if not facts["provider_id"] or not facts["status"]:
        return "ignored"
    told = db.execute(STORE, facts).first()
    if told is None:
        return "repeat"
    if apply(db, told, now=now) or (told.phone and adopt(db, told.phone, now=now)):
        return "applied"
    return "parked"


def clean(value: str | None, name: str) -> str | None:
    """A field as a column can hold it."""
    return (value or "").replace("\0", "").strip()[: LONGEST[name]] or None


def phone_of(number: str) -> str | None:
    """The phone a report speaks of, where it says so in a form that we can read."""
    try:
        return phones.read(number)
    except phones.BadPhone:
        return None


def apply(db: Session, told: Row[Any], *, now: datetime) -> bool:
    """Let a stored report raise its message; False where that is not known yet."""
    known = db.execute(KNOWN, {"provider_id": told.provider_id, "phone": told.phone}).first()
    if known is None:
        return False
    state = MEANING.get(told.status.casefold())
    if state is not None:
        failure = (told.failure or told.status) if state == "failed" else None
        values = {"id": known.id, "state": state, "status": told.status, "failure": failure}
        db.execute(RISE, {**values, "below": list(BELOW[state])})
    if BLOCKED in ((told.failure or "").casefold(), told.status.casefold()):
        subscribers.block(db, known.phone, now=now)
    db.execute(text("UPDATE report SET applied_at = now() WHERE id = :id"), {"id": told.id})
    return True


def adopt(db: Session, phone: str | None = None, *, now: datetime) -> int:
    """Match parked reports to messages of unknown outcome, of one phone or of all; answers how many."""
    found = list(db.scalars(ADOPT, {"phone": phone}))
    catch_up(db, found, now=now)
    return len(found)


def catch_up(db: Session, provider_ids: Sequence[str], *, now: datetime) -> None:
    """Apply the reports that came before these ids were known."""
    if provider_ids:
        for told in db.execute(EARLY, {"ids": list(provider_ids)}).all():
            apply(db, told, now=now)


def rematch(db: Session, *, now: datetime) -> int:
    """Look again at what is parked: a report and our record of its send may have just missed each other."""
    waiting = db.execute(PARKED_KNOWN, {"most": AT_ONCE}).all()
    for told in waiting:
        apply(db, told, now=now)
    return len(waiting) + adopt(db, now=now)


def parked(db: Session) -> int:
    """How many reports wait for a message that nobody knows; many of them are worth an alarm."""
    return db.scalar(text("SELECT count(*) FROM report WHERE applied_at IS NULL")) or 0


def forget_parked(db: Session) -> int:
    """Delete what has waited for seven days in vain."""
    old = text(
        "DELETE FROM report WHERE applied_at IS NULL AND received_at < now() - interval '7 days' RETURNING id"
    )
    return len(db.execute(old).all())
