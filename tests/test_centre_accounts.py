"""A centre's account: opened by the director's one-time password, on phones that are enrolled."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from models.accounts import Account, GuessCount
from models.centres import CentrePhone
from operations import accounts, centre_accounts, enrolments, sign_ins
from operations.office import Actor, caller, director, now
from operations.refusals import Refusal
from tests import canary
from tests.fixtures_season import Season
from tests.fixtures_service import CANARIES, Handset, service_of

CENTRE = "20401001"
STAFF = Actor("staff:test", "command")
PASSWORD = "kituo2026"
WRONG = ("918271", "918272", "918273", "918274", "918275", "918276")
Phones = Callable[[str], Handset]


@pytest.fixture
def mercy(season: Season, handset: Phones) -> Handset:
    """The manager's phone, to which the centre's one-time password was sent."""
    phone = handset("+254715000001")
    issue(season, phone.phone)
    return phone


def issue(season: Season, phone: str, by: Actor = STAFF) -> None:
    """Let the council send the centre's credentials to this phone."""
    with season.service.stores.transaction() as db:
        centre_accounts.issue(db, CENTRE, phone, by=by, now=now(db))


def sign_in(phone: Handset, *typed: str) -> str:
    """Dial, choose the centre's account and type."""
    first = phone.dial()
    phone.send("2", CENTRE)  # Sign in, or Other account
    assert "password" in phone.screen or "nenosiri" in phone.screen, first
    return phone.send(*typed)


def one_time(phone: Handset) -> str:
    """The one-time password of the last SMS that holds one."""
    text = next(
        words
        for words in reversed(phone.inbox())
        if re.search("one-time password|nenosiri la muda [0-9]", words)
    )
    found = re.search(r"(?:password|nenosiri la muda) (\d{8})", text)
    assert found, text
    CANARIES.add(found[1])
    return found[1]


def open_centre(mercy: Handset) -> str:
    """The first sign-in of the manager, with a password of the centre's own."""
    return sign_in(mercy, one_time(mercy), PASSWORD, PASSWORD)


def code_sent_to(phone: Handset) -> str:
    """The 6 digits that a new phone must tell."""
    text = next(words for words in reversed(phone.inbox()) if "asks to act" in words)
    found = re.search(r"\b\d{6}\b", text)
    assert found, text
    CANARIES.add(found[0])
    return found[0]


def test_the_first_phone_is_enrolled_by_the_directors_one_time_password(mercy: Handset, app: Flask) -> None:
    assert "saved" in open_centre(mercy)
    assert "Centre 20401001" in mercy.send("1")
    assert phones_of(app) == [mercy.phone]
    assert any("may now act" in words for words in mercy.inbox())
    assert "Centre 20401001" in sign_in(mercy, PASSWORD)


def phones_of(app: Flask) -> list[str]:
    with service_of(app).stores.transaction() as db:
        return enrolments.enrolled(db, CENTRE)


def test_the_one_time_password_works_on_no_other_phone(mercy: Handset, wanja: Handset, app: Flask) -> None:
    assert "only on the phone it was sent to" in sign_in(wanja, one_time(mercy))
    assert phones_of(app) == []


def test_a_later_phone_needs_the_password_and_a_code_from_an_enrolled_phone(
    mercy: Handset, handset: Phones, app: Flask
) -> None:
    open_centre(mercy)
    deputy = handset("+254715000002")
    assert "this phone is new" in sign_in(deputy, PASSWORD)
    assert "not the digits" in deputy.send(
        WRONG[0] if (right := code_sent_to(mercy)) != WRONG[0] else WRONG[1]
    )
    assert "Centre 20401001" in deputy.send(right)
    assert phones_of(app) == [mercy.phone, deputy.phone]
    assert "may now act" in mercy.inbox()[-1] and "may now act" in deputy.inbox()[-1]
    assert "Centre 20401001" in sign_in(deputy, PASSWORD)


@pytest.mark.parametrize("parted", ["{} {}", "{}-{}", " {}  {} "])
def test_a_code_may_be_typed_with_a_blank_or_a_dash(
    mercy: Handset, handset: Phones, app: Flask, parted: str
) -> None:
    open_centre(mercy)
    deputy = handset("+254715000002")
    sign_in(deputy, PASSWORD)
    right = code_sent_to(mercy)
    assert "Centre 20401001" in deputy.send(parted.format(right[:3], right[3:]))
    assert phones_of(app) == [mercy.phone, deputy.phone]


@pytest.mark.parametrize(
    ("lang", "left"), [("EN", "Tries left: {}. Please look"), ("SW", "Majaribio yaliyobaki: {}. Tafadhali")]
)
def test_a_wrong_code_says_how_many_tries_are_left(
    mercy: Handset, handset: Phones, lang: str, left: str
) -> None:
    open_centre(mercy)
    deputy = handset("+254715000002")
    deputy.text(f"LANG {lang}")
    sign_in(deputy, PASSWORD)
    right = code_sent_to(mercy)
    for tries, typed in zip((4, 3), (code for code in WRONG if code != right), strict=False):
        assert left.format(tries) in deputy.send(typed)


def test_the_one_time_password_may_be_typed_with_a_dash(mercy: Handset) -> None:
    sent = one_time(mercy)
    assert "choose your own" in sign_in(mercy, f"{sent[:4]}-{sent[4:]}")


@pytest.mark.parametrize("poor", [CENTRE, "204010", "2040 1001", "120401001", "715000001"])
def test_the_centres_code_is_no_password(mercy: Handset, poor: str) -> None:
    assert "too easy to guess" in sign_in(mercy, one_time(mercy), poor)
    mercy.send(PASSWORD, PASSWORD)
    sign_in(mercy, PASSWORD)
    assert "too easy to guess" in mercy.send("7", "2", poor)  # changed later
    CANARIES.discard(poor)  # the code of a centre is no secret


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("EN", "tried wrong passwords for centre 20401001. This phone works as usual. None of you?"),
        ("SW", "ilikosea nenosiri la kituo 20401001. Simu hii inafanya kazi kama kawaida. Si wenu?"),
    ],
)
def test_a_strangers_guesses_are_told_as_a_strangers(
    mercy: Handset, wanja: Handset, lang: str, told: str
) -> None:
    open_centre(mercy)
    mercy.text(f"LANG {lang}")
    sign_in(wanja, *(f"wrong{m}x" for m in range(5)))
    assert told in mercy.inbox()[-1] and "+2547*****" in mercy.inbox()[-1]
    assert not any("Wait 15" in words or "Subiri" in words for words in mercy.inbox())


@pytest.mark.parametrize(
    ("lang", "screen", "told"),
    [
        (
            "EN",
            "for centre 20401001 on this phone. Please wait 15",
            "for centre 20401001 on this phone. Wait 15",
        ),
        ("SW", "kituo 20401001 limekosewa mara nyingi kwa simu hii", "kituo 20401001 limekosewa mara nyingi"),
    ],
)
def test_a_centres_own_phone_that_is_locked_hears_of_the_director(
    mercy: Handset, handset: Phones, lang: str, screen: str, told: str
) -> None:
    open_centre(mercy)
    deputy = handset("+254715000002")
    sign_in(deputy, PASSWORD)
    deputy.send(code_sent_to(mercy))
    deputy.text(f"LANG {lang}")
    said = sign_in(deputy, *(f"wrong{m}x" for m in range(5)))
    assert screen in said and told in deputy.inbox()[-1]
    for words in (said, deputy.inbox()[-1]):
        assert "Director" in words or "Mkurugenzi" in words
        assert "PASSWORD" not in words and "NENOSIRI" not in words
    assert "wrong passwords" not in mercy.inbox()[-1]


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("EN", "the password of centre 20401001 was changed. If none of you did it"),
        ("SW", "nenosiri la kituo 20401001 limebadilishwa. Kama si mmoja wenu"),
    ],
)
def test_a_centres_new_password_is_told_with_its_name(mercy: Handset, lang: str, told: str) -> None:
    mercy.text(f"LANG {lang}")
    open_centre(mercy)
    assert told in mercy.inbox()[-1]
    assert "PASSWORD" not in mercy.inbox()[-1] and "NENOSIRI" not in mercy.inbox()[-1]


@pytest.mark.parametrize(
    ("lang", "word", "said"),
    [
        ("EN", "PASSWORD", "A centre's password comes from your Sub-County Director"),
        ("SW", "NENOSIRI", "Nenosiri la kituo hutolewa na Mkurugenzi"),
    ],
)
def test_password_by_sms_sends_a_phone_of_a_centre_to_the_director(
    mercy: Handset, lang: str, word: str, said: str
) -> None:
    mercy.text(f"LANG {lang}")
    mercy.text(word)  # the credentials were sent here already
    assert said in mercy.inbox()[-1]
    open_centre(mercy)
    mercy.text(word)
    assert said in mercy.inbox()[-1]


@pytest.mark.parametrize(
    ("lang", "said"), [("EN", "Your Sub-County Director issues one"), ("SW", "Mkurugenzi wa kaunti ndogo")]
)
def test_who_forgot_a_centres_password_hears_of_the_director(
    mercy: Handset, wanja: Handset, lang: str, said: str
) -> None:
    open_centre(mercy)
    wanja.text(f"LANG {lang}")
    before = len(mercy.inbox())
    shown = sign_in(wanja, "1", CENTRE)
    assert said in shown and CENTRE in shown
    unopened = sign_in(wanja, "1", "20401002")
    assert shown.replace(CENTRE, "X") == unopened.replace("20401002", "X")
    assert len(mercy.inbox()) == before


def test_the_code_ends_after_five_wrong_ones(mercy: Handset, handset: Phones, app: Flask) -> None:
    open_centre(mercy)
    deputy = handset("+254715000002")
    sign_in(deputy, PASSWORD)
    right = code_sent_to(mercy)
    wrong = [code for code in WRONG if code != right][:5]
    assert "no longer works" in deputy.send(*wrong)
    assert "this phone is new" in sign_in(deputy, PASSWORD)
    assert code_sent_to(mercy) != right
    assert phones_of(app) == [mercy.phone]


def test_three_phones_at_most_and_the_directors_word_makes_room(
    season: Season, mercy: Handset, handset: Phones, app: Flask
) -> None:
    open_centre(mercy)
    for n in (2, 3):
        deputy = handset(f"+25471500000{n}")
        sign_in(deputy, PASSWORD)
        deputy.send(code_sent_to(mercy))
    fourth = handset("+254715000004")
    assert "already has 3 phones" in sign_in(fourth, PASSWORD)
    issue(season, fourth.phone)
    sign_in(fourth, one_time(fourth), "kituo2027", "kituo2027")
    assert phones_of(app) == ["+254715000002", "+254715000003", fourth.phone]
    assert "may no longer act" in mercy.inbox()[-1]


def test_a_code_never_makes_a_fourth_phone(mercy: Handset, handset: Phones, app: Flask) -> None:
    open_centre(mercy)
    deputies = [handset(f"+25471500000{n}") for n in (2, 3, 4)]
    codes = []
    for deputy in deputies:
        sign_in(deputy, PASSWORD)
        codes.append(code_sent_to(mercy))
    said = [deputy.send(code) for deputy, code in zip(deputies, codes, strict=True)]
    assert "no longer works" in said[2]
    assert phones_of(app) == [mercy.phone, deputies[0].phone, deputies[1].phone]


@pytest.mark.parametrize(("lang", "first"), [("EN", "Sign in"), ("SW", "Ingia")])
def test_a_phone_that_is_removed_goes_on_in_no_dialogue_of_the_centre(
    mercy: Handset, handset: Phones, lang: str, first: str
) -> None:
    open_centre(mercy)
    deputy = handset("+254715000002")
    deputy.text(f"LANG {lang}")
    sign_in(deputy, PASSWORD)
    assert CENTRE in deputy.send(code_sent_to(mercy))
    sign_in(mercy, PASSWORD)
    assert "Done" in mercy.send("7", "1", "2", "1")
    said = deputy.send("1")
    assert first in said and CENTRE not in said, said
    assert "Centre 20401001" in mercy.send("00")  # who removed it goes on


@pytest.mark.parametrize("change", ["a phone goes", "the director issues"])
def test_a_code_ends_when_the_phones_change(
    season: Season, mercy: Handset, handset: Phones, app: Flask, change: str
) -> None:
    open_centre(mercy)
    deputy, waiting = handset("+254715000002"), handset("+254715000003")
    sign_in(deputy, PASSWORD)
    deputy.send(code_sent_to(mercy))
    sign_in(waiting, PASSWORD)
    code = code_sent_to(mercy)
    with service_of(app).stores.transaction() as db:
        if change == "a phone goes":
            account = accounts.by_username(db, CENTRE)
            assert account
            enrolments.drop(db, account.id, deputy.phone, by=caller(mercy.phone, "ussd"), now=now(db))
        else:
            centre_accounts.issue(db, CENTRE, mercy.phone, by=STAFF, now=now(db))
    assert "no longer works" in waiting.send(code)
    assert waiting.phone not in phones_of(app)


def test_wrong_codes_at_once_are_all_counted(mercy: Handset, handset: Phones, app: Flask) -> None:
    open_centre(mercy)
    deputy = handset("+254715000002")
    sign_in(deputy, PASSWORD)
    right, service = code_sent_to(mercy), service_of(app)
    wrong = [code for code in WRONG if code != right][:4]

    def guess(typed: str) -> str:
        with service.stores.transaction() as db:
            account = accounts.by_username(db, CENTRE)
            assert account
            by = caller(deputy.phone, "ussd")
            return enrolments.answer(db, service.office, account, typed, by=by, now=now(db))

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(guess, wrong * 2))
    assert said.count("wrong") == 4 and said.count("ended") == 4
    assert guess(right) == "ended"


def test_a_stranger_gets_no_credentials_sent_and_takes_none_from_the_director(
    season: Season, mercy: Handset, wanja: Handset, app: Flask
) -> None:
    open_centre(mercy)
    before = len(mercy.inbox())
    by = director("+254700000001", "ussd")
    with service_of(app).stores.transaction() as db:
        for _ in range(5):
            sign_ins.recover(db, CENTRE, by=caller(wanja.phone, "ussd"), now=now(db))
        centre_accounts.add_director(db, "Kasarani", by.phone or "", "Mrs Ouma", by=STAFF, now=now(db))
    assert len(mercy.inbox()) == before
    with service_of(app).stores.transaction() as db:
        for _ in range(4):  # the manager's own asking is counted apart, too
            sign_ins.recover(db, CENTRE, by=caller(mercy.phone, "ussd"), now=now(db))
    assert len(mercy.inbox()) == before + 3
    issue(season, mercy.phone, by)
    assert len(mercy.inbox()) == before + 4


def test_strangers_never_lock_an_enrolled_phone(mercy: Handset, handset: Phones, app: Flask) -> None:
    open_centre(mercy)
    for n in range(4):
        sign_in(handset(f"+25473400000{n}"), *(f"wrong{m}x" for m in range(5)))
    with service_of(app).stores.transaction() as db:
        locked = db.scalars(select(GuessCount.scope).where(GuessCount.locked_until.is_not(None))).all()
    assert set(locked) == {"pair"}
    assert "Centre 20401001" in sign_in(mercy, PASSWORD)


def test_guesses_at_centres_are_counted_apart_over_all(mercy: Handset, wanja: Handset, app: Flask) -> None:
    sign_in(wanja, "wrong1x")
    with service_of(app).stores.transaction() as db:
        counts = {(row.scope, row.key) for row in db.scalars(select(GuessCount))}
    assert counts == {("pair", f"{CENTRE} {wanja.phone}"), ("phone", wanja.phone), ("all", "centres")}


def test_the_manager_keeps_an_account_of_their_own(season: Season, handset: Phones) -> None:
    amina = handset("+254711000001")
    issue(season, amina.phone)
    assert "Welcome back" in amina.dial()
    assert "My profile" in amina.send("mitihani7")
    assert "saved" in open_centre(amina)
    assert "My profile" in dialled(amina, "mitihani7")


def dialled(phone: Handset, typed: str) -> str:
    phone.dial()
    return phone.send(typed)


@pytest.mark.parametrize(("phone", "code"), [("+254733000333", "director.not_yours")])
def test_only_the_director_of_the_sub_county_issues(season: Season, phone: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        issue(season, "+254715000001", caller(phone, "ussd"))
    with season.service.stores.transaction() as db:
        centre_accounts.add_director(db, "Kasarani", phone, "Mwalimu Mkuu", by=STAFF, now=now(db))
    issue(season, "+254715000001", caller(phone, "ussd"))


@pytest.mark.parametrize(
    ("name", "code"), [("Nowhere", "director.no_sub_county"), ("", "director.no_sub_county")]
)
def test_a_sub_county_that_is_not_known_is_refused(season: Season, name: str, code: str) -> None:
    with season.service.stores.transaction() as db, pytest.raises(Refusal, match=code):
        centre_accounts.add_director(db, name, "+254733000333", "X Y", by=STAFF, now=now(db))


def test_the_list_of_directors_leaves_out_who_was_removed(season: Season, app: Flask) -> None:
    def listed() -> str:
        return app.test_cli_runner().invoke(args=["staff", "list"]).output

    before, phone = listed(), "+254733000333"
    with season.service.stores.transaction() as db:
        centre_accounts.add_director(db, "Kasarani", phone, "Mrs Ouma", by=STAFF, now=now(db))
    assert "Nairobi\tKasarani\tMrs Ouma\t" in listed() and phone not in listed()
    with season.service.stores.transaction() as db:
        centre_accounts.remove_director(db, phone, by=STAFF, now=now(db))
    assert listed() == before


def test_two_phones_enrolled_at_once_are_never_four(season: Season, mercy: Handset, app: Flask) -> None:
    open_centre(mercy)
    stores = service_of(app).stores
    with stores.transaction() as db:
        account = accounts.by_username(db, CENTRE)
        assert account
        number = account.id
    barrier = threading.Barrier(6)

    def enrol(n: int) -> None:
        barrier.wait()
        with stores.transaction() as db:
            account = db.get_one(Account, number)
            enrolments.enrol(db, account, f"+25471500010{n}", by=STAFF, now=now(db))

    threads = [threading.Thread(target=enrol, args=[n]) for n in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(phones_of(app)) == enrolments.MOST_PHONES
    with stores.transaction() as db:
        assert len(db.scalars(select(CentrePhone)).all()) == 7


def test_no_code_is_left_anywhere(mercy: Handset, handset: Phones, app: Flask) -> None:
    open_centre(mercy)
    deputy = handset("+254715000002")
    sign_in(deputy, PASSWORD)
    deputy.send(code_sent_to(mercy))
    service = service_of(app)
    assert not canary.leaks(CANARIES, service.settings.database_url, service.stores.redis)
