"""The message list: every notice of an account, whatever its SMS did, worded as it is read."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from menus.functions import messages as screens
from menus.vocabulary import Words
from models.accounts import Account, Subscriber
from models.messages import CLASSES, STATES, Message
from operations import confirmations, inbox, notices, office
from operations.office import Office
from telephony import gsm7
from tests.fixtures_season import PEOPLE, Season
from tests.fixtures_service import Handset

AMINA = PEOPLE["amina"][0]
STANDS = {"reference": "DS-7K4-QX9-2", "dispute_day": "@day:2026-10-16"}


def notice(season: Season, reason: str = "", who: str = "amina", klass: str = "notice", **more: Any) -> int:
    """Queue a notice for somebody: its id."""
    with season.service.stores.transaction() as db:
        words, phone = more.pop("words", "dispute.rejected"), PEOPLE[who][0]
        details = STANDS | {"dispute_reason": reason} | more
        mine = season.accounts[who]
        notices.queue(db, klass, words, phone, now=office.now(db), account_id=mine, **details)
        return db.scalars(select(Message.id).order_by(Message.id.desc()).limit(1)).one()


def listed(season: Season, who: str = "amina") -> list[int]:
    with season.service.stores.transaction() as db:
        return [message.id for message in inbox.listed(db, season.accounts[who])]


def unread(season: Season) -> int:
    with season.service.stores.transaction() as db:
        counted = inbox.unread(db, season.accounts["amina"])
    assert counted == inbox.news(season.service.stores.reader.row, season.accounts["amina"])
    return counted


def open_list(handset: Callable[[str], Handset], phone: str = AMINA) -> Handset:
    """Somebody signs in and opens the message list."""
    somebody = handset(phone)
    somebody.dial()
    somebody.send("mitihani7", "6")
    return somebody


def test_notices_are_listed_newest_first_and_codes_and_replies_never(season: Season) -> None:
    queued = {klass: notice(season, klass=klass) for klass in CLASSES}
    assert listed(season) == [queued[klass] for klass in ("campaign", "notice", "chase", "register")]
    assert set(inbox.LISTED) == set(CLASSES) - {"code", "reply"}
    assert unread(season) == 4


@pytest.mark.parametrize("state", STATES)
def test_whatever_the_sms_did_the_message_is_there(season: Season, state: str) -> None:
    number = notice(season)
    with season.service.stores.transaction() as db:
        db.execute(update(Message).values(state=state, failure="UserInBlacklist"))
    assert listed(season) == [number]


def test_it_stays_when_the_number_moves(season: Season) -> None:
    number = notice(season)
    with season.service.stores.transaction() as db:
        db.add(Subscriber(phone="+254799000001", lang="en"))
        db.flush()
        moved = update(Account).where(Account.id == season.accounts["amina"])
        db.execute(moved.values(phone="+254799000001"))
    assert listed(season) == [number]


def test_nobody_sees_or_reads_the_messages_of_another(season: Season) -> None:
    number = notice(season)
    with season.service.stores.transaction() as db:
        mine, now = season.accounts["chebet"], office.now(db)
        assert inbox.listed(db, mine) == [] and inbox.one(db, mine, number) is None
        assert inbox.read(db, mine, number, now=now) is None
    assert unread(season) == 1


def test_reading_twice_keeps_the_first_time(season: Season) -> None:
    number, times = notice(season), []
    for _ in range(2):
        with season.service.stores.transaction() as db:
            opened = inbox.read(db, season.accounts["amina"], number, now=office.now(db))
            assert opened
            times.append(opened.read_at)
    assert times[0] == times[1] and unread(season) == 0


def test_a_reply_cannot_be_opened_as_a_message(season: Season) -> None:
    number = notice(season, klass="reply")
    with season.service.stores.transaction() as db:
        assert inbox.one(db, season.accounts["amina"], number) is None


# -- on the phone ----------------------------------------------------------------------------------------


def test_a_message_is_opened_and_read(season: Season, handset: Callable[[str], Handset]) -> None:
    notice(season, "You signed nowhere")
    notice(season, "Older no more")
    amina = open_list(handset)
    assert "Messages, new (*): 2" in amina.screen
    assert len(re.findall(r"\d\. \d+ \w+\* DS-7K4-QX9-2", amina.screen)) == 2
    amina.send("2")
    assert "You signed nowhere" in amina.screen and ": DS-7K4-QX9-2" in amina.screen
    back = amina.send("0")
    assert "new (*): 1" in back and re.search(r"1\. \d+ \w+\* ", back) and re.search(r"2\. \d+ \w+ ", back)


def test_it_is_worded_in_the_language_of_the_reader(
    season: Season, handset: Callable[[str], Handset]
) -> None:
    notice(season, "Sababu")
    season.speak("amina", "sw")
    amina = open_list(handset)
    assert "Ujumbe, mpya (*): 1" in amina.screen
    assert "alama ya Ijumaa 16 Okt imebaki. Sababu" in amina.send("1")


def test_letters_narrow_the_list(season: Season, handset: Callable[[str], Handset]) -> None:
    for reason in ("The paper register", "You signed nowhere"):
        notice(season, reason)
    amina = open_list(handset)
    assert "2. " not in amina.send("paper")
    assert "The paper register" in amina.send("1")
    assert "Nothing found" in amina.send("0", "zebra")


def test_an_empty_list_says_so(season: Season, handset: Callable[[str], Handset]) -> None:
    notice(season, klass="reply")
    assert "You have no messages yet" in open_list(handset).screen


def test_two_segments_are_read_page_by_page(season: Season, handset: Callable[[str], Handset]) -> None:
    notice(season, " ".join(f"word{n}" for n in range(40)))
    amina, said = open_list(handset), ""
    amina.send("1")
    while "98.More" in amina.screen:
        said += amina.screen
        amina.send("98")
    assert all(f"word{n}" in said + amina.screen for n in range(40))


def test_a_code_is_never_shown_nor_kept(season: Season, handset: Callable[[str], Handset]) -> None:
    """Screens are kept for repeated hops; a code that acts belongs in its SMS alone."""
    with season.service.stores.transaction() as db:
        asked = confirmations.ask(db, AMINA, "accept", now=office.now(db))
        number = str(asked.id)
    notice(season, words="sms.register", username="254711000001", confirmation=number)
    code = confirmations.code(season.service.office, number)
    amina = open_list(handset)
    amina.send("1")
    assert "reply YES (see the SMS)" in amina.screen + amina.send("98")
    assert code not in amina.screen
    assert any(code in sms for sms in amina.inbox())


def test_words_that_are_gone_take_no_other_message_with_them(
    season: Season, handset: Callable[[str], Handset]
) -> None:
    notice(season, words="retired.words")
    notice(season, words="dispute.raised")  # its values are missing
    notice(season, "You signed nowhere")
    amina = open_list(handset)
    assert amina.screen.count("* This message") == 2
    assert "You signed nowhere" in amina.send("1")


def test_a_line_of_the_list_is_clipped_and_says_first_what_matters(season: Season) -> None:
    notice(season)
    with season.service.stores.transaction() as db:
        message = inbox.listed(db, season.accounts["amina"])[0]
    line = screens.label(message, "KNEC CP2: you are deployed as Supervisor at Moi Girls", "en")
    assert gsm7.septets(line) <= screens.LABEL and line.endswith("..") and "KNEC" not in line


def test_home_says_how_many_wait(season: Season) -> None:
    """One lean read; it stands in the head of home."""

    class Call:
        account: int | None = season.accounts["amina"]
        read = staticmethod(season.service.stores.reader.row)
        lang = "en"
        words = {
            "message.news": Words("new messages: {unread}", "ujumbe mpya: {unread}"),
            "message.no_news": Words("my account", "akaunti yangu"),
        }

    assert screens.news(Call()) == {"news": "my account", "unread": "0"}
    notice(season)
    assert screens.news(Call()) == {"news": "new messages: 1", "unread": "1"}
    Call.account = None
    assert screens.news(Call())["unread"] == "0"


def test_no_id_of_a_code_is_left_among_the_values() -> None:
    kept = screens.without_codes({"grant": "7", "confirmation": "9", "centre": "Moi Girls"})
    assert kept == {
        "centre": "Moi Girls",
        "one_time_password": screens.SEE_SMS,
        "code": screens.SEE_SMS,
    }


# -- by SMS ----------------------------------------------------------------------------------------------


def ask(phone: Handset, words: str = "MESSAGES") -> str:
    assert phone.text(words) == 200
    said = phone.inbox()[-1]
    assert len(gsm7.segments(said).parts) <= 2 and gsm7.segments(said).encoding == "gsm7"
    return said


def test_messages_by_sms_tell_how_many_and_the_newest(
    season: Season, handset: Callable[[str], Handset]
) -> None:
    notice(season, "An older one")
    notice(season, "The newest")
    amina = handset(AMINA)
    said = ask(amina)
    assert "new messages: 2." in said and re.search("The newest.* -- .*An older one", said)
    assert "ujumbe mpya: 2." in ask(amina, "ujumbe") and "*384*22262#" in amina.inbox()[-1]
    assert unread(season) == 2  # anybody may be asking in this phone's name


def test_the_tree_is_not_read_from_sql_for_every_sms(
    season: Season, handset: Callable[[str], Handset], queries: list[str]
) -> None:
    notice(season, "The newest")
    amina = handset(AMINA)
    ask(amina)
    queries.clear()
    assert amina.text("MESSAGES") == 200
    assert any("incoming" in query for query in queries)
    assert not [query for query in queries if "menu_" in query], "205 kB, while others of this phone wait"


@pytest.mark.parametrize("length", [60, 150, 230, 900])
def test_a_long_message_never_takes_a_third_segment(
    season: Season, handset: Callable[[str], Handset], length: int
) -> None:
    for _ in range(2):
        notice(season, "{word} " + "x" * length)
    assert "new messages: 2" in ask(handset(AMINA))


def test_no_code_is_in_the_answer(season: Season, handset: Callable[[str], Handset]) -> None:
    notice(season, words="sms.register", username="254711000001", confirmation="77")
    office_: Office = season.service.office
    assert confirmations.code(office_, "77") not in ask(handset(AMINA))


def test_nothing_to_tell_and_nobody_to_tell_it_to(season: Season, handset: Callable[[str], Handset]) -> None:
    assert "no messages for you yet" in ask(handset(AMINA))
    assert "has no CP2 account" in ask(handset("+254733000333"))
