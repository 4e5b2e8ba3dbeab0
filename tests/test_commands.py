"""What can be asked for by SMS, as a person would: every reply is read as it will be sent."""

import re
from typing import Any

import pytest
from sqlalchemy import select, text

from models.accounts import Account, Confirmation, Consent, Grant, GuessCount, Subscriber
from models.messages import Message
from models.records import Audit
from operations import accounts, contacts, grants, guesses, notices
from operations.office import caller, now
from telephony import gsm7
from tests.fixtures_sms import ALI, JANE, Texting

USERNAME = JANE.removeprefix("+")


@pytest.fixture(autouse=True)
def each_reply_is_one_segment(texting: Texting) -> Any:
    """After every test: whatever was queued can be worded, and goes out as one segment."""
    yield
    for message in texting.all(select(Message)):
        assert len(gsm7.segments(texting.worded(message)).parts) == 1


def register(texting: Texting, phone: str = JANE) -> None:
    """Register this phone by SMS."""
    texting.text("REGISTER", phone)
    texting.text(f"YES {texting.code(phone)}", phone)


def later(texting: Texting, interval: str) -> None:
    """Let this much time pass for everything in the database."""
    columns = text(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type = 'timestamp with time zone' AND table_name <> 'audit'"
    )
    with texting.stores.transaction() as db:
        for table, column in db.execute(columns).all():
            db.execute(text(f"UPDATE {table} SET {column} = {column} - interval '{interval}'"))


def opted_out(texting: Texting, phone: str = JANE) -> bool:
    """Whether this line hears no campaigns."""
    return texting.all(select(Subscriber.opted_out_at).where(Subscriber.phone == phone)) not in ([], [None])


def wrong_code(texting: Texting) -> str:
    """A code that is not the one just sent."""
    return f"{(int(texting.code()) + 1) % 10000:04}"


# -- registering -------------------------------------------------------------------------------------

REGISTERING = {
    "en": ("REGISTER", "YES", "KNEC keeps your number", "account ready. Username"),
    "sw": ("Jisajili", "NDIYO", "KNEC huweka nambari", "tayari. Jina la mtumiaji"),
}


@pytest.mark.parametrize("lang", REGISTERING)
def test_registering_shows_the_privacy_line_and_takes_a_yes(texting: Texting, lang: str) -> None:
    word, yes, privacy, ready = REGISTERING[lang]
    texting.text(word)
    assert privacy in texting.last() and USERNAME in texting.last() and not texting.all(select(Account))
    code = re.search(rf"{yes} (\d{{4}})$", texting.last())
    assert code
    texting.text(f"{yes} {code[1]}")
    account = texting.all(select(Account))[0]
    assert (account.phone, account.username, account.password_hash) == (JANE, USERNAME, None)
    assert texting.names() == ["sms.register", "account.credentials"]
    grant = texting.all(select(Grant))[0]
    sent = texting.last()
    assert ready in sent and USERNAME in sent and grants.code(texting.office, grant.id) in sent
    assert texting.settings.service_code in sent and texting.settings.public_url in sent
    assert texting.all(select(Consent.version)) == [accounts.CONSENT_VERSION]
    assert texting.all(select(Consent.channel)) == ["sms"]
    assert texting.all(select(Subscriber.lang)) == [lang]
    assert texting.all(select(Audit.actor)) == [f"phone:{JANE}"]


YESES = [
    "YES {}",
    "yes{}",
    "Yes. {}!",
    "  y   {}",
    "NDIO {}",
    "{}",
    "yes please {}",
    "YES {} thanks",
]


@pytest.mark.parametrize("typed", YESES)
def test_a_yes_may_be_typed_in_many_ways(texting: Texting, typed: str) -> None:
    texting.text("REGISTER")
    texting.text(typed.format(texting.code()))
    assert len(texting.all(select(Account))) == 1


@pytest.mark.parametrize("typed", ["ndyo {}", "ndoyo {}", "nduio {}"])
def test_a_yes_that_is_guessed_at_confirms_nothing(texting: Texting, typed: str) -> None:
    texting.text("REGISTER")
    code = texting.code()
    texting.text(typed.format(code))
    assert texting.names()[-1] == "sms.code_missing" and not texting.all(select(Account))
    texting.text(f"YES {code}")
    assert len(texting.all(select(Account))) == 1


def test_a_code_may_be_spaced_and_have_letters_that_look_like_digits(texting: Texting) -> None:
    texting.text("REGISTER")
    code = texting.code()
    texting.text(f"YES {code[:2]} {code[2:].replace('0', 'O').replace('1', 'l')}")
    assert len(texting.all(select(Account))) == 1


def test_who_has_an_account_is_told_how_to_get_its_password(texting: Texting) -> None:
    register(texting)
    texting.text("register")
    texting.text("JISAJILI")
    assert texting.names()[2:] == ["sms.account_exists"] * 2
    assert "already has CP2 account 254711000111" in texting.replies()[2][1]
    assert "PASSWORD to 22262" in texting.replies()[2][1] and "NENOSIRI kwa 22262" in texting.last()
    assert len(texting.all(select(Account))) == 1


def test_an_account_made_meanwhile_is_no_second_one(texting: Texting) -> None:
    texting.text("REGISTER")
    code = texting.code()
    with texting.stores.transaction() as db:
        accounts.create(db, JANE, "en", form_id="ussd:1", by=caller(JANE, "ussd"), now=now(db))
    texting.text(f"YES {code}")
    texting.text(f"YES {code}")
    assert texting.names()[2:] == ["sms.account_exists"] * 2
    assert len(texting.all(select(Account))) == len(texting.all(select(Consent))) == 1


def test_a_repeated_yes_makes_nothing_and_says_what_was_made(texting: Texting) -> None:
    texting.text("REGISTER")
    code = texting.code()
    for _ in range(3):
        texting.text(f"YES {code}")
    assert texting.names() == ["sms.register", "account.credentials", "sms.registered", "sms.registered"]
    assert len(texting.all(select(Account))) == len(texting.all(select(Grant))) == 1
    assert len(texting.all(select(Consent))) == 1


def test_asking_twice_keeps_the_code(texting: Texting) -> None:
    texting.text("REGISTER")
    first = texting.code()
    texting.text("JISAJILI")
    assert texting.code() == first


def test_a_code_is_for_the_phone_it_was_sent_to(texting: Texting) -> None:
    texting.text("REGISTER")
    texting.text(f"YES {texting.code()}", phone=ALI)
    assert texting.names(ALI) == ["sms.nothing_waiting"] and not texting.all(select(Account))


def test_a_wrong_code_changes_nothing_and_the_fifth_ends_it(texting: Texting) -> None:
    texting.text("REGISTER")
    code, wrong = texting.code(), wrong_code(texting)
    for _ in range(5):
        texting.text(f"YES {wrong}")
    texting.text(f"YES {code}")
    assert texting.names()[1:] == ["sms.code_wrong"] * 4 + ["sms.code_ended"] * 2
    assert not texting.all(select(Account))
    texting.text("REGISTER")
    assert texting.code() != code
    texting.text(f"YES {texting.code()}")
    assert len(texting.all(select(Account))) == 1


def test_an_old_code_says_that_it_is_old(texting: Texting) -> None:
    texting.text("JISAJILI")
    code = texting.code()
    later(texting, "31 min")
    texting.text(f"NDIYO {code}")
    assert "imepitwa na wakati" in texting.last() and "JISAJILI" in texting.last()
    assert not texting.all(select(Account))


@pytest.mark.parametrize("said", ["YES", "ndiyo", "Yes please"])
def test_a_yes_needs_its_code(texting: Texting, said: str) -> None:
    texting.text("REGISTER")
    texting.text(said)
    assert texting.names()[-1] == "sms.code_missing" and not texting.all(select(Account))


def test_nothing_waits_for_a_stranger(texting: Texting) -> None:
    texting.text("YES 1234")
    texting.text("2026")
    assert texting.names() == ["sms.nothing_waiting"] * 2
    assert not texting.all(select(Confirmation))


def test_a_no_ends_what_waits(texting: Texting) -> None:
    texting.text("REGISTER")
    code = texting.code()
    texting.text("Hapana")
    texting.text(f"YES {code}")
    assert texting.names()[1:] == ["sms.nothing_changed", "sms.code_expired"]
    assert not texting.all(select(Account))


# -- passwords ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["password", "PASSWORD.", " Pass word", "Pasword", "pasword please", "NENOSIRI"]
)
def test_a_password_is_sent_to_the_registered_phone(texting: Texting, typed: str) -> None:
    register(texting)
    texting.text(typed)
    message = texting.messages()[-1]
    assert (message.words, message.klass, message.lane) == ("account.one_time_password", "code", "urgent")
    grant = texting.all(select(Grant))[0]
    assert grants.code(texting.office, grant.id) in texting.last() and USERNAME in texting.last()
    assert ("Nenosiri la muda" in texting.last()) == (typed == "NENOSIRI")


def test_asked_again_the_same_password_is_sent(texting: Texting) -> None:
    register(texting)
    for typed in ("PASSWORD", "PASSWORD"):
        texting.text(typed)
    assert len(texting.all(select(Grant))) == 1
    assert len({message.details["grant"] for message in texting.messages()[1:]}) == 1


def test_three_passwords_an_hour_and_five_a_day(texting: Texting) -> None:
    register(texting)  # the credentials count apart: nobody asked for them by PASSWORD
    sent: list[str] = []
    for hour in range(3):
        if hour:
            later(texting, "61 min")
        for _ in range(4):
            texting.text("PASSWORD")
        sent.append("".join("p" if n.endswith("one_time_password") else "-" for n in texting.names()[-4:]))
    assert sent == ["ppp-", "pp--", "----"]
    assert "try again later" in texting.last() and texting.settings.service_code in texting.last()
    later(texting, "25 hours")
    texting.text("PASSWORD")
    assert texting.names()[-1] == "account.one_time_password"


def test_passwords_by_ussd_are_counted_apart(texting: Texting) -> None:
    register(texting)
    with texting.stores.transaction() as db:
        account = accounts.by_phone(db, JANE)
        for _ in range(3):
            grants.issue(db, account, "account.one_time_password", by=caller(JANE, "ussd"), now=now(db))
    texting.text("PASSWORD")
    assert texting.names()[-1] == "account.one_time_password"


def test_a_password_lifts_the_lock(texting: Texting) -> None:
    register(texting)
    with texting.stores.transaction() as db:
        for _ in range(5):
            guesses.count_wrong(db, guesses.keys(USERNAME, JANE, own=True), now=now(db))
    assert texting.all(select(GuessCount.scope)) == ["pair"]
    texting.text("PASSWORD")
    assert not texting.all(select(GuessCount))


def test_an_unknown_number_is_told_how_to_register_three_times_a_day(texting: Texting) -> None:
    for typed in ("PASSWORD", "nenosiri", "password", "PASSWORD", "PASSWORD"):
        assert texting.text(typed) == 200
    assert texting.names() == ["sms.no_account"] * 3
    assert "REGISTER to 22262" in texting.replies()[0][1] and "JISAJILI kwa 22262" in texting.replies()[1][1]
    later(texting, "25 hours")
    texting.text("PASSWORD")
    assert texting.names()[3:] == ["sms.no_account"] and not texting.all(select(Account))


def test_a_password_goes_to_nobody_else(texting: Texting) -> None:
    register(texting)
    before = len(texting.messages())
    texting.text(f"PASSWORD {USERNAME}", phone=ALI)
    assert len(texting.messages()) == before and texting.names(ALI) == ["sms.no_account"]


# -- campaigns: stop and start -----------------------------------------------------------------------

STOPS = {"STOP": "en", "stop.": "en", "Please stop!": "en", "ACHA": "sw", " acha ": "sw", "STOP ALL": "en"}


@pytest.mark.parametrize("typed", STOPS)
def test_stop_is_an_opt_out_that_is_confirmed(texting: Texting, typed: str) -> None:
    assert texting.text(typed) == 200
    assert opted_out(texting)
    message = texting.messages()[0]
    assert (message.words, message.klass, message.lang) == ("sms.stopped", "reply", STOPS[typed])


NOT_STOPS = ["STOP 12345", "STOP12345", "acha 5", "stop 3 tablets"]


@pytest.mark.parametrize("typed", NOT_STOPS)
def test_stop_with_a_number_is_not_an_opt_out(texting: Texting, typed: str) -> None:
    texting.text(typed)
    assert not opted_out(texting) and not texting.all(select(Confirmation))
    assert texting.names() == ["sms.unknown"]


NEAR_STOPS = {
    "Stpo": "STOP",
    "stopp": "STOP",
    "stop sending me sms": "STOP",
    "acga": "ACHA",
    "unsubcribe": "STOP",
}


@pytest.mark.parametrize("typed", NEAR_STOPS)
def test_what_is_near_stop_is_asked_about(texting: Texting, typed: str) -> None:
    texting.text(typed)
    assert not opted_out(texting) and texting.names() == ["sms.did_you_mean"]
    assert f" {NEAR_STOPS[typed]}?" in texting.last()
    code = texting.code()
    texting.text(f"YES {code}")
    assert opted_out(texting) and texting.names()[1:] == ["sms.stopped"]


def test_after_stop_a_password_still_comes(texting: Texting) -> None:
    register(texting)
    texting.text("STOP")
    texting.text("PASSWORD")
    assert texting.names()[-2:] == ["sms.stopped", "account.one_time_password"]
    assert {message.klass for message in texting.messages()} <= {"reply", "code"}
    assert not notices.CLASSES["reply"].opens and not notices.CLASSES["code"].opens


def test_start_undoes_stop(texting: Texting) -> None:
    for typed in ("STOP", "START", "ACHA", "ANZA"):
        texting.text(typed)
    assert not opted_out(texting)
    assert texting.names() == ["sms.stopped", "sms.started"] * 2


def test_what_is_near_start_is_asked_about(texting: Texting) -> None:
    texting.text("STOP")
    texting.text("Strat")
    assert opted_out(texting) and "START?" in texting.last()
    texting.text(f"YES {texting.code()}")
    assert not opted_out(texting)


def test_a_repeated_yes_undoes_nothing(texting: Texting) -> None:
    """The YES to a STOP comes again after a START: the START holds."""
    texting.text("Stpo")
    code = texting.code()
    for typed in (f"YES {code}", "START", f"YES {code}"):
        texting.text(typed)
    assert not opted_out(texting) and texting.names()[-1] == "sms.stopped"


def test_stopping_twice_keeps_the_first_moment(texting: Texting) -> None:
    moments = []
    for _ in range(2):
        texting.text("STOP")
        moments += texting.all(select(Subscriber.opted_out_at))
    assert moments[0] == moments[1]


# -- language, help, anything else -------------------------------------------------------------------

LANGUAGES = {
    "LANG EN": ("en", "in English"),
    "LANG SW": ("sw", "kwa Kiswahili"),
    "lugha sw": ("sw", "kwa Kiswahili"),
    "Lugha kiingereza": ("en", "in English"),
    "LANGUAGE Kiswahili": ("sw", "kwa Kiswahili"),
    "kiswahili": ("sw", "kwa Kiswahili"),
    "English please": ("en", "in English"),
    "lagn sw": ("sw", "kwa Kiswahili"),
}


@pytest.mark.parametrize("typed", LANGUAGES)
def test_a_language_is_set_and_answered_in(texting: Texting, typed: str) -> None:
    lang, answer = LANGUAGES[typed]
    texting.text(typed)
    assert texting.all(select(Subscriber.lang)) == [lang]
    assert texting.names() == ["sms.language_set"] and answer in texting.last()


@pytest.mark.parametrize(
    ("typed", "other"), [("LANG", "LUGHA SW"), ("LUGHA", "LANG EN"), ("lang fr", "LUGHA SW")]
)
def test_a_bare_language_tells_of_the_other(texting: Texting, typed: str, other: str) -> None:
    texting.text(typed)
    assert texting.names() == ["sms.language_ask"] and other in texting.last()


def test_a_keyword_of_the_other_language_changes_no_choice(texting: Texting) -> None:
    texting.text("LUGHA SW")
    texting.text("HELP")
    assert "send REGISTER" in texting.last()
    assert texting.all(select(Subscriber.lang)) == ["sw"]


def test_help_says_what_works(texting: Texting) -> None:
    for typed in ("HELP", "msaada", "Halp"):
        texting.text(typed)
    assert texting.names() == ["sms.help"] * 3
    first, second = texting.replies()[0][1], texting.replies()[1][1]
    for word in ("REGISTER", "PASSWORD", "LANG SW", "STOP", texting.settings.service_code):
        assert word in first
    for word in ("JISAJILI", "NENOSIRI", "LUGHA EN", "ACHA", texting.settings.service_code):
        assert word in second


def account_of(texting: Texting) -> None:
    """An account for the phone that asks."""
    texting.text("REGISTER")
    texting.text(f"YES {texting.code()}")


KNOWN = {
    "HELP": ("sms.help_known", ("STATUS", "VACANCIES", "DEPLOYMENT", "PAY", "PASSWORD", "STOP")),
    "MSAADA": ("sms.help_known", ("HALI", "NAFASI", "KITUO", "MALIPO", "NENOSIRI", "ACHA")),
    "Habari 22": ("sms.unknown_known", ("STATUS", "VACANCIES", "DEPLOYMENT", "PAY", "HELP")),
}


@pytest.mark.parametrize("typed", KNOWN)
def test_who_has_an_account_hears_what_it_is_good_for(texting: Texting, typed: str) -> None:
    account_of(texting)
    texting.text(typed)
    name, named = KNOWN[typed]
    assert texting.names()[-1] == name and all(word in texting.last() for word in named)
    assert "REGISTER" not in texting.last() and len(texting.last()) <= 160


@pytest.mark.parametrize(("typed", "status"), [("HELP", "STATUS"), ("MSAADA", "HALI")])
def test_who_has_an_account_hears_whom_to_call_too(texting: Texting, typed: str, status: str) -> None:
    account_of(texting)
    with texting.stores.transaction() as db:
        contacts.keep(db, "council", "", "KNEC", "0720 741 001, 0732 333 860", "info@knec.ac.ke")
    texting.text(typed)
    assert "0720 741 001, 0732 333 860" in texting.last() and f"{status}," in texting.last()


def test_help_names_whom_to_call(texting: Texting) -> None:
    with texting.stores.transaction() as db:
        contacts.keep(db, "council", "", "KNEC", "0720 741 001, 0732 333 860", "info@knec.ac.ke")
    texting.text("HELP")
    assert "0720 741 001, 0732 333 860" in texting.last()


def test_anything_else_is_told_what_works_in_both_languages(texting: Texting) -> None:
    texting.text("Habari, nataka kazi")
    assert texting.names() == ["sms.unknown_both"]
    for word in ("REGISTER", "PASSWORD", "JISAJILI", "NENOSIRI", texting.settings.service_code):
        assert word in texting.last()


@pytest.mark.parametrize(
    ("lang", "answer"), [("LANG EN", "we did not understand"), ("LUGHA SW", "hatukuelewa")]
)
def test_anything_else_is_answered_in_the_lines_language(texting: Texting, lang: str, answer: str) -> None:
    texting.text(lang)
    texting.text("Habari 22")
    assert texting.names()[-1] == "sms.unknown" and answer in texting.last()


def test_a_tie_is_no_command(texting: Texting) -> None:
    texting.text("nsubscribe")
    assert texting.names() == ["sms.unknown_both"] and not opted_out(texting)


EVERYTHING = ["REGISTER", "PASSWORD", "HELP", "LANG SW", "STOP", "START", "YES", "NO", "what is this"]


@pytest.mark.parametrize("said", EVERYTHING)
def test_the_same_text_a_second_later_is_idempotent_in_effect(texting: Texting, said: str) -> None:
    """F23: the same id five times is one act, another id one more event and the same state."""
    for _ in range(5):
        texting.text(said, id="same")
    state = ("account", "subscriber", "confirmation", "grant_password")
    dump = text(" UNION ALL ".join(f"SELECT to_jsonb(t) - 'opted_out_at' FROM {name} t" for name in state))
    before = texting.do(lambda db: db.execute(dump).all())
    assert len(texting.names()) == 1
    texting.text(said, id="another", date="2026-11-21 08:00:01")
    assert texting.do(lambda db: db.execute(dump).all()) == before
    assert len(texting.names()) == 2 and len(set(texting.names())) == 1


def test_every_reply_goes_to_the_asking_number_only(texting: Texting) -> None:
    for said in EVERYTHING:
        texting.text(said)
    assert {message.phone for message in texting.all(select(Message))} == {JANE}
