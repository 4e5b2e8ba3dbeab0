"""Forms: what somebody began and has not finished; after a dropped session one SMS says how to finish it.

A reminder is for somebody who has gone. Whoever dials again, or finishes, is not reminded, and a reminder
that waits in the outbox for the morning is taken back. A dial itself only reads, so the ledger of hops tells
of it a moment later, many at once (`ussd_app/ledger.py`), with how long ago it was: what was touched since
belongs to the new session and stays.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    any_,
    cast,
    delete,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.accounts import Account
from models.forms import Form
from models.messages import Message
from models.registers import Eligibility
from models.series import Series, Vacancy
from operations import notices
from operations.series import is_open

# Left alone for so long, a form was dropped; after a day nobody wants to hear of it.
DROPPED, STALE = timedelta(minutes=10), timedelta(hours=24)
BATCH = 500
KEY = "form:"


def begin(db: Session, form_id: str, account_id: int, journey: str, *, now: datetime, **details: str) -> None:
    """Note that somebody is at this form (journey `profile` or `apply`); later details replace earlier ones.

    Called at every step that saves something: each is a touch. A form that was finished stays finished. An
    `apply` form that knows its vacancy says so: `post="@term.position.driver", code="48213"`.
    """
    row = insert(Form).values(
        id=form_id, account_id=account_id, journey=journey, details=details, begun_at=now, touched_at=now
    )
    touch = row.on_conflict_do_update(
        index_elements=[Form.id],
        set_={"touched_at": now, "returned_at": None, "details": Form.details.op("||")(row.excluded.details)},
        where=(Form.account_id == account_id) & Form.finished_at.is_(None),
    )
    db.execute(touch)


def finish(db: Session, form_id: str, *, now: datetime) -> None:
    """The form is done: nobody is reminded of it. Finishing twice, or what nobody began, changes nothing."""
    close(db, Form.id == form_id, now=now)


def finish_all(db: Session, account_id: int, journey: str, *, now: datetime) -> None:
    """The person got there by another way, an SMS say: their forms of this journey are done."""
    close(db, Form.account_id == account_id, Form.journey == journey, now=now)


def close(db: Session, *which: ColumnElement[bool], now: datetime) -> None:
    """Finish these forms and take their reminders back."""
    done = update(Form).where(Form.id.in_(held(Form.finished_at.is_(None), *which)))
    take_back(db, db.scalars(done.values(finished_at=now).returning(Form.id)).all())


def held(*which: ColumnElement[bool]) -> Select[str]:
    """These forms, locked in one order: a dial and an SMS of one person may change the same ones at once."""
    return select(Form.id).where(*which).order_by(Form.id).with_for_update()


def returned(db: Session, phones: Collection[str], *, now: datetime, ago: timedelta = timedelta(0)) -> int:
    """These phones dialled so long ago: forms they had dropped by then need no reminder, until touched again.

    Answers how many forms that were. A reminder that was never sent does not count as the one of its form.
    """
    own = (Account.phone == any_(cast(list(phones), ARRAY(Text))), Account.centre_code.is_(None))
    owners = select(Account.id).where(*own)
    dropped = (Form.finished_at.is_(None), Form.returned_at.is_(None), Form.touched_at < now - ago)
    back = update(Form).where(Form.id.in_(held(Form.account_id.in_(owners), *dropped)))
    forms = db.scalars(back.values(returned_at=now).returning(Form.id)).all()
    unsent = take_back(db, forms)
    if unsent:
        db.execute(update(Form).where(Form.id.in_(unsent)).values(reminded_at=None))
    return len(forms)


def take_back(db: Session, forms: Sequence[str]) -> list[str]:
    """Delete the reminders of these forms that nobody has begun to send; answers whose they were."""
    if not forms:
        return []
    waiting = (Message.natural_key.in_([KEY + form for form in forms]), Message.state == "ready")
    gone = delete(Message).where(*waiting, Message.attempts == 0)
    return [str(key).removeprefix(KEY) for key in db.scalars(gone.returning(Message.natural_key))]


def remind(db: Session, *, now: datetime) -> int:
    """Queue one SMS for each form that was dropped, once a form; answers how many.

    Forms that somebody is at this moment writing are stepped over; the next run finds them.
    """
    rows = db.execute(
        select(Form.id, Form.account_id, Form.journey, Form.details, Account.phone)
        .join(Account, Account.id == Form.account_id)
        .where(Form.finished_at.is_(None), Form.reminded_at.is_(None), Form.returned_at.is_(None))
        .where(Form.touched_at <= now - DROPPED, Form.touched_at > now - STALE, finishable(now))
        .order_by(Form.touched_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=Form)
    ).all()
    for row in rows:
        tell(db, row, now=now)
    db.execute(update(Form).where(Form.id.in_([row.id for row in rows])).values(reminded_at=now))
    return len(rows)


def finishable(now: datetime) -> ColumnElement[bool]:
    """Whether its owner could finish it: nobody hears of an application that would be refused.

    Only who is approved applies; a vacancy that is known has a place left, and its time is not over.
    """
    approved = select(Eligibility.account_id).where(Eligibility.account_id == Form.account_id)
    code = Form.details["code"].astext
    post = select(Vacancy.id).join(Series, Series.id == Vacancy.series_id).where(Vacancy.code == code)
    full = Vacancy.filled >= Vacancy.capacity
    gone = post.where(or_(Vacancy.closed_at.is_not(None), full, not_(is_open(now))))
    may = approved.where(Eligibility.standing == "approved").exists()
    return or_(Form.journey != "apply", and_(may, not_(gone.exists())))


def tell(db: Session, row: Row[tuple[str, int, str, dict[str, str], str]], *, now: datetime) -> None:
    """Queue the reminder of one form; one that knows its vacancy says how to finish it by SMS."""
    known = row.journey == "apply" and {"post", "code"} <= row.details.keys()
    words = "form.apply_code" if known else f"form.{row.journey}"
    said = {"form_post": row.details["post"], "form_code": row.details["code"]} if known else {}
    notices.queue(db, "chase", words, row.phone, now=now, account_id=row.account_id, key=KEY + row.id, **said)
