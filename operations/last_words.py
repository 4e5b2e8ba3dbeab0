"""Last words: what was said last of a day, asked in SQL: a sieve for many, before `marks` decides of each."""

from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from models.attendance import MarkEvent

Number = InstrumentedAttribute[int]
Days = InstrumentedAttribute[date]


def last_word(deployment_id: Number, day: Days) -> ScalarSelect[bool]:
    """Whether the last word about this deployment and day says present; null where nothing was said."""
    said = aliased(MarkEvent)
    about = select(said.present).where(said.deployment_id == deployment_id, said.day == day)
    return about.order_by(said.said_at.desc(), said.id.desc()).limit(1).scalar_subquery()


def key(prefix: str, deployment_id: Number, day: Days) -> ColumnElement[str]:
    """The natural key of what is told of this deployment and day: `absent:12:2026-10-16`."""
    return func.concat(prefix, deployment_id, ":", func.to_char(day, "YYYY-MM-DD"))
