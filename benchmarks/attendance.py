"""The morning: every centre marks its register through the webhooks, out of order and in part twice.

What is posted and what must hold in the end is made up by `benchmarks.morning`, by a rule of its own.
"""

import os
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from benchmarks import morning, registers, talks
from benchmarks.figure import Figure, Wrong, say
from benchmarks.ground import Ground, open_ground
from benchmarks.morning import Word
from benchmarks.registers import FIRST_CENTRE, Place
from benchmarks.talks import Heard, Load, Talk
from models.deployments import Deployment
from models.places import SubCounty
from operations import attendance, duties, register_states
from operations import office as offices
from runtime import children
from runtime.servers import Server

# The council's own: centres of an exam, and the people who serve at them in one season.
ALL_CENTRES, ALL_PEOPLE = 35_573, 286_000
WARM = 48  # centres that only ask, before the morning begins
PATIENCE, QUIET = 3600.0, 900.0  # seconds for the load, and for the answers that still wait after it
REPLIES = """
SELECT words || ' ' || state, count(*) FROM message
WHERE class = 'reply' AND words <> 'sms.att_how' GROUP BY 1
"""
WAITING = "message WHERE class = 'reply' AND state IN ('ready', 'leased', 'posting', 'unknown')"
Held = tuple[bool | None, bool]  # present, absent or nothing; and whether two phones differ about it
# Of each kind of post: the figure's name, the kind, and what it is.
WAITS = (("p95", "sms", "an SMS"), ("hop", "hop", "a hop of USSD"), ("signing", "sign", "a sign-in"))


def measure(
    *, centres: int = 5_000, officers: int = 8, ussd: int = 200, connections: int = 16, seed: int = 1
) -> Iterator[Figure]:
    """Marks a second at `centres` with so many officers each; `ussd` of them sign in and mark by USSD."""
    if officers < 3 or not 0 <= ussd <= centres:
        raise Wrong("a centre has three officers or more, and not more centres dial than there are")
    chance = random.Random(seed)
    said = morning.said(chance, centres, officers, ussd)
    with open_ground() as ground:
        place = registers.fill(ground, centres, officers)
        posted = registers.posted(place, said, chance)
        servers = [ground.start_web(), *ground.start_workers("urgent", "bulk").values()]
        play(ground, registers.asked(place, min(centres, WARM)), connections)
        say(
            f"  {centres:,} centres, {ussd:,} of them by USSD: {len(posted):,} SMS and sessions, in any order"
        )
        say(f"  {twice(posted):,} of the requests are posted twice")
        before = processor([*servers, *ground.embedded.servers])
        heard = play(ground, posted, connections)
        said_away = f"{heard.later} SMS answered 503 and {heard.redialled} sessions sent away came again"
        say(f"  posted within {heard.seconds:.1f} s; {said_away}")
        tail = await_replies(ground, said)
        spent = processor([*servers, *ground.embedded.servers]) - before
        recount(place, said, heard.redialled)
    yield from figures(Morning(said, heard, tail, spent, ussd, connections))


def twice(posted: Sequence[Talk]) -> int:
    """How many requests the network makes a second time."""
    every = [post.body for talk in posted for post in talk]
    return len(every) - len(set(every))


def play(ground: Ground, found: Sequence[Talk], connections: int) -> Heard:
    """Post all of it, so many at once."""
    parts = urlsplit(ground.webhooks)
    return talks.play(Load(parts.hostname or "", parts.port or 80, connections, found), PATIENCE)


def processor(servers: Iterable[Server]) -> float:
    """Seconds of the processor that these have used with all their children; 0 where none tells (Linux)."""
    pids = [
        pid for one in servers if one.process for pid in (one.process.pid, *children.family(one.process.pid))
    ]
    return sum(map(used, pids)) / os.sysconf("SC_CLK_TCK")


def used(pid: int) -> int:
    """The ticks of one process and of those of its children that have ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return sum(map(int, stat.rpartition(")")[2].split()[11:15]))


# -- figures ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Morning:
    """What was said, and what came of it."""

    said: Sequence[Sequence[Word]]
    heard: Heard
    tail: float  # seconds from the last mark to the last answer
    spent: float  # seconds of the processor, by all of the product
    ussd: int
    connections: int


def figures(held: Morning) -> Iterator[Figure]:
    """What the morning was like, and how long all of it would take at this pace."""
    centres, people = len(held.said), sum(len(morning.holds(words)) for words in held.said)
    seconds, count = held.heard.seconds, texts(held.said)
    note = f"{people:,} officers of {centres:,} centres, every mark recounted; {held.ussd:,} centres by USSD"
    yield Figure("attendance", people / seconds, "marks/s", None, None, note)
    note = "beside the USSD; each counted once, however often it came"
    yield Figure("attendance.texts", count / seconds, "SMS/s", None, None, note)
    for name, kind, what in WAITS if held.ussd else WAITS[:1]:
        note = f"{what}: 95 in 100 are faster, {held.connections} at once without a pause"
        yield Figure(f"attendance.{name}", held.heard.p95_ms(kind), "ms", None, None, note)
    yield Figure("attendance.tail", held.tail, "s", None, None, "from the last mark to the last answer sent")
    scale = max(ALL_CENTRES / centres, ALL_PEOPLE / people) / 60
    share = f"{100 * held.ussd / centres:.0f} in 100 centres by USSD"
    note = (
        f"{60 * scale:.1f} times as many: {ALL_CENTRES:,} centres and {ALL_PEOPLE:,} people, {share}, if it "
        "stays as fast; all on this one machine, the load's own work included"
    )
    yield Figure("attendance.whole", seconds * scale, "min", None, None, note)
    yield Figure(
        "attendance.load", os.getloadavg()[0], "", None, None, "of the machine meanwhile, ours included"
    )
    if held.spent:
        cores = os.cpu_count() or 1
        note = f"the same if {cores} cores did nothing else: it took {held.spent:,.0f} s of the processor"
        yield Figure("attendance.least", held.spent / cores * scale, "min", None, None, note)


def texts(said: Sequence[Sequence[Word]]) -> int:
    """How many SMS were said."""
    return sum(word.by_sms for words in said for word in words)


def await_replies(ground: Ground, said: Sequence[Sequence[Word]]) -> float:
    """Seconds until every SMS was answered; wrong unless each was, once, with a receipt."""
    began = time.monotonic()
    while waiting := ground.count(WAITING):
        if time.monotonic() > began + QUIET:
            raise Wrong(f"{waiting} answers still wait")
        time.sleep(0.1)
    tail = time.monotonic() - began
    found = dict(map(tuple, ground.sql(REPLIES)))
    if found != {"sms.att_done accepted": texts(said)}:
        raise Wrong(f"{texts(said)} SMS were answered so: {found}")
    return tail


def recount(place: Place, said: Sequence[Sequence[Word]], redialled: int) -> None:
    """Hold what the product has of everybody against what was last said of them; raises Wrong."""
    compare(held_by_product(place), said, place.officers)
    words = sum(len(word.marks) for each in said for word in each)
    written = place.ground.count("mark_event")
    # Who was sent away while a mark was saved may have said it twice.
    if not words <= written <= words + redialled * place.officers:
        raise Wrong(f"{words} marks were said, {written} are written down")


def compare(held: Mapping[tuple[str, int], Held], said: Sequence[Sequence[Word]], officers: int) -> None:
    """Raise Wrong unless every officer of every centre is held to what was last said of them.

    And unless just those are shown as disputed between phones of whom two phones say otherwise.
    """
    must: dict[tuple[str, int], Held] = {
        (str(FIRST_CENTRE + centre), number): (present, number in differing)
        for centre, words in enumerate(said)
        for differing in [morning.differ(words)]
        for number, present in morning.holds(words).items()
    }
    if len(must) != len(said) * officers:
        raise Wrong(f"nothing was said of {len(said) * officers - len(must)} officers")
    odd = sorted(spot for spot in must.keys() | held.keys() if held.get(spot) != must.get(spot))
    if odd:
        code, number = odd[0]
        words = said[int(code) - FIRST_CENTRE]
        raise Wrong(f"{len(odd)} of {len(must)} marks are wrong, such as {number} at {code}: {words}")
    absent, two = (sum(each) for each in zip(*((not here, two) for here, two in must.values()), strict=True))
    say(f"  {len(must):,} marks are right, {absent:,} of them absent; phones differ about {two:,}")


def held_by_product(place: Place) -> dict[tuple[str, int], Held]:
    """What the product holds of every officer today; its own count of who is marked must agree."""
    with place.ground.stores.transaction() as db:
        now = offices.now(db)
        if duties.local(now) != place.day:
            raise Wrong("the day ended in Nairobi while it was marked")
        posts = duties.gather(db, Deployment.series_id == place.series_id)
        days = attendance.of_many(db, posts, now=now)
        everywhere = list(db.scalars(select(SubCounty.id)))
        states = register_states.states(db, everywhere, place.day, now=now)
    undone = [state.centre_code for state in states if not state.done]
    if undone or sum(state.officers for state in states) != len(posts):
        raise Wrong(f"{len(undone)} of {len(states)} centres are said to be unmarked, such as {undone[:1]}")
    return {
        (post.centre_code, post.roster_no): (day.mark.present, day.mark.conflict)
        for post in posts
        for day in days[post.id]
        if day.day == place.day
    }
