"""One open connection, and an answer on its way to it."""

import contextlib
import json
import os
import socket
import struct
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class Reply:
    """An HTTP answer before it is sent."""

    status: int = 200
    body: bytes = b""
    media: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    announce_length: bool = True

    def head(self) -> bytes:
        """Write the status line and the headers, without the blank line that ends them."""
        phrase = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else "Unknown"
        lines = [f"HTTP/1.1 {self.status} {phrase}", f"Content-Type: {self.media}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.announce_length:
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n").encode("latin-1")


def reply_json(data: Any, status: int = 200) -> Reply:
    """Answer with data."""
    return Reply(status, json.dumps(data, ensure_ascii=False).encode())


class Wire:
    """A connection that can be answered well or badly."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.spent = False  # nothing more may be sent or read on it

    def answer(self, reply: Reply) -> None:
        """Send a whole answer in one piece."""
        self.send(reply.head() + b"\r\n" + reply.body)

    def send(self, data: bytes) -> bool:
        """Send some bytes; say whether the other side still takes them."""
        try:
            self._connection.sendall(data)
        except OSError:
            self.spent = True
        return not self.spent

    def hold(self, seconds: float) -> None:
        """Wait, but no longer than the other side does."""
        self._connection.settimeout(seconds)
        with contextlib.suppress(OSError):
            self.spent = self._connection.recv(1, socket.MSG_PEEK) == b""
        with contextlib.suppress(OSError):
            self._connection.settimeout(None)

    def close(self) -> None:
        """Let the connection end after this."""
        self.spent = True

    def reset(self) -> None:
        """Cut the connection so that the other side sees a reset."""
        self.spent = True
        linger = struct.pack("ii", 1, 0)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        os.close(self._connection.detach())
