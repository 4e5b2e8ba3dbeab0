"""Any sequence of offers, answers, replacements and cancellations, against a small model of them."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.deployments import DEPLOYED, Deployment
from models.registers import Eligibility
from models.series import Vacancy
from operations import deployments, office
from operations.office import caller
from operations.refusals import Refusal
from tests.deploying import BOYS, GIRLS, STAFF, plain_rules
from tests.fixtures_season import Season

PLACES = 2  # for supervisors at the girls' school; at the boys' nobody advertised any
PEOPLE = 4
HELD = {"declined": "deployment.was_declined"} | dict.fromkeys(
    ("replaced", "cancelled"), "deployment.taken_back"
)

people, centres = st.integers(0, PEOPLE - 1), st.sampled_from([GIRLS, BOYS])
which = st.integers(0, 7)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), people, centres),
        st.tuples(st.just("accept"), which, st.just("")),
        st.tuples(st.just("decline"), which, st.sampled_from(["sick", "own_child", ""])),
        st.tuples(st.just("decline_for"), which, st.just("sick")),
        st.tuples(st.just("replace"), which, people),
        st.tuples(st.just("cancel"), which, st.just("")),
    ),
    max_size=25,
)


@dataclass
class Post:
    """A deployment as the model has it."""

    person: int
    centre: str
    state: str = "offered"
    replaces: int | None = None


@dataclass
class Model:
    """What must hold, without a database: every verb answers a deployment's place in the list, or a refusal."""

    posts: list[Post] = field(default_factory=list)
    interests: set[tuple[int, str]] = field(default_factory=set)

    def live(self, person: int) -> int | None:
        return next((n for n, p in enumerate(self.posts) if p.person == person and p.state in DEPLOYED), None)

    def taken(self) -> int:
        return sum(post.centre == GIRLS and post.state in DEPLOYED for post in self.posts)

    def offer(self, person: int, centre: str) -> int | str:
        standing = self.live(person)
        if standing is not None:
            return standing if self.posts[standing].centre == centre else "deployment.elsewhere"
        if (person, centre) in self.interests:
            return "rule.interest"
        if centre == GIRLS and self.taken() == PLACES:
            return "deployment.full"
        self.posts.append(Post(person, centre))
        return len(self.posts) - 1

    def accept(self, n: int, _: str) -> int | str:
        post = self.posts[n]
        if post.state in DEPLOYED:
            post.state = "accepted"
        return HELD.get(post.state, n)

    def decline(self, n: int, reason: str, *, staff: bool = False) -> int | str:
        post = self.posts[n]
        if post.state == "accepted" and not staff:
            return "deployment.see_director"
        if post.state in DEPLOYED:
            post.state = "declined"
            if reason == "own_child":
                self.interests.add((post.person, post.centre))
        return n if post.state == "declined" else HELD[post.state]

    def decline_for(self, n: int, reason: str) -> int | str:
        return self.decline(n, reason, staff=True)

    def replace(self, n: int, person: int) -> int | str:
        before = self.posts[n]
        done = [k for k, p in enumerate(self.posts) if p.replaces == n and p.person == person]
        if done:
            return done[0]
        if before.person == person:
            return "deployment.same_person"
        if self.live(person) is not None:
            return "deployment.busy"
        if before.state in HELD:
            return HELD[before.state]
        if (person, before.centre) in self.interests:
            return "rule.interest"
        before.state = "replaced"
        self.posts.append(Post(person, before.centre, replaces=n))
        return len(self.posts) - 1

    def cancel(self, n: int, _: str) -> int | str:
        post = self.posts[n]
        if post.state in DEPLOYED:
            post.state = "cancelled"
        return n if post.state == "cancelled" else HELD[post.state]


@dataclass
class Real:
    """The verbs on the database, in one transaction that is rolled back in the end."""

    db: Session
    season: Season
    accounts: list[int]
    now: datetime
    ids: list[int] = field(default_factory=list)

    def run(self, verb: str, first: int, second: int | str) -> int | str:
        try:
            with self.db.begin_nested():
                made = getattr(self, verb)(first, second)
        except Refusal as refusal:
            return refusal.code
        if made.id not in self.ids:
            self.ids.append(made.id)
        return self.ids.index(made.id)

    def offer(self, person: int, centre: str) -> Deployment:
        post = (self.accounts[person], self.season.open, centre, "supervisor")
        return deployments.offer(self.db, *post, by=STAFF, now=self.now)

    def accept(self, n: int, _: str) -> Deployment:
        return deployments.accept(self.db, self.ids[n], by=STAFF, now=self.now)

    def decline(self, n: int, reason: str) -> Deployment:
        phone = caller("+254711000001", "sms")
        return deployments.decline(self.db, self.ids[n], reason, by=phone, now=self.now)

    def decline_for(self, n: int, reason: str) -> Deployment:
        return deployments.decline(self.db, self.ids[n], reason, by=STAFF, now=self.now)

    def replace(self, n: int, person: int) -> Deployment:
        return deployments.replace(self.db, self.ids[n], self.accounts[person], "x", by=STAFF, now=self.now)

    def cancel(self, n: int, _: str) -> Deployment:
        return deployments.cancel(self.db, self.ids[n], "x", by=STAFF, now=self.now)


@pytest.fixture
def teachers(season: Season) -> list[int]:
    """Approved teachers, and two places for supervisors at the girls' school."""
    plain_rules(season)
    with season.service.stores.transaction() as db:
        code = season.vacancies["supervisor", GIRLS]
        db.scalars(select(Vacancy).where(Vacancy.code == code)).one().capacity = PLACES
        return [approved(season, db, n) for n in range(PEOPLE)]


def approved(season: Season, db: Session, n: int) -> int:
    """A teacher whom the council approved."""
    account: Account = season.make_account(db, f"+2547120000{n:02}")
    account.national_id = f"3000000{n}"
    said = {"national_id": account.national_id, "number": f"60000{n}", "name": "A B", "match": "verified"}
    db.add(Eligibility(account_id=account.id, kind="teacher", standing="approved", **said))
    db.flush()
    return account.id


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=steps)
def test_any_sequence_ends_as_the_model_says(
    season: Season, teachers: list[int], steps: list[tuple[str, int, int | str]]
) -> None:
    with season.service.stores.sessions() as db:
        model, real = Model(), Real(db, season, teachers, office.now(db))
        for verb, first, second in steps:
            if verb != "offer" and first >= len(model.posts):
                continue
            expected = getattr(model, verb)(first, second)
            assert real.run(verb, first, second) == expected, (verb, first, second)
            agree(db, season, model, real)
        db.rollback()


def agree(db: Session, season: Season, model: Model, real: Real) -> None:
    """The database stands as the model does: states, places, and roster numbers never given twice."""
    db.expire_all()
    rows = [db.get_one(Deployment, number) for number in real.ids]
    assert [row.state for row in rows] == [post.state for post in model.posts]
    code = season.vacancies["supervisor", GIRLS]
    assert db.scalars(select(Vacancy.filled).where(Vacancy.code == code)).one() == model.taken() <= PLACES
    live = [row.account_id for row in rows if row.state in DEPLOYED]
    assert len(live) == len(set(live))
    for centre in (GIRLS, BOYS):
        assert [row.roster_no for row in rows if row.centre_code == centre] == list(
            range(1, 1 + sum(post.centre == centre for post in model.posts))
        )
