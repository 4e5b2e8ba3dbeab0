"""Files that an office sends: comma-separated text in UTF-8, read a line at a time however long they are.

Whatever else arrives under that name (a workbook, UTF-16, semicolons) is refused with what to do about it.
"""

import csv
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

# No honest line is longer; one that is has lost a quote or a line break.
LONGEST_LINE: Final = 64 * 1024
AS_CSV: Final = "Save it as CSV UTF-8 (comma delimited) and try again."
# What files of other kinds begin with.
STRANGERS: Final = (
    (b"PK\x03\x04", f"This is a workbook (xlsx) or a zip, not CSV. {AS_CSV}"),
    (b"\xd0\xcf\x11\xe0", f"This is an old workbook (xls), not CSV. {AS_CSV}"),
    (b"\x1f\x8b", "This file is compressed. Unpack it and try again."),
    (b"%PDF", f"This is a PDF, not CSV. {AS_CSV}"),
    (b"\xff\xfe", f"This file is UTF-16. {AS_CSV}"),
    (b"\xfe\xff", f"This file is UTF-16. {AS_CSV}"),
)
DELIMITERS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}
# What a spreadsheet would run as a formula, were it opened there.
RUNS: Final = ("=", "@", "+", "-", "\t", "\r")


class BadFile(Exception):
    """The file as a whole cannot be read; the text says why and what to do."""


@dataclass(frozen=True)
class Source:
    """A file that was looked through once: its columns, how many rows it has, and the hash of its bytes."""

    path: Path
    header: list[str]
    rows: int
    digest: str

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every row with the number of the line it begins on; empty ones are left out."""
        with self.path.open("rb") as file:
            found = parsed(file)
            next(found)
            yield from found


def look_through(path: Path) -> Source:
    """Read the whole file once and keep nothing of it; raises BadFile."""
    taste(path)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        found = parsed(file, digest.update)
        header = columns(next(found, (1, []))[1])
        rows = sum(1 for _ in found)
    if not rows:
        raise BadFile("The file has a header and no rows.")
    return Source(path, header, rows, digest.hexdigest())


def taste(path: Path) -> None:
    """Refuse what is no text at all by its first bytes."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise BadFile("The file is empty.")
    for magic, why in STRANGERS:
        if start.startswith(magic):
            raise BadFile(why)
    if b"\x00" in start:
        raise BadFile(f"This is not text, or it is UTF-16. {AS_CSV}")


def parsed(
    file: BinaryIO, seen: Callable[[bytes], object] = lambda raw: None
) -> Iterator[tuple[int, list[str]]]:
    """Every row that holds something, with the number of the line it begins on."""
    reader = csv.reader(decoded(file, seen), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cells) and any(map(str.strip, cells)):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadFile(f"line {line}: not proper CSV ({error}). Is a quote left open?") from None


def decoded(file: BinaryIO, seen: Callable[[bytes], object]) -> Iterator[str]:
    """Line after line as text, shown to `seen` as bytes; raises BadFile at the first that is no UTF-8."""
    number = 0
    while raw := file.readline(LONGEST_LINE):
        number += 1
        seen(raw)
        if len(raw) == LONGEST_LINE:
            raise BadFile(f"line {number}: longer than any row can be ({LONGEST_LINE} bytes).")
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise BadFile(f"line {number}: not UTF-8. {AS_CSV}") from None
        yield text


def columns(cells: Sequence[str]) -> list[str]:
    """The names of the columns: small letters, underscores for spaces; raises BadFile where that fails."""
    header = ["_".join(cell.strip().lower().replace("-", " ").split()) for cell in cells]
    while header and not header[-1]:
        header.pop()
    odd = next((sign for sign in DELIMITERS if len(header) == 1 and sign in cells[0]), None)
    if odd:
        raise BadFile(f"The columns are parted by {DELIMITERS[odd]}, not commas. {AS_CSV}")
    if "" in header:
        raise BadFile(f"Column {header.index('') + 1} has no name.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise BadFile(f"Columns that stand twice: {', '.join(twice)}.")
    return header


@dataclass
class FaultsFile:
    """The rows that were not kept, each with its line and its fault, as CSV to be mended and read in again.

    After a stop the first so many are those that belong to rows already dealt with; what follows was never
    counted, and is written anew.
    """

    path: Path
    header: Sequence[str]
    file: Any = field(default=None, repr=False)

    def keep(self, count: int) -> None:
        """Keep the first so many faults of an earlier run and drop the rest; BadFile for another file."""
        kept: list[list[str]] = []
        if self.path.exists():
            with self.path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
                if not file.readline(LONGEST_LINE).startswith("line,fault,"):
                    raise BadFile(f"{self.path} holds something else than faults: name another file.")
                kept = list(islice(csv.reader(file), count))
            self.path.unlink()
        for row in kept:
            self.write(row)
        self.flush()

    def add(self, line: int, fault: str, cells: Sequence[str]) -> None:
        """One more."""
        self.write([str(line), fault, *map(harmless, cells)])

    def write(self, row: Sequence[str]) -> None:
        """Write a row; the first one makes the file, which is nobody else's to read."""
        if self.file is None:
            opened = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self.file = os.fdopen(opened, "w", newline="", encoding="utf-8-sig")
            csv.writer(self.file).writerow(["line", "fault", *self.header])
        csv.writer(self.file).writerow(row)

    def flush(self) -> None:
        """Hand everything to the operating system: a killed process loses none of it."""
        if self.file is not None:
            self.file.flush()

    def close(self) -> None:
        """Nothing more will come."""
        if self.file is not None:
            self.file.close()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs; a phone number with its plus stays as it is."""
    return f"'{cell}" if cell.startswith(RUNS) and not cell[1:].replace(" ", "").isdecimal() else cell
