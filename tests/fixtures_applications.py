"""People who apply, withdraw and are reviewed, each act in a transaction of its own, and the ledger of places."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.applications import LIVE, Application
from models.forms import Form
from models.messages import Message
from models.series import Vacancy
from operations import applications
from operations.office import Actor, caller, now
from operations.refusals import Refusal
from tests.fixtures_season import PASSWORD, PEOPLE, Season, complete_profile, eligibility
from tests.fixtures_service import Handset
from tests.fixtures_sms import Texting
from ussd_app.service import Service

THANKS = (
    "Thank you for submitting your application. The application shall be reviewed, and you shall be notified"
    " shortly!"
)
ASANTE = "Asante kwa kutuma ombi lako. Ombi litakaguliwa, na utajulishwa hivi karibuni!"
CODE, LIST = "3", "4"  # of the home screen
KASARANI = ("invigilator", "20401001")
MWIKI = ("invigilator", "20401002")
CHANGAMWE = ("invigilator", "01101001")
LAST = ("supervisor", "20401001")  # it has one place
OFFICER = Actor("staff:wanjiku", "command")

UNFINISHED = select(Form).where(Form.finished_at.is_(None))
# Every vacancy whose places do not add up: taken by nobody, or held without being counted.
LEDGER = text(
    "SELECT v.code, v.filled, count(a.id) FROM vacancy v LEFT JOIN application a ON a.vacancy_id = v.id"
    " AND a.state IN ('submitted', 'approved', 'deployed') GROUP BY v.id HAVING v.filled <> count(a.id)"
)


@dataclass
class Applicants:
    """What people and officers do, as the operations do it."""

    service: Service
    season: Season
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def do(self, verb: Any, *args: Any, by: Actor | None = None, **more: Any) -> Any:
        """One verb, committed; a refusal rolls it back and is raised."""
        with self.service.stores.transaction() as db:
            return verb(db, *args, by=by or OFFICER, now=now(db), **more)

    def apply(
        self, name: str, post: tuple[str, str] = KASARANI, *, form: str = "", channel: str = "ussd"
    ) -> Application:
        """Somebody applies by their own phone."""
        made: Application = self.do(
            applications.apply,
            self.season.accounts[name],
            self.vacancy(post).id,
            form_id=form or f"form-{next(self.numbers)}",
            by=self.phone(name, channel),
        )
        return made

    def withdraw(self, application: Application, reason: str = "other") -> Application:
        """The owner takes it back."""
        withdrawn: Application = self.do(applications.withdraw, application.id, reason)
        return withdrawn

    def review(self, application: Application, accept: bool, reason: str = "") -> Application:
        """The council decides."""
        decided: Application = self.do(applications.review, application.id, accept, reason)
        return decided

    def phone(self, name: str, channel: str = "ussd") -> Actor:
        """Somebody at their own phone."""
        return caller(PEOPLE[name][0], channel)

    def vacancy(self, post: tuple[str, str] = KASARANI) -> Vacancy:
        """A vacancy as it stands."""
        with self.service.stores.sessions() as db:
            return db.scalars(select(Vacancy).where(Vacancy.code == self.season.vacancies[post])).one()

    def refused(self, verb: Any, *args: Any, **more: Any) -> str:
        """Why something is refused."""
        with pytest.raises(Refusal) as refusal:
            verb(*args, **more)
        return refusal.value.code

    def all(self, query: Any) -> list[Any]:
        """Every row of a query."""
        with self.service.stores.sessions() as db:
            return list(db.scalars(query))

    def live(self, name: str) -> list[Application]:
        """The live applications of somebody."""
        mine = Application.account_id == self.season.accounts[name]
        return self.all(select(Application).where(mine, Application.state.in_(LIVE)))

    def told(self, name: str) -> list[str]:
        """The names of the notices queued for somebody, oldest first."""
        mine = Message.account_id == self.season.accounts[name]
        return self.all(select(Message.words).where(mine, Message.klass == "notice").order_by(Message.id))

    def reference(self) -> str:
        """The newest application's reference."""
        found: list[str] = self.all(select(Application.reference).order_by(Application.id.desc()))
        return found[0]

    def balance(self) -> list[Any]:
        """The vacancies whose places do not add up, and the people with two live applications for one exam."""
        twice = select(Application.account_id).where(Application.state.in_(LIVE))
        twice = twice.group_by(Application.account_id, Application.series_id).having(func.count() > 1)
        with self.service.stores.sessions() as db:
            return [*db.execute(LEDGER), *db.scalars(twice)]

    def crowd(self, count: int) -> list[int]:
        """So many more teachers whom the council approved."""
        with self.service.stores.transaction() as db:
            return [self.teacher(db).id for _ in range(count)]

    def teacher(self, db: Session) -> Any:
        """One more teacher whom the council approved."""
        number = next(self.numbers)
        account = self.season.make_account(db, f"+2547{20000000 + number}")
        account.national_id = f"3{account.id:07}"
        name = f"Teacher Number {number}"
        db.add(complete_profile(db, account, name, "teacher", "Kasarani"))
        db.add(eligibility(account, name, "teacher", "approved", now(db)))
        db.flush()
        return account


def code(applicants: Applicants, post: tuple[str, str] = KASARANI) -> str:
    """The code of a vacancy."""
    return applicants.season.vacancies[post]


def at_confirm(applicants: Applicants, phone: Handset, post: tuple[str, str] = KASARANI) -> Handset:
    """A phone at the confirm screen of a vacancy."""
    phone.send(CODE, code(applicants, post))
    assert "1. Apply (no interest)" in phone.screen, phone.screen
    return phone


@pytest.fixture
def applicants(service: Service, season: Season) -> Applicants:
    """The people of the small season, who apply."""
    return Applicants(service, season)


@pytest.fixture
def signed_in(applicants: Applicants, handset: Callable[[str], Handset]) -> Callable[[str], Handset]:
    """Somebody of the season at home, signed in."""

    def dial(name: str) -> Handset:
        phone = handset(PEOPLE[name][0])
        phone.dial()
        phone.send(PASSWORD)
        return phone

    return dial


class Line:
    """A phone that texts, and what it was answered."""

    def __init__(self, texting: Texting, applicants: Applicants, phone: str) -> None:
        self.texting, self.applicants, self.phone = texting, applicants, phone

    def text(self, words: str) -> str:
        """Send this; `<code>` is the code of the last answer. Answers the reply."""
        if "<code>" in words:
            words = words.replace("<code>", self.texting.code(self.phone))
        before = len(self.texting.messages(self.phone))
        assert self.texting.text(words, self.phone) == 200
        assert len(self.texting.messages(self.phone)) == before + 1, "it is answered once"
        return self.texting.last(self.phone)

    def apply(self, post: tuple[str, str] = KASARANI) -> str:
        """Apply for a vacancy; answers its code."""
        code = self.applicants.season.vacancies[post]
        self.text(f"APPLY {code}")
        return code
