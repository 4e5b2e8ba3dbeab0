"""Imports: an office's file read into tables, a batch a transaction, and gone on with after a stop.

What kinds there are, and what their columns may hold, stands in `operations/imports_*.py`. How far a file is
read is kept in the transaction that kept the rows, so a killed import that is started again does the rest,
and the same file, once read, changes nothing. A bad row is left out and said; the others are kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.registers import Import
from operations import audits
from operations.imports_cells import BadCell, tidy
from operations.imports_files import BadFile, FaultsFile, Source
from operations.imports_kinds import Column, Fault, Keep, Kind, Line, Transactions
from operations.office import NAIROBI, Actor, now

BATCH: Final = 1000


@dataclass(frozen=True)
class Progress:
    """How far a file is read: the rows dealt with, of how many, all faults so far, and the last batch's."""

    done: int
    total: int
    known: int
    faults: Sequence[Fault] = ()


class AlreadyRead(Exception):
    """This very file was read in before."""

    def __init__(self, when: datetime, by: str) -> None:
        day = f"{when.astimezone(NAIROBI):%d %b %Y, %H:%M}"
        super().__init__(f"This very file was read in on {day} by {by}. Nothing was changed.")


class Undone(Exception):
    """A dry run's batch, to be rolled back."""


@dataclass
class Reading:
    """One file being read in as one kind."""

    transaction: Transactions
    source: Source
    kind: Kind
    faults: FaultsFile
    by: Actor
    dry_run: bool = False
    entry: int = 0  # the row that says how far it came

    def judged(self, number: int, cells: Sequence[str]) -> Line | Fault:
        """A row read by its columns, then as a whole."""
        header, values, faults = self.source.header, dict[str, Any](), list[str]()
        if len(cells) != len(header):
            cells = [*cells[: len(header)], *filter(None, cells[len(header) :])]
        if len(cells) != len(header):
            return Fault(number, f"has {len(cells)} cells, not {len(header)}", cells)
        given = dict(zip(header, cells, strict=True))
        for column in self.kind.columns:
            if column.name in given:
                self.read(column, given[column.name], values, faults)
        faults = faults or self.kind.judge(values, number)
        return Fault(number, "; ".join(faults), cells) if faults else Line(number, cells, values)

    def read(self, column: Column, cell: str, values: dict[str, Any], faults: list[str]) -> None:
        """One cell, among the values or the faults."""
        try:
            text = tidy(cell)
            if not (text or column.empty or column.absent):
                raise BadCell("is empty")
            values[column.name] = column.read(text) if text else None
        except BadCell as fault:
            faults.append(f"{column.name} {fault}")

    def batch(self, records: Iterator[tuple[int, list[str]]]) -> tuple[int, list[Line], list[Fault]]:
        """The next rows of the file: how many, those that are right, and those that are not."""
        rows = list(islice(records, BATCH))
        found = [self.judged(number, cells) for number, cells in rows]
        return (
            len(rows),
            [line for line in found if isinstance(line, Line)],
            [fault for fault in found if isinstance(fault, Fault)],
        )

    def skip(self, records: Iterator[tuple[int, list[str]]], count: int) -> None:
        """Pass over rows that were dealt with before the stop."""
        for number, cells in islice(records, count):
            if self.kind.remembers:
                self.judged(number, cells)

    def keep(self, keep: Keep, lines: list[Line], faults: list[Fault], span: tuple[int, int]) -> list[Fault]:
        """Keep a batch and how far the file is read, both or neither; answers every fault of it."""
        found = list(faults)
        try:
            with self.transaction() as db:
                found += keep(db, lines, by=self.by, now=now(db)) if lines else []
                found.sort(key=lambda fault: fault.line)
                # Before the commit: after a kill some may stand there that were never counted, none is lost.
                self.note(found)
                if self.dry_run:
                    raise Undone
                self.move_on(db, span, len(found))
        except Undone:
            pass
        return found

    def note(self, found: list[Fault]) -> None:
        """Write these into the file of faults."""
        for fault in found:
            self.faults.add(fault.line, fault.text, fault.cells)
        self.faults.flush()

    def move_on(self, db: Session, span: tuple[int, int], faults: int) -> None:
        """Note how far the file is read; raises BadFile where somebody else got there meanwhile."""
        mine = update(Import).where(Import.id == self.entry, Import.done == span[0])
        moved = mine.values(done=span[1], faults=Import.faults + faults).returning(Import.id)
        if db.scalar(moved) is None:
            raise BadFile("Somebody else is reading in this file just now.")


def missing(source: Source, kind: Kind) -> list[str]:
    """The columns that the file should have and has not."""
    return [each.name for each in kind.columns if not each.absent and each.name not in source.header]


def unused(source: Source, kind: Kind) -> list[str]:
    """The columns of the file that nobody reads."""
    return sorted(set(source.header) - {each.name for each in kind.columns})


def run(
    transaction: Transactions,
    source: Source,
    kind: Kind,
    faults: FaultsFile,
    *,
    by: Actor,
    dry_run: bool = False,
    again: bool = False,
) -> Iterator[Progress]:
    """Read the file in; answers after each batch how far it is. Raises BadFile and AlreadyRead.

    A dry run does the same and rolls every batch back.
    """
    if absent := missing(source, kind):
        raise BadFile(f"Columns that are missing: {', '.join(absent)}. It has: {', '.join(source.header)}.")
    reading = Reading(transaction, source, kind, faults, by, dry_run)
    with transaction() as db:
        kind.since = now(db)
        kind.prepare(db, source.header)
    done, known = (0, 0) if dry_run else begin(reading, again=again)
    total = source.rows * len(kind.passes())
    faults.keep(known)
    yield Progress(done, total, known)
    for progress in rows_from(reading, done, total):
        known += len(progress.faults)
        yield replace(progress, known=known)
    if not dry_run:
        kind.settle(transaction)
        finish(reading)


def rows_from(reading: Reading, done: int, total: int) -> Iterator[Progress]:
    """Every batch that is still to be read, in every pass."""
    rows = reading.source.rows
    for n, keep in enumerate(reading.kind.passes()):
        records = reading.source.records()
        reading.skip(records, min(rows, max(0, done - n * rows)))
        while done < (n + 1) * rows:
            count, lines, faults = reading.batch(records)
            if not count:
                raise BadFile("The file became shorter while it was read.")
            # What is wrong with a row by itself was said in the first pass.
            found = reading.keep(keep, lines, [] if n else faults, (done, done + count))
            done += count
            yield Progress(done, total, 0, found)


def begin(reading: Reading, *, again: bool) -> tuple[int, int]:
    """Note that this file is being read in; answers how far it came before, and with how many faults."""
    source, scope, by = reading.source, reading.kind.scope, reading.by
    made = insert(Import).values(
        kind=scope, digest=source.digest, name=source.path.name, rows=source.rows, by=by.name
    )
    with reading.transaction() as db:
        db.execute(made.on_conflict_do_nothing(index_elements=["kind", "digest"]))
        same = select(Import).where(Import.kind == scope, Import.digest == source.digest)
        entry = db.scalars(same.with_for_update()).one()
        if entry.finished_at and not again:
            raise AlreadyRead(entry.finished_at, entry.by)
        if again:
            entry.done, entry.faults, entry.by = 0, 0, by.name
            entry.started_at, entry.finished_at = now(db), None
        reading.entry, reading.kind.since = entry.id, entry.started_at
        return entry.done, entry.faults


def finish(reading: Reading) -> None:
    """Every row was dealt with: from now on the same file changes nothing."""
    with reading.transaction() as db:
        entry = db.get_one(Import, reading.entry)
        entry.finished_at = now(db)
        counts = {"rows": str(entry.rows), "faults": str(entry.faults), "digest": entry.digest[:12]}
        audits.record(
            db, f"{reading.kind.name}.import", f"file:{entry.name}", by=reading.by, scope=entry.kind, **counts
        )
