"""The renderer: a Typst template and plain data become a PDF, the same bytes for the same data.

Data goes in as JSON beside the template, never into its text, so nothing in a name is ever read as markup.
Only the fonts inside Typst are used: a document looks the same on every machine.
"""

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst

TEMPLATES: Final = Path(__file__).parent / "templates"


class Renderer:
    """One compiler a template, opened at its first use and kept: what it learnt makes the next one fast."""

    def __init__(self) -> None:
        self.compilers: dict[str, typst.Compiler] = {}
        # A compiler serves one thread at a time, and leaves the others running meanwhile.
        self.drawing = threading.Lock()

    def draw(self, template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
        """The document as a PDF, which says that it was made at this moment."""
        inputs, stamp = {"data": json.dumps(data)}, int(at.timestamp())
        with self.drawing:
            pdf = self.compiler(template).compile(format="pdf", sys_inputs=inputs, timestamp=stamp)
        return whole(pdf)

    def picture(self, template: str, data: Mapping[str, Any], *, ppi: float = 110) -> list[bytes]:
        """Every page as a PNG, for somebody who wants to look at it."""
        inputs = {"data": json.dumps(data)}
        with self.drawing:
            pages = self.compiler(template).compile(format="png", sys_inputs=inputs, ppi=ppi)
        return pages if isinstance(pages, list) else [whole(pages)]

    def compiler(self, template: str) -> typst.Compiler:
        """The compiler of this template."""
        if template not in self.compilers:
            self.compilers[template] = typst.Compiler(
                input=TEMPLATES / f"{template}.typ",
                root=TEMPLATES,
                font_paths=typst.Fonts(include_system_fonts=False),
                ignore_system_fonts=True,
            )
        return self.compilers[template]


def whole(made: bytes | list[bytes] | None) -> bytes:
    """The one file that Typst made."""
    if not isinstance(made, bytes):
        raise TypeError("typst made no single file")
    return made
