"""What is to be done later: reports, re-posts and the ends of idle sessions."""

import heapq
import itertools
import sys
import threading
import time
import traceback
from collections.abc import Callable

Job = Callable[[], None]


class Timetable:
    """A heap of jobs by time, done by a few threads that end with the process."""

    def __init__(self, threads: int = 16, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, Job]] = []
        self._turns = itertools.count()
        self._changed = threading.Condition()
        for _ in range(threads):
            threading.Thread(target=self._work, daemon=True).start()

    def after(self, seconds: float, job: Job) -> None:
        """Do the job once, so many seconds from now."""
        with self._changed:
            heapq.heappush(self._due, (self._clock() + seconds, next(self._turns), job))
            self._changed.notify()

    def clear(self) -> None:
        """Strike out everything not yet begun."""
        with self._changed:
            self._due.clear()

    def _work(self) -> None:
        while True:
            job = self._take()
            try:
                job()
            except Exception:  # one bad job must not take a thread from all the others
                traceback.print_exc(file=sys.stderr)

    def _take(self) -> Job:
        with self._changed:
            while True:
                wait = self._due[0][0] - self._clock() if self._due else None
                if wait is not None and wait <= 0:
                    job = heapq.heappop(self._due)[2]
                    if self._due:
                        self._changed.notify()  # the next one may be due too
                    return job
                self._changed.wait(wait)
