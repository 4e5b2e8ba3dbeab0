"""Messages queued many at once, and what has become of them, as SQL tells."""

import time

from benchmarks.figure import Wrong
from benchmarks.ground import Ground

# Words that need no account behind them.
WORDS = "account.password_changed"
QUEUE = """
INSERT INTO message (lane, class, phone, words, details, not_after)
SELECT :lane, :klass, '+2547' || lpad(n::text, 8, '0'), :words, '{}', now() + interval '30 minutes'
FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
"""
LOOK = 0.05


def queue(ground: Ground, lane: str, klass: str, count: int, first: int) -> None:
    """Queue messages of one class to as many phones, in one statement."""
    values = {"lane": lane, "klass": klass, "words": WORDS, "first": first, "last": first + count - 1}
    ground.sql(QUEUE, **values)


def states(ground: Ground, rows: str = "message") -> dict[str, int]:
    """How many messages are in each state."""
    found = ground.sql(f"SELECT state, count(*) FROM {rows} GROUP BY state")
    return dict(map(tuple, found))


def await_accepted(ground: Ground, rows: str, seconds: float) -> None:
    """Wait until all of these rows are accepted; raises Wrong where that takes too long."""
    limit = time.monotonic() + seconds
    while set(found := states(ground, rows)) - {"accepted"}:
        if time.monotonic() > limit:
            raise Wrong(f"not all was accepted within {seconds:.0f} s: {found}")
        time.sleep(LOOK)


def check_taken(ground: Ground, rows: str) -> None:
    """Raise Wrong unless the provider took each of these messages once, and nothing for these phones else."""
    phones = [phone for (phone,) in ground.sql(f"SELECT phone FROM {rows}")]
    taken = ground.provider.log("taken")
    odd = [phone for phone in phones if taken.get(phone) != 1]
    if odd or len(set(phones)) != len(phones):
        raise Wrong(f"{len(odd)} of {len(phones)} messages were not taken exactly once")
