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
from models.places import Centre
from operations import attendance, audits, centre_accounts, contacts, duties, enrolments, notices
from operations.attendance import Day
from operations.duties import Duty
from operations.office import Actor
from operations.refusals import Refusal
from telephony import phones, references

LONGEST_NAME = 35  # characters that a notice has room for


def disputable(day: Day, *, now: datetime) -> bool:
    """Whether a day may be disputed: marked absent, or past and not marked, and not disputed before.

    Where a mark undid what was upheld, the day may be disputed anew.
    """
    if day.dispute:
        return undone(day, day.dispute)
    return day.state == "absent" or (day.state == "unmarked" and day.day < duties.local(now))


def undone(day: Day, settled: Dispute) -> bool:
    """Whether the register says absent by a word that came after the dispute was upheld."""
    word, moment = day.mark.word, settled.settled_at
    if word is None or moment is None or not settled.upheld:
        return False
    return day.state == "absent" and word.said_at > moment


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
    """Queue the dispute for the phones of the centre and the director's, as far as they are known."""
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
    for phone, account_id in hearers(db, duty):
        key = f"dispute:{dispute.id}:{phone}"
        words = "dispute.raised"
        notices.queue(db, "chase", words, phone, now=now, key=key, account_id=account_id, **said)


def hearers(db: Session, duty: Duty) -> Iterator[tuple[str, int | None]]:
    """Whose phones are told, each once: the directors, the centre's managers and its enrolled phones.

    Without a director who signs in, the number that the sub-county's contact has, if it can be read. Nobody
    is told of their own dispute.
    """
    own = db.scalars(select(Account.phone).where(Account.id == duty.account_id)).one()
    enrolled = [(phone, None) for phone in enrolments.enrolled(db, duty.centre_code)]
    told = {own}
    for phone, account_id in (*directing(db, duty), *managing(db, duty), *enrolled):
        if phone not in told:
            told.add(phone)
            yield phone, account_id


def directing(db: Session, duty: Duty) -> list[tuple[str, None]]:
    """The phones of the Sub-County Directors, else the one of the contact."""
    place = db.scalars(select(Centre.sub_county_id).where(Centre.code == duty.centre_code)).one()
    known: list[tuple[str, None]] = [(each.phone, None) for each in centre_accounts.directors_of(db, place)]
    contact = None if known else contacts.director(db, duty.sub_county)
    phone = mobile(contact.phone) if contact else None
    return [(phone, None)] if phone else known


def managing(db: Session, duty: Duty) -> list[tuple[str, int]]:
    """The centre's managers on their own phones."""
    here = (
        Deployment.series_id == duty.series.id,
        Deployment.centre_code == duty.centre_code,
        Deployment.position == "centre_manager",
        Deployment.state == "accepted",
    )
    row = select(Account.phone, Account.id).join(Deployment, Deployment.account_id == Account.id)
    return [(phone, account_id) for phone, account_id in db.execute(row.where(*here).order_by(Account.id))]


def mobile(typed: str) -> str | None:
    """The number in a contact, or None where it is not one Kenyan mobile number."""
    try:
        return phones.read(typed)
    except phones.BadPhone:
        return None
