"""The outbox: who is sent what, when, how often; with the simulator as the witness."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from operations import notices, office, subscribers
from sms_gateway import outbox as rows
from sms_gateway import sweep
from tests.fixtures_outbox import LIMITS, Gateway, Outbox
from tests.processes import wait_until

# 19:59 and 02:00 in Nairobi.
EVENING, NIGHT = datetime(2026, 3, 2, 16, 59, tzinfo=UTC), datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)


def test_a_message_goes_once_worded_in_the_language_of_its_phone(outbox: Outbox, gateway: Gateway) -> None:
    jane, ali, zawadi = outbox.queue(3, words="account.hello")
    with outbox.stores.transaction() as db:
        subscribers.meet(db, ali, "sw")
    outbox.sql("UPDATE message SET lang = 'sw' WHERE phone = :phone", phone=zawadi)

    assert outbox.drain() == {"accepted": 3}
    assert {one["phone"]: one["text"].split()[0] for one in gateway.sends} == {
        jane: "en",
        ali: "sw",
        zawadi: "sw",
    }
    row = outbox.row(jane)
    assert (row.state, row.segments, row.attempts, row.cost) == ("accepted", 1, 1, "KES 0.8000")
    assert row.provider_id == next(one["id"] for one in gateway.sends if one["phone"] == jane)
    assert outbox.drain()["accepted"] == 0
    assert set(gateway.posts.values()) == {1}


def test_a_chunk_takes_a_fixed_number_of_statements(outbox: Outbox) -> None:
    outbox.queue(60)
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    event.listen(outbox.stores.engine, "before_cursor_execute", note)
    outbox.drain(limits=type(LIMITS)(**{**vars(LIMITS), "threads": 60}))
    assert outbox.states() == {"accepted": 60}
    assert sum("subscriber" in statement for statement in statements) == sum(
        "'leased', lease_token" in statement for statement in statements
    )


def test_every_message_has_its_own_sender_else_the_lanes(outbox: Outbox, gateway: Gateway) -> None:
    own, usual = outbox.queue(2)
    outbox.sql("UPDATE message SET sender = 'KNEC' WHERE phone = :phone", phone=own)
    outbox.drain()
    assert {one["phone"]: one["from"] for one in gateway.sends} == {own: "KNEC", usual: "22262"}


def test_lanes_do_not_touch_each_other(outbox: Outbox) -> None:
    """A14, in function: a drain of one lane leaves the other as it was."""
    outbox.queue(5, "campaign")
    codes = outbox.queue(2, "code", first=100)
    assert outbox.drain("urgent")["accepted"] == 2
    assert outbox.states() == {"ready": 5, "accepted": 2}
    assert outbox.row(codes[0]).state == "accepted"
    assert outbox.drain("bulk")["accepted"] == 5


def test_a_line_that_said_stop_gets_no_campaign_and_everything_else(outbox: Outbox, gateway: Gateway) -> None:
    stopped, other = outbox.queue(2, "campaign")
    for klass in ("notice", "chase", "register", "reply", "code"):
        outbox.queue(1, klass)
    with outbox.stores.transaction() as db:
        subscribers.stop(db, stopped, "en", now=office.now(db))
    outbox.drain("bulk")
    outbox.drain("urgent")
    assert Counter(one["phone"] for one in gateway.sends) == {stopped: 5, other: 1}
    assert outbox.states() == {"accepted": 6, "expired": 1}
    assert outbox.sql("SELECT class, failure FROM message WHERE state = 'expired'") == [
        ("campaign", "stopped")
    ]
    with outbox.stores.transaction() as db:
        subscribers.start(db, stopped, "en")
    outbox.queue(1, "campaign")
    assert outbox.drain("bulk")["accepted"] == 1


def test_a_code_overtakes_replies_and_registers(outbox: Outbox, gateway: Gateway) -> None:
    outbox.queue(3, "register")
    outbox.queue(3, "reply", first=10)
    outbox.queue(3, "code", first=20)
    outbox.drain(limits=type(LIMITS)(**{**vars(LIMITS), "threads": 1}))
    assert [one["phone"][-2] for one in gateway.sends] == ["2"] * 3 + ["1"] * 3 + ["0"] * 3


def test_drains_side_by_side_never_take_the_same_message(outbox: Outbox, gateway: Gateway) -> None:
    outbox.queue(200)
    with ThreadPoolExecutor(4) as pool:
        counts = [one.result() for one in [pool.submit(outbox.drain) for _ in range(4)]]
    assert sum((Counter(count) for count in counts), Counter())["accepted"] == 200
    assert len(gateway.posts) == 200
    assert set(gateway.posts.values()) == {1}


def test_no_connection_to_the_database_is_held_during_a_post(outbox: Outbox, gateway: Gateway) -> None:
    gateway.fault("slow", seconds=0.2, times=0)
    outbox.queue(16)
    busy: list[int] = []

    class Watched:
        name = "watched"

        def send(self, phone: str, text: str, sender: str) -> Any:
            answer = real.send(phone, text, sender)
            busy.append(outbox.stores.engine.pool.checkedout())  # type: ignore[attr-defined]
            return answer

    from sms_gateway.providers.africastalking import AfricasTalking

    real = AfricasTalking(outbox.settings, threads=8)
    assert outbox.drain(provider=Watched())["accepted"] == 16
    assert min(busy) == 0
    assert max(busy) <= 1  # the main thread's own short transactions


def test_bulk_at_one_to_eight_in_the_evening_is_held_counted_and_released_once(
    outbox: Outbox, gateway: Gateway
) -> None:
    """A16."""
    outbox.queue(3, "campaign")
    outbox.queue(2, "chase", first=10)
    outbox.queue(1, "code", first=20)
    evening = outbox.drain("bulk", classes=lambda _: notices.open_classes(EVENING))
    assert evening["accepted"] == 2  # a reminder may go until 20:00
    assert outbox.drain("bulk", classes=lambda _: notices.open_classes(NIGHT))["accepted"] == 0
    with outbox.stores.transaction() as db:
        urgent, bulk = rows.depths(db, now=NIGHT)
    assert (urgent.ready, urgent.held) == (1, 0)
    assert (bulk.ready, bulk.held, bulk.oldest) == (0, 3, 0.0)
    assert outbox.drain("urgent", classes=lambda _: notices.open_classes(NIGHT))["accepted"] == 1
    for _ in range(2):
        outbox.drain("bulk", classes=lambda _: notices.open_classes(MORNING))
    assert len(gateway.posts) == 6
    assert set(gateway.posts.values()) == {1}


def test_a_code_past_its_time_is_never_sent_and_its_person_is_told_once(
    outbox: Outbox, gateway: Gateway
) -> None:
    """A17."""
    outbox.queue(1, "code", lang="sw")
    outbox.pass_time(601)
    assert outbox.drain() == {}
    assert outbox.sweep()["expired"] == 1
    assert outbox.sweep()["expired"] == 0
    assert outbox.states() == {"expired": 1, "ready": 1}
    outbox.drain()
    assert [one["text"] for one in gateway.sends] == ["sw account.password_expired"]


def test_nobody_is_told_of_an_expired_code_who_has_a_newer_one(outbox: Outbox) -> None:
    outbox.queue(1, "code")
    outbox.pass_time(601)
    outbox.queue(1, "code")
    outbox.sweep()
    assert outbox.states() == {"expired": 1, "ready": 1}


def test_a_notice_past_its_time_just_expires(outbox: Outbox) -> None:
    outbox.queue(2, "notice")
    outbox.pass_time(49 * 3600)
    assert outbox.sweep()["expired"] == 2
    assert outbox.states() == {"expired": 2}


@pytest.mark.parametrize(
    ("code", "state"),
    [
        *((100, "accepted"), (102, "accepted"), (401, "unknown"), (777, "unknown")),
        *((403, "failed"), (404, "failed"), (406, "failed"), (409, "failed")),
        *((402, "ready"), (405, "ready"), (407, "ready"), (500, "ready")),
    ],
)
def test_a_recipients_code_decides(outbox: Outbox, gateway: Gateway, code: int, state: str) -> None:
    gateway.fault("code", code=code)
    (jane,) = outbox.queue(1, "notice")
    outbox.drain("bulk")
    row = outbox.row(jane)
    assert row.state == state
    assert row.failure == (None if state == "accepted" else str(code))
    resting = outbox.sql("SELECT reason FROM lane_pause")
    assert resting == {402: [("sender",)], 405: [("balance",)]}.get(code, [])


def test_ninety_eight_sent_one_blacklisted_one_invalid(outbox: Outbox, gateway: Gateway) -> None:
    """A24: every recipient's own code is read."""
    phones = outbox.queue(100, "notice")
    with outbox.stores.transaction() as db:
        subscribers.meet(db, phones[1], "en")
    gateway.fault("code", code=406, phone=phones[1])
    gateway.fault("code", code=403, phone=phones[2])
    assert outbox.drain("bulk") == {"accepted": 98, "rejected": 2}
    assert outbox.states() == {"accepted": 98, "failed": 2}
    assert outbox.row(phones[1]).failure == "406"
    assert outbox.sql("SELECT phone FROM subscriber WHERE blocked_at IS NOT NULL") == [(phones[1],)]


def test_what_was_surely_not_sent_is_tried_again_later_and_later(outbox: Outbox, gateway: Gateway) -> None:
    """F19 and the full jitter: the wait is drawn between nothing and a bound that doubles."""
    gateway.fault("code", code=407, times=0)
    (jane,) = outbox.queue(1, "notice")
    waits = []
    for _ in range(8):
        outbox.drain("bulk")
        (due,) = outbox.sql(
            "SELECT extract(epoch FROM m.next_attempt_at - a.finished_at) FROM message m "
            "JOIN attempt a ON a.message_id = m.id ORDER BY a.n DESC LIMIT 1"
        )
        waits.append(float(due[0]))
        outbox.sql("UPDATE message SET next_attempt_at = now()")
    assert outbox.outcomes(jane) == ["not_sent"] * 8
    bounds = [min(1800.0, 30.0 * 2**n) for n in range(8)]
    assert all(0 <= wait <= bound for wait, bound in zip(waits, bounds, strict=True))
    gateway.calm()
    outbox.drain("bulk")
    assert outbox.row(jane).state == "accepted"
    assert gateway.stored[jane] == 1


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9", "http://nowhere.invalid", "{https}"],
    ids=["refused", "no name", "no TLS"],
)
def test_a_provider_that_cannot_be_reached_loses_nothing(
    make_outbox: Any, database_url: str, redis_url: str, gateway: Gateway, address: str
) -> None:
    """F19: definitely not sent, never ambiguous."""
    address = address.format(https=gateway.address.replace("http:", "https:"))
    outbox = make_outbox(database_url, redis_url, CP2_AT_BASE_URL=address)
    (jane,) = outbox.queue(1)
    outbox.drain()
    assert outbox.row(jane).state == "ready"
    assert outbox.outcomes(jane) == ["not_sent"]
    assert outbox.row(jane).failure.startswith("no_reply.")
    assert gateway.sends == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_stops_the_lane_and_loses_nothing(
    outbox: Outbox, gateway: Gateway, status: int
) -> None:
    gateway.fault("status", status=status, times=0)
    outbox.queue(40)
    with capture_logs() as logs:
        outbox.drain()
    assert outbox.states() == {"ready": 40}
    assert {(one["event"], one["log_level"]) for one in logs} >= {("lane_rests", "error")}
    assert len(gateway.sends) <= LIMITS.threads  # what was in flight, and no more
    gateway.calm()
    assert outbox.drain()["accepted"] == 0  # it rests
    outbox.pass_time(121)
    outbox.sql("UPDATE message SET not_after = now() + interval '1 hour'")
    assert outbox.drain()["accepted"] == 40
    assert outbox.sql("SELECT * FROM lane_pause") == []
    assert set(gateway.stored.values()) == {1}


def test_after_a_rest_one_message_tries_the_lane(outbox: Outbox, gateway: Gateway) -> None:
    outbox.queue(20)
    gateway.fault("no_recipients", times=0)
    outbox.drain()
    before = len(gateway.sends)
    outbox.pass_time(121)
    outbox.sql("UPDATE message SET not_after = now() + interval '1 hour'")
    outbox.drain()
    assert len(gateway.sends) == before + 1
    assert outbox.states() == {"ready": 20}


def test_a_provider_that_fails_all_is_left_alone_before_it_burns_the_campaign(
    outbox: Outbox, gateway: Gateway
) -> None:
    gateway.fault("status", status=500, times=0)
    outbox.queue(200, "campaign")
    outbox.drain("bulk")
    lost = outbox.states()["unknown"]
    assert 10 <= lost <= 30
    assert outbox.sql("SELECT reason FROM lane_pause") == [("failing",)]
    gateway.calm()
    outbox.pass_time(6)
    outbox.drain("bulk")
    assert outbox.states() == {"unknown": lost, "accepted": 200 - lost}


def test_a_request_that_is_always_wrong_ends_alone(outbox: Outbox, gateway: Gateway) -> None:
    (bad, good) = outbox.queue(2, "notice")
    gateway.fault("status", status=400, phone=bad, times=0)
    for _ in range(4):
        outbox.drain("bulk")
        outbox.pass_time(4000)
        outbox.sql("UPDATE message SET not_after = now() + interval '1 hour'")
    assert outbox.row(bad).state == "dead"
    assert outbox.row(good).state == "accepted"


@pytest.mark.parametrize("rate", ["50", "90000"])
def test_too_many_requests_lose_nothing_and_keep_the_order(
    make_outbox: Any, database_url: str, redis_url: str, gateway: Gateway, rate: str
) -> None:
    """F15: the rate falls, nothing fails, everyone keeps his place."""
    outbox = make_outbox(database_url, redis_url, CP2_SMS_RATE=rate)
    gateway.fault("status", status=429, retry_after=1, times=5)
    outbox.queue(10)
    before = outbox.sql("SELECT id, next_attempt_at FROM message ORDER BY id")
    outbox.drain(limits=type(LIMITS)(**{**vars(LIMITS), "threads": 5}), seconds=0.5)
    assert outbox.states()["ready"] == 10
    assert outbox.sql("SELECT id, next_attempt_at FROM message ORDER BY id") == before
    assert outbox.sql("SELECT * FROM lane_pause") == []
    outbox.drain(seconds=30)
    assert outbox.states() == {"accepted": 10}
    assert set(gateway.stored.values()) == {1}


def test_a_read_that_times_out_is_not_sent_twice_and_its_report_resolves_it(
    outbox: Outbox, gateway: Gateway
) -> None:
    """A13 and F17."""
    gateway.fault("store_then_timeout")
    (jane,) = outbox.queue(1, "notice")
    outbox.drain("bulk", limits=type(LIMITS)(**{**vars(LIMITS), "deadline": 0.5}))
    assert outbox.row(jane).state == "unknown"
    for _ in range(3):
        outbox.pass_time(3600)
        outbox.sweep()
        outbox.drain("bulk")
    wait_until(lambda: gateway.stored[jane] == 1, "a simulator that is slower than our deadline")
    assert gateway.posts[jane] == 1
    (sending,) = gateway.sends
    assert outbox.report(sending["id"], phoneNumber=jane) == "applied"
    assert outbox.row(jane).state == "delivered"
    assert outbox.row(jane).provider_id == sending["id"]


def test_a_code_that_may_be_lost_goes_once_more_and_then_never(outbox: Outbox, gateway: Gateway) -> None:
    gateway.fault("store_then_reset", times=0)
    (jane,) = outbox.queue(1, "code", grant="77")
    for _ in range(4):
        outbox.drain()
        assert outbox.sweep()["twins"] == 0  # 20 s have not passed
        outbox.pass_time(21)
        outbox.sweep()
    assert outbox.row(jane).state == "unknown"
    assert [one["text"] for one in gateway.sends] == ["en a.b 77"] * 2


def test_a_twin_that_came_too_late_leaves_the_code_unknown(outbox: Outbox, gateway: Gateway) -> None:
    gateway.fault("store_then_reset")
    (jane,) = outbox.queue(1)
    outbox.drain()
    outbox.pass_time(21)
    assert outbox.sweep()["twins"] == 1
    outbox.pass_time(601)
    assert outbox.sweep()["expired"] == 1
    assert outbox.states() == {"unknown": 1}
    assert gateway.posts[jane] == 1


def test_a_message_that_cannot_be_worded_dies_alone(outbox: Outbox, gateway: Gateway) -> None:
    """F31, where wording raises or never ends."""
    good = outbox.queue(5)
    outbox.queue(1, words="poison.error", first=50)
    outbox.queue(1, words="poison.loop", first=60)
    limits = type(LIMITS)(**{**vars(LIMITS), "wording": 0.05})
    for _ in range(3):
        outbox.drain(limits=limits)
        outbox.lapse()
    assert outbox.states() == {"accepted": 5, "dead": 2}
    assert set(gateway.posts) == set(good)
    assert {row.failure for row in outbox.sql("SELECT failure FROM message WHERE state = 'dead'")} == {
        "wording"
    }


def test_no_number_and_no_word_is_logged(outbox: Outbox, gateway: Gateway) -> None:
    gateway.fault("code", code=403)
    outbox.queue(3, grant="CANARY")
    outbox.queue(1, words="poison.error", first=50, grant="CANARY")
    with capture_logs() as logs:
        outbox.drain()
    said = json.dumps(logs, default=repr)
    assert "drained" in said
    assert "CANARY" not in said
    assert "+254" not in said


def test_what_is_in_hand_never_shows_itself(outbox: Outbox) -> None:
    outbox.queue(1, grant="CANARY")
    with outbox.stores.transaction() as db:
        (claimed,) = rows.claim(db, "urgent", 1, classes=["code"], lease=5)
    assert "CANARY" not in repr(claimed)
    assert "+254" not in repr(claimed)


def test_depths_and_unknowns_are_counted(outbox: Outbox, gateway: Gateway) -> None:
    gateway.fault("empty")
    outbox.queue(1)
    outbox.drain()
    outbox.queue(2, first=10)
    outbox.pass_time(90)
    with outbox.stores.transaction() as db:
        urgent, bulk = rows.depths(db, now=office.now(db))
        assert rows.unknown(db) == 1
    assert (urgent.lane, urgent.ready, urgent.held) == ("urgent", 2, 0)
    assert urgent.oldest >= 90
    assert bulk == ("bulk", 0, 0.0, 0)


def test_the_plans_hold_with_three_hundred_thousand_waiting(outbox: Outbox) -> None:
    """The claim walks its index whatever is held before it; so does all that the sweep asks."""
    outbox.sql(
        "INSERT INTO message (lane, class, phone, words, details, next_attempt_at, not_after) "
        "SELECT 'bulk', CASE WHEN n % 3 = 0 THEN 'notice' ELSE 'campaign' END, '+254700000000', 'a.b', '{}', "
        "now() - n * interval '1 ms', now() + interval '1 day' FROM generate_series(1, 300000) AS n"
    )
    outbox.sql("ANALYZE message")
    one = {"lane": "bulk", "most": 128, "lease": 60, "classes": ["chase", "notice", "campaign"]}
    held = one | {"classes": ["chase"]}
    for values in (one, held):
        plan = explain(outbox, rows.CLAIM, values)
        assert "ix_message_ready" in plan
        assert "Seq Scan" not in plan
    assert "ix_message_not_after" in explain(outbox, sweep.EXPIRE, {"most": 10_000})
    assert "ix_message_leased" in explain(outbox, sweep.RELEASE, {"poisonous": 3})
    assert "ix_message_leased" in explain(outbox, sweep.LOSE, {})
    assert "ix_message_unknown" in explain(outbox, sweep.TWIN, {"after": 20})
    due = {"lanes": ["urgent", "bulk"], "classes": ["chase", "notice"]}
    assert "Seq Scan on message" not in explain(outbox, sweep.DUE, due)
    assert "Seq Scan on message" not in explain(outbox, rows.SOON, {"lane": "bulk", "classes": ["chase"]})


def explain(outbox: Outbox, statement: Any, values: dict[str, Any]) -> str:
    """The plan of a statement."""
    found = outbox.sql(f"EXPLAIN {statement.text}", **values)
    return "\n".join(line for (line,) in found)


def test_a_drain_works_without_redis(make_outbox: Any, database_url: str, gateway: Gateway) -> None:
    outbox = make_outbox(database_url, "redis://127.0.0.1:9/0")
    outbox.queue(10)
    assert outbox.drain()["accepted"] == 10


def test_a_drain_out_of_time_gives_back_and_rings(outbox: Outbox, gateway: Gateway) -> None:
    gateway.fault("slow", seconds=0.3, times=0)
    outbox.queue(40)
    counts = outbox.drain(seconds=0.1)
    assert counts["given_back"] > 0
    assert outbox.states() == {"ready": 40 - counts["accepted"], "accepted": counts["accepted"]}
    assert outbox.stores.redis.exists("bell:urgent")
    assert {tries for (tries,) in outbox.sql("SELECT DISTINCT tries FROM message")} == {0}


def test_a_lost_lease_is_not_posted(outbox: Outbox, gateway: Gateway) -> None:
    """The fence: a worker that was thought dead finds its row out of reach."""
    outbox.queue(1)
    with outbox.stores.transaction() as db:
        (claimed,) = rows.claim(db, "urgent", 1, classes=["code"], lease=5)
    outbox.lapse()
    outbox.sweep()
    assert outbox.drain()["accepted"] == 1
    with outbox.stores.transaction() as db:
        assert rows.fence(db, [(claimed, 1)], worker="old", lease=5) == set()
    assert set(gateway.posts.values()) == {1}


def test_a_late_answer_still_settles_what_was_taken_for_lost(outbox: Outbox) -> None:
    from sms_gateway.providers.answers import Answer

    (jane,) = outbox.queue(1, "notice")
    with outbox.stores.transaction() as db:
        (claimed,) = rows.claim(db, "bulk", 1, classes=["notice"], lease=5)
        rows.fence(db, [(claimed, 1)], worker="slow", lease=5)
    outbox.lapse()
    assert outbox.sweep()["lost"] == 1
    assert outbox.row(jane).state == "unknown"
    with outbox.stores.transaction() as db:
        answer = Answer("accepted", "101", 201, "ATXid_late")
        rows.settle(db, [rows.Landed(claimed, answer)], now=office.now(db))
    assert (outbox.row(jane).state, outbox.outcomes(jane)) == ("accepted", ["accepted"])


def test_the_same_fact_is_queued_once(outbox: Outbox) -> None:
    outbox.queue(1, key="deployed:12")
    outbox.queue(1, key="deployed:12")
    assert outbox.states() == {"ready": 1}
