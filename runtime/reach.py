"""Whether an address is free to listen on, and whether one answers."""

import http.client
import socket
from urllib.parse import urlsplit

from runtime.servers import ServerFault


def check_port(host: str, port: int) -> None:
    """Raise ServerFault if the web's port is taken: the web server itself would share it without a word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise ServerFault(
                f"Cannot listen on {host or 'any address'} port {port}: {fault.strerror}. "
                "Choose another: make run CP2_PORT=8001 CP2_DATA_DIR=var2"
            ) from None


def status(address: str) -> int | None:
    """The HTTP status that an address answers, or None where nobody answers."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2.0)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
