"""Which posts are for somebody of one's kind: what nobody of that kind may take is not proposed to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.series import Series
from operations import rule_book, rules, vacancy_search
from operations.rule_book import POSTS, Post
from operations.rules import Person
from operations.series import is_open
from operations.vacancy_search import MOST_COUNTED, Found, Home, Picked


@dataclass(frozen=True)
class Fit:
    """What is open to people of this kind: of each series and of each exam, the positions."""

    kind: str
    by_series: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    by_exam: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def of(db: Session, account_id: int, *, now: datetime) -> Fit | None:
    """What is open to this person by the rule books, as far as kind and school go; None for no known kind."""
    person = rules.person(db, account_id)
    if person.kind is None:
        return None
    opened = db.scalars(select(Series).where(is_open(now)).order_by(Series.id)).all()
    allowed = {series: positions(rule_book.of(db, series), person) for series in opened}
    by_series = {series.id: names for series, names in allowed.items() if names}
    return Fit(person.kind, by_series, {series.exam: names for series, names in allowed.items()})


def positions(book: rule_book.RuleBook, person: Person) -> tuple[str, ...]:
    """The positions that this book has for this kind of person."""
    return tuple(name for name in POSTS if takes(book.post(name), person))


def takes(post: Post, person: Person) -> bool:
    """Whether a post is for people of this kind; where nobody knows the school the council looks."""
    right_school = not post.levels or person.level is None or person.level in post.levels
    return person.kind in post.kinds and right_school


def results(
    db: Session, fit: Fit, picked: Picked, typed: str = "", *, home: Home | None, now: datetime
) -> list[Found]:
    """The vacancies of a search that this kind of person may take, in the order of the search."""
    wanted = sorted({name for names in fit.by_exam.values() for name in names})
    here = {**picked, "positions": ",".join(wanted)}
    found = vacancy_search.results(db, here, typed, home=home, now=now)
    return [each for each in found if each.position in fit.by_exam.get(each.exam, ())]


def count(db: Session, fit: Fit, picked: Picked, *, now: datetime) -> int:
    """How many of them there are; beyond 999 it counts no further."""
    total = 0
    for series, names in fit.by_series.items():
        here = {**picked, "exam": str(series), "positions": ",".join(names)}
        total += vacancy_search.count(db, here, now=now)
    return min(total, MOST_COUNTED + 1)
