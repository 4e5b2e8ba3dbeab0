"""The table of every function and blank that the menu tree may name: the parts, joined."""

from dataclasses import fields
from typing import Any

from menus.parts import (
    accounts,
    applications,
    attendance,
    centres,
    deployments,
    directors,
    disputes,
    documents,
    eligibility,
    forms,
    messages,
    profiles,
    registers,
    returns,
    vacancies,
)
from menus.vocabulary import Vocabulary


def joined(*parts: Vocabulary) -> Vocabulary:
    """One vocabulary of several parts; raises ValueError where two parts use one name."""
    tables: dict[str, dict[str, Any]] = {}
    for kind in (each.name for each in fields(Vocabulary)):
        tables[kind] = {}
        for part in parts:
            table = getattr(part, kind)
            twice = sorted(tables[kind].keys() & table.keys())
            if twice:
                raise ValueError(f"{kind} named twice: {', '.join(twice)}")
            tables[kind].update(table)
    return Vocabulary(**tables)


VOCABULARY = joined(
    accounts.PART,
    profiles.PART,
    eligibility.PART,
    vacancies.PART,
    applications.PART,
    deployments.PART,
    documents.PART,
    messages.PART,
    attendance.PART,
    forms.PART,
    registers.PART,
    centres.PART,
    returns.PART,
    directors.PART,
    disputes.PART,
)
