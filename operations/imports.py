"""Imports: an office's file read into tables, a batch a transaction, and gone on with after a stop.

What kinds there are, and what their columns may hold, stands in `operations/imports_*.py`. How far a file is
read is kept in the transaction that kept the rows, so a killed import that is started again does the rest,
and the same file, once read, changes nothing. A bad row is left out and said; the others are kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.registers import Import
from operations import audits
from operations.imports_files import BadFile, FaultsFile, Source
from operations.imports_kinds import Fault, Keep, Kind, Line, Transactions
from operations.imports_rows import Rows
from operations.office import NAIROBI, Actor, now


@dataclass(frozen=True)
class Progress:
    """How far a file is read: the rows dealt with in all passes, those of a pass, and the faults so far."""

    done: int
    rows: int
    passes: int
    known: int
    faults: Sequence[Fault] = ()  # of the last batch


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
    with transaction() as guard:
        alone(guard, kind.scope, source.digest)
        with transaction() as db:
            kind.since = now(db)
            kind.prepare(db, source.header)
        done, known = (0, 0) if dry_run else begin(reading, again=again)
        faults.keep(known)
        yield Progress(done, source.rows, len(kind.passes()), known)
        for progress in rows_from(reading, done):
            known += len(progress.faults)
            guard.execute(select(1))  # or the database would end what seems idle
            yield replace(progress, known=known)
    if not dry_run:
        kind.settle(transaction)
        finish(reading)


def alone(guard: Session, scope: str, digest: str) -> None:
    """Make sure that nobody else reads this file in while this transaction is open; raises BadFile."""
    key = func.hashtextextended(f"import {scope} {digest}", 0)
    if not guard.scalar(select(func.pg_try_advisory_xact_lock(key))):
        raise BadFile("Somebody else is reading in this file just now.")


def rows_from(reading: Reading, done: int) -> Iterator[Progress]:
    """Every batch that is still to be read, in every pass."""
    rows, passes = reading.source.rows, reading.kind.passes()
    judge = Rows(reading.source, reading.kind)
    for n, keep in enumerate(passes):
        records = reading.source.records()
        judge.skip(records, min(rows, max(0, done - n * rows)))
        while done < (n + 1) * rows:
            count, lines, faults = judge.batch(records)
            if not count:
                raise BadFile("The file became shorter while it was read.")
            # What is wrong with a row by itself was said in the first pass.
            found = reading.keep(keep, lines, [] if n else faults, (done, done + count))
            done += count
            yield Progress(done, rows, len(passes), 0, found)


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
