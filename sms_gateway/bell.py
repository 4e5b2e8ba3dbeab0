"""The doorbell of a lane: it wakes a worker, says nothing else, and may be lost.

`bell:<lane>` stands while a drain is on its way that will look into the outbox after it was rung; the drain
takes it down before each look.
"""

import time

import redis
import structlog
from rq import Queue
from rq.exceptions import DuplicateJobError
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


def enqueue(client: redis.Redis, lane: str) -> None:
    """Put a drain into the lane's queue: at most one waits while another runs.

    A job's id is taken while it runs, though it may have looked into the outbox for the last time: so there
    are two. The time in them keeps a lost job's id from blocking the lane.
    """
    queue = Queue(lane, connection=client, serializer=JSONSerializer)
    for place in (0, 1):
        try:
            queue.enqueue(
                JOB,
                lane,
                job_id=f"drain-{lane}-{int(time.time() // STANDS)}-{place}",
                unique=True,
                job_timeout=JOB_SECONDS,
                result_ttl=0,
                failure_ttl=KEPT_FAILED,
            )
        except DuplicateJobError:
            continue
        return
