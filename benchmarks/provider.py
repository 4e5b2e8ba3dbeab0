"""A loopback Africa's Talking for measuring: answers each send after a while, and counts what it took.

A process of its own: `python -m benchmarks.provider <port>`. `POST /reset` sets how it behaves, `GET /log`
tells what it saw; it is the witness that shares no code with the product.
"""

import asyncio
import itertools
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

STATUSES = {200: "OK", 201: "Created", 429: "Too Many Requests", 500: "Internal Server Error"}
WORDS = {101: "Success", 403: "InvalidPhoneNumber", 501: "GatewayError"}
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Conduct:
    """What is done with one request to send."""

    takes: bool = True
    status: int = 201
    code: int = 101
    hangs_up: bool = False
    late: float = 0.0  # seconds more than usual


GOOD = Conduct()
# Each as likely as the others; the share of all of them together is asked for.
FAULTS = (
    Conduct(takes=False, status=500),
    Conduct(status=500),
    Conduct(takes=False, hangs_up=True),
    Conduct(hangs_up=True),
    Conduct(takes=False, status=429),
    Conduct(takes=False, code=403),
    Conduct(takes=False, code=501),
    Conduct(late=3.0),
)


@dataclass
class Book:
    """How the provider behaves now, and all it saw since it was told to."""

    latency: float = 0.0
    faults: float = 0.0  # the share of requests that go wrong
    chance: random.Random = field(default_factory=random.Random)
    posts: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    ids: "itertools.count[int]" = field(default_factory=itertools.count)

    def reset(self, latency: float, faults: float, seed: int) -> None:
        """Behave like this from now on, and forget what was seen."""
        self.latency, self.faults, self.chance = latency, faults, random.Random(seed)
        self.posts.clear()
        self.taken.clear()

    def conduct(self) -> Conduct:
        """What will be done with the next request."""
        return self.chance.choice(FAULTS) if self.chance.random() < self.faults else GOOD

    def take(self, conduct: Conduct, phones: list[str]) -> bytes:
        """Note a request to send, and word its answer."""
        self.posts.update(phones)
        if conduct.takes:
            self.taken.update(phones)
        entries = [self.entry(conduct.code, phone) for phone in phones]
        tally = f"Sent to {len(phones) if conduct.takes else 0}/{len(phones)} Total Cost: KES 0.8000"
        return answer(conduct.status, {"SMSMessageData": {"Message": tally, "Recipients": entries}})

    def entry(self, code: int, phone: str) -> dict[str, Any]:
        """One recipient of the answer."""
        known = {"messageId": f"ATXid_{next(self.ids)}", "cost": "KES 0.8000"}
        lost = {"messageId": "None", "cost": "0"}
        return {
            "statusCode": code,
            "number": phone,
            "status": WORDS[code],
            **(known if code == 101 else lost),
        }


def answer(status: int, data: object) -> bytes:
    """A whole HTTP answer."""
    body = json.dumps(data).encode() if status < 300 else b"no"
    kind = "application/json" if status < 300 else "text/plain"
    more = "Retry-After: 0\r\n" if status == 429 else ""
    head = f"HTTP/1.1 {status} {STATUSES[status]}\r\nContent-Type: {kind}\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Line(asyncio.Protocol):
    """One kept connection; requests come on it one after the other."""

    transport: asyncio.Transport

    def __init__(self, book: Book) -> None:
        self.book, self.seen = book, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        if isinstance(transport, asyncio.Transport):
            self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Act on a request once all of it is there."""
        self.seen += data
        head, end, body = self.seen.partition(HEAD_END)
        if end and len(body) >= length_of(head):
            self.seen = b""
            self.act(head.split(b" ", 2)[1], body)

    def act(self, path: bytes, body: bytes) -> None:
        """Answer one request."""
        if path == b"/log":
            self.transport.write(answer(200, {"posts": self.book.posts, "taken": self.book.taken}))
        elif path == b"/reset":
            self.book.reset(**json.loads(body))
            self.transport.write(answer(200, {}))
        else:
            self.send(parse_qs(body.decode())["to"][0].split(","))

    def send(self, phones: list[str]) -> None:
        """Take one request to send now, and answer it after the usual time."""
        conduct = self.book.conduct()
        reply = self.book.take(conduct, phones)
        loop = asyncio.get_running_loop()
        loop.call_later(self.book.latency + conduct.late, self.close, reply, conduct.hangs_up)

    def close(self, reply: bytes, hangs_up: bool) -> None:
        """Answer, or hang up without a word."""
        if hangs_up:
            self.transport.abort()
        else:
            self.transport.write(reply)


def length_of(head: bytes) -> int:
    """The length of the body that a request's head announces."""
    found = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return int(found[0].partition(b":")[2]) if found else 0


async def serve(port: int) -> None:
    """Answer on the loopback interface for ever."""
    book = Book()
    server = await asyncio.get_running_loop().create_server(
        lambda: Line(book), "127.0.0.1", port, backlog=1024
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
