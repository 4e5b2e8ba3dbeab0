"""What Africa's Talking posts about SMS and calls: incoming SMS, delivery reports, opt-outs, calls.

It gets 200 whatever it posts, because anything else comes back each minute for 12 hours; but 503 where
nothing could be kept, so that it does come back.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy import exc
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from menus.wording import Wording
from operations import office as offices
from operations import subscribers
from operations.office import Office
from runtime.settings import Settings
from runtime.stores import Stores, within
from sms_gateway import inbox, incoming, reports
from sms_gateway.commands.calls import Command
from sms_gateway.commands.table import COMMANDS
from telephony import phones, references

LARGEST = 16 * 1024
MOST_FIELDS = 40
# Africa's Talking is not a phone: it may wait this long, and posts again what we could not keep.
PATIENCE = 8.0
# What a message itself can be at fault for; posted again, it would be at fault again.
ITS_OWN_FAULT: Final = (exc.DataError,)

log = structlog.get_logger()

Form = Mapping[str, str]


@dataclass(frozen=True)
class Desk:
    """What the callbacks work with: handed in by the factory, the same for every request."""

    settings: Settings = field(repr=False)
    stores: Stores
    office: Office
    wording: Callable[[], Wording]
    ring: Callable[[str], object]  # told each lane that has something new; may fail freely
    count: Callable[[str], object] = lambda name: None  # told what became of each callback
    table: Mapping[str, Command] = field(default_factory=lambda: COMMANDS)
    end: Callable[[Iterable[str]], object] = lambda phones: None  # told whose USSD sessions may not go on

    @property
    def senders(self) -> frozenset[str]:
        """Our own numbers and names, which we never answer."""
        own = (self.settings.shortcode, self.settings.sender_urgent, self.settings.sender_bulk)
        return frozenset(name.lstrip("+").casefold() for name in own)


Take = Callable[[Desk, Form], Response]


def blueprint(desk: Desk) -> Blueprint:
    """The callbacks of SMS and voice, under the secret path."""
    made = Blueprint("sms_gateway", __name__)
    for name, take in CALLBACKS.items():
        made.add_url_rule(f"/at/<secret>/{name}", name, guarded(desk, name, take), methods=["POST"])
    return made


def guarded(desk: Desk, name: str, take: Take) -> Callable[[str], Response]:
    """The view of one callback: 404 for a wrong secret, 503 where nothing could be kept, else 200."""

    def view(secret: str) -> Response:
        if not desk.settings.opens(secret):
            abort(404)
        form = fields()
        if form is None:
            return ignore(desk, name, "no form")
        try:
            return take(desk, form)
        except Exception as fault:
            return stumble(desk, name, fault)

    return view


def fields() -> dict[str, str] | None:
    """The form that was posted, bad bytes replaced; None where it is too large or says anything twice."""
    request.max_content_length = LARGEST
    try:
        body = request.get_data(cache=False).decode("utf-8", "replace")
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except (HTTPException, ValueError):
        return None
    form = dict(pairs)
    return form if len(form) == len(pairs) else None


def ignore(desk: Desk, name: str, why: str) -> Response:
    """Answer 200 to what we can do nothing with."""
    log.warning("callback_ignored", callback=name, why=why)
    desk.count(f"{name}_ignored")
    return Response("", 200, mimetype="text/plain")


def stumble(desk: Desk, name: str, fault: Exception) -> Response:
    """Answer a fault: 503 where the database could keep nothing, 200 where it would only happen again."""
    again = isinstance(fault, exc.SQLAlchemyError) and not isinstance(fault, ITS_OWN_FAULT)
    reference = references.make("ER")
    log.error("callback_fault", callback=name, reference=reference, again=again, **inbox.traced(fault))
    desk.count(f"{name}_{'unavailable' if again else 'fault'}")
    return Response("", 503 if again else 200, mimetype="text/plain")


def commit(desk: Desk, work: Callable[[Session], str]) -> str:
    """Do the work in one transaction; after its commit end the sessions and ring the bells that it names."""
    with within(PATIENCE), desk.stores.transaction() as db:
        outcome = work(db)
    desk.end(db.info.pop("ended", ()))
    for lane in sorted(db.info.pop("rings", ())):
        try:
            desk.ring(lane)
        except Exception as fault:  # a sweeper rings again within 30 s
            log.warning("bell_not_rung", lane=lane, fault=type(fault).__name__)
    return outcome


def take_sms(desk: Desk, form: Form) -> Response:
    """An incoming SMS."""
    sms = incoming.read(form, desk.office)
    handler = inbox.Inbox(desk.office, desk.senders, desk.wording, desk.table)
    outcome = commit(desk, lambda db: inbox.receive(db, handler, sms))
    log.info("sms", outcome=outcome, phone=phones.mask(sms.phone or ""))
    desk.count(f"sms_{outcome.replace(': ', '_').replace(' ', '_')}")
    return Response("", 200, mimetype="text/plain")


def take_report(desk: Desk, form: Form) -> Response:
    """A delivery report."""
    outcome = commit(desk, lambda db: str(reports.receive(db, form, now=offices.now(db))))
    desk.count(f"delivery_{outcome}")
    return Response("", 200, mimetype="text/plain")


def take_opt_out(desk: Desk, form: Form) -> Response:
    """Somebody told Africa's Talking to hear no more from one of our senders: it will refuse to send."""
    phone = incoming.mobile(form.get("phoneNumber", ""))
    sender = form.get("senderId", "").strip().lstrip("+").casefold()
    if phone is None or sender not in desk.senders:
        return ignore(desk, "opt-out", "not ours")
    urgent = sender == desk.settings.sender_urgent.lstrip("+").casefold()
    commit(desk, lambda db: opt_out(db, phone, urgent))
    desk.count("opt-out_handled")
    return Response("", 200, mimetype="text/plain")


def opt_out(db: Session, phone: str, urgent: bool) -> str:
    """No campaigns for this line; where it refuses the urgent sender, that its passwords will not come."""
    moment = offices.now(db)
    lang = subscribers.language(db, phone) or "en"
    subscribers.stop(db, phone, lang, now=moment)
    if urgent:
        subscribers.block(db, phone, now=moment)
    return "handled"


def take_call(desk: Desk, form: Form) -> Response:
    """A call to one of our numbers: say politely where to turn. The last notice of a call has no answer."""
    if form.get("isActive") != "1":
        return Response("", 200, mimetype="application/xml")
    said = desk.wording().sms("voice.answer", "en", {})
    answer = f'<?xml version="1.0" encoding="UTF-8"?><Response><Say>{escape(said)}</Say></Response>'
    return Response(answer, 200, mimetype="application/xml")


CALLBACKS: Final[Mapping[str, Take]] = {
    "sms": take_sms,
    "delivery": take_report,
    "opt-out": take_opt_out,
    "voice": take_call,
}
