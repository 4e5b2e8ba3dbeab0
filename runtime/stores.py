"""The stores: the database engine, the Redis clients, and the one transaction a request has."""

import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import psycopg
import redis
from psycopg import errors, waiting
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker

from runtime.settings import Settings

# A pooled connection that rested this long is pinged before it is used.
REST_SECONDS = 1.0
# What every connection asks of its server. To compile a plan to machine code takes longer than our plans run,
# and a server's default would do it wherever an estimate is far off, in the middle of a hop.
LIMITS = {
    "statement_timeout": "15000",
    "idle_in_transaction_session_timeout": "60000",
    "timezone": "UTC",
    "jit": "off",
}
# When the work at hand must be over, by the monotonic clock; None where nobody waits on a phone.
deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


class NotRunning(Exception):
    """The embedded servers are not running, so there is nothing to connect to."""


class ImpatientConnection(psycopg.Connection[Any]):
    """A PostgreSQL connection that gives up at the caller's deadline, even on a server that is hung.

    A server-side statement_timeout cannot help against a stopped server or a cut cable; a caller on a
    phone cannot wait for either.
    """

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Run a query's conversation; past the deadline the connection is closed, its outcome unknown."""
        limit = remaining()
        if timeout is None and limit is not None:
            try:
                return waiting.wait(gen, self.pgconn.socket, interval=min(interval, limit), timeout=limit)
            except errors._WaitTimeout:
                self.pgconn.finish()
                raise psycopg.OperationalError("the database did not answer in time") from None
        return super().wait(gen, interval=interval, timeout=timeout)

    @classmethod
    def dial(cls, conninfo: str) -> "ImpatientConnection":
        """Connect within the deadline, or 5 s; libpq's own limit cannot go below 2 s."""
        limit = remaining()
        try:
            return waiting.wait_conn(cls._connect_gen(conninfo), interval=0.05, timeout=limit or 5.0)
        except errors._WaitTimeout:
            raise psycopg.OperationalError("the database did not accept a connection in time") from None


def remaining() -> float | None:
    """Seconds left before the deadline (at least 10 ms), or None where there is none."""
    at = deadline.get()
    return None if at is None else max(0.01, at - time.monotonic())


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything inside must be over in so many seconds; the database connection keeps to it."""
    token = deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        deadline.reset(token)


class Reader:
    """Single reads outside any transaction, by psycopg itself.

    For what every dial asks: SQLAlchemy's layers cost several times the query. Safe for threads.
    """

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self.idle: deque[ImpatientConnection] = deque()

    def row(self, sql: str, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        """The first row; asked once more on a fresh connection where a rested one turns out dead."""
        try:
            connection = self.idle.pop()
        except IndexError:
            return self.ask(self.fresh(), sql, values)
        try:
            return self.ask(connection, sql, values)
        except psycopg.OperationalError:
            self.close()
            return self.ask(self.fresh(), sql, values)

    def ask(
        self, connection: ImpatientConnection, sql: str, values: Mapping[str, object]
    ) -> tuple[Any, ...] | None:
        """Run it; a connection that failed is closed, any other rests for the next one."""
        try:
            found = connection.execute(sql.encode(), values).fetchone()
        except BaseException:
            connection.close()
            raise
        self.idle.append(connection)
        return found

    def fresh(self) -> ImpatientConnection:
        """A new connection on which every statement stands alone."""
        connection = ImpatientConnection.dial(self.conninfo)
        connection.autocommit = True
        return connection

    def close(self) -> None:
        """Close whatever rests."""
        while self.idle:
            self.idle.pop().close()


@dataclass(frozen=True)
class Stores:
    """The open stores of one process: made after the process has forked, closed by `close`."""

    engine: Engine
    redis: redis.Redis
    sessions: sessionmaker[Session]
    readers: sessionmaker[Session]  # each statement stands alone: one round trip instead of three
    reader: Reader

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction: commits at the end, rolls back on any exception. Opens at its first use."""
        with self.sessions() as db:
            yield db
            db.commit()

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()
        self.reader.close()
        self.redis.close()


def open_stores(settings: Settings, *, pool: int = 8, engine: Engine | None = None) -> Stores:
    """Open the stores of a process; nothing is contacted yet. Raises NotRunning where no server is known.

    An engine that is open already may be shared: what it has compiled is compiled.
    """
    if not settings.database_url or not settings.redis_url:
        raise NotRunning("The embedded servers are not running. Start them with: make run")
    conninfo = conninfo_of(settings.database_url)
    engine = engine or open_engine(settings.database_url, pool=pool)
    return Stores(
        engine,
        open_redis(settings.redis_url),
        sessions=sessionmaker(engine, expire_on_commit=False),
        readers=sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"), autoflush=False),
        reader=Reader(conninfo),
    )


def open_engine(database_url: str, *, pool: int = 8) -> Engine:
    """The engine of a process. Its errors never show their parameters, which may be secrets."""
    conninfo = conninfo_of(database_url)
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: ImpatientConnection.dial(conninfo),
        pool_size=pool,
        max_overflow=4,
        pool_timeout=1.0,
        pool_recycle=300,
        hide_parameters=True,
    )
    ping_after_rest(engine)
    return engine


def conninfo_of(database_url: str) -> str:
    """How libpq connects to this database, with what every connection asks of its server."""
    url = make_url(database_url)
    named = url.translate_connect_args(username="user", database="dbname")
    asked = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    options = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
    # By keywords and not as a URL: SQLAlchemy writes a blank as `+`, which libpq takes for a plus.
    return psycopg.conninfo.make_conninfo(**{**named, **asked, "options": options, "application_name": "cp2"})


def ping_after_rest(engine: Engine) -> None:
    """Ask a pooled connection whether it still lives, but only one that has rested for a while.

    SQLAlchemy's own pre-ping costs a round trip at every checkout; a busy process needs none.
    """

    @event.listens_for(engine, "checkin")
    def rest(connection: Any, record: Any) -> None:
        record.info["rested_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def wake(connection: Any, record: Any, proxy: Any) -> None:
        if time.monotonic() - record.info.get("rested_since", time.monotonic()) > REST_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error:
                raise DisconnectionError from None


def open_redis(redis_url: str, *, timeout: float = 0.25) -> redis.Redis:
    """A Redis client that never repeats a command by itself: redis-py's default may run an INCR twice."""
    return redis.Redis.from_url(
        redis_url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
        protocol=2,
    )
