"""The canary scan finds what leaked, wherever it stands, and takes no digest for it."""

import hashlib

import pytest
from sqlalchemy import text

from runtime.settings import Settings
from runtime.stores import Stores
from tests import canary

CODE = "482913"


def leaks(stores: Stores, settings: Settings) -> list[str]:
    return canary.leaks({CODE, "mitihani7"}, settings.database_url, stores.redis)


@pytest.mark.parametrize("value", [f"1*20401001*{CODE}", f"ATT{CODE}ALL", b"\xa6482913\xa5", "mitihani7x"])
def test_a_leak_is_found(stores: Stores, settings: Settings, value: str | bytes) -> None:
    stores.redis.set("a", value)
    assert leaks(stores, settings)


def test_every_kind_of_value_and_every_table_is_looked_at(stores: Stores, settings: Settings) -> None:
    client = stores.redis
    client.set(f"key:{CODE}", "")
    client.hset("hash", "field", CODE)
    client.rpush("list", "x", CODE)
    client.sadd("set", CODE)
    client.zadd("zset", {CODE: 1})
    client.xadd("stream", {"field": CODE})
    with stores.transaction() as db:
        row = "INSERT INTO audit (actor, channel, act, subject, details) VALUES ('a', 'b', 'c', :said, '{}')"
        db.execute(text(row), {"said": f"code {CODE}"})
    found = {leak.partition(" in ")[2] for leak in leaks(stores, settings)}
    assert found == {f"key:{CODE}", "hash", "list", "set", "zset", "stream", "audit"}


@pytest.mark.parametrize("moment", ["2026-11-22 10:23:01.{}+00", "2026-11-22T10:23:01.{}Z"])
def test_the_millionths_of_a_second_are_chance(stores: Stores, settings: Settings, moment: str) -> None:
    stores.redis.set("a", moment.format(CODE))
    assert leaks(stores, settings) == []


def test_six_digits_inside_of_a_digest_are_chance(stores: Stores, settings: Settings) -> None:
    digest = hashlib.sha256(b"").hexdigest()
    stores.redis.set("a", digest[:20] + CODE + digest[20:])
    assert leaks(stores, settings) == []
