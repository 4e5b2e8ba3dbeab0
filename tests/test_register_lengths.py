"""The register of a large centre: whatever is said of sixty people with long names fits where it is said."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select, update

import menus
from menus.table import VOCABULARY
from menus.wording import BLANKS, Wording, load_words
from models.accounts import Subscriber
from models.messages import Message
from models.people import Profile
from operations import name_lists
from telephony import gsm7
from tests.fixtures_registers import CENTRE, DEPUTY, MERCY, OFFICERS, Morning
from tests.fixtures_season import PEOPLE, complete_profile

LONG = "Christopher Wamalwa Wanyonyi Simiyu"
WORDS = load_words(Path(menus.__file__).parent / "words", {**VOCABULARY.blanks, **BLANKS})
EVENS = " ".join(map(str, range(2, 61, 2)))
EVERYBODY = " ".join(map(str, range(1, 61)))


@pytest.fixture
def crowd(morning: Morning) -> Morning:
    """Sixty officers with long names, twelve of whom did not accept yet."""
    with morning.db() as db:
        ids = [morning.season.accounts[name] for name, _ in OFFICERS]
        for profile in db.scalars(select(Profile).where(Profile.account_id.in_(ids))):
            profile.full_name = LONG
        made = morning.season.make_accounts(db, [f"+2547290000{n:02}" for n in range(len(OFFICERS) + 1, 61)])
        for n, account in enumerate(made):
            account.national_id = f"2{account.id:07}"
            db.add(complete_profile(db, account, LONG, "teacher", PEOPLE["amina"][4]))
            morning.season.accounts[str(n)] = account.id
            state = "offered" if n % 5 == 0 else "accepted"
            morning.season.make_deployment(db, str(n), CENTRE, "invigilator", state=state)
    return morning


SAID = [
    ("ATT <code> ALL", f"ATT <code> AB {EVERYBODY}"),
    (f"ATT <code> AB {EVERYBODY}", "ATT <code> ALL"),
    (f"ATT <code> AB {EVENS}", "ATT <code> P 1 3"),
    (f"ATT <code> P {EVENS}", "ATT <code> AB 2 4 6 8"),
    ("ATT <code> P 1 AB 2", f"ATT <code> P 2 AB {EVERYBODY.partition(' 3 ')[0].replace('2', '1')}"),
    ("ATT <code> AB 77 78 79 80 81 82", "ATT <code> AB 123456789012 223456789012 323456789012 4"),
    (f"ATT <code> P {EVENS} AB {EVENS}", "ATT"),
]


@pytest.mark.parametrize("n", range(len(SAID)))
def test_every_register_sms_is_within_its_segments_in_both_languages(crowd: Morning, n: int) -> None:
    crowd.text(SAID[n][0], MERCY)
    crowd.text(SAID[n][1], DEPUTY)
    with crowd.db() as db:
        messages = list(db.scalars(select(Message).order_by(Message.id)))
    assert len(messages) >= 2
    wording = Wording(WORDS, crowd.season.service.office)
    for message in messages:
        for lang in ("en", "sw"):
            said = wording.sms(message.words, lang, message.details)
            assert len(gsm7.segments(said).parts) <= WORDS[message.words].segments, said


def test_as_many_as_fit_are_named_and_the_others_counted(crowd: Morning) -> None:
    crowd.text("ATT <code> ALL", MERCY)
    said = crowd.text(f"ATT <code> AB {EVENS}", DEPUTY)
    assert "P 24, Ab 30: 2, 4, 6, " in said and "; another phone differs, now: 2 Ab, 4 Ab, " in said
    assert said.count(" more") == 2 and crowd.held().count("A*") == 30 - 6  # ALL meant none of the offered
    notice = crowd.handset(MERCY).inbox()[-1]
    assert "Now: 2 Ab, 4 Ab, " in notice and " more. The last word holds." in notice


def test_all_who_are_read_back_are_named_page_by_page_before_anybody_agrees(crowd: Morning) -> None:
    phone = crowd.sign_in()
    screens = [phone.send("1", "2", EVENS)]
    while "98" in screens[-1]:
        assert "Yes, mark so" not in screens[-1]
        assert "Marked" not in phone.send("1") and not crowd.events()
        screens.append(phone.send("98"))
    assert "1. Yes, mark so" in screens[-1] and all(len(screen) <= 160 for screen in screens)
    said = " ".join(screens)
    assert said.count("Christopher") >= 20 and " more" not in said
    for number in map(int, EVENS.split()):
        assert f" {number}" in said, said
    phone.send("1")
    assert crowd.held().split()[1::2] == ["A"] * 30


def test_who_did_not_accept_yet_stays_unmarked_and_is_named_so(morning: Morning) -> None:
    with morning.db() as db:
        morning.season.make_deployment(db, "chebet", CENTRE, "invigilator", state="offered")
    said = morning.text("ATT <code> ALL")
    assert "P 4, Ab 0; not marked (not accepted): 5 Chebet Rono. Receipt" in said
    assert "bado (hawajakubali): 5 Chebet Rono. Risiti" in morning.text("HUD <code> WOTE")
    assert morning.held() == "P P P P ?"
    assert "not accepted" not in morning.text("ATT <code> P 5")


@pytest.mark.parametrize("room", [30, 40, 58, 100, 160])
@pytest.mark.parametrize("count", [1, 2, 7, 60])
def test_a_list_is_never_longer_than_its_room(room: int, count: int) -> None:
    entries = [(f"{n} Ab", f"{n} {LONG} Ab") for n in range(1, count + 1)]
    said = "".join(
        WORDS[piece[1:]].say("en") if piece[0] == "@" else piece for piece in name_lists.fitted(entries, room)
    )
    assert len(said) <= room
    named = said.partition(" and ")[0].count("Ab")
    assert named == count or said.endswith(f" and {count - named} more")


@pytest.mark.parametrize("lang", ["en", "sw"])
def test_no_line_of_a_screen_begins_like_a_key_wherever_a_phone_wraps_it(morning: Morning, lang: str) -> None:
    """`Ab 0. Receipt` may come to stand as `0. Receipt` at the beginning of a line."""
    with morning.db() as db:
        db.execute(update(Subscriber).where(Subscriber.phone == MERCY).values(lang=lang))
    phone = morning.sign_in()
    screens = [phone.send("1"), phone.send("1"), phone.send("1"), phone.send("1")]
    morning.say({2: False, 3: True}, DEPUTY)
    screens += [phone.send("0"), phone.send("00", "1"), phone.send("2", "4"), phone.send("1")]
    for screen in screens:
        for line in screen.split("\n"):
            if not re.match(r"\d+\.", line):  # a numbered line of the screen itself
                assert not re.search(r"(?<=\s)\d+\.(\s|$)", line), screen


@pytest.mark.parametrize("journey", ["register", "attendance"])
def test_no_full_stop_follows_a_number_that_is_filled_in(journey: str) -> None:
    said = (Path(menus.__file__).parent / "tree" / f"{journey}.yaml").read_text(encoding="utf-8")
    assert not re.findall(
        r"\{(?:days_|pay_days|register_readback|register_summary|register_so_far)\w*\}\.", said
    )
