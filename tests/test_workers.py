"""The worker processes: RQ's promises and ours, with real kills of real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

import menus
from menus import authoring
from menus.library import Library
from menus.table import VOCABULARY
from operations import notices, office
from operations.office import Actor
from runtime import children
from runtime.plan import ROOT, WORKERS
from sms_gateway import bell
from tests.fixtures_outbox import Gateway, Outbox, environment
from tests.processes import LIMIT, await_end, blocked, identities, wait_until
from workers import clock, periodic
from workers.periodic import TABLE, Periodic
from workers.queues import QUEUES, open_queue

WORDS = "account.password_changed"


@dataclass
class Crew:
    """The worker processes of one test."""

    outbox: Outbox
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, name: str, **more: str) -> subprocess.Popen[bytes]:
        """Start one process of the table."""
        program = [sys.executable, "-m", "workers", name]
        with (self.folder / f"{name}-{len(self.running)}.log").open("wb") as log:
            process = subprocess.Popen(
                program, cwd=ROOT, env=environment(self.outbox.settings, **more), stderr=log, stdout=log
            )
        self.running.append(process)
        return process

    def log(self) -> str:
        """What all have said."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def await_ready(self, name: str) -> None:
        """Wait until a worker listens on its queue."""
        queue = open_queue(self.outbox.stores.redis, name)

        wait_until(lambda: Worker.count(queue=queue), f"a worker of {name}: {self.log()}")


@pytest.fixture
def publish() -> Callable[[Outbox], None]:
    """Publishes the menu tree, whose words the workers say."""

    def do(outbox: Outbox) -> None:
        tree = authoring.draft(Path(menus.__file__).parent, VOCABULARY.blanks).tree
        stores = outbox.stores
        with suppress(redis.RedisError):
            Library(stores.redis, stores.sessions, VOCABULARY).publish(
                tree, by=Actor("staff:test", "command")
            )

    return do


@pytest.fixture
def make_crew(tmp_path: Path, publish: Callable[[Outbox], None]) -> Iterator[Callable[[Outbox], Crew]]:
    """Makes a crew that is gone at the end."""
    crews: list[Crew] = []

    def make(outbox: Outbox) -> Crew:
        publish(outbox)
        crews.append(Crew(outbox, tmp_path))
        return crews[-1]

    yield make
    for crew in crews:
        for process in crew.running:
            known = identities(process.pid)
            process.kill()
            process.wait()
            await_end(known)


@pytest.fixture
def crew(outbox: Outbox, make_crew: Callable[[Outbox], Crew]) -> Crew:
    """The crew of this test's outbox."""
    return make_crew(outbox)


def settle(outbox: Outbox, count: int) -> None:
    """Wait until so many are accepted."""
    wait_until(lambda: outbox.states()["accepted"] == count, f"{count} accepted: {outbox.states()}")


# Names and tables


def test_every_job_name_resolves() -> None:
    module, _, name = bell.JOB.rpartition(".")
    assert callable(getattr(import_module(module), name))


def test_every_queue_is_worked() -> None:
    assert {*QUEUES, "clock"} == set(WORKERS)
    assert {rule.lane for rule in notices.CLASSES.values()} <= set(QUEUES)


def test_an_unknown_queue_is_refused() -> None:
    process = subprocess.run([sys.executable, "-m", "workers", "lunch"], cwd=ROOT, capture_output=True)
    assert process.returncode == 2


# The bell


def test_the_bell_rings_once_until_it_is_heard(outbox: Outbox) -> None:
    client = outbox.stores.redis
    queue = Queue("urgent", connection=client, serializer=JSONSerializer)
    assert [bell.ring(client, "urgent") for _ in range(5)] == [True] * 5
    assert len(queue) == 1
    (job,) = queue.jobs
    assert (job.func_name, job.args, job.kwargs) == ("workers.jobs.drain", ["urgent"], {})
    assert (job.timeout, job.result_ttl) == (90, 0)
    for _ in range(5):  # a drain that hushes it again and again makes no flood of jobs
        bell.hush(client, "urgent")
        bell.ring(client, "urgent")
    assert len(queue) == 1
    for _ in range(3):  # each of them is at work and may have looked for the last time
        Queue.dequeue_any([queue], None, connection=client, serializer=JSONSerializer)
        bell.insist(client, "urgent")
        assert len(queue) == 1


def test_a_bell_without_redis_only_says_so() -> None:
    client = redis.Redis.from_url("redis://127.0.0.1:9/0")
    assert bell.ring(client, "urgent") is False
    bell.hush(client, "urgent")


# RQ


def test_a_ring_sends_what_was_queued(outbox: Outbox, crew: Crew, gateway: Gateway) -> None:
    crew.start("urgent")
    crew.await_ready("urgent")
    for n in range(3):
        outbox.queue(5, words=WORDS, first=10 * n)
        assert bell.ring(outbox.stores.redis, "urgent")
        settle(outbox, 5 * (n + 1))
    assert "22262" in gateway.sends[0]["text"]
    assert set(gateway.posts.values()) == {1}
    assert "+254" not in repr(outbox.stores.redis.keys("*"))
    wait_until(lambda: not outbox.stores.redis.keys("rq:job:*"), "nothing is left of the drains")


def test_whoever_forks_has_one_thread(outbox: Outbox, crew: Crew, gateway: Gateway) -> None:
    """What another thread holds locked while we fork stays locked in the job: it once hung for 90 s."""
    worker = crew.start("urgent")
    crew.await_ready("urgent")
    outbox.queue(1, words=WORDS)
    bell.ring(outbox.stores.redis, "urgent")
    settle(outbox, 1)
    assert len(list(Path(f"/proc/{worker.pid}/task").iterdir())) == 1, crew.log()


def test_a_stop_ends_the_worker_with_its_job(outbox: Outbox, crew: Crew, gateway: Gateway) -> None:
    gateway.fault("slow", seconds=2, times=0)
    outbox.queue(400, words=WORDS)  # for 64 threads 12 s of work: a slow machine stops it in the middle too
    worker = crew.start("urgent")
    bell.ring(outbox.stores.redis, "urgent")
    wait_until(lambda: gateway.sends, "the first post")
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(LIMIT) == 0
    states = outbox.states()
    assert set(states) == {"ready", "accepted"}
    assert states["accepted"] == len(gateway.sends)


def test_a_killed_parent_takes_its_job_along(outbox: Outbox, crew: Crew, gateway: Gateway) -> None:
    """F3: no orphan goes on, and what it had in hand is sent once by the next."""
    gateway.fault("slow", seconds=3, times=0)  # 15 s of work, so that a slow machine kills in the middle too
    outbox.queue(300, "register", words=WORDS)  # as a notice, but at any hour
    worker = crew.start("urgent")
    bell.ring(outbox.stores.redis, "urgent")
    wait_until(lambda: gateway.sends, "the first post")
    family = identities(worker.pid)
    assert family
    worker.kill()
    worker.wait()
    await_end(family)
    assert len(gateway.sends) < 300  # an orphan would have gone on to the end
    gateway.calm()
    outbox.lapse()
    outbox.sweep()
    outbox.drain()
    states = outbox.states()
    assert states["accepted"] + states["unknown"] == 300
    assert max(gateway.stored.values()) == 1


def test_a_killed_job_leaves_its_worker_alive(outbox: Outbox, crew: Crew, gateway: Gateway) -> None:
    """F31: the pool goes on."""
    gateway.fault("slow", seconds=30)
    outbox.queue(1, words=WORDS)
    worker = crew.start("urgent")
    bell.ring(outbox.stores.redis, "urgent")
    wait_until(lambda: gateway.sends, "the first post")
    kill_jobs(worker)
    outbox.queue(3, words=WORDS, first=50)
    settle(outbox, 3)
    assert worker.poll() is None


def test_drains_that_die_one_after_the_other_do_not_deafen_their_lane(
    outbox: Outbox, crew: Crew, gateway: Gateway
) -> None:
    """A bell that stands, and what RQ keeps of the dead, once held a lane up for as long as 90 s."""
    gateway.fault("slow", seconds=30, times=3)
    worker = crew.start("urgent")
    for n in range(3):
        outbox.queue(1, words=WORDS, first=n)
        bell.ring(outbox.stores.redis, "urgent")
        wait_until(lambda n=n: len(gateway.sends) == n + 1, "a post")
        outbox.stores.redis.set("bell:urgent", 1)  # only the dead have heard it, and it stands for ever
        kill_jobs(worker)
    outbox.queue(3, words=WORDS, first=50)
    settle(outbox, 3)
    assert worker.poll() is None


def kill_jobs(worker: subprocess.Popen[bytes]) -> None:
    """Kill the job that a worker runs."""
    for pid in children.family(worker.pid):
        os.kill(pid, signal.SIGKILL)


# A worker of two queues takes a job as RQ takes it, and is killed before it begins.
TWO_QUEUES = """
import os, signal, sys, redis
from rq import Queue
from rq.serializers import JSONSerializer
client = redis.Redis.from_url(sys.argv[1])
queues = [Queue(name, connection=client, serializer=JSONSerializer) for name in ("urgent", "bulk")]
job, _ = Queue.dequeue_any(queues, 10, connection=client, serializer=JSONSerializer)
print(job.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_job_that_vanished_is_rung_again_from_sql(outbox: Outbox, crew: Crew, gateway: Gateway) -> None:
    """F4: killed between pop and start, RQ forgets the job; the sweep finds the rows."""
    outbox.queue(3, words=WORDS)
    bell.ring(outbox.stores.redis, "urgent")
    queue = Queue("urgent", connection=outbox.stores.redis, serializer=JSONSerializer)
    program = [sys.executable, "-c", TWO_QUEUES, outbox.settings.redis_url]
    died = subprocess.run(program, capture_output=True, check=False, timeout=LIMIT)
    assert died.returncode == -signal.SIGKILL and died.stdout
    assert queue.count == 0
    crew.start("urgent")
    crew.start("clock")
    settle(outbox, 3)
    assert set(gateway.posts.values()) == {1}


def test_redis_killed_with_all_it_knew(
    private_servers: Callable[..., Any],
    make_outbox: Callable[..., Outbox],
    make_crew: Callable[[Outbox], Crew],
    gateway: Gateway,
) -> None:
    """F6: the worker polls SQL while Redis is gone, and hears its bell when it is back, empty."""
    servers = private_servers()
    outbox = make_outbox(servers.database_url, servers.redis_url)
    crew = make_crew(outbox)
    worker = crew.start("urgent")
    crew.await_ready("urgent")
    servers.valkey.kill()
    outbox.queue(20, words=WORDS)
    assert bell.ring(outbox.stores.redis, "urgent") is False
    settle(outbox, 20)
    servers.valkey.start()
    crew.await_ready("urgent")
    outbox.queue(5, words=WORDS, first=50)
    bell.ring(outbox.stores.redis, "urgent")
    settle(outbox, 25)
    assert worker.poll() is None
    assert set(gateway.posts.values()) == {1}
    before = crew.log().count("working_without_redis")
    servers.valkey.kill()
    wait_until(lambda: crew.log().count("working_without_redis") > before, "it goes on alone again")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(LIMIT) == 0


# The clock

T0 = datetime(2026, 3, 2, 12, 0, 7, tzinfo=UTC)
SLOT = 10**9  # seconds: one that is not over before 2031, however slow the machine


def note(db: Session, *, now: datetime) -> None:
    """An effect that can be counted."""
    notices.queue(db, "reply", WORDS, "+254700000001", now=now)


def test_two_clocks_at_once_have_one_effect(outbox: Outbox) -> None:
    """F32: also when the first is still at it."""
    table = [Periodic("note", SLOT, note)]
    with outbox.stores.transaction() as db:
        now = office.now(db)
        assert clock.claim_slot(db, table[0], now)

        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(clock.tick, outbox.stores, table, {})
            wait_until(lambda: blocked(outbox.stores), "the second")
            note(db, now=now)
            db.commit()
            assert second.result() == []
    assert outbox.states() == {"ready": 1}
    assert clock.tick(outbox.stores, table, {}) == []


def test_a_job_that_fails_leaves_nothing_and_has_its_next_slot(outbox: Outbox) -> None:
    def fail(db: Session, *, now: datetime) -> None:
        note(db, now=now)
        raise RuntimeError

    tried: dict[str, datetime] = {}
    table = [Periodic("fail", SLOT, fail), Periodic("note", SLOT, note)]
    assert clock.tick(outbox.stores, table, tried) == ["note"]
    assert clock.tick(outbox.stores, table, tried) == []
    assert outbox.states() == {"ready": 1}
    assert [name for (name,) in outbox.sql("SELECT name FROM run WHERE finished_at IS NOT NULL")] == ["note"]
    assert outbox.stores.redis.exists("bell:urgent")


def test_slots_follow_each_other() -> None:
    job = Periodic("x", 30, note)
    assert clock.slot_of(job, T0) == T0.replace(second=0)
    assert clock.slot_of(job, T0 + timedelta(seconds=23)) == T0.replace(second=30)
    assert len({job.name for job in TABLE}) == len(TABLE)
    assert {"sweep", "twins", "reports", "menu", "forget", "forms", "codes"} <= {job.name for job in TABLE}


def test_the_table_does_its_work(outbox: Outbox, gateway: Gateway) -> None:
    outbox.queue(2, words=WORDS)
    outbox.sql("INSERT INTO run (name, slot) VALUES ('old', now() - interval '8 days')")
    outbox.sql(
        "INSERT INTO report (provider_id, status) SELECT 'x' || n, 'Sent' FROM generate_series(1, 120) n"
    )
    assert clock.tick(outbox.stores, TABLE, {}) == [job.name for job in TABLE]
    assert outbox.stores.redis.exists("bell:urgent")
    assert outbox.sql("SELECT * FROM run WHERE name = 'old'") == []
    names = [job.name for job in TABLE]
    again = clock.tick(outbox.stores, TABLE, {})  # on a slow machine some slots are over by now
    [(slots,)] = outbox.sql("SELECT count(*) FROM run WHERE name = ANY(:names)", names=names)
    assert slots == len(names) + len(again) and len(again) < len(names)


def test_the_clock_waits_for_its_database_and_needs_no_redis(
    make_outbox: Callable[..., Outbox], database_url: str
) -> None:
    lost = make_outbox("postgresql://nobody@127.0.0.1:9/none", "redis://127.0.0.1:9/0")
    assert clock.tick(lost.stores, TABLE, {}) == []
    deaf = make_outbox(database_url, "redis://127.0.0.1:9/0")
    deaf.queue(1)
    assert clock.tick(deaf.stores, TABLE, {}) == [job.name for job in TABLE]
    with deaf.stores.transaction() as db:
        periodic.sweep_outbox(db, now=office.now(db))
        assert db.info["rings"] == {"urgent"}
