"""The private servers of one data folder: PostgreSQL and Valkey as children that never outlive us."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from runtime.children import TICK
from runtime.folder import Folder
from runtime.postgres import Postgres
from runtime.servers import READY_SECONDS, Server, ServerFault
from runtime.valkey import Valkey


class Embedded:
    """PostgreSQL and Valkey of one data folder, for as long as this process lives.

    Start it in the main thread. `durable=False` trades safety against a power cut for speed, for tests.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        redis_url: str = "",
        say: Callable[[str], None] = print,
    ) -> None:
        self.folder, self.given_redis_url, self.say = Folder(data_dir), redis_url, say
        self.postgres = Postgres(self.folder, durable=durable, say=say)
        self.valkey = Valkey(self.folder, durable=durable)

    @property
    def servers(self) -> tuple[Server, ...]:
        """The servers in the order of their start; no Valkey of ours where an address is given."""
        return (self.postgres,) if self.given_redis_url else (self.postgres, self.valkey)

    @property
    def database_url(self) -> str:
        """The address of the database."""
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        """The address of Redis."""
        return self.given_redis_url or self.valkey.url

    def begin(self) -> None:
        """Claim the folder and start both at once; raises Held if another start uses the folder."""
        self.folder.claim(self.say)
        for server in self.servers:
            self.folder.open_log(server.name, fresh=True).close()
        with self.stopped_on_error():
            for server in self.servers:
                server.begin()

    def ready(self) -> bool:
        """Whether both answer; leaves their addresses when they do. Raises ServerFault if one has ended."""
        if not all(server.ready() for server in self.servers):
            return False
        self.folder.leave_address("database_url", self.database_url)
        if not self.given_redis_url:
            self.folder.leave_address("redis_url", self.redis_url)
        return True

    def start(self) -> None:
        """Start both servers and wait until they answer; raises ServerFault with the reason if not."""
        self.begin()
        limit = time.monotonic() + READY_SECONDS
        with self.stopped_on_error():
            while not self.ready():
                if time.monotonic() > limit:
                    raise ServerFault(f"The servers did not answer within {READY_SECONDS:.0f} s.")
                time.sleep(TICK)

    def stop(self) -> None:
        """Stop both in good order and let the folder go; without a claim to it there is nothing to stop."""
        if self.folder.lock is None:
            return
        self.folder.forget_addresses()
        for server in reversed(self.servers):
            server.stop()
        self.folder.release()

    @contextlib.contextmanager
    def stopped_on_error(self) -> Iterator[None]:
        """Leave nothing behind when a start fails."""
        try:
            yield
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
