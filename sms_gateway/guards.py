"""What keeps a drain honest: a soft stop, a limit to the words of one message, and places to die in tests."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def on_sigterm(act: Callable[[], None]) -> Iterator[None]:
    """Do this at a SIGTERM, and then what was to be done before; main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)

    def heard(signum: int, frame: Any) -> None:
        act()
        if callable(before):
            before(signum, frame)

    signal.signal(signal.SIGTERM, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def processor_limit(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in code that burns more of the processor than this; main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def tired(signum: int, frame: Any) -> None:
        raise TimeoutError("too long")

    before = signal.signal(signal.SIGVTALRM, tired)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def die_at(point: str) -> None:
    """Be killed here if the environment's FAULT says so; tests ask for it, nothing else does."""
    if os.environ.get("FAULT") == point:
        os.kill(os.getpid(), signal.SIGKILL)
