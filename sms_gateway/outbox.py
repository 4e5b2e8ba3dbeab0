"""The outbox in SQL: messages are claimed under a lease, fenced before their POST, and settled after it.

A lease says whose a row is and until when; its token is never used twice, so a worker that was thought dead
finds its rows out of reach. All times are the database's. Nothing here commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.messages import LANES
from operations import notices, subscribers
from sms_gateway import reports
from sms_gateway.providers.answers import Answer

POISONOUS = 3  # failures of its own that end a message

# Seconds of full jitter, by class: the base, doubled at each attempt, and the most.
BACKOFF = {"code": (2, 20), "reply": (5, 60), "register": (5, 60)}
BACKOFF_BULK = (30, 1800)

# Seconds for which a lane rests, by what is wrong. Then it tries one message, until one is accepted.
PAUSES = {"failing": 5, "balance": 300}
PAUSE_TO_MEND = 120


@dataclass(frozen=True)
class Claimed:
    """A message in a worker's hands, for as long as its lease lasts."""

    id: int
    token: int
    klass: str
    phone: str = field(repr=False)
    lang: str
    words: str
    details: dict[str, Any] = field(repr=False)
    sender: str | None
    tries: int


class Landed(NamedTuple):
    """A message that was posted, and what became of it."""

    message: Claimed
    answer: Answer


class Depth(NamedTuple):
    """What waits in a lane: to go now, the seconds its eldest has waited, and held until its hours."""

    lane: str
    ready: int
    oldest: float
    held: int


# A class at a time, by rank: a single table under SKIP LOCKED (joins surprise), its state tested again.
CLAIM = text("""
WITH due AS (
    SELECT m.id, c.rank FROM unnest(CAST(:classes AS text[])) WITH ORDINALITY AS c(class, rank)
    CROSS JOIN LATERAL (
        SELECT id FROM message
        WHERE state = 'ready' AND lane = :lane AND class = c.class
          AND next_attempt_at <= now() AND not_after > now()
        ORDER BY next_attempt_at, id LIMIT :most FOR UPDATE SKIP LOCKED
    ) AS m LIMIT :most
)
UPDATE message SET state = 'leased', lease_token = nextval('lease_token'),
    lease_until = now() + make_interval(secs => :lease)
FROM due WHERE message.id = due.id AND message.state = 'ready'
RETURNING due.rank, message.next_attempt_at, message.id, lease_token, class, message.phone,
    coalesce(message.lang, (SELECT s.lang FROM subscriber s WHERE s.phone = message.phone), 'en'),
    words, details, sender, tries
""")

WITHHOLD = text("""
UPDATE message AS m SET state = 'expired', failure = 'stopped', settled_at = now(), lease_until = NULL
FROM subscriber s WHERE m.id = ANY(CAST(:ids AS bigint[])) AND m.state = 'leased'
    AND s.phone = m.phone AND s.opted_out_at IS NOT NULL RETURNING m.id
""")

FENCE = text("""
WITH given AS (
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:tokens AS bigint[]), CAST(:segments AS int[]))
        AS g(id, token, segments)
), fenced AS (
    UPDATE message AS m SET state = 'posting', attempts = m.attempts + 1, segments = g.segments, tries = 0,
        posted_at = now(), lease_until = now() + make_interval(secs => :lease)
    FROM given g WHERE m.id = g.id AND m.lease_token = g.token AND m.state = 'leased'
        AND m.lease_until > now() AND m.not_after > now()
    RETURNING m.id, m.attempts, m.lease_token
)
INSERT INTO attempt (message_id, n, lease_token, worker)
SELECT id, attempts, lease_token, :worker FROM fenced RETURNING message_id
""")

# A late answer still settles what the sweep took for lost: the token says that nobody else had it since.
SETTLE = text("""
WITH answer AS (
    SELECT * FROM unnest(
        CAST(:ids AS bigint[]), CAST(:tokens AS bigint[]), CAST(:outcomes AS text[]), CAST(:codes AS text[]),
        CAST(:statuses AS int[]), CAST(:provider_ids AS text[]), CAST(:costs AS text[]),
        CAST(:latencies AS int[]), CAST(:bases AS float[]), CAST(:caps AS float[])
    ) AS a(id, token, outcome, code, status, provider_id, cost, latency, base, cap)
), closed AS (
    UPDATE attempt SET finished_at = now(), outcome = a.outcome, http_status = a.status,
        provider_code = a.code, latency_ms = a.latency
    FROM answer a WHERE attempt.message_id = a.id AND attempt.lease_token = a.token
)
UPDATE message AS m SET
    state = CASE a.outcome WHEN 'accepted' THEN 'accepted' WHEN 'unknown' THEN 'unknown'
        WHEN 'rejected' THEN 'failed' ELSE CASE WHEN a.status = 400 AND (
            SELECT count(*) FROM attempt t WHERE t.message_id = m.id AND t.http_status = 400
        ) >= :poisonous - 1 THEN 'dead' ELSE 'ready' END END,
    provider_id = coalesce(a.provider_id, m.provider_id),
    cost = a.cost,
    failure = CASE a.outcome WHEN 'accepted' THEN NULL ELSE a.code END,
    settled_at = CASE a.outcome WHEN 'not_sent' THEN NULL ELSE now() END,
    next_attempt_at = CASE WHEN a.outcome = 'not_sent' AND a.base > 0
        THEN now() + make_interval(
            secs => random() * least(a.cap, a.base * power(2, least(m.attempts, 16) - 1)))
        ELSE m.next_attempt_at END
FROM answer a
WHERE m.id = a.id AND m.lease_token = a.token AND m.state IN ('posting', 'unknown')
RETURNING m.id, m.state
""")

GIVE_BACK = text("""
UPDATE message AS m SET state = 'ready', lease_until = NULL
FROM unnest(CAST(:ids AS bigint[]), CAST(:tokens AS bigint[])) AS g(id, token)
WHERE m.id = g.id AND m.lease_token = g.token AND m.state = 'leased'
""")

COUNT = text("""
UPDATE message SET tries = :tries WHERE id = :id AND lease_token = :token AND state = 'leased'
""")

FAIL = text("""
UPDATE message SET tries = :tries, failure = 'wording', lease_until = NULL,
    state = CASE WHEN :tries >= :poisonous THEN 'dead' ELSE 'ready' END,
    settled_at = CASE WHEN :tries >= :poisonous THEN now() END,
    next_attempt_at = now() + make_interval(secs => random() * least(:cap, :base * power(2, :tries)))
WHERE id = :id AND lease_token = :token AND state = 'leased' RETURNING state
""")

PAUSE = text("""
INSERT INTO lane_pause (lane, until, reason) VALUES (:lane, now() + make_interval(secs => :seconds), :reason)
ON CONFLICT (lane) DO UPDATE SET until = greatest(lane_pause.until, excluded.until), reason = excluded.reason
""")

SOON = text("""
SELECT extract(epoch FROM min((
    SELECT min(next_attempt_at) FROM message
    WHERE state = 'ready' AND lane = :lane AND class = c.class AND not_after > now()
)) - now()) FROM unnest(CAST(:classes AS text[])) AS c(class)
""")

DEPTHS = text("""
SELECT lane, class, count(*) FILTER (WHERE next_attempt_at <= now()), count(*),
    extract(epoch FROM now() - min(next_attempt_at))
FROM message WHERE state = 'ready' GROUP BY lane, class
""")


# A rest stands until a message is accepted: one long over says only that nobody has tried since.
RESTS = text("""
SELECT lane, reason, extract(epoch FROM until) FROM lane_pause
WHERE until > now() - interval '2 minutes' ORDER BY lane
""")


def claim(db: Session, lane: str, most: int, *, classes: Sequence[str], lease: float) -> list[Claimed]:
    """Lease up to so many messages of these classes that are due, the most urgent class first.

    A campaign to a line that said STOP ends here instead: no other class heeds it.
    """
    values = {"lane": lane, "most": most, "classes": list(classes), "lease": lease}
    claimed = [Claimed(*row[2:]) for row in sorted(db.execute(CLAIM, values), key=lambda row: row[:3])]
    campaigns = [message.id for message in claimed if message.klass == "campaign"]
    stopped = set(db.scalars(WITHHOLD, {"ids": campaigns})) if campaigns else set()
    return [message for message in claimed if message.id not in stopped]


def allowance(db: Session, lane: str) -> int | None:
    """How many messages the lane may send: none while it rests, then one to try it; None is any number."""
    resting = db.scalar(text("SELECT until > now() FROM lane_pause WHERE lane = :lane"), {"lane": lane})
    return None if resting is None else int(not resting)


def rest(db: Session, lane: str, reason: str) -> None:
    """Let the lane send nothing for a while; afterwards it tries with one message until one is accepted."""
    db.execute(PAUSE, {"lane": lane, "reason": reason, "seconds": PAUSES.get(reason, PAUSE_TO_MEND)})


def resume(db: Session, lane: str) -> None:
    """A message was accepted: a rest that is over is forgotten."""
    db.execute(text("DELETE FROM lane_pause WHERE lane = :lane AND until <= now()"), {"lane": lane})


def rests(db: Session) -> list[tuple[str, str, float]]:
    """Each lane that rests or did until a moment ago, why, and until when: seconds since 1970."""
    return [(lane, reason, float(until)) for lane, reason, until in db.execute(RESTS)]


def fence(db: Session, messages: Sequence[tuple[Claimed, int]], *, worker: str, lease: float) -> set[int]:
    """Mark messages (each with its segments) as being posted; answers which: the others are not ours now.

    Once this is committed, and not before, a message may be posted.
    """
    columns = {
        "ids": [message.id for message, _ in messages],
        "tokens": [message.token for message, _ in messages],
        "segments": [segments for _, segments in messages],
    }
    return set(db.scalars(FENCE, {**columns, "worker": worker, "lease": lease}))


def settle(db: Session, landed: Sequence[Landed], *, now: datetime) -> dict[int, str]:
    """Record what became of messages that were posted; answers their new states by id."""
    answers = [answer for _, answer in landed]
    waits = [backoff(message.klass, answer) for message, answer in landed]
    values = {
        "ids": [message.id for message, _ in landed],
        "tokens": [message.token for message, _ in landed],
        "outcomes": [answer.outcome for answer in answers],
        "codes": [answer.code for answer in answers],
        "statuses": [answer.http_status for answer in answers],
        "provider_ids": [answer.provider_id for answer in answers],
        "costs": [answer.cost for answer in answers],
        "latencies": [answer.latency_ms for answer in answers],
        "bases": [base for base, _ in waits],
        "caps": [cap for _, cap in waits],
    }
    states = {row.id: row.state for row in db.execute(SETTLE, {**values, "poisonous": POISONOUS})}
    for message, answer in landed:
        if answer.blocked:
            subscribers.block(db, message.phone, now=now)
    reports.catch_up(db, [answer.provider_id for answer in answers if answer.provider_id], now=now)
    return states


def backoff(klass: str, answer: Answer) -> tuple[int, int]:
    """The base and the most of the wait for the next attempt; none where the message keeps its place."""
    if answer.slow_down or (answer.halt and answer.http_status != 400):
        return (0, 0)
    return BACKOFF.get(klass, BACKOFF_BULK)


def give_back(db: Session, messages: Sequence[Claimed]) -> None:
    """Put messages that were not posted back where they were."""
    columns = {"ids": [message.id for message in messages], "tokens": [message.token for message in messages]}
    db.execute(GIVE_BACK, columns)


def suspect(db: Session, message: Claimed) -> None:
    """Count a try before a message is worded that was in hand when a worker died; commit this first."""
    db.execute(COUNT, {"id": message.id, "token": message.token, "tries": message.tries + 1})


def absolve(db: Session, message: Claimed) -> None:
    """It did no harm: the try does not count, whatever its neighbours do."""
    db.execute(COUNT, {"id": message.id, "token": message.token, "tries": message.tries})


def fail(db: Session, message: Claimed) -> str | None:
    """A message could not be worded: it is tried later, and dead at the third time. Answers its state."""
    base, cap = BACKOFF.get(message.klass, BACKOFF_BULK)
    values = {"id": message.id, "token": message.token, "tries": message.tries + 1, "base": base, "cap": cap}
    state: str | None = db.scalar(FAIL, {**values, "poisonous": POISONOUS})
    return state


def soon(db: Session, lane: str, *, classes: Sequence[str]) -> float | None:
    """Seconds until the next message of these classes is due; None where there is none."""
    seconds = db.scalar(SOON, {"lane": lane, "classes": list(classes)})
    return None if seconds is None else float(seconds)


def depths(db: Session, *, now: datetime) -> list[Depth]:
    """What waits in each lane."""
    open_now = notices.open_classes(now)
    rows = db.execute(DEPTHS).all()
    return [depth(lane, [row[1:] for row in rows if row[0] == lane], open_now) for lane in LANES]


def depth(lane: str, rows: Sequence[Any], open_now: Sequence[str]) -> Depth:
    """Sum up one lane from its rows of class, count due, count, and age of the eldest."""
    going = [row for row in rows if row[0] in open_now]
    held = sum(total for klass, _, total, _ in rows if klass not in open_now)
    return Depth(lane, sum(row[1] for row in going), max((0.0, *(float(row[3]) for row in going))), held)


def unknown(db: Session) -> int:
    """How many messages may or may not have arrived."""
    return db.scalar(text("SELECT count(*) FROM message WHERE state = 'unknown'")) or 0
