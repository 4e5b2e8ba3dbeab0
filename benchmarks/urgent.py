"""A password beside a campaign: how long it takes from queued to accepted while 100,000 others wait."""

import time
from collections.abc import Iterator

import urllib3

from benchmarks import outgoing
from benchmarks.figure import Figure, Wrong, say
from benchmarks.ground import Ground, open_ground
from runtime.plan import python

TARGET = 5.0  # seconds, for 95 of 100
FIRST = 50_000_000  # the phones that ask are not among those of the campaign
PEOPLE = """
WITH lines AS (
    INSERT INTO subscriber (phone, lang) SELECT '+2547' || n, 'en'
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n RETURNING phone
)
INSERT INTO account (username, phone) SELECT substr(phone, 2), phone FROM lines
"""
WAITS = """
SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99])
    WITHIN GROUP (ORDER BY extract(epoch FROM settled_at - queued_at))
FROM message WHERE class = 'code'
"""


def measure(
    *, campaign: int = 100_000, rate: float = 50.0, seconds: float = 60.0, asks: float = 5.0
) -> Iterator[Figure]:
    """Passwords are asked for by SMS, so many a second, while both lanes send at the provider's pace."""
    with open_ground(CP2_SMS_RATE=str(rate)) as ground:
        count = max(1, round(seconds * asks))
        ground.sql(PEOPLE, first=FIRST, last=FIRST + count - 1)
        outgoing.queue(ground, "bulk", "campaign", campaign, 0)
        ground.start_web()
        ground.start_workers("urgent", "clock")
        bulk = ground.start(python("bulk", "-m", "benchmarks.drainer", "bulk"))
        ground.wait(lambda: ground.count("message WHERE state = 'accepted'"), bulk)
        before, began = accepted(ground), time.monotonic()
        ask(ground, count, 1 / asks)
        beside = (accepted(ground) - before) / (time.monotonic() - began)
        waiting = ground.count("message WHERE class = 'campaign' AND state = 'ready'")
        outgoing.await_accepted(ground, "message WHERE class = 'code'", 60.0)
        check(ground, count, waiting)
        p50, p95, p99 = map(float, ground.sql(WAITS)[0][0])
    note = f"queued to accepted, {count} asked beside {campaign:,}; target {TARGET:g} s"
    yield Figure("urgent", p95, "s (p95)", TARGET, p95 / TARGET, note)
    yield Figure("urgent.p50", p50, "s")
    yield Figure("urgent.p99", p99, "s")
    yield Figure(
        "urgent.campaign", beside, "messages/s", rate, beside / rate, "the campaign meanwhile, of the pace"
    )


def accepted(ground: Ground) -> int:
    """How many of the campaign's messages have been accepted."""
    return ground.count("message WHERE class = 'campaign' AND state = 'accepted'")


def ask(ground: Ground, count: int, every: float) -> None:
    """Post one SMS after the other as Africa's Talking does, each from another phone, at a steady pace."""
    http, began = urllib3.PoolManager(retries=False, timeout=10), time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number * every - time.monotonic()))
        phone = f"+2547{FIRST + number}"
        form = {"id": f"in-{number}", "from": phone, "to": "22262", "text": "Password"}
        date = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        reply = http.request_encode_body(
            "POST", f"{ground.webhooks}/sms", {**form, "date": date}, encode_multipart=False
        )
        if reply.status != 200:
            raise Wrong(f"an SMS was answered {reply.status}")
    say(f"  {count} passwords asked for in {time.monotonic() - began:.0f} s")


def check(ground: Ground, count: int, waiting: int) -> None:
    """Every request got its password exactly once, and the campaign never ran dry."""
    outgoing.check_taken(ground, "message WHERE class = 'code'")
    if (codes := ground.count("message WHERE class = 'code'")) != count:
        raise Wrong(f"{count} requests made {codes} passwords")
    if not waiting:
        raise Wrong("the campaign was over before the passwords were")
