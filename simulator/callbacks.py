"""Posting to the service, as Africa's Talking posts, and noting how each post ended."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from simulator.witness import Witness, now_iso

LARGEST_ANSWER = 64 * 1024
CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


@dataclass(frozen=True)
class Answer:
    """What the service answered: a status with a body, or an error instead."""

    status: int | None = None
    body: str = ""
    error: str = ""
    ms: int = 0
    labels: str = field(default="", repr=False)  # the header at-ussd-hop-metadata


class Service:
    """The application under test, known only by the base address of its callbacks."""

    def __init__(self, base: str, witness: Witness, limit: float = 10.0) -> None:
        self._base = base.rstrip("/")
        self._witness = witness
        self._limit = limit

    def post(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """Post a form and give the answer; never raises."""
        began, at = time.monotonic(), now_iso()
        answer = self._attempt(path, fields, headers or {})
        answer = Answer(**{**asdict(answer), "ms": round((time.monotonic() - began) * 1000)})
        outcome = {"status": answer.status, "error": answer.error, "ms": answer.ms}
        self._witness.post({"path": path, "fields": dict(fields), "at": at, **outcome})
        return answer

    def _attempt(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        if not self._base:
            return Answer(error="no service is set (SIM_APP)")
        try:
            return self._exchange(f"{self._base}/{path}", urlencode(fields), headers)
        except TimeoutError:
            return Answer(error=f"no answer within {self._limit:g} s")
        except (OSError, http.client.HTTPException, ValueError) as fault:
            return Answer(error=f"{type(fault).__name__}: {fault}".rstrip(": "))

    def _exchange(self, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        place = urlsplit(url)
        deadline = time.monotonic() + self._limit
        connection = CONNECTIONS[place.scheme](place.netloc, timeout=self._limit)
        form = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "identity"}
        try:
            connection.request("POST", place.path, body.encode(), {**form, **headers})
            reply = connection.getresponse()
            return Answer(
                reply.status,
                read_within(reply, deadline).decode("utf-8"),
                labels=reply.headers.get("at-ussd-hop-metadata", ""),
            )
        finally:
            connection.close()


def read_within(reply: http.client.HTTPResponse, deadline: float) -> bytes:
    """Read the body, no longer than the deadline and no more than a screen could ever need."""
    body = bytearray()
    while chunk := reply.read1(8192):
        body += chunk
        if time.monotonic() > deadline:
            raise TimeoutError
        if len(body) > LARGEST_ANSWER:
            raise ValueError("the answer is too large")
    return bytes(body)


def describe(answer: Answer) -> dict[str, Any]:
    """Give the outcome of a post as plain data."""
    return {"status": answer.status, "body": answer.body, "error": answer.error, "ms": answer.ms}
