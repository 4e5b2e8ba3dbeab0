"""Pay so far: days marked present times the rate of the post, and nothing promised where there is none."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from models.series import Rate
from operations import day_reports, pay
from operations.attendance import Day
from operations.marks import Mark
from operations.pay import PaySoFar
from tests.fixtures_attendance import AFTER, DAYS, DIRECTOR, REHEARSAL, Roll
from tests.fixtures_service import Handset
from tests.test_attendance import open_days, running


def so_far(roll: Roll, post: int) -> PaySoFar:
    with roll.db() as db:
        return pay.so_far(db, post, AFTER)


def served(roll: Roll, days: int, absent: int = 0, **post: object) -> PaySoFar:
    """The pay of somebody who was so many days present, then so many absent."""
    number = roll.post(**post)
    for n, day in enumerate(DAYS[: days + absent]):
        roll.say(number, day, n < days)
    return so_far(roll, number)


def test_days_present_times_the_rate(roll: Roll) -> None:
    assert served(roll, 6, 1) == PaySoFar(
        days_present=6,
        days_absent=1,
        unmarked=3,
        payable_days=6,
        most_days=16,
        ksh_per_day=680,
        ksh=4080,
        rate_year=2025,
    )


def test_no_more_days_are_paid_than_the_rate_allows(roll: Roll) -> None:
    with roll.db() as db:
        db.add(Rate(year=2030, exam="KCSE", position="supervisor", region="All", ksh_per_day=700, days=4))
    found = served(roll, 6)
    assert (found.days_present, found.payable_days, found.ksh, found.rate_year) == (6, 4, 2800, 2030)


def unrated(roll: Roll) -> str:
    """A position in the register for which no rate was ever set."""
    with roll.db() as db:
        db.execute(delete(Rate).where(Rate.position == "security_officer"))
    return "security_officer"


def report(roll: Roll, post: int, days: int) -> None:
    """An office reports days of a post that no register has."""
    with roll.db() as db:
        day_reports.keep(db, {post: (days, "KNEC/TR/17")}, by=DIRECTOR, now=AFTER)


def test_without_a_rate_there_is_no_sum(roll: Roll) -> None:
    found = served(roll, 5, position=unrated(roll))
    assert (found.payable_days, found.ksh_per_day, found.ksh) == (5, None, None)


def test_the_two_cities_have_a_rate_of_their_own(roll: Roll) -> None:
    with roll.db() as db:
        for region, sum in (("Nairobi & Mombasa", 900), ("Other", 500)):
            db.add(Rate(year=2030, exam="KCSE", position="supervisor", region=region, ksh_per_day=sum))
    assert served(roll, 2).ksh == 1800
    assert served(roll, 2, name="fatuma", centre="01101001").ksh == 1800
    assert served(roll, 2, name="chebet", centre="42101001").ksh == 1000


def test_nothing_was_earned_by_nothing(roll: Roll) -> None:
    found = so_far(roll, roll.post())
    assert (found.days_present, found.unmarked, found.ksh) == (0, len(DAYS), 0)


def test_a_post_without_a_register_is_paid_by_the_days_reported(roll: Roll) -> None:
    driver = roll.post("chebet", "driver")
    found = so_far(roll, driver)
    assert (found.registered, found.payable_days, found.unmarked, found.ksh) == (False, 0, 0, 0)
    report(roll, driver, 12)
    assert (so_far(roll, driver).payable_days, so_far(roll, driver).ksh) == (12, 4860)  # Ksh 405 a day, 2019
    report(roll, driver, 18)
    found = so_far(roll, driver)
    assert (found.payable_days, found.most_days, found.ksh) == (16, 16, 6480)


def test_the_pay_of_many_costs_no_more_queries_than_that_of_one(roll: Roll, queries: list[str]) -> None:
    posts = [roll.post(name) for name in ("amina", "chebet", "daudi", "fatuma", "esther", "baraka")]

    def cost(ids: list[int]) -> int:
        queries.clear()
        with roll.db() as db:
            assert set(pay.of_many(db, ids, AFTER)) == set(ids)
        return len(queries)

    assert cost(posts) == cost(posts[:1]) <= 5


@given(
    st.lists(st.sampled_from([True, False, None]), max_size=40),
    st.one_of(
        st.none(),
        st.tuples(st.one_of(st.none(), st.integers(1, 2000)), st.one_of(st.none(), st.integers(1, 20))),
    ),
)
def test_the_sum_follows_from_the_days(
    marked: list[bool | None], rate: tuple[int | None, int | None] | None
) -> None:
    known = Rate(year=2030, ksh_per_day=rate[0], days=rate[1]) if rate else None
    found = pay.counted([Day(DAYS[0], Mark(present)) for present in marked], known)
    assert found.days_present + found.days_absent + found.unmarked == len(marked)
    assert found.payable_days <= found.days_present
    assert (found.ksh is None) == (rate is None or rate[0] is None)
    if found.ksh is not None and rate and rate[0]:
        assert found.ksh == rate[0] * min(marked.count(True), rate[1] or len(marked))


# -- by SMS and on the phone -----------------------------------------------------------------------------


def ask(phone: Handset, words: str) -> str:
    assert phone.text(words) == 200
    said = phone.inbox()[-1]
    assert len(said) <= 160
    return said


@pytest.mark.parametrize(("words", "said"), [("PAY", "not yet marked"), ("malipo", "hazijawekwa")])
def test_pay_by_sms_is_one_segment(
    roll: Roll, handset: Callable[[str], Handset], words: str, said: str
) -> None:
    running(roll.season, (3, True), (2, True), (1, False))
    answer = ask(handset("+254711000001"), words)
    assert "P 2, Ab 1" in answer and "Ksh 1,360" in answer and said in answer


def test_pay_by_sms_promises_nothing_without_a_rate(roll: Roll, handset: Callable[[str], Handset]) -> None:
    roll.post(position=unrated(roll))
    assert "No rate is set yet, so no sum is promised" in ask(handset("+254711000001"), "PAY")
    assert "hakuna ahadi" in ask(handset("+254711000001"), "MALIPO")


def test_pay_by_sms_tells_of_the_exam_that_is_named(roll: Roll, handset: Callable[[str], Handset]) -> None:
    running(roll.season, (3, True))
    roll.post(centre="20401002")
    amina = handset("+254711000001")
    assert ask(amina, "PAY").startswith("KPSEA")  # the one that has begun
    assert ask(amina, "PAY KCSE").startswith("KCSE 2030")


def test_pay_by_sms_without_a_deployment_or_an_account(roll: Roll, handset: Callable[[str], Handset]) -> None:
    assert "no deployment that you accepted" in ask(handset("+254711000001"), "PAY")
    assert "has no CP2 account" in ask(handset("+254733000333"), "PAY")


def test_the_phone_says_how_the_pay_is_counted(roll: Roll, handset: Callable[[str], Handset]) -> None:
    running(roll.season, (3, True), (2, True), (1, True))
    amina = open_days(handset)
    said = amina.send("2")
    assert "Payable so far: 3 days (at most 3). Rate (2025): Ksh 680 a day. So far: Ksh 2,040." in said
    assert "paid by M-Pesa after" in amina.screen + amina.send("98")


def test_the_phone_promises_nothing_without_a_rate(roll: Roll, handset: Callable[[str], Handset]) -> None:
    roll.post(position=unrated(roll))
    amina = open_days(handset)
    assert "So far: no rate is set yet" in amina.screen
    assert "No rate is set for your post yet, so no sum is promised." in amina.send("2")


def test_a_rate_without_a_limit_names_none(roll: Roll, handset: Callable[[str], Handset]) -> None:
    roll.post(position="centre_manager", centre="20401002")  # 550 a day, in 2025, of any number of days
    assert "at most" not in open_days(handset).send("2")


# -- of posts that no register has ------------------------------------------------------------------------


@pytest.fixture
def driving(roll: Roll) -> int:
    """Amina drives; her first day was years ago."""
    return roll.post(position="driver", first_day=REHEARSAL.replace(year=2020))


@pytest.mark.parametrize("words", ["PAY", "ATT"])
def test_by_sms_nothing_is_called_unmarked(
    roll: Roll, driving: int, handset: Callable[[str], Handset], words: str
) -> None:
    said = ask(handset("+254711000001"), words)
    assert "no daily register has your post" in said and "So far: 0 days, Ksh 0" in said
    report(roll, driving, 3)
    said = ask(handset("+254711000001"), words)
    assert "So far: 3 days, Ksh 1,215" in said and "marked" not in said


def test_by_sms_in_kiswahili(roll: Roll, driving: int, handset: Callable[[str], Handset]) -> None:
    report(roll, driving, 3)
    assert "huripoti siku zako. Hadi sasa: siku 3, Ksh 1,215" in ask(handset("+254711000001"), "MALIPO")


def test_by_sms_without_a_rate(roll: Roll, handset: Callable[[str], Handset]) -> None:
    report(roll, roll.post(position="clerk"), 3)
    assert "So far: 3 days, no rate is set yet." in ask(handset("+254711000001"), "PAY")


def test_on_the_phone_nothing_is_called_unmarked(
    roll: Roll, driving: int, handset: Callable[[str], Handset]
) -> None:
    report(roll, driving, 3)
    screen = open_days(handset).screen
    assert "no daily register has your post" in screen and "So far: 3 days, Ksh 1,215" in screen
    assert "not yet marked" not in screen and "Dispute" not in screen
