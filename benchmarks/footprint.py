"""Memory of each kind of process after some work: its own share of what it and its children hold."""

import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks import load
from benchmarks.figure import Figure, say
from benchmarks.ground import Ground, open_ground
from benchmarks.reading import DIALOGUE
from benchmarks.turns import meet_product
from runtime import children
from runtime.servers import Server

WORKERS = ("urgent", "bulk", "office", "clock")
SHARE = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def measure(*, sessions: int = 500) -> Iterator[Figure]:
    """Megabytes by process, shared pages counted once over all (Linux; nothing elsewhere)."""
    if not Path("/proc/self/smaps_rollup").exists():
        return say("  this system does not say what a process holds")
    with open_ground() as ground:
        numbers = load.Numbers()
        product = meet_product(ground, DIALOGUE, numbers)
        running: dict[str, Server] = dict(ground.start_workers(*WORKERS))
        load.play(product.job(numbers.block(), 8, 60.0, sessions), "own")
        running |= {server.name: server for server in servers(ground)}
        sizes = {name: megabytes(server) for name, server in running.items()}
    yield Figure("footprint", sum(sizes.values()), "MB", None, None, "all processes of one machine")
    for name, size in sizes.items():
        yield Figure(f"footprint.{name}", size, "MB")
    return None


def servers(ground: Ground) -> list[Server]:
    """The web server, PostgreSQL and Valkey."""
    return [*ground.programs("web"), *ground.embedded.servers]


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
