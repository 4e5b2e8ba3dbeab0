"""A private PostgreSQL: made at its first start, reached by a socket in the data folder or by loopback."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg

from runtime.folder import Folder, fits_socket, free_port
from runtime.footing import Footing, find
from runtime.launch import NOBODY
from runtime.servers import Server
from runtime.settings import kept_secret

INITDB = (
    *("--username=cp2", "--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8"),
    *("--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"),
)
SETTINGS = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "huge_pages": "off",
    "io_method": "sync",
    "max_parallel_workers_per_gather": "0",  # a container's /dev/shm may be too small to share memory in
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
    # A statement's text and an error's detail hold people's data; neither belongs in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
FORGETFUL = {  # for tests: a commit survives a killed server, but not a power cut
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


class Postgres(Server):
    """The private PostgreSQL of a folder."""

    name = "postgres"
    stop_signal = signal.SIGINT  # a fast shutdown: whoever is connected is dropped, all is written

    def __init__(self, folder: Folder, *, durable: bool = True, say: Callable[[str], None] = print) -> None:
        super().__init__(folder)
        self.durable, self.say = durable, say
        self.port = 0  # 0 is the socket

    @cached_property
    def footing(self) -> Footing:
        """How PostgreSQL runs here; found once, so that a restart never moves the data."""
        return find(self.folder, self.say)

    def begin(self) -> None:
        """Start the server, or at the first time the making of its data folder."""
        if not self.port and not fits_socket(self.footing.run / ".s.PGSQL.5432"):
            self.port = free_port()
        if self.process is None:
            # We hold the servers' lock, so whoever wrote this is dead, even if its process id lives again.
            (self.footing.data / "postmaster.pid").unlink(missing_ok=True)
        self.password = kept_secret(self.footing.data.with_suffix(".password"))
        if self.footing.mode == "nobody":
            os.chown(self.footing.data.with_suffix(".password"), NOBODY, NOBODY)
        self.making = None if self.footing.data.exists() else self.make()
        if self.making is None:
            self.serve()

    def make(self) -> subprocess.Popen[bytes]:
        """Begin to make the data folder under another name, so that a killed start leaves no half of one."""
        draft = self.footing.data.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        program: list[str | Path] = [self.footing.binaries / "initdb", *INITDB, f"--pgdata={draft}"]
        program.append(f"--pwfile={self.footing.data.with_suffix('.password')}")
        if not self.durable:
            program.append("--no-sync")
        return self.spawn(program, mode=self.footing.mode)

    def serve(self) -> None:
        """Start the server on a data folder that is whole.

        A parent that is killed shuts it down at once (SIGQUIT): that leaves no backend and no stale lock, and
        cannot be held up; the next start replays what was committed. SIGKILL would leave both.
        """
        options = SETTINGS | ({} if self.durable else FORGETFUL) | self.listening()
        program: list[str | Path] = [self.footing.binaries / "postgres", "-D", self.footing.data]
        for name, value in options.items():
            program += ["-c", f"{name}={value}"]
        self.process = self.spawn(program, mode=self.footing.mode, death=signal.SIGQUIT)

    def listening(self) -> dict[str, str]:
        """Where the server listens: a socket that its folder guards, or a port of the loopback interface."""
        if self.port:
            return {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""}
        quoted = str(self.footing.run).replace('"', '""')
        return {"listen_addresses": "", "port": "5432", "unix_socket_directories": f'"{quoted}"'}

    def ready(self) -> bool:
        """Whether the server takes connections; once its data folder is made, the server is started on it."""
        if self.making is None:
            return super().ready()
        made = self.making.poll()
        if made == 0:
            self.footing.data.with_suffix(".draft").rename(self.footing.data)
            self.making = None
            self.serve()
        elif made is not None:
            raise self.fault("could not make its data folder")
        return False

    def answers(self) -> bool:
        """Whether our database can be used; it is made if the server has none yet."""
        try:
            with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=5) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'cp2'").fetchone():
                    connection.execute("CREATE DATABASE cp2")
            return True
        except psycopg.OperationalError:
            return False

    @property
    def url(self) -> str:
        """The address of our database."""
        return self.url_of("cp2")

    def url_of(self, database: str) -> str:
        """The address of a database of this server."""
        if self.port:
            return f"postgresql://cp2:{self.password}@127.0.0.1:{self.port}/{database}"
        return f"postgresql://cp2@/{database}?host={quote(str(self.footing.run))}"
