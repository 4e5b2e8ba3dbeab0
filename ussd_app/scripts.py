"""Commands and Lua scripts over redis-py's connections, without the client around them.

The client's pool, retries and hooks cost more than the call itself (about 50 of 90 µs), twice a hop. What is
left is a connection of the same library, taken from a stack and put back; after any error it is closed.
"""

import hashlib
from collections import deque
from typing import Any

import redis
from redis.exceptions import NoScriptError


class Scripts:
    """Runs commands for the threads of one process; never repeats one by itself."""

    def __init__(self, client: redis.Redis) -> None:
        self.pool = client.connection_pool
        self.idle: deque[Any] = deque()

    def run(self, script: "Script", *args: Any) -> Any:
        """The script's answer; raises a RedisError, after which nobody knows whether it ran."""
        connection = self.take()
        try:
            answer = self.ask(connection, script, args)
        except BaseException:
            connection.disconnect()
            raise
        self.idle.append(connection)
        return answer

    def together(self, *commands: tuple[Any, ...]) -> list[Any]:
        """The answers of several commands, sent at once and run in this order."""
        connection = self.take()
        try:
            connection.send_packed_command(connection.pack_commands(commands))
            answers = [connection.read_response() for _ in commands]
        except BaseException:
            connection.disconnect()
            raise
        self.idle.append(connection)
        return answers

    def take(self) -> Any:
        """A connection that is open: the one put back last, else a new one."""
        while self.idle:
            connection = self.idle.pop()
            if not gone(connection):
                return connection
            connection.disconnect()
        fresh: Any = self.pool.connection_class(**self.pool.connection_kwargs)
        fresh.connect()
        return fresh

    def ask(self, connection: Any, script: "Script", args: tuple[Any, ...]) -> Any:
        """Call the script by its hash; where Redis does not know it (any more), by its text."""
        try:
            connection.send_command("EVALSHA", script.sha, *args)
            return connection.read_response()
        except NoScriptError:
            connection.send_command("EVAL", script.text, *args)
            return connection.read_response()


def gone(connection: Any) -> bool:
    """Whether the other side closed while the connection rested: it has something to say unasked."""
    try:
        return bool(connection.can_read(timeout=0))
    except (redis.ConnectionError, OSError):
        return True


class Script:
    """A script's text and the hash that Redis knows it by."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
