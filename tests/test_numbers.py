"""A new number: what moves, what ends on the old phone, and who is refused."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account, Grant
from models.messages import Message
from models.people import Profile
from models.records import Audit
from models.registers import Eligibility
from operations import (
    accounts,
    centre_accounts,
    confirmations,
    enrolments,
    forms,
    grants,
    notices,
    numbers,
    office,
    sign_ins,
)
from operations.office import Actor
from operations.refusals import Refusal
from runtime.stores import Stores
from tests.fixtures_season import Season, eligibility
from tests.fixtures_service import Handset, register, service_of

OLD, NEW = "+254711000001", "+254722000999"
OFFICER = Actor("staff:wambui", "command")


def move(
    db: Session, season: Season, new: str = NEW, national_id: str | None = None, who: str = "amina"
) -> str:
    account = db.get_one(Account, season.accounts[who])
    shown = national_id or account.national_id or "12345678"
    moved = numbers.move(db, account.id, new, national_id=shown, by=OFFICER, now=office.now(db))
    return moved.username


def refused(season: Season, **how: str) -> str:
    with pytest.raises(Refusal) as refusal, season.service.stores.transaction() as db:
        move(db, season, **how)
    return refusal.value.code


def test_the_account_moves_whole_and_keeps_its_approval(stores: Stores, season: Season) -> None:
    amina = season.accounts["amina"]
    with stores.transaction() as db:
        assert move(db, season, "0722 000 999") == "254722000999"
    with stores.sessions() as db:
        account = db.get_one(Account, amina)
        assert (account.phone, account.username, account.password_hash) == (NEW, "254722000999", None)
        assert accounts.by_phone(db, OLD) is None
        assert db.get_one(Eligibility, amina).standing == "approved"
        audit = db.scalars(select(Audit).where(Audit.act == "account.move")).one()
        assert (audit.actor, audit.subject) == ("staff:wambui", f"account:{amina}")
        assert audit.details == {"national_id": "same", "old": "+2547*****001", "new": "+2547*****999"}


def test_the_old_number_is_told_and_the_new_one_gets_a_password(
    season: Season, handset: Callable[[str], Handset]
) -> None:
    season.speak("amina", "sw")
    with season.service.stores.transaction() as db:
        move(db, season)
    told, welcomed = handset(OLD).inbox()[-1], handset(NEW).inbox()[-1]
    assert "+2547*****999" in told and "imehamishiwa" in told
    assert not re.search(r"\b[0-9]{8}\b", told)
    assert "254722000999" in welcomed and "nenosiri la muda" in welcomed


def test_the_new_phone_signs_in_with_it_and_the_old_one_no_more(
    season: Season, handset: Callable[[str], Handset]
) -> None:
    with season.service.stores.transaction() as db:
        move(db, season)
        national_id = db.get_one(Account, season.accounts["amina"]).national_id or ""
    old, new = handset(OLD), handset(NEW)
    assert "Create account" in old.dial()
    assert "Wrong username or password" in old.send("2", "0711000001", "mitihani7")
    new.dial()
    assert "last 4 digits" in new.send(new.one_time_password())
    assert "choose your own password" in new.send(national_id[-4:])
    assert "saved" in new.send("kahawa88", "kahawa88")


def test_what_waited_on_the_old_phone_ends(stores: Stores, season: Season) -> None:
    with stores.transaction() as db:
        amina, now = db.get_one(Account, season.accounts["amina"]), office.now(db)
        sent = grants.new(db, amina.id, "sms", now=now)
        asked = confirmations.ask(db, OLD, "apply", now=now)
        notices.queue(db, "notice", "approval.given", OLD, now=now, account_id=amina.id, key="waits")
        notices.queue(db, "reply", "sms.help", OLD, now=now)
        move(db, season)
        answer = confirmations.answer(
            db, season.service.office, OLD, confirmations.code(season.service.office, asked.id), now=now
        )
        assert answer.name == "expired"
        assert db.get_one(Grant, sent.id, populate_existing=True).used_at == now
        waiting = db.scalars(select(Message).where(Message.natural_key == "waits")).one()
        assert waiting.phone == NEW


def test_without_an_id_on_file_the_officers_word_is_written_down(stores: Stores, season: Season) -> None:
    with stores.transaction() as db:
        move(db, season, who="baraka")
        audit = db.scalars(select(Audit).where(Audit.act == "account.move")).one()
        assert audit.details["national_id"] == "none on file"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"national_id": "99999999"}, "number.other_id"),
        ({"national_id": "x"}, "profile.national_id"),
        ({"new": OLD}, "number.same"),
        ({"new": "+254711000003"}, "number.taken"),
        ({"new": "+44 7911 123456"}, "phone.not_kenyan"),
        ({"new": "0722"}, "phone.too_short"),
        ({"new": ""}, "phone.empty"),
    ],
)
def test_who_is_refused(season: Season, how: dict[str, str], code: str) -> None:
    assert refused(season, **how) == code


def test_an_account_that_was_never_opened_makes_way(
    stores: Stores, season: Season, handset: Callable[[str], Handset]
) -> None:
    register(handset(NEW))
    with stores.transaction() as db:
        empty = accounts.by_phone(db, NEW)
        assert empty is not None
        move(db, season)
        assert db.get(Account, empty.id) is None
        moved = accounts.by_phone(db, NEW)
        assert moved is not None and moved.id == season.accounts["amina"]
        assert db.scalars(
            select(Audit.act).where(Audit.subject == f"account:{empty.id}").order_by(Audit.id)
        ).all() == [
            "account.create",
            "account.make_way",
        ]


def second(db: Session, season: Season, national_id: str | None) -> Account:
    """Somebody's second account: opened on a new number, with a profile begun."""
    account = season.make_account(db, NEW)
    account.national_id = national_id
    db.add(Profile(account_id=account.id, full_name="Amina Otieno"))
    forms.begin(db, "second", account.id, "profile", now=office.now(db))
    db.flush()
    return account


def test_ones_own_second_account_makes_way(stores: Stores, season: Season) -> None:
    """Who has a new number often opens an account with it first, and is then sent to the Director."""
    with stores.transaction() as db:
        own = db.get_one(Account, season.accounts["amina"]).national_id
        other = second(db, season, own)
        move(db, season)
        assert db.get(Account, other.id) is None


@pytest.mark.parametrize("national_id", [None, "31313131"])
def test_anothers_opened_account_does_not(stores: Stores, season: Season, national_id: str | None) -> None:
    with stores.transaction() as db:
        second(db, season, national_id)
    assert refused(season) == "number.taken"


def test_an_account_that_holds_work_never_makes_way(stores: Stores, season: Season) -> None:
    with stores.transaction() as db:
        esther = db.get_one(Account, season.accounts["esther"])
        approved = second(db, season, esther.national_id)
        db.add(eligibility(approved, "Esther Njeri", "teacher", "approved", office.now(db)))
    assert refused(season, who="esther") == "number.taken"


# -- the command -------------------------------------------------------------------------------------------


def run(app: Flask, *words: str) -> tuple[int, str]:
    """`flask people …`: how it ended, and what it said."""
    ended = app.test_cli_runner().invoke(args=["people", *words])
    return ended.exit_code, ended.output


Move = Callable[[Flask, Handset, str], str]


def by_command(app: Flask, njeri: Handset, own: str) -> str:
    code, said = run(app, "move", "0711000001", "0722000999", "--id", own, "--by", "wambui")
    assert code == 0, said
    return said


def by_ussd(app: Flask, njeri: Handset, own: str) -> str:
    njeri.dial()
    return njeri.send("mitihani7", "3", "0711000001", own, "0722000999", "1")


def by_sms(app: Flask, njeri: Handset, own: str) -> str:
    njeri.text(f"MOVE 0711000001 0722000999 ID {own}")
    found = re.search(r"YES [0-9]+", njeri.inbox()[-1])
    assert found, njeri.inbox()
    njeri.text(found[0])
    return njeri.inbox()[-1]


@pytest.mark.parametrize("moved", [by_command, by_ussd, by_sms], ids=lambda how: how.__name__)
def test_whoever_moves_an_account_ends_its_sessions(
    app: Flask, season: Season, handset: Callable[[str], Handset], njeri: Handset, moved: Move
) -> None:
    old, new = handset(OLD), handset(NEW)
    old.dial()
    assert "my account" in old.send("mitihani7")
    new.dial()
    with season.service.stores.sessions() as db:
        own = db.get_one(Account, season.accounts["amina"]).national_id or ""
    keys = service_of(app).stores.redis
    assert keys.exists(f"ussd:{OLD}", f"ussd:{NEW}") == 2
    said = moved(app, njeri, own)
    assert "0722 000 999" in said or "254722000999" in said, said
    assert keys.exists(f"ussd:{OLD}", f"ussd:{NEW}") == 0
    assert "Settings" not in old.send("8")


CENTRE, DEPUTY = "20401001", "+254715000002"
HOWS = pytest.mark.parametrize("moved", [by_command, by_ussd, by_sms], ids=lambda how: how.__name__)


def acting(season: Season, *others: str) -> None:
    """Amina's phone acts for a centre, and these other phones too."""
    with season.service.stores.transaction() as db:
        account = centre_accounts.issue(db, CENTRE, OLD, by=OFFICER, now=office.now(db))
        for phone in (OLD, *others):
            enrolments.enrol(db, account, phone, by=OFFICER, now=office.now(db))


@HOWS
def test_a_number_that_moved_acts_for_no_centre(
    app: Flask, season: Season, handset: Callable[[str], Handset], njeri: Handset, moved: Move
) -> None:
    acting(season, DEPUTY)
    with season.service.stores.sessions() as db:
        own = db.get_one(Account, season.accounts["amina"]).national_id or ""
    said = moved(app, njeri, own)
    assert f"acted for centre {CENTRE}" in said, said
    with season.service.stores.sessions() as db:
        assert enrolments.enrolled(db, CENTRE) == [DEPUTY]
        centre = centre_accounts.account_of(db, CENTRE)
        assert centre is not None and centre.phone == DEPUTY
        assert grants.live(db, centre.id, now=office.now(db)) is None
        subject = Audit.subject == f"centre:{CENTRE}"
        assert "centre.remove_phone" in db.scalars(select(Audit.act).where(subject)).all()
    assert f"may no longer act for centre {CENTRE}" in handset(DEPUTY).inbox()[-1]
    assert any(f"may no longer act for centre {CENTRE}" in words for words in handset(OLD).inbox())


def kwa_sms(app: Flask, njeri: Handset, own: str) -> str:
    njeri.text(f"HAMISHA 0711000001 0722000999 kitambulisho {own}")
    found = re.search(r"NDIYO [0-9]+", njeri.inbox()[-1])
    assert found, njeri.inbox()
    njeri.text(found[0])
    return njeri.inbox()[-1]


@pytest.mark.parametrize("moved", [by_ussd, kwa_sms], ids=lambda how: how.__name__)
def test_the_director_hears_of_the_centre_in_kiswahili(
    app: Flask, season: Season, njeri: Handset, moved: Move
) -> None:
    acting(season)
    njeri.text("LUGHA SW")
    with season.service.stores.sessions() as db:
        own = db.get_one(Account, season.accounts["amina"]).national_id or ""
    said = moved(app, njeri, own)
    assert f"Simu ya zamani ilitumika na kituo {CENTRE} pia" in said


def test_the_last_phone_of_a_centre_goes_too_and_cannot_come_back_by_itself(
    season: Season, handset: Callable[[str], Handset]
) -> None:
    acting(season)
    with season.service.stores.transaction() as db:
        move(db, season)
        moment = office.now(db)
        for phone in (OLD, NEW):
            sign_ins.recover(db, CENTRE, by=office.caller(phone, "ussd"), now=moment)
        centre = centre_accounts.account_of(db, CENTRE)
        assert centre is not None and centre.phone == NEW
        assert enrolments.enrolled(db, CENTRE) == [] and grants.live(db, centre.id, now=moment) is None


def test_the_old_phone_of_a_director_directs_no_more(stores: Stores, season: Season) -> None:
    with stores.transaction() as db:
        moment = office.now(db)
        centre_accounts.add_director(db, "Kasarani", OLD, "Mrs Ouma", by=OFFICER, now=moment)
        shown = db.get_one(Account, season.accounts["amina"]).national_id or ""
        done = numbers.move(db, season.accounts["amina"], NEW, national_id=shown, by=OFFICER, now=moment)
        assert done.directed and centre_accounts.director_of(db, OLD) is None


def test_credentials_that_went_to_the_old_phone_open_nothing(stores: Stores, season: Season) -> None:
    with stores.transaction() as db:
        centre = centre_accounts.issue(db, CENTRE, OLD, by=OFFICER, now=office.now(db))
        account = db.get_one(Account, season.accounts["amina"])
        shown = account.national_id or ""
        done = numbers.move(db, account.id, NEW, national_id=shown, by=OFFICER, now=office.now(db))
        assert list(done.centres) == [CENTRE]
        assert centre.phone == NEW and grants.live(db, centre.id, now=office.now(db)) is None


def test_a_code_that_the_old_phone_waits_for_enrols_nothing(stores: Stores, season: Season) -> None:
    with stores.transaction() as db:
        moment = office.now(db)
        centre = centre_accounts.issue(db, CENTRE, DEPUTY, by=OFFICER, now=moment)
        enrolments.enrol(db, centre, DEPUTY, by=OFFICER, now=moment)
        waiting = enrolments.ask(db, centre, OLD, now=moment)
        code = enrolments.code(season.service.office, waiting.id)
        move(db, season)
        by = office.caller(OLD, "ussd")
        ended = enrolments.answer(db, season.service.office, centre, code, by=by, now=moment)
        assert ended == "ended" and enrolments.enrolled(db, CENTRE) == [DEPUTY]


@pytest.mark.parametrize("moved", [by_command, by_ussd, by_sms], ids=lambda how: how.__name__)
def test_a_move_that_is_refused_ends_nobodys_session(
    app: Flask, season: Season, handset: Callable[[str], Handset], njeri: Handset, moved: Move
) -> None:
    old = handset(OLD)
    old.dial()
    old.send("mitihani7")
    try:
        moved(app, njeri, "29999999")
    except AssertionError as refused:
        assert "not the national ID" in str(refused)
    assert "Change password" in old.send("8")


def test_the_command_says_why_not(app: Flask, season: Season) -> None:
    code, said = run(app, "move", "0711000001", "0722000999", "--id", "99999999", "--by", "wambui")
    assert (code, "not the national ID of this account" in said) == (1, True), said
    code, said = run(app, "move", "0799999999", "0722000999", "--id", "99999999", "--by", "wambui")
    assert (code, "No account has that number" in said) == (1, True), said
