"""Backlogs: what a hop leaves to be done a moment later, many at once, off its path."""

import atexit
import threading
from abc import ABC, abstractmethod
from collections import deque
from typing import ClassVar, Generic, TypeVar

import structlog

Item = TypeVar("Item")
LONGEST_CLOSE_SECONDS = 2.0
log = structlog.get_logger()


class Backlog(ABC, Generic[Item]):
    """Takes items in a hop and works them off in a thread, which starts with the first: so after any fork."""

    name: ClassVar[str]
    pause: ClassVar[float]  # seconds between two rounds of work
    most: ClassVar[int | None] = None  # items that may wait; beyond them the oldest are let go

    def __init__(self) -> None:
        self.waiting: deque[Item] = deque(maxlen=self.most)
        self.thread: threading.Thread | None = None
        self.starting = threading.Lock()
        self.closed = threading.Event()

    def note(self, item: Item) -> None:
        """Take an item."""
        self.waiting.append(item)
        if self.thread is None:
            self.start()

    def start(self) -> None:
        """Start the thread that works, once."""
        with self.starting:
            if self.thread is None:
                atexit.register(self.close)
                self.thread = threading.Thread(target=self.run, name=self.name, daemon=True)
                self.thread.start()

    def run(self) -> None:
        """Work off what has come, again and again, until closed."""
        while not self.closed.wait(self.pause):
            self.attempt()

    def attempt(self) -> None:
        """Work once; whatever goes wrong, what waits is tried again."""
        try:
            self.work()
        except Exception as error:
            log.warning("backlog not worked off", backlog=self.name, error=type(error).__name__)

    @abstractmethod
    def work(self) -> object:
        """Work off everything that waits."""

    def close(self) -> None:
        """End the thread: it holds its service, and may be using the stores that are closed next."""
        self.closed.set()
        atexit.unregister(self.close)
        if self.thread is not None:
            self.thread.join(LONGEST_CLOSE_SECONDS)
