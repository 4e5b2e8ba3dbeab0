"""One PostgreSQL and one Valkey for the whole run; each xdist worker has its own database of either.

The process that starts the tests starts the servers, and stops them at the end whatever the tests did. Were
it killed, they would die with it.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from sqlalchemy import Engine

from runtime import settings as settings_module
from runtime.embedded import Embedded
from runtime.settings import Settings
from runtime.stores import Stores, open_engine, open_redis, open_stores
from tests.clean import CLEAN, PRISTINE

NAIROBI = timedelta(hours=3)  # ahead of UTC, all the year
# A test that begins so shortly before midnight in Nairobi would end on another day.
LAST_MOMENTS = timedelta(seconds=10)
PATIENCE = 20.0  # seconds
SERVERS = pytest.StashKey["Embedded"]()
TEMPLATE = "migrated"


@dataclass(frozen=True)
class Addresses:
    """Where the run's servers are: the database address with `{}` for the name, and Redis by number."""

    database: str
    redis: list[str]


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers before xdist starts its workers; a run in one process starts them when asked."""
    if not is_worker(config) and config.getoption("numprocesses", None):
        start_servers(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers and remove their folder."""
    embedded = config.stash.get(SERVERS, None)
    if embedded is not None:
        embedded.stop()
        shutil.rmtree(embedded.folder.path, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the servers are."""
    node.workerinput["addresses"] = vars(addresses(node.config.stash[SERVERS]))


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is one of xdist's workers."""
    return hasattr(config, "workerinput")


def start_servers(config: pytest.Config) -> Embedded:
    """Start the run's servers once."""
    if SERVERS not in config.stash:
        embedded = Embedded(Path(tempfile.mkdtemp(prefix="cp2-tests-")), durable=False)
        embedded.start()
        config.stash[SERVERS] = embedded
    return config.stash[SERVERS]


def addresses(embedded: Embedded) -> Addresses:
    """The addresses that tests need of the servers."""
    return Addresses(embedded.postgres.url_of("{}"), [embedded.valkey.url_of(n) for n in range(64)])


def migrate(database_url: str) -> None:
    """Bring a database to the product's schema: `tests/fixtures_product.py` says how."""
    if find_spec("tests.fixtures_product") is not None:
        import_module("tests.fixtures_product").migrate(database_url)


@pytest.fixture(scope="session")
def shared_servers(pytestconfig: pytest.Config) -> Addresses:
    """Where the run's servers are."""
    if is_worker(pytestconfig):
        return Addresses(**pytestconfig.workerinput["addresses"])  # type: ignore[attr-defined]
    return addresses(start_servers(pytestconfig))


@pytest.fixture(scope="session")
def own_database(shared_servers: Addresses) -> Iterator[tuple[str, psycopg.Connection[Any]]]:
    """This worker's migrated database and a connection that watches over it."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with psycopg.connect(shared_servers.database.replace("{}", "postgres"), autocommit=True) as office:
        make_template(office, shared_servers)
        office.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
    url = shared_servers.database.replace("{}", name)
    with psycopg.connect(url, autocommit=True, application_name="tests") as connection:
        yield url, connection


def make_template(office: psycopg.Connection[Any], servers: Addresses) -> None:
    """Make the migrated database that all others are copied from, once in a run."""
    office.execute("SELECT pg_advisory_lock(1)")
    if not office.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
        office.execute("DROP DATABASE IF EXISTS draft WITH (FORCE)")
        office.execute("CREATE DATABASE draft")
        migrate(servers.database.replace("{}", "draft"))
        with psycopg.connect(servers.database.replace("{}", "draft"), autocommit=True) as draft:
            draft.execute(PRISTINE)
            draft.execute(CLEAN)
        office.execute(f"ALTER DATABASE draft RENAME TO {TEMPLATE}")
    office.execute("SELECT pg_advisory_unlock(1)")


@pytest.fixture(scope="session")
def own_engine(own_database: tuple[str, psycopg.Connection[Any]]) -> Engine:
    """The engine of this worker's database: what one test had compiled is compiled for the next."""
    return open_engine(settings_module.driver(own_database[0]))


@pytest.fixture
def database_url(own_database: tuple[str, psycopg.Connection[Any]], own_engine: Engine) -> str:
    """A migrated database with nothing in it but what the migrations put there, for this test alone.

    A thread of an earlier test may have left a connection in the pool: it was dropped, so let it go.
    """
    url, connection = own_database
    let_midnight_pass()
    connection.execute("SELECT pristine.clean()")
    own_engine.dispose()
    return url


def let_midnight_pass() -> None:
    """Begin no test in the last moments of a day in Nairobi: what it calls today would be yesterday."""
    there = datetime.now(UTC) + NAIROBI
    left = datetime.combine(there.date() + timedelta(days=1), datetime.min.time(), UTC) - there
    if left < LAST_MOMENTS:
        time.sleep(left.total_seconds() + 0.1)


@pytest.fixture(scope="session")
def own_redis(shared_servers: Addresses) -> Iterator[tuple[str, redis.Redis]]:
    """This worker's numbered database of Valkey and a client of it."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    with redis.Redis.from_url(shared_servers.redis[number]) as client:
        yield shared_servers.redis[number], client


@pytest.fixture
def redis_url(own_redis: tuple[str, redis.Redis]) -> str:
    """An empty database of Valkey, for this test alone."""
    url, client = own_redis
    client.flushdb()
    return url


def variables_of(database_url: str, redis_url: str, data_dir: Path) -> dict[str, str]:
    """The variables that every service needs."""
    return {
        "CP2_DATABASE_URL": database_url,
        "CP2_REDIS_URL": redis_url,
        "CP2_DATA_DIR": str(data_dir),
        "CP2_AT_USERNAME": "sandbox",
        "CP2_AT_API_KEY": "test-key-of-africas-talking",
        "CP2_WEBHOOK_SECRET": "test-path-secret-of-the-webhooks",
        "CP2_SECRET_KEY": "test-key-that-signs-and-derives",
        "CP2_PEPPER": "test-pepper-of-the-passwords",
    }


def environment(database_url: str, redis_url: str, data_dir: Path) -> dict[str, str]:
    """The environment of a process that serves from these stores."""
    return {**os.environ, **variables_of(database_url, redis_url, data_dir)}


def make_settings(database_url: str, redis_url: str, data_dir: Path, **variables: str) -> Settings:
    """The settings of a service on these servers; more variables by name: `CP2_SMS_RATE="5"`."""
    required = variables_of(database_url, redis_url, data_dir)
    return settings_module.read(required | variables)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """The settings of a service on this test's database and Redis."""
    return make_settings(database_url, redis_url, tmp_path / "data")


@pytest.fixture
def stores(settings: Settings, own_engine: Engine) -> Iterator[Stores]:
    """The open stores of this test: its own connections and its own events, on the worker's engine."""
    opened = patient_stores(settings, own_engine.execution_options())
    yield opened
    opened.close()


def patient_stores(settings: Settings, engine: Engine | None = None) -> Stores:
    """Stores whose Redis may take its time: where four test processes share what may be two cores, an answer
    can take longer than a phone would wait for it. Tests of that limit open stores of their own.
    """
    opened = open_stores(settings, engine=engine)
    return replace(opened, redis=open_redis(settings.redis_url or "", timeout=PATIENCE))


@pytest.fixture
def private_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Embedded]]:
    """Starts servers that belong to this test: it may kill, stop, pause, resume and start them again.

    `servers = private_servers()` gives `servers.postgres` and `servers.valkey`, migrated unless
    `migrated=False`, and their addresses as `servers.database_url` and `servers.redis_url`.
    """
    started: list[Embedded] = []

    def start(*, migrated: bool = True, durable: bool = False) -> Embedded:
        embedded = Embedded(tmp_path_factory.mktemp("srv"), durable=durable)
        embedded.start()
        started.append(embedded)
        if migrated:
            migrate(embedded.database_url)
        return embedded

    yield start
    for embedded in started:
        embedded.stop()
