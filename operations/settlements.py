"""Settlements: how a disputed day ends. The centre marks it P in time, or the Sub-County Director decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.attendance import Dispute
from models.deployments import Deployment
from models.people import Profile
from models.places import Centre
from operations import attendance, audits, centre_accounts, duties, enrolments, marks, notices
from operations.duties import Duty
from operations.last_words import last_word
from operations.marks import Word
from operations.office import Actor
from operations.refusals import Refusal

LONGEST_REASON: Final = 60  # characters that a notice has room for
# Why a day is settled where the centre's mark says all; read in the language of whoever reads.
CORRECTED: Final = "@term.settled.corrected"
BATCH: Final = 100
MOST_LISTED: Final = 500  # the oldest are settled first
CLOCK: Final = Actor("system", "command")


@dataclass(frozen=True)
class Open:
    """A dispute that waits for a decision, as a list shows it."""

    id: int
    reference: str
    deployment_id: int
    day: date
    centre_code: str
    roster_no: int
    position: str
    name: str = field(repr=False)


def open_disputes(db: Session, *which: ColumnElement[bool]) -> list[Open]:
    """The open disputes of this condition on deployment or centre, the oldest first, in one query."""
    row = (
        select(
            *(Dispute.id, Dispute.reference, Dispute.deployment_id, Dispute.day),
            *(Deployment.centre_code, Deployment.roster_no, Deployment.position, Profile.full_name),
        )
        .join(Deployment, Deployment.id == Dispute.deployment_id)
        .join(Centre, Centre.code == Deployment.centre_code)
        .outerjoin(Profile, Profile.account_id == Deployment.account_id)
        .where(Dispute.settled_at.is_(None), *which)
        .order_by(Dispute.day, Dispute.id)
        .limit(MOST_LISTED)
    )
    return [Open(*each[:7], each[7] or f"No. {each[5]}") for each in db.execute(row)]


def of_centre(db: Session, centre_code: str, *which: ColumnElement[bool]) -> list[Open]:
    """The open disputes about a centre's register."""
    return open_disputes(db, Deployment.centre_code == centre_code, *which)


def of_sub_county(db: Session, sub_county_id: int, *which: ColumnElement[bool]) -> list[Open]:
    """The open disputes of a sub-county."""
    return open_disputes(db, Centre.sub_county_id == sub_county_id, *which)


def settle(db: Session, dispute_id: int, upheld: bool, reason: str, *, by: Actor, now: datetime) -> Dispute:
    """Settle a dispute with a reason; one that is upheld marks the person present. The first word holds.

    Raises Refusal `dispute.unknown`, `dispute.no_reason`, `dispute.director_only`, `director.not_yours`, or
    one of `attendance.record`.
    """
    dispute = db.get(Dispute, dispute_id, with_for_update=True, populate_existing=True)
    if dispute is None:
        raise Refusal("dispute.unknown")
    if dispute.settled_at:
        return dispute
    reason = " ".join(reason.split())
    if not reason:
        raise Refusal("dispute.no_reason")
    duty = duties.one(db, dispute.deployment_id)
    require_charge(db, duty, dispute.day, upheld, reason, by=by, now=now)
    if upheld:
        correct(db, dispute, reason, by=by, now=now)
    close(db, dispute, upheld, reason, settled_by=by.name, by=by, now=now)
    return dispute


def require_charge(
    db: Session, duty: Duty, day: date, upheld: bool, reason: str, *, by: Actor, now: datetime
) -> None:
    """Refuse whoever may not decide: the centre corrects its mark in time, all else is the director's."""
    if marks.overrules(by.name, reason):
        place = db.get_one(Centre, duty.centre_code).sub_county_id
        if by.phone is not None and not centre_accounts.directs(db, by.phone, place):
            raise Refusal("director.not_yours", centre_code=duty.centre_code)
        return
    closes = attendance.cut_offs(db, [duty])(duty.id, day)
    if by.phone not in enrolments.enrolled(db, duty.centre_code) or not upheld or now >= closes:
        raise Refusal("dispute.director_only")


def may_correct(db: Session, dispute: Open, *, now: datetime) -> bool:
    """Whether the centre itself may still mark this day."""
    duty = duties.one(db, dispute.deployment_id)
    return now < attendance.cut_offs(db, [duty])(duty.id, dispute.day)


def correct(db: Session, dispute: Dispute, reason: str, *, by: Actor, now: datetime) -> None:
    """Mark the person present on the day that was disputed."""
    said = dispute.reference if reason.startswith("@") else f"{dispute.reference}: {reason}"
    attendance.record(
        db,
        dispute.deployment_id,
        dispute.day,
        True,
        source=f"dispute:{dispute.id}",
        channel=by.channel,
        said_at=now,
        by=by,
        now=now,
        reason=said,
    )


def close(
    db: Session, dispute: Dispute, upheld: bool, reason: str, *, settled_by: str, by: Actor, now: datetime
) -> None:
    """Write the decision down and tell the person."""
    dispute.settled_at, dispute.settled_by, dispute.upheld, dispute.reason = now, settled_by, upheld, reason
    facts = {"upheld": str(upheld), "reference": dispute.reference, **enrolments.person(db, by)}
    audits.record(db, "dispute.settle", f"dispute:{dispute.id}", by=by, **facts)
    person = select(Account).join(Deployment, Deployment.account_id == Account.id)
    account = db.scalars(person.where(Deployment.id == dispute.deployment_id)).one()
    said = {
        "reference": dispute.reference,
        "dispute_day": f"@day:{dispute.day}",
        "dispute_reason": reason[:LONGEST_REASON],
    }
    words = "dispute.upheld" if upheld else "dispute.rejected"
    key = f"dispute:{dispute.id}:settled"
    notices.queue(db, "notice", words, account.phone, now=now, key=key, account_id=account.id, **said)
    if marks.overrules(settled_by, reason):
        tell_centre(db, dispute, upheld, now=now)


def tell_centre(db: Session, dispute: Dispute, upheld: bool, *, now: datetime) -> None:
    """Tell the centre's phones what was decided of its register by somebody else."""
    duty = duties.one(db, dispute.deployment_id)
    said: dict[str, Any] = {
        "centre_code": duty.centre_code,
        "dispute_day": f"@day:{dispute.day}",
        "dispute_number": str(duty.roster_no),
        "dispute_verdict": f"@term.decided.{'upheld' if upheld else 'rejected'}",
    }
    for phone in enrolments.enrolled(db, duty.centre_code):
        key = f"dispute:{dispute.id}:decided:{phone}"
        notices.queue(db, "notice", "dispute.decided", phone, now=now, key=key, **said)


# -- settled by the register itself --------------------------------------------------------------------


def close_corrected(db: Session, *, now: datetime) -> int:
    """Close the disputes about days that are marked P by now; answers how many.

    One that somebody is settling at this moment is stepped over; the next run finds it.
    """
    closed = 0
    for waiting in corrected(db):
        for dispute, word in deciding(db, waiting, now=now):
            reason = word.reason or CORRECTED
            close(db, dispute, True, reason, settled_by=word.actor, by=CLOCK, now=now)
            closed += 1
    return closed


def corrected(db: Session) -> Iterator[Sequence[Dispute]]:
    """The open disputes whose last word says P, a batch after the other; some of the words came late."""
    present = last_word(Dispute.deployment_id, Dispute.day).is_(True)
    rows = select(Dispute).where(Dispute.settled_at.is_(None), present).order_by(Dispute.id).limit(BATCH)
    rows = rows.with_for_update(skip_locked=True, of=Dispute)
    waiting = db.scalars(rows).all()
    while waiting:
        yield waiting
        waiting = db.scalars(rows.where(Dispute.id > waiting[-1].id)).all()


def deciding(db: Session, waiting: Sequence[Dispute], *, now: datetime) -> Iterator[tuple[Dispute, Word]]:
    """Those of these days that the register holds present, with the word that says so."""
    if not waiting:
        return
    many = duties.gather(db, duties.among(Deployment.id, {each.deployment_id for each in waiting}))
    days = attendance.of_many(db, many, now=now)
    words = {(number, day.day): day.mark.word for number, own in days.items() for day in own}
    for dispute in waiting:
        word = words.get((dispute.deployment_id, dispute.day))
        if word is not None and word.present:
            yield dispute, word
