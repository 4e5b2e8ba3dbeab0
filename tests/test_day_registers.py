"""The daily register: who is in it, when it closes, how it is opened again, and what many centres show."""

from datetime import datetime, time, timedelta

import pytest

from models.centres import RegisterDay
from models.deployments import Deployment
from models.places import Centre
from models.series import Series
from operations import attendance, attendance_codes, day_registers, duties, office, pay, rule_book
from operations import series as series_verbs
from operations.office import Actor, caller
from operations.refusals import Refusal
from telephony import references
from tests.fixtures_registers import CENTRE, DEPUTY, DIRECTOR, MERCY, OTHER_CENTRE, STAFF, Morning

BOSS = caller(DIRECTOR, "ussd")
EVERYBODY = {1: True, 2: True, 3: True, 4: True}


def refused(morning: Morning, code: str, **more: object) -> None:
    with pytest.raises(Refusal, match=code):
        morning.say(EVERYBODY, **more)


# -- who is in it -------------------------------------------------------------------------------------


def test_drivers_and_clerks_are_not_in_it_and_who_was_only_offered_is_not_required(morning: Morning) -> None:
    with morning.db() as db:
        morning.season.make_deployment(db, "chebet", CENTRE, "driver")
        morning.season.make_deployment(db, "baraka", CENTRE, "invigilator", state="offered")
    register = morning.register()
    assert [(row.officer.roster_no, row.required) for row in register.rows] == [
        *((n, True) for n in (1, 2, 3, 4)),
        (6, False),
    ]
    assert register.everyone([3]) == {1: True, 2: True, 3: False, 4: True}
    receipt = morning.say({6: True})
    assert [officer.roster_no for officer in receipt.present] == [6]  # named, they may be marked


def test_who_was_replaced_stays_until_that_day_and_may_be_marked_on_it(morning: Morning) -> None:
    with morning.db() as db:
        gone = db.get_one(Deployment, morning.posts["esther"])
        gone.state, gone.ended_at, gone.answered_at = "replaced", office.now(db), office.now(db)
        begins = {"first_day": morning.today, "state": "accepted"}
        morning.season.make_deployment(db, "chebet", CENTRE, "invigilator", **begins)
    today = [(row.officer.roster_no, row.required) for row in morning.register().rows]
    assert today == [(1, True), (2, True), (3, False), (4, True), (5, True)]
    assert [officer.roster_no for officer in morning.say({3: True}).present] == [3]
    assert [row.officer.roster_no for row in morning.register(morning.day(1)).rows] == [1, 2, 3, 4]
    assert [row.officer.roster_no for row in morning.register(morning.day(-1)).rows] == [1, 2, 4, 5]


def test_all_is_nobody_who_was_replaced_that_day(morning: Morning) -> None:
    with morning.db() as db:
        gone = db.get_one(Deployment, morning.posts["esther"])
        gone.state, gone.ended_at, gone.answered_at = "replaced", office.now(db), office.now(db)
    assert morning.register().everyone() == {1: True, 2: True, 4: True}
    assert [officer.roster_no for officer in morning.register().of_state("unmarked")] == [1, 2, 4]


def test_a_few_queries_however_many_serve(morning: Morning, queries: list[str]) -> None:
    with morning.db() as db:
        now = office.now(db)
        queries.clear()
        day_registers.of(db, CENTRE, morning.today, now=now)
        few = len(queries)
        for name in ("chebet", "baraka"):
            morning.season.make_deployment(db, name, CENTRE, "invigilator")
        db.expire_all()
        queries.clear()
        day_registers.of(db, CENTRE, morning.today, now=now)
        assert len(queries) <= few + 1 <= 8


# -- when ---------------------------------------------------------------------------------------------


def test_a_day_is_open_until_ten_on_the_next(morning: Morning) -> None:
    closes = datetime.combine(morning.today + timedelta(days=1), time(10), office.NAIROBI)
    for ago, state in ((timedelta(seconds=1), "open"), (timedelta(), "closed")):
        register = morning.register(now=closes - ago)
        assert (register.closes_at, register.state) == (closes, state)
    assert morning.register(morning.day(-1)).state == "not_yet"


@pytest.mark.parametrize(("ago", "code"), [(2, "attendance.closed"), (-1, "attendance.not_yet")])
def test_a_day_that_is_closed_or_to_come_is_refused(morning: Morning, ago: int, code: str) -> None:
    refused(morning, code, day=morning.day(ago))
    assert not morning.events()


def test_the_calendar_is_data_of_the_series(morning: Morning) -> None:
    with morning.db() as db:
        series = db.get_one(Series, morning.season.running)
        book = rule_book.RuleBook(
            exam_days=[morning.today], holidays=[morning.day(1)], register_closes=time(18)
        )
        rule_book.keep(db, series, book, by=STAFF, now=office.now(db))
    assert morning.register(morning.day(1)).state == "no_exam"
    refused(morning, "register.no_exam", day=morning.day(1))
    assert morning.register().closes_at.astimezone(office.NAIROBI).hour == 18
    with morning.db() as db:
        duty = duties.one(db, morning.posts["amina"])
        assert list(duty.working_days()) == [duty.series.rehearsal, morning.today]


def test_a_calendar_alone_leaves_last_years_rules_in_force(morning: Morning) -> None:
    with morning.db() as db:
        series = db.get_one(Series, morning.season.running)
        last = series_verbs.by_name(db, series.exam, series.year - 1)  # of the migrations, or there is none
        if last is None:
            last = Series(
                exam=series.exam, year=series.year - 1, starts=morning.day(370), ends=morning.day(360)
            )
            db.add(last)
        last.rules = {"return_years": 3, "holidays": ["2020-01-01"]}
        db.flush()
        book = rule_book.of(db, series)
    assert book.return_years == 3 and book.exam_days and not book.holidays


def test_the_open_days_are_today_and_those_not_closed(morning: Morning) -> None:
    nine = datetime.combine(morning.today, time(9), office.NAIROBI)
    with morning.db() as db:
        for hour, days in ((nine, [morning.today, morning.day(1)]), (nine.replace(hour=11), [morning.today])):
            assert day_registers.open_days(db, CENTRE, now=hour) == days


# -- opened again -------------------------------------------------------------------------------------


def test_a_closed_day_is_opened_again_by_the_director_with_a_reason(morning: Morning) -> None:
    day = morning.day(2)
    with morning.db() as db:
        register = day_registers.reopen(db, CENTRE, day, "network was down", by=BOSS, now=office.now(db))
    assert register.state == "reopened"
    morning.say({**EVERYBODY, 3: False}, day=day)
    assert morning.held(day) == "P P A P"
    with morning.db() as db:
        now = office.now(db)
        assert day in day_registers.open_days(db, CENTRE, now=now)
        listed = attendance.days(db, morning.posts["amina"], now=now)
        assert {each.day: each.state for each in listed}[day] == "present"  # pay sees it too
        assert pay.so_far(db, morning.posts["amina"], now).days_present == 1
        known = db.get_one(RegisterDay, (morning.season.running, CENTRE, day))
        assert (known.reopened_by, known.reopened_for) == (BOSS.name, "network was down")
    assert "is open again" in morning.handset(MERCY).inbox()[-1]
    assert morning.audited("register.reopen")[0].details == {"reason": "network was down"}


def test_it_closes_again_after_a_day(morning: Morning) -> None:
    day = morning.day(2)
    with morning.db() as db:
        now = office.now(db)
        day_registers.reopen(db, CENTRE, day, "network was down", by=BOSS, now=now)
    later = now + timedelta(hours=24)
    assert morning.register(day, later).state == "closed"
    refused(morning, "attendance.closed", day=day, now=later, said_at=later)


@pytest.mark.parametrize(
    ("by", "reason", "ago", "code"),
    [
        (BOSS, " ", 2, "register.no_reason"),
        (caller(MERCY, "ussd"), "please", 2, "director.not_yours"),
        (Actor(f"director:{MERCY}", "sms"), "please", 2, "director.not_yours"),
        (BOSS, "please", 0, "register.still_open"),
        (BOSS, "please", -1, "attendance.not_yet"),
        (BOSS, "please", 30, "register.no_series"),
    ],
)
def test_opening_again_is_refused(morning: Morning, by: Actor, reason: str, ago: int, code: str) -> None:
    with morning.db() as db, pytest.raises(Refusal, match=code):
        day_registers.reopen(db, CENTRE, morning.day(ago), reason, by=by, now=office.now(db))


def test_a_director_corrects_a_closed_day_with_a_reason(morning: Morning) -> None:
    by = Actor(f"director:{DIRECTOR}", "ussd")
    refused(morning, "attendance.closed", day=morning.day(2), by=by)
    morning.say({2: False}, day=morning.day(2), by=by, reason="paper register")
    assert morning.held(morning.day(2)) == "? A ? ?"


# -- repeated, unknown, many --------------------------------------------------------------------------


def test_the_same_source_twice_is_one_word(morning: Morning) -> None:
    morning.say(EVERYBODY, source="sms:1")
    morning.say({3: False}, source="sms:2")
    receipt = morning.say(EVERYBODY, source="sms:1")
    assert morning.held() == "P P A P" and len(morning.events()) == 5
    assert [officer.roster_no for officer in receipt.absent] == [3]
    assert len(morning.audited("register.mark")) == 2


def test_an_unknown_number_marks_nothing(morning: Morning) -> None:
    with pytest.raises(Refusal) as refusal:
        morning.say({1: True, 8: True, 9: False})
    assert (refusal.value.code, refusal.value.values) == (
        "register.unknown_number",
        {"register_numbers": "8, 9"},
    )
    assert not morning.events()


def test_a_sub_county_at_a_glance(morning: Morning, queries: list[str]) -> None:
    with morning.db() as db:
        morning.season.make_deployment(db, "chebet", OTHER_CENTRE, "supervisor")
        morning.season.make_deployment(db, "baraka", OTHER_CENTRE, "invigilator", state="offered")
    morning.say({1: True, 2: False})
    with morning.db() as db:
        now = office.now(db)
        place = db.get_one(Centre, CENTRE).sub_county_id
        queries.clear()
        states = day_registers.states(db, [place], morning.today, now=now)
        assert len(queries) == 2
        assert day_registers.states(db, [place], morning.day(-1), now=now) == []
        assert day_registers.states(db, [place], morning.day(4), now=now) == []  # no exam that day
    assert [(each.centre_code, each.officers, each.marked, each.done) for each in states] == [
        (CENTRE, 4, 2, False),
        (OTHER_CENTRE, 1, 0, False),
    ]


# -- the codes ----------------------------------------------------------------------------------------


def test_the_codes_of_the_day_go_to_every_enrolled_phone_once(morning: Morning, queries: list[str]) -> None:
    with morning.db() as db:
        queries.clear()
        assert (
            attendance_codes.send(db, morning.season.service.office, morning.today, now=office.now(db)) == 2
        )
        few = len(queries)
    with morning.db() as db:
        morning.season.make_deployment(db, "chebet", OTHER_CENTRE, "supervisor")
    morning.enrol(OTHER_CENTRE, MERCY)
    with morning.db() as db:
        queries.clear()
        assert (
            attendance_codes.send(db, morning.season.service.office, morning.today, now=office.now(db)) == 1
        )
        assert len(queries) == few
    texts = morning.handset(MERCY).inbox()
    assert len(texts) == 2 and f"ATT {morning.code()} ALL" in texts[0] and all(len(t) <= 160 for t in texts)
    assert morning.code(centre=OTHER_CENTRE) in texts[1]
    assert morning.code() in morning.handset(DEPUTY).inbox()[-1]
    with morning.db() as db:
        day = morning.day(4)
        assert attendance_codes.send(db, morning.season.service.office, day, now=office.now(db)) == 0


def test_a_season_of_codes_to_print(morning: Morning) -> None:
    with morning.db() as db:
        printed = dict(attendance_codes.season(db, morning.season.service.office, CENTRE))
    assert printed[morning.today] == morning.code() and len(printed) == 6  # the rehearsal and five days
    assert all(references.digits_right(code) for code in printed.values())
    assert len({morning.code(issue=n) for n in range(1, 50)}) > 45
