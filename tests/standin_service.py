"""A service of stand-ins: `python -m tests.standin_service` supervises the programs of `tests/standins.py`."""

import dataclasses
import os
import sys

from runtime import settings, supervisor
from runtime.plan import Child, Plan, plan, python, web


def stand_in(given: settings.Settings) -> Plan:
    """The plan of the product with every program replaced, except the web server itself."""
    whole = plan(given, os.environ)
    simulator = whole.simulator and dataclasses.replace(
        whole.simulator, argv=(sys.executable, "-m", "tests.standins", "simulator", *whole.simulator.argv[4:])
    )
    workers = tuple(
        python(child.name, "-m", "tests.standins", "worker", child.name) for child in whole.workers
    )
    setup = whole.setup and Child(
        "setup", (sys.executable, "-m", "tests.standins", "setup"), needed="psycopg"
    )
    page = dataclasses.replace(web(given, "tests.standin_wsgi:app"), needed="psycopg")
    return Plan(setup, simulator, page, workers, whole.ready)


if __name__ == "__main__":
    sys.exit(supervisor.main(stand_in))
