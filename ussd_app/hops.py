"""The way of one hop: its session is taken, the dialogue moves one step, and both are kept."""

import secrets
import time
from dataclasses import dataclass, field

import psycopg
import redis
import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session as Database

from menus import resuming
from menus.engine import Dialogue
from menus.library import Unpublished
from menus.state import Lost, State, Turn
from menus.vocabulary import Tree
from operations import hops, subscribers
from operations.hops import Repeated
from runtime import logs
from runtime.stores import within
from telephony import references
from ussd_app import transcripts
from ussd_app.calls import UssdCall
from ussd_app.dials import Dial
from ussd_app.ledger import Entry
from ussd_app.service import Service
from ussd_app.sessions import Found, Session, Ticket

# A hop's time includes the wait for a held lease, but this much its work always gets.
LEAST_SECONDS = 0.4
# When not even the published words can be read.
LAST_RESORT = "Sorry, please dial again later. Samahani, tafadhali piga tena baadaye."
# A store that is down is no fault of ours: the person is asked to come back, without a reference.
DOWN = (OperationalError, PoolTimeout, psycopg.OperationalError, Unpublished, redis.RedisError)
# What is counted of a hop that could not be served.
UNSERVED = Turn(State(tree="", node="unserved"), "", ended=True, effect=False)
log = structlog.get_logger()


@dataclass(frozen=True)
class Hop:
    """One request of a session, as the gateway posts it."""

    session_id: str
    phone: str
    text: str = field(repr=False)
    network: str
    tail: str  # what was dialled behind the service code


@dataclass(frozen=True)
class Step:
    """What one hop came to, before it is kept."""

    state: bytes  # the session as it will be kept; empty past its end
    reply: str
    turn: Turn


def answer(service: Service, hop: Hop) -> str:
    """The whole body for this hop, `CON …` or `END …`; never raises."""
    began = time.perf_counter()
    ticket = service.sessions.ticket(hop.phone, hop.session_id, hop.text)
    try:
        found = service.sessions.take(ticket)
    except redis.RedisError as error:
        reply = excuse(service, "redis", error)
        note(service, hop, ticket, UNSERVED, began)
        return reply
    if found.verdict == "again":
        service.metrics.events.labels("hop_repeated").inc()
        return found.reply
    if found.verdict != "go":
        return "END " + both(service, f"screen.{found.verdict}")
    if found.current and not found.stored:
        return keep(service, ticket, b"", "END " + both(service, "screen.superseded"), committed=False)
    return proceed(service, hop, ticket, found, began)


def proceed(service: Service, hop: Hop, ticket: Ticket, found: Found, began: float) -> str:
    """Do the hop's work and keep it; a fault leaves the session as it was, to be resumed."""
    try:
        with within(max(LEAST_SECONDS, service.sessions.hop_seconds - (time.perf_counter() - began))):
            step = work(service, hop, found)
    except Exception as error:
        reply = keep(service, ticket, found.stored, fault(service, error), committed=False)
        note(service, hop, ticket, UNSERVED, began)
        return reply
    reply = keep(service, ticket, step.state, step.reply, committed=step.turn.effect)
    if not found.current:
        service.dials.note(Dial(time.monotonic(), hop.phone))
    note(service, hop, ticket, step.turn, began)
    return reply


def keep(service: Service, ticket: Ticket, state: bytes, reply: str, *, committed: bool) -> str:
    """Save the session and the reply. Where that fails, what was committed is still told, as an end."""
    try:
        told = service.sessions.save(ticket, state, reply)
        if told or not reply.startswith("CON "):
            return told or reply
        return "END " + (reply[4:] if committed else both(service, "screen.busy"))
    except redis.RedisError as error:
        if not committed and reply.startswith("CON "):
            return excuse(service, "redis", error)
        log.error("session not saved", session=ticket.session, error=type(error).__name__)
        return "END " + reply[4:]


def work(service: Service, hop: Hop, found: Found) -> Step:
    """One step of the dialogue in at most one transaction; done again, whole, if its connection was lost."""
    try:
        return attempt(service, hop, found)
    except OperationalError as error:
        if not error.connection_invalidated:
            raise
        return attempt(service, hop, found)


def attempt(service: Service, hop: Hop, found: Found) -> Step:
    """One try, with a connection of its own at the most; it is given back whatever happens."""
    # A first screen only reads, and so do shortcuts. Everything else gets a transaction, at its first use.
    opens = service.stores.sessions if found.stored else service.stores.readers
    call = UssdCall(hop.phone, service.office, opens, service.stores.reader.row, hop.text)
    try:
        step = earlier_reply(service, hop, found, call) or move(service, hop, found, call)
        if not step.turn.effect:
            return step
        if not found.stored:
            raise Lost("a first screen must change nothing")
        return commit(service, hop, step, call.db)
    finally:
        call.close()


def commit(service: Service, hop: Hop, step: Step, db: Database) -> Step:
    """Commit what the step wrote together with its reply; a repeat gets the stored one, and no effect."""
    text_hash = service.sessions.digest(hop.phone, hop.session_id, hop.text)
    try:
        hops.remember(db, hop.session_id, text_hash, step.reply)
    except Repeated:
        db.rollback()
        stored = hops.recall(db, hop.session_id, text_hash)
        return Step(step.state, stored or step.reply, step.turn)
    db.commit()
    follow_up(service, db)
    return step


def follow_up(service: Service, db: Database) -> None:
    """End the sessions that may not go on after what was committed, and have the workers woken."""
    service.sessions.end(db.info.pop("ended", ()))
    for lane in db.info.pop("rings", ()):
        service.bells.note(lane)


def move(service: Service, hop: Hop, found: Found, call: UssdCall) -> Step:
    """The dialogue's next step, drawn as the body that the gateway gets."""
    dialogue, span = dialogue_of(service, hop, found, call)
    turn = step_of(hop, dialogue, span)
    reply = ("END " if turn.ended else "CON ") + turn.text
    seen = Session(turn.state, len(hop.text), service.sessions.digest(hop.text))
    return Step(b"" if turn.ended else service.sessions.write(seen), reply, turn)


def earlier_reply(service: Service, hop: Hop, found: Found, call: UssdCall) -> Step | None:
    """After a lost Redis: a hop that wrote something is answered from SQL, as it was."""
    if found.stored or found.current or not hop.text:
        return None
    digest = service.sessions.digest(hop.phone, hop.session_id, hop.text)
    reply = hops.recall(call.db, hop.session_id, digest)
    if reply is None:
        return None
    return Step(b"", reply, Turn(State(tree="", node=""), reply[4:], True, False))


def dialogue_of(
    service: Service, hop: Hop, found: Found, call: UssdCall
) -> tuple[Dialogue, tuple[int, int] | None]:
    """The dialogue this hop belongs to, and where in the transcript its input stands."""
    digest, live = service.library.live()
    session = service.sessions.read(found.stored)
    tree, state = live, State(tree=digest, node="")
    span = None
    if session and found.current:
        tree = service.library.tree(session.state.tree) or live
        state = session.state
        span = transcripts.added(hop.text, session.seen, session.digest, service.sessions.digest)
    elif session:
        tree, state = resumed(service, session.state, digest, live)
    return Dialogue(tree, service.vocabulary, state, call, new_form), span


def resumed(service: Service, state: State, digest: str, live: Tree) -> tuple[Tree, State]:
    """What a new session finds: the dropped dialogue on the live tree, or a fresh one in its language."""
    if not resuming.resumable(live, state):
        return live, State(tree=digest, node="", lang=state.lang)
    same = state.tree == digest or resuming.carried(state, service.library.tree(state.tree), live)
    if same:
        state.tree, state.dropped = digest, True
        return live, state
    return live, State(tree=digest, node="", lang=state.lang, facts={"lost": "1"})


def step_of(hop: Hop, dialogue: Dialogue, span: tuple[int, int] | None) -> Turn:
    """Begin, resume, end or advance, whichever this hop is."""
    state = dialogue.state
    if state.dropped and span is None:
        return dialogue.ask_again()
    if not state.node:
        return first_screen(hop, dialogue)
    if span is None:
        return dialogue.turn()
    return dialogue.advance(hop.text[span[0] : span[1]], span)


def first_screen(hop: Hop, dialogue: Dialogue) -> Turn:
    """A fresh dialogue: home, or the named shortcut that was dialled; other text is seen, never replayed."""
    if dialogue.state.facts.pop("lost", ""):
        dialogue.note = dialogue.say("screen.lost")
    tail = hop.tail or hop.text
    if not tail:
        return dialogue.begin()
    known = subscribers.language(dialogue.call.db, hop.phone)
    dialogue.state.lang = known or dialogue.state.lang
    return dialogue.land(tail)


def new_form() -> str:
    """The id of a form."""
    return secrets.token_hex(12)


def both(service: Service, name: str, **values: str) -> str:
    """A sentence in both languages, for a phone whose language is not known yet."""
    try:
        words = service.library.known()[1].words[name]
    except (Unpublished, KeyError, DBAPIError, PoolTimeout, redis.RedisError):
        return LAST_RESORT
    said = f"{words.en}\n{words.sw}"
    for key, value in values.items():
        said = said.replace(f"{{{key}}}", value)
    return said


def excuse(service: Service, place: str, error: Exception) -> str:
    """Polite words while a store is down; nothing was changed."""
    service.metrics.faults.labels(place).inc()
    log.error("store is down", place=place, error=type(error).__name__)
    return "END " + both(service, "screen.down")


def fault(service: Service, error: Exception) -> str:
    """Polite words for a fault, with the reference it was logged under; a store that is down is no fault."""
    if isinstance(error, DOWN):
        return excuse(service, "database", error)
    reference = references.make("ER")
    service.metrics.faults.labels("hop").inc()
    log.error("hop failed", reference=reference, exc_info=error)
    return "END " + both(service, "screen.fault", reference=reference)


def note(service: Service, hop: Hop, ticket: Ticket, turn: Turn, began: float) -> None:
    """Let the hop be counted and logged, however it went."""
    service.ledger.note(
        Entry(
            at=logs.stamp(),
            phone=hop.phone,
            session=ticket.session,
            node=turn.state.node,
            network=hop.network,
            seen=len(hop.text),
            ended=turn.ended,
            refused=turn.refused,
            seconds=time.perf_counter() - began,
        )
    )
