"""The whole service, as a new user gets it: real processes, dialled and texted through the simulator.

Afterwards nothing that was typed or sent as a password stands in any log, table, job or Redis value.
"""

import json
import os
import re
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from runtime import settings as settings_module
from tests import canary
from tests.processes import Run, own_port, supervised, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a death signal"),
]


# What a machine under load says for want of time; nothing was done, or it will be found again.
POLITE = re.compile(r"(END )?(Sorry, we cannot|We are still working)")
UNFINISHED = re.compile(r"You had not finished|Hukumaliza")
TURNS = 20  # as often a busy machine may ask to dial again


class Phone:
    """A handset of the simulator, used as its page uses it."""

    def __init__(self, simulator: str, number: str) -> None:
        self.simulator, self.number, self.session = simulator, number, ""

    def call(self, path: str, **body: Any) -> Any:
        """Ask the simulator."""
        request = urllib.request.Request(
            f"{self.simulator}{path}",
            data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def dial(self) -> str:
        """Dial the service code; answers the screen."""
        shown = self.call("/dial", phone=self.number, code="*384*22262#")
        self.session = shown["session"]
        return str(shown["screen"])

    def answer(self, typed: str) -> str:
        """Answer one screen; answers the next."""
        shown = self.call("/input", session=self.session, input=typed)
        assert shown["fits"], shown
        return str(shown["screen"])

    def walk(self, *inputs: str) -> str:
        """Dial and answer one screen after the other; answers the last. Only that may leave anything behind.

        Where a busy machine has no time, from the beginning.
        """
        for _ in range(TURNS):
            screen = self.dial()
            if UNFINISHED.match(screen):
                screen = self.answer("2")
            for typed in inputs:
                if not POLITE.match(screen):
                    screen = self.answer(typed)
            if not POLITE.match(screen):
                return screen
        raise AssertionError(screen)

    def text(self, words: str) -> None:
        """Text the short code."""
        self.call("/text", **{"from": self.number, "text": words})

    def inbox(self) -> list[str]:
        """Every SMS that came, oldest first."""
        found = self.call(f"/inbox?phone={self.number.replace('+', '%2B')}")
        return [message["text"] for message in found]

    def codes(self) -> list[str]:
        """The one-time passwords that came, oldest first."""
        found = [found[0] for text in self.inbox() if (found := re.search(r"\b\d{8}\b", text))]
        return list(dict.fromkeys(found))  # one that may be lost comes twice

    def await_code(self, nth: int) -> str:
        """The nth one-time password, once it is there."""
        wait_until(lambda: len(self.codes()) >= nth, f"one-time password {nth} to {self.number}")
        return self.codes()[nth - 1]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("whole")
    with supervised(folder, sys.executable, "wsgi.py", CP2_PORT=str(own_port())) as run:
        yield run.await_ready()


def test_a_season_begins(run: Run) -> None:
    """Register, read the SMS, sign in, change the password, text `Password`, use the new one; both languages."""
    data = Path(run.env["CP2_DATA_DIR"])
    simulator = settings_module.address(data, "at_base_url").rstrip("/")
    secrets: set[str] = set()
    for number, other_language in (("+254711000111", False), ("+254110000222", True)):
        secrets |= live_through(Phone(simulator, number), other_language)
    address = settings_module.address(data, "redis_url")
    with redis.Redis.from_url(address) as client:
        assert canary.leaks(secrets, settings_module.address(data, "database_url"), client) == []
    assert list(leaking_files(data, secrets)) == []


def live_through(phone: Phone, other_language: bool) -> set[str]:
    """One person's first day; answers every secret of it."""
    words = ("tayari", "Hifadhi", "limehifadhiwa") if other_language else ("ready", "Save", "saved")
    if other_language:
        assert "Fungua akaunti" in phone.walk("5")
    assert words[0] in phone.walk("1", "1", "1")
    code = phone.await_code(1)
    assert words[2] in phone.walk(code, "ndovu4711", "ndovu4711")
    assert words[2] in phone.walk("ndovu4711", "8", "1", "kifaru815", "kifaru815")
    phone.text("nenosiri" if other_language else "Password")
    again = phone.await_code(2)
    assert words[2] in phone.walk(again, "twiga*2026", "twiga*2026")
    phone.walk("wrongguess1", "wrongguess2")
    return {code, again, "ndovu4711", "kifaru815", "twiga*2026", "wrongguess1", "wrongguess2"}


def leaking_files(data: Path, secrets: set[str]) -> Iterator[str]:
    """Logs and stored files with a secret in them; the simulator's witness plays the world outside."""
    for folder, _, names in os.walk(data):
        for path in (Path(folder) / name for name in names):
            if path.is_file() and path.name != "simulator.jsonl" and "secrets" not in path.parts:
                with suppress(FileNotFoundError):  # PostgreSQL removes a file now and then
                    content = path.read_bytes()
                    yield from (
                        f"{secret} in {path.name}" for secret in secrets if secret.encode() in content
                    )


def test_logs_are_json_with_masked_numbers(run: Run) -> None:
    data = Path(run.env["CP2_DATA_DIR"])
    simulator = settings_module.address(data, "at_base_url").rstrip("/")
    Phone(simulator, "+254711000333").dial()
    log = data / "log" / "web.log"
    wait_until(lambda: "+2547*****333" in log.read_text(), "the hop in the log")
    for line in log.read_text().rpartition("\n")[0].splitlines():  # the last may still be being written
        json.loads(line)
    secret = (data / "secrets" / "cp2_webhook_secret").read_text()
    for path in (data / "log").glob("*.log"):
        assert "254711000333" not in path.read_text()
        assert secret not in path.read_text()


def test_metrics_count_all_processes(run: Run) -> None:
    """Every hop on whichever page; a process by itself has seen a third of them."""
    url = f"http://127.0.0.1:{run.env['CP2_PORT']}/metrics"

    def page() -> str:
        return str(urllib.request.urlopen(url, timeout=60).read().decode())

    def counted(name: str) -> float:
        return sum(float(line.split()[-1]) for line in page().splitlines() if line.startswith(name))

    counters = ("cp2_hops_total", "cp2_hop_seconds_count")
    before = {name: counted(name) for name in counters}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: Gateway(run).post(f"metrics-{n}", f"+2547090001{n:02}", ""), range(60)))
    for name in counters:  # a process writes down what it did a moment later
        wait_until(lambda name=name: counted(name) >= before[name] + 60, f"60 more {name}")
    # Without its database, for a second, a page has no outbox.
    names = ("cp2_outbox_ready", "cp2_outbox_unknown")
    wait_until(lambda: not [name for name in names if name not in page()], f"{names} in the metrics")


class Gateway:
    """Posts hops straight to the web server's processes, many at once."""

    def __init__(self, run: Run) -> None:
        secret = (Path(run.env["CP2_DATA_DIR"]) / "secrets" / "cp2_webhook_secret").read_text()
        self.url = f"http://127.0.0.1:{run.env['CP2_PORT']}/at/{secret}/ussd"

    def post(self, session: str, phone: str, text: str) -> str:
        """One hop; answers its body."""
        form = {"sessionId": session, "phoneNumber": phone, "text": text, "networkCode": "63902"}
        body = urllib.parse.urlencode(form | {"serviceCode": "*384*22262#"}).encode()
        with urllib.request.urlopen(self.url, data=body, timeout=60) as answer:
            return str(answer.read().decode())

    def walk(self, session: str, phone: str, *texts: str) -> str:
        """Hop after hop; answers the last screen, or the first for which there was no time."""
        for text in texts:
            body = self.post(session, phone, text)
            if POLITE.match(body):
                break
        return body


def test_two_hundred_phones_do_not_cross(run: Run) -> None:
    """A4: interleaved over two processes, each phone sees its own number only."""
    gateway = Gateway(run)

    def journey(n: int) -> None:
        for turn in range(10, 10 + TURNS):  # with another phone where a busy machine has no time
            phone = f"+25470{turn}{n:05}"
            screen = gateway.walk(f"cross-{turn}-{n}", phone, "", "1", "1*0", "1*0*1")
            if not POLITE.match(screen):
                break
        assert re.findall(r"2547\d{8}", screen) == [phone[1:]], screen

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(journey, range(200)))


def test_a_commit_posted_to_two_processes_at_once(run: Run) -> None:
    """A2, F27: eight copies of the hop that makes the account: the same bytes, one account, one SMS."""
    gateway = Gateway(run)
    data = Path(run.env["CP2_DATA_DIR"])
    for n in range(5):
        for turn in range(10, 10 + TURNS):
            session, phone = f"twice-{n}-{turn}", f"+254709{turn}000{n}"
            if not POLITE.match(gateway.walk(session, phone, "", "1", "1*1")):
                break
        with ThreadPoolExecutor(8) as pool:
            bodies = set(pool.map(gateway.post, [session] * 8, [phone] * 8, ["1*1*1"] * 8))
        # On a busy machine copies may be asked to come back; whoever is answered is told the same.
        told = {body for body in bodies if not POLITE.match(body)}
        assert len(told) <= 1
        for again in range(TURNS):
            if not told:
                body = gateway.walk(f"{session}-{again}", phone, "", "1", "1*1")
                told = {body} if not POLITE.match(body) else set()
        assert told.pop().startswith("END Your account is ready")
    url = settings_module.address(data, "database_url").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        for table in ("account", "message", "hop"):
            column = "session_id LIKE 'twice-%'" if table == "hop" else "phone LIKE '+254709__000_'"
            assert connection.execute(f"SELECT count(*) FROM {table} WHERE {column}").fetchone() == (5,)
