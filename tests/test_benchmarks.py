"""The benchmarks: what they write, clients that may be believed, witnesses that see, and nothing left behind.

Nothing here asserts how fast anything is.
"""

import inspect
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import urllib3

from benchmarks import figure, handset, ledger, load
from benchmarks.__main__ import options, read
from benchmarks.benches import BENCHES
from benchmarks.client import Job, Tally
from benchmarks.figure import Figure, Wrong
from benchmarks.floor import create_app
from benchmarks.handset import Dialogue
from benchmarks.provider import FAULTS, GOOD, Book, Conduct
from runtime.plan import ROOT
from runtime.reach import status
from runtime.settings import Settings
from sms_gateway.providers.africastalking import AfricasTalking
from tests.fixtures_servers import make_settings
from tests.processes import await_end, identities, own_port, wait_until

NAMES = (
    *("reading", "account", "sending", "urgent", "documents", "attendance", "payroll"),
    *("start", "signing", "footprint", "kills"),
)
DIALOGUE = Dialogue(("3", "1"), ("CON", "CON", "END"))
SCREENS = {"": "CON Welcome", "3": "CON About", "3*1": "END A page"}
CLIENTS = [
    "own",
    pytest.param("wrk", marks=pytest.mark.skipif(not shutil.which("wrk"), reason="there is no wrk here")),
]
SECONDS = {"own": 60.0, "wrk": 2.0}


# -- names and figures ---------------------------------------------------------------------------------


def test_every_figure_has_its_name_and_its_options_are_real() -> None:
    assert tuple(BENCHES) == NAMES
    for bench in BENCHES.values():
        known = inspect.signature(bench.measure).parameters
        assert set(bench.quick) <= set(known)
        assert all(type(one.default) in (int, float, str) for one in known.values())


def test_a_name_and_options_are_read() -> None:
    given = read(["reading", "--quick", "rounds=2", "seconds=1", "client=own"])
    assert (given.names, given.quick) == (["reading"], True)
    assert given.values == {"rounds": 2, "seconds": 1.0, "client": "own"}
    assert read([]).names == list(NAMES)


@pytest.mark.parametrize("arguments", [["nothing"], ["reading", "speed=9"], ["reading", "rounds=few"]])
def test_what_makes_no_sense_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        read(arguments)
    assert refused.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_an_option_that_is_unknown_is_named() -> None:
    with pytest.raises(ValueError, match="speed is none of: rounds"):
        options(BENCHES["reading"], ["speed=9"])


def test_figures_are_kept_as_a_list_of_plain_values(tmp_path: Path) -> None:
    pairs = [(70.0, 100.0), (90.0, 100.0), (40.0, 50.0)]
    figures = [*figure.paired("reading", "hops/s", pairs, "the floor"), Figure("urgent.p50", 0.25, "s")]
    figure.keep(figures, tmp_path / "new" / "bench.json")
    assert json.loads((tmp_path / "new" / "bench.json").read_text()) == [
        {"name": "reading", "value": 70.0, "unit": "hops/s", "against": 100.0, "ratio": 0.8},
        {"name": "urgent.p50", "value": 0.25, "unit": "s", "against": None, "ratio": None},
    ]
    assert [entry.name for entry in tmp_path.joinpath("new").iterdir()] == ["bench.json"]


def test_the_table_shows_every_figure() -> None:
    shown = figure.table(
        [Figure("reading", 2345.6, "hops/s", 3000.0, 0.78187, "the floor"), Figure("start", 4, "s")]
    )
    assert [line.split() for line in shown.splitlines()] == [
        ["figure", "value", "unit", "against", "ratio"],
        ["reading", "2,346", "hops/s", "3,000", "0.782", "the", "floor"],
        ["start", "4", "s"],
    ]


# -- the load clients ----------------------------------------------------------------------------------


class Desk(ThreadingHTTPServer):
    """A tiny server that answers hops from a table, and remembers what it was asked."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, screen: Callable[[dict[str, str]], tuple[int, str]]) -> None:
        self.screen = screen
        self.sessions: dict[str, list[str]] = defaultdict(list)
        self.phones: dict[str, set[str]] = defaultdict(set)
        super().__init__(("127.0.0.1", 0), Clerk)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/ussd"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that leave, or of a clerk that was told to hang up."""


class Clerk(BaseHTTPRequestHandler):
    """One connection of the desk."""

    protocol_version = "HTTP/1.1"
    server: Desk

    def do_POST(self) -> None:
        form = dict(
            parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
        )
        self.server.sessions[form["sessionId"]].append(form["text"])
        self.server.phones[form["phoneNumber"]].add(form["sessionId"])
        code, words = self.server.screen(form)
        self.send_response(code)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        # In two pieces: an answer may come in as many as it likes.
        self.wfile.write(words[:3].encode())
        self.wfile.flush()
        self.wfile.write(words[3:].encode())

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def open_desk() -> Iterator[Callable[..., Desk]]:
    """Opens a desk that answers by a function, or by the table."""
    opened: list[Desk] = []

    def start(screen: Callable[[dict[str, str]], tuple[int, str]] | None = None) -> Desk:
        desk = Desk(screen or (lambda form: (200, SCREENS[form["text"]])))
        opened.append(desk)
        threading.Thread(target=desk.serve_forever, args=(0.02,), daemon=True).start()
        return desk

    yield start
    for desk in opened:
        desk.shutdown()
        desk.server_close()


def job_for(desk: Desk, connections: int = 4, seconds: float = 60.0, sessions: int = 25) -> Job:
    """So many sessions for our own client, which then is done; wrk plays for all of the time."""
    side = load.Side(desk.address, DIALOGUE, tuple(SCREENS.values()))
    return side.job(7_000_000, connections, seconds, sessions)


def test_so_many_sessions_are_played_to_their_ends_and_no_more(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    tally = load.play(job_for(desk, 4, 60.0, 25), "own")
    assert (tally.sessions, tally.hops, tally.wrong) == (25, 75, 0)
    assert 0 < tally.p50_ms <= tally.p99_ms
    assert tally.rate > 0
    assert list(desk.sessions.values()) == [["", "3", "3*1"]] * 25
    assert set(desk.phones) == {f"+2547{7_000_000 + n:08d}" for n in range(25)}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_plays_each_phone_hop_by_hop(open_desk: Callable[..., Desk], client: str) -> None:
    desk = open_desk()
    tally = load.play(job_for(desk, seconds=SECONDS[client]), client)
    assert tally.hops >= 3
    assert all(["", "3", "3*1"][: len(texts)] == texts for texts in desk.sessions.values())
    assert {len(sessions) for sessions in desk.phones.values()} == {1}
    whole = sum(len(texts) == 3 for texts in desk.sessions.values())
    heard = tally.sessions
    # wrk leaves with answers under way, one a connection; ours stays for them.
    assert whole - (4 if client == "wrk" else 0) <= heard <= whole
    assert all(phone.startswith("+2547") and len(phone) == 13 for phone in desk.phones)


WRONG: dict[str, Callable[[dict[str, str]], tuple[int, str]]] = {
    "another screen": lambda form: (200, SCREENS[form["text"]].replace("A page", "Sorry")),
    "another hop's screen": lambda form: (200, "CON Welcome"),
    "a status": lambda form: (500 if form["text"] == "3" else 200, SCREENS[form["text"]]),
    "an end too soon": lambda form: (200, SCREENS[form["text"]].replace("CON About", "END About")),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_answer_is_never_a_hop(open_desk: Callable[..., Desk], client: str, kind: str) -> None:
    with pytest.raises(Wrong, match=r"wrong answers .* such as: hop [12]: (200|500) "):
        load.play(job_for(open_desk(WRONG[kind]), seconds=SECONDS[client]), client)


def test_a_server_that_hangs_up_is_noticed(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(lambda form: (_ for _ in ()).throw(ConnectionAbortedError))
    with pytest.raises(Wrong, match="hung up"):
        load.play(job_for(desk, 2), "own")


def test_the_client_is_the_one_asked_for_else_wrk_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load.chosen("own") == "own"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert load.chosen("") == "own"
    with pytest.raises(Wrong):
        load.chosen("siege")


def test_screens_are_learned_without_what_differs_from_phone_to_phone(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(lambda form: (200, f"{SCREENS[form['text']]}: {form['phoneNumber']}"))
    screens = handset.learn(desk.address, DIALOGUE, ["+254700000001", "+254711000002"])
    assert screens == ("CON Welcome: +2547", "CON About: +2547", "END A page: +2547")


def test_a_dialogue_that_goes_astray_is_not_learned(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(lambda form: (200, "END Sorry, please dial again"))
    with pytest.raises(Wrong, match="went astray"):
        handset.learn(desk.address, DIALOGUE, ["+254700000001"])


def test_no_phone_is_dialled_from_twice() -> None:
    numbers = load.Numbers()
    blocks = [numbers.block() for _ in range(150)]
    assert all(later - earlier == load.BLOCK for earlier, later in itertools.pairwise(blocks))
    assert blocks[-1] + load.BLOCK < 90_000_000  # behind it live people of other figures


def test_the_floor_loads_and_saves_one_value(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOOR_REDIS", redis_url)
    floor = create_app().test_client()
    form = {"sessionId": "ATUid_1", "phoneNumber": "+254700000001"}
    said = [floor.post("/ussd", data={**form, "text": text}).text for text in ("", "3", "3*1*0*0")]
    assert said == ["CON hello 0", "CON hello 127", "END hello 128"]


# -- the provider and the ledger -----------------------------------------------------------------------


@pytest.fixture
def loopback(tmp_path: Path) -> Iterator[str]:
    """The provider in its own process."""
    address = f"http://127.0.0.1:{(port := own_port())}"
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.provider", str(port)], cwd=ROOT)
    wait_until(lambda: status(f"{address}/log") == 200, "the provider")
    yield address
    process.kill()
    process.wait()


def test_the_product_can_send_by_the_provider_which_counts_it(loopback: str, settings: Settings) -> None:
    gateway = AfricasTalking(with_provider(settings, loopback))
    for phone in ("+254700000001", "+254700000002", "+254700000001"):
        assert gateway.send(phone, "Habari", "22262").outcome == "accepted"
    seen = urllib3.request("GET", f"{loopback}/log").json()
    assert seen["posts"] == seen["taken"] == {"+254700000001": 2, "+254700000002": 1}
    urllib3.request("POST", f"{loopback}/reset", json={"latency": 0.0, "faults": 1.0, "seed": 5})
    assert urllib3.request("GET", f"{loopback}/log").json() == {"posts": {}, "taken": {}}


def test_each_fault_is_met_and_understood_as_what_it_is(loopback: str, settings: Settings) -> None:
    """A fault's outcome for the product must fit what the provider really did."""
    gateway = AfricasTalking(with_provider(settings, loopback), seconds=1.0)
    urllib3.request("POST", f"{loopback}/reset", json={"latency": 0.0, "faults": 1.0, "seed": 5})
    phones = [f"+2547{n:08d}" for n in range(24)]
    outcomes = {phone: gateway.send(phone, "Habari", "22262").outcome for phone in phones}
    taken = urllib3.request("GET", f"{loopback}/log").json()["taken"]
    assert set(outcomes.values()) == {"unknown", "not_sent", "rejected"}
    assert {outcome for phone, outcome in outcomes.items() if phone in taken} == {"unknown"}


def with_provider(settings: Settings, address: str) -> Settings:
    return make_settings(
        settings.database_url, settings.redis_url, settings.data_dir, CP2_AT_BASE_URL=address
    )


def test_faults_are_as_many_as_asked_for_and_the_same_for_a_seed() -> None:
    def drawn(faults: float) -> list[Conduct]:
        book = Book()
        book.reset(latency=0.0, faults=faults, seed=7)
        return [book.conduct() for _ in range(4000)]

    assert drawn(0.05) == drawn(0.05)
    assert 120 < sum(one is not GOOD for one in drawn(0.05)) < 280
    assert set(drawn(1.0)) == set(FAULTS)
    assert set(drawn(0.0)) == {GOOD}


LEDGERS = [
    # class, state, copies the provider took; what the ledger must say of it
    ("campaign", "accepted", 1, {}),
    ("campaign", "accepted", 2, {"duplicates": 1}),
    ("campaign", "accepted", 0, {"untrue": 1}),
    ("reply", "failed", 0, {}),
    ("reply", "failed", 1, {"untrue": 1}),
    ("reply", "dead", 0, {"dead": 1}),
    ("reply", "unknown", 0, {}),
    ("reply", "unknown", 2, {"duplicates": 1}),
    ("code", "accepted", 2, {"twins": 1}),
    ("code", "unknown", 2, {"twins": 1}),
    ("code", "delivered", 3, {"duplicates": 1}),
]


@pytest.mark.parametrize(("klass", "state", "copies", "wanted"), LEDGERS)
def test_the_ledger_believes_the_witness(klass: str, state: str, copies: int, wanted: dict[str, int]) -> None:
    closed = ledger.close([(klass, "+254700000001", state)], {"+254700000001": copies})
    counts = {name: count for name, count in vars(closed).items() if name != "columns" and count}
    assert counts == wanted
    assert closed.columns == {ledger.COLUMNS[state]: 1}


def test_what_is_left_lying_is_open_and_ledgers_add_up() -> None:
    rows = [("code", f"+25470000000{n}", state) for n, state in enumerate(("ready", "leased", "accepted"))]
    one = ledger.close(rows, {"+254700000002": 1})
    assert one.columns == {"open": 2, "accepted": 1}
    assert (one + one).columns == {"open": 4, "accepted": 2}
    assert (one + one).all == 6


# -- whole figures -------------------------------------------------------------------------------------


def start_benchmarks(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """The benchmarks in a process of their own, their temporary folders below this one."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CP2_")}
    # A socket's path is short, so the folder stands in the system's own temporary folder.
    own |= {"CP2_DATA_DIR": str(folder / "var"), "TMPDIR": str(folder)}
    program = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.Popen(
        program, cwd=ROOT, env=own, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


@pytest.fixture
def short_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="b-") as folder:
        yield Path(folder)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_account_figure_is_measured_and_kept(short_folder: Path) -> None:
    for _ in range(2):  # a busy machine may tell one of the phones to dial again: then no figure is kept
        process = start_benchmarks(
            short_folder, "account", "rounds=1", "seconds=1", "connections=2", "client=own", "proof=3"
        )
        said, _ = process.communicate(timeout=140)
        if "cannot serve you" not in said and "gave no answer" not in said:
            break
    assert process.returncode == 0, said
    kept = json.loads((short_folder / "var" / "bench.json").read_text())
    assert [one["name"] for one in kept] == ["account", "account.whole", "account.tail", "account.p99"]
    assert set(kept[0]) == {"name", "value", "unit", "against", "ratio"}
    assert kept[0]["ratio"] == pytest.approx(kept[0]["value"] / kept[0]["against"], abs=0.01)
    assert "the floor, by own" in said
    assert [entry.name for entry in short_folder.iterdir()] == ["var"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_stop_leaves_no_process_and_no_folder(short_folder: Path) -> None:
    process = start_benchmarks(short_folder, "reading", "rounds=9", "client=own")
    family: dict[int, str] = {}

    def measuring() -> bool:
        family.update(identities(process.pid))
        return bool(list(short_folder.glob("cp2-b-*/log/floor.log"))) or process.poll() is not None

    wait_until(measuring, "the floor")
    assert process.poll() is None, process.communicate()[0]
    family.update(identities(process.pid))
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=90)
    assert process.returncode == 130, said
    assert len(family) > 3
    await_end(family)
    assert not list(short_folder.glob("cp2-b-*"))


def test_a_tally_has_a_rate() -> None:
    assert Tally(hops=30, seconds=1.5).rate == 20.0
