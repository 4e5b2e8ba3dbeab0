"""Approvals as officers work on them: who waits, whom a line of it means, and many at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, and_, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from models.accounts import Account
from models.registers import Eligibility
from operations import audits, eligibility, notices
from operations.office import Actor
from operations.refusals import Refusal
from telephony import phones


def listed(
    db: Session, *, standing: str = "waiting", kind: str = "", match: str = "", most: int = 50
) -> Sequence[Row[Eligibility, str]]:
    """People of this standing, the longest-waiting first: the row and the phone of each."""
    people = select(Eligibility, Account.phone).join(Account, Account.id == Eligibility.account_id)
    asked = people.where(*those(standing, kind, match))
    return db.execute(asked.order_by(Eligibility.asked_at, Eligibility.account_id).limit(most)).all()


def counted(db: Session, *, standing: str = "waiting", kind: str = "", match: str = "") -> int:
    """How many people that are."""
    count = select(func.count()).select_from(Eligibility)
    return db.scalar(count.where(*those(standing, kind, match))) or 0


def those(standing: str, kind: str, match: str) -> list[ColumnElement[bool]]:
    """The rows of this standing; of this kind and match where one is given."""
    given = {Eligibility.standing: standing, Eligibility.kind: kind, Eligibility.match: match}
    return [column == value for column, value in given.items() if value]


def whom(db: Session, who: str) -> int:
    """The account that an officer names: by phone, username, or `account:12` as the list shows it."""
    numbered = who.removeprefix("account:")
    if numbered != who and numbered.isascii() and numbered.isdecimal() and len(numbered) < 19:
        found = db.scalar(select(Account.id).where(Account.id == int(numbered)))
    else:
        person = (Account.phone == read(who), Account.centre_code.is_(None))
        found = db.scalar(select(Account.id).where(*person))
    if found is None:
        raise Refusal("eligibility.no_account")
    return found


def read(who: str) -> str:
    """The phone that was typed; the refusal says what is wrong with it."""
    try:
        return phones.read(who)
    except phones.BadPhone as fault:
        raise Refusal(fault.code) from None


def approve_all(
    db: Session, kind: str, match: str, *, by: Actor, now: datetime, most: int = eligibility.BATCH
) -> int:
    """Approve up to so many who wait, of this kind and match; answers how many, 0 when none is left.

    Several accounts that claim one national ID are left for somebody to look at.
    """
    eligibility.staff_only(by)
    eligibility.take_turns(db)
    waiting = select(Eligibility.account_id).where(*those("waiting", kind, match), ~claimed_twice())
    first = waiting.order_by(Eligibility.account_id).limit(most).with_for_update()
    done = (
        update(Eligibility)
        .where(Eligibility.account_id.in_(first.scalar_subquery()))
        .values(standing="approved", reason=None, decided_at=now, decided_by=by.name)
        .returning(Eligibility.account_id)
    )
    approved = db.scalars(done.execution_options(synchronize_session=False)).all()
    for account_id in approved:
        audits.record(db, "eligibility.approve", f"account:{account_id}", by=by, match=match)
    lines = db.execute(select(Account.id, Account.phone).where(Account.id.in_(approved))).all()
    told = [(account_id, phone, {"kind_of": f"@term.kind.{kind}"}) for account_id, phone in lines]
    notices.queue_each(db, "notice", "approval.given", told, now=now)
    return len(approved)


def claimed_twice() -> ColumnElement[bool]:
    """Whether another account that was not rejected claims the same national ID."""
    other = aliased(Eligibility)
    same = and_(other.national_id == Eligibility.national_id, other.account_id != Eligibility.account_id)
    return exists().where(same, other.standing != "rejected").correlate(Eligibility)
