"""Helpers to start real processes and to wait for what they do."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import text

from runtime import children
from runtime.folder import free_port
from runtime.plan import ROOT
from runtime.stores import Stores

LIMIT = 90.0  # seconds; generous, for a busy machine


def own_port() -> int:
    """A free port for the service of a test, from a range that is this test process's own.

    Another's service, started at the same moment, cannot draw the same; nor can a simulator, which draws
    higher up.
    """
    first = 10_000 + 500 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return free_port(range(first, first + 500))


def await_end(known: Mapping[int, str]) -> None:
    """Wait until none of the known processes lives."""
    wait_until(lambda: not survivors(known), f"the end of {survivors(known)}")


def wait_until(true: Callable[[], object], what: str, limit: float = LIMIT) -> None:
    """Poll until something holds; fail with `what` if it never does."""
    end = time.monotonic() + limit
    while not true():
        assert time.monotonic() < end, f"waited {limit:.0f} s in vain: {what}"
        time.sleep(0.02)


def blocked(stores: Stores) -> bool:
    """Whether somebody in this database waits for another transaction."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with stores.sessions() as db:
        return bool(db.scalar(text(waits)))


def started(pid: int) -> str:
    """When a process started, as the kernel counts: with its id, a name for ever. Empty if it is dead."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    return ""


def identities(pid: int) -> dict[int, str]:
    """Every living descendant of a process, so that it is known again."""
    return {child: birth for child in children.family(pid) if (birth := started(child))}


def survivors(known: Mapping[int, str]) -> list[str]:
    """Those of the known processes that still live."""
    return [command(pid) for pid, birth in known.items() if started(pid) == birth]


def command(pid: int) -> str:
    """A process's command line."""
    with contextlib.suppress(OSError):
        return f"{pid} {Path(f'/proc/{pid}/cmdline').read_bytes().replace(bytes(1), b' ').decode()}"
    return str(pid)


class Run:
    """A supervisor as a process of its own, its words in a file."""

    def __init__(self, program: Sequence[str], words: Path, env: Mapping[str, str]) -> None:
        self.words, self.env = words, dict(env)
        # Should the tests be killed, nothing of this stays.
        given = {**os.environ, "CP2_STOP_WITH_PARENT": "1", **env}
        with words.open("wb") as file:
            self.process = subprocess.Popen(
                program,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env=given,
                cwd=ROOT,
                process_group=0,
            )

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return self.words.read_text()

    def await_ready(self) -> "Run":
        """Wait until it says that it runs."""
        wait_until(lambda: "is running" in self.said or self.process.poll() is not None, "ready")
        assert "is running" in self.said, self.said
        return self

    def await_end(self) -> int:
        """Wait until it ends; its exit code."""
        return self.process.wait(LIMIT)

    def whole_family(self) -> dict[int, str]:
        """All it started, once every worker has forked a child of its own."""
        names = ("urgent", "bulk", "office", "clock")

        def grown() -> bool:
            commands = [command(pid) for pid in self.family()]
            return all(sum(f"worker {name}" in line for line in commands) == 2 for name in names)

        wait_until(grown, "every worker's child")
        return self.family()

    def family(self) -> dict[int, str]:
        """All it started that lives now."""
        return identities(self.process.pid)

    def child(self, *words: str) -> int:
        """The child whose command line has all these words."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [pid for pid in self.family() if all(word in command(pid) for word in words)]
            return bool(found)

        wait_until(look, f"a child {words}")
        return found[0]

    def signal(self, signum: int) -> None:
        """Send it a signal."""
        self.process.send_signal(signum)


@contextlib.contextmanager
def supervised(tmp_path: Path, *program: str, **env: str) -> Iterator[Run]:
    """A supervisor of the stand-ins (or another program) that is gone at the end."""
    command = program or (sys.executable, "-m", "tests.standin_service")
    tmp_path.mkdir(parents=True, exist_ok=True)
    run = Run(command, tmp_path / "words", {"CP2_DATA_DIR": str(tmp_path / "data")} | env)
    try:
        yield run
    finally:
        known = run.family()
        run.process.kill()
        run.process.wait()
        await_end(known)
