"""Memory of each kind of process after some work: its own share of what it and its children hold."""

import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks import load
from benchmarks.figure import Figure, say
from benchmarks.ground import open_ground
from benchmarks.reading import DIALOGUE
from runtime import children
from runtime.servers import Server

WORKERS = ("urgent", "bulk", "office", "clock")
SHARE = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def measure(*, sessions: int = 500) -> Iterator[Figure]:
    """Megabytes by process, shared pages counted once over all (Linux; nothing elsewhere)."""
    if not Path("/proc/self/smaps_rollup").exists():
        say("  this system does not say what a process holds")
        return
    with open_ground() as ground:
        numbers, web = load.Numbers(), ground.start_web()
        workers = ground.start_workers(*WORKERS).values()
        product = load.meet(f"{ground.webhooks}/ussd", DIALOGUE, numbers)
        load.play(product.job(numbers.block(), 8, 60.0, sessions), "own")
        sizes = {one.name: megabytes(one) for one in (web, *workers, *ground.embedded.servers)}
    yield Figure("footprint", sum(sizes.values()), "MB", None, None, "all processes of one machine")
    for name, size in sizes.items():
        yield Figure(f"footprint.{name}", size, "MB")


def megabytes(server: Server) -> float:
    """What a process and its descendants hold; a process that ends meanwhile holds nothing."""
    pids = (server.process.pid, *children.family(server.process.pid)) if server.process else ()
    return sum(map(share, pids)) / 1024


def share(pid: int) -> int:
    """The kilobytes of one process, its part of shared pages included."""
    try:
        found = SHARE.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0
