"""Deploying people of the small season by the real verbs, and reading what became of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.applications import Application
from models.deployments import Deployment
from models.messages import Message
from models.series import Series, Vacancy
from operations import deployments, office
from operations.office import Actor, caller
from operations.refusals import Refusal
from tests.fixtures_season import PEOPLE, Season

STAFF = Actor("staff:test", "command")
GIRLS, BOYS, COAST = "20401001", "20401002", "01101001"
Work = Callable[[Session, datetime], Any]


def do(season: Season, work: Work) -> Any:
    """Do something and commit, with the time."""
    with season.service.stores.transaction() as db:
        return work(db, office.now(db))


def refused(season: Season, work: Work) -> str:
    """The code of the refusal that this meets; what it did is rolled back."""
    with pytest.raises(Refusal) as refusal:
        do(season, work)
    return refusal.value.code


def plain_rules(season: Season) -> None:
    """Both series ask only for the kind of people that a position needs, so that few people fill many posts."""

    def keep(db: Session, now: datetime) -> None:
        for number in (season.open, season.running):
            db.get_one(Series, number).rules = {"return_years": 3}

    do(season, keep)


def post(
    db: Session, season: Season, name: str, centre: str, position: str = "supervisor", **more: Any
) -> Any:
    """The bare verb, in the open series."""
    values = {"by": STAFF, "now": office.now(db)} | more
    series = values.pop("series_id", season.open)
    return deployments.offer(db, season.accounts[name], series, centre, position, **values)


def offer(season: Season, name: str, centre: str = GIRLS, position: str = "supervisor", **more: Any) -> int:
    """Offer somebody a post: its id."""
    return int(do(season, lambda db, now: post(db, season, name, centre, position, **more).id))


def accept(season: Season, number: int, by: Actor = STAFF) -> str:
    """Accept it: its state."""
    return str(do(season, lambda db, now: deployments.accept(db, number, by=by, now=now).state))


def decline(season: Season, number: int, reason: str = "sick", by: Actor = STAFF) -> str:
    """Decline it: its state."""
    return str(do(season, lambda db, now: deployments.decline(db, number, reason, by=by, now=now).state))


def cancel(season: Season, number: int, reason: str = "the centre is closed") -> str:
    """Cancel it: its state."""
    return str(do(season, lambda db, now: deployments.cancel(db, number, reason, by=STAFF, now=now).state))


def replace(season: Season, number: int, name: str, reason: str = "fell sick") -> int:
    """Give it to somebody else: the new one's id."""
    account = season.accounts[name]
    made = do(season, lambda db, now: deployments.replace(db, number, account, reason, by=STAFF, now=now).id)
    return int(made)


def phone(name: str) -> Actor:
    """Somebody's own phone."""
    return caller(PEOPLE[name][0], "ussd")


def row(season: Season, number: int) -> Deployment:
    """A deployment as it stands."""
    with season.service.stores.sessions() as db:
        return db.get_one(Deployment, number)


def filled(season: Season, position: str = "supervisor", centre: str = GIRLS) -> int:
    """How many places of a vacancy are taken."""
    with season.service.stores.sessions() as db:
        code = season.vacancies[position, centre]
        return int(db.scalars(select(Vacancy.filled).where(Vacancy.code == code)).one())


def applied(season: Season, name: str, position: str = "supervisor", centre: str = GIRLS) -> int:
    """An approved application that holds a place of its vacancy: its id."""

    def enter(db: Session, now: datetime) -> int:
        code = season.vacancies[position, centre]
        vacancy = db.scalars(select(Vacancy).where(Vacancy.code == code)).one()
        vacancy.filled += 1
        made = Application(
            reference=f"AP-{name}",
            account_id=season.accounts[name],
            series_id=vacancy.series_id,
            vacancy_id=vacancy.id,
            form_id=f"form-{name}",
            state="approved",
            channel="ussd",
        )
        db.add(made)
        db.flush()
        return made.id

    return int(do(season, enter))


def application(season: Season, number: int) -> tuple[str, str | None]:
    """The state of an application, and why."""
    with season.service.stores.sessions() as db:
        found = db.get_one(Application, number)
        return found.state, found.reason


def words(season: Season, name: str) -> list[str]:
    """What was queued for somebody, by the names of its words."""
    with season.service.stores.sessions() as db:
        mine = select(Message.words).where(Message.phone == PEOPLE[name][0]).order_by(Message.id)
        return list(db.scalars(mine))
