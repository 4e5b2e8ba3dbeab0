"""Disputes: a day that a person says was marked wrongly, and how it was settled."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.accounts import Account
from models.attendance import Dispute
from models.deployments import Deployment
from models.people import Profile
from operations import attendance, audits, contacts, duties, marks, notices
from operations.attendance import Day
from operations.duties import Duty
from operations.office import Actor
from operations.refusals import Refusal
from telephony import phones, references

# Characters of a name and of a reason that a notice has room for.
LONGEST_NAME, LONGEST_REASON = 35, 60


def disputable(day: Day, *, now: datetime) -> bool:
    """Whether a day may be disputed: marked absent, or past and not marked, and not settled before."""
    known = day.dispute
    if known and known.settled_at:
        return False
    return day.state == "absent" or (day.state == "unmarked" and day.day < duties.local(now))


def raise_(
    db: Session, account_id: int | None, deployment_id: int, day: date, *, by: Actor, now: datetime
) -> Dispute:
    """Dispute a day of one's own; the centre and the Sub-County Director hear of it. Twice is the same one.

    Raises Refusal `attendance.no_deployment`, `attendance.no_such_day`, `dispute.present` or
    `dispute.settled`.
    """
    duty = duties.own(db, account_id, deployment_id)
    listed = attendance.of_many(db, [duty], now=now)[duty.id]
    found = next((each for each in listed if each.day == day), None)
    if found is None:
        raise Refusal("attendance.no_such_day")
    if found.dispute and found.dispute.settled_at is None:
        return found.dispute
    if not disputable(found, now=now):
        raise Refusal(refused(found))
    dispute, fresh = keep(db, deployment_id, day)
    if fresh:
        audits.record(db, "dispute.raise", f"deployment:{deployment_id}", by=by, reference=dispute.reference)
        tell(db, duty, found, dispute, now=now)
    return dispute


def refused(day: Day) -> str:
    """Why a day cannot be disputed."""
    if day.state == "present":
        return "dispute.present"
    return "dispute.settled" if day.dispute else "dispute.not_over"


def keep(db: Session, deployment_id: int, day: date) -> tuple[Dispute, bool]:
    """The open dispute about this day, made if there is none, and whether it was made now."""
    while True:
        row = insert(Dispute).values(reference=references.make("DS"), deployment_id=deployment_id, day=day)
        made = db.scalars(row.on_conflict_do_nothing().returning(Dispute)).first()
        known = made or db.scalars(standing(deployment_id, day)).first()
        if known:  # none: the reference was taken, or somebody has just settled the other one
            return known, made is not None


def standing(deployment_id: int, day: date) -> Select[Dispute]:
    """The query for the open dispute about this day."""
    mine = (Dispute.deployment_id == deployment_id, Dispute.day == day, Dispute.settled_at.is_(None))
    return select(Dispute).where(*mine)


def tell(db: Session, duty: Duty, day: Day, dispute: Dispute, *, now: datetime) -> None:
    """Queue the dispute for the centre manager's phone and the director's, as far as they are known."""
    person = db.get(Profile, duty.account_id)
    name = (person.full_name if person else None) or f"No. {duty.roster_no}"
    said = {
        "reference": dispute.reference,
        "dispute_person": name[:LONGEST_NAME],
        "dispute_post": f"@term.position.{duty.position}",
        "dispute_centre": duty.centre_code,
        "dispute_day": f"@day:{day.day}",
        "dispute_mark": f"@term.mark.{day.state}",
    }
    for hearer, phone, account_id in hearers(db, duty):
        key = f"dispute:{dispute.id}:{hearer}"
        words = "dispute.raised"
        notices.queue(db, "chase", words, phone, now=now, key=key, account_id=account_id, **said)


def hearers(db: Session, duty: Duty) -> Iterator[tuple[str, str, int | None]]:
    """Who is told: the director's number if it can be read, and the centre's managers but the person."""
    director = contacts.director(db, duty.sub_county)
    if director and (phone := mobile(director.phone)):
        yield "director", phone, None
    managing = (
        Deployment.series_id == duty.series.id,
        Deployment.centre_code == duty.centre_code,
        Deployment.position == "centre_manager",
        Deployment.state == "accepted",
        Deployment.account_id != duty.account_id,
    )
    row = select(Account.id, Account.phone).join(Deployment, Deployment.account_id == Account.id)
    for account_id, phone in db.execute(row.where(*managing).order_by(Account.id)):
        yield f"account:{account_id}", phone, account_id


def mobile(typed: str) -> str | None:
    """The number in a contact, or None where it is not one Kenyan mobile number."""
    try:
        return phones.read(typed)
    except phones.BadPhone:
        return None


def settle(db: Session, dispute_id: int, upheld: bool, reason: str, *, by: Actor, now: datetime) -> Dispute:
    """Settle a dispute with a reason; one that is upheld marks the person present. The first word holds.

    Raises Refusal `dispute.unknown`, `dispute.director_only`, `dispute.no_reason`, or one of
    `attendance.record`.
    """
    dispute = db.get(Dispute, dispute_id, with_for_update=True, populate_existing=True)
    if dispute is None:
        raise Refusal("dispute.unknown")
    if dispute.settled_at:
        return dispute
    reason = " ".join(reason.split())
    if not reason:
        raise Refusal("dispute.no_reason")
    if not marks.overrules(by.name, reason):
        raise Refusal("dispute.director_only")
    if upheld:
        correct(db, dispute, reason, by=by, now=now)
    dispute.settled_at, dispute.settled_by, dispute.upheld, dispute.reason = now, by.name, upheld, reason
    audits.record(
        db, "dispute.settle", f"dispute:{dispute.id}", by=by, upheld=str(upheld), reference=dispute.reference
    )
    answer(db, dispute, now=now)
    return dispute


def correct(db: Session, dispute: Dispute, reason: str, *, by: Actor, now: datetime) -> None:
    """Mark the person present on the day that was disputed."""
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
        reason=reason,
    )


def answer(db: Session, dispute: Dispute, *, now: datetime) -> None:
    """Tell the person how it was settled, and why."""
    person = select(Account).join(Deployment, Deployment.account_id == Account.id)
    account = db.scalars(person.where(Deployment.id == dispute.deployment_id)).one()
    said = {
        "reference": dispute.reference,
        "dispute_day": f"@day:{dispute.day}",
        "dispute_reason": (dispute.reason or "")[:LONGEST_REASON],
    }
    words = "dispute.upheld" if dispute.upheld else "dispute.rejected"
    key = f"dispute:{dispute.id}:settled"
    notices.queue(db, "notice", words, account.phone, now=now, key=key, account_id=account.id, **said)
