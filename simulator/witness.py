"""The witness: what came in, what went out, and how each ended, in memory and in an append-only log."""

import json
import os
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO


def now_iso() -> str:
    """Write the present moment in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Sending:
    """One recipient of one request to send, whatever became of it."""

    request: int
    phone: str
    text: str
    sender: str
    at: str
    id: str = ""
    code: int | None = None
    outcome: str = "received"
    stored: bool = False
    answer: str = ""
    reports: list[dict[str, Any]] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Give the sending as plain data, with `from` for the sender as on the wire."""
        facts = dict(vars(self))
        return {"from": facts.pop("sender"), **facts, "reports": list(self.reports)}


class Witness:
    """Everything that passed, in the order it passed."""

    def __init__(self, log: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._file = open_log(log)
        self._lines = 0
        self._requests = 0
        self.clear()

    def clear(self) -> None:
        """Forget what is in memory; the log keeps all it has."""
        with self._lock:
            self.sendings: list[Sending] = []
            self.callbacks: list[dict[str, Any]] = []
            self._counts: dict[str, int] = {}

    def number(self) -> int:
        """Give the next request its number."""
        with self._lock:
            self._requests += 1
            return self._requests

    def record(self, kind: str, **facts: Any) -> None:
        """Write one line to the log, at once, and count it."""
        with self._lock:
            self._lines += 1
            self._counts[kind] = self._counts.get(kind, 0) + 1
            if self._file:
                line = {"n": self._lines, "at": now_iso(), "kind": kind, **facts}
                self._file.write(json.dumps(line, ensure_ascii=True) + "\n")
                self._file.flush()

    def receive(self, sendings: list[Sending]) -> None:
        """Keep a request to send before anything is decided about it."""
        with self._lock:
            self.sendings.extend(sendings)
        for sending in sendings:
            self.record("send", **sending.plain())

    def settle(self, sendings: list[Sending]) -> None:
        """Record what became of a request to send."""
        for sending in sendings:
            self.record("outcome", **sending.plain())

    def post(self, callback: dict[str, Any]) -> None:
        """Keep a callback that was posted, with its outcome."""
        with self._lock:
            self.callbacks.append(callback)
        self.record("callback", **callback)

    def testify(self, after: int = 0) -> dict[str, Any]:
        """Tell everything since the request numbered `after`."""
        with self._lock:
            sends = [sending.plain() for sending in self.sendings if sending.request > after]
            return {"sends": sends, "callbacks": list(self.callbacks), "counts": dict(self._counts)}

    def count(self) -> dict[str, int]:
        """Count what passed."""
        with self._lock:
            stored = sum(sending.stored for sending in self.sendings)
            return {"sends": len(self.sendings), "stored": stored, "callbacks": len(self.callbacks)}


def open_log(path: Path | None) -> TextIO | None:
    """Open the log to append; it holds what people typed, so only its owner may read it."""
    if path is None:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8")
