"""The product and the floor in turn, on the same machine: absolute figures drift here, ratios less."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from benchmarks import load
from benchmarks.client import Tally
from benchmarks.figure import say
from benchmarks.ground import Ground
from benchmarks.handset import Dialogue
from benchmarks.load import Numbers, Side

WARM_SECONDS = 1.0


@dataclass(frozen=True)
class Turns:
    """How the two are measured: so many rounds of so many seconds, by one and the same client."""

    rounds: int
    seconds: float
    connections: int
    client: str

    def play(self, side: Side, first: int) -> Tally:
        """One round of one side."""
        return load.play(side.job(first, self.connections, self.seconds), self.client)


def meet_floor(ground: Ground, dialogue: Dialogue, numbers: Numbers) -> Side:
    """Start the floor, which plays the same hops; its fourth `*` behind the first input ends a session."""
    verdicts = tuple("END" if typed.count("*") == 3 else "CON" for typed in dialogue.texts)
    return load.meet(ground.start_floor(), replace(dialogue, verdicts=verdicts), numbers)


def meet_product(ground: Ground, dialogue: Dialogue, numbers: Numbers) -> Side:
    """Start the product's web server."""
    ground.start_web()
    return load.meet(f"{ground.webhooks}/ussd", dialogue, numbers)


def alternate(
    turns: Turns, product: Side, floor: Side, numbers: Numbers, rest: Callable[[Tally], None]
) -> Iterator[tuple[Tally, Tally]]:
    """Rounds of both, who begins changing each time; `rest` is called when the product's round is over."""
    warm = replace(turns, seconds=min(WARM_SECONDS, turns.seconds))
    warm.play(floor, numbers.block())
    rest(warm.play(product, numbers.block()))
    for number in range(turns.rounds):
        tallies: dict[Side, Tally] = {}
        for side in (product, floor) if number % 2 else (floor, product):
            tallies[side] = turns.play(side, numbers.block())
            if side is product:
                rest(tallies[side])
        say(f"  round {number + 1}: {told(tallies[product])}; the floor {told(tallies[floor])}")
        yield tallies[product], tallies[floor]


def told(tally: Tally) -> str:
    """A round as it is said."""
    return f"{tally.rate:,.0f} hops/s (p50 {tally.p50_ms:.1f} ms, p99 {tally.p99_ms:.1f} ms)"
