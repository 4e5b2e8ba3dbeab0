"""Locks and what lifts them: a phone that proves itself lifts its own, and nobody else's."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text

from models.accounts import Account, GuessCount
from operations import centre_accounts, enrolments, grants, numbers, sign_ins
from operations.office import Actor, caller, now
from tests import canary
from tests.fixtures_season import Season
from tests.fixtures_service import CANARIES, Handset, service_of

OWN, PASSWORD = "254722000222", "juma2026"
CENTRE, CENTRE_PASSWORD = "20401001", "kituo2026"
STAFF = Actor("staff:test", "command")
WRONG = tuple(f"wrong{n}x" for n in range(5))
LOCKED = "END Too many wrong passwords"
MOMENTS = ("window_began_at", "locked_until")
Phones = Callable[[str], Handset]


def sign_in(phone: Handset, username: str, *typed: str) -> str:
    """Dial, choose another account and type."""
    phone.dial()
    phone.send("2", username)
    return phone.send(*typed)


def sign_in_own(phone: Handset, *typed: str) -> str:
    """Dial and type at the first screen."""
    phone.dial()
    return phone.send(*typed)


def let_pass(app: Flask, minutes: int) -> None:
    """Let that many minutes pass for the counts."""
    moved = ", ".join(f"{name} = {name} - interval '{minutes} minutes'" for name in MOMENTS)
    with service_of(app).stores.transaction() as db:
        db.execute(text(f"UPDATE guess_count SET {moved}"))


def counts(app: Flask) -> dict[tuple[str, str], int]:
    """The wrong guesses that are counted."""
    with service_of(app).stores.transaction() as db:
        return {(row.scope, row.key): row.wrong for row in db.scalars(select(GuessCount))}


@pytest.fixture
def locked(juma: Handset, wanja: Handset) -> Handset:
    """A stranger who is locked out of Juma's account."""
    assert sign_in(wanja, OWN, *WRONG).startswith(LOCKED)
    return wanja


def with_the_password(juma: Handset, stranger: Handset) -> None:
    assert "my account" in sign_in_own(juma, PASSWORD)


def with_a_new_password(juma: Handset, stranger: Handset) -> None:
    juma.text("Password")
    assert "saved" in sign_in_own(juma, juma.one_time_password(), PASSWORD, PASSWORD)


def by_asking_by_sms(juma: Handset, stranger: Handset) -> None:
    juma.text("Password")


def by_asking_by_ussd(juma: Handset, stranger: Handset) -> None:
    assert "If that account exists" in sign_in_own(juma, "1", "1")


def by_a_strangers_asking(juma: Handset, stranger: Handset) -> None:
    assert "If that account exists" in sign_in(stranger, OWN, "1", OWN)


@pytest.mark.parametrize(
    "lifted",
    [
        with_the_password,
        with_a_new_password,
        by_asking_by_sms,
        by_asking_by_ussd,
        by_a_strangers_asking,
    ],
    ids=lambda how: how.__name__,
)
def test_a_strangers_lock_stays(
    juma: Handset, locked: Handset, app: Flask, lifted: Callable[[Handset, Handset], None]
) -> None:
    before = counts(app)
    lifted(juma, locked)
    assert sign_in(locked, OWN, PASSWORD).startswith(LOCKED)
    assert counts(app) == before
    let_pass(app, 16)
    assert "my account" in sign_in(locked, OWN, PASSWORD)


def test_a_locked_stranger_is_not_opened_by_the_one_time_password(juma: Handset, locked: Handset) -> None:
    juma.text("Password")
    sent = juma.one_time_password()
    assert sign_in(locked, OWN, sent).startswith(LOCKED)
    assert "choose your own" in sign_in_own(juma, sent)


@pytest.mark.parametrize("asked", [by_asking_by_sms, by_asking_by_ussd], ids=lambda how: how.__name__)
def test_asking_on_ones_own_phone_lifts_its_lock(
    juma: Handset, wanja: Handset, asked: Callable[[Handset, Handset], None]
) -> None:
    assert sign_in_own(juma, *WRONG).startswith(LOCKED)
    asked(juma, wanja)
    assert "choose your own" in sign_in_own(juma, juma.one_time_password())


def test_a_stranger_asking_lifts_no_lock_of_the_owner(juma: Handset, wanja: Handset) -> None:
    assert sign_in_own(juma, *WRONG).startswith(LOCKED)
    by_a_strangers_asking(juma, wanja)
    assert sign_in_own(juma, PASSWORD).startswith(LOCKED)


def test_a_right_password_on_a_strange_phone_leaves_the_wider_counts(
    juma: Handset, wanja: Handset, app: Flask
) -> None:
    sign_in(wanja, OWN, *WRONG[:2])
    wanja.send(PASSWORD)
    assert "my account" in wanja.screen
    assert counts(app) == {("phone", wanja.phone): 2, ("all", ""): 2}


def test_a_number_that_moves_lifts_no_strangers_lock(juma: Handset, locked: Handset, app: Flask) -> None:
    sign_in_own(juma, *WRONG[:2])
    before = counts(app)
    with service_of(app).stores.transaction() as db:
        account = db.scalars(select(Account).where(Account.phone == juma.phone)).one()
        account.national_id = "23456789"
        db.flush()
        shown = account.national_id
        numbers.move(db, account.id, "+254722000999", national_id=shown, by=STAFF, now=now(db))
    own = ("pair", f"{OWN} {juma.phone}")
    assert counts(app) == {key: wrong for key, wrong in before.items() if key != own} != before


# -- centres: every enrolled phone is its own pair ---------------------------------------------------------


def issue(season: Season, phone: Handset) -> str:
    """Let the council send the centre's credentials to this phone; answers the one-time password."""
    with season.service.stores.transaction() as db:
        account = centre_accounts.issue(db, CENTRE, phone.phone, by=STAFF, now=now(db))
        grant = grants.live(db, account.id, now=now(db))
        assert grant is not None
        sent = grants.code(season.service.office, grant.id)
    CANARIES.add(sent)
    return sent


@pytest.fixture
def mercy(season: Season, handset: Phones) -> Handset:
    """The manager's phone, enrolled by the director's one-time password."""
    phone = handset("+254715000001")
    assert "saved" in sign_in(phone, CENTRE, issue(season, phone), CENTRE_PASSWORD, CENTRE_PASSWORD)
    return phone


@pytest.fixture
def deputy(mercy: Handset, handset: Phones, app: Flask) -> Handset:
    """Another phone of the centre."""
    phone = handset("+254715000002")
    with service_of(app).stores.transaction() as db:
        account = db.scalars(select(Account).where(Account.username == CENTRE)).one()
        enrolments.enrol(db, account, phone.phone, by=STAFF, now=now(db))
    return phone


def lock_all(*phones: Handset) -> None:
    """Lock each of these phones out of the centre."""
    for phone in phones:
        assert sign_in(phone, CENTRE, *WRONG).startswith(LOCKED)


def shut_out(app: Flask) -> set[str]:
    """The phones whose pair with the centre is counted."""
    return {key.removeprefix(f"{CENTRE} ") for scope, key in counts(app) if scope == "pair"}


def test_a_phone_of_a_centre_lifts_its_own_lock_only(
    mercy: Handset, deputy: Handset, wanja: Handset, app: Flask
) -> None:
    lock_all(deputy, wanja)
    assert f"Centre {CENTRE}" in sign_in(mercy, CENTRE, CENTRE_PASSWORD)
    assert shut_out(app) == {deputy.phone, wanja.phone}
    assert sign_in(deputy, CENTRE, CENTRE_PASSWORD).startswith(LOCKED)


def test_credentials_that_are_issued_lift_the_lock_of_the_phone_they_go_to(
    season: Season, mercy: Handset, deputy: Handset, wanja: Handset, app: Flask
) -> None:
    lock_all(mercy, deputy, wanja)
    sent = issue(season, mercy)
    assert shut_out(app) == {deputy.phone, wanja.phone}
    assert "choose your own" in sign_in(mercy, CENTRE, sent)


@pytest.mark.parametrize("asker", ["mercy", "deputy"])
def test_asking_for_a_centre_lifts_the_lock_of_the_phone_it_is_sent_to(
    mercy: Handset, deputy: Handset, wanja: Handset, app: Flask, asker: str
) -> None:
    """The deputy may ask, but what is sent works on the manager's phone: nothing is lifted by it."""
    lock_all(mercy, deputy, wanja)
    phone = {"mercy": mercy, "deputy": deputy}[asker].phone
    with service_of(app).stores.transaction() as db:
        sign_ins.recover(db, CENTRE, by=caller(phone, "ussd"), now=now(db))
    still = {mercy.phone, deputy.phone, wanja.phone}
    assert shut_out(app) == (still - {mercy.phone} if asker == "mercy" else still)


def test_who_asks_too_often_is_told_on_their_own_line_only(juma: Handset, wanja: Handset) -> None:
    """Nothing comes at the fourth time, and the words do not say it does; a stranger hears the neutral ones."""
    for _ in range(3):
        juma.dial()
        assert "is coming" in juma.send("1", "1")
    juma.dial()
    assert juma.send("1", "1").startswith("END You have asked for a password many times")
    wanja.dial()
    assert wanja.send("2", "0722000222", "1", "0722000222").startswith("END If that account exists")


# -- a one-time password where a username is asked ---------------------------------------------------------


@pytest.mark.parametrize("lang", ["EN", "SW"])
@pytest.mark.parametrize("typed", ["{}{}", "{} {}", "{}-{}"])
@pytest.mark.parametrize("path", [("2",), ("1",)], ids=["other account", "forgot"])
def test_a_one_time_password_is_no_username(
    juma: Handset, app: Flask, lang: str, typed: str, path: tuple[str, ...]
) -> None:
    juma.text(f"LANG {lang}")
    juma.text("Password")
    sent = juma.one_time_password()
    written = typed.format(sent[:4], sent[4:])
    juma.dial()
    said = juma.send(*path, written)
    assert "not a Kenyan mobile number" in said or "sio nambari ya simu ya Kenya" in said
    service, secrets = service_of(app), {sent, written}
    assert not any(secret in said for secret in secrets)
    assert canary.leaks(secrets, service.settings.database_url, service.stores.redis) == []


@pytest.mark.parametrize("forgot", [False, True])
def test_the_register_of_centres_tells_nothing_of_accounts(
    season: Season, mercy: Handset, wanja: Handset, forgot: bool
) -> None:
    """A centre with an account and one without say the same; a code of no centre is no username."""
    said = []
    for code in (CENTRE, "20401002"):
        wanja.dial()
        said.append(wanja.send("2", code, *(("1", code) if forgot else ())).replace(code, "X"))
    assert said[0] == said[1] and "X" in said[0]
    wanja.dial()
    unknown = wanja.send("2", *((CENTRE, "1") if forgot else ()), "20409999")
    assert "not a Kenyan mobile number or centre code" in unknown and "20409999" not in unknown
