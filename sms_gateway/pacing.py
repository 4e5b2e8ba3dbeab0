"""The pace at which messages may leave: one bucket of tokens for all processes, kept in Redis.

While Redis is gone each process keeps a bucket of its own, with its share of the rate. A message costs as
many tokens as it has segments.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import redis

LUA = Path(__file__).with_name("bucket.lua")
BURST, SHARE, RECOVERY, LEAST = 0.2, 0.8, 0.05 / 60, 1 / 64  # as in bucket.lua
UNPACED_CEILING = 50.0  # segments a second: what an unpaced sender falls back from after a 429
SAME_EVENT = 5.0  # seconds: what was in flight at a 429 comes back as 429 too, and halves nothing more
CLOSED_AFTER_429 = 1.0  # seconds, where the provider names none
LONGEST_CLOSED = 300.0  # seconds, whatever the provider names
WITHOUT_REDIS = 5.0  # seconds before Redis is asked again after it failed


class Grant(NamedTuple):
    """How many of the waiting messages may go now, and the seconds until the next may."""

    granted: int
    wait: float


@dataclass
class LocalBucket:
    """A bucket of this process alone, by its monotonic clock; the same rules as bucket.lua, but for lanes."""

    ceiling: float | None
    tokens: float = 0.0
    at: float = field(default_factory=time.monotonic)
    closed: float = 0.0
    slowed: tuple[float, float] | None = None  # when, and the rate then

    def rate(self, now: float) -> float | None:
        """The rate of this moment; None is unpaced."""
        if self.slowed is None:
            return self.ceiling
        full = self.ceiling or UNPACED_CEILING
        rate = self.slowed[1] + full * RECOVERY * (now - self.slowed[0])
        if rate >= full:
            self.slowed = None
        return rate if rate < full else self.ceiling

    def take(self, costs: Sequence[int], share: float) -> Grant:
        """Let the first few go, as far as the tokens reach."""
        now = time.monotonic()
        if now < self.closed:
            return Grant(0, self.closed - now)
        rate = self.rate(now)
        if rate is None:
            return Grant(len(costs), 0.0)
        rate *= share
        room = max(1.0, rate * BURST)
        self.tokens = min(room, self.tokens + (now - self.at) * rate)
        self.at = now
        for count, cost in enumerate(costs):
            if self.tokens < min(cost, room):
                return Grant(count, (min(cost, room) - self.tokens) / rate)
            self.tokens -= cost
        return Grant(len(costs), 0.0)

    def slow(self, seconds: float) -> None:
        """Halve the rate, once for an event, and send nothing for so long."""
        now = time.monotonic()
        self.closed = max(self.closed, now + seconds)
        if self.slowed is None or now - self.slowed[0] >= SAME_EVENT:
            full = self.ceiling or UNPACED_CEILING
            self.slowed = (now, max(full * LEAST, (self.rate(now) or full) / 2))


class Pacer:
    """The pace of one lane in one process. Never raises for Redis' sake."""

    def __init__(
        self, client: redis.Redis, account: str, rate: float | None, lane: str, *, processes: int = 2
    ) -> None:
        self.lane = lane
        self.rate = rate
        self._key = f"pace:{account}"
        self._script = client.register_script(LUA.read_text())
        self._local = LocalBucket(None if rate is None else rate / processes)
        self._back_at = 0.0  # when Redis is asked again

    def take(self, costs: Sequence[int]) -> Grant:
        """Ask for leave to send messages of so many segments each, in this order."""
        reply = self._ask("take", self.lane, *costs)
        if reply is not None:
            return Grant(reply[0], reply[1] / 1000)
        return self._local.take(costs, SHARE if self.lane == "bulk" else 1.0)

    def slow(self, retry_after: float | None) -> None:
        """The provider said 429: stop for as long as it says, then go on at half the rate."""
        seconds = min(CLOSED_AFTER_429 if retry_after is None else retry_after, LONGEST_CLOSED)
        self._ask("slow", seconds, UNPACED_CEILING, SAME_EVENT)
        self._local.slow(seconds)

    def _ask(self, command: str, *arguments: Any) -> list[int] | None:
        """Run the script, or answer None while Redis does not."""
        if time.monotonic() < self._back_at:
            return None
        try:
            reply: list[int] = self._script(keys=[self._key], args=[command, self.rate or 0, *arguments])
        except redis.RedisError:
            self._back_at = time.monotonic() + WITHOUT_REDIS
            return None
        return reply
