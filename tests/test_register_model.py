"""The register against a model: streams of words that are shuffled, repeated and in conflict."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations import day_registers, marks
from operations.office import Actor
from operations.refusals import Refusal
from tests.fixtures_attendance import DAYS, Roll, at

DAY = DAYS[1]
CENTRE = "20401001"
PHONES = ("phone:+254711000001", "phone:+254711000002", "phone:+254711000003")
CLOSES = at(DAY + timedelta(days=1), 10)
PEOPLE = ("fatuma", "amina", "esther", "daudi")


class Sent(NamedTuple):
    """One word as it was sent: when, when it came, by whom, and what it says of officers 1 to 4."""

    key: str
    actor: str
    sent_at: datetime | None  # the network's date of an SMS; none by USSD
    came_at: datetime
    said: tuple[tuple[int, bool], ...]
    reason: str | None = None


# -- the model: read everything in order, the slow way --------------------------------------------------


def model(stream: list[Sent]) -> dict[int, tuple[bool, bool]]:
    """Of each officer that was marked: present or not, and whether phones differ."""
    told: dict[int, list[tuple[datetime, int, str, bool, bool]]] = {}
    known = set()
    for n, sent in enumerate(stream):
        if sent.key in known:
            continue
        known.add(sent.key)
        late = timedelta() if sent.sent_at is None else sent.came_at - sent.sent_at
        moment = sent.came_at
        if sent.sent_at is not None and timedelta() <= late < timedelta(hours=12):
            moment = sent.sent_at
        boss = not sent.actor.startswith("phone:") and bool(sent.reason)
        if moment >= CLOSES and not boss:
            continue
        for number, present in sent.said:
            told.setdefault(number, []).append((moment, n, sent.actor, present, boss))
    found = {}
    for number, words in told.items():
        words.sort(key=lambda word: word[:2])
        opinions = {actor: present for _, _, actor, present, _ in words}
        present, boss = words[-1][3:]
        found[number] = (present, len(set(opinions.values())) > 1 and not boss)
    return found


# -- the streams ----------------------------------------------------------------------------------------

hours = st.integers(0, 30 * 60).map(lambda minutes: at(DAY, 6) + timedelta(minutes=minutes))
said = st.dictionaries(st.integers(1, 4), st.booleans(), min_size=1).map(lambda told: tuple(told.items()))
delays = st.sampled_from(
    [-60, 0, 1, 15, 300, 719, 720, 2000]
)  # minutes on the way; -60 is a clock gone wrong


@st.composite
def streams(draw: st.DrawFn) -> list[Sent]:
    """Words of three phones and a director, no two at the same moment."""
    moments = draw(st.lists(hours, max_size=12, unique=True))
    stream = []
    for n, moment in enumerate(moments):
        who = draw(st.sampled_from([*PHONES, *PHONES, "director:+254700000001"]))
        delay = draw(delays) if who.startswith("phone:") and draw(st.booleans()) else None
        came = moment if delay is None else moment + timedelta(minutes=delay, seconds=n + 1)
        reason = draw(st.sampled_from([None, "paper register"])) if who.startswith("director:") else None
        stream.append(Sent(f"w{n}", who, None if delay is None else moment, came, draw(said), reason))
    return stream


def deliver(roll: Roll, stream: list[Sent]) -> dict[int, tuple[bool, bool]]:
    """What the register shows when the words come in this order; nothing of it is kept."""
    with roll.season.service.stores.sessions() as db:
        for sent in stream:
            moment = sent.came_at if sent.sent_at is None else marks.heard(sent.sent_at, sent.came_at)
            by = Actor(sent.actor, "ussd" if sent.sent_at is None else "sms")
            facts = {"source": sent.key, "channel": by.channel, "said_at": moment, "now": sent.came_at}
            try:
                held = day_registers.hold(db, CENTRE, DAY, now=sent.came_at)
                day_registers.mark(db, held, dict(sent.said), by=by, reason=sent.reason, **facts)
            except Refusal as refusal:
                assert refusal.code == "attendance.closed"
        register = day_registers.of(db, CENTRE, DAY, now=CLOSES)
        shown = {
            row.officer.roster_no: (row.mark.present, row.mark.conflict)
            for row in register.rows
            if row.mark.present is not None
        }
        db.rollback()
    return shown


@pytest.fixture
def manned(roll: Roll) -> Roll:
    for name in PEOPLE:
        roll.post(name, "invigilator")
    return roll


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(streams(), st.data())
def test_whatever_comes_in_whatever_order_the_register_is_the_models(
    manned: Roll, stream: list[Sent], data: st.DataObject
) -> None:
    repeats = data.draw(st.lists(st.sampled_from(stream), max_size=6)) if stream else []
    shuffled = data.draw(st.permutations([*stream, *repeats]))
    shown = deliver(manned, list(shuffled))
    assert shown == model(list(shuffled)) == model(stream)


@pytest.mark.parametrize("forwards", [True, False])
def test_ties_are_decided_by_the_order_of_the_events(manned: Roll, forwards: bool) -> None:
    words = [Sent(f"t{n}", PHONES[n], None, at(DAY, 8), ((1, bool(n)),)) for n in range(2)]
    stream = words if forwards else words[::-1]
    assert deliver(manned, stream) == model(stream) == {1: (forwards, True)}


def test_the_days_of_the_model_are_exam_days() -> None:
    assert date(2030, 10, 22) == DAY
