"""Load: a dialogue played by many phones at once, by wrk where the machine has it, else by our own client."""

import itertools
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from benchmarks.client import Job, Tally
from benchmarks.figure import Wrong
from benchmarks.ground import bare_environment, module
from benchmarks.handset import Dialogue, learn
from runtime.plan import ROOT

SCRIPT = Path(__file__).with_name("dialogue.lua")
SLACK = 30.0  # seconds beyond a round's own, after which the client is stopped
PHONES = 512  # in flight at wrk
BLOCK = 500_000  # phone numbers for one round; the first ones of each side are for learning


@dataclass(frozen=True)
class Side:
    """One of the two that are measured in turn: where it is, and how its screens begin."""

    address: str
    dialogue: Dialogue
    screens: list[str]

    def job(self, first: int, connections: int, seconds: float, sessions: int = 0) -> Job:
        """The job of one round."""
        parts = urlsplit(self.address)
        texts = [quote(typed, safe="") for typed in self.dialogue.texts]
        host, port = parts.hostname or "", parts.port or 80
        return Job(host, port, parts.path, texts, self.screens, first, connections, seconds, sessions)


class Numbers:
    """Phone numbers nobody has dialled from yet: a phone that dials again would be asked to resume."""

    def __init__(self) -> None:
        self.blocks = itertools.count(1)

    def block(self) -> int:
        """The first of a fresh block."""
        return next(self.blocks) * BLOCK

    def phones(self, count: int) -> list[str]:
        """So many fresh phones."""
        first = self.block()
        return [f"+2547{first + n:08d}" for n in range(count)]


def meet(address: str, dialogue: Dialogue, numbers: Numbers) -> Side:
    """Learn a side's screens with two phones of its own."""
    return Side(address, dialogue, learn(address, dialogue, numbers.phones(2)))


def chosen(client: str) -> str:
    """Which client measures: the one asked for, else wrk where there is one."""
    if client and client not in CLIENTS:
        raise Wrong(f"client is one of {', '.join(CLIENTS)}, not {client}")
    return client or ("wrk" if shutil.which("wrk") else "own")


def play(job: Job, client: str) -> Tally:
    """Play a job by this client, in a process of its own; raises Wrong where an answer was."""
    tally = CLIENTS[client](job)
    if tally.wrong or not tally.hops:
        raise Wrong(f"{tally.wrong} wrong answers of {tally.hops}: {tally.sample}")
    return tally


def play_own(job: Job) -> Tally:
    """Play a job by our own client."""
    told = finish(module("benchmarks.client"), job.seconds, job=json.dumps(asdict(job)))
    return Tally(**json.loads(told.stdout))


def play_wrk(job: Job) -> Tally:
    """Play a job by wrk."""
    seconds = max(1, round(job.seconds))
    program = ("wrk", "-t1", f"-c{job.connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPT))
    settings = {
        "TEXTS": "\x1f".join(job.texts),
        "SCREENS": "\x1f".join(job.screens),
        "WEBHOOK": job.path,
        "FIRST": str(job.first),
        "PHONES": str(PHONES),
    }
    told = finish((*program, f"http://{job.host}:{job.port}"), seconds, settings)
    return weigh(job, json.loads(told.stdout.splitlines()[-1]), told.stderr)


def weigh(job: Job, told: Mapping[str, Any], sample: str) -> Tally:
    """The tally of what wrk's script counted. Each kind of screen must have come as often as it was due."""
    # Two hops may share a screen, and wrk ends with requests under way and some connections not yet heard.
    due, came = by_screen(job, told["asked"]), by_screen(job, told["heard"])
    amiss = sum(max(0, abs(due[screen] - came[screen]) - job.connections) for screen in due)
    if amiss and not sample:
        sample = f"screens due {due}, screens seen {came}"
    return Tally(
        hops=told["hops"],
        seconds=told["seconds"],
        p50_ms=told["p50_ms"],
        p99_ms=told["p99_ms"],
        sessions=told["heard"][-1]
        if len(set(job.screens)) == len(job.screens)
        else told["hops"] // len(job.screens),
        wrong=told["wrong"] + told["lost"] + amiss,
        sample=sample,
    )


def by_screen(job: Job, counts: list[int]) -> dict[str, int]:
    """Counts of hops, summed over hops that have the same screen."""
    summed = dict.fromkeys(job.screens, 0)
    for screen, count in zip(job.screens, counts, strict=True):
        summed[screen] += count
    return summed


def finish(
    program: tuple[str, ...], seconds: float, settings: Mapping[str, str] | None = None, job: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run a client to its end; raises Wrong with its words where it fails."""
    env = {**bare_environment(), **(settings or {})}
    limit = seconds + SLACK
    told = subprocess.run(
        program, input=job, capture_output=True, text=True, env=env, cwd=ROOT, timeout=limit, check=False
    )
    if told.returncode:
        raise Wrong(f"{Path(program[0]).name} failed: {told.stderr or told.stdout}")
    return told


CLIENTS: Mapping[str, Callable[[Job], Tally]] = {"wrk": play_wrk, "own": play_own}
