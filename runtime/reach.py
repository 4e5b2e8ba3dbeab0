"""Whether an address is free to listen on, and whether one answers."""

import http.client
import socket
import sys
from urllib.parse import urlsplit

from runtime.servers import ServerFault


def hold_port(host: str, port: int) -> socket.socket:
    """The web's port, ours until the socket is closed; raises ServerFault if somebody has it.

    The socket never listens: the web server, which would share a taken port without a word, joins it there,
    and nobody else gets in between while the tables are made or while the web starts again.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = socket.socket(family)
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
        if sys.platform == "linux":  # elsewhere the web does not share its port
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            held.bind((host, port))
    except OSError as fault:
        held.close()
        raise ServerFault(
            f"Cannot listen on {host or 'any address'} port {port}: {fault.strerror}. "
            "Choose another: make run CP2_PORT=8001 CP2_DATA_DIR=var2"
        ) from None
    return held


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
