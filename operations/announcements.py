"""Announcements: the same words to many people, a batch a transaction.

Each person's message has the announcement's key, so one that was stopped in the middle is begun again and
nobody is told twice.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from models.accounts import LANGUAGES, Account, Subscriber
from models.applications import LIVE, Application
from models.deployments import DEPLOYED, Deployment
from models.people import Profile
from models.places import County, SubCounty
from models.series import Series, Vacancy
from operations import audits, duties, notices
from operations.office import Actor
from telephony import gsm7

BATCH: Final = 1000
# Words of the office that carry a free text.
FREE: Final = "notice.office"
CLASS: Final = "notice"


@dataclass(frozen=True)
class Selection:
    """Who is told: everybody who fits all that is said; an empty selection is everybody with an account."""

    kind: str = ""
    county: str = ""  # where they work: its name or its code
    exam: str = ""
    year: int | None = None
    position: str = ""
    centre: str = ""
    applied: bool = False  # who applied for it, instead of who is deployed

    @property
    def serving(self) -> bool:
        """Whether it asks for a post."""
        return bool(self.exam or self.year or self.position or self.centre or self.applied)


@dataclass(frozen=True)
class Announcement:
    """What is said: named words, or a free text by language; without one in a language the English serves."""

    words: str
    texts: Mapping[str, str] = field(default_factory=dict)
    key: str = ""

    def details(self, lang: str) -> dict[str, str]:
        """The values of its blanks for somebody who reads this language."""
        text = self.texts.get(lang) or self.texts.get("en", "")
        return {"text": text} if text else {}


def free(texts: Mapping[str, str]) -> Announcement:
    """An announcement in free words, folded to what every phone shows."""
    folded = {lang: " ".join(gsm7.fold(text).text.split()) for lang, text in texts.items() if text}
    return Announcement(FREE, folded)


def keyed(announcement: Announcement, name: str, *, now: datetime) -> Announcement:
    """With the key under which each person is told once: as named, else these very words on this day."""
    said = repr((announcement.words, sorted(announcement.texts.items())))
    day = duties.local(now).isoformat()
    key = name or f"{day}:{hashlib.sha256(said.encode()).hexdigest()[:12]}"
    return Announcement(announcement.words, announcement.texts, key)


def counted(db: Session, selection: Selection, *, now: datetime) -> dict[str, int]:
    """How many people are told, by the language they read."""
    people = chosen(selection, duties.local(now)).subquery()
    rows = select(people.c.lang, func.count()).group_by(people.c.lang)
    return {lang: count for lang, count in db.execute(rows)}  # noqa: C416


def send(
    db: Session, announcement: Announcement, selection: Selection, *, after: int, by: Actor, now: datetime
) -> tuple[int, int, int]:
    """Queue the next batch behind this account: the last account, how many there were, how many are new.

    The first batch writes down who announced what to whom.
    """
    people = chosen(selection, duties.local(now)).where(Account.id > after).order_by(Account.id).limit(BATCH)
    rows = db.execute(people).all()
    if not after:
        record(db, announcement, selection, by=by)
    if not rows:
        return after, 0, 0
    return rows[-1].id, len(rows), queue(db, announcement, rows, now=now)


def queue(
    db: Session, announcement: Announcement, people: Sequence[Row[*tuple[Any, ...]]], *, now: datetime
) -> int:
    """A message for each of them, in a statement a language; answers how many were not there before."""
    fresh = 0
    for lang in LANGUAGES:
        details = announcement.details(lang)
        told = [
            (f"announcement:{announcement.key}:{one.id}", one.id, one.phone, details)
            for one in people
            if one.lang == lang
        ]
        fresh += notices.queue_once(db, CLASS, announcement.words, told, now=now, lang=lang)
    return fresh


def record(db: Session, announcement: Announcement, selection: Selection, *, by: Actor) -> None:
    """Write down who announced which words to whom; a free text stands in the messages themselves."""
    asked = {name: str(value) for name, value in asdict(selection).items() if value}
    subject = f"announcement:{announcement.key}"
    audits.record(db, "announcement.send", subject, by=by, words=announcement.words, **asked)


def chosen(selection: Selection, today: date) -> Select[*tuple[Any, ...]]:
    """The query of the people, as of this day: account, phone and language of each."""
    people = (
        select(Account.id, Account.phone, Subscriber.lang)
        .join(Subscriber, Subscriber.phone == Account.phone)
        .outerjoin(Profile, Profile.account_id == Account.id)
        .outerjoin(SubCounty, SubCounty.id == Profile.sub_county_id)
        .outerjoin(County, County.code == SubCounty.county_code)
        .where(Account.centre_code.is_(None))
    )
    if selection.kind:
        people = people.where(Profile.kind == selection.kind)
    if selection.county:
        named = func.lower(County.name) == selection.county.lower()
        people = people.where(named | (County.code == selection.county))
    if selection.serving:
        people = people.where(applied(selection, today) if selection.applied else deployed(selection, today))
    return people


def deployed(selection: Selection, today: date) -> ColumnElement[bool]:
    """Whether somebody has such a post, offered or accepted."""
    row = select(Deployment.id).join(Series, Series.id == Deployment.series_id)
    mine = [Deployment.account_id == Account.id, Deployment.state.in_(DEPLOYED), *of_series(selection, today)]
    if selection.position:
        mine.append(Deployment.position == selection.position)
    if selection.centre:
        mine.append(Deployment.centre_code == selection.centre)
    return row.where(*mine).exists()


def applied(selection: Selection, today: date) -> ColumnElement[bool]:
    """Whether somebody has applied for such a post, and still does."""
    row = select(Application.id).join(Series, Series.id == Application.series_id)
    row = row.join(Vacancy, Vacancy.id == Application.vacancy_id)
    mine = [Application.account_id == Account.id, Application.state.in_(LIVE), *of_series(selection, today)]
    if selection.position:
        mine.append(Vacancy.position == selection.position)
    if selection.centre:
        mine.append(Vacancy.centre_code == selection.centre)
    return row.where(*mine).exists()


def of_series(selection: Selection, today: date) -> list[ColumnElement[bool]]:
    """The conditions on the series; without a year, those that are not over by then."""
    asked = [Series.exam == selection.exam.upper()] if selection.exam else []
    if selection.year:
        return [*asked, Series.year == selection.year]
    return [*asked, Series.closed_at.is_(None), Series.ends >= today]
