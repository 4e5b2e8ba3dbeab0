"""Sign-ins a second: bound by argon2 on purpose, so they are held against bare argon2 on every core."""

import os
import subprocess
from collections.abc import Iterator
from statistics import median

from benchmarks import load
from benchmarks.client import Tally
from benchmarks.figure import Figure, Wrong, say
from benchmarks.ground import Ground, bare_environment, module, open_ground
from benchmarks.handset import Dialogue
from operations import passwords
from operations.office import Office
from runtime.plan import ROOT

PASSWORD = "kahawa77"
DIALOGUE = Dialogue((PASSWORD,), ("CON", "CON"))
PEOPLE = """
WITH lines AS (
    INSERT INTO subscriber (phone, lang) SELECT '+2547' || lpad(n::text, 8, '0'), 'en'
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n RETURNING phone
)
INSERT INTO account (username, phone, password_hash, password_set_at)
SELECT substr(phone, 2), phone, :hash, now() FROM lines
"""


def measure(
    *, rounds: int = 3, seconds: float = 5.0, connections: int = 8, people: int = 4_000
) -> Iterator[Figure]:
    """Whole sign-ins (a dial and a password), by our own client: each person signs in once."""
    numbers, cores = load.Numbers(), os.cpu_count() or 1
    rates, bare = [], []
    with open_ground() as ground:
        side = load.meet(start(ground), DIALOGUE, Known(ground))
        for _ in range(rounds):
            bare.append(compare(seconds, cores))
            first = people_from(ground, numbers.block(), people)
            rates.append(rate(load.play(side.job(first, connections, seconds, people), "own")))
            say(f"  {rates[-1]:.1f} sign-ins/s; bare argon2 {bare[-1]:.1f}/s")
    ratio = median(ours / theirs for ours, theirs in zip(rates, bare, strict=True))
    note = f"bare argon2id (19 MiB, two passes) on {cores} cores"
    yield Figure("signing", median(rates), "sign-ins/s", median(bare), ratio, note)
    yield Figure(
        "signing.argon2", 1000 * cores / median(bare), "ms", None, None, "of a core for one password"
    )


def start(ground: Ground) -> str:
    """The web, and where its USSD callback is."""
    ground.start_web()
    return f"{ground.webhooks}/ussd"


class Known(load.Numbers):
    """Numbers of people who have an account."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.ground = ground

    def phones(self, count: int) -> list[str]:
        """So many people, far from all other blocks."""
        first = people_from(self.ground, 90_000_000, count)
        return [f"+2547{first + n:08d}" for n in range(count)]


def people_from(ground: Ground, first: int, count: int) -> int:
    """Give so many phones an account with the same password; answers the first number again."""
    key, pepper = ground.settings.secret_key, ground.settings.pepper
    office = Office(key, pepper, ground.settings.public_url, ground.settings.shortcode, "")
    hashed = passwords.hashed(office, PASSWORD)
    ground.sql(PEOPLE, first=first, last=first + count - 1, hash=hashed)
    return first


def rate(tally: Tally) -> float:
    """Sign-ins a second: half of the hops."""
    return tally.rate / len(DIALOGUE.verdicts)


def compare(seconds: float, cores: int) -> float:
    """Passwords compared a second by as many bare processes as there are cores."""
    program = module("benchmarks.hashing", str(seconds))
    running = [
        subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=bare_environment(), cwd=ROOT)
        for _ in range(cores)
    ]
    try:
        said = [process.communicate(timeout=seconds + 30)[0] for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    if not all(said):
        raise Wrong("argon2 could not be measured alone")
    return sum(map(float, said))
