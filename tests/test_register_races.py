"""Two phones and one register: agreeing, disagreeing, racing, late and after an outage, it ends the same."""

import random
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from models.messages import Incoming
from operations import office
from tests.fixtures_registers import DEPUTY, MERCY, Morning
from tests.fixtures_season import Season
from tests.fixtures_servers import make_settings
from tests.fixtures_service import Handset, open_app, service_of


def sent(morning: Morning, count: int) -> list[str]:
    """So many dates of this morning, first to last, as Africa's Talking writes them."""
    with morning.db() as db:
        now = office.now(db)
    midnight = datetime.combine(morning.today, datetime.min.time(), office.NAIROBI)
    first = max(midnight, now - timedelta(minutes=10))
    step = (now - first) / (count + 1)
    return [spelled(first + n * step) for n in range(count)]


def spelled(moment: datetime) -> str:
    return (moment - (moment.utcoffset() or timedelta())).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def post(morning: Morning, phone: str, words: str, date: str, **fields: str) -> int:
    text = words.replace("<code>", morning.code())
    return morning.handset(phone).text(text, date=date, **fields)


def said_to(morning: Morning, phone: str, words: str) -> list[str]:
    return [text for text in morning.handset(phone).inbox() if words in text]


def test_the_same_disagreement_is_told_once(morning: Morning) -> None:
    """Another word tells anew only where it changes what holds."""
    morning.say({1: True, 3: True}, MERCY)
    for _ in range(3):
        morning.say({1: True, 3: False}, DEPUTY)
    assert len(said_to(morning, MERCY, "Now: 3 Esther Njeri Ab")) == 1
    assert not said_to(morning, DEPUTY, "another phone said otherwise")
    morning.say({3: True}, MERCY)  # agreed? no: each has a last word of their own
    morning.say({1: False}, DEPUTY)
    assert len(said_to(morning, MERCY, "Now: 1 Fatuma Hassan Ali Ab.")) == 1
    morning.say({3: True}, DEPUTY)
    assert morning.held() == "A* ? P ?"
    assert len(said_to(morning, MERCY, "another phone said otherwise")) == 2
    assert len(said_to(morning, DEPUTY, "Now: 3 Esther Njeri P.")) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_that_disagree_the_one_sent_last_holds_and_both_see_it(
    morning: Morning, order: tuple[int, int]
) -> None:
    dates = sent(morning, 2)
    words = [(MERCY, "ATT <code> ALL", dates[0]), (DEPUTY, "ATT <code> AB 3", dates[1])]
    for n in order:
        assert post(morning, *words[n]) == 200
    assert morning.held() == "P P A* P"
    later, first = words[order[1]][0], words[order[0]][0]
    assert said_to(morning, later, "another phone differs, now: 3 Ab")
    assert said_to(morning, first, "another phone said otherwise than you. Now: 3 Esther Njeri Ab")
    assert len(morning.events()) == 8  # both are kept


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_that_agree_are_no_conflict(morning: Morning, order: tuple[int, int]) -> None:
    dates = sent(morning, 2)
    words = [(MERCY, "ATT <code> AB 3", dates[0]), (DEPUTY, "HUD <code> HAYUPO 3", dates[1])]
    for n in order:
        post(morning, *words[n])
    assert morning.held() == "P P A P" and len(morning.events()) == 8
    for phone in (MERCY, DEPUTY):
        assert not said_to(morning, phone, "otherwise") and not said_to(morning, phone, "differs")


@pytest.mark.parametrize("second", ["ATT <code> AB 3", "ATT <code> ALL"])
def test_two_at_once(morning: Morning, second: str) -> None:
    dates, barrier, answers = sent(morning, 2), threading.Barrier(2), list[int]()

    def text(phone: str, words: str, date: str) -> None:
        barrier.wait(60)
        answers.append(post(morning, phone, words, date))

    said = [(MERCY, "ATT <code> ALL", dates[0]), (DEPUTY, second, dates[1])]
    threads = [threading.Thread(target=text, args=each) for each in said]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert answers == [200, 200] and len(morning.events()) == 8
    differ = "AB" in second
    assert morning.held() == ("P P A* P" if differ else "P P P P")
    told = [
        bool(said_to(morning, phone, "otherwise") or said_to(morning, phone, "differs"))
        for phone in (MERCY, DEPUTY)
    ]
    assert told == [differ, differ]


def test_a_screen_and_an_sms_at_once(morning: Morning) -> None:
    phone = morning.sign_in()
    phone.send("1", "2", "3")
    barrier = threading.Barrier(2)

    def both(act: Callable[[], Any]) -> None:
        barrier.wait(60)
        act()

    acts = (lambda: phone.send("1"), lambda: morning.handset(DEPUTY).text(f"ATT {morning.code()} ALL"))
    threads = [threading.Thread(target=both, args=(act,)) for act in acts]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert "Marked." in phone.screen and len(morning.events()) == 8
    assert morning.held() in ("P P P* P", "P P A* P")


def test_a_word_is_heard_when_it_was_sent_unless_its_date_cannot_be_believed(morning: Morning) -> None:
    with morning.db() as db:
        now = office.now(db)
    post(morning, MERCY, "ATT <code> AB 1", spelled(now + timedelta(hours=5)))  # of the future: its receipt
    post(morning, MERCY, "ATT <code> AB 2", spelled(now - timedelta(hours=12)))  # too old: its receipt
    assert morning.held() == "P A P P"
    post(morning, MERCY, "ATT <code> AB 3", sent(morning, 1)[0])  # was sent before both
    assert morning.held() == "P A P P"
    moments = {event.said_at for event in morning.events()}
    assert len(moments) == 3 and min(moments) <= now


def test_an_sms_that_comes_again_under_a_new_id_is_heard_when_it_was_sent(morning: Morning) -> None:
    dates = sent(morning, 2)
    post(morning, MERCY, "ATT <code> ALL", dates[0], id="first")
    post(morning, MERCY, "ATT <code> AB 3", dates[1], id="second")
    post(morning, MERCY, "ATT <code> ALL", dates[0], id="again")
    assert morning.held() == "P P A P"


# -- an outage ------------------------------------------------------------------------------------------

PHONES = [f"+2547160000{n:02}" for n in range(25)]
COUNT = 500  # SMS; no phone sends so many that it is taken for a machine


def halves(dates: list[str]) -> list[tuple[str, str, str, str]]:
    """An SMS for each date, first to last, about one half of the officers: phone, text, date and id."""
    words = (("P 1 AB 2", "P 2 AB 1"), ("P 3 AB 4", "P 4 AB 3"))
    return [
        (PHONES[n % 25], f"ATT <code> {words[n % 2][n // 50 % 2]}", date, f"outage-{n}")
        for n, date in enumerate(dates)
    ]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_sms_of_an_outage_are_all_handled_once_in_the_order_of_their_dates(
    private_servers: Any, tmp_path: Any
) -> None:
    servers = private_servers(durable=True)
    app = open_app(make_settings(servers.database_url, servers.redis_url, tmp_path))
    morning = Morning(Season(service_of(app)).build(), lambda phone: Handset(app, phone)).build()
    morning.enrol("20401001", *PHONES)
    texts = halves(sent(morning, COUNT))

    def deliver(each: tuple[str, str, str, str]) -> int:
        return post(morning, *each[:3], id=each[3])

    morning.code(), servers.postgres.kill()
    assert {deliver(each) for each in texts} == {503}
    servers.postgres.start()
    reposted = random.Random(7).sample([*texts, *texts[::5]], COUNT * 6 // 5)
    with ThreadPoolExecutor(4) as network:
        assert set(network.map(deliver, reposted)) == {200}
    last = {
        int(number): (mark == "P", f"phone:{phone}")
        for phone, text, _, _ in texts
        for mark, number in re.findall("(P|AB) ([1-4])", text)
    }
    held = {row.officer.roster_no: row.mark.word for row in morning.register().rows}
    assert {number: word and (word.present, word.actor) for number, word in held.items()} == last
    with morning.db() as db:
        states = db.execute(select(Incoming.state, func.count()).group_by(Incoming.state)).all()
    assert [tuple(row) for row in states] == [("handled", COUNT)] and len(morning.events()) == 2 * COUNT
    service_of(app).close()
