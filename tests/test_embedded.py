"""The private servers: made once, kept to their folder, never left behind."""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from runtime import children, launch
from runtime.embedded import Embedded
from runtime.folder import Folder, Held, fits_socket, free_port, free_ports
from runtime.plan import ROOT
from runtime.servers import Server, ServerFault
from runtime.stores import open_redis
from tests.processes import await_end, identities, started, wait_until

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can try what root needs")
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a death signal")
STARTER = "tests.starter"
# For a Python that is not the virtual environment's.
PATHS = {"PYTHONPATH": os.pathsep.join([str(ROOT), *(path for path in sys.path if "site-packages" in path)])}


def embedded(folder: Path) -> Embedded:
    """Fast servers of a folder, saying nothing."""
    return Embedded(folder, durable=False, say=lambda text: None)


def note(servers: Embedded, word: str) -> None:
    """Keep one word in the database."""
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def words(servers: Embedded) -> list[str]:
    """The words in the database."""
    with psycopg.connect(servers.database_url) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM words ORDER BY word")]


def modes(folder: Path) -> dict[str, str]:
    """The mode of a folder and of all in it that is not below the data folder."""
    return {str(path): stat.filemode(path.stat().st_mode) for path in (folder, *folder.parents)}


def test_both_servers_answer_and_leave_their_addresses(tmp_path: Path) -> None:
    with embedded(tmp_path / "data") as servers:
        note(servers, "here")
        with redis.Redis.from_url(servers.redis_url) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        run = tmp_path / "data/run"
        assert (run / "database.url").read_text() == servers.database_url
        assert (run / "redis.url").read_text() == servers.redis_url
        assert {path.stat().st_mode & 0o777 for path in run.glob("*.url")} == {0o600}
        assert run.stat().st_mode & 0o777 == 0o700
    assert not list(run.glob("*.url"))


def test_nothing_listens_beside_the_sockets(tmp_path: Path) -> None:
    with embedded(tmp_path / "data") as servers:
        assert servers.database_url == f"postgresql://cp2@/cp2?host={tmp_path}/data/run"
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        with redis.Redis.from_url(servers.redis_url) as client:
            assert client.config_get("port") == {"port": "0"}


def test_data_are_kept_from_one_start_to_the_next(tmp_path: Path) -> None:
    for word in ("first", "second"):
        with Embedded(tmp_path / "data", say=lambda text: None) as servers:
            note(servers, word)
            with redis.Redis.from_url(servers.redis_url) as client:
                client.incr("starts")
                assert client.get("starts") == (b"1" if word == "first" else b"2")
    with embedded(tmp_path / "data") as servers:
        assert words(servers) == ["first", "second"]


def test_a_killed_postgresql_comes_back_with_what_was_committed(
    private_servers: Callable[..., Embedded],
) -> None:
    servers = private_servers(migrated=False)
    note(servers, "committed")
    servers.postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        note(servers, "lost")
    servers.postgres.start()
    assert words(servers) == ["committed"]


def test_a_paused_server_is_silent_and_goes_on(private_servers: Callable[..., Embedded]) -> None:
    servers = private_servers(migrated=False)
    servers.valkey.pause()
    hasty = redis.Redis.from_url(servers.redis_url, socket_timeout=0.2)
    with hasty as client, pytest.raises(redis.TimeoutError):
        client.execute_command("PING")
    servers.valkey.resume()
    with redis.Redis.from_url(servers.redis_url) as client:
        assert client.ping()


def test_a_second_start_on_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    with embedded(tmp_path / "data") as servers:
        with pytest.raises(Held, match=f"in use by process {os.getpid()}"):
            embedded(tmp_path / "data").start()
        assert (tmp_path / "data/run/database.url").exists()
        note(servers, "still here")


def test_a_stale_lock_file_and_a_stale_process_id_do_not_stop_a_start(tmp_path: Path) -> None:
    with embedded(tmp_path / "data"):
        pass
    # After a crash, the id that PostgreSQL left may belong to anyone: here, to this very test's child.
    stranger = subprocess.Popen(["sleep", "60"])
    (tmp_path / "data/postgres/postmaster.pid").write_text(f"{stranger.pid}\n{tmp_path}\n1\n5432\n\n\n")
    (tmp_path / "data/run/lock").write_text("1\n")
    try:
        with embedded(tmp_path / "data") as servers:
            note(servers, "started")
    finally:
        stranger.kill()
        stranger.wait()


def test_a_start_that_was_killed_while_making_the_data_leaves_no_half(tmp_path: Path) -> None:
    half = tmp_path / "data/postgres.draft"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    with embedded(tmp_path / "data") as servers:
        note(servers, "whole")
    assert not half.exists()


def test_a_path_too_long_for_a_socket_uses_the_loopback_with_passwords(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 25) / "da ta"
    with embedded(folder) as servers:
        note(servers, "far")
        assert "@127.0.0.1:" in servers.database_url and "@127.0.0.1:" in servers.redis_url
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(
                host="127.0.0.1", port=servers.postgres.port, user="cp2", dbname="cp2", password="x"
            )
        with (
            redis.Redis(port=servers.valkey.port, retry=Retry(NoBackoff(), 0)) as intruder,
            pytest.raises(redis.AuthenticationError),
        ):
            intruder.ping()
        servers.postgres.kill()
        servers.postgres.start()
        assert words(servers) == ["far"], "the address must hold after a restart"
        assert servers.valkey.password not in " ".join(map(command_line, identities(os.getpid())))


def command_line(pid: int) -> str:
    """What every user of the machine can read of a process."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


@pytest.mark.parametrize(
    "name", ["da ta", 'quo"te', "com,ma", "a=b", "per%20cent", "plus+", "ümlaut", "back\\slash"]
)
def test_odd_letters_in_the_path(name: str) -> None:
    with tempfile.TemporaryDirectory(prefix="s") as short, embedded(Path(short) / name) as servers:
        note(servers, name)
        assert words(servers) == [name]
        with redis.Redis.from_url(servers.redis_url) as client:
            assert client.ping()
            assert open_redis(servers.redis_url).client_info()  # as RQ asks for it


def test_a_socket_path_fits_up_to_the_kernels_limit(tmp_path: Path) -> None:
    base = Path(tempfile.mkdtemp(prefix="s"))
    try:
        for length, fits in ((107, True), (108, False)):
            path = base / ("x" * (length - len(str(base)) - 1))
            assert len(str(path)) == length and fits_socket(path) is fits
            with socket.socket(socket.AF_UNIX) as probe:
                outcome = contextlib.nullcontext() if fits else pytest.raises(OSError)
                with outcome:
                    probe.bind(str(path))
    finally:
        shutil.rmtree(base)


def test_data_of_another_version_are_left_alone(tmp_path: Path) -> None:
    with embedded(tmp_path / "data"):
        pass
    (tmp_path / "data/postgres/PG_VERSION").write_text("12\n")
    with pytest.raises(ServerFault, match="are of PostgreSQL 12, and this version"):
        embedded(tmp_path / "data").start()
    (tmp_path / "data/postgres/PG_VERSION").write_text("18\n")
    with embedded(tmp_path / "data"):
        pass


def test_no_value_of_a_statement_reaches_the_log(tmp_path: Path) -> None:
    insert = "INSERT INTO people VALUES ('254711000111')"
    with embedded(tmp_path / "data") as servers:
        connection = psycopg.connect(servers.database_url, autocommit=True)
        connection.execute("CREATE TABLE people (phone text UNIQUE)")
        connection.execute(insert)
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(insert)
        connection.close()
    log = (tmp_path / "data/log/postgres.log").read_text()
    assert "duplicate key" in log and "254711000111" not in log


def test_no_mode_outside_the_data_folder_changes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    before = modes(home)
    with embedded(home / "project" / "var") as servers:
        note(servers, "private")
    assert modes(home) == before


def test_only_the_main_thread_may_start_a_child(tmp_path: Path) -> None:
    told: list[str] = []

    def start() -> None:
        try:
            children.spawn(["/bin/true"], log=subprocess.DEVNULL)
        except RuntimeError as fault:
            told.append(str(fault))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in told[0]


@contextlib.contextmanager
def starter(folder: Path, *before: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Another process that starts the servers of a folder, says so, and waits."""
    process = subprocess.Popen(
        [*before, sys.executable, "-m", STARTER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | (env or {}),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def await_word(process: subprocess.Popen[str], word: str) -> list[str]:
    """Read what a process says until it says this."""
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line.rstrip())
        if line.startswith(word):
            return said
    raise AssertionError(f"it ended: {said}")


@LINUX_ONLY
def test_kill_9_leaves_no_server_and_the_next_start_works_at_once(tmp_path: Path) -> None:
    for turn in range(3):
        with starter(tmp_path / "data") as process:
            await_word(process, "ready")
            known = identities(process.pid)
            assert len(known) >= 5
            process.kill()
            process.wait()
            if turn > 0:
                await_end(known)
    assert not (tmp_path / "data/postgres/postmaster.pid").exists()
    with embedded(tmp_path / "data") as servers:
        assert len(words(servers)) == 3


@LINUX_ONLY
def test_kill_9_in_the_middle_of_the_first_start(tmp_path: Path) -> None:
    for _ in range(4):
        with starter(tmp_path / "data") as process:
            wait_until(lambda: identities(process.pid), "its first child")
            process.kill()
    with embedded(tmp_path / "data") as servers:
        note(servers, "whole")


@LINUX_ONLY
def test_a_busy_backend_does_not_outlive_the_parent(tmp_path: Path) -> None:
    with starter(tmp_path / "data") as process:
        await_word(process, "ready")
        url = (tmp_path / "data/run/database.url").read_text()
        connection = psycopg.connect(url)
        connection.pgconn.send_query(b"SELECT sum(i) FROM generate_series(1, 9999999999) AS i")
        known = identities(process.pid)
        assert connection.info.backend_pid in known
        process.kill()
        await_end(known)
        connection.close()


@LINUX_ONLY
def test_the_folder_counts_as_in_use_until_the_last_server_is_gone(tmp_path: Path) -> None:
    with starter(tmp_path / "data") as process:
        await_word(process, "ready")
        backend = psycopg.connect((tmp_path / "data/run/database.url").read_text())
        pid = backend.info.backend_pid
        postmaster = int(facts(pid)[1])
        os.kill(pid, signal.SIGSTOP)  # PostgreSQL itself waits 5 s for it, then kills it
        process.kill()
        process.wait()
        hold(postmaster)  # a slow machine, too, finds them at it, unless they have ended by now
        ended = not started(pid)
        told: list[str] = []

        def tell(words: str) -> None:
            told.append(words)
            os.kill(postmaster, signal.SIGCONT)

        folder = Folder(tmp_path / "data")
        folder.claim(tell)
        assert not started(pid)
        assert told == ([] if ended else ["Waiting for the servers of an earlier run to end ..."])
        folder.release()


def facts(pid: int) -> list[str]:
    """What the kernel says of a process, from its state and its parent on; nothing of one that is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return ["X"]


def hold(pid: int) -> None:
    """Stop a process where it stands, if it lives."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: facts(pid)[0] in "TZX", "the process to stand still")


@LINUX_ONLY
def test_a_forked_child_dies_with_its_parent() -> None:
    program = (
        "import os, signal; from runtime import children; parent = os.getpid()\n"
        "if os.fork() == 0: os.setpgrp(); children.die_with_parent(parent); print(os.getpid(), flush=True)\n"
        "signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        birth = started(child)
        process.kill()
        wait_until(lambda: started(child) != birth, "the child's end")


@LINUX_ONLY
def test_a_child_whose_parent_is_already_gone_ends_at_once() -> None:
    program = [sys.executable, "-S", "-E", "-I", launch.__file__, "1", "9", "plain", "--", "/bin/sleep", "60"]
    assert subprocess.run(program, check=False).returncode == -signal.SIGKILL


class Sleeper(Server):
    """A server that answers never."""

    name = "sleeper"

    def begin(self) -> None:
        self.process = self.spawn(["/bin/sh", "-c", "echo last words; exit 7"])

    def answers(self) -> bool:
        return False


def test_the_fault_of_a_server_shows_its_last_words(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.claim()
    with pytest.raises(ServerFault, match="sleeper ended at its start:\n    last words"):
        Sleeper(folder).start()
    folder.release()


@ROOT_ONLY
def test_the_data_of_another_user_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data/postgres").mkdir(parents=True)
    os.chown(tmp_path / "data/postgres", launch.NOBODY, launch.NOBODY)
    with pytest.raises(ServerFault, match="belongs to another user"):
        embedded(tmp_path / "data").start()


@ROOT_ONLY
def test_as_root_in_a_closed_home_the_servers_run_in_a_namespace(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with starter(home / "var", env={"HOME": str(home)}) as process:
        said = await_word(process, "ready")
        assert said == ["ready namespace"], "nothing to warn about"
        assert (home / "var/postgres").stat().st_uid == 0
    assert home.stat().st_mode & 0o777 == 0o700


@ROOT_ONLY
def test_as_root_without_namespaces_nobody_runs_a_copy_and_it_is_said(tmp_path: Path) -> None:
    refuse = (sys.executable, "-m", "tests.refuse_namespaces")
    place = None
    try:
        for turn in range(2):
            with starter(tmp_path / "data", *refuse) as process:
                said = await_word(process, "ready")
                assert said[-1] == "ready nobody"
                assert "refuses to run as root" in said[0] and "`nobody`" in said[0]
                place = Path((tmp_path / "data/postgres.elsewhere").read_text())
                assert str(place) in said[0]
                assert {path.lstat().st_uid for path in (place, *place.rglob("*"))} == {launch.NOBODY}
                assert place.stat().st_mode & 0o777 == 0o700
                with psycopg.connect((tmp_path / "data/run/database.url").read_text()) as connection:
                    count = connection.execute("SELECT count(*) FROM words").fetchone()
                assert count == (turn + 1,), "the second start finds the data of the first"
                known = identities(process.pid)
                process.kill()
                await_end(known)
    finally:
        if place:
            shutil.rmtree(place)


@ROOT_ONLY
@pytest.mark.parametrize("mode", ["namespace", "nobody"])
def test_as_an_ordinary_user(mode: str) -> None:
    python = ordinary_python(mode)
    home = Path(tempfile.mkdtemp(prefix="home-"))
    if mode == "nobody":
        os.chown(home, launch.NOBODY, launch.NOBODY)
    with (home / "said").open("wb") as file:
        process = children.spawn(
            [python, "-m", STARTER, home / "var"], mode=mode, log=file, cwd=ROOT, env=PATHS
        )
    try:
        wait_until(lambda: (home / "said").read_text() == "ready plain\n" or process.poll(), "the servers")
        assert (home / "said").read_text() == "ready plain\n"
        assert (home / "var/postgres").stat().st_uid == home.stat().st_uid
        known = identities(process.pid)
        process.kill()
        process.wait()
        await_end(known)
    finally:
        shutil.rmtree(home)


def ordinary_python(mode: str) -> str:
    """A Python of our version that the user of this mode can run; skips the test where there is none."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        program = [candidate, "-c", "import runtime.embedded"]
        check = children.spawn(program, mode=mode, log=subprocess.DEVNULL, cwd=Path("/"), env=PATHS)
        if check.wait() == 0:
            return candidate
    pytest.skip("no Python that this user can run and that reaches this project")


# -- ports -----------------------------------------------------------------------------------------------


def test_a_free_port_is_nobodys_and_none_that_the_kernel_lends() -> None:
    port = free_port()
    with socket.socket() as mine:
        mine.bind(("127.0.0.1", port))
        lent = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        assert port < lent
        with pytest.raises(OSError, match="in use"):
            free_port(range(port, port + 1))
    assert free_port(range(port, port + 1)) == port


def test_ports_drawn_together_differ() -> None:
    port = free_port()
    with pytest.raises(OSError, match="in use"):
        free_ports(2, [port, port])
