"""The USSD webhook, exactly as Africa's Talking sends it and as it should never be sent."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import create_environ

from models.accounts import Account
from models.messages import Message
from models.sessions import HopReply, SessionEnd
from tests.fixtures_service import SERVICE_CODE, Handset, register, service_of

WELCOME = "CON KNEC Contracted Professionals (CP2)"
SAMPLES = Path(__file__).parent / "samples"


def count(app: Flask, table: Any) -> int:
    with service_of(app).stores.transaction() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_first_dial_welcomes(mary: Handset) -> None:
    assert mary.dial().startswith(WELCOME)


def test_wrong_secret_is_not_found(app: Flask) -> None:
    for secret in ("wrong", "test-path-secret-of-the-webhook", "%00", "é"):
        assert app.test_client().post(f"/at/{secret}/ussd", data={"text": ""}).status_code == 404


def test_fields_in_any_order(mary: Handset) -> None:
    body = (
        "text=&networkCode=63902&serviceCode=%2A384%2A22262%23&sessionId=ATUid_1&phoneNumber=%2B254712345678"
    )
    assert mary.raw(data=body, content_type="application/x-www-form-urlencoded").startswith(WELCOME)


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("ussd_0*.body")), ids=lambda path: path.name)
def test_captured_bodies_are_answered(mary: Handset, sample: Path) -> None:
    body = mary.raw(data=sample.read_bytes(), content_type="application/x-www-form-urlencoded;charset=UTF-8")
    assert body.startswith("CON ")


def test_first_hop_twice_is_one_session_and_no_input(mary: Handset) -> None:
    """A1: Safaricom posts a session's start twice."""
    first = mary.dial()
    assert mary.post() == first
    assert mary.send("3").startswith("CON About CP2")


def test_repeats_get_the_same_bytes_also_late(mary: Handset) -> None:
    screens = [mary.dial(), mary.send("3"), mary.send("1"), mary.send("0")]
    for n, screen in enumerate(screens):
        assert mary.post(text="*".join(["3", "1", "0"][:n])) == screen
    assert mary.send("0").startswith(WELCOME)


def test_repeat_past_the_end(mary: Handset, app: Flask) -> None:
    """F27: the END again, byte for byte, and one account."""
    last = register(mary)
    assert last.startswith("END ")
    assert mary.post() == last
    assert count(app, Account) == 1
    assert count(app, Message) == 1


def test_commit_hop_twice_at_once(mary: Handset, app: Flask) -> None:
    """A2: two copies of the hop that makes the account, at the same moment."""
    mary.dial()
    mary.send("1", "1")
    mary.sent.append("1")
    copies = [Handset(app, mary.phone, mary.session, [*mary.sent]) for _ in range(6)]
    gate = threading.Barrier(len(copies))

    def post(copy: Handset) -> None:
        gate.wait()
        copy.post()

    threads = [threading.Thread(target=post, args=[copy]) for copy in copies]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert {copy.screen for copy in copies} == {copies[0].screen}
    assert copies[0].screen.startswith("END Your account is ready")
    assert count(app, Account) == 1
    assert count(app, Message) == 1


def test_commit_hop_repeated_after_redis_lost_everything(mary: Handset, app: Flask) -> None:
    last = register(mary)
    service_of(app).stores.redis.flushdb()
    assert mary.post() == last
    assert count(app, Account) == 1


def test_superseded_session_gets_its_reply_or_an_end(mary: Handset, app: Flask) -> None:
    """Late copies of an older session never touch the newer one."""
    old = Handset(app, mary.phone)
    first = old.dial()
    about = old.send("3")
    mary.dial()
    assert old.post(text="") == first
    assert old.post(text="3") == about
    assert old.post(text="3*1").startswith("END This session has ended.")
    assert mary.send("4").startswith("CON Help")


def test_ended_session_does_not_go_on(mary: Handset) -> None:
    register(mary)
    assert mary.send("1").startswith("END This session has ended.")


def test_another_phone_with_the_same_session_id(mary: Handset, wanja: Handset, app: Flask) -> None:
    """F29: it gets a session of its own and nothing of the other's."""
    mary.dial()
    mary.send("1")
    wanja.session = mary.session
    assert "254712345678" not in wanja.post(text="1")
    assert wanja.post(text="1*1").startswith("CON ")
    assert mary.send("1").startswith("CON KNEC keeps")


def test_another_phone_never_gets_the_stored_reply(mary: Handset, wanja: Handset, app: Flask) -> None:
    last = register(mary)
    service_of(app).stores.redis.flushdb()
    wanja.session, wanja.sent = mary.session, mary.sent
    assert wanja.post() != last


@pytest.mark.parametrize(
    "typed", ["", "*", "**", "***1", "#", "1*2*", " ", "9", "+1", "1.0", "1e3", "-1", "01", "x" * 90]
)
def test_odd_input_redraws_the_same_screen(mary: Handset, typed: str) -> None:
    mary.dial()
    mary.send("3")
    assert "1. What it is" in mary.send(typed)
    assert "KNEC's system" in mary.send("1")


@pytest.mark.parametrize("typed", [" 3", "3 ", "3.", "３", "٣", "3#"])
def test_choices_are_forgiven_their_dress(mary: Handset, typed: str) -> None:
    mary.dial()
    assert mary.send(typed).startswith("CON About CP2")


def test_star_inside_input_is_input(mary: Handset) -> None:
    """A3: what somebody types between the gateway's stars stays whole."""
    mary.dial()
    mary.send("2")
    assert "not a Kenyan mobile number" in mary.send("0712*345678")
    assert "Enter the password of 254712000999" in mary.send("0712000999")


def test_skipped_shorter_and_other_transcripts(mary: Handset) -> None:
    """F28: the server's state wins; no step is skipped."""
    mary.dial()
    assert "1. What it is" in mary.post(text="3")
    assert "1. What it is" in mary.post(text="3*1*98*0")
    assert "1. What it is" in mary.post(text="2*2")
    assert "KNEC's system" in mary.post(text="2*2*1")


@pytest.mark.parametrize("tail", ["1", "1*1*1", "99", "*", "1*" * 5000])
def test_text_without_state_is_never_replayed(mary: Handset, app: Flask, tail: str) -> None:
    assert mary.dial(text=tail[:10000]).startswith(WELCOME)
    assert count(app, Account) == 0
    assert mary.post(text=f"{tail[:10000]}*3").startswith("CON About CP2")


def test_named_shortcut_by_text_and_by_service_code(mary: Handset) -> None:
    assert mary.dial(text="411").startswith("CON Help")
    assert mary.dial(serviceCode="*384*22262*411#").startswith("CON Help")


def test_text_missing_is_a_first_dial(mary: Handset) -> None:
    form = {
        "sessionId": "ATUid_x",
        "phoneNumber": mary.phone,
        "serviceCode": SERVICE_CODE,
        "networkCode": "1",
    }
    assert mary.raw(data=form).startswith(WELCOME)


@pytest.mark.parametrize(
    "phone",
    ["0712345678", "254712345678", " 254712345678", "+254 712 345 678", "00254712345678"],
)
def test_spellings_of_one_phone_share_its_session(app: Flask, mary: Handset, phone: str) -> None:
    mary.dial()
    other = Handset(app, phone, mary.session)
    assert other.post(text="3").startswith("CON About CP2")


@pytest.mark.parametrize(
    "phone",
    [
        "",
        "+2547123",
        "+255712345678",
        "22262",
        "+254711XXXYYY",
        "+254712345678,+254712345679",
        "MTN",
        "\x00",
        "+254202222222",
    ],
)
def test_what_is_no_kenyan_mobile_is_told_so(app: Flask, phone: str) -> None:
    assert Handset(app, phone).dial().startswith("END This service is for Kenyan mobile numbers")


@pytest.mark.parametrize(
    "request_",
    [
        {"json": {"sessionId": "x", "phoneNumber": "+254712345678", "text": ""}},
        {"data": b"\xff\xfe%ff%", "content_type": "application/x-www-form-urlencoded"},
        {"data": b""},
        {"data": {"sessionId": "", "phoneNumber": "+254712345678", "text": ""}},
        {"data": {"sessionId": "a b", "phoneNumber": "+254712345678", "text": ""}},
        {"data": {"sessionId": "x" * 4096, "phoneNumber": "+254712345678", "text": ""}},
        {"data": "sessionId=1&phoneNumber=%2B254712345678&phoneNumber=%2B254711000111&text="},
        {"data": "sessionId=1&phoneNumber=%2B254712345678&text=" + "1*" * 10000},
        {"data": "&".join(f"f{n}=1" for n in range(200))},
    ],
)
def test_what_is_no_hop_is_refused_politely(mary: Handset, request_: dict[str, Any]) -> None:
    request_.setdefault("content_type", None if "json" in request_ else "application/x-www-form-urlencoded")
    assert mary.raw(**request_).startswith("END ")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_end_politely(mary: Handset, method: str) -> None:
    assert mary.raw(method=method).startswith("END ")


def test_the_head_of_an_answer_has_its_length_and_no_body(app: Flask) -> None:
    """Asked of the application itself: a client, or a server, would drop what it should not have sent."""
    path = f"/at/{service_of(app).settings.webhook_secrets[0]}/ussd"
    heads: list[Any] = []
    whole, head = (
        b"".join(app(create_environ(path, method=method), lambda *said: heads.append(said)))
        for method in ("GET", "HEAD")
    )
    assert whole.startswith(b"END ") and head == b""
    assert heads[0] == heads[1]
    assert ("Content-Length", str(len(whole))) in heads[1][1]


@pytest.mark.parametrize(
    "typed", ["\x00", "\ufeff", "\u202e", "\u200d", "😀", "ng’ombe", "%s{x}{{7*7}}${y}", "\udcff"]
)
def test_odd_characters_do_no_harm(mary: Handset, typed: str) -> None:
    mary.dial()
    mary.send("2")
    mary.raw(
        data={
            "sessionId": mary.session,
            "phoneNumber": mary.phone,
            "text": f"2*{typed}".encode("utf-8", "replace"),
        }
    )
    assert "Enter the password" in mary.post(text=f"2*{typed.encode('utf-8', 'replace').decode()}*0712000999")


def test_unknown_network_and_service_code_are_no_error(mary: Handset) -> None:
    assert mary.dial(networkCode="00000", serviceCode="*999#").startswith(WELCOME)


def test_end_event_keeps_no_input(mary: Handset, app: Flask) -> None:
    secret = service_of(app).settings.webhook_secrets[0]
    for sample in sorted(SAMPLES.glob("ussd_event_*.body")):
        for _ in range(2):
            answer = app.test_client().post(
                f"/at/{secret}/ussd-end",
                data=sample.read_bytes(),
                content_type="application/x-www-form-urlencoded",
            )
            assert answer.status_code == 200
    with service_of(app).stores.transaction() as db:
        ends = db.scalars(select(SessionEnd)).all()
    assert {end.status for end in ends} == {"Incomplete", "Success", "Failed"}
    assert not any("OpenUSSD" in str(vars(end)) or "1*1*2" in str(vars(end)) for end in ends)


def test_end_event_decides_nothing(mary: Handset, app: Flask) -> None:
    mary.dial()
    mary.send("1")
    form = {"sessionId": mary.session, "phoneNumber": mary.phone, "status": "Failed", "input": "1"}
    app.test_client().post(f"/at/{service_of(app).settings.webhook_secrets[0]}/ussd-end", data=form)
    assert mary.send("1").startswith("CON KNEC keeps")


def test_only_hops_that_write_are_stored(mary: Handset, app: Flask) -> None:
    mary.dial()
    mary.send("3", "1", "0")
    assert count(app, HopReply) == 0
    mary.send("00", "1", "1", "1")
    assert count(app, HopReply) == 1


def test_two_hundred_phones_do_not_cross(handset: Callable[[str], Handset]) -> None:
    """A4: interleaved sessions, each sees its own number."""
    phones = [handset(f"+2547110{n:05}") for n in range(200)]
    for phone in phones:
        phone.dial()
    for phone in phones:
        phone.send("1")
    for phone in phones:
        assert phone.phone.lstrip("+") in phone.screen
