"""Messages a second through the drain, against the naive way: one RQ job a message with the stock SDK."""

import time
from collections.abc import Iterator

import redis
from rq import Queue

from benchmarks import outgoing
from benchmarks.figure import Figure, Wrong, say
from benchmarks.ground import Ground, open_ground
from runtime.plan import python
from sms_gateway.bell import ring

NAIVE_WORKERS = 2  # as many as there are lanes
PATIENCE = 600.0


def measure(*, messages: int = 10_000, latency: float = 0.05, sample: int = 100) -> Iterator[Figure]:
    """One worker process drains so many messages; a few show what the naive way would take."""
    with open_ground() as ground:
        ground.provider.reset(latency)
        ours = drained(ground, messages)
        say(f"  the drain: {ours:,.0f} messages/s")
        ground.provider.reset(latency)
        theirs = naive(ground, sample)
    minutes = messages / theirs / 60
    note = f"naive, {NAIVE_WORKERS} workers, extrapolated from {sample}: {minutes:.0f} min for {messages:,}"
    yield Figure("sending", ours, "messages/s", theirs, ours / theirs, note)


def drained(ground: Ground, messages: int) -> float:
    """Messages a second, from the bell to the last one settled, by the database's clock."""
    ground.start_workers("urgent")
    idle(ground.stores.redis, 1)
    outgoing.queue(ground, "urgent", "reply", messages, 0)
    began = ground.sql("SELECT clock_timestamp()")[0][0]
    ring(ground.stores.redis, "urgent")
    outgoing.await_accepted(ground, "message", PATIENCE)
    outgoing.check_taken(ground, "message")
    seconds = ground.sql("SELECT extract(epoch FROM max(settled_at) - :began) FROM message", began=began)
    return messages / float(seconds[0][0])


def naive(ground: Ground, sample: int) -> float:
    """Messages a second of the naive way, once its workers are warm."""
    url = ground.redis_of(2)
    child = python("naive", "-m", "rq.cli", "worker", "naive", "--url", url, "--quiet")
    ground.variables["GATEWAY"] = ground.provider.address
    workers = [ground.start(child) for _ in range(NAIVE_WORKERS)]
    with redis.Redis.from_url(url) as client:
        idle(client, NAIVE_WORKERS)
        queue = Queue("naive", connection=client)
        send(ground, queue, 0, NAIVE_WORKERS)
        seconds = send(ground, queue, NAIVE_WORKERS, sample)
    for worker in workers:
        worker.stop()
    return sample / seconds


def send(ground: Ground, queue: Queue, first: int, count: int) -> float:
    """Enqueue so many jobs; the seconds until the provider has taken them all."""
    began = time.perf_counter()
    for number in range(first, first + count):
        queue.enqueue("benchmarks.naive.send", f"+2547{number:08d}", "Your password was changed.")
    while sum(ground.provider.log("taken").values()) < first + count:
        if time.perf_counter() - began > PATIENCE:
            raise Wrong("the naive workers do not send")
        time.sleep(0.02)
    return time.perf_counter() - began


def idle(client: "redis.Redis", workers: int) -> None:
    """Wait until so many RQ workers wait for jobs."""
    limit = time.monotonic() + 60
    while client.scard("rq:workers") < workers:
        if time.monotonic() > limit:
            raise Wrong("the RQ workers do not start")
        time.sleep(0.05)
