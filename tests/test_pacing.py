"""The pace: never more than the rate over all processes, lanes in their order, slower after a 429."""

import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

from runtime.stores import open_redis
from sms_gateway import pacing
from sms_gateway.pacing import Grant, LocalBucket, Pacer
from tests.fixtures_servers import PATIENCE

CLOCK = "redis.call('TIME')"


@pytest.fixture
def client(redis_url: str) -> redis.Redis:
    """A client of this test's Redis."""
    return open_redis(redis_url, timeout=PATIENCE)


@pytest.fixture
def pacer(client: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Pacer]:
    """Makes pacers that share one bucket, whose clock stands still: only `older` lets time pass for it."""
    script, stopped = pacing.LUA.read_text(), tmp_path / "bucket.lua"
    assert script.count(CLOCK) == 1
    stopped.write_text(script.replace(CLOCK, "{ '1800000000', '0' }"))
    monkeypatch.setattr(pacing, "LUA", stopped)

    def make(rate: float | None, lane: str = "urgent") -> Pacer:
        return Pacer(client, "test", rate, lane)

    return make


def server_time(client: redis.Redis) -> float:
    """The server's own clock."""
    seconds, micros = client.time()
    return float(seconds) + float(micros) / 1e6


def take_greedily(redis_url: str, rate: float, lane: str, most: int, costs: list[int], told: Any) -> None:
    """Take as much as can be had until the common goal is reached; a process of its own.

    Tells what the server's clock said before its first take and after its last.
    """
    client = open_redis(redis_url, timeout=PATIENCE)
    pacer = Pacer(client, "test", rate, lane)
    began = ended = server_time(client)
    while int(client.get("taken") or 0) < most:
        granted = pacer.take(costs).granted
        if granted:
            client.incrby("taken", sum(costs[:granted]))
            ended = server_time(client)
    told.put((began, ended))


@pytest.mark.parametrize(("lane", "share"), [("urgent", 1.0), ("bulk", 0.8)])
def test_four_processes_together_keep_exactly_to_the_rate(
    client: redis.Redis, redis_url: str, lane: str, share: float
) -> None:
    """Promise 19: over any time no more than the rate allows, by the server's clock; bulk its 80 %."""
    rate, most = 400.0, 400
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    arguments = (redis_url, rate, lane, most, [1, 2, 1], told)
    processes = [context.Process(target=take_greedily, args=arguments) for _ in range(4)]
    for process in processes:
        process.start()
    began, ended = zip(*(told.get(timeout=90) for _ in processes), strict=True)
    for process in processes:
        process.join()
    taken = int(client.get("taken") or 0)
    assert taken >= most
    # What the full bucket held before, and the rate since: by whoever took first, and whoever took last.
    assert taken <= rate * 0.2 * share + rate * share * (max(ended) - min(began)) + 1e-3


def test_a_grant_is_a_prefix_and_says_when_to_come_back(pacer: Callable[..., Pacer]) -> None:
    urgent = pacer(10.0)
    assert urgent.take([1, 1, 1, 1])[0] == 2  # two tenths of a second of rate are kept
    granted, wait = urgent.take([1])
    assert granted == 0
    assert 0 < wait <= 0.1


def test_a_message_costs_its_segments(pacer: Callable[..., Pacer], client: redis.Redis) -> None:
    urgent = pacer(10.0)
    assert urgent.take([3, 1]).granted == 1  # longer than the bucket: goes when it is full, and leaves a debt
    granted, wait = urgent.take([1])
    assert granted == 0
    assert wait == pytest.approx(0.2, abs=0.001)


def test_bulk_stands_back_while_the_urgent_lane_waits(
    pacer: Callable[..., Pacer], client: redis.Redis
) -> None:
    urgent, bulk = pacer(100.0), pacer(100.0, "bulk")
    assert bulk.take([1] * 30).granted == 16  # 80 % of what the bucket holds
    assert urgent.take([1] * 30).granted >= 4  # the rest was not for bulk
    older(client, 0.1)  # enough for ten of either lane
    assert bulk.take([1]).granted == 0  # but one of the urgent lane waits
    assert urgent.take([1] * 5).granted == 5
    older(client, 0.6, "hurry", "at")
    assert bulk.take([1]).granted == 1


def older(client: redis.Redis, seconds: float, *names: str) -> None:
    """Let time pass for the bucket."""
    for name in names or ("at",):
        client.hset("pace:test", name, float(client.hget("pace:test", name) or 0) - seconds)


def rate_now(client: redis.Redis) -> float:
    """What the bucket says its rate is, by halving it once more."""
    return float(client.hget("pace:test", "rate") or 0)


def test_a_429_halves_the_rate_once_for_what_was_in_flight(
    pacer: Callable[..., Pacer], client: redis.Redis
) -> None:
    urgent, bulk = pacer(64.0), pacer(64.0, "bulk")
    for _ in range(30):
        urgent.slow(None)
        bulk.slow(None)
    assert rate_now(client) == 32
    older(client, 6, "slowed")
    urgent.slow(None)
    assert rate_now(client) == pytest.approx(16.16, abs=0.01)  # and 5 % a minute of 64 since
    for _ in range(20):
        older(client, 6, "slowed")
        urgent.slow(None)
    assert rate_now(client) == pytest.approx(1.0, abs=0.4)  # it never stops altogether


def test_the_rate_comes_back_five_percent_a_minute_and_no_further(
    pacer: Callable[..., Pacer], client: redis.Redis
) -> None:
    urgent = pacer(100.0)
    urgent.slow(0)
    older(client, 300, "slowed")
    older(client, 60, "closed")
    urgent.take([1] * 100)
    assert urgent.take([1] * 100).granted == 0
    older(client, 1)  # a second at 75 a second fills 15
    assert urgent.take([1] * 100).granted == 15
    older(client, 400, "slowed")
    older(client, 100)
    assert urgent.take([1] * 100).granted == 20
    assert client.hget("pace:test", "slowed") is None


def test_retry_after_closes_the_bucket_for_both_lanes(
    pacer: Callable[..., Pacer], client: redis.Redis
) -> None:
    urgent, bulk = pacer(100.0), pacer(100.0, "bulk")
    urgent.slow(7)
    bulk.slow(None)
    for lane in (urgent, bulk):
        granted, wait = lane.take([1])
        assert granted == 0
        assert wait == pytest.approx(7, abs=0.01)
    older(client, 8, "closed")
    assert urgent.take([1]).granted == 1


def test_a_provider_cannot_close_us_for_ever(pacer: Callable[..., Pacer]) -> None:
    urgent = pacer(100.0)
    urgent.slow(10**9)
    assert urgent.take([1]).wait <= 300


def test_unpaced_until_a_429_then_paced_until_it_has_recovered(
    pacer: Callable[..., Pacer], client: redis.Redis
) -> None:
    urgent = pacer(None)
    assert urgent.take([1] * 500) == Grant(500, 0.0)
    urgent.slow(2)
    assert urgent.take([1]).granted == 0
    older(client, 3, "closed")
    assert urgent.take([1] * 500).granted == 5  # 25 a second
    older(client, 601, "slowed")
    assert urgent.take([1] * 500) == Grant(500, 0.0)


@pytest.mark.parametrize("lane", ["urgent", "bulk"])
def test_without_redis_each_process_keeps_its_share(lane: str) -> None:
    lost = Pacer(open_redis("redis://127.0.0.1:9/0"), "test", 1000.0, lane)
    time.sleep(0.2)
    share = 1000 / 2 * (0.8 if lane == "bulk" else 1.0)
    assert lost.take([1] * 1000).granted == pytest.approx(share * 0.2, abs=1)
    lost.slow(30)
    assert lost.take([1]).granted == 0


def test_a_local_bucket_slows_and_recovers_as_the_shared_one() -> None:
    bucket = LocalBucket(100.0)
    now = time.monotonic()
    bucket.slowed = (now - 300, 50.0)
    assert bucket.rate(now) == pytest.approx(75.0)
    bucket.slowed = (now - 601, 50.0)
    assert bucket.rate(now) == 100.0
    unpaced = LocalBucket(None)
    assert unpaced.take([1] * 500, 1.0).granted == 500
    unpaced.slow(0)
    assert unpaced.slowed and unpaced.rate(unpaced.slowed[0]) == pytest.approx(25.0)


def test_a_restarted_redis_knows_the_script_again(pacer: Callable[..., Pacer], client: redis.Redis) -> None:
    urgent = pacer(100.0)
    urgent.take([1])
    client.script_flush()
    client.flushdb()
    assert urgent.take([1]).granted == 1
