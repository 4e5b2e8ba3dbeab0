"""The entry: `python -m benchmarks [name] [option=value …] [--quick]`."""

import argparse
import inspect
import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks import figure
from benchmarks.benches import BENCHES, Bench
from benchmarks.figure import Figure, Wrong, say
from runtime.servers import ServerFault


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for, print the table, keep it; 1 where something did not do what it must."""
    given = read(arguments)
    signal.signal(signal.SIGTERM, leave)
    path = Path(os.environ.get("CP2_DATA_DIR", "") or "var") / "bench.json"
    figures: list[Figure] = []
    faults = [fault for name in given.names if (fault := measure(name, given, figures, path))]
    say("\n" + figure.table(figures) + f"\n\nKept in {path}.")
    for fault in faults:
        say(fault.splitlines()[0])
    return 1 if faults else 0


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for; ends the program with a word where it makes no sense."""
    names = "\n".join(f"  {name:10} {bench.tells}" for name, bench in BENCHES.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the product. Every figure has servers of its own.",
        epilog=f"figures:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", choices=[*BENCHES], metavar="name", help="one figure; all without")
    parser.add_argument("options", nargs="*", metavar="option=value", help="of that figure, such as rounds=3")
    parser.add_argument("--quick", action="store_true", help="only show that it works")
    given = parser.parse_intermixed_args(arguments)
    given.names = [given.name] if given.name else [*BENCHES]
    try:
        given.values = options(BENCHES[given.name], given.options) if given.name else {}
    except ValueError as fault:
        parser.error(str(fault))
    return given


def options(bench: Bench, pairs: Sequence[str]) -> dict[str, Any]:
    """Options of a figure, read as the kind of value they stand for; raises ValueError."""
    known = {name: one.default for name, one in inspect.signature(bench.measure).parameters.items()}
    values = {}
    for name, _, value in (pair.partition("=") for pair in pairs):
        if name not in known:
            raise ValueError(f"{name} is none of: {', '.join(known)}")
        values[name] = type(known[name])(value)
    return values


def measure(name: str, given: argparse.Namespace, figures: list[Figure], path: Path) -> str:
    """Measure one figure and keep what there is; answers what was wrong, or nothing."""
    bench, began, fault = BENCHES[name], time.monotonic(), ""
    say(f"{name}: {bench.tells}")
    values: Mapping[str, Any] = {**(bench.quick if given.quick else {}), **given.values}
    try:
        for one in bench.measure(**values):
            figures.append(one)
    except Exception as wrong:  # the other figures are measured all the same
        fault = f"{name}: {wrong or type(wrong).__name__}"
        if not isinstance(wrong, Wrong | ServerFault):
            traceback.print_exc()
        say(f"  {fault}")
    figure.keep(figures, path)
    say(f"  ({time.monotonic() - began:.0f} s)")
    return fault


def leave(signum: int, frame: FrameType | None) -> None:
    """End as a Ctrl-C does: everything that was started is stopped on the way out."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("\nStopped.")
        sys.exit(130)
