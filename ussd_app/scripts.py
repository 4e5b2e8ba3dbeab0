"""Commands and Lua scripts over redis-py's connections, without the client around them.

The client's pool, retries and hooks cost more than the call itself (about 50 of 90 µs), twice a hop, and its
connection polls the socket before each send and each receive. What is left is a connection that the same
library opened, taken from a stack and put back; after any error it is closed.
"""

import hashlib
import socket
import ssl
import struct
import time
from collections import deque
from typing import Any

import hiredis
import redis
from redis.exceptions import NoScriptError

# A wire that rested this long is asked whether its other end still lives. One that is cut and used again
# within this time costs a hop, which is told to dial again.
REST_SECONDS = 0.05
MOST_READ = 64 * 1024  # bytes taken from the socket at once
NOT_YET = object()


class Wire:
    """A connection with its handshake behind it, whose socket and answers are ours."""

    def __init__(self, connection: Any) -> None:
        connection.connect()
        self.connection, self.socket = connection, connection._sock
        self.reader = hiredis.Reader(
            protocolError=redis.InvalidResponse,
            replyError=connection._parser.parse_error,
            notEnoughData=NOT_YET,
        )
        self.rested_since = time.monotonic()
        limit_by_kernel(self.socket, connection.socket_timeout)

    def ask(self, *commands: tuple[Any, ...]) -> list[Any]:
        """The answers of several commands, sent at once and run in this order; raises a RedisError."""
        try:
            self.socket.sendall(b"".join([hiredis.pack_command(command) for command in commands]))
            return [self.answer() for _ in commands]
        except (BlockingIOError, TimeoutError):
            raise redis.TimeoutError("Redis did not answer in time") from None
        except OSError as error:
            raise redis.ConnectionError(type(error).__name__) from None

    def answer(self) -> Any:
        """The next answer; an error that Redis answered is raised."""
        while (answer := self.reader.gets()) is NOT_YET:
            came = self.socket.recv(MOST_READ)
            if not came:
                raise redis.ConnectionError("Redis closed the connection")
            self.reader.feed(came)
        if isinstance(answer, redis.RedisError):
            raise answer
        return answer

    def gone(self) -> bool:
        """Whether the other side closed while the wire rested: it has something to say unasked."""
        if time.monotonic() - self.rested_since < REST_SECONDS:
            return False
        try:
            return bool(self.connection.can_read(timeout=0))
        except (redis.ConnectionError, OSError):
            return True


class Scripts:
    """Runs commands for the threads of one process; never repeats one by itself."""

    def __init__(self, client: redis.Redis) -> None:
        self.pool = client.connection_pool
        self.idle: deque[Wire] = deque()

    def run(self, script: "Script", *args: Any) -> Any:
        """The script's answer; raises a RedisError, after which nobody knows whether it ran.

        It is called by its hash; where Redis does not know that (any more), by its text, on another wire.
        """
        try:
            return self.together(("EVALSHA", script.sha, *args))[0]
        except NoScriptError:
            return self.together(("EVAL", script.text, *args))[0]

    def together(self, *commands: tuple[Any, ...]) -> list[Any]:
        """The answers of several commands, sent at once and run in this order.

        A wire with more to say than it was asked is let go: the next one who asks might be another phone.
        """
        wire = self.take()
        try:
            answers = wire.ask(*commands)
        except BaseException:
            wire.connection.disconnect()
            raise
        if wire.reader.has_data():
            wire.connection.disconnect()
        else:
            wire.rested_since = time.monotonic()
            self.idle.append(wire)
        return answers

    def take(self) -> Wire:
        """A wire that is open: the one put back last, else a new one."""
        while self.idle:
            wire = self.idle.pop()
            if not wire.gone():
                return wire
            wire.connection.disconnect()
        return Wire(self.pool.connection_class(**self.pool.connection_kwargs))


class Script:
    """A script's text and the hash that Redis knows it by."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def limit_by_kernel(connected: socket.socket, seconds: float | None) -> None:
    """Let each call end after so many seconds, with BlockingIOError, without Python polling before it.

    TLS keeps Python's limit: beneath it a call that the kernel ended would only begin again, for ever.
    """
    if isinstance(connected, ssl.SSLSocket):
        return
    connected.settimeout(None)
    limit = struct.pack("ll", *divmod(round((seconds or 0.0) * 1_000_000), 1_000_000))  # a timeval; 0 is none
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
