"""The audit trail."""

from sqlalchemy.orm import Session

from models.records import Audit
from operations.office import Actor


def record(db: Session, act: str, subject: str, *, by: Actor, **details: str) -> None:
    """Write down who did what to whom; details never hold a secret."""
    db.add(Audit(actor=by.name, channel=by.channel, act=act, subject=subject, details=details))
