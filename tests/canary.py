"""The canary scan (A11): whether something secret that was typed or sent stands anywhere it must not."""

from collections.abc import Iterable, Iterator

import psycopg
import redis


def leaks(secrets: Iterable[str], database_url: str, redis_client: redis.Redis) -> list[str]:
    """Where any of these secrets stands: in a row of a table, or in a key or value of Redis (jobs included)."""
    wanted = [secret for secret in secrets if secret]
    if not wanted:
        return []
    places = [*rows(database_url, wanted), *values(redis_client)]
    return [f"{secret} in {place}" for place, text in places for secret in wanted if secret in text]


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
