"""The kill campaign: drains killed at random moments, 1 post in 20 goes wrong. The ledger must close."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
# Whether the drain of a lane that was begun at this lease token has messages in hand.
BUSY = "SELECT 1 FROM message WHERE lane = :lane AND state IN ('leased', 'posting') AND lease_token > :since"
TOKEN = "SELECT last_value FROM lease_token"
BUSY_PATIENCE = 10.0  # seconds without any: all that is left waits for a retry
PATIENCE = 180.0


@dataclass
class Drain:
    """The drain of one lane: killed, and begun again."""

    ground: Ground
    lane: str
    program: Program
    since: int = 0  # the last lease token before it was begun

    def works(self) -> bool:
        """Whether it has messages in hand that it claimed itself."""
        return bool(self.ground.sql(BUSY, lane=self.lane, since=self.since))

    def die(self) -> None:
        """Be killed, and begin again."""
        self.program.kill()
        put_right(self.ground)
        self.since = self.ground.sql(TOKEN)[0][0]
        self.program.begin()


def measure(
    *, seeds: int = 20, messages: int = 2_000, kills: int = 16, faults: float = 0.05, first: int = 1
) -> Iterator[Figure]:
    """What became of all messages of all seeds; raises Wrong where a promise was broken."""
    total, killed = Ledger(), 0
    with open_ground(CP2_SMS_RATE="5000") as ground:
        drains = [open_drain(ground, lane) for lane in LANES]
        for seed in range(first, first + seeds):
            ledger, deaths = campaign(ground, drains, random.Random(seed), messages, kills, faults)
            say(f"  seed {seed}: {deaths} kills; {told(ledger)}")
            total, killed = total + ledger, killed + deaths
    yield from figures(total, killed)
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


def open_drain(ground: Ground, lane: str) -> Drain:
    """A drain of a lane, not to be confused with the product's worker: its leases are short."""
    child = python(f"drain-{lane}", "-m", "benchmarks.drainer", lane, json.dumps(LIMITS))
    return Drain(ground, lane, ground.start(child))


def campaign(
    ground: Ground,
    drains: Sequence[Drain],
    chance: random.Random,
    messages: int,
    kills: int,
    faults: float,
) -> tuple[Ledger, int]:
    """One seed: queue, kill, let it come to rest, close the ledger; and how many drains were killed."""
    ground.sql("TRUNCATE message, attempt, report, lane_pause")
    ground.provider.reset(LATENCY, faults, chance.randrange(1 << 30))
    first = 0
    for lane, klass, part in MIX:
        outgoing.queue(ground, lane, klass, round(messages * part), first)
        first += messages
    killed = sum(kill_one(ground, drains, chance) for _ in range(kills))
    come_to_rest(ground)
    rows = ground.sql("SELECT class, phone, state FROM message")
    return close(map(tuple, rows), ground.provider.log("taken")), killed


def kill_one(ground: Ground, drains: Sequence[Drain], chance: random.Random) -> bool:
    """Kill a drain at a random moment of its work and start another; False where none has work any more."""
    limit = time.monotonic() + BUSY_PATIENCE
    while not (busy := [drain for drain in drains if drain.works()]):
        put_right(ground)
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    time.sleep(chance.uniform(0.0, LONGEST))
    chance.choice(busy).die()
    return True


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
