"""Load: a dialogue played by many phones at once, by wrk where the machine has it, else by our own client."""

import itertools
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from benchmarks.client import Job, Tally
from benchmarks.figure import Wrong
from benchmarks.ground import bare_environment, module
from benchmarks.handset import Dialogue, learn
from runtime.plan import ROOT

SCRIPT = Path(__file__).with_name("dialogue.lua")
SLACK = 30.0  # seconds beyond a round's own, after which the client is stopped
BLOCK = 500_000  # phone numbers for one round; the first ones of each side are for learning


@dataclass(frozen=True)
class Side:
    """One of the two that are measured in turn: where it is, and how its screens begin."""

    address: str
    dialogue: Dialogue
    screens: tuple[str, ...]

    def job(self, first: int, connections: int, seconds: float, sessions: int = 0) -> Job:
        """The job of one round."""
        parts = urlsplit(self.address)
        texts = [quote(typed, safe="") for typed in self.dialogue.texts]
        host, port = parts.hostname or "", parts.port or 80
        return Job(host, port, parts.path, texts, [*self.screens], first, connections, seconds, sessions)


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
    if tally.wrong:
        raise Wrong(f"{tally.wrong} wrong answers beside {tally.hops} in time, such as: {tally.sample}")
    if not tally.hops:
        raise Wrong(f"{job.path.rpartition('/')[2]} gave no answer within {job.seconds:g} s")
    return tally


def play_own(job: Job) -> Tally:
    """Play a job by our own client."""
    told = finish(module("benchmarks.client"), job.seconds, job=json.dumps(asdict(job)))
    return Tally(**json.loads(told.stdout))


def play_wrk(job: Job) -> Tally:
    """Play a job by wrk, in as many threads as connections: then each answer is its own phone's."""
    seconds, count = max(1, round(job.seconds)), str(job.connections)
    program = ("wrk", "-t", count, "-c", count, "-d", f"{seconds}s", "--timeout", "10s", "-s", str(SCRIPT))
    settings = {
        "TEXTS": "\x1f".join(job.texts),
        "SCREENS": "\x1f".join(job.screens),
        "WEBHOOK": job.path,
        "FIRST": str(job.first),
        "SHARE": str(BLOCK // job.connections),
    }
    told = finish((*program, f"http://{job.host}:{job.port}"), seconds, settings)
    return Tally(**json.loads(told.stdout.splitlines()[-1]), sample=told.stderr)


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
