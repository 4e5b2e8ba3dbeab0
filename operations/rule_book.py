"""The rule book of a series: who may take which position, and how long nobody returns. Officers edit it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.series import Series
from operations import audits, calendars
from operations.calendars import Calendar
from operations.office import Actor
from operations.refusals import Refusal

Kind = Literal["teacher", "examiner", "driver", "security"]
Level = Literal["primary", "junior", "secondary", "college"]
Station = Literal["examination", "distribution", "marking"]
Position = Literal[
    "centre_manager", "supervisor", "invigilator", "clerk", "security_officer", "driver", "examiner"
]
Years = Annotated[int, msgspec.Meta(ge=0, le=20)]


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may take a position: these kinds of people, and of the teachers those of these schools."""

    kinds: list[Kind]  # nobody, where it is empty
    levels: list[Level] = []  # teachers of any school, where it is empty
    own_school: bool = False  # whether one may serve where one teaches


class RuleBook(Calendar, frozen=True, forbid_unknown_fields=True):
    """The rules of one series and its calendar; a position that is not among them has those of `POSTS`."""

    positions: dict[Position, Post] = {}
    return_years: Years = 0  # nobody returns to a centre served within so many years
    return_stations: tuple[Station, ...] = ("examination",)  # where that holds
    approved: bool = True  # whether the council must have approved the person before
    source: str = ""  # the circular that says so

    def post(self, position: str) -> Post:
        """Who may take this position."""
        return {**POSTS, **self.positions}[position]  # type: ignore[index]


TEACHERS: Final[list[Kind]] = ["teacher", "examiner"]  # an examiner is a teacher too
POSTS: Final[Mapping[Position, Post]] = {
    "centre_manager": Post(TEACHERS, own_school=True),  # a school's head runs its centre
    "supervisor": Post(TEACHERS),
    "invigilator": Post(TEACHERS),
    "clerk": Post(TEACHERS, own_school=True),
    "security_officer": Post(["security"]),
    "driver": Post(["driver"]),
    "examiner": Post(["examiner"], own_school=True),
}


def read(plain: Mapping[str, Any]) -> RuleBook:
    """Rules as they are stored; a refusal says where they are wrong."""
    try:
        return msgspec.convert(plain, RuleBook)
    except msgspec.ValidationError as fault:
        raise Refusal("series.bad_rules", rules_fault=str(fault)) from None


def read_text(text: str | bytes) -> RuleBook:
    """Rules as an officer wrote them, in JSON; a refusal says where they are wrong."""
    try:
        return msgspec.json.decode(text, type=RuleBook)
    except (msgspec.DecodeError, UnicodeError) as fault:
        raise Refusal("series.bad_rules", rules_fault=str(fault)) from None


def keep(db: Session, series: Series, rules: RuleBook, *, by: Actor, now: datetime) -> None:
    """Give a series these rules."""
    series.rules = msgspec.to_builtins(rules)
    audits.record(db, "series.rules", f"series:{series.id}", by=by, return_years=str(rules.return_years))


def of(db: Session, series: Series) -> RuleBook:
    """The rules of a series: its own, else those of the exam's newest year, else the kinds alone.

    A calendar is a series's own, and says nothing of who may do what.
    """
    own = series.rules or {}
    if own.keys() - calendars.FIELDS:
        return read(own)
    others = (Series.exam == series.exam, Series.year < series.year, Series.rules != {})
    known = db.scalars(select(Series.rules).where(*others).order_by(Series.year.desc()))
    newest = next((rules for rules in map(lasting, known) if rules), {})
    return read({**newest, **own})


def lasting(rules: Mapping[str, Any]) -> dict[str, Any]:
    """What of a year's rules holds in later years too."""
    return {name: rule for name, rule in rules.items() if name not in calendars.FIELDS}
