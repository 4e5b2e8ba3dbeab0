"""The fake Africa's Talking over real HTTP: its own process, and a tiny service at the other end."""

import ast
import contextlib
import http.client
import itertools
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import gsm0338
import pytest
import requests

from simulator.breakage import KINDS
from simulator.septets import BASIC, EXTENSION, measure
from simulator.subscribers import addressable, canonical

ROOT = Path(__file__).resolve().parents[1]
ASHA, BARAKA, CHEBET = "+254711000111", "+254711000222", "+254102000333"
CON = (200, "CON Karibu\n1. Endelea")
Respond = Callable[[str, dict[str, str]], tuple[int, str | bytes]]


class App(ThreadingHTTPServer):
    """The service, as small as can be: notes what is posted and answers as it is told."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), AppHandler)
        self.posts: list[dict[str, Any]] = []
        self.respond: Respond = lambda path, fields: CON if path == "ussd" else (200, "OK")
        self.labels = ""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/at/secret"

    def got(self, path: str, **fields: str) -> list[dict[str, str]]:
        """List the forms posted to a callback that hold these fields."""
        forms = [post["form"] for post in list(self.posts) if post["path"] == path]
        return [form for form in forms if fields.items() <= form.items()]


class AppHandler(BaseHTTPRequestHandler):
    server: App

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        path = self.path.removeprefix("/at/secret/")
        form = dict(parse_qsl(body, keep_blank_values=True))
        self.server.posts.append({"path": path, "form": form, "headers": dict(self.headers), "body": body})
        status, words = self.server.respond(path, form)
        data = words if isinstance(words, bytes) else words.encode()
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(data)))
            if self.server.labels:
                self.send_header("at-ussd-hop-metadata", self.server.labels)
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Simulator:
    """A running simulator and ways to speak to it."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process, self.log = process, log
        assert process.stdout is not None
        word, self.address = process.stdout.readline().split()
        assert word == "simulator"
        self.http = requests.Session()
        self.http.trust_env = False

    @property
    def port(self) -> int:
        return int(self.address.rstrip("/").rpartition(":")[2])

    def get(self, path: str, **query: str) -> Any:
        return self.http.get(self.address + path, params=query, timeout=30).json()

    def post(self, path: str, data: Any, status: int = 200) -> Any:
        answer = self.http.post(self.address + path, json=data, timeout=30)
        assert answer.status_code == status, answer.text
        return answer.json()

    def fault(self, *rules: dict[str, Any]) -> None:
        self.post("faults", list(rules), 201)

    def send(
        self, *phones: str, text: str = "Habari", key: str = "simulator", **more: Any
    ) -> requests.Response:
        """Send as the SDK does."""
        timeout = more.pop("timeout", 30)
        form = {
            "username": "sandbox",
            "to": ",".join(phones),
            "message": text,
            "bulkSMSMode": "1",
            "from": "22262",
        }
        headers = {"apiKey": key, "Accept": "application/json"}
        url = f"{self.address}version1/messaging"
        return self.http.post(url, data=form | more, headers=headers, timeout=timeout)

    def sends(self, phone: str) -> list[dict[str, Any]]:
        return [one for one in self.get("witness")["sends"] if one["phone"] == phone]

    def texts(self, phone: str) -> list[str]:
        return [message["text"] for message in self.get("inbox", phone=phone)]

    def lines(self, kind: str) -> list[dict[str, Any]]:
        whole = self.log.read_text().rpartition("\n")[0]  # the last line may still be being written
        return [line for line in map(json.loads, whole.splitlines()) if line["kind"] == kind]


def until(true: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait for something to become true, and give it."""
    deadline = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)
    return value


@pytest.fixture
def app() -> Iterator[App]:
    server = App()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def start(app: App, tmp_path: Path) -> Iterator[Callable[..., Simulator]]:
    running: list[Simulator] = []

    def begin(*flags: str, service: str = app.base) -> Simulator:
        log = tmp_path / f"witness-{len(running)}.jsonl"
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SIM_APP": service}
        command = [
            sys.executable,
            "-m",
            "simulator",
            "serve",
            "--log",
            str(log),
            "--report-seconds",
            "0.02",
            *flags,
        ]
        process = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        running.append(Simulator(process, log))
        return running[-1]

    yield begin
    for simulator in running:
        simulator.http.close()
        simulator.process.terminate()
        assert simulator.process.wait(60) == 0
        assert simulator.process.stdout is not None
        simulator.process.stdout.close()


@pytest.fixture
def simulator(start: Callable[..., Simulator]) -> Simulator:
    return start()


def recipients(answer: requests.Response) -> list[dict[str, Any]]:
    return list(answer.json()["SMSMessageData"]["Recipients"])


# Sending


@pytest.mark.parametrize("wrong", [{"key": "other"}, {"key": ""}, {"username": "someone"}])
def test_a_stranger_gets_401_in_the_words_of_the_real_gateway(
    simulator: Simulator, wrong: dict[str, str]
) -> None:
    answer = simulator.send(ASHA, **wrong)
    assert (answer.status_code, answer.text) == (401, "The supplied authentication is invalid")
    assert simulator.texts(ASHA) == []
    assert [(one["outcome"], one["answer"]) for one in simulator.sends(ASHA)] == [("not stored", "401")]


def test_an_accepted_message_is_answered_as_on_the_wire(simulator: Simulator) -> None:
    answer = simulator.send(ASHA, text="Habari Asha")
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json")
    data = answer.json()["SMSMessageData"]
    assert data["Message"] == "Sent to 1/1 Total Cost: KES 0.8000"
    [entry] = data["Recipients"]
    assert entry.pop("messageId").startswith("ATXid_")
    assert entry == {"statusCode": 101, "number": ASHA, "status": "Success", "cost": "KES 0.8000"}
    [message] = simulator.get("inbox", phone="0711000111")
    assert (message["text"], message["from"], message["units"], message["segments"]) == (
        "Habari Asha",
        "22262",
        11,
        1,
    )


def test_each_number_gets_its_own_code(start: Callable[..., Simulator]) -> None:
    simulator = start("--blacklist", f"{BARAKA},+254700000001")
    answer = simulator.send(ASHA, "+25471100", BARAKA, text="x" * 161)
    assert answer.json()["SMSMessageData"]["Message"] == "Sent to 1/3 Total Cost: KES 1.6000"
    codes = [(one["statusCode"], one["status"], one["cost"]) for one in recipients(answer)]
    assert codes == [
        (101, "Success", "KES 1.6000"),
        (403, "InvalidPhoneNumber", "0"),
        (406, "UserInBlacklist", "0"),
    ]
    assert [one["messageId"] for one in recipients(answer)][1:] == ["None", "None"]
    assert (len(simulator.texts(ASHA)), simulator.texts(BARAKA)) == (1, [])


def test_an_unknown_sender_sends_nothing(start: Callable[..., Simulator]) -> None:
    simulator = start("--senders", "22262,KNEC")
    answer = simulator.send(ASHA, **{"from": "KNECC"})
    assert (answer.status_code, answer.json()["SMSMessageData"]) == (
        201,
        {"Message": "InvalidSenderId", "Recipients": []},
    )
    assert recipients(simulator.send(ASHA, **{"from": "KNEC"}))[0]["statusCode"] == 101
    assert len(simulator.texts(ASHA)) == 1


@pytest.mark.parametrize(
    "form", [{}, {"to": ASHA}, {"to": f"{ASHA},"}, {"to": ASHA, "from": "x", "enqueue": "1", "extra": "é"}]
)
def test_nothing_unconfirmed_is_enforced(simulator: Simulator, form: dict[str, str]) -> None:
    whole = {"username": "sandbox", **form}
    answer = requests.post(
        f"{simulator.address}version1/messaging", whole, headers={"apiKey": "simulator"}, timeout=30
    )
    assert answer.status_code == 201


def test_a_connection_serves_many_requests(simulator: Simulator) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=30)
    form = urlencode({"username": "sandbox", "to": ASHA, "message": "x"})
    ports = set()
    for _ in range(3):
        connection.request("POST", "/version1/messaging", form, {"apiKey": "simulator"})
        assert connection.getresponse().read()
        ports.add(connection.sock.getsockname()[1])
    connection.close()
    assert (len(ports), len(simulator.texts(ASHA))) == (1, 3)


def test_hundreds_of_connections_are_held_at_once(simulator: Simulator) -> None:
    simulator.fault({"kind": "store_then_timeout", "seconds": 300, "times": 0, "text": "hold"})
    form = urlencode({"username": "sandbox", "to": ASHA, "message": "hold"})
    held = [http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=60) for _ in range(250)]
    for connection in held:
        connection.request("POST", "/version1/messaging", form, {"apiKey": "simulator"})
    until(lambda: simulator.get("count")["stored"] == 250)
    assert simulator.send(BARAKA).status_code == 201
    for connection in held:
        connection.close()


def test_the_sdk_of_the_real_gateway_is_satisfied(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from africastalking.SMS import SMSService

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    sms = SMSService("sandbox", "simulator")
    sms._baseUrl = f"{simulator.address}version1"
    simulator.post("text", {"from": ASHA, "text": "Password"}, 202)
    sent = sms.send("Karibu", [ASHA, BARAKA], "22262")["SMSMessageData"]["Recipients"]
    assert [one["statusCode"] for one in sent] == [101, 101]
    [text] = sms.fetch_messages(0)["SMSMessageData"]["Messages"]
    assert (text["text"], text["from"], text["to"]) == ("Password", ASHA, "22262")
    assert sms.fetch_messages(text["id"])["SMSMessageData"]["Messages"] == []


# Scripted faults

TWO = (ASHA, BARAKA)
SPOILT: dict[str, tuple[dict[str, Any], Callable[[requests.Response], bool], bool]] = {
    "429": (
        {"kind": "status", "status": 429, "retry_after": 7, "body": "slow down"},
        lambda got: (got.status_code, got.headers["Retry-After"], got.text) == (429, "7", "slow down"),
        False,
    ),
    "502": (
        {"kind": "status", "status": 502},
        lambda got: got.status_code == 502 and "<html>" in got.text and "Retry-After" not in got.headers,
        False,
    ),
    "500 stored": ({"kind": "status", "store": True}, lambda got: got.status_code == 500, True),
    "html": ({"kind": "html"}, lambda got: got.status_code == 200 and got.text.startswith("<html>"), False),
    "empty": ({"kind": "empty"}, lambda got: (got.status_code, got.json()) == (200, {}), False),
    "no_recipients": (
        {"kind": "no_recipients"},
        lambda got: got.json()["SMSMessageData"] == {"Message": "InvalidSenderId", "Recipients": []},
        False,
    ),
    "missing": (
        {"kind": "missing"},
        lambda got: [one["number"] for one in recipients(got)] == [BARAKA],
        True,
    ),
    "extra": (
        {"kind": "extra", "number": CHEBET},
        lambda got: [one["number"] for one in recipients(got)] == [CHEBET, ASHA, BARAKA],
        True,
    ),
    "charset": (
        {"kind": "charset"},
        lambda got: (
            got.headers["Content-Type"] == "application/json; charset=utf-8" and len(recipients(got)) == 2
        ),
        True,
    ),
    "broken": ({"kind": "broken"}, lambda got: got.status_code == 201 and not is_json(got.text), True),
    "code": (
        {"kind": "code", "code": 405},
        lambda got: [one["status"] for one in recipients(got)] == ["InsufficientBalance"] * 2,
        False,
    ),
    "code of one": (
        {"kind": "code", "code": 401, "phone": "0711000222"},
        lambda got: (
            [(one["statusCode"], one["messageId"][:4]) for one in recipients(got)]
            == [(101, "ATXi"), (401, "None")]
        ),
        True,
    ),
    "partial": (
        {"kind": "partial", "codes": {BARAKA: 406}},
        lambda got: [one["statusCode"] for one in recipients(got)] == [101, 406],
        True,
    ),
    "slow": ({"kind": "slow", "seconds": 0.05}, lambda got: len(recipients(got)) == 2, True),
    "drip": ({"kind": "drip", "seconds": 0.0001}, lambda got: len(recipients(got)) == 2, True),
}


def is_json(text: str) -> bool:
    with contextlib.suppress(ValueError):
        json.loads(text)
        return True
    return False


@pytest.mark.parametrize("name", SPOILT)
def test_a_fault_spoils_one_answer_and_is_over(simulator: Simulator, name: str) -> None:
    rule, holds, stored = SPOILT[name]
    simulator.fault(rule)
    assert holds(simulator.send(*TWO))
    assert (simulator.texts(ASHA) != []) is stored
    assert [one["stored"] for one in simulator.sends(ASHA)] == [stored]
    again = simulator.send(*TWO)
    assert (again.status_code, [one["statusCode"] for one in recipients(again)]) == (201, [101, 101])


# Patience with what never ends, in seconds; whatever ends by itself has all the time it wants.
SHORT, LONG = 2, 60


@pytest.mark.parametrize(
    ("rule", "error", "patience"),
    [
        ({"kind": "slow", "seconds": 300}, requests.ReadTimeout, SHORT),
        ({"kind": "drip", "seconds": 300}, (requests.ConnectionError, requests.ReadTimeout), SHORT),
        ({"kind": "store_then_timeout", "seconds": 300}, requests.ReadTimeout, SHORT),
        ({"kind": "store_then_timeout", "seconds": 0.05}, requests.ConnectionError, LONG),
        ({"kind": "store_then_reset"}, requests.ConnectionError, LONG),
        ({"kind": "headers", "seconds": 0.001}, requests.ConnectionError, LONG),
        ({"kind": "cut_off"}, requests.exceptions.ChunkedEncodingError, LONG),
    ],
)
def test_a_message_may_be_stored_though_the_answer_is_lost(
    simulator: Simulator, rule: Any, error: Any, patience: float
) -> None:
    simulator.fault(rule)
    with pytest.raises(error):
        simulator.send(ASHA, timeout=patience)
    # A simulator that is slower than our patience may still be at it.
    until(lambda: [one for one in simulator.sends(ASHA) if one["answer"]])
    assert simulator.texts(ASHA) == ["Habari"]
    [sending] = simulator.sends(ASHA)
    assert (sending["stored"], sending["answer"]) == (True, f"201 {rule['kind']}")


def test_a_huge_body_goes_on_until_the_reader_leaves(simulator: Simulator) -> None:
    simulator.fault({"kind": "huge", "bytes": 0})
    with requests.post(
        f"{simulator.address}version1/messaging",
        {"username": "sandbox", "to": ASHA, "message": "x"},
        headers={"apiKey": "simulator"},
        stream=True,
        timeout=30,
    ) as answer:
        assert sum(len(chunk) for chunk in itertools.islice(answer.iter_content(1 << 20), 32)) == 32 << 20
    assert simulator.send(ASHA).status_code == 201


def test_every_kind_of_fault_is_tried_here() -> None:
    source = Path(__file__).read_text()
    assert [kind for kind in KINDS if f'"kind": "{kind}"' not in source] == []


def test_a_rule_matches_and_counts(simulator: Simulator) -> None:
    simulator.fault(
        {"kind": "status", "phone": "0711 000 222", "times": 2},
        {"kind": "empty", "text": "pass", "times": 0},
        {"kind": "html", "from": "KNEC"},
    )
    statuses = [
        simulator.send(phone, text=text).status_code for phone, text in [(ASHA, "a"), *[(BARAKA, "b")] * 3]
    ]
    assert statuses == [201, 500, 500, 201]
    assert [simulator.send(ASHA, text="your password").text for _ in range(3)] == ["{}"] * 3
    assert simulator.send(ASHA, **{"from": "KNEC"}).text.startswith("<html>")
    assert [rule["used"] for rule in simulator.get("faults")] == [2, 3, 1]
    assert simulator.http.delete(f"{simulator.address}faults", timeout=30).json() == []
    assert recipients(simulator.send(ASHA, text="your password"))[0]["statusCode"] == 101


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ({"kind": "slwo"}, "kind must be one of: slow"),
        (
            {"kind": "slow", "secs": 3},
            "slow does not know secs; it knows phone, text, from, times, store, seconds",
        ),
        ({"kind": "slow", "times": -1}, "times must be"),
        (["slow"], "kind must be"),
    ],
)
def test_a_misspelt_rule_is_refused_and_none_of_its_list_holds(
    simulator: Simulator, rule: Any, word: str
) -> None:
    assert word in simulator.post("faults", [{"kind": "empty"}, rule], 400)["error"]
    assert simulator.get("faults") == []


# Delivery reports


def test_a_report_follows_with_the_id_of_the_answer(simulator: Simulator, app: App) -> None:
    [entry] = recipients(simulator.send(ASHA))
    [report] = until(lambda: app.got("delivery"))
    fields = {"status": "Success", "phoneNumber": ASHA, "networkCode": "63902", "retryCount": "0"}
    assert report == {"id": entry["messageId"], **fields}
    until(lambda: simulator.sends(ASHA)[0]["reports"])
    assert simulator.sends(ASHA)[0]["reports"][0]["answer"] == 200


def test_a_report_may_come_before_the_answer(simulator: Simulator, app: App) -> None:
    let_go = threading.Event()
    app.respond = lambda path, fields: (200, "OK") if let_go.wait(60) else (500, "")
    simulator.fault({"kind": "report_early"})
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(simulator.send, ASHA)
        [report] = until(lambda: app.got("delivery"))
        assert not answer.done()
        let_go.set()
        assert recipients(answer.result(60))[0]["messageId"] == report["id"]


@pytest.mark.parametrize("rule", [{"kind": "report_none"}, {"kind": "report_late", "seconds": 3600}])
def test_a_report_may_stay_away(simulator: Simulator, app: App, rule: dict[str, Any]) -> None:
    simulator.fault({**rule, "phone": ASHA})
    simulator.send(ASHA)
    simulator.send(BARAKA)
    until(lambda: app.got("delivery", phoneNumber=BARAKA))
    assert app.got("delivery", phoneNumber=ASHA) == []
    assert simulator.texts(ASHA) == ["Habari"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"kind": "report_late", "seconds": 0.2, "status": "Expired"}, [("Expired", None)]),
        ({"kind": "report_duplicate", "count": 10}, [("Success", None)] * 10),
        ({"kind": "report_shuffle"}, [("Success", None), ("Sent", None), ("Failed", "DeliveryFailure")]),
        (
            {"kind": "report_shuffle", "statuses": ["Failed", "Sent"]},
            [("Failed", "DeliveryFailure"), ("Sent", None)],
        ),
        ({"kind": "report_status", "status": "Foo", "reason": "Bar"}, [("Foo", "Bar")]),
        ({"kind": "report_status", "status": "Rejected"}, [("Rejected", "DeliveryFailure")]),
    ],
)
def test_reports_come_as_planned(simulator: Simulator, app: App, rule: dict[str, Any], expected: Any) -> None:
    simulator.fault(rule)
    [entry] = recipients(simulator.send(ASHA))
    until(lambda: len(app.got("delivery")) == len(expected))
    assert [(one["status"], one.get("failureReason")) for one in app.got("delivery")] == expected
    assert {one["id"] for one in app.got("delivery")} == {entry["messageId"]}


def test_any_form_can_be_posted_to_the_service(simulator: Simulator, app: App) -> None:
    fields = {"id": "ATXid_unknown", "status": "Success"}
    assert simulator.post("callback", {"path": "delivery", "fields": fields})["status"] == 200
    assert app.got("delivery") == [fields]
    simulator.post("callback", {"path": "../delivery", "fields": fields}, 400)
    simulator.post("callback", {"path": "opt-out", "fields": {"senderId": "KNEC", "phoneNumber": ASHA}})
    assert app.got("opt-out") == [{"senderId": "KNEC", "phoneNumber": ASHA}]


# Texts to the short code


def test_a_text_is_posted_again_until_it_is_taken(start: Callable[..., Simulator], app: App) -> None:
    answers = iter([503, 500, 404, 202])
    app.respond = lambda path, fields: (next(answers, 200), "")
    simulator = start("--repost-seconds", "0.05")
    [text] = simulator.post("text", {"from": "0711000111", "text": "Nywila & zaidi"}, 202)
    until(lambda: simulator.get("sent", phone=ASHA)[0]["state"] == "delivered")
    [state] = simulator.get("sent", phone=ASHA)
    assert (state["tries"], state["answers"]) == (5, [503, 500, 404, 202, 200])
    forms = app.got("sms")
    assert forms == [forms[0]] * 5
    assert forms[0] == {
        "text": "Nywila & zaidi",
        "to": "22262",
        "id": text["id"],
        "date": text["date"],
        "from": ASHA,
        "networkCode": "63902",
    }


def test_a_text_waits_a_minute_between_posts(simulator: Simulator, app: App) -> None:
    app.respond = lambda path, fields: (503, "")
    simulator.post("text", {"from": ASHA, "text": "Password"}, 202)
    until(lambda: simulator.get("sent", phone=ASHA)[0]["state"] == "waiting")
    assert len(app.got("sms")) == 1


def test_a_text_may_come_several_times_and_out_of_order(simulator: Simulator, app: App) -> None:
    messages = [
        {"from": ASHA, "text": f"Na. {n}", "id": f"id-{n}", "date": "1970-01-01 00:00:00"} for n in range(4)
    ]
    simulator.post("text", {"messages": messages, "duplicates": 4, "shuffle": True}, 202)
    until(lambda: len(app.got("sms")) == 20)
    assert [len(app.got("sms", id=f"id-{n}", date="1970-01-01 00:00:00")) for n in range(4)] == [5] * 4


@pytest.mark.parametrize("sender", ["MTN", "22262", "+0", ""])
def test_a_text_may_come_from_anyone(simulator: Simulator, app: App, sender: str) -> None:
    simulator.post("text", {"from": sender, "text": "x", "to": "40404", "linkId": "L1"}, 202)
    [form] = until(lambda: app.got("sms"))
    assert (form["from"], form["to"], form["linkId"]) == (sender, "40404", "L1")


def test_a_number_can_be_sent_as_it_is_written(simulator: Simulator, app: App) -> None:
    simulator.post("text", {"from": "254711000111", "text": "x", "raw": True}, 202)
    simulator.post("dial", {"phone": "0711000111", "raw": True})
    assert until(lambda: app.got("sms"))[0]["from"] == "254711000111"
    assert app.got("ussd")[0]["phoneNumber"] == "0711000111"


# USSD


def test_a_hop_has_exactly_the_five_fields(simulator: Simulator, app: App) -> None:
    session = simulator.post("dial", {"phone": "0711 000 111", "network": "63903"})
    for typed in ["1", "", "5*3", "Mary & sons"]:
        session = simulator.post("input", {"session": session["session"], "input": typed})
    texts = ["", "1", "1*", "1**5*3", "1**5*3*Mary & sons"]
    fixed = {
        "phoneNumber": ASHA,
        "serviceCode": "*384*22262#",
        "sessionId": session["session"],
        "networkCode": "63903",
    }
    assert app.got("ussd") == [{**fixed, "text": text} for text in texts]
    assert session["session"].startswith("ATUid_") and len(session["session"]) == 38
    post = app.posts[0]
    assert post["headers"]["User-Agent"] == "at-ussd-api/1.0"
    assert post["headers"]["Content-Type"] == "application/x-www-form-urlencoded"
    assert "phoneNumber=%2B254711000111&serviceCode=%2A384%2A22262%23&text=&" in post["body"]
    assert [hop["text"] for hop in session["hops"]] == texts
    assert (session["state"], session["screen"], session["septets"]) == ("open", "Karibu\n1. Endelea", 21)


@pytest.mark.parametrize(
    ("code", "text"), [("*384*22262*3#", "3"), ("*384*22262*3*1#", "3*1"), ("*384*22262#", "")]
)
def test_the_tail_of_a_code_is_the_first_text(simulator: Simulator, app: App, code: str, text: str) -> None:
    session = simulator.post("dial", {"phone": ASHA, "code": code})
    simulator.post("input", {"session": session["session"], "input": "7"})
    assert [(one["text"], one["serviceCode"]) for one in app.got("ussd")] == [
        (text, "*384*22262#"),
        (f"{text}*7" if text else "7", "*384*22262#"),
    ]


@pytest.mark.parametrize("code", ["*384*22263#", "*384*222621#", "*384*22262*1", "22262"])
def test_a_code_of_someone_else_leads_nowhere(simulator: Simulator, app: App, code: str) -> None:
    simulator.post("dial", {"phone": ASHA, "code": code}, 404)
    assert app.posts == []


def test_the_end_event_tells_the_whole_session(simulator: Simulator, app: App) -> None:
    app.respond = lambda path, fields: (200, "END Asante") if fields.get("text") == "1*2" else CON
    app.labels = "menu"
    session = simulator.post("dial", {"phone": ASHA})
    for typed in ("1", "2"):
        session = simulator.post("input", {"session": session["session"], "input": typed})
    assert (session["state"], session["status"], session["screen"]) == ("ended", "Success", "Asante")
    [event] = until(lambda: app.got("ussd-end"))
    assert int(event.pop("durationInMillis")) >= 0
    assert time.strptime(event.pop("date"), "%Y-%m-%d %H:%M:%S")
    assert event == {
        "sessionId": session["session"],
        "serviceCode": "*384*22262#",
        "networkCode": "63902",
        "phoneNumber": ASHA,
        "status": "Success",
        "cost": "0.00",
        "hopsCount": "3",
        "hopsMetadata": "menu|menu|menu",
        "input": "1*2",
        "lastAppResponse": "END Asante",
        "errorMessage": "",
    }
    assert [post["headers"].get("at-ussd-hop-metadata") for post in app.posts[:3]] == [None, "menu", "menu"]
    assert "ended" in simulator.post("input", {"session": session["session"], "input": "1"}, 409)["error"]


def test_hanging_up_and_dialling_anew_leave_a_session_incomplete(simulator: Simulator, app: App) -> None:
    first = simulator.post("dial", {"phone": ASHA})
    second = simulator.post("dial", {"phone": ASHA})
    assert simulator.post("hangup", {"session": second["session"]})["status"] == "Incomplete"
    until(lambda: len(app.got("ussd-end")) == 2)
    assert {event["sessionId"] for event in app.got("ussd-end", status="Incomplete", errorMessage="")} == {
        first["session"],
        second["session"],
    }
    simulator.post("input", {"session": "ATUid_none", "input": "1"}, 409)


@pytest.mark.parametrize(
    ("flag", "word"),
    [("--idle-seconds", "nothing was keyed for 0.1 s"), ("--session-seconds", "the session lasted 0.1 s")],
)
def test_a_session_ends_when_a_clock_runs_out(
    start: Callable[..., Simulator], app: App, flag: str, word: str
) -> None:
    simulator = start(flag, "0.1")
    session = simulator.post("dial", {"phone": ASHA})
    [event] = until(lambda: app.got("ussd-end"))
    assert (event["sessionId"], event["status"]) == (session["session"], "Incomplete")
    shown = simulator.get("session", id=session["session"])
    assert (shown["state"], shown["error"]) == ("ended", word)


def test_a_hop_may_be_posted_twice_at_once(simulator: Simulator, app: App) -> None:
    both = threading.Barrier(2, timeout=60)  # breaks unless the two posts are under way together
    turns = itertools.count()

    def respond(path: str, fields: dict[str, str]) -> tuple[int, str]:
        if path == "ussd":
            both.wait()
        return (200, f"CON {next(turns)}") if fields.get("text") == "1" else CON

    app.respond = respond
    session = simulator.post("dial", {"phone": ASHA, "duplicate": True})
    assert session["hops"][0]["twin"] == "the same answer"
    assert len(app.got("ussd", text="", sessionId=session["session"])) == 2
    hop = simulator.post("input", {"session": session["session"], "input": "1", "duplicate": True})["hops"][1]
    assert hop["twin"].startswith("another answer: CON ")


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ((404, "CON Karibu"), "HTTP 404"),
        ((500, "END x"), "HTTP 500"),
        ((201, "END x"), "HTTP 201"),
        ((200, ""), "CON or an END"),
        ((200, " CON Karibu"), "CON or an END"),
        ((200, "\ufeffCON Karibu"), "CON or an END"),
        ((200, "Karibu"), "CON or an END"),
        ((200, "CONKaribu"), "CON or an END"),
        ((200, b"CON \xff"), "UnicodeDecodeError"),
        ((200, "CON " + "x" * 70000), "too large"),
    ],
)
def test_a_bad_answer_fails_the_session(
    simulator: Simulator, app: App, answer: tuple[int, str], word: str
) -> None:
    app.respond = lambda path, fields: answer
    session = simulator.post("dial", {"phone": ASHA})
    assert (session["state"], session["status"], session["screen"]) == ("ended", "Failed", "")
    assert word in session["error"]
    [event] = until(lambda: app.got("ussd-end"))
    assert (event["status"], event["lastAppResponse"]) == ("Failed", "")
    assert word in event["errorMessage"]


def test_a_service_that_is_late_or_gone_fails_the_session(start: Callable[..., Simulator], app: App) -> None:
    never = threading.Event()
    app.respond = lambda path, fields: (never.wait(60), CON)[1]
    assert start("--answer-seconds", "0.1").post("dial", {"phone": ASHA})["error"] == "no answer within 0.1 s"
    never.set()
    gone = start(service="http://127.0.0.1:1/at/x").post("dial", {"phone": ASHA})
    assert (gone["status"], "ConnectionRefusedError" in gone["error"]) == ("Failed", True)
    assert "no service is set" in start(service="").post("dial", {"phone": ASHA})["error"]


@pytest.mark.parametrize(
    ("reply", "fits", "septets"),
    [
        ("CON " + "x" * 156, True, 160),
        ("CON " + "x" * 157, False, 161),
        ("CON ng\u2019ombe", False, 11),
        ("END [x]", True, 9),
    ],
)
def test_a_screen_is_measured_with_its_prefix(
    simulator: Simulator, app: App, reply: str, fits: bool, septets: int
) -> None:
    app.respond = lambda path, fields: (200, reply)
    session = simulator.post("dial", {"phone": ASHA})
    assert (session["fits"], session["septets"], session["hops"][0]["reply"]) == (fits, septets, reply)


# The witness, and the house


def test_the_log_can_be_joined_with_the_answers(simulator: Simulator, app: App) -> None:
    simulator.fault({"kind": "store_then_reset", "phone": BARAKA}, {"kind": "status", "phone": CHEBET})
    [entry] = recipients(simulator.send(ASHA))
    with pytest.raises(requests.ConnectionError):
        simulator.send(BARAKA)
    simulator.send(CHEBET)
    until(lambda: len(simulator.lines("callback")) == 2)
    assert [(line["phone"], line["outcome"]) for line in simulator.lines("send")] == [
        (phone, "received") for phone in (ASHA, BARAKA, CHEBET)
    ]
    outcomes = {line["phone"]: line for line in simulator.lines("outcome")}
    assert outcomes[ASHA]["id"] == entry["messageId"]
    assert [(outcomes[phone]["stored"], outcomes[phone]["answer"]) for phone in (BARAKA, CHEBET)] == [
        (True, "201 store_then_reset"),
        (False, "500 status"),
    ]
    reported = {line["fields"]["id"] for line in simulator.lines("callback") if line["path"] == "delivery"}
    assert reported == {outcomes[ASHA]["id"], outcomes[BARAKA]["id"]}
    assert simulator.get("count") == {"sends": 3, "stored": 2, "callbacks": 2}
    assert [one["request"] for one in simulator.get("witness", after="2")["sends"]] == [3]
    assert simulator.log.stat().st_mode & 0o077 == 0


def test_a_reset_begins_anew_but_the_log_stays(simulator: Simulator, app: App) -> None:
    app.respond = lambda path, fields: (503, "")
    simulator.fault({"kind": "slow", "times": 0, "text": "never"})
    simulator.send(ASHA)
    simulator.post("text", {"from": ASHA, "text": "x"}, 202)
    simulator.post("dial", {"phone": ASHA})
    simulator.post("reset", {})
    assert (simulator.texts(ASHA), simulator.get("sent", phone=ASHA), simulator.get("faults")) == ([], [], [])
    assert simulator.get("handset", phone=ASHA)["session"] is None
    assert len(simulator.lines("send")) == 1


def test_pages_of_other_sites_reach_no_phone(simulator: Simulator, app: App) -> None:
    simulator.send(ASHA)
    foreign = simulator.http.get(
        f"{simulator.address}inbox?phone={ASHA}", headers={"Host": "evil.example"}, timeout=30
    )
    assert foreign.status_code == 404
    form = simulator.http.post(f"{simulator.address}dial", data='{"phone": "0711000111"}', timeout=30)
    assert (form.status_code, app.got("ussd")) == (400, [])


def test_a_bad_request_is_answered_in_words(simulator: Simulator) -> None:
    assert simulator.post("dial", {}, 400)["error"] == "'phone' is missing"
    assert simulator.http.get(f"{simulator.address}nowhere", timeout=30).status_code == 404
    assert simulator.get("healthz") == {"ok": True}


def test_a_port_that_is_taken_is_said(simulator: Simulator) -> None:
    command = [sys.executable, "-m", "simulator", "serve", "--port", str(simulator.port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"cannot listen on port {simulator.port}" in done.stderr


def test_the_address_is_noted_in_a_file_while_it_runs(
    start: Callable[..., Simulator], tmp_path: Path
) -> None:
    noted = tmp_path / "run" / "simulator.url"
    simulator = start("--address-file", str(noted))
    assert noted.read_text() == simulator.address
    simulator.process.terminate()
    simulator.process.wait(60)
    assert not noted.exists()


def test_lengths_agree_with_the_published_alphabet() -> None:
    codec = gsm0338.Codec()
    for sign in map(chr, range(0x2100)):
        try:
            septets = len(codec.encode(sign)[0])
        except UnicodeError:
            septets = 0
        known = {True: 1, False: 2 if sign in EXTENSION else 0}[sign in BASIC]
        assert known == septets or sign == "\x1b", hex(ord(sign))


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("", 0, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("a" * 159 + "€", 161, 2),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),
        ("a" * 152 + "€" + "b" * 152, 306, 3),
        ("á" * 70, 70, 1),
        ("á" * 71, 71, 2),
        ("😀" * 35, 70, 1),
        ("😀" * 36, 72, 2),
        ("a" * 66 + "😀" + "b" * 66, 134, 3),
    ],
)
def test_segments_never_split_a_pair(text: str, units: int, segments: int) -> None:
    assert (measure(text).units, measure(text).segments) == (units, segments)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        *(
            (way, ASHA)
            for way in ("0711000111", "711000111", "254711000111", "+254 711-000.111", "00254711000111")
        ),
        *((way, ASHA) for way in ("+2540711000111", "+254 (0) 711 000 111", "000254711000111")),
        ("0102000333", CHEBET),
        *((same, same) for same in ("22262", "MTN", "+447700900123", "0811000111", "+25471100011", "")),
    ],
)
def test_kenyan_numbers_are_written_one_way(written: str, number: str) -> None:
    assert canonical(written) == number


@pytest.mark.parametrize(
    "number", ["+254711000111\n", "0711000111", "+25471100", "+2548110001110", "MTN", "+0", ""]
)
def test_a_bad_recipient_is_not_addressable(number: str) -> None:
    assert addressable(ASHA) and addressable("+447700900123") and not addressable(number)


def test_the_simulator_imports_nothing_of_the_product() -> None:
    allowed = {*sys.stdlib_module_names, "simulator"}
    imported: set[str] = set()
    for module in (ROOT / "simulator").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0 and node.module
                imported.add(node.module)
    assert {name for name in imported if name.partition(".")[0] not in allowed} == set()


def test_the_timetable_does_its_jobs_in_time_and_survives_a_bad_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The clock stands still while the jobs are given out: a slow machine changes nothing of their order."""
    from simulator.timetable import Timetable

    begun, stands = time.monotonic(), threading.Event()
    stands.set()
    clock = lambda: begun if stands.is_set() else time.monotonic()  # noqa: E731
    timetable, done, finished = Timetable(threads=1, clock=clock), [], threading.Event()
    for delay in random.sample([0.02, 0.04, 0.06], 3):
        timetable.after(delay, lambda delay=delay: done.append(delay))
    timetable.after(0.01, lambda: print(1 // 0))
    timetable.after(0.08, finished.set)
    stands.clear()
    assert finished.wait(60)
    assert done == sorted(done)
    assert "ZeroDivisionError" in capsys.readouterr().err
