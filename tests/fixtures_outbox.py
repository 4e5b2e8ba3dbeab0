"""An outbox on real servers, the simulator as its provider and witness, and drains in processes of their own."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import urllib3
from sqlalchemy import CursorResult, text

from operations import notices, office
from runtime.plan import ROOT
from runtime.settings import Settings
from runtime.stores import Stores
from sms_gateway import reports, sweep
from sms_gateway.drain import Limits, drain
from tests.processes import LIMIT, wait_until

ALWAYS = lambda moment: list(notices.CLASSES)  # noqa: E731 - every class, at any hour
# Patient, for a busy machine: nothing of a test waits for a lease or a deadline unless it says so itself.
LIMITS = Limits(threads=8, lease=180, deadline=60, linger=0, look=0.02, gather=0.001)


class PlainWords:
    """Words for tests: says its own name and details; three names are poison."""

    def sms(self, name: str, lang: str, details: Mapping[str, Any]) -> str:
        """The text; or an error, a crash, a loop."""
        if name == "poison.error":
            raise ValueError("poison")
        if name == "poison.crash":
            os.kill(os.getpid(), 11)
        while name == "poison.loop":
            pass
        return " ".join([lang, name, *details.values()])


class Gateway:
    """A running simulator: scripted faults, and what it saw."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.http = urllib3.PoolManager(retries=False, timeout=LIMIT)

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """One request to the simulator."""
        answer = self.http.request(method, f"{self.address}/{path}", **more)
        assert answer.status < 300, answer.data
        return answer.json()

    def fault(self, kind: str, **values: Any) -> None:
        """Put a fault in force."""
        self.ask("POST", "faults", json={"kind": kind, **values})

    def calm(self) -> None:
        """Lift all faults."""
        self.ask("DELETE", "faults")

    @property
    def sends(self) -> list[dict[str, Any]]:
        """Every request to send that arrived, whatever became of it."""
        found: list[dict[str, Any]] = self.ask("GET", "witness")["sends"]
        return found

    @property
    def posts(self) -> Counter[str]:
        """How often each phone's message was posted."""
        return Counter(sending["phone"] for sending in self.sends)

    @property
    def stored(self) -> Counter[str]:
        """How many messages each phone was really sent."""
        return Counter(sending["phone"] for sending in self.sends if sending["stored"])


@dataclass
class Outbox:
    """The outbox of one test."""

    stores: Stores
    settings: Settings
    gateway: Gateway
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def queue(
        self, count: int = 1, klass: str = "code", words: str = "a.b", first: int = 0, **more: Any
    ) -> list[str]:
        """Queue messages to as many phones; answers the phones."""
        phones = [f"+2547{first + n:08d}" for n in range(count)]
        with self.stores.transaction() as db:
            for phone in phones:
                notices.queue(db, klass, words, phone, now=office.now(db), **more)
        return phones

    def drain(self, lane: str = "urgent", seconds: float = 60, **more: Any) -> Counter[str]:
        """Drain in this process."""
        more = {"limits": LIMITS, "classes": ALWAYS, **more}
        return drain(self.stores, self.settings, PlainWords(), lane, seconds, **more)

    def child(self, lane: str = "urgent", fault: str = "", **limits: Any) -> subprocess.Popen[bytes]:
        """Drain in a process of its own, killed at the named point."""
        program = [sys.executable, "-m", "tests.drain_child", lane, json.dumps(vars(LIMITS) | limits)]
        process = subprocess.Popen(
            program, cwd=ROOT, env=environment(self.settings, FAULT=fault), stderr=subprocess.DEVNULL
        )
        self.children.append(process)
        return process

    def killed_at(self, fault: str, lane: str = "urgent", **limits: Any) -> None:
        """Let a drain be killed at the named point."""
        assert self.child(lane, fault, **limits).wait(LIMIT) == -9

    def sql(self, statement: str, **values: Any) -> list[Any]:
        """Run one statement and commit."""
        with self.stores.transaction() as db:
            result = db.execute(text(statement), values)
            return list(result.all()) if isinstance(result, CursorResult) and result.returns_rows else []

    def states(self) -> Counter[str]:
        """How many messages are in each state."""
        return Counter(dict(self.sql("SELECT state, count(*) FROM message GROUP BY state")))

    def row(self, phone: str) -> Any:
        """A phone's one message."""
        (row,) = self.sql("SELECT * FROM message WHERE phone = :phone", phone=phone)
        return row

    def outcomes(self, phone: str) -> list[str | None]:
        """What became of each attempt for this phone."""
        found = self.sql(
            "SELECT a.outcome FROM attempt a JOIN message m ON m.id = message_id WHERE phone = :phone ORDER BY n",
            phone=phone,
        )
        return [outcome for (outcome,) in found]

    def lapse(self) -> None:
        """Let every lease run out, and every wait for a retry."""
        wait_until(lambda: not self.busy(), "the server to end what killed processes had begun")
        self.sql(
            "UPDATE message SET lease_until = now() - interval '1 s' WHERE state IN ('leased', 'posting')"
        )
        self.sql("UPDATE message SET next_attempt_at = now() WHERE state = 'ready'")

    def busy(self) -> bool:
        """Whether another process is in the middle of a transaction."""
        others = "datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
        return bool(self.sql(f"SELECT 1 FROM pg_stat_activity WHERE {others}"))

    def pass_time(self, seconds: float) -> None:
        """Make everything older."""
        for table, column in TIMES:
            self.sql(f"UPDATE {table} SET {column} = {column} - make_interval(secs => :s)", s=seconds)

    def sweep(self) -> dict[str, int]:
        """One sweep."""
        with self.stores.transaction() as db:
            return sweep.sweep(db, now=office.now(db))

    def report(self, provider_id: str, status: str = "Success", **form: str) -> str:
        """A delivery report comes in."""
        with self.stores.transaction() as db:
            return reports.receive(db, {"id": provider_id, "status": status, **form}, now=office.now(db))


TIMES = (
    *(
        ("message", name)
        for name in ("queued_at", "next_attempt_at", "not_after", "lease_until", "posted_at")
    ),
    *(("attempt", name) for name in ("started_at", "finished_at")),
    ("report", "received_at"),
    ("lane_pause", "until"),
)


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The environment of a process of the service."""
    own = {
        "CP2_DATABASE_URL": settings.database_url,
        "CP2_REDIS_URL": settings.redis_url,
        "CP2_DATA_DIR": str(settings.data_dir),
        "CP2_AT_USERNAME": settings.at_username,
        "CP2_AT_API_KEY": settings.at_api_key,
        "CP2_AT_BASE_URL": settings.at_base_url or "",
        "CP2_WEBHOOK_SECRET": settings.webhook_secrets[0],
        "CP2_SECRET_KEY": settings.secret_key.decode(),
        "CP2_PEPPER": settings.pepper.decode(),
        "CP2_SMS_RATE": str(settings.sms_rate),
        "PYTHONPATH": str(ROOT),
    }
    return {**os.environ, **own, **more}


@pytest.fixture(scope="session")
def simulator_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A simulator in its own process, for all tests of this worker."""
    address = tmp_path_factory.mktemp("sim") / "address"
    program = [sys.executable, "-m", "simulator", "serve", "--address-file", str(address)]
    more = {"SIM_API_KEY": "test-key-of-africas-talking"}
    null = subprocess.DEVNULL
    process = subprocess.Popen(program, cwd=ROOT, env={**os.environ, **more}, stdout=null, stderr=null)
    wait_until(lambda: address.exists() and address.read_text(), "the simulator")
    yield address.read_text()
    process.kill()
    process.wait()


@pytest.fixture
def gateway(simulator_address: str) -> Gateway:
    """The fake Africa's Talking, with nothing in it."""
    gateway = Gateway(simulator_address)
    gateway.ask("POST", "reset", json={})
    return gateway


@pytest.fixture
def make_outbox(tmp_path: Path, gateway: Gateway) -> Iterator[Callable[..., Outbox]]:
    """Opens an outbox on given servers."""
    # a plugin must not be imported before pytest does
    from tests.fixtures_servers import make_settings, patient_stores

    opened: list[Outbox] = []

    def make(database_url: str, redis_url: str, **variables: str) -> Outbox:
        # Fast enough never to be felt, and still paced: the bucket is a part of every test.
        variables = {"CP2_SMS_RATE": "90000", "CP2_AT_BASE_URL": gateway.address, **variables}
        settings = make_settings(database_url, redis_url, tmp_path / "data", **variables)
        opened.append(Outbox(patient_stores(settings), settings, gateway))
        return opened[-1]

    yield make
    for outbox in opened:
        for child in outbox.children:
            with suppress(ProcessLookupError):
                child.kill()
            child.wait()
        outbox.stores.close()


@pytest.fixture
def outbox(make_outbox: Callable[..., Outbox], database_url: str, redis_url: str) -> Outbox:
    """The outbox of this test."""
    return make_outbox(database_url, redis_url)
