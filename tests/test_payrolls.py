"""Pay schedules: days times the rate, the reasons why not, four eyes, and what changes between them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from models.accounts import Account
from models.attendance import MarkEvent
from models.centres import RegisterDay
from models.deployments import Deployment
from models.payrolls import PayLine, PaySchedule
from models.series import Rate, Series
from operations import (
    attendance,
    disputes,
    duties,
    marks,
    payroll_export,
    payroll_lines,
    payroll_marks,
    payrolls,
    rule_book,
)
from operations.office import Actor, caller
from operations.refusals import Refusal
from tests.fixtures_attendance import AFTER, DAYS, Roll, at
from tests.fixtures_returns import Desk

ALICE, BOB = Actor("staff:alice", "command"), Actor("staff:bob", "command")


@pytest.fixture
def paid(desk: Desk) -> Desk:
    """The register was returned and received: nothing is in the way of anybody's pay."""
    desk.submit()
    desk.receive()
    desk.rate()
    return desk


def prepare(desk: Desk, by: Actor = ALICE) -> PaySchedule:
    with desk.roll.db() as db:
        return payrolls.prepare(db, desk.roll.series_id, by=by, now=AFTER)


def close(desk: Desk, number: int, by: Actor = BOB, seen: str = "") -> PaySchedule:
    """Close it, by the whole digest unless another is given."""
    with desk.roll.db() as db:
        seen = seen or db.get_one(PaySchedule, number).digest
        return payrolls.close(db, number, seen=seen, by=by, now=AFTER)


def lines(desk: Desk, number: int) -> dict[str, tuple[int, int | None, int | None, str | None]]:
    """The lines of a schedule by whose they are."""
    whose = {post: name for name, post in desk.posts.items()}
    with desk.roll.db() as db:
        found = db.scalars(select(PayLine).where(PayLine.schedule_id == number)).all()
        return {
            whose.get(each.deployment_id, ""): (each.days, each.ksh_per_day, each.ksh, each.refused)
            for each in found
        }


def hand_in_anew(desk: Desk, now: datetime = AFTER) -> None:
    """The register as it stands now is printed, signed, and comes in."""
    desk.submit(now=AFTER, confirmed=99)
    desk.receive(now=now)


def test_days_times_the_rate(paid: Desk) -> None:
    paid.correct("chebet", DAYS[0], False)
    hand_in_anew(paid)
    assert lines(paid, prepare(paid).id) == {
        "amina": (10, 550, 5500, None),
        "fatuma": (10, 680, 6800, None),
        "chebet": (9, 550, 4950, None),
    }


def test_the_rate_of_the_region_and_the_most_days_it_pays(paid: Desk) -> None:
    with paid.roll.db() as db:
        for region, sum in (("Nairobi & Mombasa", 900), ("Other", 500)):
            db.add(
                Rate(year=2030, exam="KCSE", position="supervisor", region=region, ksh_per_day=sum, days=4)
            )
    assert lines(paid, prepare(paid).id)["fatuma"] == (4, 900, 3600, None)


def not_accepted(desk: Desk) -> None:
    """A row that no centre could add any more: somebody was marked, and declined the post after that."""
    desk.posts["chebet"] = desk.roll.post("daudi", "security_officer", state="declined")
    with desk.roll.db() as db:
        said = "INSERT INTO mark_event (deployment_id, day, present, source, channel, actor, said_at)"
        row = {"post": desk.posts["chebet"], "day": DAYS[0], "at": at(DAYS[0], 8)}
        db.execute(text(f"{said} VALUES (:post, :day, true, 'x', 'ussd', 'phone:+254715000001', :at)"), row)


def relatives_phone(desk: Desk) -> None:
    """Two of three names are the same: a family's."""
    desk.profile("chebet", full_name="James Masinde Makori", mpesa_name="PETER MASINDE MAKORI")


def without_id(desk: Desk) -> None:
    with desk.roll.db() as db:
        mine = Account.id == desk.roll.season.accounts["chebet"]
        db.execute(update(Account).where(mine).values(national_id=None))


def disputed(desk: Desk) -> None:
    desk.correct("chebet", DAYS[2], False)
    hand_in_anew(desk)
    with desk.roll.db() as db:
        disputes.raise_(
            db, desk.roll.season.accounts["chebet"], desk.posts["chebet"], DAYS[2], by=ALICE, now=AFTER
        )


def unmarked(desk: Desk) -> None:
    desk.posts["chebet"] = desk.roll.post("daudi", "security_officer")
    desk.mark("chebet", *DAYS[:4])
    hand_in_anew(desk)
    rated(desk)


def rated(desk: Desk) -> None:
    with desk.roll.db() as db:
        db.add(Rate(year=2030, exam="KCSE", position="security_officer", region="All", ksh_per_day=400))


def not_received(desk: Desk) -> None:
    with desk.roll.db() as db:
        db.execute(text("UPDATE register_return SET received_at = NULL"))


def not_submitted(desk: Desk) -> None:
    with desk.roll.db() as db:
        db.execute(text("DELETE FROM register_return"))


def received_late(desk: Desk) -> None:
    """It came in on 1 December; the rule book says 30 November."""
    rule(desk, date(2030, 11, 30))


def rule(desk: Desk, day: date) -> None:
    with desk.roll.db() as db:
        series = db.get_one(Series, desk.roll.series_id)
        rule_book.keep(db, series, replace(rule_book.of(db, series), returns_by=day), by=ALICE, now=AFTER)


def no_rate(desk: Desk) -> None:
    with desk.roll.db() as db:
        db.execute(text("DELETE FROM rate WHERE position = 'invigilator'"))


REASONS: list[tuple[Callable[[Desk], None], str]] = [
    (lambda desk: desk.profile("chebet", mpesa_name="PETER KAMAU NJOROGE"), "other_name"),
    (lambda desk: desk.profile("chebet", mpesa_name=None), "other_name"),
    (relatives_phone, "other_name"),
    (lambda desk: desk.profile("chebet", licence_no=None), "no_identity"),
    (lambda desk: desk.profile("chebet", kind="teacher", employment_no=None), "no_identity"),
    (without_id, "no_identity"),
    (not_submitted, "not_returned"),
    (not_received, "not_returned"),
    (lambda desk: desk.correct("chebet", DAYS[0], False), "not_returned"),
    (lambda desk: desk.correct("amina", DAYS[0], False), "not_returned"),
    (received_late, "late"),
    (not_accepted, "not_deployed"),
    (disputed, "incomplete"),
    (unmarked, "incomplete"),
    (no_rate, "no_rate"),
]


@pytest.mark.parametrize(
    ("spoil", "reason"), REASONS, ids=[f"{n}-{why}" for n, (_, why) in enumerate(REASONS)]
)
def test_why_a_line_is_refused(paid: Desk, spoil: Callable[[Desk], None], reason: str) -> None:
    spoil(paid)
    _, _, ksh, refused = lines(paid, prepare(paid).id)["chebet"]
    assert (ksh, refused) == (None, reason)


def test_the_name_may_be_spelled_in_another_order(paid: Desk) -> None:
    paid.profile("fatuma", mpesa_name="ALI HASSAN FATUMA")
    assert lines(paid, prepare(paid).id)["fatuma"][3] is None


def test_who_left_is_paid_until_then(paid: Desk) -> None:
    rated(paid)
    left = {"state": "replaced", "answered_at": at(DAYS[0], 6), "ended_at": at(DAYS[3], 12)}
    paid.posts["daudi"] = paid.roll.post("daudi", "security_officer", **left)
    paid.mark("daudi", *DAYS[:3])
    hand_in_anew(paid)
    assert lines(paid, prepare(paid).id)["daudi"] == (3, 400, 1200, None)


def test_the_same_marks_give_the_same_digest(paid: Desk) -> None:
    first, again = prepare(paid), prepare(paid, BOB)
    assert first.digest == again.digest and first.id != again.id
    with paid.roll.db() as db:
        states = db.execute(select(PaySchedule.id, PaySchedule.state)).all()
        kept = db.scalar(select(func.count()).select_from(PayLine).where(PayLine.schedule_id == first.id))
    assert sorted(map(tuple, states)) == [(first.id, "discarded"), (again.id, "draft")] and kept == 0


def test_whoever_prepares_does_not_close(paid: Desk) -> None:
    number = prepare(paid).id
    same_names = ("Alice ", " alice", " aLICE  ", "al\u200bice", "\uff21lice")
    for same in (ALICE, *(Actor(f"staff:{name}", "console") for name in same_names)):
        with pytest.raises(Refusal, match=r"pay\.four_eyes"):
            close(paid, number, same)
    assert close(paid, number).closed_by == "staff:bob"
    assert close(paid, number, ALICE).closed_by == "staff:bob"  # it is closed already
    with paid.roll.db() as db, pytest.raises(IntegrityError, match="four_eyes"):
        db.execute(text("UPDATE pay_schedule SET closed_by = prepared_by"))


def test_what_changed_since_is_prepared_again(paid: Desk) -> None:
    number = prepare(paid).id
    paid.correct("chebet", DAYS[0], False)
    with pytest.raises(Refusal, match=r"pay\.changed"):
        close(paid, number)
    hand_in_anew(paid)
    assert close(paid, prepare(paid).id).state == "closed"


def test_a_closed_one_is_never_changed(paid: Desk) -> None:
    number = prepare(paid).id
    close(paid, number)
    before = lines(paid, number)
    paid.correct("chebet", DAYS[0], False)
    with pytest.raises(Refusal, match=r"pay\.closed"):
        prepare(paid)
    with paid.roll.db() as db, pytest.raises(Refusal, match=r"pay\.closed"):
        payrolls.discard(db, number, by=BOB, now=AFTER)
    assert lines(paid, number) == before


def test_a_draft_is_discarded_with_its_lines(paid: Desk) -> None:
    number = prepare(paid).id
    for _ in range(2):
        with paid.roll.db() as db:
            assert payrolls.discard(db, number, by=ALICE, now=AFTER).state == "discarded"
    assert lines(paid, number) == {}
    with pytest.raises(Refusal, match=r"pay\.discarded"):
        close(paid, number)


def test_nobody_prepares_from_a_phone_or_before_the_last_register_closes(paid: Desk) -> None:
    with paid.roll.db() as db, pytest.raises(Refusal, match=r"pay\.staff_only"):
        payrolls.prepare(db, paid.roll.series_id, by=caller("+254711000001", "sms"), now=AFTER)
    with paid.roll.db() as db, pytest.raises(Refusal, match=r"pay\.not_over"):
        payrolls.prepare(db, paid.roll.series_id, by=ALICE, now=at(DAYS[-1] + timedelta(days=1), 9))


def test_no_query_a_person(paid: Desk, queries: list[str]) -> None:
    def counted() -> int:
        queries.clear()
        prepare(paid)
        return len(queries)

    few = counted()
    for name in ("baraka", "daudi", "esther"):
        paid.posts[name] = paid.roll.post(name, "invigilator", centre="20401002")
        paid.mark(name, *DAYS)
    # The older draft is discarded the second time: three statements, whoever is in it.
    assert counted() <= few + 4


@pytest.mark.parametrize("seed", range(8))
def test_the_database_decides_as_the_register_does(desk: Desk, seed: int) -> None:
    chance, ids = Random(seed), list(desk.posts.values())
    with desk.roll.db() as db:
        opened = {"series_id": desk.roll.series_id, "centre_code": "20401001", "day": DAYS[2]}
        db.add(RegisterDay(**opened, reopened_until=at(DAYS[6], 12)))
        for n in range(300):
            day = chance.choice(DAYS[:6])
            hours = chance.choice((0, 7, 8, 8, 25, 26, 27, 60, 200))  # a day closes 26 hours after it began
            row = MarkEvent(deployment_id=chance.choice(ids), day=day, present=chance.random() < 0.5)
            row.source, row.channel = f"any:{n}", "ussd"
            row.actor = chance.choice(
                ("phone:+254715000001", "director:+254700000001", "staff:x", "staffer:x")
            )
            row.reason = chance.choice((None, "", "was there"))
            row.said_at = at(day, 0) + timedelta(hours=hours)
            db.add(row)
    with desk.roll.db() as db:
        many = duties.gather(db, duties.among(Deployment.id, ids))
        held = marks.holding(attendance.words(db, ids), attendance.cut_offs(db, many))
        found = payroll_marks.of(db, db.get_one(Series, desk.roll.series_id), ids)
    for number in ids:
        mine = {day: mark.present for (post, day), mark in held.items() if post == number}
        assert found[number].days == frozenset(mine)
        assert found[number].present == frozenset(day for day, present in mine.items() if present)


def test_chunks_change_nothing(paid: Desk, roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = prepare(paid)
    monkeypatch.setattr(payroll_lines, "CHUNK", 1)
    assert prepare(paid).digest == whole.digest


# -- what was seen is what is closed, for ever -----------------------------------------------------------


def kept(desk: Desk, number: int) -> list[payroll_lines.Line]:
    with desk.roll.db() as db:
        return list(payroll_lines.stored(db, number))


def correct_people(desk: Desk) -> None:
    """What people and officers put right later: names, phones, numbers, the name of a centre."""
    desk.profile(
        "chebet", full_name="Chebet Kiprono Rono", mpesa_name="CHEBET KIPRONO RONO", licence_no="DL9"
    )
    with desk.roll.db() as db:
        db.execute(text("UPDATE centre SET name = 'Another name' WHERE code = '20401001'"))
        mine = Account.id == desk.roll.season.accounts["fatuma"]
        db.execute(update(Account).where(mine).values(national_id="39999999"))


def test_a_line_says_whom_it_is_for(paid: Desk) -> None:
    fatuma = next(line for line in kept(paid, prepare(paid).id) if line.deployment_id == paid.posts["fatuma"])
    assert (fatuma.name, fatuma.mpesa_name, fatuma.phone) == (
        *("Fatuma Hassan Ali", "FATUMA HASSAN ALI"),
        "+254711000006",
    )
    assert (fatuma.position, fatuma.centre_code, fatuma.centre) == (
        *("supervisor", "20401001"),
        "Kasarani Girls Secondary School",
    )
    assert (fatuma.sub_county, fatuma.county, fatuma.region) == ("Kasarani", "Nairobi", "Nairobi & Mombasa")
    account = paid.roll.season.accounts["fatuma"]
    assert (fatuma.national_id, fatuma.number) == (f"2{account:07}", f"{500000 + account}")
    for secret in ("Fatuma", "FATUMA", "711000006", f"2{account:07}", f"{500000 + account}"):
        assert secret not in repr(fatuma)


def test_a_closed_one_says_the_same_whatever_people_correct(paid: Desk, tmp_path: Path) -> None:
    schedule = prepare(paid)
    close(paid, schedule.id)
    before = kept(paid, schedule.id)
    for name in ("before", "after"):
        with paid.roll.db() as db:
            held = db.get_one(PaySchedule, schedule.id)
            assert payroll_export.export(db, held, "csv", tmp_path / name, by=BOB) == 3
        correct_people(paid)
    assert (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes()
    assert kept(paid, schedule.id) == before


COUNTED: dict[str, Callable[[Desk], None]] = {
    "M-Pesa name": lambda desk: desk.profile("chebet", mpesa_name="RONO CHEBET"),
    "name": lambda desk: desk.profile("chebet", full_name="CHEBET RONO"),
    "number": lambda desk: desk.profile("chebet", licence_no="DL999999"),
    "phone": lambda desk: changed(
        desk, "UPDATE account SET phone = '+254711000099' WHERE phone = '+254711000003'"
    ),
    "centre": lambda desk: changed(desk, "UPDATE centre SET name = 'Another name' WHERE code = '20401001'"),
}


def changed(desk: Desk, sql: str) -> None:
    with desk.roll.db() as db:
        db.execute(text("INSERT INTO subscriber (phone, lang) VALUES ('+254711000099', 'en')"))
        assert db.execute(text(sql)).rowcount == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", COUNTED)
def test_whoever_changed_since_must_be_seen_anew(paid: Desk, what: str) -> None:
    """The sum is the same, and the line is still paid: but it is not the one that was looked at."""
    number = prepare(paid).id
    COUNTED[what](paid)
    with pytest.raises(Refusal, match=r"pay\.changed"):
        close(paid, number)
    again = prepare(paid)
    assert close(paid, again.id).state == "closed" and lines(paid, again.id)["chebet"][2] == 5500


@pytest.mark.parametrize("typed", ["", "  ", "SHORT", "OTHER", "LONG", "MIDDLE"])
def test_whoever_closes_says_what_they_saw(paid: Desk, typed: str) -> None:
    schedule = prepare(paid)
    digest = schedule.digest
    other = "1" if digest[7] == "0" else "0"
    wrong = {"SHORT": digest[:7], "OTHER": digest[:7] + other, "LONG": digest + "0", "MIDDLE": digest[1:20]}
    with paid.roll.db() as db, pytest.raises(Refusal, match=r"pay\.other_digest"):
        payrolls.close(db, schedule.id, seen=wrong.get(typed, typed), by=BOB, now=AFTER)
    assert close(paid, schedule.id, seen=f" {digest[:4].upper()} {digest[4:8]}").state == "closed"


@pytest.mark.parametrize("column", ["ksh = 9999", "phone = '+254700000000'", "name = NULL"])
def test_lines_that_somebody_touched_are_neither_closed_nor_exported(
    paid: Desk, tmp_path: Path, column: str
) -> None:
    number = prepare(paid).id
    with paid.roll.db() as db:
        db.execute(text(f"UPDATE pay_line SET {column} WHERE deployment_id = {paid.posts['chebet']}"))
    with pytest.raises(Refusal, match=r"pay\.broken"):
        close(paid, number)
    with paid.roll.db() as db, pytest.raises(Refusal, match=r"pay\.broken"):
        held = db.get_one(PaySchedule, number)
        payroll_export.export(db, held, "csv", tmp_path / "pay.csv", by=BOB)


def test_no_two_lines_make_one_hash(paid: Desk) -> None:
    """Nothing is a word of its own, and no sign of a name passes for the end of it."""
    with paid.roll.db() as db:
        series = db.get_one(Series, paid.roll.series_id)
        pairs = (("None", "x"), (None, "x"), ('a","b', "c"), ("a", 'b","c'), ("a\n", "c"), ("a", "\nc"))
        found = {
            payroll_lines.digest(series, [payroll_lines.Line(1, 2, 3, 6, None, name=name, mpesa_name=other)])
            for name, other in pairs
        }
    assert len(found) == len(pairs)


def test_lines_from_before_get_their_people_by_the_migration(paid: Desk) -> None:
    schedule = prepare(paid)
    migration = import_module("models.migrations.versions.0004_pay_and_holidays")
    with paid.roll.db() as db:
        empty = ", ".join(f"{name} = NULL" for name in migration.FROZEN)
        db.execute(text(f"UPDATE pay_line SET {empty}"))
        db.execute(text(migration.FREEZE))
        series = db.get_one(Series, paid.roll.series_id)
        assert payroll_lines.digest(series, payroll_lines.stored(db, schedule.id)) == schedule.digest
