"""A handset in the terminal: dials and texts through a simulator that is running."""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

RULE = "-" * 32
Say = Callable[[str], None]
HANG_UP = frozenset({"q", "quit"})


class Unreachable(Exception):
    """No simulator answers; the message says what to do."""


def find(given: str = "") -> str:
    """Find the address of the running simulator."""
    noted = Path(os.environ.get("CP2_DATA_DIR") or "var") / "run" / "simulator.url"
    address = given or os.environ.get("SIM_URL") or (noted.read_text().strip() if noted.exists() else "")
    if not address:
        raise Unreachable(
            f"No simulator is running ({noted} is missing). Start one, name the folder of one that runs "
            "(CP2_DATA_DIR), or give --simulator URL."
        )
    return address.rstrip("/")


class Line:
    """The way to a running simulator."""

    def __init__(self, address: str) -> None:
        self._address = address

    def ask(self, path: str, data: Any = None, **query: str) -> Any:
        """Post data, or get with a query, and give the answer."""
        url = f"{self._address}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback needs no proxy
        try:
            with opener.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            return {"state": "ended", "refused": self.heard(refusal.read()).get("error", "refused")}
        except OSError as fault:
            raise Unreachable(f"No simulator answers at {self._address} ({fault}). Is it running?") from fault

    def heard(self, words: bytes) -> dict[str, Any]:
        """What a simulator says with a refusal; anything else is no simulator's."""
        try:
            return dict(json.loads(words))
        except ValueError:
            raise Unreachable(
                f"What answers at {self._address} is no simulator. Its address is the one that the browser "
                "shows with the handset."
            ) from None


def typed() -> Iterator[str]:
    """Read answers as they are typed, or line by line from a pipe."""
    prompt = "> " if sys.stdin.isatty() else ""
    while True:
        try:
            yield input(prompt)
        except EOFError:
            return


def dial(line: Line, code: str, phone: str, answers: Iterator[str], say: Say = print) -> int:
    """Hold a USSD session to its end; give 0 if the service ended it, 1 if not."""
    session = line.ask("/dial", {"phone": phone, "code": code})
    while True:
        say(picture(session))
        if session["state"] != "open":
            return 0 if session.get("status") == "Success" else 1
        answer = next(answers, None)
        if answer is None or answer in HANG_UP:
            line.ask("/hangup", {"session": session["session"]})
            say("(hung up)")
            return 1
        session = line.ask("/input", {"session": session["session"], "input": answer})


def picture(session: dict[str, Any]) -> str:
    """Draw the screen with its length and the session's clock."""
    failed = session.get("refused") or f"Gateway error: {session.get('error') or 'no answer'}"
    screen = session.get("screen") or failed
    if session.get("screen") and session.get("error"):
        screen += f"\n(ended: {session['error']})"
    if "septets" not in session:
        return f"{RULE}\n{screen}\n{RULE}"
    ms = session["hops"][-1]["ms"] if session["hops"] else 0
    return f"{RULE}\n{screen}\n{RULE} {session['septets']}/160 septets, {session['elapsed']:.0f} s, {ms} ms"


def text(line: Line, to: str, words: str, phone: str, wait: float, say: Say = print) -> int:
    """Send a text and print the replies that come within the wait; give 0 if any came."""
    before = len(line.ask("/inbox", phone=phone))
    line.ask("/text", {"from": phone, "to": to, "text": words})
    deadline, seen = time.monotonic() + wait, before
    while time.monotonic() < deadline:
        messages = line.ask("/inbox", phone=phone)
        for message in messages[seen:]:
            say(f"{message['from']}: {message['text']}")
            deadline = min(deadline, time.monotonic() + 1.5)  # more parts of the answer may follow
        seen = len(messages)
        time.sleep(0.1)
    if seen == before:
        state = line.ask("/sent", phone=phone)[-1]["state"]
        say(f"No reply within {wait:g} s (the text is {state}).")
    return 0 if seen > before else 1
