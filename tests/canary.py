"""The canary scan (A11): whether something secret that was typed or sent stands anywhere it must not."""

from collections.abc import Iterable, Iterator

import psycopg
import redis


def leaks(secrets: Iterable[str], database_url: str, redis_client: redis.Redis) -> list[str]:
    """Where any of these secrets stands: in a row of a table, or in a key or value of Redis (jobs included)."""
    wanted = [secret for secret in secrets if secret]
    places = [*rows(database_url), *values(redis_client)]
    return [f"{secret} in {place}" for place, text in places for secret in wanted if secret in text]


def rows(database_url: str) -> Iterator[tuple[str, str]]:
    """Every row of every table, as text."""
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for (row,) in connection.execute(f'SELECT t::text FROM "{table}" t'):
                yield table, row


def values(client: redis.Redis) -> Iterator[tuple[str, str]]:
    """Every key of Redis with its serialised value."""
    for key in client.scan_iter():
        kind = client.type(key)
        name = key.decode(errors="replace")
        yield name, name
        if kind == b"hash":
            yield from ((name, f"{f!r} {v!r}") for f, v in client.hgetall(key).items())
        elif kind == b"string":
            yield name, repr(client.get(key))
        elif kind == b"list":
            yield name, repr(client.lrange(key, 0, -1))
        elif kind == b"set":
            yield name, repr(client.smembers(key))
        elif kind == b"zset":
            yield name, repr(client.zrange(key, 0, -1))
        elif kind == b"stream":
            yield name, repr(client.xrange(key))
