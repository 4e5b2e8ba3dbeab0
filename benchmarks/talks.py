"""A load client for talks that are each their own: one post or some that follow each other, answers checked.

A process of its own, like `benchmarks.client`: `python -m benchmarks.talks` reads a Load as JSON from its
input and writes a Heard as JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, NamedTuple

from benchmarks.client import HEAD_END, SILENCE, length_of
from benchmarks.figure import Wrong
from benchmarks.ground import module
from benchmarks.load import finish

LATER = 1.0  # seconds until a post comes again that could not be kept; Africa's Talking waits for 60
SENT_AWAY, SESSION = "Please dial again", "sessionId=ATUid_"
MOST_DIALS = 5  # of one talk: more is no misfortune any more


class Post(NamedTuple):
    """One request, and a piece of the answer it must have; nothing is for an answer without words."""

    kind: str  # under which it is counted
    path: str
    body: str
    answer: str


Talk = Sequence[Post]
Ask = Callable[[Post], Awaitable[tuple[bytes, str]]]


@dataclass(frozen=True)
class Load:
    """What is posted, where, and on how many connections."""

    host: str
    port: int
    connections: int
    talks: Sequence[Talk]


@dataclass
class Heard:
    """What came of it: how long each post of a kind took, in seconds, and the first wrong answer."""

    seconds: float = 0.0
    later: int = 0  # posts that were answered 503, and came again as Africa's Talking makes them come
    redialled: int = 0  # sessions that were sent away, and played again from their dial
    wrong: int = 0
    sample: str = ""
    waits: dict[str, list[float]] = field(default_factory=dict)

    def p95_ms(self, *kinds: str) -> float:
        """What 95 of 100 posts of these kinds took at most; 0 where there were none."""
        waits = sorted(wait for kind in kinds for wait in self.waits.get(kind, ()))
        return 1000 * waits[len(waits) * 95 // 100] if waits else 0.0


def play(load: Load, limit: float) -> Heard:
    """Play every talk in a process of its own; raises Wrong where an answer was."""
    told = finish(module("benchmarks.talks"), limit, job=json.dumps(asdict(load)))
    heard = Heard(**json.loads(told.stdout))
    if heard.wrong:
        raise Wrong(f"{heard.wrong} wrong answers, such as: {heard.sample}")
    return heard


async def run(load: Load) -> Heard:
    """Play every talk, so many at once."""
    heard, began, left = Heard(), time.perf_counter(), iter(load.talks)
    await asyncio.gather(*(line(load, left, heard) for _ in range(load.connections)))
    heard.seconds = time.perf_counter() - began
    return heard


async def line(load: Load, left: Iterator[Talk], heard: Heard) -> None:
    """One kept connection, on which one talk after the other is played."""
    reader, writer = await asyncio.open_connection(load.host, load.port)
    for talk in left:
        post = partial(ask, load, reader=reader, writer=writer, heard=heard)
        dialled = [redial(talk, times) for times in range(MOST_DIALS)]
        while await sent_away(dialled.pop(0), post, heard, last=not dialled):
            heard.redialled += 1
            await asyncio.sleep(LATER)
    writer.close()


async def sent_away(talk: Talk, ask: Ask, heard: Heard, *, last: bool) -> bool:
    """Play a talk; whether it ended with the request to dial again, as where the database was too slow."""
    for post in talk:
        while b" 503 " in (answer := await ask(post))[0]:
            heard.later += 1
            await asyncio.sleep(LATER)
        if answer[1].startswith("END ") and SENT_AWAY in answer[1] and not last:
            return True
        if not right(post, *answer):
            heard.wrong += 1
            heard.sample = heard.sample or f"{post.body}: {answer[0][9:12].decode()} {answer[1]}"
            break
    return False


def redial(talk: Talk, times: int) -> Talk:
    """The same talk in another session, so many dials later."""
    return [post._replace(body=post.body.replace(SESSION, SESSION + "9" * times, 1)) for post in talk]


async def ask(
    load: Load, post: Post, *, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Heard
) -> tuple[bytes, str]:
    """Post, and wait for the answer: its head and body."""
    began = time.perf_counter()
    writer.write(request(load, post))
    async with asyncio.timeout(SILENCE):
        head = await reader.readuntil(HEAD_END)
        body = await reader.readexactly(length_of(head))
    heard.waits.setdefault(post.kind, []).append(time.perf_counter() - began)
    return head, body.decode()


def request(load: Load, post: Post) -> bytes:
    """The whole request."""
    head = (
        f"POST {post.path} HTTP/1.1\r\nHost: {load.host}:{load.port}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(post.body)}\r\n\r\n"
    )
    return head.encode() + post.body.encode()


def right(post: Post, head: bytes, body: str) -> bool:
    """Whether this is the answer that it must be."""
    return head.startswith(b"HTTP/1.1 200 ") and (post.answer in body if post.answer else not body)


def read(text: str) -> Load:
    """A load from JSON."""
    plain: dict[str, Any] = json.loads(text)
    talks: Iterable[Iterable[Iterable[str]]] = plain.pop("talks")
    return Load(**plain, talks=[[Post(*post) for post in talk] for talk in talks])


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(run(read(sys.stdin.read()))))))
