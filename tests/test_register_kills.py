"""The web server killed by a real SIGKILL while marks come in: every SMS is handled once, and the last holds."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3
from sqlalchemy import func, select

from models.messages import Incoming, Message
from runtime import children
from runtime.plan import ROOT
from tests.fixtures_outbox import environment
from tests.fixtures_registers import CENTRE, Morning
from tests.processes import own_port, wait_until
from tests.test_register_races import sent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a death signal")
PHONES = [f"+2547160001{n:02}" for n in range(12)]
COUNT, BEFORE = 48, (3, 20)  # SMS, and how many are answered before each kill


class Web:
    """The product's web server on a port of its own, which can be killed with all its children."""

    def __init__(self, morning: Morning) -> None:
        self.settings, self.port = morning.season.service.settings, own_port()
        self.http = urllib3.PoolManager(num_pools=1, maxsize=8, block=True, retries=False, timeout=30)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it can serve."""
        program = (
            *(sys.executable, "-m", "granian", "wsgi:app", "--interface", "wsgi", "--no-ws"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--log-level", "error"),
            *("--workers", "1", "--blocking-threads", "4"),
        )
        env = environment(self.settings, CP2_PORT=str(self.port))
        self.process = subprocess.Popen(
            program, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self.ready, "the web server")

    def ready(self) -> bool:
        """Whether it serves."""
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            return self.http.request("GET", f"http://127.0.0.1:{self.port}/readyz").status == 200
        return False

    def kill(self) -> None:
        """SIGKILL to all of it, at once."""
        if self.process and self.process.poll() is None:
            for pid in (self.process.pid, *children.family(self.process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait(30)

    def post(self, form: dict[str, str]) -> int:
        """Post an SMS as Africa's Talking does; 0 where nobody answered."""
        url = f"http://127.0.0.1:{self.port}/at/{self.settings.webhook_secrets[0]}/sms"
        try:
            return self.http.request("POST", url, fields=form, encode_multipart=False).status
        except urllib3.exceptions.HTTPError:
            return 0


@pytest.fixture
def web(morning: Morning) -> Iterator[Web]:
    made = Web(morning)
    made.start()
    yield made
    made.kill()


def said(morning: Morning) -> list[dict[str, str]]:
    """So many SMS of twelve phones of one centre, each of which marks everybody; first to last."""
    shared = {"to": "22262"}
    return [
        {
            **shared,
            "id": f"kill-{n}",
            "from": PHONES[n % len(PHONES)],
            "date": date,
            "text": f"ATT {morning.code()} AB {n % 4 + 1}",
        }
        for n, date in enumerate(sent(morning, COUNT))
    ]


def answered_until_killed(web: Web, forms: list[dict[str, str]], before: int) -> set[str]:
    """Post these until so many are answered, then kill: the ids of those that were answered 200."""
    done, enough = set[str](), threading.Event()

    def one(form: dict[str, str]) -> None:
        if web.post(form) == 200:
            done.add(form["id"])
        if len(done) >= before:
            enough.set()

    with ThreadPoolExecutor(8) as network:
        posts = [network.submit(one, form) for form in forms]
        assert enough.wait(60)
        web.kill()
        for post in posts:
            post.result(60)
    return done


def counted(morning: Morning, query: Any) -> dict[str, int]:
    with morning.db() as db:
        return {name: count for name, count in db.execute(query)}  # noqa: C416


@pytest.mark.slow
def test_marks_are_kept_once_though_the_server_is_killed_again_and_again(morning: Morning, web: Web) -> None:
    morning.enrol(CENTRE, *PHONES)
    forms, chance = said(morning), random.Random(5)
    last, waiting = forms[-1], chance.sample(forms, COUNT)
    answered = set[str]()
    for before in BEFORE:
        answered |= answered_until_killed(web, waiting, before)
        # Africa's Talking posts again what it got no 200 for; the network repeats some of the others.
        again = [form for form in forms if form["id"] not in answered]
        waiting = chance.sample([*again, *chance.sample(forms, 6)], len(again) + 6)
        web.start()
    assert again, "the server was killed after the last one"
    with ThreadPoolExecutor(8) as network:
        assert set(network.map(web.post, waiting)) == {200}
    assert counted(morning, select(Incoming.state, func.count()).group_by(Incoming.state)) == {
        "handled": COUNT
    }
    replies = select(Message.words, func.count()).where(Message.klass == "reply").group_by(Message.words)
    assert counted(morning, replies) == {"sms.att_done": COUNT}
    assert len(morning.events()) == 4 * COUNT == 4 * len(morning.audited("register.mark"))
    held = {row.officer.roster_no: row.mark.word for row in morning.register().rows}
    said_last = {n: (last["text"][-1] != str(n), f"phone:{last['from']}") for n in (1, 2, 3, 4)}
    assert {n: word and (word.present, word.actor) for n, word in held.items()} == said_last
