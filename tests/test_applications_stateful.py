"""Any order of applying, withdrawing, reviewing, deploying and releasing, held against a small model."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from models.applications import LIVE, Application
from models.series import Vacancy
from operations import applications
from operations.refusals import Refusal
from tests.fixtures_applications import Applicants

PEOPLE, FORMS = range(4), st.sampled_from("abc")
PLACES = (1, 1, 2)  # of three vacancies


class Season(RuleBasedStateMachine):
    """Four people and three vacancies of one series; the model is a dictionary of states."""

    def __init__(self, applicants: Applicants, people: list[int]) -> None:
        super().__init__()
        self.applicants, self.people = applicants, people
        self.states: dict[int, str] = {}
        self.holders: dict[int, tuple[int, int]] = {}  # application: person, vacancy
        self.forms: dict[tuple[str, int, int], int] = {}

    @initialize()
    def begin(self) -> None:
        """Fresh vacancies, and nobody has applied: what an earlier run left holds no place."""
        season = self.applicants.season
        for row in self.applicants.all(select(Application.id).where(Application.state.in_(LIVE))):
            self.applicants.do(applications.release, row, "over")
        with self.applicants.service.stores.transaction() as db:
            made = [season.make_vacancy(db, "clerk", "distribution", "20401001", n) for n in PLACES]
        self.vacancies = [vacancy.id for vacancy in made]
        self.first = max(self.applicants.all(select(Application.id)), default=0)

    def ended(self, act: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """What an act answers: the application, or the code of its refusal."""
        try:
            return self.applicants.do(act, *given, **more)
        except Refusal as refusal:
            return refusal.code

    def live(self) -> list[int]:
        """The applications that the model holds to be live."""
        return [number for number, state in self.states.items() if state in LIVE]

    @rule(person=st.sampled_from(PEOPLE), vacancy=st.sampled_from(range(len(PLACES))), form=FORMS)
    def apply(self, person: int, vacancy: int, form: str) -> None:
        attempt = (form, person, vacancy)
        taken = [self.holders[number] for number in self.live()]
        ended = self.ended(
            applications.apply,
            self.people[person],
            self.vacancies[vacancy],
            form_id=f"{self.first}-{form}",
        )
        if attempt in self.forms:
            assert ended.id == self.forms[attempt]
        elif any(who == person for who, _ in taken):
            assert ended == "application.live"
        elif sum(what == vacancy for _, what in taken) == PLACES[vacancy]:
            assert ended == "vacancy.full"
        else:
            assert ended.state == "submitted"
            self.states[ended.id], self.holders[ended.id] = "submitted", (person, vacancy)
            self.forms[attempt] = ended.id

    def pick(self, choice: int) -> int | None:
        """One of the applications there are."""
        return sorted(self.states)[choice % len(self.states)] if self.states else None

    def settle(self, choice: int, act: Callable[..., Any], to: str, *more: Any) -> None:
        """Do it to one of them; the model says whether it may be done."""
        number = self.pick(choice)
        if number is None:
            return
        state, ended = self.states[number], self.ended(act, number, *more)
        if state == to:
            assert ended.state == state
        elif state not in LIVE:
            assert ended == "application.ended"
        elif state == "deployed":
            assert ended == "application.deployed"
        else:
            assert ended.state == to
            self.states[number] = to

    @rule(choice=st.integers(0, 50))
    def withdraw(self, choice: int) -> None:
        self.settle(choice, applications.withdraw, "withdrawn", "other")

    @rule(choice=st.integers(0, 50))
    def approve(self, choice: int) -> None:
        self.settle(choice, applications.review, "approved", True)

    @rule(choice=st.integers(0, 50))
    def reject(self, choice: int) -> None:
        self.settle(choice, applications.review, "rejected", False, "Not yet")

    @rule(choice=st.integers(0, 50))
    def release(self, choice: int) -> None:
        number = self.pick(choice)
        if number is not None:
            ended = self.ended(applications.release, number, "too_far")
            if self.states[number] in LIVE:
                self.states[number] = "released"
            assert ended.state == self.states[number]

    @rule(choice=st.integers(0, 50))
    def deploy(self, choice: int) -> None:
        number = self.pick(choice)
        if number is None:
            return
        with self.applicants.service.stores.transaction() as db:
            try:
                applications.deployed(db, number)
                assert self.states[number] in LIVE
                self.states[number] = "deployed"
            except Refusal as refusal:
                assert refusal.code == "application.ended" and self.states[number] not in LIVE

    @invariant()
    def the_sum_is_the_state(self) -> None:
        with self.applicants.service.stores.sessions() as db:
            rows = db.scalars(select(Application).where(Application.id > self.first)).all()
            filled = dict(list(db.execute(select(Vacancy.id, Vacancy.filled))))
        assert {row.id: row.state for row in rows} == self.states
        assert len({row.reference for row in rows}) == len(rows)
        held = [self.holders[number] for number in self.live()]
        assert len({person for person, _ in held}) == len(held)
        for number, vacancy in enumerate(self.vacancies):
            assert filled[vacancy] == sum(what == number for _, what in held) <= PLACES[number]


def test_any_order_of_acts(applicants: Applicants) -> None:
    people = applicants.crowd(len(PEOPLE))
    run_state_machine_as_test(
        lambda: Season(applicants, people),
        settings=settings(
            max_examples=10,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
        ),
    )
    assert not applicants.balance()
