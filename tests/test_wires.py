"""The wires of the hop path to Redis: what one that was cut, stands still or answers an error does to the next."""

import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress

import pytest
import redis

from runtime.embedded import Embedded
from runtime.stores import Stores, open_redis
from tests.processes import wait_until
from ussd_app.scripts import REST_SECONDS, Script, Scripts

ECHO = Script("return ARGV[1]")
# Without certificates, which is enough for a test of deadlines.
CIPHER = "AECDH-AES256-SHA:@SECLEVEL=0"


@pytest.fixture
def scripts(stores: Stores) -> Iterator[Scripts]:
    """Scripts on this worker's Valkey."""
    scripts = Scripts(stores.redis)
    yield scripts
    for wire in scripts.idle:
        wire.connection.disconnect()


def names(scripts: Scripts) -> list[int]:
    """How Redis names the connections that rest."""
    return [wire.ask(("CLIENT", "ID"))[0] for wire in scripts.idle]


@contextmanager
def tls_before(path: str) -> Iterator[str]:
    """The address of a TLS server that hands on whatever comes to the socket at this path."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHER)
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=receive, args=(door, context, path), daemon=True).start()
        port = door.getsockname()[1]
        try:
            yield f"rediss://127.0.0.1:{port}?ssl_cert_reqs=none&ssl_check_hostname=false&ssl_ciphers={CIPHER}"
        finally:
            door.shutdown(socket.SHUT_RDWR)


def receive(door: socket.socket, context: ssl.SSLContext, path: str) -> None:
    """Take connection after connection until the door is shut; each gets its answers from the socket."""
    while True:
        try:
            client = context.wrap_socket(door.accept()[0], server_side=True)
        except OSError:
            return
        threading.Thread(target=hand_on, args=(client, path), daemon=True).start()


def hand_on(client: ssl.SSLSocket, path: str) -> None:
    """Ask and answer in turn, which is how these wires talk."""
    with suppress(OSError), client, socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        while asked := client.recv(65536):
            server.sendall(asked)
            client.sendall(server.recv(65536))


def test_one_wire_serves_call_after_call(scripts: Scripts) -> None:
    assert scripts.run(ECHO, 0, "first") == b"first"
    before = names(scripts)
    assert scripts.together(("SET", "wire:a", "1"), ("MGET", "wire:a", "wire:b")) == [b"OK", [b"1", None]]
    assert names(scripts) == before


def test_an_answer_longer_than_one_read_is_whole(scripts: Scripts) -> None:
    long = "é" * 300_000
    assert scripts.run(ECHO, 0, long) == long.encode()


def test_a_script_that_redis_does_not_know_runs_all_the_same(scripts: Scripts) -> None:
    unknown = Script(f"return ARGV[1] -- {secrets.token_hex(8)}")
    assert scripts.run(unknown, 0, "x") == b"x"
    assert scripts.run(unknown, 0, "y") == b"y"


def test_an_error_is_raised_and_no_answer_behind_it_is_taken_for_the_next(scripts: Scripts) -> None:
    scripts.together(("SET", "wire:a", "word"))
    with pytest.raises(redis.ResponseError, match="not an integer"):
        scripts.together(("INCR", "wire:a"), ("GET", "wire:a"))
    assert scripts.together(("EXISTS", "wire:a")) == [1]


@pytest.mark.parametrize("said", [b"+one\r\n+more\r\n", b"nonsense\r\n", b"-LOADING wait\r\n"])
def test_whatever_a_broken_server_says_ends_with_its_wire(stores: Stores, said: bytes) -> None:
    """Nobody gets an answer that is another one's, and nothing but a RedisError comes out."""
    scripts = Scripts(stores.redis)
    scripts.run(ECHO, 0, "before")
    (wire,) = scripts.idle
    wire.reader.feed(said)
    with suppress(redis.RedisError):
        scripts.run(ECHO, 0, "mine")
    assert not scripts.idle
    assert scripts.run(ECHO, 0, "next") == b"next"


def test_a_wire_that_was_cut_at_rest_costs_nobody_a_hop(scripts: Scripts, stores: Stores) -> None:
    scripts.run(ECHO, 0, "before")
    (cut,) = names(scripts)
    stores.redis.client_kill_filter(_id=str(cut))
    time.sleep(REST_SECONDS)
    assert scripts.run(ECHO, 0, "after") == b"after"
    assert names(scripts) != [cut]


def test_a_wire_that_is_cut_in_use_is_told_and_let_go(scripts: Scripts) -> None:
    scripts.run(ECHO, 0, "before")
    (own,) = names(scripts)
    with pytest.raises(redis.ConnectionError):
        scripts.together(("CLIENT", "KILL", "ID", own, "SKIPME", "no"), ("PING",))
    assert not scripts.idle
    assert scripts.run(ECHO, 0, "after") == b"after"


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_redis_that_stands_still_is_given_up(private_servers: Callable[..., Embedded], tls: bool) -> None:
    servers = private_servers(migrated=False)
    with tls_before(str(servers.valkey.socket)) if tls else nullcontext(servers.redis_url) as address:
        scripts = Scripts(open_redis(address, timeout=0.2))
        wait_until(lambda: heard(scripts, "before"), "an answer")
        servers.valkey.pause()
        try:
            with pytest.raises(redis.TimeoutError):
                scripts.run(ECHO, 0, "lost")
        finally:
            servers.valkey.resume()
        assert not scripts.idle
        wait_until(lambda: heard(scripts, "after"), "an answer of a Redis that goes on")


def heard(scripts: Scripts, word: str) -> bool:
    """Whether Redis answers in time: on a busy machine that may take more than one call."""
    try:
        return bool(scripts.run(ECHO, 0, word) == word.encode())
    except redis.RedisError:
        return False
