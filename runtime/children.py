"""Child processes that never outlive us, whatever kills us."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from runtime import launch

TICK = 0.02  # seconds between two looks at a process or a server


def die_with_parent(parent: int | None = None) -> None:
    """Be killed when the parent ends: for a process that was forked, such as an RQ horse.

    `parent` is the id it had when it forked; without it, the parent of now. Call it in the forked process's
    main thread. Where the kernel has no death signal (macOS), a thread watches instead.
    """
    parent = os.getppid() if parent is None else parent
    launch.follow(parent, signal.SIGKILL)
    if sys.platform != "linux":
        threading.Thread(target=watch_parent, args=(parent,), daemon=True).start()


def watch_parent(parent: int) -> None:
    """Kill this process once its parent is gone."""
    while os.getppid() == parent:
        time.sleep(0.25)
    os.kill(os.getpid(), signal.SIGKILL)


def die_with_server() -> None:
    """Be killed when the web server's main process ends, if we are one of its forked workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        die_with_parent(parent.pid)


def spawn(
    program: Sequence[str | Path],
    *,
    log: IO[bytes] | int,
    mode: str = "plain",
    death: int = signal.SIGKILL,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    keep: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program that gets the `death` signal when this process ends, in a process group of its own.

    Its own group, so that a Ctrl-C reaches us alone and we stop our children in good order. `keep` lists open
    files it inherits. Main thread only: the death signal follows the thread that started the child.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("a child process must be started by the main thread, or it dies with the thread")
    python = [sys.executable, "-S", "-E", "-I", launch.__file__]
    return subprocess.Popen(
        [*python, str(os.getpid()), str(int(death)), mode, "--", *map(str, program)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=cwd,
        pass_fds=keep,
        process_group=0,
    )


def ask(process: subprocess.Popen[bytes], signum: int) -> None:
    """Send a signal; a stopped process is woken to hear it, an ended one is let be."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signum)
        process.send_signal(signal.SIGCONT)


def ended(process: subprocess.Popen[bytes], within: float) -> bool:
    """Whether the process ends within so many seconds."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(within)
    return process.poll() is not None


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL a living process and its descendants, and reap it."""
    if process.poll() is None:
        # The eldest first: it might replace a child that it sees die.
        for pid in (process.pid, *family(process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def family(pid: int) -> list[int]:
    """Every living descendant of a process, the nearest first."""
    parents = dict(processes())
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found[1:]


def processes() -> Iterator[tuple[int, int]]:
    """Each process of the machine with its parent (Linux; nothing elsewhere)."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            # The name in brackets may hold spaces and brackets of its own.
            yield int(entry.parent.name), int(entry.read_text().rpartition(")")[2].split()[1])
