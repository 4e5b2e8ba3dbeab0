"""Links to documents: a token in an SMS opens one, with the last 4 digits of the holder's national ID.

A token is 80 bits made of a random seed and the office's key, and the table keeps only its hash. What is
queued for an SMS carries the seed, so no table holds a token: `address` makes the link of it when the SMS
is worded.
"""

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.deployments import DEPLOYED, Deployment
from models.documents import Document, Link
from operations import audits, documents
from operations.office import NAIROBI, Actor, Office
from operations.refusals import Refusal

# Crockford's: no letter that could be taken for a digit, and no U.
SYMBOLS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
SYMBOLS_LONG: Final = 16
MEANT: Final = str.maketrans("oil", "011", "- .")
DAYS_AFTER_REPORTING: Final = 7
MOST_WRONG: Final = 5
MOST_A_DAY: Final = 5
DIGITS_ASKED: Final = 4


@dataclass(frozen=True)
class Issued:
    """A fresh link: the seed that an SMS may carry, how long it lives, and the document's number."""

    seed: str
    expires_at: datetime
    reference: str


@dataclass(frozen=True)
class Opening:
    """What became of a link: `ask`, `right`, `wrong`, `gone`, `revoked`, or `no_id` is on file."""

    name: str
    lang: str = "en"
    document_id: int = 0
    kind: str = ""  # of the document
    position: str = ""  # of the officer whose national ID opens it
    tries: int = 0  # left, after a wrong one


def issue(
    db: Session, office: Office, deployment_id: int, kind: str, *, now: datetime, lang: str = "en"
) -> str:
    """A new link to this document, as a web address; not for an SMS, whose row would hold it: see `draw`."""
    return address(office, draw(db, office, deployment_id, kind, now=now, lang=lang).seed)


def draw(
    db: Session, office: Office, deployment_id: int, kind: str, *, now: datetime, lang: str = "en"
) -> Issued:
    """Make a link to this document; earlier ones live on. Refused past its time, and too often."""
    deployment = db.get_one(Deployment, deployment_id)
    if deployment.state not in DEPLOYED:
        raise Refusal("document.revoked")
    expires_at = datetime.combine(last_day(deployment.reporting_at) + timedelta(days=1), time(), NAIROBI)
    if expires_at <= now:
        raise Refusal("document.too_late")
    document = documents.file(db, deployment_id, kind)
    if document.revoked_at:
        raise Refusal("document.revoked")
    return lend(db, office, document, lang, expires_at, now=now)


def lend(
    db: Session, office: Office, document: Document, lang: str, expires_at: datetime, *, now: datetime
) -> Issued:
    """A new link to a filed document, until then; refused where too many were made today."""
    if made_since(db, document.id, now - timedelta(days=1)) >= MOST_A_DAY:
        raise Refusal("document.too_many_links")
    seed = secrets.token_hex(10)
    hashed = hash_of(office, token_of(office, seed))
    db.add(Link(token_hash=hashed, document_id=document.id, lang=lang, created_at=now, expires_at=expires_at))
    return Issued(seed, expires_at, document.reference)


def last_day(reporting_at: datetime) -> date:
    """The last day, in Nairobi, on which a letter can be opened."""
    return reporting_at.astimezone(NAIROBI).date() + timedelta(days=DAYS_AFTER_REPORTING)


def made_since(db: Session, document_id: int, since: datetime) -> int:
    """How many links to this document were made since then."""
    mine = (Link.document_id == document_id, Link.created_at > since)
    return db.scalar(select(func.count()).select_from(Link).where(*mine)) or 0


def token_of(office: Office, seed: str) -> str:
    """The 16 symbols that this seed stands for."""
    bits = int.from_bytes(office.derive("link token", seed)[:10], "big")
    return "".join(SYMBOLS[bits >> shift & 31] for shift in range(5 * (SYMBOLS_LONG - 1), -1, -5))


def address(office: Office, seed: str) -> str:
    """The web address of the link with this seed."""
    return f"{office.public_url}/d/{token_of(office, seed)}"


def hash_of(office: Office, token: str) -> bytes:
    """What the table knows of a token; capitals, O for 0, I and L for 1, spaces and hyphens are forgiven."""
    return office.derive("link", token[: 4 * SYMBOLS_LONG].lower().translate(MEANT))


def look(db: Session, office: Office, token: str, *, now: datetime) -> Opening:
    """What this link would ask; changes nothing, for phones and messengers look at links by themselves."""
    link = db.scalars(select(Link).where(Link.token_hash == hash_of(office, token))).first()
    return judge(db, link, now=now)[0]


def judge(db: Session, link: Link | None, *, now: datetime) -> tuple[Opening, str]:
    """How a link stands, and the digits that open it. Unknown, too old and dead are one and the same."""
    if link is None or link.expires_at <= now or link.wrong >= MOST_WRONG:
        return Opening("gone"), ""
    holder = select(
        *(Account.national_id, Deployment.state, Deployment.position, Document.kind, Document.revoked_at)
    )
    national_id, state, position, kind, revoked_at = db.execute(
        holder.select_from(Document)
        .join(Deployment, Deployment.id == Document.deployment_id)
        .join(Account, Account.id == Deployment.account_id)
        .where(Document.id == link.document_id)
    ).one()
    name = "revoked" if revoked_at or state not in DEPLOYED else "ask" if national_id else "no_id"
    return Opening(name, link.lang, link.document_id, kind, position), (national_id or "")[-DIGITS_ASKED:]


def unlock(db: Session, office: Office, token: str, typed: str, *, by: Actor, now: datetime) -> Opening:
    """Try these digits on the link. Guesses take turns on its row, and the fifth wrong one ends it."""
    row = select(Link).where(Link.token_hash == hash_of(office, token)).with_for_update()
    link = db.scalars(row).first()
    opening, digits = judge(db, link, now=now)
    if link is None or opening.name != "ask":
        return opening
    if not hmac.compare_digest(digits.encode(), typed.encode()):
        link.wrong += 1
        left = MOST_WRONG - link.wrong
        return replace(opening, name="wrong" if left else "gone", tries=left)
    link.opened_at = link.opened_at or now
    audits.record(db, "document.open", f"document:{link.document_id}", by=by)
    return replace(opening, name="right")
