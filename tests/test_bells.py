"""The bells of hops: rung a moment later, never lost by a service that closes, never waited for."""

import threading
from collections.abc import Callable

import pytest

from tests.fixtures_season import PEOPLE, Season
from tests.fixtures_service import Handset
from tests.processes import wait_until
from ussd_app.bells import Bells


@pytest.fixture
def rung() -> list[str]:
    return []


def test_a_hop_that_queues_an_sms_wakes_the_lane(season: Season, handset: Callable[[str], Handset]) -> None:
    redis, amina = season.service.stores.redis, handset(PEOPLE["amina"][0])
    amina.dial()
    assert "is coming" in amina.send("1", "1")
    wait_until(lambda: redis.llen("rq:queue:urgent") == 1, "a drain in the queue")


def test_each_lane_is_rung_once_a_round(rung: list[str]) -> None:
    bells = Bells(rung.append)
    bells.waiting.extend(["urgent", "bulk", "urgent"])
    bells.work()
    assert sorted(rung) == ["bulk", "urgent"]
    assert not bells.waiting


def test_what_waits_when_the_service_closes_is_rung(rung: list[str]) -> None:
    bells = Bells(rung.append)
    bells.pause = 3600.0
    bells.note("urgent")
    bells.close()
    assert rung == ["urgent"]
    assert bells.thread and not bells.thread.is_alive()


def test_nobody_waits_for_a_bell() -> None:
    """Redis may keep a bell for its whole time limit; the hop is long over."""
    silent = threading.Event()
    bells = Bells(lambda lane: silent.wait())
    for _ in range(3):
        bells.note("urgent")
    silent.set()
    bells.close()
