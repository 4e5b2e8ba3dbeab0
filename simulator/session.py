"""One USSD session as the network keeps it: its clocks, its hops and how it ended."""

import os
import time
from dataclasses import dataclass, field
from typing import Any

from simulator.septets import measure

ROOM = 160  # septets of one screen, the prefix included


@dataclass
class Limits:
    """How long a session may last, and how long a person may think."""

    session: float = 180.0
    idle: float = 30.0


@dataclass
class Hop:
    """One request of the session and what came of it."""

    text: str
    reply: str = ""
    status: int | None = None
    error: str = ""
    ms: int = 0
    twin: str = ""  # of a hop posted twice: did both get the same answer?

    def plain(self) -> dict[str, Any]:
        """Give the hop as plain data, with the length of its reply."""
        length = measure(self.reply)
        return {**vars(self), "septets": length.units, "alphabet": length.alphabet}


@dataclass
class Session:
    """A USSD session between a phone and the service."""

    phone: str
    service_code: str
    network: str
    text: str
    limits: Limits
    id: str = field(default_factory=lambda: f"ATUid_{os.urandom(16).hex()}")
    state: str = "open"
    status: str = ""
    error: str = ""
    busy: bool = False
    began: float = field(default_factory=time.monotonic)
    touched: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    hops: list[Hop] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Say whether it still goes on."""
        return self.state == "open"

    def elapsed(self) -> float:
        """Count its seconds."""
        return (self.ended or time.monotonic()) - self.began

    def idle(self) -> float:
        """Count the seconds since the service last spoke; none while it is being asked."""
        return 0.0 if self.busy or not self.open else time.monotonic() - self.touched

    def overdue(self) -> str:
        """Name the clock that has run out, if one has."""
        if self.elapsed() >= self.limits.session:
            return f"the session lasted {self.limits.session:g} s"
        return f"nothing was keyed for {self.limits.idle:g} s" if self.idle() >= self.limits.idle else ""

    def touch(self) -> None:
        """Start the person's clock: the service has spoken."""
        self.touched = time.monotonic()

    def end(self, status: str, error: str = "") -> None:
        """Close it."""
        self.state, self.status, self.error, self.ended = "ended", status, error, time.monotonic()

    def form(self) -> dict[str, str]:
        """Fill the five fields of a hop."""
        return {
            "phoneNumber": self.phone,
            "serviceCode": self.service_code,
            "text": self.text,
            "sessionId": self.id,
            "networkCode": self.network,
        }

    def plain(self) -> dict[str, Any]:
        """Give the session as a handset needs it."""
        reply = self.hops[-1].reply if self.hops else ""
        length = measure(reply)
        return {
            "session": self.id,
            "phone": self.phone,
            "code": self.service_code,
            "state": self.state,
            "status": self.status,
            "error": self.error,
            "screen": reply[4:],
            "septets": length.units,
            "alphabet": length.alphabet,
            "fits": length.alphabet == "gsm7" and length.units <= ROOM,
            "elapsed": round(self.elapsed(), 1),
            "idle": round(self.idle(), 1),
            "limits": vars(self.limits),
            "hops": [hop.plain() for hop in self.hops],
        }
