"""Every table, for those who need them all: migrations, and the tests that compare."""

from models import accounts, messages, records, sessions
from models.base import Base

__all__ = ["Base", "accounts", "messages", "records", "sessions"]
