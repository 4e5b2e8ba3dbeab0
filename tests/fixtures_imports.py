"""An office at its terminal: files to read in, and the commands that do it."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from ussd_app.cli.approve import approve
from ussd_app.cli.imports import imports
from ussd_app.service import Service

TSC = ("number", "national_id", "name", "active", "level")


@dataclass
class Terminal:
    """Somebody of the council at a terminal."""

    app: Flask
    folder: Path

    @property
    def service(self) -> Service:
        """The open service."""
        service: Service = self.app.extensions["cp2"]
        return service

    def run(self, *words: object) -> Result:
        """`import registers …` or `approve list …`."""
        group = {"import": imports, "approve": approve}[str(words[0])]
        said = self.app.test_cli_runner().invoke(group, list(map(str, words[1:])))
        assert said.exception is None or isinstance(said.exception, SystemExit), said.exc_info
        return said

    def file(self, name: str, text: str | bytes, encoding: str = "utf-8") -> Path:
        """A file that an office sent."""
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    def table(self, name: str, header: Sequence[str], *rows: Sequence[object]) -> Path:
        """A file of these columns and rows."""
        path = self.folder / name
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
        return path

    def tsc(self, *rows: Sequence[object], name: str = "tsc.csv") -> Result:
        """Read in a list of TSC."""
        return self.run("import", "registers", self.table(name, TSC, *rows), "--register", "tsc")

    def sql(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.service.stores.sessions() as db:
            return [tuple(row) for row in db.execute(text(query), values)]

    def faults(self, path: Path) -> list[list[str]]:
        """The rows of the file of faults beside this one, without its header."""
        with path.with_suffix(".faults.csv").open(newline="", encoding="utf-8-sig") as file:
            return list(csv.reader(file))[1:]


@pytest.fixture
def terminal(app: Flask, tmp_path: Path) -> Terminal:
    """The office's terminal."""
    return Terminal(app, tmp_path)
