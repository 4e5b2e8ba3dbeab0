"""A drain in a process of its own: `python -m tests.drain_child <lane> <limits as JSON>`."""

import json
import os
import sys

from runtime import settings as settings_module
from runtime.stores import open_stores
from sms_gateway.drain import Limits, drain
from tests.fixtures_outbox import ALWAYS, PlainWords


def main(lane: str, limits: str) -> None:
    """Drain once."""
    settings = settings_module.read(os.environ)
    stores = open_stores(settings, pool=2)
    drain(stores, settings, PlainWords(), lane, 45, limits=Limits(**json.loads(limits)), classes=ALWAYS)
    stores.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
