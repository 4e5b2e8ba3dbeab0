"""Deployments by SMS: DEPLOYMENT, ACCEPT and DECLINE, with the code of the offer and without it."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from models.accounts import Confirmation
from models.messages import Message
from operations import confirmations
from telephony import gsm7
from tests.deploying import BOYS, GIRLS, accept, cancel, do, offer, plain_rules, row, words
from tests.fixtures_season import PEOPLE, Season
from tests.fixtures_service import Handset


@pytest.fixture(autouse=True)
def rules(season: Season) -> None:
    """Few people fill many posts."""
    plain_rules(season)


@pytest.fixture
def amina(handset: Callable[[str], Handset]) -> Handset:
    """Amina's phone."""
    return handset(PEOPLE["amina"][0])


@pytest.fixture
def fatuma(handset: Callable[[str], Handset]) -> Handset:
    """Fatuma's phone."""
    return handset(PEOPLE["fatuma"][0])


def code(phone: Handset) -> str:
    """The 4 digits that the last SMS to this phone holds."""
    found = re.findall(r"(?<![0-9#*])[0-9]{4}(?![0-9#])", phone.inbox()[-1])
    return str([each for each in found if not each.startswith("20")][-1])


def said(phone: Handset, text: str) -> str:
    """What an SMS is answered."""
    before = len(phone.inbox())
    assert phone.text(text) == 200
    inbox = phone.inbox()
    assert len(inbox) == before + 1, inbox[before:]
    return inbox[-1]


def state(season: Season, number: int) -> tuple[str, str | None]:
    made = row(season, number)
    return made.state, made.reason


# -- with the code of the offer ----------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["ACCEPT {}", "accept{}", "KUBALI {}", "Nakubali {}", "YES {}"])
def test_the_code_of_the_offer_accepts_at_once(season: Season, amina: Handset, typed: str) -> None:
    number = offer(season, "amina")
    answer = said(amina, typed.format(code(amina)))
    assert state(season, number) == ("accepted", None)
    assert re.match(r"(Accepted|Umekubali): (Supervisor|Msimamizi) KCSE 20[0-9]{2}, Kasarani Girls", answer)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("DECLINE {} sick", "sick"),
        ("DECLINE far {}", "too_far"),
        ("KATAA {} mtoto", "own_child"),
        ("nakataa {} nyingine", "other"),
    ],
)
def test_the_code_of_the_offer_declines_at_once(
    season: Season, amina: Handset, typed: str, reason: str
) -> None:
    number = offer(season, "amina")
    assert said(amina, typed.format(code(amina)))
    assert state(season, number) == ("declined", reason)
    assert words(season, "amina")[-1] == "sms.duty_decline_done"


def test_a_decline_asks_why_and_takes_the_answer(season: Season, amina: Handset) -> None:
    number = offer(season, "amina")
    assert "Why? Reply DECLINE and one word: FAR, SICK" in said(amina, f"DECLINE {code(amina)}")
    assert state(season, number) == ("declined", None)
    assert "Your reason is noted" in said(amina, "DECLINE SICK")
    assert "Your reason is noted" in said(amina, "DECLINE FAR")
    assert state(season, number) == ("declined", "sick")


def test_the_same_answer_again_is_told_the_same(season: Season, amina: Handset) -> None:
    number = offer(season, "amina")
    typed = f"ACCEPT {code(amina)}"
    assert said(amina, typed) == said(amina, typed) == said(amina, "ACCEPT")
    assert state(season, number) == ("accepted", None)
    assert "see your Director" in said(amina, typed.replace("ACCEPT", "DECLINE"))
    assert "mwone Mkurugenzi" in said(amina, "KATAA")


def test_who_declined_does_not_accept_any_more(season: Season, amina: Handset) -> None:
    offer(season, "amina")
    digits = code(amina)
    said(amina, f"DECLINE {digits} FAR")
    assert said(amina, f"ACCEPT {digits}") == "You have declined this, and the place is free for others."
    assert "Hakuna kituo kinachosubiri" in said(amina, "KUBALI")


def test_what_was_cancelled_is_not_accepted(season: Season, amina: Handset) -> None:
    number = offer(season, "amina")
    digits = code(amina)
    cancel(season, number)
    assert "KNEC took this back" in said(amina, f"ACCEPT {digits}")


ASKED_BACK = (
    *("{}", "KUBALI {}/KATAA {}", "ACCEPT {}/DECLINE {}", "DECLINE {} / ACCEPT {}", "ACCEPT not {}"),
    *("nakubalo {}", "acept {}", "declin {}", "sikubaki {}", "accept {} or not", "Kataa {} nakubali"),
    *("NO {}", "HAPANA {}", "do not accept {}", "I don't accept {}", "not accept {}", "siwezi kukubali {}"),
    *("hakubali {}", "sijakubali {}", "hatukubali {}", "usikubali {}", "skubali {}"),
    *("sikataa {}", "sikatai {}", "sitakataa {}", "I dont decline {}", "asante sana {}"),
)


@pytest.mark.parametrize("typed", ASKED_BACK)
def test_what_may_mean_the_other_answer_is_asked_back(season: Season, amina: Handset, typed: str) -> None:
    number = offer(season, "amina")
    digits = code(amina)
    answer = said(amina, typed.replace("{}", digits))
    assert state(season, number) == ("offered", None)
    both = rf"(ACCEPT {digits}, to decline DECLINE|KUBALI {digits}, kukataa tuma KATAA) {digits}$"
    assert re.search(both, answer), answer
    assert said(amina, f"ACCEPT {digits}")  # neither spent nor counted as wrong
    assert state(season, number) == ("accepted", None)


@pytest.mark.parametrize("typed", ["SIKUBALI", "Si kubali", "sitakubali", "sikubaliani"])
def test_i_do_not_accept_declines(season: Season, amina: Handset, typed: str) -> None:
    number = offer(season, "amina")
    digits = code(amina)
    assert said(amina, typed).startswith("Kukataa Msimamizi KCSE")  # asked, as KATAA is
    assert state(season, number) == ("offered", None)
    assert said(amina, f"{typed} {digits}").startswith("Umekataa")
    assert state(season, number) == ("declined", None)


@pytest.mark.parametrize("typed", ["do not accept", "I dont accept", "not accept", "sitaki kukubali"])
def test_a_denied_accept_without_a_code_is_asked_as_a_decline(
    season: Season, amina: Handset, typed: str
) -> None:
    number = offer(season, "amina")
    assert re.match("To decline|Kukataa", said(amina, typed))
    assert state(season, number) == ("offered", None)


def test_a_guessed_yes_confirms_nothing(season: Season, amina: Handset) -> None:
    number = offer(season, "amina")
    assert "jibu NDIYO na tarakimu 4" in said(amina, f"ndyo {code(amina)}")
    assert state(season, number) == ("offered", None)


def test_a_bare_code_of_anything_but_an_offer_still_acts(season: Season, amina: Handset) -> None:
    number = offer(season, "amina")
    said(amina, "DECLINE sick")
    said(amina, code(amina))
    assert state(season, number) == ("declined", "sick")


# -- without it --------------------------------------------------------------------------------------


def test_without_a_code_a_yes_is_asked_for(season: Season, amina: Handset) -> None:
    number = offer(season, "amina")
    assert "To accept Supervisor KCSE" in said(amina, "ACCEPT")
    assert state(season, number) == ("offered", None)
    assert "Accepted: Supervisor" in said(amina, f"YES {code(amina)}")
    assert state(season, number) == ("accepted", None)


def test_without_a_code_a_decline_is_asked_for_too(season: Season, amina: Handset) -> None:
    number = offer(season, "amina")
    assert "Kukataa Msimamizi KCSE" in said(amina, "KATAA mbali")
    typed = f"NDIYO {code(amina)}"
    assert "Sababu yako imeandikwa" in said(amina, typed)
    assert state(season, number) == ("declined", "too_far")
    assert "Sababu yako imeandikwa" in said(amina, typed)


def test_the_code_of_a_decline_accepts_nothing(season: Season, amina: Handset) -> None:
    number = offer(season, "amina")
    said(amina, "DECLINE")
    assert "code is not right" in said(amina, f"ACCEPT {code(amina)}")
    assert state(season, number) == ("offered", None)


def test_a_wrong_code_changes_nothing_and_the_fifth_ends_it(season: Season, amina: Handset) -> None:
    number = offer(season, "amina")
    digits = code(amina)
    wrong = f"{(int(digits) + 1) % 10000:04}"
    for n in range(5):
        answer = said(amina, f"ACCEPT {wrong}")
        assert ("code is not right" if n < 4 else "Too many wrong codes") in answer
    assert "Too many wrong codes" in said(amina, f"ACCEPT {digits}")
    assert state(season, number) == ("offered", None)
    said(amina, "ACCEPT")
    assert code(amina) != digits
    said(amina, f"YES {code(amina)}")
    assert state(season, number) == ("accepted", None)


@pytest.mark.parametrize(("typed", "stands"), [("NO", "Offer stands"), ("HAPANA", "Bado wazi")])
def test_after_a_no_the_offer_stands_and_says_how_to_decline(
    season: Season, amina: Handset, typed: str, stands: str
) -> None:
    number = offer(season, "amina")
    digits = code(amina)
    answer = said(amina, typed)
    assert answer.startswith(stands) and re.search(f"(DECLINE|KATAA) {digits}$", answer)
    assert state(season, number) == ("offered", None)
    assert said(amina, f"ACCEPT {digits}")
    assert state(season, number) == ("accepted", None)
    assert said(amina, "NO").startswith("All right, nothing was changed.")


def test_a_code_from_another_phone_is_worth_nothing(season: Season, amina: Handset, fatuma: Handset) -> None:
    number = offer(season, "amina")
    assert "No deployment waits" in said(fatuma, f"ACCEPT {code(amina)}")
    assert state(season, number) == ("offered", None)


def test_another_acts_code_is_neither_taken_nor_spent(season: Season, amina: Handset) -> None:
    offer(season, "amina")

    def ask(db: object, now: object) -> int:
        return confirmations.ask(db, PEOPLE["amina"][0], "withdraw", now=now).id

    asked = do(season, ask)
    digits = confirmations.code(season.service.office, asked)
    assert "code is not right" in said(amina, f"ACCEPT {digits}")
    with season.service.stores.sessions() as db:
        assert db.get_one(Confirmation, asked).used_at is None


def test_of_two_offers_the_reference_says_which(season: Season, amina: Handset) -> None:
    first, second = offer(season, "amina"), offer(season, "amina", BOYS, series_id=season.running)
    assert "KPSEA" in said(amina, "ACCEPT")  # the one that begins first
    assert "KCSE" in said(amina, f"ACCEPT {row(season, first).reference}")
    said(amina, f"YES {code(amina)}")
    assert (state(season, first)[0], state(season, second)[0]) == ("accepted", "offered")


def test_nothing_to_answer(season: Season, amina: Handset, handset: Callable[[str], Handset]) -> None:
    for typed in ("ACCEPT", "DECLINE", "ACCEPT 4821"):
        assert "No deployment waits for your answer" in said(amina, typed)
    for typed in ("ACCEPT", "DECLINE 4821", "DEPLOYMENT"):
        assert "no CP2 account" in said(handset("+254733000333"), typed)


# -- what it is --------------------------------------------------------------------------------------


def test_details_on_request(season: Season, amina: Handset) -> None:
    assert "You have no deployment" in said(amina, "DEPLOYMENT")
    number = offer(season, "amina")
    answer = said(amina, "DEPLOYMENT")
    assert answer.startswith("Supervisor, KCSE ") and f"({GIRLS})" in answer
    assert "to SCDE Kasarani" in answer and "distribution centre: not known" in answer
    said(amina, f"ACCEPT {code(amina)}")
    assert state(season, number) == ("accepted", None)
    assert "Umekubali. Barua: tuma BARUA" in said(amina, "KITUO")


def test_every_message_keeps_to_its_segments(season: Season, amina: Handset) -> None:
    """With the longest centre, position and director there are: the offer is one SMS, the details two."""

    def widest(db: object, now: object) -> None:
        season.make_centre(db, "20401098", "Bishop Gatimu Ngandu Girls High School Nyeri", "Kasarani")

    do(season, widest)
    whom = "Director of Education, Kirinyaga North/Mwea West, 0720 741 001"
    number = offer(season, "amina", "20401098", "centre_manager", report_to=whom)
    for typed in ("DEPLOYMENT", "KITUO", "ACCEPT", "KUBALI", "DECLINE", "KATAA", "NO", "HAPANA"):
        said(amina, typed)
    accept(season, number)
    for typed in ("DEPLOYMENT", "KITUO", "ACCEPT", "KUBALI"):
        said(amina, typed)
    with season.service.stores.sessions() as db:
        names = db.scalars(select(Message.words).order_by(Message.id)).all()
    live = season.service.library.live()[1].words
    for name, text in zip(names, amina.inbox(), strict=True):
        assert len(gsm7.segments(text).parts) <= live[name].segments, text
        assert live[name].segments <= 2 and (name != "deployment.offered" or live[name].segments == 1)
