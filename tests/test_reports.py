"""Delivery reports: any order, any number of times, early, late, forged, unheard of."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations import office, subscribers
from sms_gateway import reports
from sms_gateway.outbox import Landed, claim, fence, settle
from sms_gateway.providers.answers import Answer
from tests.fixtures_outbox import Gateway, Outbox

SAMPLES = Path(__file__).parent / "samples"
numbers = itertools.count(1)


@pytest.fixture
def accepted(outbox: Outbox) -> Callable[[], tuple[str, str]]:
    """Makes a message that was accepted: its phone and its provider's id."""

    def make() -> tuple[str, str]:
        first = next(numbers)
        (phone,) = outbox.queue(1, "notice", first=first)
        outbox.sql(
            "UPDATE message SET state = 'accepted', provider_id = :id WHERE phone = :phone",
            id=f"ATXid_{first}",
            phone=phone,
        )
        return phone, f"ATXid_{first}"

    return make


def test_success_then_a_late_buffered(outbox: Outbox, accepted: Callable[[], tuple[str, str]]) -> None:
    """A12."""
    phone, provider_id = accepted()
    assert outbox.report(provider_id, "Success") == "applied"
    assert outbox.report(provider_id, "Buffered") == "applied"
    assert outbox.report(provider_id, "Foo") == "applied"
    assert [outbox.report(provider_id, "Success") for _ in range(3)] == ["repeat"] * 3
    row = outbox.row(phone)
    assert (row.state, row.provider_status, row.failure) == ("delivered", "Success", None)
    kept = outbox.sql("SELECT status FROM report ORDER BY id")
    assert kept == [("Success",), ("Buffered",), ("Foo",)]


@pytest.mark.parametrize("order", list(itertools.permutations(["Success", "Sent", "Failed", "Foo"])))
def test_every_order_ends_the_same(
    outbox: Outbox, accepted: Callable[[], tuple[str, str]], order: tuple[str, ...]
) -> None:
    """F21: each of them ten times, in every order."""
    phone, provider_id = accepted()
    for status in order * 10:
        outbox.report(provider_id, status, phoneNumber=phone, failureReason="DeliveryFailure")
    row = outbox.row(phone)
    assert (row.state, row.failure) == ("delivered", None)
    assert len(outbox.sql("SELECT * FROM report WHERE provider_id = :id", id=provider_id)) == 4


STATUSES = ["Success", "Sent", "Submitted", "Buffered", "Failed", "Rejected", "AbsentSubscriber", "Expired"]


def model(statuses: list[str]) -> str:
    """Where these must lead, whatever their order."""
    meanings = {reports.MEANING.get(status.casefold()) for status in statuses}
    ranks = ["delivered", "failed", "sent"]
    return next((state for state in ranks if state in meanings), "accepted")


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from([*STATUSES, "Foo", "success", "FAILED"]), max_size=8), st.integers(0, 8))
def test_any_stream_ends_as_the_model_says(
    outbox: Outbox, accepted: Callable[[], tuple[str, str]], statuses: list[str], known_after: int
) -> None:
    """Some come before the id is known, some after; a pure model of ten lines says where it ends."""
    phone, provider_id = accepted()
    outbox.sql("UPDATE message SET provider_id = NULL WHERE phone = :phone", phone=phone)
    for status in statuses[:known_after]:
        assert outbox.report(provider_id, status) in ("parked", "repeat")
    outbox.sql("UPDATE message SET provider_id = :id WHERE phone = :phone", id=provider_id, phone=phone)
    for status in statuses[known_after:]:
        outbox.report(provider_id, status)
    with outbox.stores.transaction() as db:
        reports.rematch(db, now=office.now(db))
    assert outbox.row(phone).state == model(statuses)
    assert outbox.sql("SELECT * FROM report WHERE applied_at IS NULL") == []


TRANSITIONS = [
    ("accepted", "Sent", "sent"),
    ("accepted", "Failed", "failed"),
    ("accepted", "Success", "delivered"),
    ("sent", "Submitted", "sent"),
    ("sent", "Expired", "failed"),
    ("failed", "Sent", "failed"),
    ("failed", "Rejected", "failed"),
    ("failed", "Success", "delivered"),
    ("delivered", "Failed", "delivered"),
    ("delivered", "Sent", "delivered"),
    ("unknown", "Sent", "sent"),
    ("unknown", "AbsentSubscriber", "failed"),
    ("unknown", "SUCCESS", "delivered"),
    ("unknown", "Foo", "unknown"),
    ("ready", "Failed", "ready"),  # a twin that waits is not stopped by its failed copy
    ("ready", "Success", "delivered"),
    ("posting", "Sent", "posting"),
    ("expired", "Success", "delivered"),
]


@pytest.mark.parametrize(("before", "status", "after"), TRANSITIONS)
def test_states_only_rise(
    outbox: Outbox, accepted: Callable[[], tuple[str, str]], before: str, status: str, after: str
) -> None:
    phone, provider_id = accepted()
    outbox.sql("UPDATE message SET state = :state WHERE phone = :phone", state=before, phone=phone)
    assert outbox.report(provider_id, status) == "applied"
    assert outbox.row(phone).state == after


@pytest.mark.parametrize(
    ("sample", "state", "failure"),
    [
        ("sms_dlr_success.prodtest.body", "delivered", None),
        ("sms_dlr_success_full.synthetic.body", "delivered", None),
        ("sms_dlr_expired.prodtest.body", "failed", "Expired"),
        ("sms_dlr_failed.captured.body", "failed", "DeliveryFailure"),
        ("sms_dlr_absent.synthetic.body", "failed", "AbsentSubscriber"),
        ("sms_dlr_rejected_blacklist.synthetic.body", "failed", "UserInBlackList"),
    ],
)
def test_the_documented_reports(outbox: Outbox, sample: str, state: str, failure: str | None) -> None:
    form = dict(parse_qsl((SAMPLES / sample).read_text()))
    outbox.queue(1)
    phone = form.get("phoneNumber", "+254700000000")
    outbox.sql(
        "UPDATE message SET state = 'accepted', provider_id = :id, phone = :phone", id=form["id"], phone=phone
    )
    with outbox.stores.transaction() as db:
        subscribers.meet(db, phone, "en")
        assert reports.receive(db, form, now=office.now(db)) == "applied"
    row = outbox.row(phone)
    assert (row.state, row.failure) == (state, failure)
    blocked = outbox.sql("SELECT blocked_at IS NOT NULL FROM subscriber")
    assert blocked == [(failure == "UserInBlackList",)]


def test_a_report_that_comes_before_our_own_record(outbox: Outbox) -> None:
    """F20: parked, then applied in the commit that learns the id."""
    (phone,) = outbox.queue(1)
    with outbox.stores.transaction() as db:
        (claimed,) = claim(db, "urgent", 1, classes=["code"], lease=30)
        fence(db, [(claimed, 1)], worker="w", lease=30)
    assert outbox.report("ATXid_early", phoneNumber=phone) == "parked"
    assert outbox.row(phone).state == "posting"
    with outbox.stores.transaction() as db:
        answer = Answer("accepted", "101", 201, "ATXid_early")
        settle(db, [Landed(claimed, answer)], now=office.now(db))
    assert outbox.row(phone).state == "delivered"


def test_an_unknown_id_changes_nothing_and_is_forgotten_after_a_week(
    outbox: Outbox, accepted: Callable[[], tuple[str, str]]
) -> None:
    """F22."""
    phone, provider_id = accepted()
    assert outbox.report("ATXid_of_nobody", phoneNumber=phone) == "parked"
    assert outbox.report("ATXid_of_nobody", "Failed") == "parked"
    assert outbox.row(phone).state == "accepted"
    with outbox.stores.transaction() as db:
        assert (reports.parked(db), reports.forget_parked(db)) == (2, 0)
    outbox.pass_time(7 * 86400 + 1)
    outbox.report(provider_id)
    with outbox.stores.transaction() as db:
        assert (reports.forget_parked(db), reports.parked(db)) == (2, 0)
    assert outbox.row(phone).state == "delivered"


def test_a_report_with_another_phone_is_not_believed(
    outbox: Outbox, accepted: Callable[[], tuple[str, str]]
) -> None:
    """F22: somebody else's report with one of our ids."""
    phone, provider_id = accepted()
    assert outbox.report(provider_id, phoneNumber="+254733000999") == "parked"
    assert outbox.row(phone).state == "accepted"


@pytest.mark.parametrize(
    "form",
    [{}, {"id": "x"}, {"status": "Success"}, {"id": " ", "status": "Success"}, {"id": "\0", "status": "\0"}],
)
def test_a_report_of_nothing_is_ignored(outbox: Outbox, form: dict[str, str]) -> None:
    with outbox.stores.transaction() as db:
        assert reports.receive(db, form, now=office.now(db)) == "ignored"


def test_a_report_of_anything_can_be_kept(outbox: Outbox) -> None:
    wild = {"id": "i" * 9000, "status": "\0Borked " * 900, "failureReason": "r" * 9000, "networkCode": "\0"}
    with outbox.stores.transaction() as db:
        assert reports.receive(db, {**wild, "phoneNumber": "MTN"}, now=office.now(db)) == "parked"


# Messages of unknown outcome


def lose(outbox: Outbox, phone: str) -> None:
    """Let the phone's messages be of unknown outcome, ten seconds ago."""
    outbox.sql("UPDATE message SET state = 'unknown', posted_at = now() WHERE phone = :phone", phone=phone)
    outbox.sql(
        "INSERT INTO attempt (message_id, n, lease_token, worker, outcome) "
        "SELECT id, 1, 1, 'w', 'unknown' FROM message WHERE phone = :phone",
        phone=phone,
    )
    outbox.pass_time(10)


def test_a_strange_report_resolves_the_phones_one_unknown_message(outbox: Outbox) -> None:
    (phone,) = outbox.queue(1, "notice")
    lose(outbox, phone)
    assert outbox.report("ATXid_late", "Sent", phoneNumber=phone) == "applied"
    assert outbox.report("ATXid_late", "Success") == "applied"
    row = outbox.row(phone)
    assert (row.state, row.provider_id) == ("delivered", "ATXid_late")


NOT_ITS = {
    "two unknown messages": "INSERT INTO message (lane, class, phone, words, details, not_after, state) "
    "SELECT lane, class, phone, words, details, not_after, state FROM message",
    "another on its way": "INSERT INTO message (lane, class, phone, words, details, not_after, state) "
    "SELECT lane, class, phone, words, details, not_after, 'posting' FROM message",
    "too long ago": "UPDATE attempt SET started_at = now() - interval '49 hours'",
    "posted after it": "UPDATE attempt SET started_at = now() + interval '1 minute'",
    "another strange id": "INSERT INTO report (provider_id, status, phone) SELECT 'ATXid_x', 'Sent', phone FROM message",
}


@pytest.mark.parametrize("why", NOT_ITS)
def test_a_strange_report_that_could_be_anothers_resolves_nothing(outbox: Outbox, why: str) -> None:
    (phone,) = outbox.queue(1, "notice")
    lose(outbox, phone)
    outbox.sql(NOT_ITS[why])
    if why.startswith("two"):
        outbox.sql(
            "INSERT INTO attempt (message_id, n, lease_token, worker, outcome, started_at) SELECT id, 1, 2, 'w', "
            "'unknown', now() - interval '5 s' FROM message WHERE id NOT IN (SELECT message_id FROM attempt)"
        )
    assert outbox.report("ATXid_late", phoneNumber=phone) == "parked"
    with outbox.stores.transaction() as db:
        reports.rematch(db, now=office.now(db))
    assert {state for (state,) in outbox.sql("SELECT state FROM message")} <= {"unknown", "posting"}


def test_the_minute_job_finds_what_missed_each_other(outbox: Outbox) -> None:
    (phone,) = outbox.queue(1, "notice")
    outbox.report("ATXid_1", phoneNumber=phone)
    lose(outbox, phone)
    outbox.sql("UPDATE report SET received_at = now()")
    with outbox.stores.transaction() as db:
        assert reports.rematch(db, now=office.now(db)) == 1
        assert reports.rematch(db, now=office.now(db)) == 0
    assert outbox.row(phone).state == "delivered"


def test_reports_over_the_wire(texting: Any, outbox: Outbox, gateway: Gateway) -> None:
    """A12 and F20 through the real callback: 200 each, whatever they say."""
    (phone,) = outbox.queue(1, words="a.b")
    form = {"id": "ATXid_w", "phoneNumber": phone, "networkCode": "63902"}
    assert texting.post("delivery", {**form, "status": "Success"}) == 200
    outbox.sql("UPDATE message SET provider_id = 'ATXid_w', state = 'accepted'")
    for status in ("Buffered", "Foo", "Success", "Success", "Success", ""):
        assert texting.post("delivery", {**form, "status": status}) == 200
    with outbox.stores.transaction() as db:
        reports.rematch(db, now=office.now(db))
    assert outbox.row(phone).state == "delivered"
