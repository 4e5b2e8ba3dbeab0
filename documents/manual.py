"""The manual: how to dial, every journey with its screens, every command with an example."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from documents.renderer import Renderer

# A manual is dated by its menu tree, not by the hour somebody asked for it.
UNDATED: Final = datetime(1970, 1, 1, tzinfo=UTC)
FILE_NAMES: Final[Mapping[str, str]] = {"en": "knec-cp2-manual.pdf", "sw": "knec-cp2-mwongozo.pdf"}


@dataclass(frozen=True)
class Chapter:
    """A journey: what it is called, the choices that lead there, and its screens as a phone shows them."""

    title: str
    way: tuple[str, ...]
    screens: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """What one may text, and what it does."""

    example: str
    does: str


@dataclass(frozen=True)
class Manual:
    """The manual in one language, made from one version of the menu tree."""

    lang: str
    version: str
    service_code: str
    short_code: str
    address: str
    chapters: tuple[Chapter, ...]
    commands: tuple[Command, ...]


def draw(renderer: Renderer, manual: Manual) -> bytes:
    """The manual as a PDF."""
    return renderer.draw("manual", asdict(manual), at=UNDATED)
