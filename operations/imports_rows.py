"""The rows of a file, judged by the columns of their kind, a batch at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from operations.imports_cells import BadCell, tidy
from operations.imports_files import Source
from operations.imports_kinds import Column, Fault, Kind, Line


@dataclass(frozen=True)
class Rows:
    """A file, and what its rows are."""

    source: Source
    kind: Kind

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
        rows = list(islice(records, self.kind.batch))
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
