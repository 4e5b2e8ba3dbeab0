"""No test leaves this machine: a look-up or a connection to anywhere else is a fault of the test."""

import ipaddress
import socket
import sys
from typing import Any

import pytest

LOCAL_NAMES = ("", "localhost")


class NetworkForbidden(AssertionError):
    """A test tried to leave this machine."""


def pytest_configure(config: pytest.Config) -> None:
    """Watch every socket that Python opens in this process, for as long as it lives."""
    sys.addaudithook(guard)


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse a look-up or a connection to another machine."""
    if event == "socket.getaddrinfo":
        refuse_name(arguments[0])
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        refuse_name(arguments[1][0])


def refuse_name(host: str | bytes | None) -> None:
    """Refuse a host that is not ours; a name under `.invalid` is unknown, as it is everywhere."""
    name = host.decode() if isinstance(host, bytes) else host or ""
    if name.endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    if not is_local(name):
        raise NetworkForbidden(f"tests use no network, and this one wanted {name}")


def is_local(name: str) -> bool:
    """Whether this names the machine itself."""
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return name in LOCAL_NAMES
    return address.is_loopback or address.is_unspecified
