"""Dials, told to the office a moment later and many at once: whoever dialled again needs no reminder.

A first screen changes nothing, so it writes nothing; but a reminder of an unfinished form must not reach
somebody who has come back, even if they only looked at the first screen. A process that is killed loses a
second of this: somebody may get an SMS that was not needed. A database that is down is told when it is back.
"""

import time
from datetime import timedelta
from typing import NamedTuple

from operations import forms, office
from runtime.stores import Stores, within
from ussd_app.backlog import Backlog

LONGEST_SECONDS = 1.5


class Dial(NamedTuple):
    """A dial whose first screen was drawn."""

    at: float  # by the monotonic clock
    phone: str


class Dials(Backlog[Dial]):
    """The dials of one process."""

    name, pause, most = "dials", 1.0, 50_000

    def __init__(self, stores: Stores) -> None:
        super().__init__()
        self.stores = stores

    def work(self) -> int:
        """Tell the office of every dial that waits; answers how many forms need no reminder now."""
        dialled = [self.waiting[n] for n in range(len(self.waiting))]  # more may come meanwhile
        if not dialled:
            return 0
        with within(LONGEST_SECONDS), self.stores.transaction() as db:
            now = office.now(db)
            # Measured after `now`, so it reaches back a little too far rather than into the new session.
            ago = timedelta(seconds=time.monotonic() - dialled[0].at)
            told = forms.returned(db, {dial.phone for dial in dialled}, now=now, ago=ago)
        for _ in dialled:
            self.waiting.popleft()
        return told
