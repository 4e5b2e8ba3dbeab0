"""The first start: from `python wsgi.py` on an empty data folder to the first dial answered."""

import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from signal import SIGTERM
from statistics import median
from subprocess import Popen

import urllib3

from benchmarks.figure import Figure, Wrong, say
from benchmarks.ground import bare_environment
from benchmarks.handset import Handset
from runtime import children
from runtime.folder import free_port
from runtime.plan import ROOT, python

TARGET = 5.0
PATIENCE = 120.0
STOP_SECONDS = 30.0
LOOK = 0.02


def measure(*, times: int = 3) -> Iterator[Figure]:
    """Seconds of a first start, everything included: servers, tables, tree, demonstration, simulator."""
    seconds = []
    for _ in range(times):
        with tempfile.TemporaryDirectory(prefix="cp2-b-", ignore_cleanup_errors=True) as folder:
            seconds.append(start_once(Path(folder)))
        say(f"  {seconds[-1]:.2f} s")
    middle = median(seconds)
    yield Figure("start", middle, "s", TARGET, middle / TARGET, f"median of {times}; target {TARGET:g} s")


def start_once(folder: Path) -> float:
    """Seconds from the start to the first dial answered; everything is stopped again."""
    port, secret = free_port(), secrets.token_hex(16)
    settings = {"CP2_DATA_DIR": str(folder / "var"), "CP2_PORT": str(port), "CP2_WEBHOOK_SECRET": secret}
    words = folder / "words"
    began = time.perf_counter()
    with words.open("wb") as log:
        everything = children.spawn(
            python("all", "wsgi.py").argv,
            log=log.fileno(),
            death=SIGTERM,
            env={**bare_environment(), **settings},
            cwd=ROOT,
        )
    try:
        await_dial(everything, f"http://127.0.0.1:{port}/at/{secret}/ussd", words)
        return time.perf_counter() - began
    finally:
        children.ask(everything, SIGTERM)
        children.ended(everything, STOP_SECONDS)
        children.kill_tree(everything)


def await_dial(everything: "Popen[bytes]", address: str, words: Path) -> None:
    """Dial until a first screen comes; raises Wrong when none ever does."""
    limit = time.monotonic() + PATIENCE
    http = urllib3.PoolManager(retries=False, timeout=5)
    while not dialled(Handset(address, "+254700000001", http)):
        if everything.poll() is not None or time.monotonic() > limit:
            raise Wrong(f"it did not start: {words.read_text()}")
        time.sleep(LOOK)


def dialled(handset: Handset) -> bool:
    """Whether a dial is answered with a first screen."""
    try:
        return handset.post("ATUid_first", "").startswith("CON ")
    except (urllib3.exceptions.HTTPError, Wrong):
        return False
