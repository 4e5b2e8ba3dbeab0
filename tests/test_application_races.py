"""Many at once (F26): places are never oversold, nobody holds two for one exam, and the ledger adds up.

Real threads on real PostgreSQL, each act a transaction of its own; a deadlock would fail the test by itself.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.orm import Session

from models.applications import LIVE, Application
from models.messages import Message
from operations import applications
from operations.office import now
from operations.refusals import Refusal
from tests.fixtures_applications import CHANGAMWE, KASARANI, LAST, MWIKI, OFFICER, Applicants
from tests.processes import wait_until

WAITING = text("SELECT pid FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted")
AT_ONCE = 24  # connections, as many transactions side by side: the server has 100 for four test processes


@pytest.fixture
def engine(applicants: Applicants) -> Iterator[Engine]:
    """A pool on which many wait their turn, as many processes would."""
    url = applicants.service.stores.engine.url
    creator = applicants.service.stores.engine.pool._creator
    opened = create_engine(url, creator=creator, pool_size=AT_ONCE, max_overflow=0, pool_timeout=120)
    yield opened
    opened.dispose()


@pytest.fixture
def at_once(engine: Engine) -> Callable[[list[Callable[[Session], Any]]], list[Any]]:
    """Runs every act at the same moment, each in a thread and a transaction; answers how each ended."""

    def run(acts: list[Callable[[Session], Any]]) -> list[Any]:
        barrier = Barrier(len(acts))

        def one(act: Callable[[Session], Any]) -> Any:
            barrier.wait()
            with Session(engine) as db:
                try:
                    made = act(db)
                    db.commit()
                    return made
                except Refusal as refusal:
                    return refusal.code

        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(one, acts))

    return run


def applying(account: int, vacancy: int, form: str) -> Callable[[Session], Any]:
    """Somebody applies; answers the reference."""

    def act(db: Session) -> str:
        made = applications.apply(db, account, vacancy, form_id=form, by=OFFICER, now=now(db))
        return made.reference

    return act


def withdrawing(application: int) -> Callable[[Session], Any]:
    """An application is taken back."""

    def act(db: Session) -> str:
        return applications.withdraw(db, application, "other", by=OFFICER, now=now(db)).state

    return act


def reviewing(application: int, accept: bool) -> Callable[[Session], Any]:
    """The council decides."""

    def act(db: Session) -> str:
        return applications.review(db, application, accept, "No", by=OFFICER, now=now(db)).state

    return act


def test_two_hundred_at_once_for_the_last_place(applicants: Applicants, at_once: Any) -> None:
    vacancy = applicants.vacancy(LAST).id
    ended = at_once([applying(who, vacancy, f"f{who}") for who in applicants.crowd(200)])
    won = [one for one in ended if one.startswith("AP-")]
    assert len(won) == 1 and Counter(ended)["vacancy.full"] == 199
    assert applicants.all(select(Application.reference)) == won
    assert applicants.vacancy(LAST).filled == 1 and not applicants.balance()
    assert len(applicants.all(select(Message.id))) == 1


def test_as_many_get_in_as_there_are_places(applicants: Applicants, at_once: Any) -> None:
    with applicants.service.stores.transaction() as db:
        db.execute(text("UPDATE vacancy SET capacity = 37"))
    vacancy = applicants.vacancy(LAST).id
    ended = at_once([applying(who, vacancy, f"f{who}") for who in applicants.crowd(100)])
    assert sum(one.startswith("AP-") for one in ended) == 37 == applicants.vacancy(LAST).filled
    assert not applicants.balance()


def test_one_person_from_many_phones_gets_one_application(applicants: Applicants, at_once: Any) -> None:
    amina = applicants.season.accounts["amina"]
    posts = [applicants.vacancy(post).id for post in (KASARANI, MWIKI, CHANGAMWE)]
    ended = at_once([applying(amina, posts[n % 3], f"f{n}") for n in range(60)])
    assert sum(one.startswith("AP-") for one in ended) == 1 and Counter(ended)["application.live"] == 59
    assert len(applicants.live("amina")) == 1 and not applicants.balance()


def test_one_form_posted_many_times_has_one_outcome(applicants: Applicants, at_once: Any) -> None:
    amina, vacancy = applicants.season.accounts["amina"], applicants.vacancy().id
    ended = at_once([applying(amina, vacancy, "f1") for _ in range(40)])
    assert len(set(ended)) == 1 and ended[0].startswith("AP-")
    assert applicants.vacancy().filled == 1 and applicants.told("amina") == ["application.received"]


def test_withdrawing_races_applying_again(applicants: Applicants, at_once: Any) -> None:
    """The same person for the same last place, round after round."""
    amina, vacancy = applicants.season.accounts["amina"], applicants.vacancy(LAST).id
    for round_ in range(8):
        before = applicants.live("amina") or [applicants.apply("amina", LAST)]
        acts = [applying(amina, vacancy, f"{round_}-{n}") for n in range(10)]
        acts += [withdrawing(before[0].id) for _ in range(10)]
        random.shuffle(acts)
        ended = Counter(one[:3] if one.startswith("AP-") else one for one in at_once(acts))
        assert ended["withdrawn"] == 10 and ended["AP-"] <= 1
        assert len(applicants.live("amina")) == ended["AP-"]
        assert applicants.vacancy(LAST).filled == ended["AP-"] and not applicants.balance()


def test_a_withdrawal_races_the_council(applicants: Applicants, at_once: Any) -> None:
    for _ in range(6):
        made = applicants.apply("amina", LAST)
        acts = [withdrawing(made.id)] * 5 + [reviewing(made.id, False)] * 5 + [reviewing(made.id, True)] * 5
        at_once(random.sample(acts, len(acts)))
        state = applicants.all(select(Application.state).where(Application.id == made.id))
        assert state in (["withdrawn"], ["rejected"])
        assert applicants.vacancy(LAST).filled == 0 and not applicants.balance()


def test_everybody_does_everything_at_once(applicants: Applicants, at_once: Any) -> None:
    """Thirty people, three vacancies of two places, 240 acts in two waves of chaos: the sum is the state."""
    people = applicants.crowd(30)
    posts = [applicants.vacancy(post).id for post in (KASARANI, MWIKI, CHANGAMWE)]
    with applicants.service.stores.transaction() as db:
        db.execute(text("UPDATE vacancy SET capacity = 2"))
    for wave in range(2):
        acts = [applying(who, random.choice(posts), f"{wave}-{who}-{n}") for who in people for n in range(2)]
        for row in applicants.all(select(Application.id).where(Application.state.in_(LIVE))):
            acts += [withdrawing(row), withdrawing(row), reviewing(row, False), reviewing(row, True)]
        at_once(random.sample(acts, len(acts)))
        assert not applicants.balance()
    held = applicants.all(select(func.count()).where(Application.state.in_(LIVE)))[0]
    assert held == sum(applicants.vacancy(post).filled for post in (KASARANI, MWIKI, CHANGAMWE)) <= 6


def test_applying_again_waits_for_a_withdrawal_under_way(applicants: Applicants, engine: Engine) -> None:
    """One person's acts take turns: the second phone is not told of an application that is just going."""
    made = applicants.apply("amina", LAST)
    with ThreadPoolExecutor(1) as pool, Session(engine) as db:
        withdrawing(made.id)(db)
        again = pool.submit(applicants.apply, "amina", LAST)
        wait_until(lambda: bool(applicants.all(WAITING)), "the second one taking its turn")
        db.commit()
        assert again.result(60).state == "submitted"
    assert applicants.vacancy(LAST).filled == 1 and not applicants.balance()


def test_an_application_that_came_between_is_refused_politely(applicants: Applicants, engine: Engine) -> None:
    """Whoever writes a row without taking turns is held by the unique index; the other hears it in words."""
    amina, vacancy = applicants.season.accounts["amina"], applicants.vacancy()
    refused = []

    def second() -> None:
        with Session(engine) as db:
            try:
                applications.apply(db, amina, vacancy.id, form_id="f2", by=OFFICER, now=now(db))
            except Refusal as refusal:
                refused.append(refusal.code)

    with ThreadPoolExecutor(1) as pool, Session(engine) as db:
        values = {"account_id": amina, "series_id": vacancy.series_id, "vacancy_id": vacancy.id}
        db.add(Application(**values, reference="AP-222-222-2", form_id="f1", channel="console"))
        db.flush()
        waiting = pool.submit(second)
        wait_until(lambda: bool(applicants.all(WAITING)), "the second one at the unique index")
        db.commit()
        waiting.result(60)
    assert refused == ["application.live"] and len(applicants.live("amina")) == 1
