"""What Africa's Talking answers, and what we take it to mean."""

import inspect
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from africastalking.Service import APIService
from africastalking.SMS import SMSService

from runtime.settings import Settings
from sms_gateway.providers.africastalking import AfricasTalking, GatewaySMS, read
from sms_gateway.providers.wire import Reply
from tests.fixtures_outbox import Gateway
from tests.processes import LIMIT, wait_until

JANE, ALI = "+254711000001", "+254711000002"
JSON = "application/json"


def entry(code: Any = 101, number: str = JANE, message_id: Any = "ATXid_1", cost: Any = "KES 0.8000") -> Any:
    """One recipient of an answer."""
    return {"statusCode": code, "number": number, "status": "-", "cost": cost, "messageId": message_id}


def body(*entries: Any, message: str = "Sent to 1/1 Total Cost: KES 0.8000") -> bytes:
    """An answer's body."""
    return json.dumps({"SMSMessageData": {"Message": message, "Recipients": list(entries)}}).encode()


REFUSED = {"message_id": "None", "cost": "0"}
HTML = b"<html><h1>502 Bad Gateway</h1></html>"

# status, media, body → outcome, code, halt, slow down. Table 5.5 of the fault sheet, row by row.
ANSWERS = [
    # accepted needs a code of acceptance and an id, for this very number
    (201, JSON, body(entry(100)), ("accepted", "100", None, False)),
    (200, JSON, body(entry(101)), ("accepted", "101", None, False)),
    (201, JSON, body(entry("102")), ("accepted", "102", None, False)),
    (201, "application/vnd.at+json", body(entry()), ("accepted", "101", None, False)),
    (201, JSON, body(entry(101, message_id="None")), ("unknown", "101", None, False)),
    (201, JSON, body(entry(101, message_id="")), ("unknown", "101", None, False)),
    (201, JSON, body(entry(101, message_id=None)), ("unknown", "101", None, False)),
    (201, JSON, body(entry(101, message_id="x" * 4000)), ("unknown", "101", None, False)),
    (201, JSON, body(entry(101, message_id="a\0b")), ("unknown", "101", None, False)),
    (201, JSON, body(entry(101, number=ALI), entry(403, **REFUSED)), ("rejected", "403", None, False)),
    (201, JSON, body(entry(403, ALI, **REFUSED), entry()), ("accepted", "101", None, False)),
    (201, JSON, body(entry(number="254711000001")), ("accepted", "101", None, False)),
    # a recipient's refusal
    (201, JSON, body(entry(401, **REFUSED)), ("unknown", "401", None, False)),
    (201, JSON, body(entry(402, **REFUSED)), ("not_sent", "402", "sender", False)),
    (201, JSON, body(entry(404, **REFUSED)), ("rejected", "404", None, False)),
    (201, JSON, body(entry(405, **REFUSED)), ("not_sent", "405", "balance", False)),
    (201, JSON, body(entry(406, **REFUSED)), ("rejected", "406", None, False)),
    (201, JSON, body(entry(407, **REFUSED)), ("not_sent", "407", None, False)),
    (201, JSON, body(entry(409, **REFUSED)), ("rejected", "409", None, False)),
    (409, JSON, body(entry(409, **REFUSED)), ("rejected", "409", None, False)),
    (201, JSON, body(entry(500, **REFUSED)), ("not_sent", "500", None, False)),
    (201, JSON, body(entry(501, **REFUSED)), ("not_sent", "501", None, False)),
    (201, JSON, body(entry(502, **REFUSED)), ("not_sent", "502", None, False)),
    (201, JSON, body(entry(500)), ("unknown", "500", None, False)),  # an id after all
    (201, JSON, body(entry(999)), ("unknown", "999", None, False)),
    (201, JSON, body(entry("Success")), ("unknown", "no_code", None, False)),
    (201, JSON, body(entry(None)), ("unknown", "no_code", None, False)),
    # nobody named
    (201, JSON, body(message="InvalidSenderId"), ("not_sent", "402", "sender", False)),
    (201, JSON, body(message="InsufficientBalance"), ("not_sent", "405", "balance", False)),
    (201, JSON, body(message="Something else"), ("not_sent", "no_recipients", "refusal", False)),
    (201, JSON, body(message="Sent to 1/1 Total Cost: 0"), ("unknown", "recipient_missing", None, False)),
    (201, JSON, body(message="Sent to 0/1 Total Cost: 0"), ("not_sent", "recipient_missing", None, False)),
    (201, JSON, body(message=""), ("unknown", "not_understood", None, False)),
    (201, JSON, body(entry(number=ALI)), ("unknown", "not_understood", None, False)),
    # not understood
    (200, JSON, b"{}", ("unknown", "not_understood", None, False)),
    (200, JSON, b"", ("unknown", "not_understood", None, False)),
    (200, JSON, b"[]", ("unknown", "not_understood", None, False)),
    (200, JSON, b'{"SMSMessageData": []}', ("unknown", "not_understood", None, False)),
    (200, JSON, b'{"SMSMessageData": {"Recipients": "x"}}', ("unknown", "not_understood", None, False)),
    (200, JSON, b"[" * 60_000, ("unknown", "not_understood", None, False)),
    (201, JSON, body(entry())[:40], ("unknown", "not_understood", None, False)),
    (200, "text/html", HTML, ("unknown", "not_understood", None, False)),
    (200, "text/plain", body(entry()), ("unknown", "not_understood", None, False)),
    (204, "", b"", ("unknown", "not_understood", None, False)),
    # the whole call
    (301, "text/html", HTML, ("unknown", "http.301", None, False)),
    (400, JSON, b"{}", ("not_sent", "http.400", "request", False)),
    (401, "text/plain", b"The supplied authentication is invalid", ("not_sent", "http.401", "key", False)),
    (403, "text/html", HTML, ("not_sent", "http.403", "key", False)),
    (404, "text/html", HTML, ("not_sent", "http.404", "address", False)),
    (418, "text/html", HTML, ("unknown", "http.418", None, False)),
    (429, "text/plain", b"slow down", ("not_sent", "http.429", None, True)),
    (500, "text/html", HTML, ("unknown", "http.500", None, False)),
    (500, JSON, body(entry(500, **REFUSED)), ("unknown", "http.500", None, False)),
    (502, "text/html", HTML, ("unknown", "http.502", None, False)),
    (503, JSON, body(entry()), ("unknown", "http.503", None, False)),
]


@pytest.mark.parametrize(("status", "media", "content", "meaning"), ANSWERS)
def test_every_answer_has_its_meaning(status: int, media: str, content: bytes, meaning: Any) -> None:
    """F16: nothing is accepted without an id for this very number; what is in no table is unknown."""
    answer = read(Reply(status, media, content), JANE)
    assert (answer.outcome, answer.code, answer.halt, answer.slow_down) == meaning
    assert (answer.provider_id is not None) >= (answer.outcome == "accepted")
    assert answer.http_status == status


SAMPLES = Path(__file__).parent / "samples"
DOCUMENTED = [
    (201, "resp_sms_send_201.json", "+254711000001", ("accepted", "101", False)),
    (201, "resp_sms_send_partial_201.json", "+254711000001", ("accepted", "101", False)),
    (201, "resp_sms_send_partial_201.json", "+25471100", ("rejected", "403", False)),
    (201, "resp_sms_send_partial_201.json", "+254711000002", ("rejected", "406", True)),
    (201, "resp_sms_invalid_sender_201.json", "+254711000001", ("not_sent", "402", False)),
    (409, "resp_sms_dnd_409.json", "+2348000000000", ("rejected", "409", False)),
    (401, "resp_auth_401.txt", "+254711000001", ("not_sent", "http.401", False)),
]


@pytest.mark.parametrize(("status", "sample", "phone", "meaning"), DOCUMENTED)
def test_the_documented_bodies(status: int, sample: str, phone: str, meaning: Any) -> None:
    """The bodies that Africa's Talking documents or was seen to send."""
    media = JSON if sample.endswith(".json") else "text/plain"
    answer = read(Reply(status, media, (SAMPLES / sample).read_bytes()), phone)
    assert (answer.outcome, answer.code, answer.blocked) == meaning


def test_the_sdk_still_has_what_we_override() -> None:
    """All of it is private there: a new version of the SDK must not pass unseen."""
    request = list(inspect.signature(SMSService._make_request).parameters)
    assert request[1:6] == ["url", "method", "headers", "data", "params"]
    assert list(inspect.signature(GatewaySMS._make_request).parameters) == request
    assert "_init_service" in vars(APIService)
    assert SMSService("sandbox", "k")._baseUrl == "https://api.sandbox.africastalking.com/version1"
    assert GatewaySMS("x", "k")._baseUrl == "https://api.africastalking.com/version1"
    assert GatewaySMS("x", "k", "http://127.0.0.1:1/")._baseUrl == "http://127.0.0.1:1/version1"


@pytest.fixture
def provider(make_provider: Callable[..., AfricasTalking], gateway: Gateway) -> AfricasTalking:
    """The provider, speaking to the simulator."""
    return make_provider(gateway.address)


@pytest.fixture
def make_provider(settings: Settings) -> Callable[..., AfricasTalking]:
    """Makes a provider for an address."""

    def make(address: str, seconds: float = LIMIT) -> AfricasTalking:
        return AfricasTalking(replace(settings, at_base_url=address), seconds=seconds)

    return make


FAULTS = [
    ("slow", {"seconds": 30}, "unknown", True),
    ("drip", {"seconds": 0.05}, "unknown", True),
    ("huge", {}, "unknown", True),
    ("headers", {"seconds": 0.01}, "unknown", True),
    ("cut_off", {}, "unknown", True),
    ("store_then_timeout", {}, "unknown", True),
    ("store_then_reset", {}, "unknown", True),
    ("broken", {}, "unknown", True),
    ("missing", {}, "unknown", True),
    ("extra", {}, "accepted", True),
    ("charset", {}, "accepted", True),
    ("html", {}, "unknown", False),
    ("empty", {}, "unknown", False),
    ("no_recipients", {}, "not_sent", False),
    ("status", {"status": 500}, "unknown", False),
    ("status", {"status": 503, "retry_after": 7}, "unknown", False),
    ("status", {"status": 429, "retry_after": 7}, "not_sent", False),
    ("status", {"status": 401}, "not_sent", False),
]


ENDLESS = (
    "slow",
    "drip",
    "store_then_timeout",
)  # what lasts until the deadline; a slow machine has time for the rest


@pytest.mark.parametrize(("kind", "values", "outcome", "stored"), FAULTS)
def test_every_fault_of_the_wire(
    provider: AfricasTalking, gateway: Gateway, kind: str, values: Any, outcome: str, stored: bool
) -> None:
    """F16 to F18 over real sockets: one POST each, cut at the deadline or at 64 KiB."""
    gateway.fault(kind, **values)
    if kind in ENDLESS:
        provider._sms._seconds = 0.6
    answer = provider.send(JANE, "Habari", "22262")
    provider._sms._seconds = LIMIT
    assert answer.outcome == outcome
    assert answer.retry_after == values.get("retry_after")
    assert (answer.code == "no_reply.too large") == (kind == "huge")
    # A simulator that is slower than our patience may still be at it.
    wait_until(lambda: [sending for sending in gateway.sends if sending["answer"]], "the simulator")
    assert [sending["stored"] for sending in gateway.sends] == [stored]
    assert provider.send(JANE, "Habari", "22262").outcome == "accepted"  # the pool is well


def test_a_wrong_key_is_refused(settings: Settings, gateway: Gateway) -> None:
    stranger = AfricasTalking(replace(settings, at_base_url=gateway.address, at_api_key="x" * 20))
    answer = stranger.send(JANE, "Habari", "22262")
    assert (answer.outcome, answer.halt) == ("not_sent", "key")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://nowhere.invalid", "https"])
def test_what_never_left_is_not_sent(
    make_provider: Callable[..., AfricasTalking], gateway: Gateway, address: str
) -> None:
    """F19: refused, no such name, no TLS."""
    address = gateway.address.replace("http", "https") if address == "https" else address
    answer = make_provider(address).send(JANE, "Habari", "22262")
    assert answer.outcome == "not_sent"
    assert gateway.sends == []


@pytest.mark.parametrize(
    "phone", ["+254711000001\n", "0711000001", "+254711000001,+254711000002", "", "22262"]
)
def test_a_bad_number_is_never_posted(provider: AfricasTalking, gateway: Gateway, phone: str) -> None:
    assert provider.send(phone, "Habari", "22262").outcome == "rejected"
    assert gateway.sends == []


class Counting(BaseHTTPRequestHandler):
    """Answers well, or as the class says, and notes each connection and its bytes."""

    protocol_version = "HTTP/1.1"
    ports: list[int] = []
    forms: list[str] = []
    headers_seen: list[dict[str, str]] = []

    def do_POST(self) -> None:
        self.ports.append(self.client_address[1])
        self.headers_seen.append({name.lower(): value for name, value in self.headers.items()})
        self.forms.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        data = body(entry())
        moved = self.path.startswith("/moved")
        self.send_response(307 if moved else 201)
        self.send_header("Location", "/version1/messaging")
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def counting() -> Iterator[tuple[str, type[Counting]]]:
    """A server that notes what comes."""
    handler = type("Fresh", (Counting,), {"ports": [], "forms": [], "headers_seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


def test_a_connection_is_kept_and_the_form_is_the_sdks(
    make_provider: Callable[..., AfricasTalking], counting: tuple[str, type[Counting]], monkeypatch: Any
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    address, seen = counting
    provider = make_provider(address)
    assert [provider.send(JANE, "Habari & asante", "22262").outcome for _ in range(5)] == ["accepted"] * 5
    assert len(set(seen.ports)) == 1
    assert seen.forms[0] == (
        "username=sandbox&to=%2B254711000001&message=Habari+%26+asante&bulkSMSMode=1&from=22262"
    )
    assert seen.headers_seen[0]["apikey"] == "test-key-of-africas-talking"
    assert seen.headers_seen[0]["accept"] == JSON


def test_a_redirect_is_not_followed(
    make_provider: Callable[..., AfricasTalking], counting: tuple[str, type[Counting]]
) -> None:
    address, seen = counting
    answer = make_provider(f"{address}/moved").send(JANE, "Habari", "22262")
    assert (answer.outcome, answer.code) == ("unknown", "http.307")
    assert len(seen.forms) == 1


def test_the_answer_never_shows_an_id_or_a_number() -> None:
    answer = read(Reply(201, JSON, body(entry())), JANE)
    assert answer.provider_id == "ATXid_1"
    assert "ATXid_1" not in repr(answer)
