"""Whom to ask."""

from collections.abc import Mapping

from menus.vocabulary import Call, Choice
from operations import contacts


def council(call: Call) -> Mapping[str, str]:
    """The council's own desk."""
    desk = contacts.council(call.db)
    if desk is None:
        return {"desk_name": "KNEC", "desk_phone": "-", "desk_email": "-"}
    return {"desk_name": desk.name, "desk_phone": desk.phone, "desk_email": desk.email}


def directors(call: Call, query: str) -> list[Choice]:
    """The sub-counties with a director on file, narrowed by what was typed."""
    listed = contacts.directors(call.db, query)
    return [Choice(contact.area, contact.area) for contact in listed]


def director(call: Call) -> Mapping[str, str]:
    """The director of the sub-county that was picked."""
    found = contacts.director(call.db, call.facts.get("sub_county", ""))
    if found is None:
        return {"director_name": "-", "director_phone": "-", "director_email": "-"}
    return {"director_name": found.name, "director_phone": found.phone, "director_email": found.email}
