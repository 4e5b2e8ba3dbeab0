"""The kill campaign: drains killed at random moments while 1 in 20 posts goes wrong. The ledger must close."""

import json
import random
import time
from collections.abc import Iterator

from benchmarks import outgoing
from benchmarks.figure import Figure, Wrong, say
from benchmarks.ground import Ground, open_ground
from benchmarks.ledger import Ledger, close
from models.messages import LANES
from operations import office
from runtime.plan import python
from runtime.programs import Program
from sms_gateway import sweep

# Short leases, so that what a killed drain held comes back while we watch.
LIMITS = {"threads": 8, "lease": 3.0, "deadline": 1.0, "linger": 0.0, "look": 0.05}
# Classes and their parts of all messages: what may go twice, and what may not, in both lanes.
MIX = (("urgent", "code", 0.4), ("urgent", "reply", 0.3), ("bulk", "campaign", 0.3))
LATENCY = 0.05
TWIN_AFTER = 2.0  # seconds; a fast answer or a lost lease by then
LONGEST = 0.4  # seconds from a drain's first message in hand to its death
OPEN = "message WHERE state IN ('ready', 'leased', 'posting')"
PATIENCE = 180.0


def measure(
    *, seeds: int = 20, messages: int = 2_000, kills: int = 16, faults: float = 0.05, first: int = 1
) -> Iterator[Figure]:
    """What became of all messages of all seeds; raises Wrong where a promise was broken."""
    total = Ledger()
    with open_ground(CP2_SMS_RATE="5000") as ground:
        drains = {lane: open_drain(ground, lane) for lane in LANES}
        for seed in range(first, first + seeds):
            ledger = campaign(ground, drains, random.Random(seed), messages, kills, faults)
            say(f"  seed {seed}: {told(ledger)}")
            total += ledger
    yield from figures(total, seeds * kills)
    if total.all != seeds * messages or total.columns["open"] or total.duplicates or total.untrue:
        raise Wrong(f"the ledger of {seeds * messages} messages does not close: {told(total)}")


def figures(total: Ledger, kills: int) -> Iterator[Figure]:
    """The ledger as figures."""
    yield Figure("kills", kills, "SIGKILLs", None, None, f"of drains, through {total.all:,} messages")
    for column in ("accepted", "failed", "unknown"):
        count = total.columns[column]
        yield Figure(f"kills.{column}", count, "messages", total.all, count / total.all)
    yield Figure("kills.open", total.columns["open"], "messages", 0, None, "target 0: nothing is left lying")
    yield Figure(
        "kills.duplicates", total.duplicates, "messages", 0, None, "target 0, outside the code class"
    )
    yield Figure(
        "kills.untrue", total.untrue, "messages", 0, None, "target 0: SQL says what the provider says"
    )
    yield Figure("kills.twins", total.twins, "messages", None, None, "codes that went twice, as they may")
    yield Figure("kills.dead", total.dead, "messages", None, None, "of those failed: in hand at three kills")


def told(ledger: Ledger) -> str:
    """A ledger in a line."""
    counts = ", ".join(f"{count} {column}" for column, count in sorted(ledger.columns.items()))
    more = f"{ledger.duplicates} duplicates, {ledger.untrue} untrue, {ledger.twins} twins, {ledger.dead} dead"
    return f"{counts}; {more}"


def open_drain(ground: Ground, lane: str) -> Program:
    """A drain of a lane, not to be confused with the product's worker: its leases are short."""
    return ground.start(python(f"drain-{lane}", "-m", "benchmarks.drainer", lane, json.dumps(LIMITS)))


def campaign(
    ground: Ground,
    drains: dict[str, Program],
    chance: random.Random,
    messages: int,
    kills: int,
    faults: float,
) -> Ledger:
    """One seed: queue, kill, let it come to rest, close the ledger."""
    ground.sql("TRUNCATE message, attempt, report, lane_pause")
    ground.provider.reset(LATENCY, faults, chance.randrange(1 << 30))
    first = 0
    for lane, klass, part in MIX:
        outgoing.queue(ground, lane, klass, round(messages * part), first)
        first += messages
    for _ in range(kills):
        kill_one(ground, drains, chance)
    come_to_rest(ground)
    return close(ground)


def kill_one(ground: Ground, drains: dict[str, Program], chance: random.Random) -> None:
    """Kill the drain of a lane at a random moment of its work, and start another."""
    lane = chance.choice(LANES)
    busy = f"message WHERE lane = '{lane}' AND state IN ('leased', 'posting') AND lease_until > now()"
    limit = time.monotonic() + 10.0
    while not ground.count(busy) and time.monotonic() < limit and ground.count(OPEN):
        put_right(ground)
        time.sleep(0.02)
    time.sleep(chance.uniform(0.0, LONGEST))
    drains[lane].kill()
    put_right(ground)
    drains[lane].begin()


def put_right(ground: Ground) -> int:
    """Do what the clock does every 30 s, only sooner; answers how many messages were touched."""
    with ground.stores.transaction() as db:
        done = [sweep.expire(db, now=office.now(db)), sweep.release(db), sweep.lose(db)]
        return sum(done) + sweep.twin(db, after=TWIN_AFTER)


def come_to_rest(ground: Ground) -> None:
    """Go on until every message has come to its end, waiting for no retry's time."""
    limit, still = time.monotonic() + PATIENCE, 0.0
    while still < TWIN_AFTER + 1.0 and time.monotonic() < limit:
        time.sleep(0.25)
        ground.sql(
            "UPDATE message SET next_attempt_at = now() WHERE state = 'ready' AND next_attempt_at > now()"
        )
        still = 0.0 if put_right(ground) or ground.count(OPEN) else still + 0.25
