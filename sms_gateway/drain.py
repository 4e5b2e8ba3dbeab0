"""The drain of a lane: claims messages, words them, posts them from many threads, settles what came of each.

The main thread does all SQL, in short transactions; the threads only post. So a connection to the database is
never held while somebody waits for the provider.
"""

import os
import socket
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from queue import Empty, SimpleQueue

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from operations import notices, office
from runtime.settings import Settings
from runtime.stores import Stores
from sms_gateway import outbox
from sms_gateway.bell import hush, ring
from sms_gateway.desk import Desk, Worded, Wording
from sms_gateway.guards import die_at, on_sigterm
from sms_gateway.lane import Lane
from sms_gateway.outbox import Claimed, Landed
from sms_gateway.pacing import Pacer
from sms_gateway.providers.africastalking import AfricasTalking
from sms_gateway.providers.answers import Answer, Provider

__all__ = ["Limits", "Wording", "drain", "ring"]

log = structlog.get_logger()


@dataclass(frozen=True)
class Limits:
    """How much a drain takes on, and how long things may take."""

    threads: int = 64
    lease: float = 60.0
    deadline: float = 12.0  # for one POST, from its connection to its answer's last byte
    batch: int = 50  # answers written down at once, or what came in so many seconds:
    batch_seconds: float = 0.25
    gather: float = 0.008  # seconds in which answers that come together are taken together
    linger: float = 20.0  # seconds to stay for a retry that is due by then
    look: float = 0.5  # seconds between two looks into an empty outbox
    wording: float = 2.0  # seconds of the processor for one message's words

    def most(self, rate: float | None) -> int:
        """The messages of one claim: two rounds of posts at most, within the lease and at this pace."""
        rounds = max(1, min(2, int((self.lease - self.deadline) // self.deadline)))
        most = min(200, self.threads * rounds)
        return most if rate is None else max(1, min(most, int(rate * self.lease / 2)))


def drain(
    stores: Stores,
    settings: Settings,
    wording: Wording,
    lane: str,
    seconds: float = 45.0,
    *,
    limits: Limits = Limits(),
    provider: Provider | None = None,
    pacer: Pacer | None = None,
    classes: Callable[[datetime], list[str]] = notices.open_classes,
) -> Counter[str]:
    """Send what is due in this lane until nothing is, or the time is over; answers how many ended how.

    Works without Redis. A SIGTERM lets what is in flight finish and gives the rest back.
    """
    provider = provider or AfricasTalking(settings, seconds=limits.deadline, threads=limits.threads)
    pacer = pacer or Pacer(stores.redis, f"{provider.name}:{settings.at_username}", settings.sms_rate, lane)
    sender = settings.sender_urgent if lane == "urgent" else settings.sender_bulk
    run = Run(stores, wording, Lane(lane), limits, provider, pacer, classes, sender)
    with ThreadPoolExecutor(limits.threads, "post") as pool, on_sigterm(run.stop):
        run.go(pool, seconds)
    log.info("drained", lane=lane, **run.counts)
    return run.counts


@dataclass
class Run:
    """One run of the drain, and what it has in hand."""

    stores: Stores
    wording: Wording
    lane: Lane
    limits: Limits
    provider: Provider
    pacer: Pacer
    classes: Callable[[datetime], list[str]]
    sender: str
    counts: Counter[str] = field(default_factory=Counter)
    worker: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    waiting: deque[Worded] = field(default_factory=deque)
    flying: int = 0
    landing: SimpleQueue[Landed] = field(default_factory=SimpleQueue)
    landed: list[Landed] = field(default_factory=list)
    landed_at: float = 0.0  # when the first of them did
    unwanted: list[Claimed] = field(default_factory=list)  # to be given back
    over: bool = False  # nothing more is begun
    dry: bool = False  # there was nothing to claim, nor will be soon
    look_at: float = 0.0
    pause: float = 0.0  # until the pace lets the next one go
    ends: float = 0.0
    faltering: float | None = None  # since when the database has failed

    def stop(self) -> None:
        """Begin nothing more."""
        self.over = True

    def go(self, pool: ThreadPoolExecutor, seconds: float) -> None:
        """Go round until all is done."""
        self.ends = time.monotonic() + seconds
        while not self.done():
            try:
                self.claim()
                self.turn(pool)
                self.faltering = None
            except (OperationalError, InterfaceError, PoolTimeout) as fault:
                self.falter(fault)
            self.gather()
        if not self.dry and not self.lane.resting:
            ring(self.stores.redis, self.lane.name)

    def done(self) -> bool:
        """Whether nothing is in hand and nothing more is to be had."""
        self.over = self.over or self.lane.resting or time.monotonic() >= self.ends
        in_hand = self.waiting or self.flying or self.landed or self.unwanted or self.lane.rests
        return not in_hand and (self.over or self.dry)

    # -- taking ----------------------------------------------------------------------------------------

    def claim(self) -> None:
        """Lease more messages, if the threads will soon want them, and word them."""
        now = time.monotonic()
        if self.over or self.waiting or now < self.look_at or (self.lane.probing and self.flying):
            return
        hush(self.stores.redis, self.lane.name)
        with self.stores.transaction() as db:
            open_now = self.classes(office.now(db))
            classes = [name for name in open_now if notices.CLASSES[name].lane == self.lane.name]
            most = self.lane.allowance(db, self.limits.most(self.pacer.rate))
            claimed = outbox.claim(db, self.lane.name, most, classes=classes, lease=self.limits.lease)
            soon = None if claimed or not most else outbox.soon(db, self.lane.name, classes=classes)
        die_at("after_claim")
        self.plan(now, bool(claimed), soon)
        until = now + self.limits.lease - self.limits.deadline
        desk = Desk(self.stores, self.wording, self.limits.wording)
        worded = [desk.word(message, until) for message in claimed]
        self.waiting.extend(filter(None, worded))
        self.counts.update(["unworded"] * worded.count(None))

    def plan(self, now: float, found: bool, soon: float | None) -> None:
        """Decide when to look again, and whether to stay for what will be due soon."""
        self.dry = not found and (soon is None or now + soon > min(self.ends, now + self.limits.linger))
        wait = self.limits.look if soon is None else min(self.limits.look, max(soon, 0.05))
        self.look_at = now if found else now + wait

    # -- sending ---------------------------------------------------------------------------------------

    def turn(self, pool: ThreadPoolExecutor) -> None:
        """Settle what has landed and fence what may go, in one transaction; then let it go."""
        going = self.pick()
        if not (going or self.unwanted or self.lane.rests or self.settling()):
            return
        landed, unwanted = list(self.landed), list(self.unwanted)
        try:
            with self.stores.transaction() as db:
                if landed:
                    outbox.settle(db, landed, now=office.now(db))
                if unwanted:
                    outbox.give_back(db, unwanted)
                self.lane.tell(db, [answer for _, answer in landed])
                pairs = [(worded.message, worded.segments) for worded in going]
                mine = outbox.fence(db, pairs, worker=self.worker, lease=self.limits.lease) if going else ()
        except Exception:
            self.waiting.extendleft(reversed(going))
            raise
        self.landed.clear()
        self.unwanted.clear()
        self.lane.rests.clear()
        self.counts.update(["given_back"] * len(unwanted))
        for worded in going:
            if worded.message.id in mine:
                self.flying += 1
                pool.submit(self.post, worded)

    def pick(self) -> list[Worded]:
        """The messages that may go now: a thread is free, the pace allows it, the lease still holds."""
        while self.waiting and (self.over or self.waiting[0].until < time.monotonic()):
            self.unwanted.append(self.waiting.popleft().message)
        front = list(islice(self.waiting, self.limits.threads - self.flying))
        self.pause = 0.0
        if not front:
            return []
        grant = self.pacer.take([worded.segments for worded in front])
        self.pause = grant.wait
        return [self.waiting.popleft() for _ in range(grant.granted)]

    def settling(self) -> bool:
        """Whether what has landed should be written down by now."""
        late = time.monotonic() - self.landed_at >= self.limits.batch_seconds
        return bool(self.landed) and (late or len(self.landed) >= self.limits.batch or not self.flying)

    def post(self, worded: Worded) -> None:
        """Post one message, in a thread, and hand what came of it to the main thread."""
        message, began = worded.message, time.monotonic()
        die_at("before_post")
        try:
            answer = self.provider.send(message.phone, worded.text, message.sender or self.sender)
        except Exception as fault:
            answer = Answer("unknown", f"fault.{type(fault).__name__}")
        die_at("after_post")
        latency = round((time.monotonic() - began) * 1000)
        self.landing.put(Landed(message, replace(answer, latency_ms=latency)))

    # -- landing ---------------------------------------------------------------------------------------

    def gather(self) -> None:
        """Wait for answers, or until there is something to do, and take all that have come."""
        try:
            first = self.landing.get(timeout=max(0.001, self.patience()))
        except Empty:
            return
        time.sleep(self.limits.gather)
        self.landed_at = time.monotonic() if not self.landed else self.landed_at
        self.take(first)
        while not self.landing.empty():
            self.take(self.landing.get())

    def patience(self) -> float:
        """How long there is nothing to do but wait."""
        if self.faltering is not None:
            return self.limits.batch_seconds
        waits = [self.limits.batch_seconds]
        if self.waiting and self.flying < self.limits.threads:
            waits.append(self.pause)
        elif not self.waiting and not self.over:
            waits.append(self.look_at - time.monotonic())
        return min(waits) if self.waiting or self.flying or not self.done() else 0.0

    def take(self, landed: Landed) -> None:
        """Take one answer in, and heed what it says of the lane and of our pace."""
        self.flying -= 1
        self.landed.append(landed)
        self.counts[landed.answer.outcome] += 1
        self.lane.heed(landed.answer)
        if landed.answer.slow_down:
            self.pacer.slow(landed.answer.retry_after)

    def falter(self, fault: Exception) -> None:
        """The database failed: keep what has landed and try again, for as long as the leases would last."""
        now = time.monotonic()
        self.faltering = self.faltering or now
        log.warning("outbox_unavailable", lane=self.lane.name, fault=type(fault).__name__)
        if now - self.faltering > self.limits.lease:
            raise fault
        time.sleep(self.limits.batch_seconds)
