"""Letters drawn: how soon the first one of a process is there, and how many follow a second on one core.

What is timed runs in a process of its own (`python -m benchmarks.documents <seconds>`), kept on one core.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from statistics import median

from benchmarks.figure import Figure, Wrong
from documents import letters
from documents.letters import Letter
from documents.renderer import Renderer
from documents.spelling import NAIROBI

TARGET_RATE, TARGET_FIRST = 20.0, 0.5
LONGEST = "Christopher Wamalwa Wanyonyi Simiyu"
LETTER = Letter(
    number="DC-7K4-QX9-2",
    check_url="https://cp2phone.knec.ac.ke/check/DC-7K4-QX9-2",
    short_code="22262",
    deployment_id=1,
    issued_on=date(2026, 10, 2),
    exam="KCSE",
    year=2026,
    position="supervisor",
    station="examination",
    centre_code="20401001",
    centre="Bishop Gatimu Ngandu Girls High School Nyeri",
    name=LONGEST,
    national_id="23456789",
    employment_no="512345",
    phone="+254711000001",
    town="Kirinyaga North/Mwea West",
    sub_county="Kirinyaga North/Mwea West",
    county="Elgeyo Marakwet",
    reporting_at=datetime(2026, 10, 16, 7, tzinfo=NAIROBI),
    first_day=date(2026, 10, 16),
    last_day=date(2026, 11, 20),
    report_to="the Sub-County Director, 0700 000 001",
    carry="National ID and appointment letter",
    distance_km=14,
    ksh_per_day=680,
    accepted_on=date(2026, 10, 1),
    rest_years=3,
)


def measure(*, rounds: int = 5, seconds: float = 4.0) -> Iterator[Figure]:
    """Letters a second on one core after the first, and the seconds until the first; medians of rounds."""
    drawn = [round_of(seconds) for _ in range(rounds)]
    rate, first, cpu = (median(one[name] for one in drawn) for name in ("rate", "first", "cpu"))
    size = drawn[0]["bytes"] / 1024
    note = f"letters of {size:.0f} KB on one core; target {TARGET_RATE:.0f}"
    yield Figure("documents", rate, "letters/s", TARGET_RATE, rate / TARGET_RATE, note)
    note = "the first letter of a process; target below"
    yield Figure("documents.first", first, "s", TARGET_FIRST, first / TARGET_FIRST, note)
    # On a busy machine a core is shared; this is what a letter takes of it all the same.
    yield Figure("documents.cpu", 1000 * cpu, "ms", None, None, "of a core for one letter")


def round_of(seconds: float) -> dict[str, float]:
    """One fresh process that draws for so long."""
    command = (sys.executable, "-m", "benchmarks.documents", str(seconds))
    done = subprocess.run(command, capture_output=True, text=True, timeout=120 + seconds)
    if done.returncode:
        raise Wrong(f"no letters were drawn: {done.stderr.strip()[-300:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def draw_for(seconds: float) -> dict[str, float]:
    """Draw different people's letters, one after the other."""
    began = time.perf_counter()
    renderer, size = Renderer(), 0
    size = len(draw(renderer, 0))
    first, count = time.perf_counter() - began, 0
    began, spent = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        count += 1
        draw(renderer, count)
    cpu = (time.process_time() - spent) / count
    return {"first": first, "rate": count / (time.perf_counter() - began), "cpu": cpu, "bytes": size}


def draw(renderer: Renderer, number: int) -> bytes:
    """The letter of the person with this number; no two are alike."""
    person = replace(
        LETTER,
        number=f"DC-7K4-{number:03}-2",
        check_url=f"https://cp2phone.knec.ac.ke/check/DC-7K4-{number:03}-2",
        deployment_id=number,
        name=f"{LONGEST} {number}",
        national_id=str(20_000_000 + number),
    )
    return letters.draw(renderer, "letter", person)


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(json.dumps(draw_for(float(sys.argv[1]))))
