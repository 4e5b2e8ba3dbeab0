"""The messages each phone has received."""

import threading
from typing import Any

from simulator.septets import measure
from simulator.subscribers import canonical
from simulator.witness import Sending


class Inbox:
    """Every phone's received messages, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, list[dict[str, Any]]] = {}

    def deliver(self, sending: Sending) -> None:
        """Put a message that was sent into the phone it is for."""
        facts = {"id": sending.id, "at": sending.at, "from": sending.sender, "text": sending.text}
        with self._lock:
            received = self._messages.setdefault(canonical(sending.phone), [])
            received.append({**facts, **measure(sending.text).plain()})

    def read(self, phone: str) -> list[dict[str, Any]]:
        """List what a phone has received."""
        with self._lock:
            return list(self._messages.get(canonical(phone), ()))

    def clear(self) -> None:
        """Empty every phone."""
        with self._lock:
            self._messages.clear()
