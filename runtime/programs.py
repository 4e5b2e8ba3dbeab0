"""A child of the plan as it runs, and the patience we have with one that dies."""

import contextlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime import children
from runtime.folder import Folder
from runtime.plan import ROOT, Child
from runtime.servers import Server, ServerFault

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before a dead child is started again
STEADY = 60.0  # seconds after which a child has shown that it can live
ATTEMPTS = 5  # deaths within its first STEADY seconds after which we give up


class Program(Server):
    """A child of the plan; it counts as answering as soon as it runs."""

    def __init__(self, folder: Folder, child: Child) -> None:
        super().__init__(folder)
        self.child, self.name, self.grace = child, child.name, child.grace

    def begin(self) -> None:
        """Start the program in the project's folder, its words going to its log."""
        with self.folder.open_log(self.name) as log:
            self.process = children.spawn(
                self.child.argv, log=log, env=self.environment(os.environ), cwd=ROOT
            )

    def environment(self, ours: Mapping[str, str]) -> dict[str, str]:
        """What the program finds in its environment."""
        seen = {name: value for name, value in ours.items() if not self.child.stranger or name[:4] != "CP2_"}
        # Nine processes that each compile every module anew would double the time to the first dial.
        seen.pop("PYTHONDONTWRITEBYTECODE", None)
        if not self.child.stranger:
            seen["CP2_DATA_DIR"] = str(self.folder.path)
        return seen | {"PYTHONUNBUFFERED": "1"} | dict(self.child.env)

    def answers(self) -> bool:
        """A program that runs is taken to work; the web and the simulator are asked over HTTP."""
        return self.ended() is None


@dataclass
class Patience:
    """When a server that died is started again, and when we give up on it."""

    server: Server
    since: float = field(default_factory=time.monotonic)  # of the first start
    begun: float = field(default_factory=time.monotonic)  # of the latest start
    pause: float = FIRST_PAUSE
    deaths: int = 0
    due: float | None = None  # when to start it again

    def look(self, now: float) -> str:
        """Note a death or start the server again when it is time; what there is to say, or nothing.

        Raises ServerFault when it dies again and again in its first minute.
        """
        if self.due is None and self.server.ended() is not None:
            return self.note_death(now)
        if self.due is not None and now >= self.due:
            self.start_again(now)
        return ""

    def note_death(self, now: float) -> str:
        """Plan the next start, later each time; a server that had lived for long begins anew."""
        self.deaths += 1
        if self.deaths >= ATTEMPTS and now - self.since < STEADY:
            raise self.server.fault(f"ended {self.deaths} times (exit code {self.server.ended()})")
        if now - self.begun > STEADY:
            self.pause = FIRST_PAUSE
        self.due, wait = now + self.pause, self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        ending = self.server.fault(f"ended (exit code {self.server.ended()}), starting again in {wait:.0f} s")
        return str(ending)

    def start_again(self, now: float) -> None:
        """Start the server; one that fails at once is found dead at the next look."""
        self.due, self.begun = None, now
        with contextlib.suppress(ServerFault, OSError):
            self.server.begin()
