"""The doorbell of a lane: it wakes a worker, says nothing else, and may be lost.

`bell:<lane>` stands while a drain is on its way that will look into the outbox after it was rung; the drain
takes it down before each look.
"""

import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer

JOB = "workers.jobs.drain"
STANDS = 30  # seconds, should a worker die with it
JOB_SECONDS = 90
KEPT_FAILED = 24 * 3600

log = structlog.get_logger()


def ring(client: redis.Redis, lane: str) -> bool:
    """Ask for a drain of this lane, unless one is on its way. Call it after the commit; never raises."""
    try:
        if client.set(f"bell:{lane}", 1, nx=True, ex=STANDS):
            enqueue(client, lane)
    except Exception as fault:  # a sweeper rings again
        log.warning("bell_not_rung", lane=lane, fault=type(fault).__name__)
        return False
    return True


def hush(client: redis.Redis, lane: str) -> None:
    """Take the bell down before a look into the outbox; whoever rings after this gets another drain."""
    try:
        client.delete(f"bell:{lane}")
    except redis.RedisError as fault:
        log.info("bell_not_hushed", lane=lane, fault=type(fault).__name__)


def insist(client: redis.Redis, lane: str) -> None:
    """Ring, even if a bell stands: whoever should have heard it may have died. Never raises."""
    hush(client, lane)
    ring(client, lane)


def enqueue(client: redis.Redis, lane: str) -> None:
    """Put a drain into the lane's queue, unless one waits there: that one will look after this.

    One that is at work says nothing, for it may have looked for the last time.
    """
    queue = Queue(lane, connection=client, serializer=JSONSerializer)
    if not queue.count:
        queue.enqueue(JOB, lane, job_timeout=JOB_SECONDS, result_ttl=0, failure_ttl=KEPT_FAILED)
