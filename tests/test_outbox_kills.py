"""Workers that are killed at the worst moments, by a real SIGKILL; the simulator's log says what was sent."""

import random
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.fixtures_outbox import Gateway, Outbox
from tests.processes import LIMIT, wait_until

pytestmark = pytest.mark.slow


def recover(outbox: Outbox, lane: str, rounds: int = 4) -> None:
    """Let leases lapse, sweep and drain, as time and the clock would."""
    for _ in range(rounds):
        outbox.lapse()
        outbox.pass_time(21)
        outbox.sweep()
        outbox.sql("UPDATE message SET next_attempt_at = now() WHERE state = 'ready'")
        outbox.drain(lane)


@pytest.mark.parametrize("moment", ["after_post", "before_post"])
def test_a_notice_is_never_sent_again_after_a_kill_around_its_post(
    outbox: Outbox, gateway: Gateway, moment: str
) -> None:
    """F1: what may have left is unknown, and stays so until a report says more."""
    phones = outbox.queue(20, "notice")
    outbox.killed_at(moment, "bulk")
    posting = outbox.states()["posting"]
    assert posting >= 1
    recover(outbox, "bulk")
    assert outbox.states() == {"unknown": posting, "accepted": 20 - posting}
    assert max(gateway.stored.values()) == 1
    assert outbox.sql("SELECT count(*) FROM attempt WHERE provider_code = 'lost'") == [(posting,)]
    for sending in gateway.sends:
        outbox.report(sending["id"], phoneNumber=sending["phone"])
    delivered = outbox.states()["delivered"]
    assert delivered == len(gateway.stored)
    assert set(gateway.stored) <= set(phones)


def test_a_code_has_at_most_one_twin_after_a_kill(outbox: Outbox, gateway: Gateway) -> None:
    """F1 for codes: one more copy at the most, of the same words."""
    phones = outbox.queue(10, "code", grant="7")
    outbox.killed_at("after_post")
    recover(outbox, "urgent")
    assert outbox.states() == {"accepted": 10}
    assert set(gateway.stored) == set(phones)
    assert max(gateway.stored.values()) == 2


def test_a_code_has_at_most_one_twin_after_any_kills(outbox: Outbox, gateway: Gateway) -> None:
    """F1: the twin, too, may meet a kill; then it is over."""
    outbox.queue(10, "code", grant="7")
    for _ in range(3):
        outbox.child("urgent", "after_post").wait(LIMIT)
        outbox.lapse()
        outbox.sweep()
        outbox.pass_time(21)
        outbox.sweep()
    recover(outbox, "urgent")
    assert outbox.states()["accepted"] + outbox.states()["unknown"] == 10
    assert max(gateway.posts.values()) <= 2
    assert {one["text"] for one in gateway.sends} == {"en a.b 7"}


def test_what_was_claimed_and_not_posted_is_sent_exactly_once(outbox: Outbox, gateway: Gateway) -> None:
    """F2."""
    outbox.queue(30, "notice")
    outbox.killed_at("after_claim", "bulk")
    assert outbox.states()["leased"] == 16
    assert gateway.sends == []
    outbox.drain("bulk")  # the others do not wait for these
    assert outbox.states() == {"leased": 16, "accepted": 14}
    recover(outbox, "bulk", 1)
    assert outbox.states() == {"accepted": 30}
    assert set(gateway.posts.values()) == {1}


def test_a_stop_twice_finishes_what_is_in_flight_and_gives_the_rest_back(
    outbox: Outbox, gateway: Gateway
) -> None:
    """F5."""
    gateway.fault("slow", seconds=1, times=0)
    outbox.queue(200, "notice")  # 25 s of work, so that a slow machine stops it in the middle too
    child = outbox.child("bulk")
    wait_until(lambda: gateway.sends, "the first post")
    child.send_signal(signal.SIGTERM)
    child.send_signal(signal.SIGTERM)
    assert child.wait(LIMIT) == 0
    states = outbox.states()
    assert states["accepted"] == len(gateway.sends)
    assert states == {"accepted": states["accepted"], "ready": 200 - states["accepted"]}
    assert {tries for (tries,) in outbox.sql("SELECT DISTINCT tries FROM message")} == {0}
    gateway.calm()
    outbox.drain("bulk")
    assert outbox.states() == {"accepted": 200}
    assert set(gateway.posts.values()) == {1}


def test_a_message_that_fells_its_worker_dies_after_three_and_takes_nobody_along(
    outbox: Outbox, gateway: Gateway
) -> None:
    """F31: a crash while it is worded. Its neighbours go out meanwhile, each once."""
    outbox.queue(7)
    outbox.queue(1, words="poison.crash", first=50)
    outbox.queue(7, first=90)
    crashes = 0
    while outbox.states()["dead"] == 0:
        assert (crashes := crashes + 1) <= 5
        assert outbox.child().wait(LIMIT) in (-signal.SIGSEGV, 0)
        outbox.lapse()
        outbox.sweep()
    outbox.drain()
    assert outbox.states() == {"accepted": 14, "dead": 1}
    assert set(gateway.posts.values()) == {1}
    assert outbox.row("+254700000050").failure == "felled_worker"


def test_workers_killed_at_any_moment_send_each_notice_at_most_once(outbox: Outbox, gateway: Gateway) -> None:
    """F35 in small, and A15: random kills, a flushed Redis, and the books balance."""
    gateway.fault("slow", seconds=0.2, times=0)
    outbox.queue(300, "notice")  # 15 s of work for a child that nobody kills
    chance = random.Random(7)
    for _ in range(4):
        child = outbox.child("bulk", threads=4)
        before = len(gateway.sends)
        wait_until(partial(lambda n: len(gateway.sends) > n, before), "a post")
        time.sleep(chance.uniform(0, 0.1))
        child.kill()
        child.wait()
        outbox.stores.redis.flushdb()
        outbox.lapse()
        outbox.sweep()
    gateway.calm()
    recover(outbox, "bulk")
    states = outbox.states()
    assert states["accepted"] + states["unknown"] == 300
    assert states["unknown"] <= 4 * 4
    assert max(gateway.stored.values()) == 1
    # Whatever is said to be accepted was taken by the provider, and nothing else is said to be.
    accepted = {phone for (phone,) in outbox.sql("SELECT phone FROM message WHERE state = 'accepted'")}
    assert accepted <= set(gateway.stored)


def freeze(child: subprocess.Popen[bytes], outbox: Outbox) -> None:
    """Stop a process where it stands, but not in the middle of a transaction."""
    child.send_signal(signal.SIGSTOP)
    while outbox.busy():
        child.send_signal(signal.SIGCONT)
        time.sleep(0.003)
        child.send_signal(signal.SIGSTOP)


def test_a_stopped_worker_that_wakes_up_late_posts_nothing_twice(outbox: Outbox, gateway: Gateway) -> None:
    """F3's fence: frozen past its lease, it finds its rows taken."""
    gateway.fault("slow", seconds=1, times=0)
    outbox.queue(30, "notice")
    child = outbox.child("bulk", threads=4)
    wait_until(lambda: gateway.sends, "the first post")
    freeze(child, outbox)
    outbox.lapse()
    outbox.sweep()
    gateway.calm()
    outbox.drain("bulk")
    child.send_signal(signal.SIGCONT)
    assert child.wait(LIMIT) == 0
    assert set(gateway.stored.values()) == {1}
    assert outbox.states()["accepted"] == 30  # its late answers were still worth something


def test_a_database_killed_while_posts_are_in_flight_loses_no_answer(
    private_servers: Callable[..., Any], make_outbox: Callable[..., Outbox], gateway: Gateway
) -> None:
    """The answers are kept until they can be written down: nothing is unknown, nothing goes twice."""
    servers = private_servers(durable=True)
    outbox = make_outbox(servers.database_url, servers.redis_url)
    gateway.fault("slow", seconds=1, times=0)  # so that a slow machine, too, kills while eight are in flight
    outbox.queue(20, "notice")
    child = outbox.child("bulk")
    wait_until(lambda: gateway.sends, "the first post")
    servers.postgres.kill()
    wait_until(lambda: len(gateway.sends) >= 8, "more posts")
    servers.postgres.start()
    outbox.stores.engine.dispose()
    assert child.wait(LIMIT) == 0
    recover(outbox, "bulk")
    assert outbox.states() == {"accepted": 20}
    assert set(gateway.posts.values()) == {1}
