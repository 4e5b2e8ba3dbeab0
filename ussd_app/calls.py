"""What the Python behind the tree may use of one hop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from menus.vocabulary import Words
from operations.accounts import Read
from operations.office import Actor, Office, caller


@dataclass
class UssdCall:
    """One hop as menu functions see it."""

    phone: str
    office: Office
    opens: Callable[[], Session]
    lean: Read
    transcript: str
    lang: str = "en"
    facts: dict[str, str] = field(default_factory=dict)
    account: int | None = None
    left: int | None = None
    spots: dict[str, list[int]] = field(default_factory=dict)
    form: str = ""
    words: Mapping[str, Words] = field(default_factory=dict)
    opened: Session | None = None

    @property
    def db(self) -> Session:
        """The hop's one transaction; a hop that never asks for it costs the database nothing."""
        if self.opened is None:
            self.opened = self.opens()
        return self.opened

    def read(self, sql: str, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        """The first row, as this hop sees it: what its transaction wrote included, where there is one."""
        if self.opened is None:
            return self.lean(sql, values)
        self.opened.flush()
        row = self.opened.connection().exec_driver_sql(sql, dict(values)).first()
        return tuple(row) if row else None

    def close(self) -> None:
        """Give the connection back, if there was one; what was not committed is gone."""
        if self.opened is not None:
            self.opened.close()

    @property
    def by(self) -> Actor:
        """The phone that acts."""
        return caller(self.phone, "ussd")

    def secret(self, name: str) -> str | None:
        """What was typed at a secret node of this session, read back from the transcript."""
        spot = self.spots.get(name)
        return self.transcript[spot[0] : spot[1]].strip() if spot else None

    def release(self) -> None:
        """Hand the connection back before slow work; nothing has been written yet."""
        if self.db.new or self.db.dirty:
            raise RuntimeError("release() after a write would split the transaction")
        self.db.rollback()

    def undo(self) -> None:
        """Roll back what this step wrote: it was refused."""
        if self.opened is not None:
            self.opened.rollback()
            self.opened.info.clear()
