"""Tiny programs that stand in for the product's, to try the supervisor by itself.

`python -m tests.standins` with `simulator`, `setup` or `worker`; `tests/standin_service.py` supervises them.
They are started hundreds of times in a run, so they import little.
"""

import http.server
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime import children

if TYPE_CHECKING:
    from psycopg import Connection


def setup() -> int:
    """Leave one row a start in the database; `STANDIN_SETUP=fail` fails with a last word."""
    if os.environ.get("STANDIN_SETUP") == "fail":
        print("the tables are made of wood")
        return 3
    with connect() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO starts DEFAULT VALUES")
    return 0


def connect() -> "Connection[tuple[Any, ...]]":
    """The given database, or the one whose address the running servers left."""
    from psycopg import connect  # only now: most of those started never ask it anything

    left = Path(os.environ["CP2_DATA_DIR"], "run", "database.url")
    return connect(os.environ.get("CP2_DATABASE_URL") or left.read_text().strip())


def worker() -> int:
    """A worker with a forked child in a process group of its own, as RQ has; `STANDIN_<NAME>=die` dies."""
    print(f"worker {sys.argv[2]}", flush=True)
    if os.environ.get(f"STANDIN_{sys.argv[2].upper()}") == "die":
        print("my heart is broken")
        return 4
    signal.signal(signal.SIGTERM, last_words)  # before the fork: whoever sees the child may send it at once
    parent = os.getpid()
    if os.fork() == 0:
        os.setpgrp()
        children.die_with_parent(parent)
    while True:
        signal.pause()


def last_words(signum: int, frame: object) -> None:
    """Say what still runs when this worker is told to stop."""
    with socket.socket() as probe:
        web = probe.connect_ex(("127.0.0.1", int(os.environ["CP2_PORT"]))) == 0
    with connect() as connection:
        database = connection.execute("SELECT 1").fetchone() == (1,)
    print("the web is", "there" if web else "gone", "and the database", "there" if database else "gone")
    raise SystemExit(0)


def simulator() -> int:
    """Answer on the given port and leave the address; see nothing of our secrets."""
    port, address_file = int(sys.argv[3]), Path(sys.argv[5])
    if any(name.startswith("CP2_") for name in os.environ):
        raise SystemExit("the simulator must not see our settings")
    server = http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler)
    address_file.write_text(f"http://127.0.0.1:{port}")
    server.serve_forever()
    return 0


def page(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A web application: `/readyz` counts the starts, `/slow` takes a minute."""
    if environ["PATH_INFO"] == "/slow":
        print("slow", flush=True)
        time.sleep(60)
    with connect() as connection:
        count = connection.execute("SELECT count(*) FROM starts").fetchone()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(count and count[0]).encode()]


PROGRAMS = {"setup": setup, "worker": worker, "simulator": simulator}

if __name__ == "__main__":
    sys.exit(PROGRAMS[sys.argv[1]]())
