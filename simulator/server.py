"""The simulator's HTTP server: a thread for each connection, on loopback only."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simulator.dialling import BadCode, NoSession
from simulator.faults import BadRule
from simulator.network import Network
from simulator.routes import API, ROUTES, Request
from simulator.wire import Reply, Wire, reply_json

LARGEST_REQUEST = 4 * 1024 * 1024
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
REFUSALS: dict[type[Exception], int] = {
    BadRule: 400,
    BadCode: 404,
    NoSession: 409,
    KeyError: 400,
    TypeError: 400,
    ValueError: 400,
}


class Server(ThreadingHTTPServer):
    """The listening side; hundreds of connections may be held at once."""

    request_queue_size = 1024
    daemon_threads = True
    block_on_close = False

    def __init__(self, network: Network, port: int) -> None:
        self.network = network
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def address(self) -> str:
        """The address of the handset."""
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def handle_request(self) -> None:
        """Find the route, follow it, and answer."""
        wire = Wire(self.connection)
        place = urlsplit(self.path)
        reply = self._follow((self.command, place.path), place.query, wire)
        if reply is not None:
            wire.answer(reply)
        self.close_connection = self.close_connection or wire.spent

    do_GET = do_POST = do_DELETE = handle_request

    def _follow(self, key: tuple[str, str], query: str, wire: Wire) -> Reply | None:
        route = ROUTES.get(key)
        body = self._body()
        if body is None:
            self.close_connection = True
            return reply_json({"error": "the body is too large, or has no length"}, 413)
        if route is None or (key not in API and not self._is_local()):
            return reply_json({"error": "there is nothing here"}, 404)
        request = Request(pairs(query), pairs(body.decode("utf-8", "replace")), body, self.headers, wire)  # type: ignore[arg-type]
        try:
            return route(self.server.network, request)
        except tuple(REFUSALS) as refusal:
            return reply_json({"error": explain(refusal)}, status_of(refusal))

    def _body(self) -> bytes | None:
        if "Transfer-Encoding" in self.headers:
            return None
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length <= LARGEST_REQUEST else None

    def _is_local(self) -> bool:
        # A page of another site could otherwise reach the phones through a name that it points here.
        host = self.headers.get("Host") or ""
        return host.rpartition(":")[0] in LOOPBACK or host in LOOPBACK

    def log_message(self, format: str, *args: Any) -> None:
        """Write no access log: the witness keeps what matters."""


def pairs(encoded: str) -> dict[str, str]:
    """Read a form or a query; blanks are kept."""
    return dict(parse_qsl(encoded, keep_blank_values=True))


def status_of(refusal: Exception) -> int:
    """Find the status for a refusal."""
    return next(status for kind, status in REFUSALS.items() if isinstance(refusal, kind))


def explain(refusal: Exception) -> str:
    """Word a refusal."""
    return f"{refusal} is missing" if isinstance(refusal, KeyError) else str(refusal)
