"""Two acts on one deployment, one person or one roster at the same moment: one holds, the other is told."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account, Confirmation
from models.deployments import Deployment
from models.registers import Eligibility
from models.series import Series
from operations import deployments, office, series
from operations.refusals import Refusal
from tests.deploying import BOYS, GIRLS, STAFF, filled, offer, phone, plain_rules, post, row, words
from tests.fixtures_season import PASSWORD, PEOPLE, Season
from tests.fixtures_service import Handset
from tests.processes import blocked, wait_until

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def rules(season: Season) -> None:
    """Few people fill many posts."""
    plain_rules(season)


def at_once(season: Season, *acts: Callable[[Session, datetime], Any]) -> list[str]:
    """Do all of these at once, each in its own transaction: what each came to."""
    ended, ready = [""] * len(acts), threading.Barrier(len(acts))

    def run(n: int, act: Callable[[Session, datetime], Any]) -> None:
        try:
            with season.service.stores.transaction() as db:
                now = office.now(db)
                ready.wait(60)
                ended[n] = str(act(db, now))
        except Refusal as refusal:
            ended[n] = refusal.code

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ended


@pytest.mark.parametrize("turn", range(4))
def test_of_two_answers_at_once_one_holds_and_the_other_is_told(season: Season, turn: int) -> None:
    number = offer(season, "amina")
    ended = at_once(
        season,
        lambda db, now: deployments.accept(db, number, by=phone("amina"), now=now).state,
        lambda db, now: deployments.decline(db, number, "sick", by=phone("amina"), now=now).state,
    )
    state = row(season, number).state
    told = {
        "accepted": ["accepted", "deployment.see_director"],
        "declined": ["deployment.was_declined", "declined"],
    }
    assert ended == told[state]
    assert filled(season) == (state == "accepted")


def test_roster_numbers_given_at_once_are_never_the_same(season: Season) -> None:
    with season.service.stores.transaction() as db:
        people = [season.make_account(db, f"+2547120000{n:02}").id for n in range(6)]
        for account in people:
            db.get_one(Account, account).national_id = f"3{account:07}"
            db.add(approved(account))
    ended = at_once(
        season,
        *(
            lambda db, now, person=person: (
                deployments.offer(db, person, season.open, BOYS, "supervisor", by=STAFF, now=now).roster_no
            )
            for person in people
        ),
    )
    assert sorted(map(int, ended)) == [1, 2, 3, 4, 5, 6]


def approved(account: int) -> Eligibility:
    """A teacher whom the council approved."""
    return Eligibility(
        account_id=account,
        kind="teacher",
        national_id=f"3{account:07}",
        number=f"{account}",
        name="A B",
        match="verified",
        standing="approved",
    )


def test_one_person_offered_two_posts_at_once_gets_one(season: Season) -> None:
    ended = at_once(
        season,
        lambda db, now: post(db, season, "amina", GIRLS).state,
        lambda db, now: post(db, season, "amina", BOYS).state,
    )
    assert sorted(ended) == ["deployment.elsewhere", "offered"]
    assert words(season, "amina") == ["deployment.offered"]


def test_of_two_offers_for_the_last_place_one_is_refused(season: Season) -> None:
    ended = at_once(
        season,
        lambda db, now: post(db, season, "amina", GIRLS).state,
        lambda db, now: post(db, season, "fatuma", GIRLS).state,
    )
    assert sorted(ended) == ["deployment.full", "offered"] and filled(season) == 1


def test_a_replacement_and_an_answer_at_once(season: Season) -> None:
    number = offer(season, "amina")
    fatuma = season.accounts["fatuma"]
    ended = at_once(
        season,
        lambda db, now: deployments.replace(db, number, fatuma, "late", by=STAFF, now=now).state,
        lambda db, now: deployments.accept(db, number, by=phone("amina"), now=now).state,
    )
    assert ended[0] == "offered" and ended[1] in ("accepted", "deployment.taken_back")
    assert row(season, number).state == "replaced" and filled(season) == 1


@pytest.mark.parametrize("turn", range(3))
def test_an_accept_by_sms_and_a_decline_by_ussd_at_once(
    season: Season, handset: Callable[[str], Handset], turn: int
) -> None:
    """Through the real edges: one holds, and the other one is told so in words."""
    number, dialling, texting = offer(season, "amina"), *(handset(PEOPLE["amina"][0]) for _ in range(2))
    code = re.findall(r"ACCEPT ([0-9]{4})", texting.inbox()[-1])[0]
    dialling.dial()
    assert "Yes, decline" in dialling.send(PASSWORD, "5", "2", "2")
    threads = [
        threading.Thread(target=dialling.send, args=("1",)),
        threading.Thread(target=texting.text, args=(f"ACCEPT {code}",)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    state, answer = row(season, number).state, texting.inbox()[-1]
    if state == "accepted":
        assert "You have accepted it. To decline see your Director." in dialling.screen
        assert answer.startswith("Accepted: Supervisor")
    else:
        assert (state, answer) == ("declined", "You have declined this, and the place is free for others.")
        assert "You have declined KCSE" in dialling.screen
    assert filled(season) == (state == "accepted")


def test_an_answer_by_sms_beside_a_change_of_the_days_holds_nobody_up(season: Season) -> None:
    """Both take the code before the post; in any other order each would wait for the other."""
    stores, number = season.service.stores, offer(season, "amina")

    def move_days() -> None:
        with stores.transaction() as db:
            one = db.get_one(Series, season.open)
            days = (one.starts + 7 * DAY, one.ends + 7 * DAY, None)
            series.set_days(db, one, *days, by=STAFF, now=office.now(db))

    with ThreadPoolExecutor(1) as pool:
        with stores.transaction() as db:
            assert db.scalars(select(Confirmation).with_for_update()).all()
            moving = pool.submit(move_days)
            wait_until(lambda: moving.done() or blocked(stores), "the days waiting for the answer")
            deployments.accept(db, number, by=phone("amina"), now=office.now(db))
        moving.result(60)
    after = row(season, number)
    with stores.transaction() as db:
        assert (after.state, after.first_day) == ("accepted", db.get_one(Series, season.open).starts)


@pytest.mark.parametrize("first", ["offer", "days"])
def test_an_offer_beside_a_change_of_the_days_has_the_new_ones(season: Season, first: str) -> None:
    stores, made = season.service.stores, list[int]()

    def write_offer(db: Session) -> None:
        made.append(post(db, season, "amina", GIRLS, "supervisor").id)

    def move_days(db: Session) -> None:
        one = db.get_one(Series, season.open)
        series.set_days(db, one, one.starts + 7 * DAY, one.ends + 7 * DAY, None, by=STAFF, now=office.now(db))

    def within(act: Callable[[Session], None]) -> None:
        with stores.transaction() as db:
            act(db)

    acts = (write_offer, move_days) if first == "offer" else (move_days, write_offer)
    with ThreadPoolExecutor(1) as pool:
        with stores.transaction() as db:
            acts[0](db)
            other = pool.submit(within, acts[1])
            wait_until(lambda: other.done() or blocked(stores), "the other one waiting")
        other.result(30)
    with stores.transaction() as db:
        days, made_post = db.get_one(Series, season.open), db.get_one(Deployment, made[0])
        assert (made_post.first_day, made_post.last_day) == (days.starts, days.ends)
