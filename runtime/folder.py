"""The data folder of one running service: who holds it, where its logs, sockets and addresses are."""

import contextlib
import errno
import fcntl
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import SystemRandom
from typing import IO

from runtime.children import TICK
from runtime.settings import ADDRESS_FILES

SOCKET_LIMIT = 107 if sys.platform == "linux" else 103  # bytes of a socket's path, less the closing NUL
PORTS = range(20_000, 32_000)  # Linux lends 32768 and above, others 49152 and above
ORPHAN_SECONDS = 20.0  # PostgreSQL gives its own children 5 s when it must leave at once


class Held(Exception):
    """Another process uses this data folder."""


class Folder:
    """One data folder; `claim` makes it ours until `release`, or until this process dies."""

    def __init__(self, path: Path) -> None:
        self.path, self.run, self.log = path, path / "run", path / "log"
        self.lock: IO[str] | None = None
        self.servers_lock: IO[str] | None = None

    def claim(self, say: Callable[[str], None] = print) -> None:
        """Make the folders and take both locks; raises Held if another start holds them.

        The kernel drops a lock with its last holder. The servers inherit the second one, so holding it means
        that no server of an earlier, killed start still writes here.
        """
        for part in (self.path, self.run, self.log):
            part.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.run.chmod(0o700)  # whoever can enter may talk to the database
        self.lock = taken(self.run / "lock", 0.0)
        if self.lock is None:
            holder = (self.run / "lock").read_text().strip()
            raise Held(
                f"{self.path} is in use by process {holder or '(unknown)'}. Stop that one first, or choose "
                "another folder and port: make run CP2_DATA_DIR=var2 CP2_PORT=8001"
            )
        self.servers_lock = taken(self.run / "servers.lock", TICK) or self.await_servers(say)
        self.forget_addresses()

    def await_servers(self, say: Callable[[str], None]) -> IO[str]:
        """Wait for the servers of a killed start to leave."""
        say("Waiting for the servers of an earlier run to end ...")
        lock = taken(self.run / "servers.lock", ORPHAN_SECONDS)
        if lock is None:
            self.release()
            raise Held(f"A database server of an earlier run still uses {self.path} and does not end.")
        return lock

    def release(self) -> None:
        """Let the folder go."""
        for lock in (self.lock, self.servers_lock):
            if lock is not None:
                lock.close()
        self.lock = self.servers_lock = None

    def leave_address(self, name: str, address: str) -> None:
        """Write a server's address for the other processes, readable by its owner only."""
        path = self.run / ADDRESS_FILES[name]
        draft = path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(address)
        draft.replace(path)

    def forget_addresses(self) -> None:
        """Remove every address; they are true only while the servers run."""
        for name in ADDRESS_FILES.values():
            (self.run / name).unlink(missing_ok=True)

    def open_log(self, name: str, *, fresh: bool = False) -> IO[bytes]:
        """A child's log to write to; `fresh` begins a new one and keeps the one before as `.log.1`."""
        path = self.log / f"{name}.log"
        if fresh and path.exists():
            path.replace(path.with_suffix(".log.1"))
        return open(path, "ab", buffering=0, opener=private)

    def tail(self, name: str, lines: int = 12) -> str:
        """The last lines of a child's log."""
        with contextlib.suppress(OSError):
            text = (self.log / f"{name}.log").read_bytes()[-8000:].decode(errors="replace")
            return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
        return ""


def private(path: str, flags: int) -> int:
    """Open a file that only its owner may read."""
    return os.open(path, flags, 0o600)


def taken(path: Path, patience: float) -> IO[str] | None:
    """The file, locked for us alone and holding our process id; None if another holds it for too long."""
    file = open(path, "a+", opener=private)  # noqa: SIM115 - open for as long as it is held
    limit = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= limit:
                file.close()
                return None
            time.sleep(TICK)
        else:
            file.truncate(0)
            print(os.getpid(), file=file, flush=True)
            return file


def fits_socket(path: Path) -> bool:
    """Whether a Unix socket can have this path.

    A comma would be read as a list of hosts, and RQ reads Valkey's clients by their blanks and equals signs.
    """
    return len(os.fsencode(path)) <= SOCKET_LIMIT and not re.search(r"[,=\s]", str(path))


def free_port(ports: Sequence[int] = PORTS) -> int:
    """A TCP port of the loopback interface that nobody uses just now.

    It is drawn from below those that kernels lend by themselves, so that hardly anybody gets it before a
    server listens there. Raises OSError where none is free.
    """
    return free_ports(1, ports)[0]


def free_ports(count: int, ports: Sequence[int] = PORTS) -> list[int]:
    """Several such ports at once, all different."""
    found: list[int] = []
    with contextlib.ExitStack() as held:
        for port in SystemRandom().sample(ports, len(ports)):
            probe = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
            if len(found) == count:
                return found
    raise OSError(errno.EADDRNOTAVAIL, "too many ports are in use")
