"""The entry: `python -m workers urgent|bulk|office|clock`."""

import argparse
import os
import sys

from runtime import logs
from runtime import settings as settings_module
from runtime.settings import BadSettings
from runtime.stores import NotRunning
from workers import clock, process
from workers.queues import QUEUES


def main(arguments: list[str]) -> int:
    """Run one process until it is told to stop."""
    parser = argparse.ArgumentParser(
        prog="python -m workers", description="A worker of one queue, or the clock."
    )
    parser.add_argument("name", choices=[*QUEUES, "clock"])
    name = parser.parse_args(arguments).name
    try:
        settings = settings_module.read(os.environ)
        logs.configure(settings.webhook_secrets)
        logs.tell_of_threads()
        return clock.run(settings) if name == "clock" else process.run(settings, name)
    except (BadSettings, NotRunning) as fault:
        print(fault, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
