"""The reading dialogue against the floor: dial, about, a page, back, back. Nothing is written to SQL."""

from collections.abc import Iterator
from statistics import median

from benchmarks import load
from benchmarks.figure import Figure, Wrong, paired
from benchmarks.ground import open_ground
from benchmarks.handset import Dialogue
from benchmarks.turns import Turns, alternate, meet_floor, meet_product

DIALOGUE = Dialogue(("3", "1", "0", "0"), ("CON",) * 5)
TARGET = 0.7


def measure(
    *, rounds: int = 7, seconds: float = 6.0, connections: int = 32, client: str = ""
) -> Iterator[Figure]:
    """Hops a second of whole dialogues, and the median of the rounds' ratios."""
    turns, numbers = Turns(rounds, seconds, connections, load.chosen(client)), load.Numbers()
    with open_ground() as ground:
        product = meet_product(ground, DIALOGUE, numbers)
        check(product.screens)
        floor = meet_floor(ground, DIALOGUE, numbers)
        tallies = list(alternate(turns, product, floor, numbers, lambda tally: None))
    pairs = [(ours.rate, theirs.rate) for ours, theirs in tallies]
    yield from paired("reading", "hops/s", pairs, f"the floor, by {turns.client}; target ratio {TARGET}")
    waits = [(ours.p99_ms, theirs.p99_ms) for ours, theirs in tallies]
    yield Figure(
        "reading.p99", median(ours for ours, _ in waits), "ms", median(theirs for _, theirs in waits)
    )


def check(screens: tuple[str, ...]) -> None:
    """Back leads back: each screen is seen again on the way home, and the page is another one."""
    if screens != screens[::-1] or len(set(screens)) != 3:
        raise Wrong(f"the way back is not the way there: {screens}")
