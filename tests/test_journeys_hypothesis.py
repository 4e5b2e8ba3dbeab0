"""Whole journeys, wandered by chance: two phones at a time through the real tree and the real callbacks.

Short journeys are drawn by hypothesis, which shrinks one that fails; long ones by a seed, which get further.
`CP2_WANDER=2000` draws more of both, anew each time; the usual run is the same each time.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from menus.vocabulary import Tree
from operations.office import Actor
from tests.fixtures_season import PASSWORD, PEOPLE, Season
from tests.fixtures_service import CANARIES, Handset
from tests.wanderer import WRONG_SECRET, people
from ussd_app.service import Service

EXAMPLES = int(os.environ.get("CP2_WANDER", "8"))
STEPS, FAR = 40, 150
# Where the seeds of the long journeys begin.
FIRST = random.SystemRandom().randrange(10**6) if "CP2_WANDER" in os.environ else 0
WRITTEN = (
    *("Wanjiru", "Ng’ang’a", "a", "END ok", "1. Approve", "{x} %s", "\u202eamina", "😀", "0", "00", "98"),
    *("12345678", "A123456789K", "a¡b.co.ke", "1985", "2005-2008", "0722000999", "Kasarani", "Nairobi"),
    *("KCB", "AP-234-234-2", "31/12/2026", "x" * 70, "*", "#", " 1 ", "+1", "98765432", WRONG_SECRET),
)
TEXTED = (
    *("HELP", "STATUS", "HALI", "VACANCIES Kasarani", "NAFASI Nairobi", "DEPLOYMENT", "ACCEPT", "DECLINE"),
    *("LETTER", "PROFILE", "PAY", "MESSAGES", "MANUAL", "CHECK AP-234-234-2", "YES <code>", "NO", "LANG SW"),
    *("APPLY <vacancy>", "WITHDRAW <reference>", "ACCEPT <code>", "DECLINE <code>", "PROFILE BANK KCB", "x"),
)
OPTION = st.tuples(st.just("option"), st.integers(0, 65_535))
ACTIONS = st.one_of(
    *(OPTION for _ in range(12)),
    st.tuples(st.just("key"), st.sampled_from(("0", "00", "98", "1", "2", "3", "9"))),
    *(st.tuples(st.just("words"), st.sampled_from((*WRITTEN, "<vacancy>"))) for _ in range(3)),
    st.tuples(st.just("sms"), st.sampled_from(TEXTED)),
    st.tuples(st.just("repeat"), st.just(0)),
    st.tuples(st.sampled_from(("dial", "ends")), st.just(0)),
)
WHO = st.sampled_from((*PEOPLE, "stranger"))
# Two people, and whose turn it is at each step.
PAIRS = st.tuples(WHO, WHO).filter(lambda both: both[0] != both[1])
JOURNEYS = st.lists(st.tuples(st.integers(0, 1), ACTIONS), min_size=STEPS, max_size=STEPS + 10)
# What holds of the whole season, whatever anybody did.
RULES = {
    "no vacancy holds more than it has room for, and each counts what it holds": (
        "SELECT v.code FROM vacancy v WHERE filled <> (SELECT count(*) FROM application a"
        " WHERE a.vacancy_id = v.id AND a.state IN ('submitted', 'approved', 'deployed')) OR filled > capacity"
    ),
    "nobody has two live applications in a series": (
        "SELECT account_id FROM application WHERE state IN ('submitted', 'approved', 'deployed')"
        " GROUP BY account_id, series_id HAVING count(*) > 1"
    ),
    "nobody was approved by a phone": "SELECT account_id FROM eligibility WHERE decided_by LIKE 'phone:%'",
    "what failed was not told to nobody": "SELECT id FROM incoming_sms WHERE state = 'failed'",
}


@dataclass(repr=False)
class World:
    """The whole season, put back as it was for each journey."""

    app: Any
    service: Service
    handset: Callable[[str], Handset]
    database: psycopg.Connection[Any]
    tree: Tree

    def __repr__(self) -> str:
        return "world"

    def afresh(self) -> Season:
        """The small season; Amina was offered a post, Fatuma serves."""
        self.database.execute("SELECT pristine.clean()")
        # Only now: a thread of the service may give a connection back until it is dropped.
        self.service.stores.engine.dispose()
        self.service.stores.reader.close()
        self.service.stores.redis.flushdb()
        self.service.library.publish(self.tree, by=Actor("staff:test", "command"))
        small = Season(self.service).build()
        with self.service.stores.transaction() as db:
            small.make_deployment(db, "amina", "20401002", "supervisor", state="offered")
            small.make_deployment(db, "fatuma", "01102001", "supervisor")
        return small


@pytest.fixture
def world(
    app: Any,
    service: Service,
    handset: Callable[[str], Handset],
    own_database: tuple[str, psycopg.Connection[Any]],
) -> World:
    return World(app, service, handset, own_database[1], service.library.live()[1])


@pytest.mark.timeout(max(120, EXAMPLES * 8))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CP2_WANDER" not in os.environ,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
    phases=[Phase.generate, Phase.shrink] if "CP2_WANDER" in os.environ else [Phase.generate],
    print_blob=False,
)
@given(both=PAIRS, steps=JOURNEYS)
def test_wandering(world: World, both: tuple[str, str], steps: list[tuple[int, tuple[str, Any]]]) -> None:
    season = world.afresh()
    code = season.vacancies["invigilator", "20401001"]
    everyone = people(world.service, world.handset)
    for turn, (name, what) in steps:
        typed = what.replace("<vacancy>", code) if isinstance(what, str) else what
        everyone[both[turn]].act((name, typed))
    CANARIES.intersection_update({WRONG_SECRET, PASSWORD})  # the rest was typed elsewhere, too
    held(world)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + max(1, EXAMPLES // 8)))
def test_wandering_far(world: World, seed: int) -> None:
    """Two people in one language, who know what they type: the screens that lie deep are met here."""
    chance, season = random.Random(seed), world.afresh()
    codes, both = [*season.vacancies.values()], chance.sample([*PEOPLE], 2)
    for who in both:
        season.speak(who, ("en", "sw")[seed % 2])
    everyone = people(world.service, world.handset)
    for _ in range(FAR):
        name = chance.choices(("option", "words", "key", "sms", "repeat", "dial"), (70, 11, 4, 8, 3, 4))[0]
        what: Any = {
            "option": chance.randrange(1 << 16),
            "words": chance.choice([word for word in (*WRITTEN, *codes) if word != WRONG_SECRET]),
            "key": chance.choice(("0", "00", "98")),
            "sms": chance.choice(TEXTED).replace("<vacancy>", chance.choice(codes)),
        }.get(name, 0)
        everyone[chance.choice(both)].act((name, what))
    CANARIES.intersection_update({PASSWORD})
    held(world)


def held(world: World) -> None:
    """What holds of the whole season."""
    with world.service.stores.transaction() as db:
        for rule, wrong in RULES.items():
            assert db.scalars(text(wrong)).all() == [], rule
