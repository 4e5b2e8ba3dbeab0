"""Imports that are killed in the middle, by a real SIGKILL, and started again: the same as in one go."""

import random
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from runtime.plan import ROOT
from runtime.settings import Settings
from tests.fixtures_imports import TSC, Terminal
from tests.fixtures_season import Season
from tests.fixtures_servers import environment
from tests.processes import LIMIT, wait_until
from tests.test_imports_people import HEADER, JANE
from tests.test_imports_places import CENTRE, centre, series

pytestmark = pytest.mark.slow


def start(settings: Settings, *words: object) -> subprocess.Popen[bytes]:
    """The command in a process of its own, on this test's database."""
    env = environment(settings.database_url, settings.redis_url, settings.data_dir)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "import", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def kill_and_finish(terminal: Terminal, settings: Settings, steps: Sequence[int], *words: object) -> str:
    """Kill the command a little after each of these steps, then let it do the rest; answers its last words."""
    chance = random.Random(22262)
    for step in steps:
        child = start(settings, *words)
        wait_until(partial(beyond, terminal, child, step), f"row {step}")
        time.sleep(chance.uniform(0, 0.05))
        child.kill()
        said, _ = child.communicate(timeout=LIMIT)
        assert child.returncode == -9, f"it ended before it was killed: {said.decode()}"
    last = start(settings, *words)
    said, _ = last.communicate(timeout=LIMIT)
    return said.decode()


def beyond(terminal: Terminal, child: subprocess.Popen[bytes], step: int) -> bool:
    """Whether the child came further than this, or ended."""
    return done(terminal) > step or child.poll() is not None


def done(terminal: Terminal) -> int:
    """How far the import that is not finished is."""
    found = terminal.sql("SELECT done FROM import WHERE finished_at IS NULL")
    return int(found[0][0]) if found else -1


def entries(terminal: Terminal, register: str) -> list[tuple[object, ...]]:
    """A register's lines, by number."""
    lines = "SELECT number, national_id, name, active, level FROM register_entry WHERE register = :name"
    return terminal.sql(f"{lines} ORDER BY number", name=register)


def test_a_killed_register_ends_as_one_that_was_not(terminal: Terminal, settings: Settings) -> None:
    """Every row once, every fault once, and the file of faults the same to the byte."""
    rows: list[Sequence[object]] = [
        (
            "x" if n % 97 == 0 else 500_000 + n,
            20_000_000 + n,
            f"Amina {'abcdefghij'[n % 10] * 4}",
            n % 2,
            "junior",
        )
        for n in range(24_000)
    ]
    path = terminal.table("tsc.csv", TSC, *rows, (500_001, 29_999_999, "Another", "yes", ""))
    words = ("registers", path, "--register", "tsc")
    said = kill_and_finish(terminal, settings, (2000, 6000), *words)
    assert "Going on: " in said and f"24,001 rows, {248 + 1} faults: see " in said
    whole = terminal.folder / "whole.csv"
    assert terminal.run("import", "registers", path, "--register", "nps", "--faults", whole).exit_code == 1
    assert entries(terminal, "tsc") == entries(terminal, "nps")
    assert len(entries(terminal, "tsc")) == 24_000 - 248
    assert path.with_suffix(".faults.csv").read_bytes() == whole.read_bytes()
    counts = terminal.sql("SELECT rows, done, faults, finished_at IS NOT NULL FROM import")
    assert counts == [(24_001, 24_001, 249, True)] * 2


def test_killed_centres_have_all_their_references(
    terminal: Terminal, settings: Settings, season: Season
) -> None:
    """Killed in the first pass and in the second; a code that stands twice is found across the kill."""
    rows = [centre(99_000_000 + n, n % 900, 99_011_999 - n) for n in range(12_000)]
    rows.append(centre(99_000_001, 7))
    path = terminal.table("centres.csv", CENTRE, *rows)
    words = ("centres", path, *series(terminal))
    said = kill_and_finish(terminal, settings, (2000, 12_500), *words)
    assert "12,001 rows, 1 faults: see " in said
    wrong = "SELECT count(*) FROM centre WHERE code LIKE '99%' AND distribution_code <> (99011999 - (code::int - 99000000))::text"
    assert terminal.sql(wrong) == [(0,)]
    assert terminal.sql("SELECT count(distribution_code) FROM centre") == [(12_000,)]
    assert terminal.sql("SELECT count(*), min(candidates) FROM candidacy WHERE candidates <> 7") == [
        (11_986, 0)
    ]
    assert terminal.faults(path)[0][:2] == ["12002", "code stands on line 3 already"]


def test_nobody_is_told_twice_by_a_killed_import(terminal: Terminal, settings: Settings) -> None:
    rows = [(f"07120{n:05}", f"3{n:07}", *JANE[2:]) for n in range(6000)]
    path: Path = terminal.table("people.csv", HEADER, *rows)
    kill_and_finish(terminal, settings, (800,), "people", path)
    told = "SELECT count(*), count(DISTINCT phone) FROM message WHERE words = 'account.opened'"
    assert terminal.sql(told) == [(6000, 6000)]
    assert terminal.sql("SELECT count(*) FROM profile WHERE employment_no = '512345'") == [(6000,)]
    assert terminal.sql("SELECT count(*) FROM audit WHERE act = 'account.create'") == [(6000,)]
