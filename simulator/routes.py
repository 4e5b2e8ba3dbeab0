"""What can be asked of the simulator over HTTP, as a table."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.callbacks import describe
from simulator.network import Network
from simulator.subscribers import NETWORKS, canonical
from simulator.wire import Reply, Wire, reply_json

STATIC = Path(__file__).parent / "static"
FILES = (
    "handset.css",
    "handset.js",
    "phone.js",
    "panel.js",
    "keypad.js",
    "screens.js",
    "septets.js",
    "words.js",
    "icon.svg",
)
MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
GUARDS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True)
class Request:
    """One request as it came in."""

    query: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]
    wire: Wire

    @property
    def api_key(self) -> str:
        """The key the sender shows."""
        return self.headers.get("apiKey") or ""

    def json(self) -> Any:
        """Read the body as JSON, sent as such: a foreign page cannot do that unasked."""
        if "json" not in (self.headers.get("Content-Type") or ""):
            raise ValueError("send JSON, with Content-Type: application/json")
        return json.loads(self.body or b"null")


Route = Callable[[Network, Request], Reply | None]


def send(network: Network, request: Request) -> Reply | None:
    """Take a message to send, as the classic SMS API does; the gateway answers on the wire itself."""
    network.gateway.send(request.form, request.api_key, request.wire)
    return None


def fetch(network: Network, request: Request) -> Reply:
    """List incoming texts after `lastReceivedId`."""
    network.witness.record("fetch", query=dict(request.query))
    refusal = network.gateway.refusal(request.api_key, request.query.get("username", ""))
    texts = network.postbox.fetch(request.query.get("lastReceivedId", "0"))
    wanted = ("linkId", "text", "to", "id", "date", "from")
    messages = [{name: text.get(name, "") for name in wanted} for text in texts]
    return refusal or reply_json({"SMSMessageData": {"Messages": messages}})


def account(network: Network, request: Request) -> Reply:
    """Tell the balance."""
    refusal = network.gateway.refusal(request.api_key, request.query.get("username", ""))
    return refusal or reply_json({"UserData": {"balance": "KES 1785.50"}})


def dial(network: Network, request: Request) -> Reply:
    """Begin a USSD session."""
    data = request.json()
    phone = str(data["phone"]) if data.get("raw") else canonical(str(data["phone"]))
    options = (str(data.get("code") or ""), str(data.get("network") or ""))
    return reply_json(network.exchange.dial(phone, *options, twice=bool(data.get("duplicate"))))


def answer(network: Network, request: Request) -> Reply:
    """Answer the screen of a session."""
    data = request.json()
    twice = bool(data.get("duplicate"))
    return reply_json(network.exchange.answer(data["session"], str(data["input"]), twice=twice))


def hang_up(network: Network, request: Request) -> Reply:
    """End a session from the phone."""
    return reply_json(network.exchange.hang_up(request.json()["session"]))


def session(network: Network, request: Request) -> Reply:
    """Show a session as it stands."""
    return reply_json(network.exchange.show(request.query["id"]))


def text(network: Network, request: Request) -> Reply:
    """Take a text to the short code, or several."""
    return reply_json(network.postbox.send(request.json()), 202)


def inbox(network: Network, request: Request) -> Reply:
    """List the messages a phone has received."""
    return reply_json(network.inbox.read(request.query["phone"]))


def sent(network: Network, request: Request) -> Reply:
    """List the texts a phone has sent, with how far each came."""
    return reply_json(network.postbox.sent(request.query["phone"]))


def handset(network: Network, request: Request) -> Reply:
    """Tell a handset all that it shows."""
    phone, settings = canonical(request.query["phone"]), network.settings
    return reply_json(
        {
            "phone": phone,
            "inbox": network.inbox.read(phone),
            "sent": network.postbox.sent(phone),
            "session": network.exchange.latest(phone),
            "shortcode": settings.shortcode,
            "service_code": settings.service_code,
            "networks": NETWORKS,
        }
    )


def post_callback(network: Network, request: Request) -> Reply:
    """Post any form to the service: a report for an unknown id, an opt-out, a forged event."""
    data = request.json()
    if not re.fullmatch(r"[a-z-]+", data["path"]):
        raise ValueError("path is one of the service's callbacks, such as delivery")
    fields = {name: str(value) for name, value in data["fields"].items()}
    return reply_json(describe(network.service.post(data["path"], fields)))


def show_faults(network: Network, request: Request) -> Reply:
    """List the rules in force."""
    return reply_json(network.faults.show())


def add_faults(network: Network, request: Request) -> Reply:
    """Put rules in force."""
    network.faults.add(request.json())
    return reply_json(network.faults.show(), 201)


def clear_faults(network: Network, request: Request) -> Reply:
    """Lift every rule."""
    network.faults.clear()
    return reply_json([])


def testify(network: Network, request: Request) -> Reply:
    """Tell everything that passed."""
    return reply_json(network.witness.testify(int(request.query.get("after", 0))))


def count(network: Network, request: Request) -> Reply:
    """Count what passed."""
    return reply_json(network.witness.count())


def reset(network: Network, request: Request) -> Reply:
    """Begin anew."""
    network.reset()
    return reply_json({"ok": True})


def healthz(network: Network, request: Request) -> Reply:
    """Say that it is alive."""
    return reply_json({"ok": True})


def page(name: str) -> Route:
    """Make the route of a file of the handset."""

    def serve(network: Network, request: Request) -> Reply:
        file = STATIC / name
        return Reply(200, file.read_bytes(), MEDIA[file.suffix], GUARDS)

    return serve


PAGES: dict[tuple[str, str], Route] = {
    ("GET", "/"): page("handset.html"),
    **{("GET", f"/static/{name}"): page(name) for name in FILES},
}

# What Africa's Talking has too: any client may come, with a key. All else is for this machine's own pages.
API: dict[tuple[str, str], Route] = {
    ("POST", "/version1/messaging"): send,
    ("GET", "/version1/messaging"): fetch,
    ("GET", "/version1/user"): account,
}

ROUTES: dict[tuple[str, str], Route] = {
    **API,
    **PAGES,
    ("POST", "/dial"): dial,
    ("POST", "/input"): answer,
    ("POST", "/hangup"): hang_up,
    ("GET", "/session"): session,
    ("POST", "/text"): text,
    ("GET", "/inbox"): inbox,
    ("GET", "/sent"): sent,
    ("GET", "/handset"): handset,
    ("POST", "/callback"): post_callback,
    ("GET", "/faults"): show_faults,
    ("POST", "/faults"): add_faults,
    ("DELETE", "/faults"): clear_faults,
    ("GET", "/witness"): testify,
    ("GET", "/count"): count,
    ("POST", "/reset"): reset,
    ("GET", "/healthz"): healthz,
}
