"""The queues of jobs, and the Redis client that RQ has to itself."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from models.messages import LANES

# One worker process a queue: a worker of two can lose a job that it was handed when it is killed.
QUEUES = (*LANES, "office")


def open_redis(redis_url: str) -> redis.Redis:
    """A client for RQ alone, which lengthens its time limits; it repeats no command. Make it after a fork."""
    retry = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(
        redis_url, socket_connect_timeout=1.0, retry=retry, retry_on_error=[], protocol=2
    )


def open_queue(client: redis.Redis, name: str) -> Queue:
    """One queue; its jobs are JSON, for pickles would let whoever writes to Redis run code here."""
    return Queue(name, connection=client, serializer=JSONSerializer)
