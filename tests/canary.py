"""The canary scan (A11): whether something secret that was typed or sent stands anywhere it must not."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import psycopg
import redis

RUN = re.compile("[0-9A-Za-z]+")
LEAST_DIGEST = 16  # characters
MOMENT = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]+")


def leaks(secrets: Iterable[str], database_url: str, redis_client: redis.Redis) -> list[str]:
    """Where any of these secrets stands: in a row of a table, or in a key or value of Redis (jobs included)."""
    wanted = [secret for secret in secrets if secret]
    if not wanted:
        return []
    places = [*rows(database_url, wanted), *values(redis_client)]
    return [f"{secret} in {place}" for place, text in places for secret in wanted if stands(secret, text)]


def stands(secret: str, text: str) -> bool:
    """Whether the secret stands in this text.

    Six digits inside of a digest or token are chance, and so are the millionths of a second.
    """
    if secret not in text or not secret.isdigit():
        return secret in text
    runs = RUN.finditer(MOMENT.sub(" ", text))
    return any(secret in found[0] for found in runs if len(found[0]) < LEAST_DIGEST)


def rows(database_url: str, wanted: list[str]) -> Iterator[tuple[str, str]]:
    """The rows of every table whose text holds any of these, all tables in one go."""
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        found = "EXISTS (SELECT FROM unnest(%(wanted)s::text[]) s WHERE strpos(t::text, s) > 0)"
        parts = [f"""SELECT '{table}', t::text FROM "{table}" t WHERE {found}""" for (table,) in tables]
        yield from connection.execute(" UNION ALL ".join(parts).encode(), {"wanted": wanted})


def values(client: redis.Redis) -> Iterator[tuple[str, str]]:
    """Every key of Redis with its serialised value."""
    for key in client.scan_iter():
        kind = client.type(key)
        name = key.decode(errors="replace")
        yield name, name
        if kind == b"string":
            yield name, plain(client.get(key))
        elif kind in READ:
            yield from ((name, plain(piece)) for piece in flat(READ[kind](client, key)))


def plain(value: Any) -> str:
    """A value as text, byte by byte: written with escapes, its digits would run into theirs."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def flat(value: Any) -> Iterator[Any]:
    """Every piece of a value with parts."""
    if isinstance(value, dict):
        yield from flat([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple | set):
        for each in value:
            yield from flat(each)
    else:
        yield value


READ: dict[bytes, Callable[[redis.Redis, bytes], Any]] = {
    b"hash": lambda client, key: client.hgetall(key),
    b"list": lambda client, key: client.lrange(key, 0, -1),
    b"set": lambda client, key: client.smembers(key),
    b"zset": lambda client, key: client.zrange(key, 0, -1),
    b"stream": lambda client, key: client.xrange(key),
}
