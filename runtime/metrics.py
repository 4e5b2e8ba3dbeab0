"""Metrics over all processes of this machine, for Prometheus."""

import os
from pathlib import Path
from typing import Any

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0)


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

    def page(self, gauges: list[tuple[str, str, dict[str, str], float]]) -> bytes:
        """The page for Prometheus: every process's counters, and these gauges read just now."""
        from prometheus_client import CollectorRegistry, Gauge, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        counted, now = CollectorRegistry(), CollectorRegistry()
        MultiProcessCollector(counted, path=str(self.folder))
        known: dict[str, Any] = {}
        for name, text, labels, value in gauges:
            if name not in known:
                known[name] = Gauge(name, text, list(labels), registry=now, multiprocess_mode="mostrecent")
            (known[name].labels(**labels) if labels else known[name]).set(value)
        return generate_latest(counted) + plain(now)


def plain(registry: Any) -> bytes:
    """Gauges of this moment, as text: they are read from SQL and belong to no process."""
    from prometheus_client import generate_latest

    return bytes(generate_latest(registry))
