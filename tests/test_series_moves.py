"""Moves: a series whose days change takes its posts along, tells their people once, and keeps every mark."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from menus.wording import Wording
from models.attendance import MarkEvent
from models.deployments import Deployment
from models.messages import Message
from models.series import Series
from operations import confirmations, deployment_facts, office
from operations import series as verbs
from operations.office import NAIROBI, Actor
from operations.refusals import Refusal
from operations.series_moves import Moved
from tests.fixtures_season import PEOPLE, Season
from tests.test_series import run as run
from ussd_app.cli.deploy import line

BY = Actor("staff:wanjiku", "command")
DAY = timedelta(days=1)
GIRLS, BOYS, COAST = "20401001", "20401002", "01101001"


def move(season: Season, series_id: int, starts: int = 0, ends: int = 0, rehearsal: int = 0) -> Moved:
    """Move the days of a series by so many days each."""
    with season.service.stores.transaction() as db:
        one = db.get_one(Series, series_id)
        assert one.rehearsal is not None
        days = (one.starts + starts * DAY, one.ends + ends * DAY, one.rehearsal + rehearsal * DAY)
        return verbs.set_days(db, one, *days, by=BY, now=office.now(db))


def posted(season: Season, name: str, centre: str = GIRLS, **more: Any) -> int:
    """Somebody's post in the open series, accepted."""
    with season.service.stores.transaction() as db:
        more = {"series_id": season.open, **more}
        return season.make_deployment(db, name, centre, "invigilator", **more).id


def read(season: Season, number: int) -> Deployment:
    """The post as it is now."""
    with season.service.stores.transaction() as db:
        row = db.get_one(Deployment, number)
        db.expunge(row)
        return row


def series_of(season: Season, number: int) -> Series:
    """The series as it is now."""
    with season.service.stores.transaction() as db:
        row = db.get_one(Series, number)
        db.expunge(row)
        return row


def said(season: Season, name: str) -> list[Message]:
    """What this person is told of moved days."""
    mine = (Message.account_id == season.accounts[name], Message.words == "deployment.moved")
    with season.service.stores.transaction() as db:
        return list(db.scalars(select(Message).where(*mine).order_by(Message.id)))


def seven(day: date) -> datetime:
    """Seven in the morning."""
    return datetime.combine(day, time(7, tzinfo=NAIROBI))


def test_posts_move_with_their_series_and_people_are_told_once(season: Season) -> None:
    before = series_of(season, season.open)
    assert before.rehearsal is not None
    number = posted(season, "amina")
    late = posted(season, "baraka", BOYS, first_day=before.starts, reporting_at=seven(before.starts))
    assert move(season, season.open, 7, 9, 5) == Moved(2, 2)
    one, other = read(season, number), read(season, late)
    assert (one.first_day, one.last_day) == (before.rehearsal + 5 * DAY, before.ends + 9 * DAY)
    assert one.reporting_at == seven(one.first_day)
    assert (other.first_day, other.reporting_at) == (before.starts + 7 * DAY, seven(before.starts + 7 * DAY))
    told = said(season, "amina")
    assert [each.details["duty_day"] for each in told] == [f"@date:{one.first_day}"]
    assert told[0].phone == PEOPLE["amina"][0] and told[0].klass == "notice"
    with season.service.stores.transaction() as db:
        facts = deployment_facts.facts(db, number)
    assert str(one.first_day) in line(facts)  # and so say letters, DEPLOYMENT and CHECK, drawn from the row
    assert move(season, season.open) == Moved(0, 0)
    assert len(said(season, "amina")) == 1


def test_days_that_go_back_are_told_again(season: Season) -> None:
    posted(season, "amina")
    for days in (2, -2, 2):
        assert move(season, season.open, days, days, days) == Moved(1, 1)
    days_told = [each.details["duty_day"] for each in said(season, "amina")]
    assert len(days_told) == 3 and days_told[0] == days_told[2] != days_told[1]


def test_only_the_last_day_moves_and_nobody_is_told(season: Season) -> None:
    number = posted(season, "amina")
    before = read(season, number)
    assert move(season, season.open, ends=3) == Moved(1, 0)
    after = read(season, number)
    assert (after.first_day, after.reporting_at) == (before.first_day, before.reporting_at)
    assert after.last_day == before.last_day + 3 * DAY and said(season, "amina") == []


@pytest.mark.parametrize("state", ["declined", "replaced", "cancelled"])
def test_a_post_that_is_over_stays(season: Season, state: str) -> None:
    number = posted(season, "amina", state=state)
    before = read(season, number)
    assert move(season, season.open, 7, 7, 7) == Moved(0, 0)
    assert read(season, number).first_day == before.first_day and said(season, "amina") == []


def test_another_series_is_left_alone(season: Season) -> None:
    number = posted(season, "amina", series_id=season.running)
    before = read(season, number)
    assert move(season, season.open, 7, 7, 7) == Moved(0, 0)
    assert read(season, number).last_day == before.last_day


def test_who_came_later_is_kept_within_the_new_days(season: Season) -> None:
    before = series_of(season, season.open)
    joined = before.starts + 4 * DAY
    number = posted(season, "amina", first_day=joined, reporting_at=seven(joined))
    assert move(season, season.open, 2, 2, 2) == Moved(1, 0)
    assert read(season, number).first_day == joined
    assert move(season, season.open, 7, 7, 7) == Moved(1, 1)
    after, now = read(season, number), series_of(season, season.open)
    assert after.first_day == now.rehearsal and after.reporting_at == seven(after.first_day)
    assert after.last_day == now.ends


def test_a_reporting_time_of_their_own_keeps_its_hour(season: Season) -> None:
    before = series_of(season, season.open)
    assert before.rehearsal is not None
    afternoon = datetime.combine(before.rehearsal, time(14, 30, tzinfo=NAIROBI))
    number = posted(season, "amina", reporting_at=afternoon)
    move(season, season.open, 3, 3, 3)
    assert read(season, number).reporting_at == afternoon + 3 * DAY


def test_who_has_reported_keeps_that_moment(season: Season) -> None:
    number = posted(season, "amina", series_id=season.running)
    before = read(season, number)
    assert move(season, season.running, ends=5) == Moved(1, 0)
    after = read(season, number)
    assert after.reporting_at == before.reporting_at and after.last_day == before.last_day + 5 * DAY


def test_nobody_is_asked_to_report_in_the_past(season: Season) -> None:
    number = posted(season, "amina")
    with season.service.stores.transaction() as db:
        one, now = db.get_one(Series, season.open), office.now(db)
        today = season.today(db)
        verbs.set_days(db, one, today, one.ends, today - DAY, by=BY, now=now)
    assert read(season, number).reporting_at == seven(today + DAY)
    assert said(season, "amina")[0].details["duty_day"] == f"@date:{today + DAY}"


# -- marks -------------------------------------------------------------------------------------------


def mark(season: Season, number: int, day: date) -> None:
    """The centre has marked a day of this post."""
    with season.service.stores.transaction() as db:
        moment = office.now(db)
        db.add(
            MarkEvent(
                deployment_id=number,
                day=day,
                present=True,
                source=f"test:{number}:{day}",
                channel="ussd",
                actor="centre",
                said_at=moment,
            )
        )


def weekdays(season: Season) -> Series:
    """The series in progress, each day of which is examined."""
    with season.service.stores.transaction() as db:
        one = db.get_one(Series, season.running)
        days = [one.starts + n * DAY for n in range(-9, 20)]
        one.rules = {"exam_days": [str(day) for day in days], "holidays": []}
    return series_of(season, season.running)


def test_marks_outside_of_the_new_days_are_refused_with_their_number(season: Season) -> None:
    one = weekdays(season)
    for name in ("amina", "baraka"):
        mark(season, posted(season, name, series_id=season.running), one.starts)
    with pytest.raises(Refusal) as caught:
        move(season, season.running, 1, 1, 2)
    assert caught.value.code == "series.marks_outside"
    assert caught.value.values == {
        "lost_marks": "2",
        "lost_day": str(one.starts),
        "lost_until": str(one.starts),
    }
    assert series_of(season, season.running).starts == one.starts


def test_the_mark_of_a_rehearsal_that_moves_is_not_lost(season: Season) -> None:
    one = weekdays(season)
    assert one.rehearsal is not None
    mark(season, posted(season, "amina", series_id=season.running), one.rehearsal)
    with pytest.raises(Refusal):
        move(season, season.running, rehearsal=-2)
    assert move(season, season.running, rehearsal=0, ends=1) == Moved(1, 0)


def test_a_day_with_a_mark_stays_inside_of_its_post(season: Season) -> None:
    """Even where the series begins later: that mark's day was never one of the exam's."""
    one = weekdays(season)
    number = posted(season, "amina", series_id=season.running)
    mark(season, number, one.starts - 4 * DAY)
    assert move(season, season.running, ends=1) == Moved(1, 0)
    assert read(season, number).first_day == one.starts - 4 * DAY


# -- in bulk, and by command ---------------------------------------------------------------------------


def statements(season: Season) -> int:
    """How many statements it takes to move the series by a day."""
    heard: list[str] = []

    def listen(*said: Any) -> None:
        heard.append(said[2])

    engine = season.service.stores.engine
    event.listen(engine, "before_cursor_execute", listen)
    move(season, season.open, 1, 1, 1)
    event.remove(engine, "before_cursor_execute", listen)
    return len(heard)


def test_many_posts_take_as_many_statements_as_one(season: Season) -> None:
    with season.service.stores.transaction() as db:  # far from any public holiday: those are said apart
        one = db.get_one(Series, season.open)
        one.rehearsal, one.starts, one.ends = date(2030, 2, 1), date(2030, 2, 4), date(2030, 2, 22)
    counts = []
    for names in (("amina",), ("baraka", "fatuma", "esther")):
        for name in names:
            posted(season, name, BOYS)
        counts.append(statements(season))
    assert counts[0] == counts[1]


def test_the_notice_is_one_segment_in_both_languages(season: Season) -> None:
    posted(season, "amina")
    move(season, season.open, 1, 1, 1)
    message = said(season, "amina")[0]
    wording = Wording(season.service.library.live()[1].words, season.service.office)
    for lang, word in (("en", "Report"), ("sw", "Ripoti")):
        text = wording.sms(message.words, lang, message.details)
        assert word in text and "7.00" in text and len(text) <= 160


def test_the_code_of_an_offer_lives_until_the_new_reporting_time(season: Season) -> None:
    number = posted(season, "amina", state="offered")
    post = read(season, number)
    with season.service.stores.transaction() as db:
        now = office.now(db)
        asked = confirmations.ask(
            *(db, PEOPLE["amina"][0], "accept"),
            now=now,
            life=post.reporting_at - now,
            deployment=str(number),
        )
        asked_id = asked.id
    move(season, season.open, 7, 7, 7)
    with season.service.stores.transaction() as db:
        living = db.scalars(confirmations.living(PEOPLE["amina"][0], office.now(db))).all()
        assert [each.id for each in living] == [asked_id]
        assert living[0].expires_at == post.reporting_at + 7 * DAY


def test_the_command_says_how_many_and_a_dry_run_changes_nothing(
    run: Callable[..., Any], season: Season
) -> None:
    number = posted(season, "amina")
    one = series_of(season, season.open)
    before = read(season, number)
    words = ("dates", one.exam, str(one.year), "--rehearsal", str(before.first_day - DAY))
    dry = run(*words, "--dry-run")
    assert "1 posts would move with it, 1 people would be told" in dry.output
    assert read(season, number).first_day == before.first_day and said(season, "amina") == []
    assert series_of(season, season.open).rehearsal == one.rehearsal
    done = run(*words)
    assert "1 posts move with it, 1 people are told" in done.output, done.output
    assert read(season, number).first_day == before.first_day - DAY and len(said(season, "amina")) == 1


def test_a_series_that_was_never_open_is_under_way_or_past(run: Callable[..., Any], season: Season) -> None:
    one = series_of(season, season.running)
    mine = lambda: next(row for row in run("list").output.splitlines() if f"KPSEA {one.year}" in row)  # noqa: E731
    assert "under way" in mine()
    with season.service.stores.transaction() as db:
        db.get_one(Series, season.running).ends = season.today(db) - DAY
    assert "past" in mine()
