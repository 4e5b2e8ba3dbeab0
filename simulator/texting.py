"""Texts that people send to the short code, posted again until the service takes them."""

import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from simulator.callbacks import Service
from simulator.septets import measure
from simulator.subscribers import HOME_NETWORK, canonical
from simulator.timetable import Timetable

PATIENCE = 12 * 3600


@dataclass
class Text:
    """One text on its way to the service."""

    fields: dict[str, str]
    began: float
    state: str = "sending"
    tries: int = 0
    answers: list[int | None] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Give the text as plain data."""
        facts = {"state": self.state, "tries": self.tries, "answers": list(self.answers)}
        return {**self.fields, **facts, **measure(self.fields["text"]).plain()}


class Postbox:
    """Texts from phones, as the gateway forwards them."""

    def __init__(self, service: Service, timetable: Timetable, shortcode: str, repost: float) -> None:
        self._service = service
        self._timetable = timetable
        self._shortcode = shortcode
        self._repost = repost
        self._lock = threading.Lock()
        self._texts: list[Text] = []

    def send(self, data: Any) -> list[dict[str, Any]]:
        """Take one text, or several under `messages`; `duplicates` and `shuffle` say how to post them."""
        written = data.get("messages", [data])
        texts = [Text(self._fields(one), time.monotonic()) for one in written]
        with self._lock:
            self._texts.extend(texts)
        posts = [text for text in texts for _ in range(1 + int(data.get("duplicates", 0)))]
        if data.get("shuffle"):
            random.shuffle(posts)
        for text in posts:
            self._timetable.after(0, lambda text=text: self._post(text))  # type: ignore[misc]
        return [text.plain() for text in texts]

    def sent(self, phone: str) -> list[dict[str, Any]]:
        """List what a phone has sent, oldest first."""
        phone = canonical(phone)
        with self._lock:
            return [text.plain() for text in self._texts if canonical(text.fields["from"]) == phone]

    def fetch(self, last: str) -> list[dict[str, str]]:
        """List the texts after the one with this id, as the fetch call of the API does."""
        with self._lock:
            fields = [text.fields for text in self._texts]
        ids = [one["id"] for one in fields]
        return fields[ids.index(last) + 1 if last in ids else 0 :]

    def clear(self) -> None:
        """Forget every text; those not yet taken are posted no more."""
        with self._lock:
            for text in self._texts:
                text.state = "forgotten"
            self._texts.clear()

    def _fields(self, one: dict[str, Any]) -> dict[str, str]:
        sender = str(one["from"])
        usual = {
            "linkId": one.get("linkId"),
            "text": one["text"],
            "to": one.get("to") or self._shortcode,
            "id": one.get("id") or uuid.uuid4(),
            "date": one.get("date") or f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}",
            "from": sender if one.get("raw") else canonical(sender),
            "networkCode": one.get("network") or HOME_NETWORK,
        }
        return {name: str(value) for name, value in usual.items() if value is not None}

    def _post(self, text: Text) -> None:
        if text.state == "forgotten":
            return
        answer = self._service.post("sms", text.fields)
        with self._lock:
            text.tries += 1
            text.answers.append(answer.status)
            text.state = next_state(text, answer.status)
            again = text.state == "waiting"
        if again:
            self._timetable.after(self._repost, lambda: self._post(text))


def next_state(text: Text, status: int | None) -> str:
    """Say where a text stands after one more post."""
    if text.state in ("delivered", "forgotten") or status == 200:
        return "forgotten" if text.state == "forgotten" else "delivered"
    return "waiting" if time.monotonic() - text.began < PATIENCE else "expired"
