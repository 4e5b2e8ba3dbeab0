"""`flask notify people …`: who is told, how long the words are, and nobody twice."""

from datetime import datetime, time, timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.accounts import Account, Subscriber
from models.messages import Message
from models.people import Profile
from models.records import Audit
from models.series import Series
from operations import announcements
from operations.office import NAIROBI
from tests.deploying import GIRLS, STAFF, accept, applied, decline, do, offer, plain_rules
from tests.fixtures_season import PEOPLE, Season
from tests.fixtures_service import Handset
from ussd_app.cli.notify import notify

BRIEFING = "The briefing is on Friday at 9.00 am at your Sub-County office."


@pytest.fixture(autouse=True)
def rules(season: Season) -> None:
    """Few people fill many posts."""
    plain_rules(season)


def run(app: Flask, *given: object) -> Result:
    """One command and what it said."""
    return app.test_cli_runner().invoke(notify, ["people", "--by", "jane", *map(str, given)])


def told(season: Season) -> list[str]:
    """The people who have a message, by name."""
    phones = {PEOPLE[name][0]: name for name in PEOPLE}
    with season.service.stores.sessions() as db:
        return sorted(phones.get(phone, phone) for phone in db.scalars(select(Message.phone)))


def test_everybody_is_told_in_the_bulk_lane_as_a_notice(app: Flask, season: Season) -> None:
    said = run(app, "--words", BRIEFING)
    assert said.exit_code == 0 and "6 messages queued, 0 told before" in said.output, said.output
    assert told(season) == sorted(PEOPLE)
    with season.service.stores.sessions() as db:
        kinds = db.execute(select(Message.lane, Message.klass, Message.words).distinct()).all()
        assert kinds == [("bulk", "notice", "notice.office")]
        assert Handset(app, PEOPLE["amina"][0]).inbox() == [f"KNEC: {BRIEFING}"]
        audit = db.execute(select(Audit.act, Audit.actor, Audit.details).order_by(Audit.id)).all()[-1]
    assert audit[:2] == ("announcement.send", "staff:jane") and BRIEFING not in str(audit[2])


SELECTIONS = {
    ("--kind", "teacher"): ["amina", "esther", "fatuma"],
    ("--county", "mombasa"): ["daudi", "esther", "fatuma"],
    ("--county", "047", "--kind", "teacher"): ["amina"],
    ("--exam", "KCSE"): ["amina", "fatuma"],
    ("--position", "supervisor"): ["amina"],
    ("--centre", GIRLS, "--exam", "kcse"): ["amina"],
    ("--exam", "KPSEA"): [],
    ("--exam", "KCSE", "--year", "1999"): [],
    ("--applied", "--position", "driver"): ["chebet"],
}


@pytest.mark.parametrize("given", SELECTIONS)
def test_who_is_told(app: Flask, season: Season, given: tuple[str, ...]) -> None:
    offer(season, "amina")
    accept(season, offer(season, "fatuma", "01101001", "invigilator"))
    decline(season, offer(season, "daudi", "01101001", "security_officer"))
    applied(season, "chebet", "driver", "42101001")
    do(season, lambda db, now: db.query(Message).delete())
    said = run(app, "--words", BRIEFING, *given)
    assert said.exit_code == 0 and told(season) == SELECTIONS[given], said.output


def test_a_dry_run_counts_people_and_segments(app: Flask, season: Season) -> None:
    season.speak("amina", "sw")
    long = BRIEFING * 4
    said = run(app, "--words", long, "--words-sw", "Mkutano ni Ijumaa.", "--dry-run")
    assert "en: 258 septets; segments each: 2; people: 5" in said.output, said.output
    assert "sw: KNEC: Mkutano ni Ijumaa." in said.output
    assert "6 people, 11 segments." in said.output and told(season) == []


def test_each_reads_it_in_their_language(app: Flask, season: Season) -> None:
    season.speak("amina", "sw")
    run(app, "--words", BRIEFING, "--words-sw", "Mkutano ni Ijumaa.", "--kind", "teacher")
    assert Handset(app, PEOPLE["amina"][0]).inbox() == ["KNEC: Mkutano ni Ijumaa."]
    assert Handset(app, PEOPLE["fatuma"][0]).inbox() == [f"KNEC: {BRIEFING}"]


def test_words_are_folded_and_measured_before_anything_is_sent(app: Flask, season: Season) -> None:
    said = run(app, "--words", "Don\u2019t be late \u2013 7.00", "--dry-run")
    assert "en: KNEC: Don't be late - 7.00" in said.output
    for words, fault in (
        ("m" * 301, "The words take 3 segments (en); 2 at most."),
        ("Ajali \u26a0 leo", "No phone shows"),
    ):
        said = run(app, "--words", words)
        assert said.exit_code == 2 and fault in said.output, said.output
    assert told(season) == []


def test_a_named_sentence(app: Flask, season: Season) -> None:
    assert run(app, "--name", "form.profile", "--kind", "driver").exit_code == 0
    assert "your profile is not finished" in Handset(app, PEOPLE["chebet"][0]).inbox()[0]
    for given, fault in (
        (("--name", "no.such"), "cannot be said"),
        (("--name", "deployment.offered"), "cannot be said to everybody"),
        (("--name", "form.profile", "--words", "x"), "either --words or --name"),
        ((), "either --words or --name"),
    ):
        said = run(app, *given)
        assert said.exit_code == 2 and fault in said.output, said.output


def crowd(season: Season, count: int) -> None:
    """So many drivers more."""

    def add(db: Session, now: datetime) -> None:
        phones = [f"+2547550{n:05}" for n in range(count)]
        db.add_all(Subscriber(phone=phone, lang="en") for phone in phones)
        db.flush()
        accounts = [Account(username=phone[1:], phone=phone) for phone in phones]
        db.add_all(accounts)
        db.flush()
        db.add_all(Profile(account_id=account.id, kind="driver") for account in accounts)

    do(season, add)


def test_many_people_are_told_only_by_who_means_it(app: Flask, season: Season) -> None:
    crowd(season, 120)
    said = run(app, "--words", BRIEFING)
    assert said.exit_code == 1 and "126 people are many: say --yes" in said.output and told(season) == []
    assert "126 messages queued" in run(app, "--words", BRIEFING, "--yes").output


def test_one_that_was_stopped_goes_on_and_tells_nobody_twice(app: Flask, season: Season) -> None:
    crowd(season, 2100)
    said = announcements.free({"en": BRIEFING})
    chosen = announcements.Selection(kind="driver")

    def first_batch(db: Session, now: datetime) -> tuple[int, int, int]:
        keyed = announcements.keyed(said, "", now=now)
        return announcements.send(db, keyed, chosen, after=0, by=STAFF, now=now)

    assert do(season, first_batch)[1:] == (1000, 1000)
    said_again = run(app, "--words", BRIEFING, "--kind", "driver", "--yes")
    assert "1,101 messages queued, 1,000 told before" in said_again.output, said_again.output
    with season.service.stores.sessions() as db:
        each = select(func.count()).select_from(Message).group_by(Message.phone)
        assert set(db.scalars(each)) == {1}
    # Under another key the same words are another announcement.
    again = run(app, "--words", BRIEFING, "--kind", "driver", "--yes", "--key", "second")
    assert "2,101 messages queued, 0 told before, under the key second" in again.output


def test_a_series_is_over_when_its_last_day_is_over_in_nairobi(season: Season) -> None:
    accept(season, offer(season, "fatuma", "01101001", "invigilator"))
    selection = announcements.Selection(exam="KCSE")
    with season.service.stores.sessions() as db:
        ends = db.get_one(Series, season.open).ends
        last = datetime.combine(ends, time(23, 30), NAIROBI)
        for moment, told in ((last, {"en": 1}), (last + timedelta(hours=1), {})):
            assert announcements.counted(db, selection, now=moment) == told


def test_a_batch_is_one_short_statement_a_language(season: Season, queries: list[str]) -> None:
    crowd(season, 300)
    season.speak("amina", "sw")
    said = announcements.free({"en": BRIEFING, "sw": "Mkutano ni Ijumaa."})
    queries.clear()
    do(
        season,
        lambda db, now: announcements.send(db, said, announcements.Selection(), after=0, by=STAFF, now=now),
    )
    inserts = [sql for sql in queries if "INSERT INTO message" in sql]
    assert len(inserts) == 2 and max(map(len, inserts)) < 1000
    season.speak("amina", "en")  # afterwards: what was written for her stays as it was written
    with season.service.stores.sessions() as db:
        hers = select(Message.lang, Message.details).where(Message.phone == PEOPLE["amina"][0])
        assert db.execute(hers).one() == ("sw", {"text": "Mkutano ni Ijumaa."})
