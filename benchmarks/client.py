"""A lean load client: many phones at once over kept connections, each answer checked before the next hop.

A process of its own, so that it takes nothing from the one that measures: `python -m benchmarks.client`
reads a Job as JSON from its input and writes a Tally as JSON.
"""

import json
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

HEAD_END = b"\r\n\r\n"
SILENCE = 15.0  # seconds without any answer, after which we give up
LATEST = 65536


@dataclass(frozen=True)
class Job:
    """What to play, where, and for how long."""

    host: str
    port: int
    path: str
    texts: list[str]  # the transcript of each hop, encoded for a form
    screens: list[str]  # how each answer must begin
    first: int  # the first phone's number, eight digits behind +2547
    connections: int
    seconds: float
    sessions: int = 0  # to play so many and no more; 0 is as many as there is time for


@dataclass
class Tally:
    """What came of it. Hops are those answered in time; sessions are whole ones, all of them."""

    hops: int = 0
    seconds: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    sessions: int = 0
    wrong: int = 0
    sample: str = ""

    @property
    def rate(self) -> float:
        """Hops a second."""
        return self.hops / self.seconds


@dataclass
class Play:
    """One run of a job: its requests prebuilt, its phones, and what has come of them."""

    job: Job
    began: float = field(default_factory=time.perf_counter)
    issued: int = 0
    waits: list[float] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        """Build all of a request that is the same for every phone."""
        self.before, self.after = zip(*map(self.around, self.job.texts), strict=True)
        self.screens = [screen.encode() for screen in self.job.screens]
        self.until = self.began + self.job.seconds

    def around(self, typed: str) -> tuple[bytes, bytes]:
        """What stands before and behind the session id and the phone in a hop's request."""
        after = f"&networkCode=63902&serviceCode=%2A384%2A22262%23&text={typed}"
        length = len("sessionId=") + len(session_of(0)) + len("&phoneNumber=") + len(phone_of(0)) + len(after)
        head = (
            f"POST {self.job.path} HTTP/1.1\r\nHost: {self.job.host}:{self.job.port}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\nsessionId="
        )
        return head.encode(), after.encode()

    def another(self) -> bool:
        """Whether one more session may begin."""
        more = not self.job.sessions or self.issued < self.job.sessions
        return more and time.perf_counter() < self.until

    def check(self, hop: int, head: bytes, body: bytes) -> bool:
        """Whether this answer is the right one for this hop; a wrong one is counted and the first kept."""
        if head.startswith(b"HTTP/1.1 200 ") and body.startswith(self.screens[hop]):
            return True
        self.tally.wrong += 1
        self.tally.sample = self.tally.sample or f"hop {hop}: {head[9:12].decode()} {body[:80].decode()}"
        return False

    def close(self) -> Tally:
        """Sum up."""
        waits = sorted(self.waits) or [0.0]
        self.tally.p50_ms = waits[len(waits) // 2] * 1000
        self.tally.p99_ms = waits[len(waits) * 99 // 100] * 1000
        return self.tally


class Line:
    """One kept connection, and the phone that speaks on it."""

    def __init__(self, play: Play) -> None:
        self.play, self.seen, self.hop, self.sent_at = play, b"", 0, 0.0
        self.socket = socket.create_connection((play.job.host, play.job.port), timeout=SILENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.middle = b""

    def dial(self) -> bool:
        """Begin another session, on a phone of its own; False where none may begin."""
        if not self.play.another():
            return False
        serial = self.play.job.first + self.play.issued
        self.play.issued += 1
        self.middle, self.hop = f"{session_of(serial)}&phoneNumber={phone_of(serial)}".encode(), 0
        self.ask()
        return True

    def ask(self) -> None:
        """Send the hop."""
        self.sent_at = time.perf_counter()
        self.socket.sendall(self.play.before[self.hop] + self.middle + self.play.after[self.hop])

    def hear(self) -> bool:
        """Take what has come; False once this phone has nothing more to say."""
        data = self.socket.recv(LATEST)
        self.seen += data
        head, end, body = self.seen.partition(HEAD_END)
        if not data:
            return self.play.check(self.hop, b"", b"hung up")
        if not end or len(body) < length_of(head):
            return True
        self.seen = b""
        return self.go_on(head, body)

    def go_on(self, head: bytes, body: bytes) -> bool:
        """Count an answer, and send the next hop or begin the next session."""
        play, now = self.play, time.perf_counter()
        if now <= play.until:
            play.tally.hops += 1
            play.tally.seconds = now - play.began
            play.waits.append(now - self.sent_at)
        if not play.check(self.hop, head, body):
            return self.dial()
        self.hop += 1
        if self.hop < len(play.screens):
            self.ask()
            return True
        play.tally.sessions += 1
        return self.dial()


def length_of(head: bytes) -> int:
    """The length of the body that an answer's head announces; LATEST where it does not say."""
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else LATEST


def session_of(serial: int) -> str:
    """A session id as Africa's Talking makes them, of a fixed length."""
    return f"ATUid_{serial:032x}"


def phone_of(serial: int) -> str:
    """A Kenyan mobile number, encoded for a form."""
    return f"%2B2547{serial:08d}"


def run(job: Job) -> Tally:
    """Play a job to its end: sessions under way when its time is over are finished."""
    play = Play(job)
    with selectors.DefaultSelector() as selector:
        for line in [Line(play) for _ in range(job.connections)]:
            if line.dial():
                selector.register(line.socket, selectors.EVENT_READ, line)
        while selector.get_map():
            ready = selector.select(SILENCE)
            if not ready:
                play.check(0, b"", b"silence")
                break
            for key, _ in ready:
                if not key.data.hear():
                    selector.unregister(key.fileobj)
    return play.close()


def read(text: str) -> Job:
    """A job from JSON."""
    plain: dict[str, Any] = json.loads(text)
    return Job(**plain)


if __name__ == "__main__":
    print(json.dumps(asdict(run(read(sys.stdin.read())))))
