"""Wrong guesses, counted in SQL: by account and phone, by phone, and over all.

Others' guesses never lock an account's own phone: that phone answers for its own pair only, and the two
wider counts hold for phones that try accounts that are not theirs. A phone that proves itself lifts the
lock of its own pair. A stranger's lock, and the two wider counts, run out by time alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from models.accounts import GuessCount

CENTRE_DIGITS = 8  # a centre code; a phone number has twelve
COUNT_ONE = text("""
    INSERT INTO guess_count AS g (scope, key, wrong, window_began_at) VALUES (:scope, :key, 1, :now)
    ON CONFLICT (scope, key) DO UPDATE SET
        wrong = CASE WHEN g.window_began_at <= :cut THEN 1 ELSE g.wrong + 1 END,
        locked_until = CASE WHEN g.window_began_at <= :cut THEN NULL ELSE g.locked_until END,
        window_began_at = CASE WHEN g.window_began_at <= :cut THEN :now ELSE g.window_began_at END
    RETURNING wrong
""")


@dataclass(frozen=True)
class Limit:
    """So many wrong guesses within a window lock for a while."""

    most: int
    window: timedelta
    lock: timedelta


LIMITS = {
    "pair": Limit(5, timedelta(minutes=15), timedelta(minutes=15)),
    "phone": Limit(15, timedelta(hours=1), timedelta(hours=1)),
    "all": Limit(300, timedelta(minutes=10), timedelta(minutes=10)),
}


def pair(username: str, phone: str) -> tuple[str, str]:
    """The count of one phone's guesses at one account."""
    return "pair", f"{username} {phone}"


def keys(username: str, phone: str, *, own: bool) -> list[tuple[str, str]]:
    """The counts that a guess at this username from this phone belongs to; centres have their own in all."""
    theirs = pair(username, phone)
    everybody = "centres" if len(username) == CENTRE_DIGITS else ""
    return [theirs] if own else [theirs, ("phone", phone), ("all", everybody)]


def locked(db: Session, scopes: list[tuple[str, str]], *, now: datetime) -> timedelta | None:
    """How long the longest lock on these counts still holds, or None. Locks the rows: guesses take turns."""
    until = []
    for scope, key in scopes:
        row = select(GuessCount).where(GuessCount.scope == scope, GuessCount.key == key).with_for_update()
        count = db.scalars(row).first()
        if count and count.locked_until and count.locked_until > now:
            until.append(count.locked_until)
    return max(until) - now if until else None


def count_wrong(db: Session, scopes: list[tuple[str, str]], *, now: datetime) -> tuple[bool, int]:
    """Count one more wrong guess in each scope; answers (locked now, tries left for the pair)."""
    closed, left = False, 0
    for scope, key in scopes:
        wrong = add(db, scope, key, now=now)
        limit = LIMITS[scope]
        if scope == "pair":
            left = max(0, limit.most - wrong)
        if wrong >= limit.most:
            close(db, scope, key, now + limit.lock)
            closed = True
    return closed, left


def add(db: Session, scope: str, key: str, *, now: datetime) -> int:
    """One more in this count, which begins anew when its window is over; answers the count."""
    values = {"scope": scope, "key": key, "now": now, "cut": now - LIMITS[scope].window}
    return int(db.execute(COUNT_ONE, values).scalar_one())


def close(db: Session, scope: str, key: str, until: datetime) -> None:
    """Lock this count until then."""
    count = update(GuessCount).where(GuessCount.scope == scope, GuessCount.key == key)
    db.execute(count.values(locked_until=until))


def forget(db: Session, username: str, phone: str) -> None:
    """Lift the lock on this account at this phone, and at no other: it proved whose it is."""
    own = pair(username, phone)
    db.execute(delete(GuessCount).where(GuessCount.scope == own[0], GuessCount.key == own[1]))
