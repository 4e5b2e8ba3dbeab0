"""An issue: one fault of a tree, said so that its author can mend it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Issue:
    """One fault: where, which rule, what exactly, and the screen where seeing it helps."""

    node: str
    code: str
    text: str
    drawing: str = ""

    def __str__(self) -> str:
        head = f"{self.node} [{self.code}] {self.text}"
        return f"{head}\n{frame(self.drawing)}" if self.drawing else head


def frame(text: str) -> str:
    """A screen as a phone shows it, in plain text."""
    lines = [piece for line in text.split("\n") for piece in wrapped(line)]
    edge = "+" + "-" * 32 + "+"
    return "\n".join([edge, *(f"| {line:<30} |" for line in lines), edge])


def wrapped(line: str, width: int = 30) -> list[str]:
    """A line cut at spaces to the width of the phone; a word wider than it is cut hard."""
    pieces, rest = [], line
    while len(rest) > width:
        space = rest.rfind(" ", 0, width + 1)
        at = space if space > 0 else width
        pieces.append(rest[:at])
        rest = rest[at:].lstrip()
    return [*pieces, rest]
