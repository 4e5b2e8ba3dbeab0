"""What a process keeps of a service: nothing once it is closed, and no long look at it while it runs."""

import gc
import json
import os
import subprocess
import sys
import threading
import weakref
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from operations.office import NAIROBI
from runtime.metrics import Gauge, lines_of
from runtime.plan import ROOT
from runtime.settings import Settings
from runtime.stores import Stores
from sms_gateway import outbox
from tests.fixtures_servers import PATIENCE, environment, patient_stores
from tests.fixtures_service import Handset, open_app, service_of
from tests.processes import wait_until
from ussd_app import health
from ussd_app.cli import doctor
from ussd_app.factory import create_app

RESTS = "cp2_lane_rests_until_seconds"


def test_a_closed_service_leaves_no_thread_and_nothing_in_memory(settings: Settings) -> None:
    """A thread that outlives its service keeps the stores and every statement they compiled.

    Some hundred of them make the collector stop a process for seconds, in the middle of a hop.
    """
    before = set(threading.enumerate())
    app = open_app(settings, hop_seconds=PATIENCE, stores=patient_stores(settings))
    Handset(app, "+254712345678").dial()
    begun = set(threading.enumerate()) - before
    assert {thread.name for thread in begun} == {"dials", "hop-ledger"}
    kept = [weakref.ref(service_of(app).library), weakref.ref(service_of(app).stores.engine)]
    service_of(app).close()
    wait_until(lambda: not any(thread.is_alive() for thread in begun), "the end of the threads")
    del app
    gc.collect()
    assert [ref() for ref in kept] == [None, None]


def test_the_collector_does_not_go_through_what_the_server_imported(settings: Settings) -> None:
    """It is most of what a process holds, and would stop a hop for 150 ms each time."""
    counted = "import gc, wsgi; print(gc.get_freeze_count(), len(gc.get_objects()))"
    env = environment(settings.database_url, settings.redis_url, settings.data_dir)
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


@pytest.mark.parametrize(
    ("reason", "said"),
    [("balance", "says the balance is too low"), ("key", "refuses the API key"), ("failing", "refuses most")],
)
def test_the_doctor_says_why_a_lane_rests_and_blames_no_worker(app: Flask, reason: str, said: str) -> None:
    service = service_of(app)
    waits = Gauge("cp2_outbox_oldest_seconds", "", {"lane": "urgent"}, 500.0)
    assert list(doctor.quiet_workers([waits])) == [
        "lane urgent: a message waits 500 s. To mend: python -m workers urgent"
    ]
    with service.stores.transaction() as db:
        outbox.rest(db, "urgent", reason)
        until = db.execute(text("SELECT until FROM lane_pause")).scalar_one()
    (rest,) = (gauge for gauge in health.gauges(service) if gauge.name == RESTS)
    assert (rest.labels, rest.value) == ({"lane": "urgent", "reason": reason}, until.timestamp())
    (told,) = doctor.quiet_workers([rest, waits])
    assert told.startswith(
        f"lane urgent rests until {until.astimezone(NAIROBI):%H.%M}: Africa's Talking {said}"
    )
    assert "To mend: " in told and "workers urgent" not in told
    with service.stores.transaction() as db:
        db.execute(text("UPDATE lane_pause SET until = now() - interval '3 minutes'"))
    assert RESTS not in {gauge.name for gauge in health.gauges(service)}  # nobody has tried it since


def test_commands_without_servers_say_so_in_one_line(settings: Settings) -> None:
    """As after a kill: the addresses stand, and nobody listens there."""
    nobody = {
        "database_url": "postgresql+psycopg://cp2@127.0.0.1:9/cp2",
        "redis_url": "redis://127.0.0.1:9/0",
    }
    app = create_app(replace(settings, embedded=True, **nobody))
    said = app.test_cli_runner().invoke(args=["staff", "list"])
    assert (said.exit_code, said.output.count("\n")) == (1, 1), said.output
    assert said.output.startswith("Error: The database fails: ")
    found = list(doctor.findings(service_of(app).settings, service_of(app)))
    assert found == ["the embedded servers ended without a word: start them again with `make run`"]
    service_of(app).close()


@pytest.mark.parametrize(("rate", "said"), [(None, "unpaced"), (50.0, "50 messages a second")])
def test_the_doctor_says_the_pace(settings: Settings, rate: float | None, said: str) -> None:
    assert f"sending          {said}" in doctor.facts(replace(settings, sms_rate=rate))


def test_commands_name_every_bad_setting_in_one_line() -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("CP2_")}
    bad = {"CP2_DATABASE_URL": "postgresql://cp2@127.0.0.1:9/cp2", "CP2_PORT": "eighty"}
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "doctor"]
    said = subprocess.run(words, cwd=ROOT, env=env | bad, capture_output=True, text=True, timeout=60)
    assert said.returncode == 1 and said.stderr.count("\n") == 1, said.stderr
    assert said.stderr.startswith("Bad settings: ")
    assert "CP2_PORT must be" in said.stderr and "CP2_AT_USERNAME is not set" in said.stderr


def test_a_thread_that_dies_is_logged_as_any_other_line_without_secrets(settings: Settings) -> None:
    """Of ours or of a library: RQ's listener, where Redis fails."""
    secret = settings.webhook_secrets[0]
    program = (
        "import threading; from runtime import logs;"
        f"logs.configure(['{secret}']); logs.tell_of_threads();"
        f"threading.Thread(target=lambda: int('/at/{secret} of +254712345678'), name='reader').start()"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    (line,) = said.stderr.splitlines()
    told = json.loads(line)
    assert (told["event"], told["thread"]) == ("thread died", "reader")
    assert "ValueError" in told["exception"] and secret not in line and "345678" not in line


def test_gauges_of_a_name_stand_together() -> None:
    """As Prometheus's text form has it: a name once, all of its values below."""
    gauges = [Gauge(name, "words", {"lane": lane}, 1.0) for lane in ("a", "b") for name in ("one", "two")]
    names = [line.partition("{")[0] for line in "".join(lines_of(gauges)).splitlines() if line[0] != "#"]
    assert names == ["one", "one", "two", "two"]
