"""RQ's forking worker, with the promises that RQ does not make.

A job's process dies with its worker, a stop reaches the job as a SIGTERM, and a Redis that is gone ends the
work at once instead of being waited for.
"""

import os
import signal
import time
from contextlib import suppress
from types import FrameType
from typing import Any

import redis
import structlog
from rq import Worker
from rq.exceptions import DequeueTimeout, InvalidJobOperation, StopRequested
from rq.job import Job, JobStatus
from rq.queue import Queue
from rq.worker.base import WorkerStatus

from models.messages import LANES
from runtime.children import die_with_parent
from sms_gateway import bell

BLOCK_SECONDS = 5  # for one wait on the queue, and thus how soon a hung Redis is noticed
MAINTENANCE_SECONDS = 60
WORKER_TTL = 90
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 5.0  # longer each time, before the successor of a drain that died

log = structlog.get_logger()


class SteadyWorker(Worker):
    """A worker of one queue."""

    stopping = False
    deaths = 0  # of drains in a row

    def subscribe(self) -> None:
        """Take no orders by pub/sub: RQ would wait for them in a thread.

        We fork for each job. A lock that another thread holds at that moment, as redis-py's do for instants,
        is held for ever in the job's process: it would hang until its time is over, and the lane with it.
        """

    @property
    def dequeue_timeout(self) -> int:
        """How long one wait on the queue is; RQ derives its socket's time limit from it."""
        return BLOCK_SECONDS

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Wait for a job. RQ would wait for a Redis that is gone, too; this gives up: SQL can be polled."""
        try:
            self.set_state(WorkerStatus.IDLE)
            while True:
                self.heartbeat()
                if self.should_run_maintenance_tasks:
                    self.run_maintenance_tasks()  # type: ignore[no-untyped-call]
                with suppress(DequeueTimeout):
                    result = self.queue_class.dequeue_any(
                        self._ordered_queues,
                        timeout,
                        connection=self.connection,
                        job_class=self.job_class,
                        serializer=self.serializer,
                        death_penalty_class=self.death_penalty_class,
                    )
                    if result is not None:
                        version = self.get_redis_server_version()  # type: ignore[no-untyped-call]
                        result[0].redis_server_version = version
                    return result
        except redis.RedisError as fault:
            log.warning("redis_gone", queue=self.queue_names()[0], fault=type(fault).__name__)
            raise StopRequested from fault

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run the job in its own process, which must not outlive ours: another worker would run it again."""
        die_with_parent(self.pid)
        super().main_work_horse(job, queue)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run a job in its own process; a drain that died there, of a fault or of a kill, has a successor."""
        super().execute_job(job, queue)
        if queue.name not in LANES:
            return
        self.deaths = self.deaths + 1 if failed(job) else 0
        if self.deaths:
            time.sleep(0 if self.stopping else min(PAUSE_SECONDS * self.deaths, LONGEST_PAUSE_SECONDS))
            bell.insist(self.connection, queue.name)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop when the job at hand has."""
        self.stopping = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def handle_warm_shutdown_request(self) -> None:
        """Tell the job to finish what is in flight."""
        self.stop_horse()

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """Being told twice changes nothing: a job cut off could not say whether its messages have left."""
        self.stop_horse()

    def stop_horse(self) -> None:
        """Pass a stop on to the job's process, if there is one."""
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def finish_horse(self) -> None:
        """End the job's process softly, for when Redis went away under it."""
        if self.horse_pid:
            self.stop_horse()
            self.wait_for_horse()
            self._horse_pid = 0


def failed(job: Job) -> bool:
    """Whether RQ noted a failure; a job that went well is gone."""
    try:
        return job.get_status() == JobStatus.FAILED
    except InvalidJobOperation:
        return False


def open_worker(queue: Queue, **options: Any) -> SteadyWorker:
    """A worker of this queue; raises redis.RedisError where Redis is gone."""
    return SteadyWorker(
        [queue],
        connection=queue.connection,
        serializer=queue.serializer,
        maintenance_interval=MAINTENANCE_SECONDS,
        worker_ttl=WORKER_TTL,
        log_job_description=False,
        **options,
    )
