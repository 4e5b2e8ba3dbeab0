"""Eligibility: whether somebody is who they say, by the registers, and whether the council approved them.

The registers only advise. The council decides, for a name may be spelled in many ways and a list may be old;
but what it decided on is kept, and a change of that asks for its decision again.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.accounts import Account
from models.registers import Eligibility
from operations import audits, claims, notices, profiles, registers
from operations.office import Actor
from operations.refusals import Refusal
from operations.registers import AUTHORITIES, Claim, Finding
from telephony import gsm7

# A reason is told in one SMS, with what to do about it.
LONGEST_REASON: Final = 60
# Decisions take turns: two accounts with one national ID, decided at once, are never both approved.
TURNS: Final = 22262003
# So many people are worked on in one transaction.
BATCH: Final = 1000


def of(db: Session, account_id: int) -> Eligibility | None:
    """Where somebody stands; None where nothing was asked yet."""
    return db.get(Eligibility, account_id)


def ask(db: Session, account_id: int, *, by: Actor, now: datetime) -> Eligibility:
    """Hold what the profile says against the register, and let it wait for the council.

    Asked again with the same facts, what the council decided stands; with others, it must decide again.
    """
    claim = claims.claim_of(db, account_id)
    if claim is None:
        raise incomplete(db, account_id)
    row, known = locked(db, account_id, claim, now)
    same = known and claims.claim_in(row).same(claim)
    if same and row.match != "unchecked" and row.standing != "waiting":
        return row
    write_down(row, claim, found(db, claim))
    if not same:
        audits.record(db, "eligibility.ask", f"account:{account_id}", by=by, match=row.match)
        wait_again(db, row, by=by, now=now)
    return row


def found(db: Session, claim: Claim) -> Finding:
    """What the register of this kind says of the claim."""
    return registers.check(db, AUTHORITIES[claim.kind].register, [claim])[0]


def forget_if_changed(db: Session, account_id: int, field: str, *, by: Actor, now: datetime) -> None:
    """After this line of the profile was saved: where the council's approval stood on it, ask again."""
    row = of(db, account_id) if field in claims.CLAIMED else None
    if row is None:
        return
    claim = claims.claim_of(db, account_id)
    if claim is not None:
        ask(db, account_id, by=by, now=now)
    elif row.match != "unchecked":
        row.match, row.differs, row.register_name, row.similarity = "unchecked", None, None, None
        wait_again(db, row, by=by, now=now)


def would_end(db: Session, account_id: int, field: str, kept: str) -> bool:
    """Whether an approval of the council would end if this answer were saved in this line of the profile."""
    row = of(db, account_id)
    if row is None or row.standing != "approved":
        return False
    claim = claims.claim_in(row)
    return not claims.answered(claim, field, kept).same(claim)


def wait_again(db: Session, row: Eligibility, *, by: Actor, now: datetime) -> None:
    """Back to the end of the queue; whoever was approved is told that they may not apply meanwhile."""
    was = row.standing
    row.standing, row.reason, row.decided_at, row.decided_by = "waiting", None, None, None
    row.asked_at = now
    if was == "approved":
        audits.record(db, "eligibility.forget", f"account:{row.account_id}", by=by)
        tell(db, row, "approval.again", now=now)


def approve(db: Session, account_id: int, *, by: Actor, now: datetime) -> Eligibility:
    """The council says yes; saying it twice changes nothing. One approved account for a national ID."""
    row = to_decide(db, account_id, by)
    if row.standing == "approved":
        return row
    if row.match == "unchecked":  # what was checked once is out of date
        row = ask(db, account_id, by=by, now=now)
    if db.scalar(select(taken(row.national_id, account_id))):
        raise Refusal("eligibility.taken")
    decide(db, row, "approved", None, by=by, now=now)
    tell(db, row, "approval.given", now=now, kind_of=f"@term.kind.{row.kind}")
    return row


def reject(db: Session, account_id: int, reason: str, *, by: Actor, now: datetime) -> Eligibility:
    """The council says no, and why, in words that fit an SMS; the same words twice are told once."""
    row, why = to_decide(db, account_id, by), " ".join(gsm7.fold(reason).text.split()).rstrip(".")
    if not why:
        raise Refusal("eligibility.reason_missing")
    if gsm7.septets(why) > LONGEST_REASON:
        raise Refusal("eligibility.reason_long", most_letters=str(LONGEST_REASON))
    if (row.standing, row.reason) == ("rejected", why):
        return row
    decide(db, row, "rejected", why, by=by, now=now)
    tell(db, row, "approval.refused", now=now, why_not=why)
    return row


def stage(db: Session, account_id: int, *, by: Actor, now: datetime) -> str:
    """How far somebody has come, in one word, with the register asked where it was not yet.

    `incomplete`, `verified`, how the register `differs`, `not_found`, `taken`, `approved` or `rejected`.
    """
    if profiles.missing(db, account_id):
        return "incomplete"
    row = of(db, account_id)
    if row is None or row.match == "unchecked":
        row = ask(db, account_id, by=by, now=now)
    if row.standing != "waiting":
        return row.standing
    if db.scalar(select(taken(row.national_id, account_id))):
        return "taken"
    return row.differs or row.match


def require_approved(db: Session, account_id: int, *, now: datetime) -> Eligibility:
    """Refuse whoever may not apply yet, with the reason: the first thing to mend."""
    if profiles.missing(db, account_id):
        raise incomplete(db, account_id)
    row = of(db, account_id)
    if row is None or row.standing != "approved":
        raise Refusal(f"eligibility.{row.standing if row else 'not_asked'}")
    return row


def incomplete(db: Session, account_id: int) -> Refusal:
    """The refusal that counts what a profile lacks, and names the first of it."""
    missing = profiles.missing(db, account_id)
    first = f"@term.field.{missing[0]}" if missing else ""
    return Refusal("eligibility.incomplete", missing=first, lacking=str(len(missing)))


def recheck(db: Session, register: str, *, after: int = 0, most: int = BATCH) -> int | None:
    """Hold the next so many people against a register that has changed; what the council decided stands.

    Answers the last account that it looked at, to go on after; None when nobody is left.
    """
    listed = select(Eligibility).where(
        Eligibility.kind.in_(registers.kinds_of(register)),
        Eligibility.match != "unchecked",
        Eligibility.standing != "rejected",
        Eligibility.account_id > after,
    )
    rows = db.scalars(listed.order_by(Eligibility.account_id).limit(most).with_for_update()).all()
    said = [claims.claim_in(row) for row in rows]
    for row, claim, finding in zip(rows, said, registers.check(db, register, said), strict=True):
        write_down(row, claim, finding)
    db.flush()
    return rows[-1].account_id if rows else None


def locked(db: Session, account_id: int, claim: Claim, now: datetime) -> tuple[Eligibility, bool]:
    """The row of this account, made if there is none and locked; and whether it was there before."""
    made = insert(Eligibility).values(
        account_id=account_id,
        kind=claim.kind,
        national_id=claim.national_id,
        number=claim.number,
        name=claim.name,
        asked_at=now,
    )
    fresh = db.scalars(made.on_conflict_do_nothing().returning(Eligibility.account_id)).first()
    return db.get_one(Eligibility, account_id, with_for_update=True, populate_existing=True), fresh is None


def write_down(row: Eligibility, claim: Claim, finding: Finding) -> None:
    """Keep what was claimed and what the register says of it."""
    row.kind, row.number = claim.kind, claim.number
    row.national_id, row.name = claim.national_id, claim.name
    row.match, row.differs, row.level = finding.match, finding.differs, finding.level
    row.register_name, row.similarity = finding.name, finding.similarity


# -- the council's decision -------------------------------------------------------------------------------


def staff_only(by: Actor) -> None:
    """Nobody approves from a phone, themselves least of all."""
    if by.phone is not None:
        raise Refusal("eligibility.staff_only")


def take_turns(db: Session) -> None:
    """Wait until nobody else decides; the turn ends with the transaction."""
    db.execute(select(func.pg_advisory_xact_lock(TURNS)))


def to_decide(db: Session, account_id: int, by: Actor) -> Eligibility:
    """The row to decide on, while everybody else who decides waits."""
    staff_only(by)
    take_turns(db)
    row = db.get(Eligibility, account_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Refusal("eligibility.never_asked")
    return row


def decide(
    db: Session, row: Eligibility, standing: str, reason: str | None, *, by: Actor, now: datetime
) -> None:
    """Write the decision down, and who took it."""
    row.standing, row.reason, row.decided_at, row.decided_by = standing, reason, now, by.name
    act = "eligibility.approve" if standing == "approved" else "eligibility.reject"
    audits.record(db, act, f"account:{row.account_id}", by=by, match=row.match)
    db.flush()


def taken(national_id: str, account_id: int) -> ColumnElement[bool]:
    """Whether another account with this national ID is approved."""
    mine = (Eligibility.national_id == national_id, Eligibility.account_id != account_id)
    return exists().where(*mine, Eligibility.standing == "approved")


def tell(db: Session, row: Eligibility, words: str, *, now: datetime, **details: str) -> None:
    """Send the person a notice; it stays in their messages."""
    phone = db.scalars(select(Account.phone).where(Account.id == row.account_id)).one()
    notices.queue(db, "notice", words, phone, now=now, account_id=row.account_id, **details)
