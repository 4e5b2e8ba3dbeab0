"""Metrics over all processes of this machine, for Prometheus."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0)


class Gauge(NamedTuple):
    """A value of this moment, read when Prometheus asks."""

    name: str
    text: str
    labels: dict[str, str]
    value: float


class Metrics:
    """The counters of this process; what other processes on this machine counted is read with them."""

    def __init__(self, folder: Path) -> None:
        # The client library decides at its import whether it counts for one process or for many.
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(folder)))
        self.folder.mkdir(parents=True, exist_ok=True)
        from prometheus_client import CollectorRegistry, Counter, Histogram

        own: dict[str, Any] = {"registry": CollectorRegistry()}
        self.hops = Counter("cp2_hops", "USSD hops answered", ["journey", "ended"], **own)
        self.refusals = Counter("cp2_refusals", "Refusals shown, by code", ["code"], **own)
        self.faults = Counter("cp2_faults", "Faults, by place", ["place"], **own)
        self.hop_seconds = Histogram("cp2_hop_seconds", "Seconds a hop took", buckets=SECONDS, **own)
        self.events = Counter("cp2_events", "Things worth counting, by name", ["name"], **own)

    def page(self, gauges: list[Gauge]) -> bytes:
        """The page for Prometheus: every process's counters, and these gauges read just now."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        counted = CollectorRegistry()
        MultiProcessCollector(counted, path=str(self.folder))  # type: ignore[no-untyped-call]
        return generate_latest(counted) + "".join(lines_of(gauges)).encode()


def lines_of(gauges: list[Gauge]) -> Iterator[str]:
    """Gauges in Prometheus's text form, those of a name together; they are of no process."""
    described = set()
    for gauge in sorted(gauges, key=lambda gauge: gauge.name):
        if gauge.name not in described:
            yield f"# HELP {gauge.name} {gauge.text}\n# TYPE {gauge.name} gauge\n"
            described.add(gauge.name)
        labels = ",".join(f'{key}="{value}"' for key, value in gauge.labels.items())
        yield f"{gauge.name}{{{labels}}} {gauge.value}\n" if labels else f"{gauge.name} {gauge.value}\n"
