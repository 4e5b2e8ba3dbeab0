"""A figure: one measured value, what it is held against, and how figures are printed and kept."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

HEADINGS = ("figure", "value", "unit", "against", "ratio", "")


class Wrong(Exception):
    """What was measured did not do what it must, so its figure is worth nothing."""


@dataclass(frozen=True)
class Figure:
    """One measured value; `note` is for the reader of the table alone."""

    name: str
    value: float
    unit: str
    against: float | None = None
    ratio: float | None = None
    note: str = ""

    def plain(self) -> dict[str, object]:
        """The figure as it is kept."""
        kept = {name: value for name, value in asdict(self).items() if name != "note"}
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in kept.items()}

    def row(self) -> tuple[str, ...]:
        """The figure as the table prints it."""
        return (self.name, number(self.value), self.unit, number(self.against), number(self.ratio), self.note)


def number(value: float | None) -> str:
    """A value with three digits that matter, or nothing."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as a table."""
    rows = [HEADINGS, *(figure.row() for figure in figures)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEADINGS))]
    return "\n".join(line(row, widths) for row in rows)


def line(row: Sequence[str], widths: Sequence[int]) -> str:
    """One row of the table: words to the left, numbers to the right."""
    left = (0, 2, 5)
    cells = [cell.ljust(widths[n]) if n in left else cell.rjust(widths[n]) for n, cell in enumerate(row)]
    return "  ".join(cells).rstrip()


def keep(figures: Sequence[Figure], path: Path) -> None:
    """Write what this run has measured so far."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps([figure.plain() for figure in figures], indent=1) + "\n")
    draft.replace(path)


def say(text: str) -> None:
    """Tell whoever watches how far we are."""
    print(text, flush=True)


def paired(name: str, unit: str, pairs: Sequence[tuple[float, float]], note: str) -> Iterator[Figure]:
    """Values measured in turn with what they are held against: medians, and the median of their ratios."""
    ratios = [ours / theirs for ours, theirs in pairs]
    ours, theirs = (median(side) for side in zip(*pairs, strict=True))
    yield Figure(name, ours, unit, theirs, median(ratios), note)
