"""Documents: the number under which each is filed, and whether a number that somebody shows is genuine."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.centres import Return
from models.deployments import DEPLOYED, Deployment
from models.documents import Document, DocumentCheck
from models.people import Profile
from models.places import Centre
from models.series import Series
from operations import audits, return_sheets
from operations.office import Actor, Office
from telephony import references

PREFIX: Final = "DC"
DAY: Final = timedelta(days=1)
# How many numbers may be asked about in a day, by what stands before the colon in the asker's name.
MOST_A_DAY: Final = {"phone": 10, "web": 30}
MOST_INITIALS: Final = 6


@dataclass(frozen=True)
class Verdict:
    """What anybody may hear of a number: `genuine`, `revoked`, `unknown`, or `limit`: not looked up.

    `other` is a number of CP2 that is on no paper, a receipt's. Of a returned register also `changed`: a mark
    was corrected since, and its paper says what was before.
    """

    name: str
    reference: str = ""
    kind: str = ""
    exam: str = ""
    position: str = ""
    centre: str = ""
    initials: str = ""
    digest: str = ""  # of a returned register as it stands now


def kind_of_letter(position: str) -> str:
    """Which document appoints somebody to this position."""
    return "invitation" if position == "examiner" else "letter"


def file(db: Session, deployment_id: int, kind: str) -> Document:
    """The document of this kind, filed under a new number the first time; its row is locked."""
    mine = select(Document).where(Document.deployment_id == deployment_id, Document.kind == kind)
    while True:  # a number that is taken is drawn again
        known = db.scalars(mine.with_for_update()).first()
        if known is not None:
            return known
        row = insert(Document).values(
            reference=references.make(PREFIX), kind=kind, deployment_id=deployment_id
        )
        db.execute(row.on_conflict_do_nothing())


def refile(db: Session, reference: str, deployment_id: int) -> Document:
    """The register returned under this number, filed for the officer whose national ID opens it now."""
    row = insert(Document).values(reference=reference, kind="return", deployment_id=deployment_id)
    db.execute(row.on_conflict_do_nothing())
    mine = select(Document).where(Document.reference == reference).with_for_update()
    document = db.scalars(mine).one()
    document.deployment_id = deployment_id
    db.flush()
    return document


def revoke(db: Session, deployment_id: int, *, by: Actor, now: datetime) -> None:
    """Every document of this deployment was genuine and is not valid any more; twice changes nothing."""
    mine = (Document.deployment_id == deployment_id, Document.revoked_at.is_(None))
    row = update(Document).where(*mine, Document.kind != "return")  # a register is the centre's
    for number in db.scalars(row.values(revoked_at=now).returning(Document.id)).all():
        audits.record(db, "document.revoke", f"document:{number}", by=by)


def asker_on_web(office: Office, address: str) -> str:
    """Who asks from this network address, as it may be kept: by a keyed hash."""
    return f"web:{office.derive('document asker', address).hex()[:32]}"


def check(db: Session, office: Office, reference: str, asker: str, *, now: datetime) -> Verdict:
    """Whether this number is genuine; `asker` is `phone:+2547…` or what `asker_on_web` gave.

    Answers an outcome and never refuses, so that the asking itself stays counted.
    """
    if not count(db, asker, now=now):
        return Verdict("limit")
    try:
        number = references.read(reference, PREFIX)
    except references.BadReference:
        return other(reference)
    return describe_return(db, number, now=now) or describe(db, number)


def other(typed: str) -> Verdict:
    """What is said of something that is no document's number: of a receipt's, that it is on no paper."""
    try:
        return Verdict("other", references.read(typed))
    except references.BadReference:
        return Verdict("unknown")


def count(db: Session, asker: str, *, now: datetime) -> bool:
    """Count one more asking; False where this asker has had all of the day's."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(asker, 0))))
    mine = DocumentCheck.asker == asker
    db.execute(delete(DocumentCheck).where(mine, DocumentCheck.asked_at <= now - DAY))
    asked = db.scalar(select(func.count()).select_from(DocumentCheck).where(mine)) or 0
    if asked >= MOST_A_DAY[asker.partition(":")[0]]:
        return False
    db.add(DocumentCheck(asker=asker, asked_at=now))
    return True


def describe(db: Session, number: str) -> Verdict:
    """What stands behind this number."""
    found = db.execute(
        select(Document, Deployment, Series, Centre.name, Profile.full_name)
        .join(Deployment, Deployment.id == Document.deployment_id)
        .join(Series, Series.id == Deployment.series_id)
        .join(Centre, Centre.code == Deployment.centre_code)
        .outerjoin(Profile, Profile.account_id == Deployment.account_id)
        .where(Document.reference == number)
    ).first()
    if found is None:
        return Verdict("unknown")
    document, deployment, series, centre, full_name = found
    if document.revoked_at or deployment.state not in DEPLOYED:
        return Verdict("revoked", number, document.kind)
    return Verdict(
        "genuine",
        number,
        document.kind,
        exam=f"{series.exam} {series.year}",
        position=deployment.position,
        centre=f"{deployment.centre_code} {centre}",
        initials=initials(full_name or ""),
    )


def describe_return(db: Session, number: str, *, now: datetime) -> Verdict | None:
    """What stands behind the number of a returned register; None where it is none."""
    row = db.scalars(select(Return).where(Return.reference == number)).first()
    if row is None:
        return None
    sheet = return_sheets.of(db, row.centre_code, db.get_one(Series, row.series_id), now=now)
    return Verdict(
        "genuine" if sheet.digest == row.digest else "changed",
        number,
        "return",
        exam=sheet.exam,
        centre=f"{sheet.centre_code} {sheet.centre}",
        digest=sheet.digest,
    )


def initials(name: str) -> str:
    """The first letters of a name: `A.W.O.`"""
    return "".join(f"{word[0].upper()}." for word in name.split()[:MOST_INITIALS]) or "-"
