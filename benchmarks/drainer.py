"""A drain at any hour of the day, in a process of its own: `python -m benchmarks.drainer <lane> [limits]`.

The product's workers hold campaigns back at night; what is measured must not depend on the hour.
"""

import json
import os
import sys
import threading
from datetime import datetime

from operations import notices
from runtime import logs
from runtime import settings as settings_module
from runtime.stores import open_stores
from sms_gateway.drain import Limits, drain
from workers import jobs
from workers.process import catch

PAUSE = 0.1


def at_any_hour(moment: datetime) -> list[str]:
    """Every class."""
    return list(notices.CLASSES)


def main(lane: str, limits: str = "{}") -> None:
    """Drain a lane again and again until told to stop; `limits` is JSON."""
    settings, stop = settings_module.read(os.environ), threading.Event()
    logs.configure(settings.webhook_secrets)
    stores, bounds = open_stores(settings, pool=2), Limits(**json.loads(limits))
    catch(stop.set)
    words = jobs.wording(stores, settings)
    while not stop.is_set():
        drain(stores, settings, words, lane, limits=bounds, classes=at_any_hour)
        stop.wait(PAUSE)
    stores.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
