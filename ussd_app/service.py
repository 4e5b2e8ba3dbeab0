"""The open service of one process: what every request may use, made once by the factory."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from menus.library import Library
from menus.table import VOCABULARY
from menus.vocabulary import Vocabulary
from operations.office import Office
from runtime.metrics import Gauge, Metrics
from runtime.settings import Settings
from runtime.stores import Stores, open_stores
from ussd_app.bells import Bells
from ussd_app.dials import Dials
from ussd_app.ledger import Ledger
from ussd_app.sessions import HOP_SECONDS, SessionStore


@dataclass(frozen=True)
class Service:
    """Settings, stores, the office, the live menu tree, USSD sessions and counters."""

    settings: Settings
    stores: Stores
    office: Office
    vocabulary: Vocabulary
    library: Library
    sessions: SessionStore
    metrics: Metrics
    ledger: Ledger
    dials: Dials
    bells: Bells  # of a hop, which does not wait for them
    ring: Callable[[str], None]  # wakes the workers of a lane; may fail freely
    outbox: Callable[[Session], list[Gauge]]  # the outbox as it stands

    def close(self) -> None:
        """End its threads and give every connection back."""
        self.bells.close()
        self.dials.close()
        self.ledger.close()
        self.stores.close()


def open_service(
    settings: Settings,
    office: Office,
    ring: Callable[[Stores, str], None],
    outbox: Callable[[Session], list[Gauge]],
    *,
    vocabulary: Vocabulary = VOCABULARY,
    hop_seconds: float = HOP_SECONDS,
    stores: Stores | None = None,
) -> Service:
    """Open everything a process needs, its stores too unless they are given; nothing is contacted yet."""
    stores, metrics = stores or open_stores(settings), Metrics(settings.data_dir / "metrics")
    wake = partial(ring, stores)
    refused = metrics.events.labels("menu_refused")
    library = Library(stores.redis, stores.sessions, vocabulary, refused=lambda digest: refused.inc())
    return Service(
        settings=settings,
        stores=stores,
        office=office,
        vocabulary=vocabulary,
        library=library,
        sessions=SessionStore(stores.redis, settings.secret_key, hop_seconds=hop_seconds),
        metrics=metrics,
        ledger=Ledger(metrics),
        dials=Dials(stores),
        bells=Bells(wake),
        ring=wake,
        outbox=outbox,
    )
