"""Tiny programs that stand in for the product's, to try the supervisor by itself.

`python -m tests.standins serve` supervises them; `simulator`, `setup` and `worker` are the others.
"""

import dataclasses
import http.server
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg

from runtime import children, settings, supervisor
from runtime.plan import Child, Plan, plan, python, web


def stand_in(given: settings.Settings) -> Plan:
    """The plan of the product with every program replaced, except the web server itself."""
    whole = plan(given, os.environ)
    simulator = whole.simulator and dataclasses.replace(
        whole.simulator, argv=(sys.executable, "-m", "tests.standins", "simulator", *whole.simulator.argv[4:])
    )
    workers = tuple(
        python(child.name, "-m", "tests.standins", "worker", child.name) for child in whole.workers
    )
    setup = whole.setup and Child(
        "setup", (sys.executable, "-m", "tests.standins", "setup"), needed="psycopg"
    )
    page = dataclasses.replace(web(given, "tests.standin_wsgi:app"), needed="psycopg")
    return Plan(setup, simulator, page, workers, whole.ready)


def serve() -> int:
    """Supervise the stand-ins."""
    return supervisor.main(stand_in)


def setup() -> int:
    """Leave one row a start in the database; `STANDIN_SETUP=fail` fails with a last word."""
    if os.environ.get("STANDIN_SETUP") == "fail":
        print("the tables are made of wood")
        return 3
    with psycopg.connect(database_url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO starts DEFAULT VALUES")
    return 0


def database_url() -> str:
    """The given address, or the one that the running servers left."""
    left = settings.address(Path(os.environ["CP2_DATA_DIR"]), "database_url")
    return os.environ.get("CP2_DATABASE_URL") or left


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
    with psycopg.connect(database_url()) as connection:
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
    with psycopg.connect(database_url()) as connection:
        count = connection.execute("SELECT count(*) FROM starts").fetchone()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(count and count[0]).encode()]


PROGRAMS = {"serve": serve, "setup": setup, "worker": worker, "simulator": simulator}

if __name__ == "__main__":
    sys.exit(PROGRAMS[sys.argv[1]]())
