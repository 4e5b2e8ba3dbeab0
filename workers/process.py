"""A worker process: RQ's jobs while there is a Redis, and without one the outbox itself, each second."""

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis
import structlog
from rq.exceptions import StopRequested
from sqlalchemy.exc import SQLAlchemyError

from menus.library import Unpublished
from models.messages import LANES
from runtime.settings import Settings
from runtime.stores import NotRunning, open_redis
from sms_gateway import bell
from sms_gateway import drain as drains
from workers import jobs, queues
from workers.worker import open_worker

POLL_SECONDS = 1.0
SLICE_SECONDS = 5.0  # of draining before Redis is asked again

log = structlog.get_logger()


def run(settings: Settings, name: str) -> int:
    """Work on one queue until told to stop."""
    if not settings.redis_url:
        raise NotRunning("The embedded servers are not running. Start them with: make run")
    stop = threading.Event()
    with suppress(StopRequested):  # RQ's own way out, should a signal come between the two
        while not stop.is_set() and not work(settings, name):
            catch(stop.set)
            alone(settings, name, stop)
    return 0


def work(settings: Settings, name: str) -> bool:
    """Run RQ's jobs until Redis goes away; True if it was told to stop meanwhile."""
    client = queues.open_redis(settings.redis_url)
    try:
        worker = open_worker(queues.open_queue(client, name))
    except (redis.RedisError, OSError):
        return False
    if name in LANES:
        bell.insist(client, name)  # for the one before us, which may have died with a bell in its hand
    try:
        worker.work(logging_level="WARNING")
    except redis.RedisError as fault:
        log.warning("redis_gone", queue=name, fault=type(fault).__name__)
    finally:
        worker.finish_horse()
        with suppress(redis.RedisError):
            client.close()
    return worker.stopping


def alone(settings: Settings, name: str, stop: threading.Event) -> None:
    """Poll SQL each second while Redis is gone; a queue that is no lane has to wait."""
    client = open_redis(settings.redis_url)
    log.warning("working_without_redis", queue=name)
    while not stop.is_set():
        if name in LANES:
            drain_once(settings, name)
        stop.wait(POLL_SECONDS)
        with suppress(redis.RedisError):
            client.ping()
            break
    client.close()


def drain_once(settings: Settings, lane: str) -> None:
    """One slice of a drain in this very process; its stores are closed again, for RQ will fork us later."""
    try:
        with jobs.opened(settings) as stores:
            drains.drain(stores, settings, jobs.wording(stores, settings), lane, SLICE_SECONDS)
    except (SQLAlchemyError, Unpublished) as fault:
        log.error("drain_failed", lane=lane, fault=type(fault).__name__)


def catch(act: Callable[[], None]) -> None:
    """Let SIGTERM and SIGINT end the loop in its own time."""

    def heard(signum: int, frame: Any) -> None:
        act()

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, heard)
