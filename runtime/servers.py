"""What the private servers share: one process each, begun, awaited, stopped."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from runtime import children
from runtime.folder import Folder

READY_SECONDS = 60.0  # a database that recovers from a crash may take a while


class ServerFault(Exception):
    """A private server did not start; the text says why, with its last words."""


def stop_together(servers: Sequence["Server"]) -> None:
    """Stop several at once, each within its own grace."""
    asked = time.monotonic()
    for server in servers:
        server.ask_to_stop()
    for server in servers:
        server.await_stop(max(0.0, asked + server.grace - time.monotonic()))


def wheel_file(package: str, pattern: str) -> Path:
    """A file that a package brings, found without importing it: that costs time, and one makes folders."""
    spec = find_spec(package)
    homes = spec.submodule_search_locations if spec else None
    found = [path for home in homes or () for path in Path(home).glob(pattern)]
    if not found:
        raise ServerFault(
            f"{package} brings no server for this machine; set CP2_DATABASE_URL and CP2_REDIS_URL."
        )
    return found[0]


class Server:
    """A private server of a folder.

    `begin` starts it without waiting; then `ready` is asked again and again until it says so.
    """

    name: str
    stop_signal: int = signal.SIGTERM
    grace: float = 10.0  # seconds between the stop signal and SIGKILL

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start the process without waiting for it."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether the server takes requests now."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether the server takes requests; raises ServerFault if it has ended."""
        if self.ended() is not None:
            raise self.fault("ended at its start")
        return self.answers()

    def start(self) -> None:
        """Start the server and wait until it takes requests; raises ServerFault if it does not."""
        self.begin()
        limit = time.monotonic() + READY_SECONDS
        while not self.ready():
            if time.monotonic() > limit:
                raise self.fault(f"did not answer within {READY_SECONDS:.0f} s")
            time.sleep(children.TICK)

    def ended(self) -> int | None:
        """The exit code of the process, or None while it lives."""
        return self.process.poll() if self.process else None

    def stop(self) -> None:
        """Stop the server in good order, and by force when it does not go."""
        self.ask_to_stop()
        self.await_stop(self.grace)

    def ask_to_stop(self) -> None:
        """Tell the server to end, without waiting for it."""
        if self.process is not None:
            self.resume()
            children.ask(self.process, self.stop_signal)

    def await_stop(self, within: float) -> None:
        """Wait so many seconds for the end, then kill what is left of the server."""
        if self.process is not None:
            children.ended(self.process, within)
            children.kill_tree(self.process)
        self.process = None

    def kill(self) -> None:
        """SIGKILL the server and all its processes, as a power cut would."""
        if self.process is not None:
            children.kill_tree(self.process)

    def pause(self) -> None:
        """Stop the server's processes where they are (SIGSTOP): connected, and silent."""
        self.signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let the paused processes go on."""
        self.signal_all(signal.SIGCONT)

    def signal_all(self, signum: int) -> None:
        """Send one signal to the server and every process it started."""
        if self.process is not None:
            for pid in (self.process.pid, *children.family(self.process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signum)

    def fault(self, what: str) -> ServerFault:
        """The exception that tells how this server failed, with the tail of its log."""
        return ServerFault(f"{self.name} {what}:\n{self.folder.tail(self.name)}")

    def keep(self) -> tuple[int, ...]:
        """The open lock that the server inherits: while it lives, the folder counts as in use."""
        return (self.folder.servers_lock.fileno(),) if self.folder.servers_lock else ()

    def spawn(self, program: Sequence[str | Path], **how: Any) -> subprocess.Popen[bytes]:
        """Start a program of this server, its words going to the server's log."""
        with self.folder.open_log(self.name) as log:
            return children.spawn(program, log=log, keep=self.keep(), cwd=Path("/"), **how)
