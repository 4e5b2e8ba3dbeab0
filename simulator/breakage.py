"""Every kind of fault, as a table: when it acts, what can be set, and how it spoils the answer.

A kind of the stage `answer` spoils the HTTP answer: `alter` changes it, `act` sends it badly.
A kind of the stage `verdict` changes the code of recipients.
A kind of the stage `report` plans the delivery reports.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from simulator.wire import Reply, Wire

Values = Mapping[str, Any]
FILLER = b" " * 65536
HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>nginx</body></html>"


@dataclass(frozen=True)
class Plan:
    """The delivery reports of one message: statuses in order, when, and with what reason."""

    statuses: tuple[str, ...] = ("Success",)
    seconds: float | None = None  # None is the usual delay
    early: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of fault."""

    stage: str
    values: Values = field(default_factory=dict)
    stores: bool = True
    alter: Callable[[Reply, Values], Reply] | None = None
    act: Callable[[Wire, Reply, Values], None] | None = None
    verdict: Callable[[str, int, Values], int] | None = None
    plan: Callable[[Values], Plan] | None = None


# Answers sent badly.


def send_slowly(wire: Wire, reply: Reply, values: Values) -> None:
    """Wait, then answer well."""
    wire.hold(values["seconds"])
    wire.answer(reply)


def send_dripping(wire: Wire, reply: Reply, values: Values) -> None:
    """Send the body one byte at a time."""
    wire.send(reply.head() + b"\r\n")
    for position in range(len(reply.body)):
        wire.hold(values["seconds"])
        if not wire.send(reply.body[position : position + 1]):
            return


def send_hugely(wire: Wire, reply: Reply, values: Values) -> None:
    """Send a body without a sensible end (`bytes` 0 is without any)."""
    wire.send(replace(reply, announce_length=False).head() + b"Connection: close\r\n\r\n" + reply.body[:-1])
    sent = 0
    while not wire.spent and (values["bytes"] == 0 or sent < values["bytes"]):
        wire.send(FILLER)
        sent += len(FILLER)
    wire.close()


def send_headers(wire: Wire, reply: Reply, values: Values) -> None:
    """Send header after header and never a body."""
    wire.send(reply.head())
    while wire.send(b"X-Filler: " + FILLER[:200].replace(b" ", b"x") + b"\r\n"):
        wire.hold(values["seconds"])


def send_nothing(wire: Wire, reply: Reply, values: Values) -> None:
    """Keep the connection open without a word, then close it."""
    wire.hold(values["seconds"])
    wire.close()


def send_reset(wire: Wire, reply: Reply, values: Values) -> None:
    """Cut the connection."""
    wire.reset()


def send_cut_off(wire: Wire, reply: Reply, values: Values) -> None:
    """Announce the whole body, send half of it, and close."""
    wire.send(reply.head() + b"\r\n" + reply.body[: len(reply.body) // 2])
    wire.close()


# Answers that say something else.


def answer_status(reply: Reply, values: Values) -> Reply:
    """Answer with another status and page."""
    status = int(values["status"])
    headers = {} if values["retry_after"] is None else {"Retry-After": str(values["retry_after"])}
    body = HTML.format(status) if values["body"] is None else values["body"]
    return Reply(status, body.encode(), values["media"], headers)


def answer_html(reply: Reply, values: Values) -> Reply:
    """Answer 200 with a page, as a captive portal does."""
    return Reply(200, values["body"].encode(), "text/html; charset=utf-8")


def answer_empty(reply: Reply, values: Values) -> Reply:
    """Answer 200 with an empty object."""
    return Reply(200, b"{}")


def answer_charset(reply: Reply, values: Values) -> Reply:
    """Answer well, under a media type with a parameter."""
    return replace(reply, media="application/json; charset=utf-8")


def answer_broken(reply: Reply, values: Values) -> Reply:
    """Answer with JSON that stops in the middle, under an honest length."""
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def edit(reply: Reply, change: Callable[[dict[str, Any]], None]) -> Reply:
    """Change what the answer says about its recipients."""
    data = json.loads(reply.body)
    change(data["SMSMessageData"])
    return replace(reply, body=json.dumps(data).encode())


def answer_no_recipients(reply: Reply, values: Values) -> Reply:
    """Answer that nothing was sent, and why."""
    return edit(reply, lambda data: data.update(Message=values["message"], Recipients=[]))


def answer_missing(reply: Reply, values: Values) -> Reply:
    """Leave the first recipient out."""
    return edit(reply, lambda data: data.update(Recipients=data["Recipients"][1:]))


def answer_extra(reply: Reply, values: Values) -> Reply:
    """Name, before the others, a recipient that nobody asked for."""
    stranger = {"statusCode": 101, "number": values["number"], "status": "Success"}
    stranger |= {"cost": "KES 0.8000", "messageId": values["id"]}
    return edit(reply, lambda data: data["Recipients"].insert(0, stranger))


# What each kind is.

PAGE = {"status": 500, "retry_after": None, "body": None, "media": "text/html"}
PORTAL = {"body": HTML.format("Sign in to the network")}
STRANGER = {"number": "+254700000999", "id": "ATXid_00000000000000000000000000000999"}

KINDS: Mapping[str, Kind] = {
    "slow": Kind("answer", {"seconds": 10.0}, act=send_slowly),
    "drip": Kind("answer", {"seconds": 5.0}, act=send_dripping),
    "huge": Kind("answer", {"bytes": 100_000_000}, act=send_hugely),
    "headers": Kind("answer", {"seconds": 0.01}, act=send_headers),
    "cut_off": Kind("answer", act=send_cut_off),
    "store_then_timeout": Kind("answer", {"seconds": 60.0}, act=send_nothing),
    "store_then_reset": Kind("answer", act=send_reset),
    "status": Kind("answer", PAGE, stores=False, alter=answer_status),
    "html": Kind("answer", PORTAL, stores=False, alter=answer_html),
    "empty": Kind("answer", stores=False, alter=answer_empty),
    "no_recipients": Kind("answer", {"message": "InvalidSenderId"}, stores=False, alter=answer_no_recipients),
    "missing": Kind("answer", alter=answer_missing),
    "extra": Kind("answer", STRANGER, alter=answer_extra),
    "charset": Kind("answer", alter=answer_charset),
    "broken": Kind("answer", alter=answer_broken),
    "code": Kind("verdict", {"code": 405}, verdict=lambda phone, code, values: int(values["code"])),
    "partial": Kind(
        "verdict", {"codes": {}}, verdict=lambda phone, code, values: int(values["codes"].get(phone, code))
    ),
    "report_none": Kind("report", plan=lambda values: Plan(())),
    "report_early": Kind(
        "report", {"status": "Success"}, plan=lambda values: Plan((values["status"],), early=True)
    ),
    "report_late": Kind(
        "report",
        {"seconds": 60.0, "status": "Success"},
        plan=lambda values: Plan((values["status"],), values["seconds"]),
    ),
    "report_duplicate": Kind(
        "report",
        {"count": 2, "status": "Success"},
        plan=lambda values: Plan((values["status"],) * values["count"]),
    ),
    "report_shuffle": Kind(
        "report",
        {"statuses": ["Success", "Sent", "Failed"], "reason": ""},
        plan=lambda values: Plan(tuple(values["statuses"]), reason=values["reason"]),
    ),
    "report_status": Kind(
        "report",
        {"status": "Failed", "reason": "DeliveryFailure"},
        plan=lambda values: Plan((values["status"],), reason=values["reason"]),
    ),
}
