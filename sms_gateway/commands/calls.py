"""What a command is, and what it sees of the SMS that asks for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from menus.wording import Wording
from models.accounts import Confirmation
from operations.office import Actor, Office
from sms_gateway import replies


@dataclass(frozen=True)
class SmsCall:
    """One SMS as a command sees it: who asked, in which language, and the words after the keyword."""

    db: Session
    office: Office
    phone: str
    lang: str
    words: tuple[str, ...]
    by: Actor
    now: datetime
    wording: Callable[[], Wording] = field(repr=False)  # the live sentences, as this process holds them
    table: Mapping[str, "Command"] = field(default_factory=dict, repr=False)
    form: str = ""  # this very SMS: the form id of what it makes
    text: str = field(default="", repr=False)  # as it was typed: for an answer that folding would spoil
    sent_at: datetime | None = None  # by the network's date
    guessed: bool = False  # typing errors were forgiven in the keyword: nothing that matters is done at once
    met: bool = False  # this line was heard of before, and its language is known

    def reply(self, name: str, **values: Any) -> None:
        """Answer the asking number with these words, in the same commit."""
        replies.queue(self.db, self.phone, self.lang, name, now=self.now, **values)


@dataclass(frozen=True)
class Command:
    """What a keyword does; one that matters acts only on its exact keyword alone, else it asks first.

    `confirmed` is what its YES does: the confirmation, and whether this is the first time. `speaks` is there
    where both languages write its English keyword: the language of the words behind it, if they have one.
    """

    run: Callable[[SmsCall], None]
    matters: bool = False
    confirmed: Callable[[SmsCall, Confirmation, bool], None] | None = None
    speaks: Callable[[Sequence[str]], str | None] | None = None
