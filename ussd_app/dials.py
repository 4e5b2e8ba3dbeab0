"""Dials, told to the office a moment later and many at once: whoever dialled again needs no reminder.

A first screen changes nothing, so it writes nothing; but a reminder of an unfinished form must not reach
somebody who has come back, even if they only looked at the first screen. A process that is killed loses a
second of this: somebody may get an SMS that was not needed. A database that is down is told when it is back.
"""

import threading
import time
from collections import deque
from datetime import timedelta

import structlog

from operations import forms, office
from runtime.stores import Stores, within

PAUSE_SECONDS, LONGEST_SECONDS = 1.0, 1.5
MOST_WAITING = 50_000  # dials; beyond them the oldest are let go
log = structlog.get_logger()


class Dials:
    """Takes the dials of one process; its thread starts with the first, so after any fork."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        # When, by the monotonic clock, and which phone.
        self.waiting: deque[tuple[float, str]] = deque(maxlen=MOST_WAITING)
        self.started, self.starting = False, threading.Lock()
        self.closed = threading.Event()

    def note(self, phone: str) -> None:
        """Take a dial, once its first screen is drawn and before it is sent."""
        self.waiting.append((time.monotonic(), phone))
        if not self.started:
            self.start()

    def start(self) -> None:
        """Start the thread that tells, once."""
        with self.starting:
            if not self.started:
                self.started = True
                threading.Thread(target=self.run, name="dials", daemon=True).start()

    def run(self) -> None:
        """Tell what has come, again and again, until closed."""
        while not self.closed.wait(PAUSE_SECONDS):
            try:
                self.tell()
            except Exception as error:  # whatever it was, the next dials are told again
                log.warning("dials not told", error=type(error).__name__)

    def close(self) -> None:
        """End the thread. It holds the stores, so without this they would live as long as the process."""
        self.closed.set()

    def tell(self) -> int:
        """Tell the office of every dial that waits; answers how many forms need no reminder now."""
        dialled = [self.waiting[n] for n in range(len(self.waiting))]  # more may come meanwhile
        if not dialled:
            return 0
        with within(LONGEST_SECONDS), self.stores.transaction() as db:
            now = office.now(db)
            # Measured after `now`, so it reaches back a little too far rather than into the new session.
            ago = timedelta(seconds=time.monotonic() - dialled[0][0])
            told = forms.returned(db, {phone for _, phone in dialled}, now=now, ago=ago)
        for _ in dialled:
            self.waiting.popleft()
        return told
