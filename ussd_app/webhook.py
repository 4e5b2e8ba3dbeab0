"""The USSD callbacks of Africa's Talking: hops, and the news that a session has ended."""

import re
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from operations import hops
from telephony import phones
from ussd_app.hops import Hop, answer
from ussd_app.service import Service

MOST_BYTES = 16 * 1024
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
SESSION_ID = re.compile(r"[\x21-\x7e]{1,200}")
PLAIN = "text/plain; charset=utf-8"
MISUNDERSTOOD = "END Sorry, that was not understood. Samahani, ombi hilo halikueleweka."
NOT_KENYAN = "END This service is for Kenyan mobile numbers. Huduma hii ni ya nambari za simu za Kenya."
log = structlog.get_logger()


class Whole(Response):
    """An answer that the server gets in one piece: as the usual iterator it costs a tenth of a hop more.

    With the iterator goes its end: nothing that waits for `close` is called.
    """

    response: list[bytes]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        """Answer as WSGI asks."""
        start_response(self.status, self.headers.to_wsgi_list())
        return [] if environ["REQUEST_METHOD"] == "HEAD" else self.response


def blueprint(service: Service) -> Blueprint:
    """The routes `/at/<secret>/ussd` and `/at/<secret>/ussd-end`."""
    routes = Blueprint("ussd", __name__)

    @routes.route("/at/<secret>/ussd", methods=METHODS)
    def ussd(secret: str) -> Response:
        if not service.settings.opens(secret):
            abort(404)
        return Whole(body_of(service), content_type=PLAIN)

    @routes.post("/at/<secret>/ussd-end")
    def ussd_end(secret: str) -> Response:
        if not service.settings.opens(secret):
            abort(404)
        return Response(*finish(service), content_type=PLAIN)

    return routes


def body_of(service: Service) -> str:
    """The answer to whatever was posted here."""
    fields = read_form()
    if fields is None:
        service.metrics.events.labels("hop_misunderstood").inc()
        return MISUNDERSTOOD
    try:
        phone = phones.read(fields.get("phoneNumber", ""))
    except phones.BadPhone:
        return NOT_KENYAN
    hop = Hop(
        session_id=fields["sessionId"],
        phone=phone,
        # AT delivers `@` as the character that has its place in another alphabet.
        text=fields.get("text", "").replace("¡", "@"),
        network=fields.get("networkCode", "")[:12],
        tail=tail_of(fields.get("serviceCode", ""), service.settings.service_code),
    )
    return answer(service, hop)


def read_form() -> dict[str, str] | None:
    """The posted fields, or None for what cannot be a hop: too long, a field twice, no session id."""
    if request.method != "POST" or (request.content_length or 0) > MOST_BYTES:
        return None
    body = request.get_data(cache=False).decode("utf-8", "replace")
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return None
    fields = dict(pairs)
    if len(fields) < len(pairs) or not SESSION_ID.fullmatch(fields.get("sessionId", "")):
        log.warning("hop misunderstood", fields=len(pairs))
        return None
    return fields


def tail_of(dialled: str, ours: str) -> str:
    """What was dialled behind our service code, should the gateway leave it there: `*384*22262*411#`."""
    stem = ours.removesuffix("#") + "*"
    return dialled.removeprefix(stem).removesuffix("#") if dialled.startswith(stem) else ""


def finish(service: Service) -> tuple[str, int]:
    """Keep the end of a session, without its input and last screen; it decides nothing."""
    fields = read_form()
    if fields is None:
        return "ignored", 200
    try:
        with service.stores.transaction() as db:
            hops.finish(db, fields["sessionId"], fields.get("phoneNumber", "")[:20], fields)
    except (DBAPIError, PoolTimeout) as error:
        log.error("session end not stored", error=type(error).__name__)
        return "try again", 503
    return "OK", 200
