"""Everything on one machine: started in order, watched, and gone when it should be."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from runtime import children
from runtime.plan import ROOT, plan, warmed, web_workers
from runtime.programs import ATTEMPTS, FIRST_PAUSE, LONGEST_PAUSE, STEADY, Patience
from runtime.reach import hold_port
from runtime.servers import Server, ServerFault
from runtime.settings import read
from tests.processes import Run, await_end, command, own_port, started, supervised, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a death signal")
EVERYONE = ("postgres", "valkey", "standins simulator", "granian", "urgent", "bulk", "office", "clock")


@contextlib.contextmanager
def running(tmp_path: Path, *program: str, **env: str) -> Iterator[Run]:
    """A supervised service that is ready, on a port of its own."""
    with supervised(tmp_path, *program, **{"CP2_PORT": str(own_port()), **env}) as run:
        yield run.await_ready()


def get(run: Run, path: str = "/readyz") -> tuple[int, str]:
    """What the web answers."""
    connection = http.client.HTTPConnection("127.0.0.1", int(run.env["CP2_PORT"]), timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def run_folder(run: Run) -> Path:
    """Where the service leaves its addresses."""
    return Path(run.env["CP2_DATA_DIR"]) / "run"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One service for the tests that leave it as they found it; its home is closed to others."""
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    with running(home, HOME=str(home)) as run:
        yield run
    assert home.stat().st_mode & 0o777 == 0o700


def test_everything_starts_and_says_where(service: Run) -> None:
    assert get(service) == (200, "1")
    commands = "\n".join(map(command, service.whole_family()))
    assert all(name in commands for name in EVERYONE)
    for word in (f"http://127.0.0.1:{service.env['CP2_PORT']}/simulator", "*384*22262#", "22262", "Ctrl-C"):
        assert word in service.said
    assert "nobody" not in service.said
    left = {path.name for path in run_folder(service).glob("*.url")}
    assert left == {"database.url", "redis.url", "simulator.url"}


def test_nothing_but_the_loopback_is_listened_on(service: Run) -> None:
    inodes = set(sockets_of(service))
    listening = [
        line.split()[1].partition(":")[0]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[9] in inodes
    ]
    assert len(listening) >= 2, "the web and the simulator"
    assert set(listening) == {"0100007F"}


def sockets_of(run: Run) -> Iterator[str]:
    """The inode of every socket that the service's processes hold."""
    for pid in run.family():
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            with contextlib.suppress(OSError):
                target = str(link.readlink())
                if target.startswith("socket:["):
                    yield target[8:-1]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_polite_signal_stops_everything(tmp_path: Path, signum: int) -> None:
    with running(tmp_path) as run:
        known = run.whole_family()
        # To the whole group, as a terminal's Ctrl-C: the children must hear of it from us only.
        os.killpg(run.process.pid, signum)
        assert run.await_end() == 0
        await_end(known)
        assert not list(run_folder(run).glob("*.url"))
        for name in ("urgent", "bulk", "office", "clock"):
            words = (tmp_path / f"data/log/{name}.log").read_text()
            assert "the web is gone and the database there" in words
        log = (tmp_path / "data/log/postgres.log").read_text()
        assert log.count("fast shutdown request") == 1 and "database system is shut down" in log


def test_kill_9_leaves_nobody_twice_in_a_row(tmp_path: Path) -> None:
    port = str(own_port())
    for turn in ("1", "2", "3"):
        with running(tmp_path, CP2_PORT=port) as run:
            assert get(run) == (200, turn), "the data of the last start are kept"
            known = run.whole_family()
            assert len(known) >= 15, "the web's own workers and the workers' forked children are among them"
            run.process.kill()
            if turn != "1":
                await_end(known)


def test_kill_9_while_the_web_is_busy(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        keep_busy(run)
        known = run.family()
        run.process.kill()
        await_end(known)


def keep_busy(run: Run) -> None:
    """Have the web work on pages that take a minute."""
    for _ in range(2):
        threading.Thread(target=answers, args=(run, "/slow"), daemon=True).start()
    log = Path(run.env["CP2_DATA_DIR"]) / "log/web.log"
    wait_until(lambda: log.read_text().count("slow") == 2, "two busy threads")


def answers(run: Run, path: str, expected: tuple[int, str] = (200, "1")) -> bool:
    """Whether the web answers so now."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return get(run, path) == expected
    return False


def test_a_busy_web_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        keep_busy(run)
        known = run.family()
        run.signal(signal.SIGTERM)
        assert run.await_end() == 0
        await_end(known)


def test_a_killed_make_takes_everything_along(tmp_path: Path) -> None:
    """`make run` is what a user starts, and what a user may kill."""
    program = (sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])")
    serve = (sys.executable, "-m", "tests.standin_service")
    with running(tmp_path, *program, *serve) as run:
        known = run.family()
        assert len(known) >= 12
        run.process.kill()
        await_end(known)


def test_two_run_beside_each_other(tmp_path: Path) -> None:
    with running(tmp_path / "one") as one, running(tmp_path / "two") as two:
        one.signal(signal.SIGINT)
        assert one.await_end() == 0
        assert get(two) == (200, "1")


def test_a_second_start_on_the_same_folder_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        with supervised(tmp_path / "second", CP2_PORT=run.env["CP2_PORT"]) as second:
            assert second.await_end() == 1
            assert f"port {run.env['CP2_PORT']}" in second.said and "CP2_PORT=8001" in second.said
        env = run.env | {"CP2_PORT": str(own_port())}
        with supervised(tmp_path / "second", **env) as second:
            assert second.await_end() == 1
            assert f"in use by process {run.process.pid}" in second.said
        assert get(run) == (200, "1")
        assert (run_folder(run) / "database.url").exists()


def test_a_child_that_dies_is_started_again_and_it_is_said(service: Run) -> None:
    first = service.child("standins worker office")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: "office ended (exit code -9), starting again in" in service.said, "a word")
    service.whole_family()
    assert started(first) == ""


def test_a_killed_database_comes_back_at_the_same_address(service: Run) -> None:
    postmaster = service.child("bin/postgres", "-D")
    os.kill(postmaster, signal.SIGKILL)
    wait_until(lambda: service.child("bin/postgres", "-D") != postmaster, "another PostgreSQL")
    wait_until(lambda: answers(service, "/readyz"), "the row again")


def test_a_web_worker_that_dies_is_replaced(service: Run) -> None:
    web = service.child("granian")
    count = web_workers()
    wait_until(lambda: len(children.family(web)) == count, "the web's workers")
    workers = children.family(web)
    os.kill(workers[0], signal.SIGKILL)
    wait_until(lambda: len(set(children.family(web)) - {workers[0]}) == count, "a new worker")
    assert started(web)


def test_nobody_takes_the_port_of_a_web_that_starts_again(service: Run) -> None:
    os.kill(service.child("granian"), signal.SIGKILL)
    wait_until(lambda: "web ended (exit code -9), starting again in" in service.said, "a word")
    with socket.socket() as thief, pytest.raises(OSError, match="in use"):
        thief.bind(("127.0.0.1", int(service.env["CP2_PORT"])))
    wait_until(lambda: answers(service, "/readyz"), "the web again")


def test_a_held_port_is_the_webs_alone() -> None:
    port = own_port()
    with hold_port("127.0.0.1", port), socket.socket() as web:
        with pytest.raises(ServerFault, match=f"port {port}"):
            hold_port("127.0.0.1", port)
        web.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        web.bind(("127.0.0.1", port))
        web.listen()
        for _ in range(20):  # the kernel shares callers out among those who listen; the holder does not
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
    hold_port("127.0.0.1", port).close()


def test_a_child_that_dies_again_and_again_at_the_start_stops_everything(tmp_path: Path) -> None:
    with supervised(tmp_path, CP2_PORT=str(own_port()), STANDIN_OFFICE="die") as run:
        assert run.await_end() == 1
        assert f"office ended {ATTEMPTS} times (exit code 4)" in run.said
        assert "my heart is broken" in run.said
        assert not run.family()


def test_a_setup_that_fails_shows_its_last_words(tmp_path: Path) -> None:
    with supervised(tmp_path, CP2_PORT=str(own_port()), STANDIN_SETUP="fail") as run:
        assert run.await_end() == 1
        assert "setup failed (exit code 3)" in run.said and "made of wood" in run.said


def test_bad_settings_are_all_named(tmp_path: Path) -> None:
    with supervised(tmp_path, CP2_PORT="eighty", CP2_DEMO="perhaps") as run:
        assert run.await_end() == 2
        assert "CP2_PORT must be" in run.said and "CP2_DEMO must be" in run.said


def test_logs_are_begun_anew_and_one_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        with running(tmp_path) as run:
            run.whole_family()
            run.signal(signal.SIGINT)
            run.await_end()
    logs = tmp_path / "data/log"
    for log in (logs / "office.log", logs / "office.log.1"):
        assert log.read_text().count("worker office") == 1
    assert {path.stat().st_mode & 0o077 for path in logs.glob("*.log*")} == {0}


def test_given_servers_are_not_started_and_not_set_up(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    given = {
        "CP2_DATABASE_URL": database_url,
        "CP2_REDIS_URL": redis_url,
        "CP2_AT_USERNAME": "sandbox",
        **dict.fromkeys(("CP2_AT_API_KEY", "CP2_WEBHOOK_SECRET", "CP2_SECRET_KEY", "CP2_PEPPER"), "k" * 20),
    }
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz)")
    with running(tmp_path, **given) as run:
        commands = "\n".join(map(command, run.whole_family()))
        assert all(name in commands for name in ("granian", "urgent", "bulk", "office", "clock"))
        assert not any(name in commands for name in ("bin/postgres", "valkey-server", "simulator"))
        assert get(run) == (200, "0")
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP TABLE starts")


class Mortal(Server):
    """A server that is dead whenever one looks."""

    name = "mortal"
    dead = True

    def __init__(self) -> None:
        self.starts = 0

    def begin(self) -> None:
        self.starts += 1

    def ended(self) -> int | None:
        return 1 if self.dead else None

    def fault(self, what: str) -> ServerFault:
        return ServerFault(what)


def test_the_pause_doubles_up_to_its_limit() -> None:
    server, pauses = Mortal(), []
    now = 1000.0
    patience = Patience(server, since=now - 2 * STEADY, begun=now)
    for _ in range(8):
        assert patience.look(now)
        pauses.append(round(patience.due - now) if patience.due else 0)
        assert patience.look(now + pauses[-1] - 0.1) == "" and server.starts == len(pauses) - 1
        now += pauses[-1]
        patience.look(now)
        assert server.starts == len(pauses)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_child_that_had_lived_for_long_is_started_again_soon() -> None:
    patience = Patience(Mortal(), since=0.0, begun=1000.0, pause=LONGEST_PAUSE)
    now = 1000.0 + STEADY + 1
    patience.look(now)
    assert patience.due == now + FIRST_PAUSE


def test_we_give_up_on_a_child_that_dies_five_times_in_its_first_minute() -> None:
    patience = Patience(Mortal(), since=0.0, begun=0.0)
    with pytest.raises(ServerFault, match="ended 5 times"):
        for tenth in range(600):
            patience.look(tenth / 10)
    assert patience.deaths == ATTEMPTS


def test_the_plan_of_the_product(tmp_path: Path) -> None:
    settings = read({"CP2_DATA_DIR": str(tmp_path), "CP2_HOST": "0.0.0.0", "CP2_PORT": "8123"})  # noqa: S104 - only named
    whole = plan(settings, {})
    assert whole.simulator and whole.setup
    assert whole.setup.argv[1:] == ("-m", "flask", "--app", "wsgi", "setup")
    assert whole.web.argv[1:4] == ("-m", "granian", "wsgi:app")
    assert warmed(whole.setup, tmp_path).argv[2:] == (
        *("runtime.warm", str(tmp_path), "ussd_app.factory", "flask", "--app", "wsgi", "setup"),
    )
    assert [child.argv[1:] for child in whole.workers] == [
        ("-m", "workers", name) for name in ("urgent", "bulk", "office", "clock")
    ]
    assert whole.simulator.env["SIM_APP"] == f"http://127.0.0.1:8123/at/{settings.webhook_secrets[0]}"
    assert settings.webhook_secrets[0] not in repr(whole)
    assert plan(settings, {"CP2_AT_BASE_URL": "http://sandbox"}).simulator is None


@pytest.mark.slow
@pytest.mark.skipif(
    not (ROOT / "ussd_app/factory.py").exists() or not (ROOT / "workers/__main__.py").exists(),
    reason="the product is not there yet",
)
def test_make_run_is_the_whole_product(tmp_path: Path) -> None:
    with running(tmp_path, sys.executable, "wsgi.py") as run:
        assert get(run)[0] == 200
        status, _ = get(run, "/simulator")
        assert status in (200, 302, 303, 307)
        known = run.family()
        run.process.kill()
        await_end(known)


@pytest.mark.parametrize("goal", ["help", "run"])
def test_make_says_what_it_lacks(tmp_path: Path, goal: str) -> None:
    if not shutil.which("make"):
        pytest.skip("there is no make")
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.txt").touch()
    old = tmp_path / "oldpython"
    old.write_text('#!/bin/sh\ncase "$1" in -V) echo "Python 3.9.1";; *) exit 1;; esac\n')
    old.chmod(0o755)
    made = subprocess.run(
        ["make", goal, f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    if goal == "help":
        assert all(name in made.stdout for name in ("make run", "make test", "make lint", "make bench"))
    else:
        assert made.returncode != 0
        assert "Python 3.11 or newer is needed" in made.stderr and "3.9.1" in made.stderr
        assert not (tmp_path / ".venv").exists()
