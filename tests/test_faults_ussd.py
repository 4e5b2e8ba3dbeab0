"""A hop while something is down, slow, full or cut: polite words, and never half an act."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from menus.table import VOCABULARY
from menus.vocabulary import Action, Call, Result
from models.accounts import Account
from models.messages import Message
from models.sessions import HopReply
from runtime.embedded import Embedded
from runtime.stores import open_redis
from tests.fixtures_servers import PATIENCE, make_settings, patient_stores
from tests.fixtures_service import Handset, open_app, register, service_of
from ussd_app.hops import LEAST_SECONDS
from ussd_app.sessions import HOP_SECONDS, WAIT_SHARE

pytestmark = pytest.mark.slow
Servers = Callable[..., Embedded]


@contextmanager
def app_on(servers: Embedded, folder: Path, database_url: str = "", **options: Any) -> Iterator[Flask]:
    """The application on servers of this test's own; a busy machine has time for its hops."""
    settings = make_settings(database_url or servers.database_url, servers.redis_url, folder)
    patient = {"stores": patient_stores(settings), "hop_seconds": PATIENCE}
    app = open_app(settings, **{**patient, **options})
    yield app
    service_of(app).close()


def count(app: Flask, table: Any) -> int:
    with service_of(app).stores.transaction() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def answer_while(stopped: Any, phone: Handset, act: Callable[[], str]) -> str:
    """What the phone is told while a server stands still; it runs on only after the answer is in."""
    stopped.pause()
    try:
        return act()
    finally:
        stopped.resume()


def test_redis_killed_between_two_hops(private_servers: Servers, tmp_path: Path) -> None:
    """F7: a clean menu after the restart, nothing half done, and the journey can be walked again."""
    servers = private_servers()
    with app_on(servers, tmp_path) as app:
        mary = Handset(app, "+254712345678")
        mary.dial()
        mary.send("1", "1")
        servers.valkey.kill()
        assert mary.send("1").startswith("END ")
        servers.valkey.start()
        assert mary.post().startswith("CON KNEC Contracted")
        assert count(app, Account) == 0
        assert register(mary).startswith("END Your account is ready")


def test_the_limits_of_a_hop_add_up_to_what_a_phone_waits_for() -> None:
    """F8, F10: all of the wait for a lease, a last look at it, the least of work, and a save."""
    redis_seconds = signature(open_redis).parameters["timeout"].default
    assert HOP_SECONDS * WAIT_SHARE + redis_seconds + LEAST_SECONDS + redis_seconds <= 2.0


def test_redis_that_stands_still(private_servers: Servers, tmp_path: Path) -> None:
    """F8: the phone is answered while Redis still stands still."""
    servers = private_servers()
    with app_on(servers, tmp_path, stores=None, hop_seconds=HOP_SECONDS) as app:
        mary = Handset(app, "+254712345678")
        mary.dial()
        assert answer_while(servers.valkey, mary, lambda: mary.send("3")).startswith("END Sorry, we cannot")
        assert (
            app.test_client().get("/metrics").text.count('cp2_hops_total{ended="True",journey="unserved"}')
            == 1
        )
        while mary.dial().startswith("END "):
            pass  # the lease that Redis took when it woke up runs out by itself; a busy machine says sorry again
        assert mary.screen.startswith("CON ")


def test_redis_full_refuses_loudly(private_servers: Servers, tmp_path: Path) -> None:
    """F9: no session without its lease; and as guesses are counted in SQL, nothing lets a guesser in."""
    servers = private_servers()
    with app_on(servers, tmp_path) as app:
        mary = Handset(app, "+254712345678")
        redis = service_of(app).stores.redis
        mary.dial()
        redis.config_set("maxmemory", "1")
        assert mary.send("1").startswith("END ")
        redis.config_set("maxmemory", "0")
        assert mary.dial().startswith("CON ")


@pytest.mark.parametrize("how", ["killed", "standing still"])
def test_database_down_is_told_politely(private_servers: Servers, tmp_path: Path, how: str) -> None:
    """F10: what needs no SQL goes on; what needs it ends politely, and works afterwards."""
    servers = private_servers()
    with app_on(servers, tmp_path, hop_seconds=5.0) as app:  # long for a phone, and over all the same
        mary = Handset(app, "+254712345678")
        mary.dial()
        mary.send("1", "1")
        if how == "killed":
            servers.postgres.kill()
            assert mary.send("1").startswith("END Sorry, we cannot")
            servers.postgres.start()
        else:
            assert answer_while(servers.postgres, mary, lambda: mary.send("1")).startswith(
                "END Sorry, we cannot"
            )
        assert "not finished creating an account" in mary.dial()
        assert "Data Protection" in mary.send("1")
        assert mary.send("1").startswith("END Your account is ready")
        assert count(app, Account) == count(app, Message) == 1


def test_sms_while_the_database_is_down_is_refused_and_handled_once_after(
    private_servers: Servers, tmp_path: Path
) -> None:
    """F10: 503, so that it is posted again; 200 only once it is kept."""
    servers = private_servers()
    with app_on(servers, tmp_path) as app:
        mary = Handset(app, "+254712345678")
        servers.postgres.kill()
        assert [mary.text("HELP", id=f"sms-{n}") for n in range(5)] == [503] * 5
        servers.postgres.start()
        assert [mary.text("HELP", id=f"sms-{n % 5}") for n in range(10)] == [200] * 10
        assert len(mary.inbox()) == 5


CUT = text("SELECT pg_terminate_backend(pg_backend_pid())")


def test_connection_lost_inside_a_transaction(private_servers: Servers, tmp_path: Path) -> None:
    """F11: the whole unit of work is done again, with one effect."""
    cuts = iter([True])

    def create(call: Call) -> Result:
        result = VOCABULARY.actions["account.create"].run(call)
        if next(cuts, False):
            call.db.execute(CUT)
        return result

    vocabulary = replace(
        VOCABULARY,
        actions={**VOCABULARY.actions, "account.create": Action(create, ("created", "exists"))},
    )
    with app_on(private_servers(), tmp_path, vocabulary=vocabulary) as app:
        mary = Handset(app, "+254712345678")
        assert register(mary).startswith("END Your account is ready")
        assert count(app, Account) == count(app, Message) == count(app, HopReply) == 1


class CuttingProxy:
    """Stands between us and PostgreSQL; once armed, it lets one COMMIT through and cuts before the answer."""

    def __init__(self, target: str) -> None:
        self.target, self.armed, self.cut = target, False, threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            client, _ = self.listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.target)
            threading.Thread(target=self.forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self.back, args=(server, client), daemon=True).start()

    def forward(self, client: socket.socket, server: socket.socket) -> None:
        while data := self.read(client):
            if self.armed and b"COMMIT" in data:
                self.armed = False
                self.cut.set()
            with contextlib.suppress(OSError):  # the other side was cut meanwhile
                server.sendall(data)

    def back(self, server: socket.socket, client: socket.socket) -> None:
        while data := self.read(server):
            if self.cut.is_set():
                self.cut.clear()
                client.shutdown(socket.SHUT_RDWR)  # to close it would not cut what another thread reads from
                return
            with contextlib.suppress(OSError):
                client.sendall(data)

    @staticmethod
    def read(source: socket.socket) -> bytes:
        try:
            return source.recv(65536)
        except OSError:
            return b""


def test_connection_cut_during_commit(private_servers: Servers, tmp_path: Path) -> None:
    """F12: the commit happened but nobody heard; the hop is answered once, with one effect."""
    servers = private_servers()
    sockets = list((servers.folder.path / "run").glob(".s.PGSQL.*[0-9]"))
    proxy = CuttingProxy(str(sockets[0]))
    url = f"postgresql://cp2@127.0.0.1:{proxy.port}/cp2"
    with app_on(servers, tmp_path, database_url=url) as app:
        mary = Handset(app, "+254712345678")
        mary.dial()
        mary.send("1", "1")
        proxy.armed = True
        told = mary.send("1")
        assert proxy.armed is False
        assert mary.post() == told or told.startswith("END Sorry, we cannot")
        while told.startswith("END Sorry, we cannot"):  # a busy machine had no time for the second try
            mary.dial()
            told = mary.send("1", "1")
        assert told.startswith("END Your account is ready")
        assert count(app, Account) == count(app, Message) == 1


def test_writers_beside_a_long_reader(app: Flask, handset: Callable[[str], Handset]) -> None:
    """F13: eight phones register while somebody reads for long; nobody sees an error."""
    service = service_of(app)
    with service.stores.engine.connect() as reader:
        reader.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
        reader.execute(text("SELECT count(*) FROM account, message, subscriber"))
        phones = [handset(f"+2547000001{n:02}") for n in range(8)]
        threads = [threading.Thread(target=register, args=[phone]) for phone in phones]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    assert [phone.screen[:25] for phone in phones] == ["END Your account is ready"] * 8


def test_fault_in_a_screen_ends_with_a_reference(
    app: Flask, mary: Handset, capfd: pytest.CaptureFixture[str], tmp_path: Path, settings: Any
) -> None:
    """A10: no exception text reaches the phone, and the log has the reference the person can quote."""

    def fail(call: Call) -> Result:
        raise ValueError("the very inside of it")

    broken = replace(
        VOCABULARY, actions={**VOCABULARY.actions, "account.create": Action(fail, ("created", "exists"))}
    )
    patient = {"stores": patient_stores(settings), "hop_seconds": PATIENCE}
    with_fault = Handset(open_app(settings, broken, **patient), mary.phone)
    with_fault.dial()
    body = with_fault.send("1", "1", "1")
    assert body.startswith("END Sorry, a fault on our side.")
    assert "inside" not in body
    reference = body.split("Fault: ")[1].split()[0]
    assert reference in capfd.readouterr().err
    assert with_fault.post() == body
    assert "not finished creating an account" in with_fault.dial()


def test_nothing_published_is_told_politely(settings: Any) -> None:
    from ussd_app.factory import create_app

    phone = Handset(create_app(settings), "+254712345678")
    assert phone.dial().startswith("END ")
    answer = phone.app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "menu" in answer.get_json()["missing"]
