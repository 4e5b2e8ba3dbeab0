"""Published menu trees: SQL keeps every version; the last publication is what callers see."""

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
    """The digest that was live before; raises Refusal `menu.no_earlier` where there was none."""
    current = live(db)
    for publication in history(db):
        if publication.digest != current:
            return publication.digest
    raise Refusal("menu.no_earlier")
