"""The daily register by SMS: whatever is typed marks what was meant, or nothing, and says which."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from models.accounts import Subscriber
from models.centres import RegisterDay
from models.series import Series
from operations import office
from telephony import references
from tests.fixtures_registers import (
    CENTRE,
    DEPUTY,
    DIRECTOR,
    MERCY,
    OTHER_CENTRE,
    Morning,
    date_of,
    receipt_in,
)
from tests.fixtures_service import Handset

LIKE = str.maketrans("01258", "OlzSB")


def test_all_present_in_one_segment_with_a_receipt(morning: Morning) -> None:
    said = morning.text("ATT <code> ALL")
    assert morning.held() == "P P P P"
    assert said.startswith(f"KNEC CP2 {CENTRE} ") and "P 4, Ab 0. Receipt RG-" in said and len(said) <= 160
    (audit,) = morning.audited("register.mark")
    assert audit.details["receipt"] == receipt_in(said) and audit.actor == f"phone:{MERCY}"


def test_the_absent_by_name_and_all_others_present(morning: Morning) -> None:
    said = morning.text("ATT <code> AB 3 4")
    assert morning.held() == "P P A A"
    assert "P 2, Ab 2: 3 Esther Njeri, 4 Daudi Ochieng." in said and len(said) <= 160


def test_the_unnamed_stay_unmarked_and_the_answer_names_them(morning: Morning) -> None:
    said = morning.text("ATT <code> P 1 2 AB 3")
    assert morning.held() == "P P A ?"
    assert "P 2, Ab 1: 3 Esther Njeri; not marked: 4 Daudi Ochieng." in said


def test_the_same_code_again_is_a_correction(morning: Morning) -> None:
    first = morning.text("ATT <code> ALL")
    again = morning.text("ATT <code> AB 2")
    assert morning.held() == "P A P P" and receipt_in(first) != receipt_in(again)
    morning.text("ATT <code> P 2")
    assert morning.held() == "P P P P"
    assert len(morning.events()) == 9  # every word is kept


TYPED: list[Callable[[str], str]] = [
    lambda code: f"att {code} ab 3",
    lambda code: f"ATT{code}AB3",
    lambda code: f"  Att   {code[:3]}  {code[3:]}   Ab   3 ",
    lambda code: f"ATT {' '.join(code)} ab 3",
    lambda code: f"ATT {code.translate(LIKE)} AB 3",
    lambda code: f"att {code.translate(LIKE).lower()[:3]} {code.translate(LIKE)[3:]} ab 3",
    lambda code: f"Please ATT: {code}, AB. 3!",
    lambda code: f"ATT {code} P 1,2,4 AB 3",
    lambda code: f"ATT {code} AB 3 P 4 2 1",
    lambda code: f"ATT {code} AB3 P1 2 P4",
    lambda code: f"ATT {code} ALL AB 3",
    lambda code: f"att AB 3, {code}",
    lambda code: f"HUD {code} HAWAPO 3",
    lambda code: f"hud {code} hayupo namba 3",
    lambda code: f"ATT {code} WOTE ISIPOKUWA 3",
    lambda code: f"HUDHURIA {code} wapo 1 na 2 na 4 hayupo 3",
    lambda code: f"ATTEND {code} absent no 3 and 3",
    lambda code: f"A T T {code} AB 3",
    lambda code: f"ATTENDANCE {code} AB 3",
    lambda code: f"Mahudhurio {code} hayupo 3",
    lambda code: f"ATT {code[:3]}-{code[3:]} AB 3",
    lambda code: f"ATT {code} ALL EXCEPT 3",
    lambda code: f"ATT {code} ALL PRESENT EXCEPT 3",
    lambda code: f"ATT {code} ALL EXCEPT ABSENT 3",
    lambda code: f"ATT {code} ALL PRESENT, ABSENT 3",
    lambda code: f"ATT {code} AB 3, ALL PRESENT",
    lambda code: f"HUD {code} WOTE WAPO ILA 3",
    lambda code: f"ATT {code} ALL ABSENT EXCEPT 1 2 4",
    lambda code: f"ATT {code} AB ALL P 1 2 4",
    lambda code: f"HUD {code} WOTE HAWAPO ISIPOKUWA 1, 2 na 4",
    lambda code: f"ATT {code} AB {' , '.join(['3'] * 300)}",
]


@pytest.mark.parametrize("n", range(len(TYPED)))
def test_however_it_is_typed(morning: Morning, n: int) -> None:
    morning.text(TYPED[n](morning.code()))
    assert morning.held() == "P P A P", TYPED[n]("482913")


@pytest.mark.parametrize("sender", ["+254715000001", "254715000001", "0715000001", "715000001"])
def test_from_any_spelling_of_the_phone(morning: Morning, sender: str) -> None:
    morning.text("ATT <code> ALL", **{"from": sender})
    assert morning.held() == "P P P P"


# -- nothing is marked --------------------------------------------------------------------------------

REFUSED = {
    "a wrong code": ("ATT 000000 ALL", "not today's code"),
    "yesterday's code": ("ATT <yesterday> ALL", "closed"),
    "tomorrow's code": ("ATT <tomorrow> ALL", "that is the code of"),
    "another centre's code": ("ATT <other> ALL", "code of another centre"),
    "an unknown number": ("ATT <code> AB 9", "KNEC CP2: nobody has roster number 9."),
    "an ID number": ("ATT <code> AB 23456789", "KNEC CP2: nobody has roster number 23456789."),
    "a contradiction": ("ATT <code> P 3 AB 3", "3 cannot be both"),
    "five digits": ("ATT 48291 ALL", "6 digits"),
    "seven digits": ("ATT 4829133 ALL", "6 digits"),
    "a date": ("ATT 31/02 ALL", "6 digits"),
    "eight digits": ("ATT 20401001 ALL", "6 digits"),
    "eight digits with O for 0": ("ATT 2O4O1OO1 ALL", "6 digits"),
    "p": ("att <code> p", "not understood"),
    "AB": ("ATT <code> AB", "not understood"),
    "no code": ("ATT ALL", "code of the day is missing"),
    "no code but numbers": ("ATT AB 3", "code of the day is missing"),
    "P": ("ATT <code> P", "not understood"),
    "Ab": ("ATT <code> Ab", "not understood"),
    "P P": ("ATT <code> P P", "not understood"),
    "all both ways": ("ATT <code> ALL P AB", "not understood"),
    "all but a name": ("ATT <code> ALL PRESENT 3 ABSENT", "not understood"),
    "the same in Kiswahili": ("HUD <code> WOTE WAPO 3 HAYUPO", "haikueleweka"),
    "all P 3 AB": ("ATT <code> ALL P 3 AB", "not understood"),
    "nobody absent": ("ATT <code> ALL NO AB", "not understood"),
    "except among others": ("ATT <code> AB 1 2 EXCEPT 3", "not understood"),
    "all present and all absent": ("ATT <code> ALL P 3 ALL AB", "not understood"),
    "a range": ("ATT <code> AB 1-3", "each number by itself"),
    "a range with a long dash": ("ATT <code> AB 1 – 3", "each number by itself"),
    "a range of dots": ("ATT <code> P 1..3", "each number by itself"),
    "a range in words": ("ATT <code> AB 1 to 3", "not understood"),
    "a half": ("ATT <code> AB ½", "not understood"),
    "a square": ("ATT <code> AB 3²", "not understood"),
    "too long to be read": (f"ATT <code> AB {'3 ' * 1000} 4", "not understood"),
    "words": ("ATT <code> everybody came today", "not understood"),
    "a name": ("ATT <code> AB Baraka", "not understood"),
    "only the code": ("ATT <code>", "To mark, add ALL"),
    "nothing": ("ATT", "SMS ATT"),
}


@pytest.mark.parametrize("label", REFUSED)
def test_its_own_answer_and_nothing_marked(morning: Morning, label: str) -> None:
    typed, said = REFUSED[label]
    with morning.db() as db:
        morning.season.make_deployment(db, "chebet", OTHER_CENTRE, "supervisor")
    typed = typed.replace("<yesterday>", morning.code(morning.day(2)))
    typed = typed.replace("<tomorrow>", morning.code(morning.day(-1)))
    typed = typed.replace("<other>", morning.code(centre=OTHER_CENTRE))
    answer = morning.text(typed)
    assert said in answer and len(answer) <= 160, answer
    assert not morning.events()


def test_a_phone_that_is_not_enrolled_marks_nothing(morning: Morning, wanja: Handset) -> None:
    assert "does not act for a centre" in morning.text("ATT <code> ALL", wanja.phone)
    assert "does not act for a centre" in morning.text("ATT 111111 ALL", wanja.phone)
    assert not morning.events()
    with morning.db() as db:
        assert db.get(RegisterDay, (morning.season.running, CENTRE, morning.today)) is None  # nothing counted


def test_a_day_without_an_exam(morning: Morning) -> None:
    with morning.db() as db:
        series = db.get_one(Series, morning.season.running)
        series.rules = {"exam_days": [morning.day(1).isoformat()]}
    assert "no exam today" in morning.text("ATT <code> ALL")
    assert "no exam today" in morning.text("ATT")
    assert not morning.events()


def test_asking_gives_an_enrolled_phone_the_code_and_how_it_stands(morning: Morning) -> None:
    morning.text("ATT <code> AB 2")
    assert f"P 3, Ab 1, not marked 0. SMS ATT {morning.code()} ALL" in morning.text("ATT")


def test_the_code_decides_between_two_centres_of_one_phone(morning: Morning) -> None:
    with morning.db() as db:
        morning.season.make_deployment(db, "chebet", OTHER_CENTRE, "supervisor")
    morning.enrol(OTHER_CENTRE, MERCY)
    assert OTHER_CENTRE in morning.text(f"ATT {morning.code(centre=OTHER_CENTRE)} ALL")
    assert morning.held() == "? ? ? ?" and len(morning.events()) == 1
    morning.text("ATT <code> ALL")
    assert morning.held() == "P P P P"


# -- wrong codes --------------------------------------------------------------------------------------


def wrong_codes(morning: Morning) -> list[str]:
    """Five codes that are nobody's, their check digits right."""
    made = (root + references.check_digit(root) for root in map("{:05}".format, range(40, 90)))
    return [code for code in made if code != morning.code()][:5]


def test_five_wrong_codes_stop_sms_there_that_day_but_not_ussd(morning: Morning) -> None:
    answers = [morning.text(f"ATT {code} ALL") for code in wrong_codes(morning)]
    assert ["Tries left: 4" in answers[0], "Tries left: 1" in answers[3]] == [True, True]
    assert "SMS marking is stopped" in answers[4]
    assert "SMS marking is stopped" in morning.text("ATT <code> ALL")
    assert "SMS marking is stopped" in morning.text("ATT")  # asking gives no code that would not work
    for phone, count in ((MERCY, 0), (DEPUTY, 1), (DIRECTOR, 1)):  # whoever sent it read it in the answer
        told = [text for text in morning.handset(phone).inbox() if "5 wrong attendance codes" in text]
        assert len(told) == count and all(CENTRE in text for text in told)
    assert not morning.events()
    assert "Marked." in morning.sign_in().send("1", "1", "1")


def test_a_code_issued_anew_begins_again(morning: Morning) -> None:
    for code in wrong_codes(morning):
        morning.text(f"ATT {code} ALL")
    phone = morning.sign_in()
    assert "will no longer work. Send it?" in phone.send("1", "5")
    assert "nobody marked yet" in phone.send("2") and morning.code(issue=2) not in str(phone.inbox())
    screen = phone.send("5", "1")
    assert "new code was sent" in screen
    assert morning.code(issue=2) in morning.handset(MERCY).inbox()[-1]
    for _ in range(6):  # a code that was right before is no guess
        assert "was replaced, a newer code was sent" in morning.text(f"ATT {morning.code(issue=1)} ALL")
    assert not morning.events()
    morning.text(f"ATT {morning.code(issue=2)} ALL")
    assert morning.held() == "P P P P"


# -- its language -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "typed", "said"),
    [
        ("en", "ATT <code> WOTE", "Risiti"),
        ("en", "att <code> ab 3", "Receipt"),
        ("en", "ATT<code>hawapo3", "Risiti"),
        ("en", "HUD <code> ALL", "Risiti"),
        ("sw", "ATT <code> HAWAPO 3", "Risiti"),
        ("sw", "ATT <code> AB 3", "Risiti"),
        ("sw", "ATT <code> HAWAPO 9", "hakuna mwenye nambari 9"),
        ("sw", "ATT", "Tuma HUD"),
        ("en", "ATT <code> HAWAPO Esther", "haikueleweka"),
    ],
)
def test_the_answer_is_in_the_language_of_the_marks_or_of_the_line(
    morning: Morning, line: str, typed: str, said: str
) -> None:
    with morning.db() as db:
        db.execute(update(Subscriber).where(Subscriber.phone == MERCY).values(lang=line))
    assert said in morning.text(typed)


# -- replays ------------------------------------------------------------------------------------------


def test_yesterdays_sms_once_more_changes_nothing_and_is_flagged(morning: Morning) -> None:
    """The same id, a new id, an edited date: what was corrected since stays so."""
    yesterday, before = morning.code(morning.day(1)), morning.day(1)
    with morning.db() as db:
        now = office.now(db)
    morning.say({1: True, 2: True, 3: True, 4: True}, day=before, said_at=now - timedelta(hours=26))
    morning.say({3: False}, day=before, said_at=now - timedelta(hours=25))
    held, events = morning.held(before), len(morning.events())
    text = f"ATT {yesterday} ALL"
    old, edited = now - timedelta(hours=26), now
    morning.text(text, id="replay-1", date=date_of(old))
    morning.text(text, id="replay-1", date=date_of(old))
    morning.text(text, id="replay-2", date=date_of(old))
    morning.text(text, id="replay-3", date=date_of(edited))
    morning.text(text, id="replay-4", date="2099-01-01 00:00:00")
    assert morning.held(before) == held == "P P A P" and len(morning.events()) == events
    assert morning.held() == "? ? ? ?"
    flagged = morning.audited("register.other_day_code")
    assert len(flagged) == 4 and {each.details["code_of"] for each in flagged} == {before.isoformat()}


def test_the_same_sms_twice_is_one_word(morning: Morning) -> None:
    for _ in range(3):
        morning.text("ATT <code> ALL", id="once")
    assert len(morning.events()) == 4 and len(morning.audited("register.mark")) == 1


@pytest.mark.parametrize("hours", [0, 1, 11, -1])
def test_todays_sms_under_its_own_id_is_no_second_word_whatever_its_date_says(
    morning: Morning, hours: int
) -> None:
    with morning.db() as db:
        now = office.now(db)
    morning.text("ATT <code> ALL", id="first")
    morning.text("ATT <code> AB 3", id="second")
    before = len(morning.handset(MERCY).inbox())
    morning.text("ATT <code> ALL", id="first", date=date_of(now - timedelta(hours=hours)))
    assert morning.held() == "P P A P" and len(morning.events()) == 8
    assert len(morning.handset(MERCY).inbox()) == before
