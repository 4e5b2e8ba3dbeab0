"""Kinds of import: what columns a file has, what its rows mean, and how a batch of them is kept."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from operations.imports_cells import Reader
from operations.office import Actor

# A transaction of the caller: commits at its end, rolls back on an exception.
Transactions = Callable[[], AbstractContextManager[Session]]
Keep = Callable[..., list["Fault"]]


@dataclass(frozen=True)
class Column:
    """A column of a file: what its cells hold, whether they may be empty, and whether it may be absent."""

    name: str
    read: Reader
    empty: bool = False
    absent: bool = False


@dataclass(frozen=True)
class Line:
    """A row of the file: where it begins, its cells as they came, and what they mean."""

    number: int
    cells: Sequence[str]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """Why a row was left out, or a part of it."""

    line: int
    text: str
    cells: Sequence[str] = field(repr=False)


class Kind:
    """What an import does with its rows. A subclass names its columns and keeps a batch.

    `passes` read the file one after the other: the second may refer to what the first has kept.
    """

    name: ClassVar[str]
    columns: tuple[Column, ...]
    since: datetime  # when this file was begun, stops and all
    # Rows a transaction: few, where each takes locks that people wait for.
    batch: ClassVar[int] = 1000
    # Judging remembers what stood in earlier rows: after a stop those are judged again.
    remembers: ClassVar[bool] = False

    @property
    def scope(self) -> str:
        """What the same file may be read in for once: `registers.tsc`."""
        return self.name

    def prepare(self, db: Session, header: Sequence[str]) -> None:
        """Read what the rows refer to; raises BadFile where nothing can come of this file."""

    def judge(self, values: dict[str, Any], line: int) -> list[str]:
        """What is wrong with a row whose cells are right each by itself; may add to its values."""
        return []

    def passes(self) -> Sequence[Keep]:
        """How often the file is read, and what is kept each time."""
        return (self.keep,)

    def keep(self, db: Session, batch: Sequence[Line], *, by: Actor, now: datetime) -> list[Fault]:
        """Keep these rows, twice as well as once; answers those that could not be."""
        raise NotImplementedError

    def settle(self, transaction: Transactions) -> None:
        """What follows when every row is kept, in transactions of its own; done again after a stop."""
