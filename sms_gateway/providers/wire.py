"""HTTP as a payer of SMS needs it: kept connections, one deadline for all, and was anything sent at all.

It is urllib3 without `requests` around it, two thirds of the work for each message. A timeout there is the
time between two bytes, and a reply that drips could hold a thread for ever; here a read gets what is left.
"""

import io
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlencode

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

LARGEST_REPLY = 64 * 1024
CONNECT_SECONDS = 3.05


@dataclass
class Flight:
    """One exchange under way: when it must be over, and whether a byte of the request has left."""

    deadline: float
    departed: bool = False

    def left(self) -> float:
        """Seconds before the deadline; raises TimeoutError past it."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the deadline is over")
        return seconds


flight: ContextVar[Flight] = ContextVar("flight")


class NoReply(Exception):
    """There was no whole answer; `departed` tells whether the request may have arrived."""

    def __init__(self, reason: str, *, departed: bool, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.departed = departed
        self.status = status


@dataclass(frozen=True)
class Reply:
    """A whole HTTP answer, whatever its status."""

    status: int
    media: str
    body: bytes = field(repr=False)
    retry_after: float | None = None


class Stream(io.RawIOBase):
    """A socket's incoming bytes, each read allowed no more time than the flight has left."""

    def __init__(self, sock: Any, under_way: Flight) -> None:
        self._sock = sock
        self._flight = under_way
        self._source = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there, or wait for it within the deadline."""
        self._sock.settimeout(self._flight.left())
        count: int | None = self._source.readinto(buffer)
        return count

    def close(self) -> None:
        """Let go of the socket."""
        self._source.close()
        super().close()


class Hasty(HTTPResponse):
    """An answer read under the deadline of its flight, its headers too."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(Stream(sock, flight.get()))


class Departing(HTTPConnection):
    """A connection that notes when the first byte of a request leaves."""

    response_class = Hasty

    def send(self, data: Any) -> None:
        """Connect if need be (nothing has left until then), and send."""
        if self.sock is None:
            self.connect()
        flight.get().departed = True
        super().send(data)


class SecureDeparting(Departing, HTTPSConnection):
    """The same by https."""


class PlainPool(HTTPConnectionPool):
    """Kept connections by http."""

    ConnectionCls = Departing


class SecurePool(HTTPSConnectionPool):
    """Kept connections by https."""

    ConnectionCls = SecureDeparting


def open_pool(connections: int) -> urllib3.PoolManager:
    """Open a pool for so many threads: certificates checked, no proxies, no redirects, no retries.

    Make it after the process has forked.
    """
    pool = urllib3.PoolManager(num_pools=2, maxsize=connections, ca_certs=certifi.where())
    pool.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return pool


def exchange(
    pool: urllib3.PoolManager,
    method: str,
    url: str,
    headers: Mapping[str, str],
    data: Mapping[str, Any] | None,
    seconds: float,
) -> Reply:
    """Send one form and read the whole answer within so many seconds; raises NoReply."""
    under_way = Flight(time.monotonic() + seconds)
    token = flight.set(under_way)
    form = {"Content-Type": "application/x-www-form-urlencoded"} if data is not None else {}
    body = urlencode(data).encode() if data is not None else None
    timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds)
    options: dict[str, Any] = {"retries": False, "redirect": False, "preload_content": False}
    try:
        response = pool.request(
            method, url, body=body, headers={**headers, **form}, timeout=timeout, **options
        )
        return read_whole(response)
    except (urllib3.exceptions.HTTPError, HTTPException, OSError) as fault:
        raise NoReply(type(fault).__name__, departed=under_way.departed) from None
    finally:
        flight.reset(token)


def read_whole(response: urllib3.BaseHTTPResponse) -> Reply:
    """Read the answer to its end and give the connection back; one too large or broken is cut off."""
    try:
        body = response.read(LARGEST_REPLY + 1, decode_content=True)
    except BaseException:
        response.close()
        raise
    if len(body) > LARGEST_REPLY:
        response.close()
        raise NoReply("too large", departed=True, status=response.status)
    response.release_conn()
    media = response.headers.get("content-type", "").split(";")[0].strip().lower()
    return Reply(response.status, media, body, seconds_of(response.headers.get("retry-after")))


def seconds_of(header: str | None) -> float | None:
    """Read Retry-After where it is a number of seconds; a date there would be of another machine's clock."""
    text = (header or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
