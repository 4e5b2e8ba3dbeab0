"""Bells of the lanes that a hop's messages wait in, rung a moment later: nobody on a phone waits for them.

A process that is killed loses what it had not rung yet; the sweeper rings then.
"""

from collections.abc import Callable

from ussd_app.backlog import Backlog


class Bells(Backlog[str]):
    """The lanes that one process has to ring, by name."""

    name, pause = "bells", 0.02

    def __init__(self, ring: Callable[[str], None]) -> None:
        super().__init__()
        self.ring = ring

    def work(self) -> None:
        """Ring every lane that waits, once."""
        lanes = {self.waiting.popleft() for _ in range(len(self.waiting))}
        for lane in lanes:
            self.ring(lane)

    def close(self) -> None:
        """End the thread, and ring what is left."""
        super().close()
        self.attempt()
