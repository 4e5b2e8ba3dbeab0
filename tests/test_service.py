"""What a process keeps of a service: nothing once it is closed, and no long look at it while it runs."""

import gc
import os
import subprocess
import sys
import threading
import weakref

from sqlalchemy import text

from runtime.plan import ROOT
from runtime.settings import Settings
from runtime.stores import Stores
from tests.fixtures_service import Handset, open_app, service_of


def test_a_closed_service_leaves_no_thread_and_nothing_in_memory(settings: Settings) -> None:
    """A thread that outlives its service keeps the stores and every statement they compiled.

    Some hundred of them make the collector stop a process for seconds, in the middle of a hop.
    """
    before = set(threading.enumerate())
    app = open_app(settings)
    Handset(app, "+254712345678").dial()
    begun = set(threading.enumerate()) - before
    assert {thread.name for thread in begun} == {"dials", "hop-ledger"}
    kept = [weakref.ref(service_of(app).library), weakref.ref(service_of(app).stores.engine)]
    service_of(app).close()
    assert not any(thread.is_alive() for thread in begun)
    del app
    gc.collect()
    assert [ref() for ref in kept] == [None, None]


def test_the_collector_does_not_go_through_what_the_server_imported(settings: Settings) -> None:
    """It is most of what a process holds, and would stop a hop for 150 ms each time."""
    counted = "import gc, wsgi; print(gc.get_freeze_count(), len(gc.get_objects()))"
    env = {
        **os.environ,
        "CP2_DATABASE_URL": settings.database_url,
        "CP2_REDIS_URL": settings.redis_url,
        "CP2_DATA_DIR": str(settings.data_dir),
        "CP2_AT_USERNAME": "sandbox",
        "CP2_AT_API_KEY": "test-key-of-africas-talking",
        "CP2_WEBHOOK_SECRET": "test-path-secret-of-the-webhooks",
        "CP2_SECRET_KEY": "test-key-that-signs-and-derives",
        "CP2_PEPPER": "test-pepper-of-the-passwords",
    }
    said = subprocess.run(
        [sys.executable, "-c", counted], cwd=ROOT, env=env, capture_output=True, timeout=60, check=True
    )
    frozen, looked_at = map(int, said.stdout.split())
    assert frozen > 50 * looked_at


def test_no_connection_lets_the_server_compile_a_plan(stores: Stores) -> None:
    """It takes longer than our plans run, whatever the server's own setting is."""
    with stores.engine.connect() as connection:
        source = text("SELECT setting, source FROM pg_settings WHERE name = 'jit'")
        assert tuple(connection.execute(source).one()) == ("off", "client")
