"""What the sweep sets right in the outbox: what expired, what was left lying, and what may have been lost."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from operations import notices
from sms_gateway.outbox import POISONOUS

TWIN_AFTER = 20  # seconds after which a code that may have been lost goes once more
SWEPT_AT_ONCE = 10_000

EXPIRE = text("""
UPDATE message AS m SET settled_at = now(), failure = 'expired', state = CASE WHEN EXISTS (
    SELECT 1 FROM attempt a WHERE a.message_id = m.id AND a.outcome = 'unknown'
) THEN 'unknown' ELSE 'expired' END
WHERE id IN (
    SELECT id FROM message WHERE state = 'ready' AND not_after <= now()
    ORDER BY not_after LIMIT :most FOR UPDATE SKIP LOCKED
) AND m.state = 'ready' RETURNING m.id, class, phone, lang, state
""")

# Whoever held these rows is gone. All are suspects now; the one that felled its worker was marked before.
RELEASE = text("""
UPDATE message AS m SET state = CASE WHEN tries >= :poisonous THEN 'dead' ELSE 'ready' END,
    settled_at = CASE WHEN tries >= :poisonous THEN now() END,
    failure = CASE WHEN tries >= :poisonous THEN 'felled_worker' END,
    tries = greatest(tries, 1), lease_until = NULL
WHERE id IN (
    SELECT id FROM message WHERE state = 'leased' AND lease_until < now() FOR UPDATE SKIP LOCKED
) AND m.state = 'leased' RETURNING m.id, m.state
""")

LOSE = text("""
WITH lost AS (
    UPDATE message AS m SET state = 'unknown', settled_at = now(), failure = 'lost' WHERE id IN (
        SELECT id FROM message WHERE state = 'posting' AND lease_until < now() FOR UPDATE SKIP LOCKED
    ) AND m.state = 'posting' RETURNING m.id, m.lease_token
)
UPDATE attempt AS a SET finished_at = now(), outcome = 'unknown', provider_code = 'lost'
FROM lost WHERE a.message_id = lost.id AND a.lease_token = lost.lease_token RETURNING a.message_id
""")

TWIN = text("""
UPDATE message AS m SET state = 'ready', next_attempt_at = now(), settled_at = NULL
WHERE id IN (
    SELECT id FROM message u WHERE state = 'unknown' AND class = 'code' AND not_after > now()
        AND posted_at <= now() - make_interval(secs => :after)
        AND (SELECT count(*) FROM attempt a WHERE a.message_id = u.id AND a.outcome = 'unknown') = 1
    FOR UPDATE SKIP LOCKED
) AND m.state = 'unknown' RETURNING m.id
""")

# Told once, unless a newer code is on its way to the same phone or already there.
SUPERSEDED = text("""
SELECT 1 FROM message WHERE phone = :phone AND class = 'code' AND id > :id
    AND state NOT IN ('expired', 'failed', 'dead') LIMIT 1
""")

DUE = text("""
SELECT lane FROM unnest(CAST(:lanes AS text[])) AS l(lane), unnest(CAST(:classes AS text[])) AS c(class)
WHERE (
    SELECT min(next_attempt_at) FROM message WHERE state = 'ready' AND lane = l.lane AND class = c.class
) <= now() AND NOT EXISTS (SELECT 1 FROM lane_pause p WHERE p.lane = l.lane AND p.until > now())
GROUP BY lane ORDER BY lane
""")


def sweep(db: Session, *, now: datetime) -> dict[str, int]:
    """Do all of it; answers how many messages each part touched."""
    return {
        "expired": expire(db, now=now),
        "released": release(db),
        "lost": lose(db),
        "twins": twin(db),
    }


def expire(db: Session, *, now: datetime, most: int = SWEPT_AT_ONCE) -> int:
    """End what is past its `not_after`; who waits for a password is told to ask again."""
    rows = db.execute(EXPIRE, {"most": most}).all()
    for row in rows:
        if row.state == "expired" and row[1] == "code":
            tell_expired(db, row.id, row.phone, row.lang, now=now)
    return len(rows)


def tell_expired(db: Session, message_id: int, phone: str, lang: str | None, *, now: datetime) -> None:
    """Queue one reply for a code that came to nothing: it goes when the lane works again, in its own life."""
    if db.scalar(SUPERSEDED, {"phone": phone, "id": message_id}) is None:
        words, key = "account.password_expired", f"expired:{message_id}"
        notices.queue(db, "reply", words, phone, now=now, lang=lang, key=key)


def release(db: Session) -> int:
    """Take back what was claimed and never posted by a worker that is gone; it is sent by another."""
    return len(db.execute(RELEASE, {"poisonous": POISONOUS}).all())


def lose(db: Session) -> int:
    """What was being posted by a worker that is gone may have arrived: it is unknown from now on."""
    return len(db.execute(LOSE).all())


def twin(db: Session, *, after: float = TWIN_AFTER) -> int:
    """Send a code that may have been lost once more; it says the same, so that either copy opens the door."""
    return len(db.execute(TWIN, {"after": after}).all())


def due(db: Session, lanes: Sequence[str], *, classes: Sequence[str]) -> list[str]:
    """The lanes that have something to send now."""
    return list(db.scalars(DUE, {"lanes": list(lanes), "classes": list(classes)}))
