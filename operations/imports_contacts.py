"""Whom to ask, the council and the Sub-County Directors of Education, as an import."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.records import Contact
from operations import bulk
from operations import imports_cells as cells
from operations.imports_kinds import Column, Fault, Kind, Line
from operations.office import Actor


class Contacts(Kind):
    """The council itself (kind `council`, no area), and the directors, each with their sub-county as area."""

    name = "contacts"
    columns = (
        Column("kind", cells.one_of("council", "director")),
        Column("area", cells.text(40), empty=True),
        Column("name", cells.name(60)),
        Column("phone", cells.text(40)),
        Column("email", cells.text(60), empty=True),
    )

    def judge(self, values: dict[str, Any], line: int) -> list[str]:
        """A director is of some sub-county, the council of none."""
        values["area"], values["email"] = values["area"] or "", values["email"] or ""
        if values["kind"] == "director" and not values["area"]:
            return ["area is empty: a director's is the sub-county"]
        return (
            ["area must be empty for the council"] if values["kind"] == "council" and values["area"] else []
        )

    def keep(self, db: Session, batch: Sequence[Line], *, by: Actor, now: datetime) -> list[Fault]:
        """Add the contacts or correct them."""
        names = ("kind", "area", "name", "phone", "email")
        bulk.upsert(db, Contact, [line.values for line in batch], key=("kind", "area"), names=names)
        return []
