"""The account dialogue against the floor: dial, create, confirm, consent, END, with its SQL and its SMS."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from benchmarks import load, outgoing
from benchmarks.client import Tally
from benchmarks.figure import Figure, Wrong, paired
from benchmarks.ground import Ground, open_ground
from benchmarks.handset import Dialogue
from benchmarks.load import Numbers, Side
from benchmarks.turns import Turns, alternate, meet_floor, meet_product

DIALOGUE = Dialogue(("1", "1", "1"), ("CON", "CON", "CON", "END"))
DRAINED = 120.0  # seconds for the SMS that are still queued when a round is over
# Every account beside what belongs to it: one message, one one-time password, one consent.
ODD = """
SELECT count(*) FROM account a
WHERE (SELECT count(*) FROM message m WHERE m.account_id = a.id AND m.phone = a.phone) <> 1
   OR (SELECT count(*) FROM grant_password g WHERE g.account_id = a.id) <> 1
   OR (SELECT count(*) FROM consent c WHERE c.account_id = a.id) <> 1
"""


@dataclass
class Office:
    """What the product has made so far, and how fast its SMS left."""

    ground: Ground
    ended: int = 0  # ENDs the clients have heard
    lost: int = 0  # ENDs that a client may have missed: wrk leaves with answers under way
    accounts: int = 0
    rates: list[float] = field(default_factory=list)
    tails: list[float] = field(default_factory=list)

    def rest(self, tally: Tally, slack: int) -> None:
        """After a round: wait for the SMS, and count accounts against ENDs."""
        over = time.monotonic()
        outgoing.await_accepted(self.ground, "message", DRAINED)
        self.tails.append(time.monotonic() - over)
        made = self.ground.count("account") - self.accounts
        self.rates.append(made / (tally.seconds + self.tails[-1]))
        self.accounts += made
        self.ended += tally.sessions
        self.lost += slack
        if not self.ended <= self.accounts <= self.ended + self.lost:
            raise Wrong(f"{self.ended} ENDs (and {self.lost} at most unheard) made {self.accounts} accounts")

    def check(self) -> None:
        """Every account has exactly one message, and the provider took each exactly once."""
        messages, odd = self.ground.count("message"), self.ground.sql(ODD)[0][0]
        if odd or messages != self.accounts:
            raise Wrong(f"{self.accounts} accounts, {messages} messages, {odd} accounts with too few or many")
        outgoing.check_taken(self.ground, "message")


def measure(
    *, rounds: int = 5, seconds: float = 6.0, connections: int = 32, client: str = "", proof: int = 200
) -> Iterator[Figure]:
    """Hops a second against the floor, and accounts a second up to the last SMS accepted."""
    turns, numbers = Turns(rounds, seconds, connections, load.chosen(client)), Numbers()
    with open_ground() as ground:
        product = meet_product(ground, DIALOGUE, numbers)
        ground.start_workers("urgent", "bulk", "clock")
        office = Office(ground, ended=2, accounts=2)  # two were made to learn the screens
        prove(office, product, numbers, proof, connections)
        floor = meet_floor(ground, DIALOGUE, numbers)
        unheard = connections if turns.client == "wrk" else 0
        tallies = list(alternate(turns, product, floor, numbers, lambda tally: office.rest(tally, unheard)))
        office.check()
    pairs = [(ours.rate, theirs.rate) for ours, theirs in tallies]
    yield from paired("account", "hops/s", pairs, f"the floor, by {turns.client}; SQL and SMS included")
    yield Figure(
        "account.whole",
        median(office.rates[-rounds:]),
        "accounts/s",
        None,
        None,
        "up to the last SMS accepted",
    )
    yield Figure("account.tail", median(office.tails[-rounds:]), "s", None, None, "from last END to last SMS")
    waits = [(ours.p99_ms, theirs.p99_ms) for ours, theirs in tallies]
    yield Figure(
        "account.p99", median(ours for ours, _ in waits), "ms", median(theirs for _, theirs in waits)
    )


def prove(office: Office, product: Side, numbers: Numbers, proof: int, connections: int) -> None:
    """Play a known number of dialogues to their ends: there must be exactly as many accounts."""
    tally = load.play(product.job(numbers.block(), min(connections, proof), 60.0, proof), "own")
    office.rest(tally, 0)
    if tally.sessions != proof:
        raise Wrong(f"{tally.sessions} of {proof} dialogues ended")
    office.check()
