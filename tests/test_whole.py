"""The whole service, as a new user gets it: real processes, dialled and texted through the simulator.

Afterwards nothing that was typed or sent as a password stands in any log, table, job or Redis value.
"""

import json
import re
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from runtime import settings as settings_module
from runtime.folder import free_port
from tests import canary
from tests.processes import Run, supervised, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a death signal"),
]


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
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def dial(self) -> str:
        """Dial the service code; answers the screen."""
        shown = self.call("/dial", phone=self.number, code="*384*22262#")
        self.session = shown["session"]
        return str(shown["screen"])

    def send(self, *inputs: str) -> str:
        """Answer one screen after the other; answers the last."""
        for typed in inputs:
            shown = self.call("/input", session=self.session, input=typed)
            assert shown["fits"], shown
        return str(shown["screen"])

    def text(self, words: str) -> str:
        """Text the short code and wait for what comes back."""
        before = len(self.inbox())
        self.call("/text", **{"from": self.number, "text": words})
        return self.next_sms(before)

    def inbox(self) -> list[str]:
        """Every SMS that came, oldest first."""
        found = self.call(f"/inbox?phone={self.number.replace('+', '%2B')}")
        return [message["text"] for message in found]

    def next_sms(self, after: int) -> str:
        """The next SMS to come."""
        wait_until(lambda: len(self.inbox()) > after, f"an SMS to {self.number}")
        return self.inbox()[after]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("whole")
    with supervised(folder, sys.executable, "wsgi.py", CP2_PORT=str(free_port())) as run:
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
    phone.dial()
    if other_language:
        phone.send("5")
    assert words[0] in phone.send("1", "1", "1")
    code = eight_digits(phone.next_sms(0))
    phone.dial()
    assert words[2] in phone.send(code, "ndovu4711", "ndovu4711")
    assert words[2] in phone.send("1", "1", "kifaru815", "kifaru815")
    seen = len(phone.inbox())
    again = eight_digits(phone.text("nenosiri" if other_language else "Password"))
    assert seen < len(phone.inbox())
    phone.dial()
    assert words[2] in phone.send(again, "twiga*2026", "twiga*2026")
    phone.dial()
    phone.send("wrongguess1", "wrongguess2")
    return {code, again, "ndovu4711", "kifaru815", "twiga*2026", "wrongguess1", "wrongguess2"}


def eight_digits(text: str) -> str:
    """The one-time password of an SMS."""
    found = re.search(r"\b\d{8}\b", text)
    assert found, text
    return found[0]


def leaking_files(data: Path, secrets: set[str]) -> Iterator[str]:
    """Logs and stored files with a secret in them; the simulator's witness plays the world outside."""
    for path in data.rglob("*"):
        if path.is_file() and path.name != "simulator.jsonl" and "secrets" not in path.parts:
            content = path.read_bytes()
            yield from (f"{secret} in {path.name}" for secret in secrets if secret.encode() in content)


def test_logs_are_json_with_masked_numbers(run: Run) -> None:
    data = Path(run.env["CP2_DATA_DIR"])
    simulator = settings_module.address(data, "at_base_url").rstrip("/")
    Phone(simulator, "+254711000333").dial()
    log = data / "log" / "web.log"
    wait_until(lambda: "+2547*****333" in log.read_text(), "the hop in the log")
    for line in log.read_text().splitlines():
        json.loads(line)
    secret = (data / "secrets" / "cp2_webhook_secret").read_text()
    for path in (data / "log").glob("*.log"):
        assert "254711000333" not in path.read_text()
        assert secret not in path.read_text()


def test_metrics_count_all_processes(run: Run) -> None:
    url = f"http://127.0.0.1:{run.env['CP2_PORT']}/metrics"
    text = urllib.request.urlopen(url, timeout=10).read().decode()
    for name in ("cp2_hops_total", "cp2_hop_seconds_count", "cp2_outbox_ready", "cp2_outbox_unknown"):
        assert name in text
