"""The demonstration season: what it promises, that it obeys the rules of the office, and whom to dial as."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text

from models.accounts import Account, Subscriber
from models.applications import LIVE, Application
from models.attendance import MarkEvent
from models.centres import Director
from models.deployments import Deployment
from models.people import KINDS, Profile
from models.places import Centre, School, SubCounty
from models.records import Contact
from models.registers import MATCHES, REGISTERS, STANDINGS, Eligibility, RegisterEntry
from models.series import POSITIONS, Series, Vacancy
from operations import (
    attendance,
    calendars,
    contacts,
    day_registers,
    demonstration,
    eligibility,
    office,
    payroll_lines,
    profile_fields,
    profiles,
    registers,
    returns,
    rules,
    series,
    settlements,
    vacancies,
)
from operations.demonstration_people import PASSWORD, PERSONAS, newcomers
from operations.demonstration_places import centres
from operations.demonstration_posts import ENDED
from operations.office import NAIROBI
from telephony import gsm7, phones, references
from tests.fixtures_service import Handset
from ussd_app.service import Service

DEMO = Path(__file__).parent.parent / "docs" / "demo.md"
# A row of the table of people: | 0722 000 111 | Wanjiku … | …
ROW = re.compile(r"^\| (0722 000 \d{3}) \| ([^|]+?) \|", re.MULTILINE)


@pytest.fixture
def loaded(service: Service) -> Service:
    """A service with the demonstration season."""
    load(service)
    return service


def load(service: Service) -> None:
    with service.stores.transaction() as db:
        demonstration.load(db, service.office, now=office.now(db))


def everything(service: Service) -> dict[str, str]:
    """A digest of every table."""
    with service.stores.transaction() as db:
        tables = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        digest = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM public.{} AS t"
        return {name: db.scalar(text(digest.format(name))) for name in db.scalars(text(tables))}


def test_loading_twice_changes_nothing(loaded: Service) -> None:
    before = everything(loaded)
    load(loaded)
    assert everything(loaded) == before


def test_it_takes_few_statements(service: Service) -> None:
    """`make run` waits for it: whole tables at once, and the verbs of the office for a handful of people."""
    said = []
    event.listen(service.stores.engine, "before_cursor_execute", lambda *facts: said.append(facts[2]))
    load(service)
    assert len(said) <= 330, len(said)


def test_what_is_promised(loaded: Service) -> None:
    with loaded.stores.transaction() as db:
        schools = select(func.count(), func.count(SubCounty.county_code.distinct())).select_from(Centre)
        schools = schools.join(SubCounty, SubCounty.id == Centre.sub_county_id)
        assert db.execute(schools.where(Centre.station == "examination")).one() == (63, 47)
        stations = set(db.scalars(select(Centre.station)))
        assert stations == {"examination", "distribution", "marking"}
        assert db.scalar(select(func.count()).select_from(Profile)) == 300
        assert db.scalar(select(func.count()).where(Account.centre_code.is_not(None))) == 11
        assert set(db.scalars(select(Profile.kind))) == set(KINDS)
        assert set(db.scalars(select(RegisterEntry.register))) == set(REGISTERS)
        assert set(db.scalars(select(Eligibility.match))) == set(MATCHES) - {"unchecked"}
        assert set(db.scalars(select(Eligibility.standing))) == set(STANDINGS)
        assert (db.scalar(select(func.count()).select_from(School)) or 0) > 250
        assert set(db.scalars(select(Subscriber.lang))) == {"en", "sw"}


def test_one_series_is_under_way_and_two_are_open(loaded: Service) -> None:
    with loaded.stores.transaction() as db:
        now = office.now(db)
        today = now.astimezone(NAIROBI).date()
        running = db.scalars(select(Series).where(Series.rehearsal <= today, Series.ends >= today)).all()
        assert [(one.exam, one.year) for one in running] == [("KCSE", today.year)]
        assert 9 <= (today - running[0].starts).days <= 15
        assert set(db.scalars(select(Series.exam).where(series.is_open(now)))) == {"KCSE", "KPSEA"}
        has_room = select(Vacancy.position).where(Vacancy.filled < Vacancy.capacity)
        assert set(db.scalars(has_room)) == set(POSITIONS)
        full = select(func.count()).select_from(Vacancy).where(Vacancy.filled == Vacancy.capacity)
        assert db.scalar(full), "somebody must see a vacancy that is full"


def test_a_register_can_be_tried_on_any_day(loaded: Service) -> None:
    """The series under way goes on from its first day to its last, Sundays and holidays too."""
    with loaded.stores.transaction() as db:
        today = office.now(db).astimezone(NAIROBI).date()
        running = db.scalars(select(Series).where(Series.rehearsal <= today, Series.ends >= today)).one()
        days = list(calendars.exam_days(running))
        assert days[0] == running.rehearsal and len(days) == (running.ends - running.starts).days + 2
        assert today in days


def test_whoever_should_have_a_complete_profile_has_one(loaded: Service) -> None:
    """Each line is one that the person could have typed."""
    with loaded.stores.transaction() as db:
        asked = {one.account_id for one in db.scalars(select(Eligibility))}
        for account_id in db.scalars(select(Account.id)).all():
            held = profiles.held(db, account_id)
            assert bool(profiles.lacking(held)) == (account_id not in asked)
            for name, value in held.items():
                if name in {field.name for field in profile_fields.of_kind(held["kind"])}:
                    assert profile_fields.judge(name, value) == value, (name, value)


def test_the_registers_say_what_was_written_down(loaded: Service) -> None:
    before = everything(loaded)["eligibility"]
    with loaded.stores.transaction() as db:
        for register in REGISTERS:
            assert eligibility.recheck(db, register)
    assert everything(loaded)["eligibility"] == before


def test_who_has_no_account_yet_would_be_verified(loaded: Service) -> None:
    with loaded.stores.transaction() as db:
        for each in newcomers([("001", "Likoni")]):
            claim = registers.Claim(each.kind, each.number, each.national_id, each.name)
            register = registers.AUTHORITIES[each.kind].register
            assert registers.check(db, register, [claim])[0].match == "verified"
            assert each.number in DEMO.read_text() or each.n > 304


def test_every_post_obeys_the_rules(loaded: Service) -> None:
    """Whoever serves, or has applied, might have been offered it by the verbs."""
    with loaded.stores.transaction() as db:
        now = office.now(db)
        for post in db.scalars(select(Deployment)).all():
            exam = db.get_one(Series, post.series_id)
            rules.check_post(db, post.account_id, exam, post.centre_code, post.position, now=now)
        for wish in db.scalars(select(Application)).all():
            rules.check(db, wish.account_id, db.get_one(Vacancy, wish.vacancy_id), now=now)


def test_places_are_counted(loaded: Service) -> None:
    with loaded.stores.transaction() as db:
        holding = (Application.vacancy_id == Vacancy.id, Application.state.in_(LIVE))
        taken = select(func.count()).select_from(Application).where(*holding).scalar_subquery()
        wrong = select(Vacancy.code).where(Vacancy.filled != taken)
        assert db.scalars(wrong).all() == []


def test_codes_and_references_can_be_typed(loaded: Service) -> None:
    with loaded.stores.transaction() as db:
        for code in db.scalars(select(Vacancy.code)):
            assert vacancies.by_code(db, code)
        for table in (Application, Deployment):
            for reference in db.scalars(select(table.reference)):
                assert references.read(reference) == reference
    codes = [row["code"] for row in centres()]
    assert len(set(codes)) == len(codes) and all(re.fullmatch("[0-9]{8}", code) for code in codes)


def test_past_days_are_marked_by_somebody(loaded: Service) -> None:
    """Present, absent, and not yet marked: each can be seen, and somebody is there to be asked."""
    with loaded.stores.transaction() as db:
        now = office.now(db)
        mine = select(Deployment).join(Account).where(Account.phone == PERSONAS[1].phone)
        post = db.scalars(mine).one()
        states = {day.state for day in attendance.days(db, post.id, now=now)}
        assert states == {"present", "absent", "unmarked"}
        known = set(db.scalars(select(Account.phone)))
        assert {actor.removeprefix("phone:") for actor in db.scalars(select(MarkEvent.actor))} <= known


def test_what_goes_on_at_the_centres(loaded: Service) -> None:
    """Two phones differ about somebody, a day is disputed, and of three returns one came back signed."""
    with loaded.stores.transaction() as db:
        now = office.now(db)
        register = day_registers.of(db, "22108001", now.astimezone(NAIROBI).date(), now=now)
        assert [row.officer.roster_no for row in register.conflicts] == [5]
        assert [each.centre_code for each in settlements.open_disputes(db)] == ["47109001"]
        standings = [returns.standing(db, code, now=now).name for code in ENDED]
        assert standings == ["due", "submitted", "received"]
        ended = series.named(db, "KPSEA", now.astimezone(NAIROBI).year)
        lines = next(payroll_lines.compute(db, ended, now=now))
        reasons = Counter(line.refused for line in lines)
        assert reasons == {None: 4, "no_rate": 1, "not_returned": 10}


def test_there_is_a_director_wherever_there_is_a_centre(loaded: Service) -> None:
    with loaded.stores.transaction() as db:
        areas = db.scalars(select(SubCounty.name).join(Centre, Centre.sub_county_id == SubCounty.id)).all()
        assert all(contacts.director(db, area) for area in areas)
        assert contacts.council(db)
        numbers = db.scalars(select(Contact.phone).where(Contact.kind == "director")).all()
        assert len(set(numbers)) == len(numbers)
        known = {(each.phone, each.name) for each in db.scalars(select(Director))}
        rows = db.execute(select(Contact.phone, Contact.name).where(Contact.kind == "director"))
        assert known == {(phones.read(phone), name) for phone, name in rows}


def test_names_are_gsm_7_and_invented_once() -> None:
    names = [row["name"] for row in centres()]
    assert len(set(names)) == len(names) and max(map(len, names)) == 44
    assert not any(gsm7.strangers(name) for name in names)


def people_of_the_page() -> list[tuple[str, str]]:
    """Number and name of everybody in the table of docs/demo.md."""
    return [(number.replace(" ", ""), name) for number, name in ROW.findall(DEMO.read_text())]


def test_the_page_names_everybody() -> None:
    told = [(f"+254{number[1:]}", name) for number, name in people_of_the_page()]
    assert told == [(each.phone, each.name) for each in PERSONAS]


def test_the_page_names_whatever_is_tried() -> None:
    """Numbers and centres of the tries below stand in the page as they are typed there."""
    page = DEMO.read_text()
    for number in {each[0] for each in (*TRIES, *CENTRE_TRIES, *TEXTS)}:
        assert f"{number[:4]} {number[4:7]} {number[7:]}" in page
    for centre in {each[1] for each in CENTRE_TRIES}:
        assert f"| {centre} |" in page


def test_everybody_of_the_page_signs_in(loaded: Service, handset: Callable[[str], Handset]) -> None:
    """With the page's password, into the desk, in their language."""
    for each in PERSONAS:
        phone = handset(each.phone)
        assert ("Karibu" in phone.dial()) == (each.lang == "sw")
        home = phone.send(PASSWORD)
        assert home.startswith("CON ") and "Tries" not in home and "Majaribio" not in home, home
        assert re.search(r"^\d+\. ", home, re.MULTILINE), home


# What docs/demo.md says that each may try: what they type after the password, and what they then see.
TRIES = (
    ("0722000111", ("2", "2", "2"), "Kiambu"),
    ("0722000111", ("3", "<Limuru supervisor>"), "You served at this centre"),
    ("0722000112", ("7",), "not yet marked 2"),
    ("0722000112", ("7", "3"), "1. "),
    ("0722000113", ("5",), "OFFER: KCSE"),
    ("0722000114", ("2", "2"), "Usafiri"),
    ("0722000115", ("4",), "Waiting for review"),
    ("0722000115", ("4", "1"), "Why do you withdraw it?"),
    ("0722000116", ("5",), "Thika Marking Centre"),
    ("0722000116", ("5", "2"), "KNEC DECLARATION"),
    ("0722000116", ("5", "3"), "A link is coming by SMS"),
    ("0722000117", ("7",), "Ksh "),
    ("0722000118", ("1",), "Bado: Benki"),
    ("0722000118", ("3", "<Limuru supervisor>"), "Huwezi kuomba kabla ya wasifu"),
    ("0722000119", ("1", "6"), "Not approved yet"),
    ("0722000120", ("1", "6"), "did not approve you"),
    ("0722000121", ("4",), "Limekubaliwa"),
    ("0722000121", ("6",), "mpya (*): 3"),
    ("0722000122", ("5",), "Kikuyu Springs"),
    ("0722000124", ("7",), "KPSEA"),
    ("0700000019", ("1",), "Marked 0 of 2 centres"),
    ("0700000019", ("1", "1"), "0/8 Zimmerman"),
    ("0700000019", ("2", "47109002", "0711000601", "1"), "on its way to 0711 000 601"),
    ("0700000019", ("5", "47209002", "1"), "recorded as received"),
    ("0700000019", ("6", "1"), "James Gitau Ombati says: present"),
    ("0700000019", ("3", "0722000112", "21000074", "0711000602"), "Move the account of 0722 000 112"),
    ("0700000022", ("1",), "Vimeweka vituo 1 kati ya 1"),
)
# As a centre manager: the phone, the centre, what is typed once signed in, and what is seen.
CENTRE_TRIES = (
    ("0722000117", "47109001", ("1",), "8 officers, nobody marked yet"),
    ("0722000117", "47109001", ("1", "1", "1"), ": P 8, Ab 0"),
    ("0722000117", "47109001", ("1", "2", "3 7"), "P 6, Ab 2: 3 "),
    ("0722000117", "47109001", ("5",), "the register is returned from"),
    ("0722000117", "47109001", ("6", "1"), "the Director decides"),
    ("0722000123", "22108001", ("1",), "P 7, Ab 1; simu zatofautiana: na. 5"),
    ("0722000125", "22108001", ("3",), "Kamau Ndungu Kinyua"),
    ("0722000124", "47209001", ("1",), "No register to mark"),
    ("0722000124", "47209001", ("5",), "no mark is missing. Submit the register?"),
)
TEXTS = (
    ("0722000111", "VACANCIES Kiambu", "Limuru Tea Growers"),
    ("0722000111", "APPLY <elsewhere>", "YES "),
    ("0722000112", "PAY", "not yet marked"),
    ("0722000113", "DEPLOYMENT", "Reply ACCEPT"),
    ("0722000114", "NAFASI Mombasa", "Dereva"),
    ("0722000115", "STATUS", "waiting for review"),
    ("0722000116", "LETTER", "last 4 digits"),
    ("0722000117", "DEPLOYMENT", "Centre Manager"),
    ("0722000118", "WASIFU BENKI KCB", "Imehifadhiwa"),
    ("0722000119", "PROFILE", "26 of 26"),
    ("0722000121", "HALI", "limekubaliwa"),
    ("0722000122", "LETTER", "last 4 digits"),
    ("0722000117", "ATT", "P 8, Ab 0, not marked 0. SMS ATT "),
    ("0722000117", "LIST", "2 Omondi Peter Kilonzo, Supervisor"),
    ("0722000123", "HUD", "Tuma HUD "),
    ("0722000124", "PAY", "KPSEA"),
    ("0722000124", "RETURN", "is not submitted yet"),
    ("0700010018", "HUD", "KCSE"),
    ("0700000019", "TODAY", "not 1. To do: 47109002"),
    ("0700000019", "RECEIVE 22108001", "is not in your sub-county"),
)


def filled(service: Service, typed: str) -> str:
    """The code of the vacancy that is meant; it is made when the season is."""
    if "<" not in typed:
        return typed
    with service.stores.transaction() as db:
        meant = Vacancy.centre_code == "22110002" if "Limuru" in typed else Vacancy.centre_code != "22110002"
        free = (Vacancy.filled < Vacancy.capacity, Series.exam == "KCSE", Vacancy.position == "supervisor")
        wanted = select(Vacancy.code).join(Series).where(meant, *free).order_by(Vacancy.id).limit(1)
        code = db.scalars(wanted).one()
    return re.sub("<.*>", code, typed)


def test_what_the_page_says_can_be_tried(loaded: Service, handset: Callable[[str], Handset]) -> None:
    for number, typed, seen in TRIES:
        phone = handset(f"+254{number[1:]}")
        phone.dial()
        phone.send(PASSWORD)
        assert seen in phone.send(*(filled(loaded, each) for each in typed)), (number, typed, phone.screen)
        phone.send("00")
    for number, centre, typed, seen in CENTRE_TRIES:
        phone = handset(f"+254{number[1:]}")
        phone.dial()
        phone.send("2", centre, PASSWORD)
        assert seen in phone.send(*typed), (number, typed, phone.screen)
        phone.send("00")
    for number, words, told in TEXTS:
        phone = handset(f"+254{number[1:]}")
        assert phone.text(filled(loaded, words)) == 200
        assert told in phone.inbox()[-1], (number, words, phone.inbox()[-1])


def test_an_older_demonstration_is_no_obstacle(app: Flask, service: Service) -> None:
    """The known person was there before the season: they keep their password, the rest is added."""
    with service.stores.transaction() as db:
        db.add(Subscriber(phone=PERSONAS[2].phone, lang="sw"))
        db.flush()
        db.add(Account(username=PERSONAS[2].phone[1:], phone=PERSONAS[2].phone, password_hash="own"))
    load(service)
    with service.stores.transaction() as db:
        kept = select(Account.password_hash).where(Account.phone == PERSONAS[2].phone)
        assert db.scalar(kept) == "own"
        whose = select(Account.national_id).where(Account.phone == PERSONAS[2].phone)
        assert db.scalar(whose) == PERSONAS[2].national_id
        assert db.scalar(select(func.count()).select_from(Profile)) == 300
