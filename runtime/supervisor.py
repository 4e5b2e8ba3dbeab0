"""Runs everything on one machine: `python wsgi.py` starts it, keeps it running, and stops it."""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from runtime import children, launch, settings
from runtime.embedded import Embedded
from runtime.folder import Folder, Held
from runtime.plan import Child, Plan, local, plan, warmed
from runtime.programs import Patience, Program
from runtime.reach import hold_port, status
from runtime.servers import Server, ServerFault, stop_together
from runtime.settings import BadSettings, Settings

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK = 0.1  # seconds between two looks at the children
PATIENCE = 60.0  # seconds until everything must be ready
READY = """
CP2 by phone is running.

  Handset       {local}/simulator
  Dial          {service_code}
  Text to       {shortcode}
  Logs, data    {data_dir}

Ctrl-C stops everything.
"""


class Stopped(Exception):
    """We were told to stop."""


class Supervisor:
    """Everything of one service on one machine."""

    def __init__(self, settings: Settings, plan: Plan, redis_url: str = "") -> None:
        self.settings, self.plan = settings, plan
        self.folder = Folder(settings.data_dir)
        self.embedded: Embedded | None = None
        if settings.embedded:
            self.embedded = Embedded(settings.data_dir, redis_url=redis_url, say=say)
            self.folder = self.embedded.folder
        self.kept: list[Patience] = []
        self.port: socket.socket | None = None  # the web's, held for it
        self.told_to_stop = ""  # by which signal

    def run(self) -> int:
        """Start, watch until told to stop, stop; the exit code."""
        try:
            self.heed_signals()
            self.start()
            self.watch()
        except Stopped as told:
            say(f"\nStopping ({told}) ...")
            return 0
        except (Held, ServerFault, OSError) as fault:
            say(f"\n{fault}")
            return 1
        finally:
            hurry_at_signals()
            self.stop()

    def start(self) -> None:
        """Start all in order: the servers and the simulator at once, then the tables, the web, the workers.

        Setup and web wait for their turn, warm. The workers start last: on a small machine they would keep
        the first dial waiting.
        """
        self.port = hold_port(self.settings.host, self.settings.port)
        self.claim()
        if self.plan.simulator:
            self.keep(Program(self.folder, self.plan.simulator))
        self.keep(self.warm(self.plan.web))
        self.set_up()
        if self.plan.simulator:
            self.wait_for("simulator", self.simulator_answers)
        self.turn("web").touch()
        self.wait_for("web", lambda: status(local(self.settings) + self.plan.ready) == 200)
        for child in self.plan.workers:
            self.keep(Program(self.folder, child))
        say(READY.format(local=local(self.settings), **vars(self.settings)))

    def heed_signals(self) -> None:
        """Only note a signal, to act on it where nothing is half done."""

        def note(signum: int, frame: FrameType | None) -> None:
            self.told_to_stop = signal.Signals(signum).name

        for signum in STOPPING:
            signal.signal(signum, note)

    def claim(self) -> None:
        """Take the data folder, begin new logs, and begin the servers."""
        if self.embedded:
            self.embedded.begin()
        else:
            self.folder.claim(say)
        for warm in ("setup", "web"):
            self.turn(warm).unlink(missing_ok=True)
        for child in (self.plan.setup, self.plan.simulator, self.plan.web, *self.plan.workers):
            if child:
                self.folder.open_log(child.name, fresh=True).close()

    def turn(self, name: str) -> Path:
        """The file that gives a warm child its turn."""
        return self.folder.run / f"{name}.turn"

    def warm(self, child: Child) -> Program:
        """A child that imports what it needs and waits for its turn."""
        return Program(self.folder, warmed(child, self.turn(child.name)))

    def keep(self, program: Program) -> None:
        """Start a program and watch over it from now on."""
        program.begin()
        self.kept.append(Patience(program))

    def set_up(self) -> None:
        """Await the servers, then the setup's end; raises ServerFault with its last words if it fails."""
        if not self.embedded or not self.plan.setup:
            return
        program = self.warm(self.plan.setup)
        program.begin()
        try:
            self.wait_for("postgres", self.embedded.ready)
            self.kept += [Patience(server) for server in self.embedded.servers]
            self.turn("setup").touch()
            self.wait_for("setup", lambda: program.ended() is not None)
            if program.ended() != 0:
                raise program.fault(f"failed (exit code {program.ended()})")
        finally:
            program.kill()

    def simulator_answers(self) -> bool:
        """Whether the simulator has left its address and answers there."""
        address = settings.address(self.folder.path, "at_base_url")
        return bool(address) and status(address) is not None

    def wait_for(self, name: str, ready: Callable[[], bool]) -> None:
        """Look after the children until something is ready; raises ServerFault when that takes too long."""
        limit = time.monotonic() + PATIENCE
        while not ready():
            self.look()
            if time.monotonic() > limit:
                raise ServerFault(f"{name} was not ready within {PATIENCE:.0f} s:\n{self.folder.tail(name)}")
            time.sleep(children.TICK)

    def watch(self) -> NoReturn:
        """Look after the children for ever."""
        while True:
            self.look()
            time.sleep(LOOK)

    def look(self) -> None:
        """Look at each child once; one that died is started again later. Raises Stopped when told to."""
        if self.told_to_stop:
            raise Stopped(self.told_to_stop)
        for patience in self.kept:
            if told := patience.look(time.monotonic()):
                say(told)

    def stop(self) -> None:
        """Stop the web, then the workers, then the simulator, then the servers."""
        for names in (("web",), tuple(child.name for child in self.plan.workers), ("simulator",)):
            stop_together([server for server in self.programs() if server.name in names])
        if self.port:
            self.port.close()
        if self.embedded:
            self.embedded.stop()
        else:
            self.folder.release()

    def programs(self) -> Iterator[Server]:
        """The programs that were started."""
        return (patience.server for patience in self.kept if isinstance(patience.server, Program))


def say(text: str) -> None:
    """Tell whoever started us; a closed terminal is no reason to fail."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def hurry_at_signals() -> None:
    """End at once at a second signal; the kernel then ends the children.

    The same Ctrl-C may come twice, from the terminal and from make: it counts after a second.
    """
    since = time.monotonic()

    def hurry(signum: int, frame: FrameType | None) -> None:
        if time.monotonic() - since > 1.0:
            os._exit(130)

    for signum in STOPPING:
        signal.signal(signum, hurry)


def main(planned: Callable[[Settings], Plan] | None = None) -> int:
    """Run the service that the environment describes, or another plan of it; the exit code."""
    if os.environ.pop("CP2_STOP_WITH_PARENT", ""):
        launch.follow(os.getppid(), signal.SIGTERM)
    try:
        read = settings.read(os.environ)
    except BadSettings as fault:
        print(f"Bad settings: {fault}", file=sys.stderr)
        return 2
    redis_url = os.environ.get("CP2_REDIS_URL", "").strip()
    return Supervisor(read, planned(read) if planned else plan(read, os.environ), redis_url).run()
