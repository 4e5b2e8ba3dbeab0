"""Every function that RQ may run, by name. It runs in a process forked for it, and opens what it needs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from menus.library import Library
from menus.table import VOCABULARY
from menus.wording import Wording
from runtime import settings as settings_module
from runtime.settings import Settings
from runtime.stores import Stores, open_stores
from sms_gateway import drain as drains
from sms_gateway.offices import office_of


def drain(lane: str) -> None:
    """Send what is due in a lane, for up to 45 s."""
    settings = settings_module.read(os.environ)
    with opened(settings) as stores:
        drains.drain(stores, settings, wording(stores, settings), lane)


@contextmanager
def opened(settings: Settings) -> Iterator[Stores]:
    """The stores, for as long as this job lasts."""
    stores = open_stores(settings, pool=2)
    try:
        yield stores
    finally:
        stores.close()


def wording(stores: Stores, settings: Settings) -> Wording:
    """The sentences of the live menu version, and the office that says them."""
    _, tree = Library(stores.redis, stores.sessions, VOCABULARY).live()
    return Wording(tree.words, office_of(settings))
