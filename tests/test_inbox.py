"""The callbacks of SMS on the wire: whatever is posted, each SMS once, and 200 unless nothing was kept."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select, text

from models.accounts import Account, Subscriber
from models.messages import Incoming, Message, Report
from operations import accounts
from operations.office import caller, now
from operations.refusals import Refusal
from runtime.stores import open_stores
from sms_gateway.commands.calls import Command, SmsCall
from sms_gateway.commands.table import COMMANDS
from sms_gateway.incoming import read_date
from tests.fixtures_servers import make_settings
from tests.fixtures_sms import ALI, JANE, Texting, Wording, office_for

SAMPLES = sorted((Path(__file__).parent / "samples").glob("sms_inbound_*.body"))


def named(path: Path) -> str:
    """A sample by its file's name."""
    return path.name


@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_a_sample_to_another_code_is_ignored(texting: Texting, sample: Path) -> None:
    assert texting.post("sms", sample.read_bytes()) == 200
    assert texting.states() == ["ignored"] and not texting.all(select(Message))


@pytest.mark.parametrize("sample", SAMPLES, ids=named)
def test_a_sample_to_our_code_is_handled(texting: Texting, sample: Path) -> None:
    body = sample.read_bytes().replace(b"to=28901", b"to=22262").replace(b"to=21512", b"to=22262")
    assert texting.post("sms", body) == 200
    assert texting.states() == ["handled"] and len(texting.all(select(Message))) == 1
    assert texting.rows()[0].sent_at is not None


# -- who is never answered ---------------------------------------------------------------------------

SILENT = {
    "our own short code": {"from": "22262"},
    "our own short code with a plus": {"from": "+22262"},
    "a network's name": {"from": "Safaricom"},
    "MTN": {"from": "MTN"},
    "another short code": {"from": "20076"},
    "a plus and nothing": {"from": "+0"},
    "nobody": {"from": ""},
    "no sender at all": {"from": None},
    "a masked number": {"from": "+254711XXXYYY"},
    "a land line": {"from": "+254202222222"},
    "a Ugandan": {"from": "+256772123456"},
    "a list": {"from": "+254711000111,+254722000222"},
    "to somebody else": {"to": "40404"},
    "to nobody": {"to": None},
    "a NUL and an escape": {"from": "\x00\x1b[31m"},
    "4 kB of sender": {"from": "A" * 4000},
}


@pytest.mark.parametrize("label", SILENT)
def test_is_never_answered(texting: Texting, label: str) -> None:
    assert texting.text("PASSWORD", **{"phone": JANE} | {"from": JANE} | SILENT[label]) == 200
    assert texting.states() == ["ignored"]
    assert not texting.all(select(Message)) and not texting.all(select(Subscriber)) and not texting.rung


def test_our_own_number_is_never_answered_though_a_mobile(
    stores: Any, words: Any, settings: Any, office: Any
) -> None:
    ours = make_settings(settings.database_url, settings.redis_url, settings.data_dir, CP2_SENDER_URGENT=JANE)
    texting = Texting(stores, ours, office, Wording(words, office))
    assert texting.text("HELP", phone=JANE) == 200 == texting.text("HELP", phone="0711 000 111")
    assert texting.states() == ["ignored"] * 2 and not texting.all(select(Message))


ANSWERED = {"+254711000111": JANE, "254711000111": JANE, "0711000111": JANE, "+254711000111\n": JANE}


@pytest.mark.parametrize("sender", ANSWERED, ids=repr)
def test_a_kenyan_mobile_is_answered_in_any_spelling(texting: Texting, sender: str) -> None:
    assert texting.text("HELP", phone=sender) == 200
    assert texting.names(ANSWERED[sender]) == ["sms.help"]


def test_a_plus_that_was_not_escaped_is_forgiven(texting: Texting) -> None:
    assert texting.post("sms", b"id=1&from=+254711000111&to=22262&text=HELP&date=") == 200
    assert texting.names() == ["sms.help"]


# -- strange texts and fields ------------------------------------------------------------------------

TEXTS = {
    "empty": "",
    "missing": None,
    "spaces": "   ",
    "a line break": "\n",
    "1600 characters": "neno " * 320,
    "a NUL": "PASS\x00",
    "GSM-7 extensions": "[]{}€~^\\|",
    "UCS-2": "Habari 😀 ’ “ ”",
    "a formula": "=HYPERLINK(1)",
    "a template": "{x} {{7*7}} %s ${}",
    "SQL": "'; DROP TABLE account; --",
    "a log line": "\r\nlevel=audit",
}


@pytest.mark.parametrize("label", TEXTS)
def test_a_strange_text_is_told_what_works(texting: Texting, label: str) -> None:
    assert texting.text(TEXTS[label]) == 200
    assert texting.states() == ["handled"] and texting.names() == ["sms.unknown_both"]


BODIES = {
    "invalid UTF-8": b"id=7&from=%2B254711000111&to=22262&text=%ff%fe&date=",
    "a lone surrogate": b"id=7&from=%2B254711000111&to=22262&text=%ED%A0%80&date=",
    "raw UTF-8": "id=7&from=%2B254711000111&to=22262&text=Päss&date=".encode(),
    "raw bytes": b"id=7&from=%2B254711000111&to=22262&text=\xff\x80&date=",
}


@pytest.mark.parametrize("label", BODIES)
def test_strange_bytes_are_read(texting: Texting, label: str) -> None:
    assert texting.post("sms", BODIES[label]) == 200
    assert texting.states() == ["handled"]


UNREADABLE = {
    "a field twice": b"id=1&from=%2B254711000111&from=%2B254722000222&to=22262&text=HELP",
    "a field twice, once empty": b"id=1&from=&from=%2B254711000111&to=22262&text=HELP",
    "17 kB": b"id=1&from=%2B254711000111&to=22262&text=" + b"a" * 17_000,
    "50 fields": b"&".join(b"f%d=1" % n for n in range(50)),
}


@pytest.mark.parametrize("label", UNREADABLE)
def test_what_cannot_be_read_gets_200_and_nothing_else(texting: Texting, label: str) -> None:
    with structlog.testing.capture_logs() as logs:
        assert texting.post("sms", UNREADABLE[label]) == 200
    assert not texting.rows() and texting.counted == ["sms_ignored"]
    assert [line["event"] for line in logs] == ["callback_ignored"] and "254711" not in str(logs)


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_another_content_type_is_no_matter(texting: Texting, kind: str) -> None:
    body = b"id=1&from=%2B254711000111&to=22262&text=HELP&date="
    assert texting.post("sms", body, content_type=kind) == 200
    assert texting.names() == ["sms.help"]


@pytest.mark.parametrize("body", [b"", b'{"from": "+254711000111"}', b"--x\r\n\r\n--x--"])
def test_no_form_is_ignored(texting: Texting, body: bytes) -> None:
    assert texting.post("sms", body) == 200
    assert texting.states() == ["ignored"]


DATES = {
    "2017-05-03T06:04:45Z": "2017-05-03 06:04:45+00:00",
    "2017-05-03 06:04:45": "2017-05-03 06:04:45+00:00",
    "2018-03-19T08:34:18.445Z": "2018-03-19 08:34:18.445000+00:00",
    "1970-01-01 00:00:00": "1970-01-01 00:00:00+00:00",
    "2099-12-31 23:59:59": "2099-12-31 23:59:59+00:00",
    "2017-05-03T06:04": "None",
    "03/05/2026": "None",
    "2026-11-21T08:00:00+03:00": "None",
    "2026-02-30 08:00:00": "None",
    "yesterday": "None",
    "": "None",
}


@pytest.mark.parametrize("date", DATES)
def test_a_date_is_read_or_left_out(texting: Texting, date: str) -> None:
    assert str(read_date(date)) == DATES[date]
    assert texting.text("HELP", date=date) == 200
    row = texting.rows()[0]
    assert str(row.sent_at) == DATES[date] and row.state == "handled"
    assert texting.names() == ["sms.help"]  # an odd date keeps nobody from an answer


def test_a_date_is_utc_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Africa/Nairobi")
    time.tzset()
    try:
        assert str(read_date("2017-05-03 06:04:45")) == "2017-05-03 06:04:45+00:00"
    finally:
        monkeypatch.undo()
        time.tzset()


# -- once each ---------------------------------------------------------------------------------------

IDS: dict[str, tuple[list[str | None], int]] = {
    "five times the same": (["a", "a", "a", "a", "a"], 1),
    "another id": (["a", "b"], 2),
    "differing only in case": (["ab", "AB"], 2),
    "none": ([None, None], 1),
    "empty": (["", "  "], 1),
    "300 characters": (["x" * 300, "x" * 300], 1),
    "300 characters, the last another": (["x" * 300, "x" * 299 + "y"], 2),
    "unprintable": (["a\x00b", "a\x00b", "ab"], 2),
}


@pytest.mark.parametrize("label", IDS)
def test_an_sms_is_handled_once(texting: Texting, label: str) -> None:
    ids, acts = IDS[label]
    assert [texting.text("HELP", id=one) for one in ids] == [200] * len(ids)
    assert len(texting.rows()) == acts == len(texting.names())
    assert all(len(row.provider_id) <= 200 for row in texting.rows())


ALTERED = {
    "a later date": {"date": "2026-11-21 09:00:00"},
    "no date": {"date": ""},
    "another text": {"text": "MSAADA"},
    "another phone": {"from": "+254711000222"},
}


@pytest.mark.parametrize("label", ALTERED)
def test_an_id_is_a_repeat_whatever_else_it_says_and_is_counted_apart(texting: Texting, label: str) -> None:
    first = {"from": JANE, "to": "22262", "text": "HELP", "id": "one", "date": "2026-11-21 08:00:00"}
    for form in (first, first, first | ALTERED[label], first):
        assert texting.post("sms", form) == 200
    assert len(texting.rows()) == 1 == len(texting.all(select(Message)))
    assert texting.counted == ["sms_handled", "sms_repeat", "sms_repeat_altered", "sms_repeat"]


DIFFERENT = {"another date": {"date": "2026-11-21 08:00:01"}, "another text": {"text": "MSAADA"}}


@pytest.mark.parametrize("label", DIFFERENT)
def test_without_an_id_the_fields_tell_two_apart(texting: Texting, label: str) -> None:
    for change in ({}, {}, DIFFERENT[label]):
        texting.post(
            "sms", {"from": JANE, "to": "22262", "text": "HELP", "date": "2026-11-21 08:00:00"} | change
        )
    assert len(texting.names()) == 2


def test_nobody_can_claim_a_hashed_id(texting: Texting) -> None:
    texting.text("HELP", id=None)
    stolen = texting.rows()[0].provider_id
    assert stolen.startswith("h:") and texting.text("HELP", phone=ALI, id=stolen) == 200
    assert texting.names(ALI) == ["sms.help"]


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run these in threads that start together: what each answered."""
    barrier, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(n: int) -> None:
        barrier.wait(60)
        answers[n] = works[n]()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_the_same_id_at_the_same_time_is_one_act(texting: Texting) -> None:
    for n in range(5):
        assert at_once(*[lambda n=n: texting.text("HELP", id=f"same-{n}")] * 4) == [200] * 4
    assert texting.names() == ["sms.help"] * 5


def test_the_same_id_from_two_phones_at_the_same_time_is_one_act(texting: Texting) -> None:
    phones = [f"+2547110001{n:02}" for n in range(6)]
    assert at_once(*[lambda p=p: texting.text("HELP", phone=p, id="same") for p in phones]) == [200] * 6
    assert len(texting.rows()) == 1 == len(texting.all(select(Message)))


WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def test_messages_of_one_phone_take_turns(texting: Texting) -> None:
    """The second SMS of a phone waits for the first; that of another phone does not."""
    done: list[str] = []
    others = ThreadPoolExecutor(2)

    def first(call: SmsCall) -> None:
        jane = others.submit(texting.text, "STOP")
        assert others.submit(texting.text, "STOP", ALI).result(60) == 200
        limit = time.monotonic() + 20
        while not call.db.scalar(WAITING) and not jane.done() and time.monotonic() < limit:
            time.sleep(0.01)
        done.append(f"first {call.phone}")

    texting.serve(
        {
            **COMMANDS,
            "HELP": Command(first),
            "STOP": Command(lambda call: done.append(f"second {call.phone}")),
        }
    )
    assert texting.text("HELP") == 200
    others.shutdown()
    assert done == [f"second {ALI}", f"first {JANE}", f"second {JANE}"]


def test_five_at_once_ask_for_one_code(texting: Texting) -> None:
    assert at_once(*[lambda: texting.text("REGISTER")] * 5) == [200] * 5
    assert len({message.details["confirmation"] for message in texting.messages()}) == 1


def test_five_passwords_at_once_are_three(texting: Texting) -> None:
    make_account(texting)
    assert at_once(*[lambda: texting.text("PASSWORD")] * 5) == [200] * 5
    names = texting.names()[1:]
    assert sorted(names) == ["account.one_time_password"] * 3 + ["sms.password_limit"] * 2


def make_account(texting: Texting, phone: str = JANE) -> None:
    """An account for this phone, made by SMS."""
    texting.do(
        lambda db: accounts.create(db, phone, "en", form_id=phone, by=caller(phone, "sms"), now=now(db))
    )


# -- loops -------------------------------------------------------------------------------------------


def test_an_echo_is_answered_19_times_then_never(texting: Texting) -> None:
    with structlog.testing.capture_logs() as logs:
        for _ in range(25):
            assert texting.text("I am driving now: HELP") == 200
    assert texting.states() == ["handled"] * 19 + ["ignored"] * 6
    assert len(texting.names()) <= 19
    assert "sms_ignored_loop" in texting.counted
    assert [line["log_level"] for line in logs if line["event"] == "sms_loop"] == ["error"] * 6


def test_an_echo_with_a_counter_is_silenced_after_30(texting: Texting) -> None:
    for n in range(35):
        texting.text(f"HELP auto reply {n}")
    assert texting.states() == ["handled"] * 30 + ["ignored"] * 5


def test_a_loop_of_one_phone_is_no_matter_to_another(texting: Texting) -> None:
    for _ in range(25):
        texting.text("HELP")
    texting.text("HELP", phone=ALI)
    assert texting.names(ALI) == ["sms.help"]


def test_after_five_quiet_minutes_a_phone_is_answered_again(texting: Texting) -> None:
    for _ in range(21):
        texting.text("HELP")
    texting.do(lambda db: db.execute(text("UPDATE incoming_sms SET received_at = now() - interval '5 min'")))
    texting.text("HELP")
    assert texting.states()[-2:] == ["ignored", "handled"]


def test_strangers_hear_what_works_ten_times_an_hour(texting: Texting) -> None:
    for n in range(15):
        texting.text(f"bei gani {'x' * n}")
    assert len(texting.names()) == 10 and texting.states() == ["handled"] * 15


# -- in the order they were sent ---------------------------------------------------------------------


def opted_out(texting: Texting, phone: str = JANE) -> bool:
    """Whether this line hears no campaigns."""
    return texting.all(select(Subscriber.opted_out_at).where(Subscriber.phone == phone)) not in ([], [None])


def date_of(texting: Texting, minutes: int) -> str:
    """A date so many minutes from now, as Africa's Talking writes it."""
    shift = text("SELECT to_char(now() at time zone 'UTC' + :m * interval '1 min', 'YYYY-MM-DD HH24:MI:SS')")
    return str(texting.do(lambda db: db.scalar(shift, {"m": minutes})))


ORDERS = [
    ([("START", -5), ("STOP", -9)], False),
    ([("STOP", -5), ("START", -9)], True),
    ([("STOP", -9), ("START", -5)], False),
    ([("ACHA", -5), ("ANZA", -9)], True),
    ([("STOP", 60 * 24 * 365), ("START", 0)], False),  # a date nobody believes replaces nothing
    ([("STOP", -5), ("START", -60 * 24 * 365)], False),
]


@pytest.mark.parametrize(("sent", "stopped"), ORDERS)
def test_the_order_sent_last_holds(texting: Texting, sent: list[tuple[str, int]], stopped: bool) -> None:
    for word, minutes in sent:
        assert texting.text(word, date=date_of(texting, minutes)) == 200
    assert opted_out(texting) is stopped


def test_the_language_asked_last_holds(texting: Texting) -> None:
    texting.text("LUGHA SW", date=date_of(texting, -1))
    texting.text("LANG EN", date=date_of(texting, -2))
    assert texting.all(select(Subscriber.lang)) == ["sw"]


# -- faults ------------------------------------------------------------------------------------------

SECRET = "kamau-siri-99"


def write_and(then: Callable[[SmsCall], Any]) -> Command:
    """A command that writes something and then does this."""

    def run(call: SmsCall) -> None:
        call.db.add(Subscriber(phone=ALI, lang="sw"))
        call.db.flush()
        call.reply("sms.help")
        then(call)

    return Command(run)


def fail(fault: Exception) -> Callable[[SmsCall], Any]:
    """Raise this."""

    def run(call: SmsCall) -> None:
        raise fault

    return run


def sql(statement: str) -> Callable[[SmsCall], Any]:
    """Run this."""
    return lambda call: call.db.execute(text(statement))


def raising(code: str) -> str:
    """A statement that PostgreSQL ends with this code."""
    return f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$"


POISON = {
    "a bug": fail(ZeroDivisionError(SECRET)),
    "a missing name": fail(KeyError(SECRET)),
    "SQL that is wrong": sql("SELECT 1/0"),
    "a broken constraint": sql("INSERT INTO account (username, phone) VALUES ('1', 'nobody')"),
    "a statement that takes too long": sql("SET LOCAL statement_timeout = 30; SELECT pg_sleep(5)"),
}


@pytest.mark.parametrize("label", POISON)
def test_a_poison_text_fails_alone_with_an_apology(texting: Texting, label: str) -> None:
    texting.serve({**COMMANDS, "HELP": write_and(POISON[label])})
    with structlog.testing.capture_logs() as logs:
        assert texting.text(f"HELP {SECRET}", id="1") == 200
    row = texting.rows()[0]
    assert row.state == "failed" and row.reference and row.keyword == "HELP"
    assert [words for words, _ in texting.replies()] == ["sms.apology"] and row.reference in texting.last()
    assert not texting.all(select(Subscriber).where(Subscriber.phone == ALI)), "its writes stayed"
    fault = next(line for line in logs if line["event"] == "sms_fault")
    assert fault["reference"] == row.reference and fault["where"] and SECRET not in str(logs)
    assert texting.rung == ["urgent"]


def test_one_apology_in_ten_minutes(texting: Texting) -> None:
    texting.serve({**COMMANDS, "HELP": write_and(POISON["a bug"])})
    for _ in range(3):
        texting.text("HELP")
    texting.text("HELP", phone=ALI)
    assert texting.names() == ["sms.apology"] and texting.names(ALI) == ["sms.apology"]
    assert texting.states() == ["failed"] * 4
    texting.do(lambda db: db.execute(text("UPDATE message SET queued_at = now() - interval '10 min'")))
    texting.text("HELP")
    assert texting.names() == ["sms.apology"] * 2


def test_a_refusal_is_worded_and_undoes_what_was_done(texting: Texting) -> None:
    texting.serve({**COMMANDS, "HELP": write_and(fail(Refusal("phone.too_short")))})
    assert texting.text("MSAADA") == 200
    assert texting.replies() == [("phone.too_short", "Nambari hiyo ni fupi mno.")]
    assert texting.states() == ["handled"] and texting.counted == ["sms_refused"]
    assert not texting.all(select(Subscriber).where(Subscriber.phone == ALI))


OUTAGES = {
    "the server goes down": sql("SELECT pg_terminate_backend(pg_backend_pid())"),
    "the disk is full": sql(raising("53100")),
    "too many connections": sql(raising("53300")),
    "a deadlock": sql(raising("40P01")),
    "an I/O error": sql(raising("58030")),
    "shutting down": sql(raising("57P01")),
}


@pytest.mark.parametrize("label", OUTAGES)
def test_an_outage_gets_503_and_the_next_post_is_handled_once(texting: Texting, label: str) -> None:
    texting.serve({**COMMANDS, "HELP": write_and(OUTAGES[label])})
    assert texting.text("HELP", id="1") == 503
    assert not texting.rows() and not texting.all(select(Message)) and not texting.rung
    texting.serve(COMMANDS)
    assert [texting.text("HELP", id="1") for _ in range(3)] == [200] * 3
    assert texting.states() == ["handled"] and texting.names() == ["sms.help"]


def test_a_database_that_is_down_gets_503_and_nothing_is_lost(
    private_servers: Any, words: Any, tmp_path: Any
) -> None:
    """PostgreSQL killed, all callbacks 503; started again, each SMS is re-posted and handled once."""
    servers = private_servers(durable=True)
    settings = make_settings(servers.database_url, servers.redis_url, tmp_path)
    stores, office = open_stores(settings), office_for(settings)
    texting = Texting(stores, settings, office, Wording(words, office))
    phones = [f"+2547110002{n:02}" for n in range(20)]

    def post_all() -> set[int]:
        return {texting.text("HELP", phone=phone, id=f"sms-{phone}") for phone in phones}

    assert texting.text("HELP", phone=phones[0], id=f"sms-{phones[0]}") == 200
    servers.postgres.kill()
    assert post_all() == {503}
    assert texting.post("opt-out", {"senderId": "22262", "phoneNumber": JANE}) == 503
    servers.postgres.start()
    assert post_all() == {200} == post_all()
    assert sorted(row.phone for row in texting.rows()) == phones
    assert [texting.names(phone) for phone in phones] == [["sms.help"]] * 20
    stores.close()


def test_a_bell_that_fails_changes_nothing(texting: Texting) -> None:
    texting.ring = lambda lane: fail(ConnectionError("no bell"))(None)
    assert texting.text("HELP") == 200
    assert texting.states() == ["handled"] and texting.names() == ["sms.help"]
    assert texting.counted == ["sms_handled"]


def test_the_bell_rings_after_the_commit(texting: Texting) -> None:
    seen: list[int] = []
    texting.ring = lambda lane: seen.append(len(texting.rows()))
    texting.text("HELP")
    assert seen == [1]


# -- what is kept ------------------------------------------------------------------------------------


def test_nothing_of_a_text_is_kept_or_logged(texting: Texting) -> None:
    with structlog.testing.capture_logs() as logs:
        texting.text(f"PASSWORD {SECRET}")
        texting.text(SECRET)
    tables = text("SELECT string_agg(t::text, ' ') FROM incoming_sms t")
    kept = texting.do(lambda db: db.scalar(tables))
    assert "password xxxxxxxxxx999" not in kept and "password xxxxxxxxxxx99" in kept
    for secret in (SECRET, "kamau"):
        assert secret not in kept and secret not in str(logs)
    assert JANE not in str(logs)
    assert [row.shape for row in texting.rows()] == ["password xxxxxxxxxxx99", "xxxxxxxxxxx99"]


def test_the_same_text_has_the_same_hash_under_our_key_only(texting: Texting) -> None:
    for said in ("Habari yako", "HABARI  yako", "Habari zako"):
        texting.text(said)
    first, second, third = (row.shape_hash for row in texting.rows())
    assert first == second != third
    office = office_for(texting.settings)
    assert first == office.derive("incoming text", "habariyako").hex()


def test_what_was_understood_is_kept(texting: Texting) -> None:
    texting.text("pasword", networkCode="63902", date="2026-11-21 08:00:00")
    row = texting.rows()[0]
    assert (row.keyword, row.network, row.to, row.phone) == ("PASSWORD", "63902", "22262", JANE)


# -- the secret path, and the other callbacks --------------------------------------------------------

CALLBACKS = ("sms", "delivery", "opt-out", "voice")


@pytest.mark.parametrize("name", CALLBACKS)
@pytest.mark.parametrize("secret", ["wrong", "test-path-secret-of-the-webhook", "é", "%00", "x" * 4000])
def test_a_wrong_secret_is_not_found(texting: Texting, name: str, secret: str) -> None:
    assert texting.post(name, {"from": JANE, "to": "22262", "text": "HELP"}, secret=secret) == 404
    assert not texting.rows()


@pytest.mark.parametrize("name", CALLBACKS)
def test_only_post_is_answered(texting: Texting, name: str) -> None:
    path = f"/at/{texting.settings.webhook_secrets[0]}/{name}"
    assert texting.app.test_client().get(path).status_code == 405


def test_each_secret_opens_while_one_is_rotated(stores: Any, words: Any, settings: Any, office: Any) -> None:
    both = make_settings(
        settings.database_url,
        settings.redis_url,
        settings.data_dir,
        CP2_WEBHOOK_SECRET="the-old-secret-of-2026,the-new-secret-of-2027",
    )
    texting = Texting(stores, both, office, Wording(words, office))
    form = {"from": JANE, "to": "22262", "text": "HELP", "date": ""}
    for n, secret in enumerate(both.webhook_secrets):
        assert texting.post("sms", form | {"id": str(n)}, secret=secret) == 200
    assert len(texting.rows()) == 2


OPT_OUTS = {
    "our sender": ({"senderId": "22262", "phoneNumber": JANE}, True),
    "another sender": ({"senderId": "MYBRAND", "phoneNumber": JANE}, False),
    "no sender": ({"phoneNumber": JANE}, False),
    "no number": ({"senderId": "22262"}, False),
    "no such number": ({"senderId": "22262", "phoneNumber": "MTN"}, False),
}


@pytest.mark.parametrize("label", OPT_OUTS)
def test_an_opt_out_is_mirrored_once(texting: Texting, label: str) -> None:
    form, stopped = OPT_OUTS[label]
    assert [texting.post("opt-out", form) for _ in range(2)] == [200, 200]
    assert opted_out(texting) is stopped
    assert not texting.all(select(Message))


def test_an_opt_out_of_the_bulk_sender_leaves_the_urgent_one(
    stores: Any, words: Any, settings: Any, office: Any
) -> None:
    """Two senders: campaigns stop, and nothing says that passwords will not come."""
    two = make_settings(
        settings.database_url, settings.redis_url, settings.data_dir, CP2_SENDER_BULK="KNEC-News"
    )
    texting = Texting(stores, two, office, Wording(words, office))
    texting.post("opt-out", {"senderId": "knec-news", "phoneNumber": JANE})
    assert opted_out(texting) and texting.all(select(Subscriber.blocked_at)) == [None]
    texting.post("opt-out", {"senderId": "22262", "phoneNumber": JANE})
    assert texting.all(select(Subscriber.blocked_at)) != [None]


def test_a_second_opt_out_keeps_the_first_moment(texting: Texting) -> None:
    moments = []
    for _ in range(2):
        texting.post("opt-out", {"senderId": "22262", "phoneNumber": JANE})
        moments += texting.all(select(Subscriber.opted_out_at))
    assert moments[0] == moments[1] is not None


REPORTS = sorted((Path(__file__).parent / "samples").glob("sms_dlr_*.body"))


@pytest.mark.parametrize("sample", REPORTS, ids=named)
def test_a_delivery_report_is_kept_once(texting: Texting, sample: Path) -> None:
    assert [texting.post("delivery", sample.read_bytes()) for _ in range(2)] == [200, 200]
    assert len(texting.all(select(Report))) == 1


STRANGE = [
    b"",
    b"id=&status=",
    b"status=Success",
    b"id=1&status=Borked&x=1",
    b"id=1&id=2&status=Sent",
    b"id=%00&status=%ff",
]


@pytest.mark.parametrize("body", STRANGE)
def test_a_strange_report_gets_200(texting: Texting, body: bytes) -> None:
    assert texting.post("delivery", body) == 200


def test_a_call_is_told_where_to_turn(texting: Texting) -> None:
    form = {"isActive": "1", "sessionId": "ATVId_1", "direction": "Inbound", "callerNumber": JANE}
    path = f"/at/{texting.settings.webhook_secrets[0]}/voice"
    answer = texting.app.test_client().post(path, data=form)
    assert answer.status_code == 200 and answer.mimetype == "application/xml"
    assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?><Response><Say>Thank you')
    assert answer.text.endswith("</Say></Response>")
    end = texting.app.test_client().post(path, data=form | {"isActive": "0"})
    assert (end.status_code, end.text) == (200, "")


def test_counts_say_what_became_of_each(texting: Texting) -> None:
    for fields in ({"id": "1"}, {"id": "1"}, {"id": "2", "to": "1"}, {"id": "3", "from": "MTN"}):
        texting.text("HELP", **fields)
    assert texting.counted == ["sms_handled", "sms_repeat", "sms_ignored_not_ours", "sms_ignored_no_mobile"]


def test_nothing_is_half_done(texting: Texting) -> None:
    """Every row that was kept says what became of it."""
    for said in ("REGISTER", "HELP", "x", ""):
        texting.text(said)
    states = texting.all(select(Incoming.state).group_by(Incoming.state).order_by(func.count()))
    assert states == ["handled"] and not texting.all(select(Account))
