"""The ledger of hops: counted and logged a moment later, many at once, off the path of the hop.

Done hop by hop, the log line and the counters cost a quarter of a hop's time. A process that is killed loses
a fifth of a second of them; SQL knows what was done.
"""

from collections import Counter
from contextlib import suppress
from typing import Any, NamedTuple

from runtime import logs
from runtime.metrics import Metrics
from telephony import phones
from ussd_app.backlog import Backlog


class Entry(NamedTuple):
    """One hop answered: where it went, never what was typed."""

    at: float  # seconds since 1970, for the log line only
    phone: str
    session: str
    node: str
    network: str
    seen: int
    ended: bool
    refused: str
    seconds: float


class Ledger(Backlog[Entry]):
    """The hops of one process."""

    name, pause = "hop-ledger", 0.2

    def __init__(self, metrics: Metrics) -> None:
        super().__init__()
        self.metrics = metrics

    def close(self) -> None:
        """End the thread and write what still waits."""
        super().close()
        self.work()

    def work(self) -> None:
        """Count and log everything that waits."""
        entries = []
        with suppress(IndexError):  # the thread and a page of the metrics may write at once
            while True:
                entries.append(self.waiting.popleft())
        if entries:
            self.count(entries)
            logs.write([line_of(entry) for entry in entries])

    def count(self, entries: list[Entry]) -> None:
        """Add them to the counters, equal ones together."""
        ends = Counter((entry.node.partition(".")[0], str(entry.ended)) for entry in entries)
        for labels, number in ends.items():
            self.metrics.hops.labels(*labels).inc(number)
        for code, number in Counter(entry.refused for entry in entries if entry.refused).items():
            self.metrics.refusals.labels(code).inc(number)
        for entry in entries:
            self.metrics.hop_seconds.observe(entry.seconds)


def line_of(entry: Entry) -> dict[str, Any]:
    """The log line of a hop."""
    facts = entry._asdict()
    facts["ms"] = round(facts.pop("seconds") * 1000, 1)
    facts["phone"] = phones.mask(entry.phone)
    return {"event": "hop", "level": "info", "timestamp": logs.moment(facts.pop("at")), **facts}
