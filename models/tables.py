"""Every table, for those who need them all: migrations, and the tests that compare."""

from models import (
    accounts,
    applications,
    attendance,
    centres,
    deployments,
    documents,
    forms,
    messages,
    payrolls,
    people,
    places,
    records,
    registers,
    series,
    sessions,
)
from models.base import Base

__all__ = [
    "Base",
    "accounts",
    "applications",
    "attendance",
    "centres",
    "deployments",
    "documents",
    "forms",
    "messages",
    "payrolls",
    "people",
    "places",
    "records",
    "registers",
    "series",
    "sessions",
]
