"""Notices: a message is queued by name with its values, and worded when it is sent."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.messages import Message
from operations.office import NAIROBI

BATCH = 1000  # rows of one statement
# The rows travel as one value: a statement with as many VALUES is read for a second before it is sent.
MANY: Final = text(
    "INSERT INTO message (lane, class, words, not_after, lang, natural_key, account_id, phone, details)"
    " SELECT :lane, :klass, :words, :not_after, :lang, new.key, new.account_id, new.phone, new.details"
    " FROM jsonb_to_recordset(CAST(:people AS jsonb))"
    " AS new (key text, account_id bigint, phone text, details jsonb)"
    " ON CONFLICT (natural_key) DO NOTHING RETURNING id"
)


@dataclass(frozen=True)
class Class:
    """A class of message: its lane, its hours of the Nairobi day, and how long it is worth sending."""

    lane: str
    life: timedelta
    opens: time | None = None
    closes: time | None = None

    def is_open(self, moment: datetime) -> bool:
        """Whether this class may be sent at this moment."""
        if self.opens is None or self.closes is None:
            return True
        return self.opens <= moment.astimezone(NAIROBI).time() < self.closes


# Lane is speed, class is rule (design, rule 7). Promotional hours: Safaricom, 08:00 to 18:00.
CLASSES = {
    "code": Class("urgent", timedelta(minutes=10)),
    "reply": Class("urgent", timedelta(minutes=30)),
    "register": Class("urgent", timedelta(hours=5)),
    "chase": Class("bulk", timedelta(hours=20), time(6), time(20)),
    "notice": Class("bulk", timedelta(hours=48), time(8), time(18)),
    "campaign": Class("bulk", timedelta(hours=72), time(8), time(18)),
}


def open_classes(moment: datetime) -> list[str]:
    """The classes that may be sent at this moment; the others are held, not lost."""
    return [name for name, rule in CLASSES.items() if rule.is_open(moment)]


def queue(
    db: Session,
    klass: str,
    words: str,
    phone: str,
    *,
    now: datetime,
    lang: str | None = None,
    key: str | None = None,
    account_id: int | None = None,
    **details: Any,
) -> None:
    """Put a message into the outbox, in the caller's transaction; the same `key` twice is queued once.

    `words` names its wording in menus/words; a one-time password travels as `grant`, its grant's id. A value
    may be a token such as `@day:2026-10-16`, or a list of pieces, spelled in the reader's language.
    """
    rule = CLASSES[klass]
    row = insert(Message).values(
        lane=rule.lane,
        klass=klass,
        words=words,
        phone=phone,
        lang=lang,
        natural_key=key,
        account_id=account_id,
        details=details,
        not_after=now + rule.life,
        sender=None,
    )
    db.execute(row.on_conflict_do_nothing(index_elements=["natural_key"]))
    db.info.setdefault("rings", set()).add(rule.lane)


def queue_each(
    db: Session,
    klass: str,
    words: str,
    people: Sequence[tuple[int, str, Mapping[str, str]]],
    *,
    now: datetime,
) -> None:
    """The same words for many people at once: (account, phone, details) of each; told at each call."""
    if not people:
        return
    rule = CLASSES[klass]
    shared = {"lane": rule.lane, "klass": klass, "words": words, "not_after": now + rule.life}
    rows = [
        {**shared, "account_id": account_id, "phone": phone, "details": dict(details)}
        for account_id, phone, details in people
    ]
    db.execute(insert(Message), rows)
    db.info.setdefault("rings", set()).add(rule.lane)


def queue_once(
    db: Session,
    klass: str,
    words: str,
    people: Sequence[tuple[str, int | None, str, Mapping[str, Any]]],
    *,
    now: datetime,
    lang: str | None = None,
) -> int:
    """The same words for many, each told once: (key, account, phone, details). Answers how many are new."""
    rule, new = CLASSES[klass], 0
    shared = {"lane": rule.lane, "klass": klass, "words": words, "not_after": now + rule.life, "lang": lang}
    for n in range(0, len(people), BATCH):
        rows = [
            {"key": key, "account_id": account_id, "phone": phone, "details": details}
            for key, account_id, phone, details in people[n : n + BATCH]
        ]
        new += len(db.execute(MANY, {**shared, "people": json.dumps(rows, default=dict)}).all())
    if new:
        db.info.setdefault("rings", set()).add(rule.lane)
    return new
