"""Start a program warm: `python -m runtime.warm <turn> <needed module> <module to run> arguments…`.

It imports while the servers still start, waits until the file `turn` is there, then runs the module as
`python -m` would. A web server that forks its workers after that shares among them what was imported.
"""

import runpy
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from runtime.children import TICK


def main(arguments: Sequence[str]) -> None:
    """Import, wait for the turn, become the program."""
    turn, needed, program, *rest = arguments
    import_module(needed)
    while not Path(turn).exists():
        time.sleep(TICK)
    sys.argv = [program, *rest]
    runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
