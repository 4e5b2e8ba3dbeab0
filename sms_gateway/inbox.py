"""The inbox: each incoming SMS becomes one row and at most one act, whatever the network does.

One transaction: a lock on the sender, the row, then the command in a savepoint. The text is never kept.
"""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import exc, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from menus.wording import Wording
from models.messages import Incoming
from operations import office as offices
from operations import subscribers
from operations.office import Office
from operations.refusals import Refusal
from sms_gateway import keywords
from sms_gateway.commands import answering
from sms_gateway.commands.calls import Command, SmsCall
from sms_gateway.commands.table import COMMANDS
from sms_gateway.incoming import Sms
from sms_gateway.keywords import Match
from telephony import references

# A machine that answers us, or a phone gone mad: from here on silence, until it has been quiet for a while.
LOOP_WINDOW = timedelta(minutes=5)
LOOP_SAME, LOOP_ANY = 20, 30
# SMS re-posted after an outage come out of order. Of orders that replace each other the one sent last holds;
# a date further off than Africa's Talking keeps re-posting is no evidence.
REPLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "STOP": ("STOP", "START"),
    "START": ("STOP", "START"),
    "LANG": ("LANG",),
}
BELIEVED = timedelta(hours=13)
# The classes of SQLSTATE by which PostgreSQL says that it cannot go on, rather than that a statement was
# wrong; 57014 is among them and is not one: the statement took too long.
OUTAGES: Final = frozenset({"08", "40", "53", "57", "58"})
TOO_LONG: Final = "57014"
# One lock a sender, so that its SMS take turns; and no later statement may take longer than this.
TAKE_TURNS = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(:sender, 22262)),"
    " set_config('statement_timeout', '4000', true)"
)

log = structlog.get_logger()


@dataclass(frozen=True)
class Inbox:
    """What handling an SMS needs beside the database: `senders` are our own numbers and names."""

    office: Office
    senders: frozenset[str]
    wording: Callable[[], Wording] = field(repr=False)
    table: Mapping[str, Command] = field(default_factory=lambda: COMMANDS, repr=False)


def receive(db: Session, inbox: Inbox, sms: Sms) -> str:
    """Handle one SMS in the caller's transaction, and say what became of it.

    `handled`, `refused`, `failed`, `repeat`, `repeat: altered` where it says otherwise than the first one, or
    `ignored` and why; raises where the database cannot go on.
    """
    db.execute(TAKE_TURNS, {"sender": sms.phone or sms.sender})
    row = keep(db, inbox.office, sms)
    if row is None:
        return "repeat: altered" if altered(db, inbox.office, sms) else "repeat"
    why = unanswerable(sms, inbox.senders) or looping(db, row)
    if why or sms.phone is None:
        settle(db, row, "ignored")
        return f"ignored: {why}"
    return act(db, inbox, sms, row)


def keep(db: Session, office: Office, sms: Sms) -> int | None:
    """Insert the SMS's row: its id, or None where this SMS was here before."""
    row = insert(Incoming).values(
        provider_id=sms.provider_id,
        phone=sms.phone or sms.sender,
        to=sms.to,
        shape=keywords.shape(sms.text),
        shape_hash=hashed(office, sms),
        network=sms.network,
        state="received",
        sent_at=sms.sent_at,
    )
    return db.scalars(row.on_conflict_do_nothing().returning(Incoming.id)).first()


def hashed(office: Office, sms: Sms) -> str:
    """What a text says, under our key."""
    return office.derive("incoming text", keywords.essence(sms.text)).hex()


def altered(db: Session, office: Office, sms: Sms) -> bool:
    """Whether an id that was here before comes with another date, sender or text: somebody replays an SMS."""
    same = (
        Incoming.phone == (sms.phone or sms.sender),
        Incoming.shape_hash == hashed(office, sms),
        Incoming.sent_at.is_not_distinct_from(sms.sent_at),
    )
    return not db.scalar(select(exists().where(Incoming.provider_id == sms.provider_id, *same)))


def settle(
    db: Session, row: int, state: str, match: Match | None = None, reference: str | None = None
) -> None:
    """Write down what became of this SMS."""
    became = {"state": state, "keyword": match.keyword if match else None, "reference": reference}
    db.execute(update(Incoming).where(Incoming.id == row).values(became))


def unanswerable(sms: Sms, senders: frozenset[str]) -> str:
    """Why nobody is answered: not to us, from ourselves, or from no Kenyan mobile; empty if one may be."""
    if sms.to.lstrip("+").casefold() not in senders:
        return "not ours"
    if (sms.phone or sms.sender).lstrip("+").casefold() in senders:
        return "own number"
    return "" if sms.phone else "no mobile"


def looping(db: Session, row: int) -> str:
    """`loop` where this phone says the same over and over, or says more than anybody types."""
    this = select(Incoming.phone, Incoming.shape_hash).where(Incoming.id == row).subquery()
    recent = select(func.count(), func.count().filter(Incoming.shape_hash == this.c.shape_hash)).where(
        Incoming.phone == this.c.phone, Incoming.received_at > func.now() - LOOP_WINDOW
    )
    every, same = db.execute(recent).one()
    if same < LOOP_SAME and every <= LOOP_ANY:
        return ""
    log.error("sms_loop", same=same, every=every, incoming=row)
    return "loop"


def act(db: Session, inbox: Inbox, sms: Sms, row: int) -> str:
    """Run the command in a savepoint: what it did is undone if it refuses or fails, and its row stays."""
    call, match = call_of(db, inbox, sms), None
    try:
        with db.begin_nested():
            match = keywords.find(sms.text)
            call = replace(spoken(call, match, inbox.table), form=f"sms:{row}")
            if overtaken(db, row, match):
                settle(db, row, "ignored", match)
                return "ignored: overtaken"
            answering.answer(call, match, inbox.table)
    except Refusal as refusal:
        call.reply(refusal.code, **refusal.values)
        settle(db, row, "handled", match)
        return "refused"
    except Exception as fault:
        if outage(fault):
            raise
        apologise(call, row, match, fault)
        return "failed"
    settle(db, row, "handled", match)
    return "handled"


def call_of(db: Session, inbox: Inbox, sms: Sms) -> SmsCall:
    """The SMS as a command sees it, in the line's own language."""
    phone = sms.phone or ""
    known = subscribers.language(db, phone)
    by, now = offices.caller(phone, "sms"), offices.now(db)
    call = SmsCall(db, inbox.office, phone, known or "en", (), by, now, inbox.wording, text=sms.text)
    return replace(call, sent_at=sms.sent_at, met=known is not None)


def spoken(call: SmsCall, match: Match | None, table: Mapping[str, Command]) -> SmsCall:
    """The call in its keyword's language, with the words that follow the keyword."""
    if match is None:
        return call
    command = table.get(match.keyword)
    lang = match.lang or call.lang
    if command and command.speaks and lang == "en":
        lang = command.speaks(match.words) or call.lang
    return replace(call, lang=lang, words=match.words)


def overtaken(db: Session, row: int, match: Match | None) -> bool:
    """Whether an order that replaces this one was sent after it, and came before it."""
    replacing = REPLACES.get(match.keyword) if match else None
    if replacing is None:
        return False
    this = select(Incoming.phone, Incoming.sent_at).where(Incoming.id == row, believable()).subquery()
    newer = select(Incoming.id).where(
        Incoming.phone == this.c.phone,
        Incoming.sent_at > this.c.sent_at,
        Incoming.received_at > func.now() - BELIEVED,
        Incoming.keyword.in_(replacing),
        Incoming.state == "handled",
        believable(),
    )
    return db.scalars(newer.limit(1)).first() is not None


def believable() -> Any:
    """The condition that an SMS's date is near the time it came."""
    return Incoming.sent_at.between(Incoming.received_at - BELIEVED, Incoming.received_at + BELIEVED)


def apologise(call: SmsCall, row: int, match: Match | None, fault: Exception) -> None:
    """Log a fault under a reference, which the person is told too. Its text may quote the SMS: not logged."""
    reference = references.make("ER")
    log.error("sms_fault", reference=reference, incoming=row, **traced(fault))
    settle(call.db, row, "failed", match, reference)
    call.reply("sms.apology", reference=reference)


def traced(fault: BaseException) -> dict[str, str]:
    """What a log may say of a fault: its kind, PostgreSQL's code, and where it came from."""
    frames = traceback.extract_tb(fault.__traceback__)[-4:]
    where = " < ".join(f"{Path(at.filename).name}:{at.lineno} {at.name}" for at in reversed(frames))
    return {"fault": type(fault).__name__, "sqlstate": sqlstate(fault) or "", "where": where}


def sqlstate(fault: BaseException) -> str | None:
    """PostgreSQL's code of a fault, if it has one."""
    return getattr(getattr(fault, "orig", None), "sqlstate", None)


def outage(fault: Exception) -> bool:
    """Whether the database cannot go on: then nothing is kept, and Africa's Talking posts it again."""
    if not isinstance(fault, exc.DBAPIError):
        return isinstance(fault, exc.TimeoutError | exc.PendingRollbackError)
    code = sqlstate(fault)
    if fault.connection_invalidated or isinstance(fault, exc.InterfaceError):
        return True
    if code is None:
        return isinstance(fault, exc.OperationalError)
    return code[:2] in OUTAGES and code != TOO_LONG
