"""Published menu trees: SQL keeps every version; the last publication is what callers see."""

import re
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.sessions import MenuPublication, MenuVersion
from operations import audits
from operations.office import Actor
from operations.refusals import Refusal

# Two publications at once take turns, so that the last row is the one that went to Redis last.
PUBLISHING = 22262002


def publish(db: Session, digest: str, tree: dict[str, Any], *, by: Actor) -> bool:
    """Make this version live; False where it already is."""
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PUBLISHING})
    if live(db) == digest:
        return False
    db.execute(insert(MenuVersion).values(digest=digest, tree=tree).on_conflict_do_nothing())
    db.add(MenuPublication(digest=digest, by=by.name))
    audits.record(db, "menu.publish", f"menu:{digest[:12]}", by=by)
    return True


def live(db: Session) -> str | None:
    """The digest that callers see."""
    return db.scalar(select(MenuPublication.digest).order_by(MenuPublication.id.desc()).limit(1))


def tree(db: Session, digest: str) -> dict[str, Any] | None:
    """The stored version of this digest."""
    return db.scalar(select(MenuVersion.tree).where(MenuVersion.digest == digest))


def history(db: Session, most: int = 20) -> list[MenuPublication]:
    """The latest publications, newest first."""
    return list(db.scalars(select(MenuPublication).order_by(MenuPublication.id.desc()).limit(most)))


def previous(db: Session) -> str:
    """The digest to go back to; raises Refusal `menu.no_earlier` where there is none.

    Every publication is gone through in its order: one of a version that stood before takes back all that
    came after it, so that going back twice goes two steps back, and never to what was taken back.
    """
    stood: list[str] = []
    for digest in db.scalars(select(MenuPublication.digest).order_by(MenuPublication.id)):
        if digest in stood:
            del stood[stood.index(digest) :]
        stood.append(digest)
    if len(stood) < 2:
        raise Refusal("menu.no_earlier")
    return stood[-2]


def named(db: Session, start: str) -> str | None:
    """The one version whose digest begins so, at least 6 of its letters; None where none or several do."""
    if not re.fullmatch("[0-9a-f]{6,64}", start):
        return None
    found = db.scalars(select(MenuVersion.digest).where(MenuVersion.digest.startswith(start)).limit(2)).all()
    return found[0] if len(found) == 1 else None
