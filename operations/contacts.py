"""Whom to ask: reference data that officers keep."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.records import Contact


def council(db: Session) -> Contact | None:
    """The council's own desk."""
    return db.get(Contact, ("council", ""))


def director(db: Session, sub_county: str) -> Contact | None:
    """The Sub-County Director of Education of this sub-county."""
    return db.get(Contact, ("director", sub_county))


def directors(db: Session, query: str = "", most: int = 97) -> list[Contact]:
    """The Sub-County Directors on file whose sub-county holds these letters, by sub-county."""
    held = Contact.area.icontains(query, autoescape=True)
    listed = select(Contact).where(Contact.kind == "director", held).order_by(Contact.area).limit(most)
    return list(db.scalars(listed))


def keep(db: Session, kind: str, area: str, name: str, phone: str, email: str) -> None:
    """Add a contact, or correct it."""
    row = insert(Contact).values(kind=kind, area=area, name=name, phone=phone, email=email)
    corrected = {"name": name, "phone": phone, "email": email}
    db.execute(row.on_conflict_do_update(index_elements=["kind", "area"], set_=corrected))
