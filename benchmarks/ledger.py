"""The ledger of a kill campaign: what SQL says of each message against what the provider saw."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# Every state that is an end, by the column of the ledger it belongs to.
COLUMNS = {
    "accepted": "accepted",
    "sent": "accepted",
    "delivered": "accepted",
    "failed": "failed",
    "dead": "failed",
    "expired": "failed",
    "unknown": "unknown",
}


@dataclass
class Ledger:
    """What became of all messages, and what must not have happened to any."""

    columns: Counter[str] = field(default_factory=Counter)  # accepted, failed, unknown, open
    dead: int = 0  # of those failed: given up as poison, though nothing was wrong with them
    twins: int = 0  # codes the provider took twice, as it may be
    duplicates: int = 0  # other messages it took more than once, and codes it took more than twice
    untrue: int = 0  # accepted but never taken, or failed but taken

    def __add__(self, other: "Ledger") -> "Ledger":
        """Two campaigns summed up."""
        return Ledger(
            self.columns + other.columns,
            self.dead + other.dead,
            self.twins + other.twins,
            self.duplicates + other.duplicates,
            self.untrue + other.untrue,
        )

    @property
    def all(self) -> int:
        """Every message."""
        return sum(self.columns.values())


def close(rows: Iterable[tuple[str, str, str]], taken: Mapping[str, int]) -> Ledger:
    """Hold each message (class, phone, state) against how often the provider took it."""
    ledger = Ledger()
    for klass, phone, state in rows:
        column, copies = COLUMNS.get(state, "open"), taken.get(phone, 0)
        most = 2 if klass == "code" else 1
        ledger.columns[column] += 1
        ledger.dead += state == "dead"
        ledger.twins += klass == "code" and copies == 2
        ledger.duplicates += copies > most
        ledger.untrue += (column == "accepted" and copies == 0) or (column == "failed" and copies > 0)
    return ledger
