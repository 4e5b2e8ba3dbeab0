"""Every figure by name: how it is measured, what it tells, and a size that only shows that it works."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks import (
    account,
    attendance,
    documents,
    footprint,
    kills,
    payroll,
    reading,
    sending,
    signing,
    start,
    urgent,
)
from benchmarks.figure import Figure


@dataclass(frozen=True)
class Bench:
    """One measurement; it may yield several figures, the first one named like itself."""

    measure: Callable[..., Iterator[Figure]]
    tells: str
    quick: Mapping[str, Any] = field(default_factory=dict)


SHORT = {"rounds": 1, "seconds": 1.0}
BENCHES: Mapping[str, Bench] = {
    "reading": Bench(reading.measure, "the reading dialogue, in turn with the floor", SHORT),
    "account": Bench(account.measure, "the account dialogue, in turn with the floor", {**SHORT, "proof": 20}),
    "sending": Bench(sending.measure, "messages through the drain", {"messages": 500, "sample": 4}),
    "urgent": Bench(urgent.measure, "passwords beside a campaign", {"campaign": 2_000, "seconds": 5.0}),
    "documents": Bench(documents.measure, "letters drawn on one core", {"rounds": 1, "seconds": 0.5}),
    "attendance": Bench(
        attendance.measure, "a morning of registers, each mark recounted", {"centres": 60, "ussd": 6}
    ),
    "payroll": Bench(payroll.measure, "registers and pay of a season", {"rounds": 1, "officers": 400}),
    "start": Bench(start.measure, "the first start, to the first dial answered", {"times": 1}),
    "signing": Bench(signing.measure, "sign-ins, bound by argon2", {**SHORT, "people": 300}),
    "footprint": Bench(footprint.measure, "memory of each process", {"sessions": 50}),
    "kills": Bench(
        kills.measure, "drains killed at random (long)", {"seeds": 1, "messages": 300, "kills": 3}
    ),
}
