"""The ground a figure is measured on: private servers, the product as it really runs, a loopback provider.

All of it lives in a temporary folder, and ends with the figure, whatever happens.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import urllib3
from sqlalchemy import text

from benchmarks.figure import Wrong
from runtime import children
from runtime import settings as settings_module
from runtime.embedded import Embedded
from runtime.folder import free_port, free_ports
from runtime.plan import Child, local, plan, python
from runtime.programs import Program
from runtime.reach import status
from runtime.settings import Settings
from runtime.stores import Stores, open_stores

PATIENCE = 60.0
# The shape of the reference: two workers, each with one blocking thread.
FLOOR = ("--interface", "wsgi", "--no-ws", "--no-access-log", "--workers", "2", "--blocking-threads", "1")


@dataclass(frozen=True)
class Provider:
    """The loopback provider, as the figures ask it."""

    address: str
    http: urllib3.PoolManager

    def reset(self, latency: float = 0.05, faults: float = 0.0, seed: int = 0) -> None:
        """Behave like this from now on, and forget what was seen."""
        wanted = {"latency": latency, "faults": faults, "seed": seed}
        self.http.request("POST", f"{self.address}/reset", json=wanted)

    def log(self, what: str) -> dict[str, int]:
        """How often each phone was in a request (`posts`), or in one that was `taken`."""
        found: dict[str, int] = self.http.request("GET", f"{self.address}/log").json()[what]
        return found


@dataclass
class Ground:
    """What a figure stands on."""

    embedded: Embedded
    settings: Settings
    variables: dict[str, str]
    stores: Stores
    provider: Provider
    stack: ExitStack

    @property
    def webhooks(self) -> str:
        """Where the product's callbacks are."""
        return f"{local(self.settings)}/at/{self.settings.webhook_secrets[0]}"

    def redis_of(self, number: int) -> str:
        """The address of a numbered database of Valkey."""
        return self.embedded.valkey.url_of(number)

    def start(self, child: Child) -> Program:
        """Start a program that sees our settings and nobody else's; it is stopped with the ground."""
        program = Program(
            self.embedded.folder, replace(child, env={**self.variables, **child.env}, stranger=True)
        )
        program.begin()
        self.stack.callback(program.stop)
        return program

    def start_web(self) -> Program:
        """Start the web server as the product starts it, and wait until it can serve."""
        planned = plan(self.settings, self.variables)
        web = self.start(planned.web)
        self.wait(lambda: status(local(self.settings) + planned.ready) == 200, web)
        return web

    def start_workers(self, *names: str) -> dict[str, Program]:
        """Start these worker processes as the product starts them."""
        planned = plan(self.settings, self.variables).workers
        return {child.name: self.start(child) for child in planned if child.name in names}

    def start_floor(self) -> str:
        """Start the floor; the address of its one view."""
        port = free_port()
        listen = ("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning")
        child = python("floor", "-m", "granian", "--factory", "benchmarks.floor:create_app", *FLOOR, *listen)
        floor = self.start(replace(child, env={"FLOOR_REDIS": self.redis_of(1)}))
        self.wait(lambda: status(f"http://127.0.0.1:{port}/") == 404, floor)
        return f"http://127.0.0.1:{port}/ussd"

    def wait(self, true: Callable[[], object], program: Program, seconds: float = PATIENCE) -> None:
        """Wait until something holds; raises Wrong when it takes too long or the program has ended."""
        limit = time.monotonic() + seconds
        while not true():
            if program.ended() is not None:
                raise Wrong(str(program.fault(f"ended (exit code {program.ended()})")))
            if time.monotonic() > limit:
                raise Wrong(str(program.fault(f"kept us waiting for {seconds:.0f} s")))
            time.sleep(children.TICK)

    def sql(self, statement: str, **values: Any) -> list[Any]:
        """Run one statement and commit."""
        with self.stores.transaction() as db:
            result: Any = db.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    def count(self, rows: str, **values: Any) -> int:
        """How many of these rows there are: `message WHERE state = 'ready'`."""
        return int(self.sql(f"SELECT count(*) FROM {rows}", **values)[0][0])


@contextmanager
def open_ground(**variables: str) -> Iterator[Ground]:
    """Servers, the product's tables and tree, and a provider; more settings by name: `CP2_SMS_RATE="50"`."""
    with ExitStack() as stack:
        path = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="cp2-b-", ignore_cleanup_errors=True))
        )
        embedded = stack.enter_context(Embedded(path, say=lambda text: None))
        port, web = free_ports(2)
        settled = {
            "CP2_DATA_DIR": str(path),
            "CP2_PORT": str(web),
            "CP2_AT_BASE_URL": f"http://127.0.0.1:{port}",
            "CP2_DEMO": "0",
        } | variables
        settings = settings_module.read(settled)
        stores = open_stores(settings, pool=2)
        stack.callback(stores.close)
        provider = Provider(f"http://127.0.0.1:{port}", urllib3.PoolManager(retries=False, timeout=10))
        ground = Ground(embedded, settings, settled, stores, provider, stack)
        set_up(ground, port)
        yield ground


def set_up(ground: Ground, port: int) -> None:
    """Make the tables, publish the tree, and start the provider."""
    witness = ground.start(python("provider", "-m", "benchmarks.provider", str(port)))
    planned = plan(ground.settings, ground.variables).setup
    assert planned is not None, "the ground is embedded"
    setup = ground.start(planned)
    limit = time.monotonic() + PATIENCE
    while setup.ended() is None and time.monotonic() < limit:
        time.sleep(children.TICK)
    if setup.ended() != 0:
        raise Wrong(str(setup.fault("failed")))
    ground.wait(lambda: status(f"{ground.provider.address}/log") == 200, witness)
    ground.provider.reset()


def bare_environment() -> dict[str, str]:
    """Our environment without any setting of the product."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CP2_")}


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """The command line of a Python module of ours."""
    return (sys.executable, "-m", name, *arguments)
