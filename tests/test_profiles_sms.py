"""The profile by SMS: how complete it is, one line at a time, and a YES before anything is changed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account, Confirmation
from models.messages import Incoming
from models.people import Profile
from models.registers import Eligibility
from operations import profiles
from sms_gateway import keywords
from sms_gateway.commands.profiles import LINES, WORDS, split_line
from telephony import gsm7
from tests.fixtures_season import PEOPLE, Season, sub_county
from tests.fixtures_service import Handset

Phone = Callable[[str], Handset]


def text(handset: Phone, who: str, words: str) -> str:
    """Send an SMS; answers the reply, which is one segment; the list of all lines is two."""
    phone = handset(PEOPLE[who][0])
    assert phone.text(words) == 200
    reply = phone.inbox()[-1]
    assert len(reply) <= (306 if reply.startswith(("Send PROFILE, ", "Tuma WASIFU, ")) else 160), reply
    return reply


def held(season: Season, who: str) -> dict[str, str]:
    with season.service.stores.sessions() as db:
        return profiles.held(db, season.accounts[who])


def change(season: Season, work: Callable[[Session], object]) -> None:
    with season.service.stores.transaction() as db:
        work(db)


def code_of(reply: str) -> str:
    return next(
        word.strip(".") for word in reply.split() if word.strip(".").isdigit() and len(word.strip(".")) == 4
    )


def test_it_says_how_complete_it_is_and_what_is_missing_first(season: Season, handset: Phone) -> None:
    assert "0 of 25. Missing: Kind of work, Full name +23." in text(handset, "baraka", "PROFILE")
    assert "0 kati ya 25. Bado: Aina ya kazi, Jina kamili +23." in text(handset, "baraka", "wasifu")
    assert "complete, 26 of 26" in text(handset, "amina", "Profle")


@pytest.mark.parametrize(
    ("words", "name", "kept"),
    [
        ("PROFILE NAME Jane Wanjiru Otieno", "full_name", "Jane Wanjiru Otieno"),
        ("profile name jane wanjiru otieno", "full_name", "Jane Wanjiru Otieno"),
        ("WASIFU JINA Ng’ang’a Wa-Thiong'o", "full_name", "Ng'ang'a Wa-Thiong'o"),
        (
            "PROFILE my NAME: Christopher Wamalwa Wanyonyi Simiyu",
            "full_name",
            "Christopher Wamalwa Wanyonyi Simiyu",
        ),
        ("PROFILE EMAIL jane@x.ke", "email", "jane@x.ke"),
        ("PROFILE EMAIL jane¡x.ke", "email", "jane@x.ke"),
        ("PROFILE E-MAIL jane@x.ke", "email", "jane@x.ke"),
        ("PROFILE KRA PIN A012345678K", "kra_pin", "A012345678K"),
        ("PROFILE BANK kcb", "bank", "KCB Bank"),
        ("PROFILE bank account 0110 123 456", "bank_account", "0110123456"),
        ("PROFILE SHA CR1234567890123-4", "nhif_no", "CR1234567890123-4"),
        ("PROFILE KIND TEACHER", "kind", "teacher"),
        ("WASIFU KAZI MWALIMU", "kind", "teacher"),
        ("PROFILE PERIOD 2005-2008", "study_period", "2005-2008"),
        ("PROFILE next of kin Jane Mwangi", "kin_name", "Jane Mwangi"),
        ("PROFILE KIN PHONE 0720 000 001", "kin_phone", "+254720000001"),
        ("PROFILE SCHOOL St. Mary's Girls", "workplace", "St. Mary's Girls"),
        ("WASIFU JINA LA M-PESA juma bakari", "mpesa_name", "Juma Bakari"),
        ("WASIFU TAWI LA BENKI Kisumu", "bank_branch", "Kisumu"),
        ("WASIFU JAMAA WA KARIBU Peter Gitau", "kin_name", "Peter Gitau"),
        ("WASIFU nambari ya SHA/NHIF: CR1234567890123-4", "nhif_no", "CR1234567890123-4"),
        ("PROFILE SHA/NHIF NUMBER CR1234567890123-4", "nhif_no", "CR1234567890123-4"),
        ("PROFILE Kin's phone 0720 000 001", "kin_phone", "+254720000001"),
    ],
)
def test_an_empty_line_is_filled_at_once(
    season: Season, handset: Phone, words: str, name: str, kept: str
) -> None:
    reply = text(handset, "baraka", words)
    assert reply.startswith(("Saved.", "Imehifadhiwa.")), reply
    assert held(season, "baraka") == {name: kept}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("PROFILE ID 123", "An ID has 7 or 8 digits, Maisha 14."),
        ("WASIFU ID 123", "Kitambulisho kina tarakimu 7 au 8, Maisha 14."),
        ("PROFILE NAME Jane", "Please give at least two names."),
        ("PROFILE KRA A000000000X", "That is only the example."),
        ("PROFILE BORN 2025", "You must be 18 to 80."),
        ("PROFILE KIN PHONE 0711000002", "That is your own number."),
        ("PROFILE SUBCOUNTY zzzz", "No sub-county sounds like that."),
        ("PROFILE SUBCOUNTY nairobi", "Which one? Dagoretti North, Nairobi; "),
        ("PROFILE EMAIL", "Send PROFILE, a line and the answer."),
        ("PROFILE SHOESIZE 44", "Send PROFILE, a line and the answer."),
        ("WASIFU VIATU 44", "Tuma WASIFU, sehemu na jibu."),
    ],
)
def test_the_same_refusals_as_on_the_screen(season: Season, handset: Phone, words: str, said: str) -> None:
    assert said in text(handset, "baraka", words)
    assert held(season, "baraka") == {}


def test_a_sub_county_by_its_name(season: Season, handset: Phone) -> None:
    assert "Sub-county: Kasarani, Nairobi." in text(handset, "baraka", "PROFILE SUB COUNTY kasarani")
    with season.service.stores.sessions() as db:
        assert held(season, "baraka")["sub_county"] == str(sub_county(db, "Kasarani"))


def test_what_says_something_is_changed_only_with_a_yes(season: Season, handset: Phone) -> None:
    """A sender can be forged: the code goes to the phone itself."""
    asked = text(handset, "amina", "PROFILE NAME Amina Wanjiru Mwangi")
    assert "Full name: Amina Wanjiru Mwangi. KNEC must then approve you again" in asked
    assert held(season, "amina")["full_name"] == "Amina Wanjiru Otieno"
    assert text(handset, "amina", f"YES {code_of(asked)}").startswith(
        "Saved. Full name: Amina Wanjiru Mwangi."
    )
    assert held(season, "amina")["full_name"] == "Amina Wanjiru Mwangi"
    with season.service.stores.sessions() as db:
        assert db.get_one(Eligibility, season.accounts["amina"]).standing == "waiting"


def test_who_was_approved_since_they_were_asked_is_asked_anew(season: Season, handset: Phone) -> None:
    def stand(standing: str) -> None:
        with season.service.stores.transaction() as db:
            db.get_one(Eligibility, season.accounts["amina"]).standing = standing

    stand("waiting")
    asked = text(handset, "amina", "PROFILE NAME Amina Wanjiru Mwangi")
    assert "approve" not in asked
    stand("approved")
    again = text(handset, "amina", f"YES {code_of(asked)}")
    assert "KNEC must then approve you again" in again
    assert held(season, "amina")["full_name"] == "Amina Wanjiru Otieno"
    assert text(handset, "amina", f"YES {code_of(again)}").startswith("Saved. Full name")


def test_a_yes_to_what_ends_no_approval_says_nothing_of_it(season: Season, handset: Phone) -> None:
    assert "approve" not in text(handset, "amina", "PROFILE EMAIL one@x.ke")
    assert "approve" not in text(handset, "amina", "PROFILE MPESA Amina Mwangi Juma")


def test_a_repeated_yes_does_not_undo_a_later_change(season: Season, handset: Phone) -> None:
    first = code_of(text(handset, "amina", "PROFILE EMAIL one@x.ke"))
    text(handset, "amina", f"YES {first}")
    second = code_of(text(handset, "amina", "PROFILE EMAIL two@x.ke"))
    text(handset, "amina", f"YES {second}")
    text(handset, "amina", f"YES {first}")
    assert held(season, "amina")["email"] == "two@x.ke"


def test_the_same_again_needs_no_yes(season: Season, handset: Phone) -> None:
    assert text(handset, "amina", "PROFILE NAME amina wanjiru otieno").startswith("Saved.")
    with season.service.stores.sessions() as db:
        assert db.scalars(select(Confirmation)).all() == []


def test_a_wrong_answer_is_refused_before_anybody_is_asked(season: Season, handset: Phone) -> None:
    assert "An ID has" in text(handset, "amina", "PROFILE ID 12")
    assert "Not for your work." in text(handset, "chebet", "PROFILE TSC 123456")


def test_the_last_missing_line_completes_it(season: Season, handset: Phone) -> None:
    def forget(db: Session) -> None:
        db.get_one(Profile, season.accounts["amina"]).email = None

    change(season, forget)
    assert "Missing: E-mail." in text(handset, "amina", "PROFILE")
    assert "Your profile is complete (26 of 26)." in text(handset, "amina", "PROFILE EMAIL amina@x.ke")


def test_a_stranger_has_no_profile(season: Season, handset: Phone) -> None:
    phone = handset("+254799000111")
    phone.text("PROFILE NAME Jane Otieno")
    assert "no CP2 account" in phone.inbox()[-1]
    with season.service.stores.sessions() as db:
        assert db.scalars(select(Account).where(Account.phone == phone.phone)).all() == []


def test_what_was_typed_is_not_kept_as_an_sms(season: Season, handset: Phone) -> None:
    text(handset, "baraka", "PROFILE ID 23456789")
    with season.service.stores.sessions() as db:
        assert (
            db.scalars(select(Incoming.shape).order_by(Incoming.id.desc())).first() == "profile xx 99999999"
        )


def test_every_line_can_be_named_and_no_word_names_two() -> None:
    from operations.profile_fields import FIELDS

    assert WORDS.keys() == FIELDS.keys()
    assert len(LINES) == sum(len(words.split()) for words in WORDS.values())


def test_the_national_id_is_given_only_with_a_yes(season: Season, handset: Phone) -> None:
    """It opens letters and new passwords, and the sender of an SMS can be forged."""
    reply = text(handset, "baraka", "PROFILE ID 23456789")
    assert "national_id" not in held(season, "baraka")
    assert text(handset, "baraka", f"YES {code_of(reply)}").startswith("Saved.")
    assert held(season, "baraka")["national_id"] == "23456789"


def labels() -> list[tuple[str, str, str]]:
    """The field, and what our own SMS and screens call it, in both languages."""
    told = yaml.safe_load((Path(__file__).parents[1] / "menus/words/profiles.yaml").read_text("utf-8"))
    prefix = "term.field."
    fields = {name.removeprefix(prefix): said for name, said in told.items() if name.startswith(prefix)}
    return [(name, lang, said[lang]) for name, said in fields.items() for lang in ("en", "sw")]


@pytest.mark.parametrize(("name", "lang", "label"), labels())
def test_every_line_is_known_by_the_name_that_we_give_it(name: str, lang: str, label: str) -> None:
    keyword = {"en": "PROFILE", "sw": "WASIFU"}[lang]
    for spelled in (label, label.upper(), re.sub(r"\W+", " ", label), f"{label}:"):
        typed = f"{keyword} {spelled} Abc 12"
        found = keywords.find(typed)
        assert found and found.keyword == "PROFILE", typed
        assert split_line(found.words, typed) == (name, "Abc 12"), typed


@pytest.mark.parametrize(("asked", "lang"), [("PROFILE HELP", "en"), ("WASIFU NYINGINE", "sw")])
def test_every_line_that_can_be_filled_is_named(
    season: Season, handset: Phone, asked: str, lang: str
) -> None:
    phone = handset(PEOPLE["baraka"][0])
    assert phone.text(asked) == 200
    cut = gsm7.segments(phone.inbox()[-1])
    assert len(cut.parts) <= 2
    told = phone.inbox()[-1].split(":")[1].split(".")[0]
    named = [LINES[word.lower().replace(" ", "")] for word in told.strip().split(", ")]
    assert sorted(named) == sorted(WORDS)


def test_a_guessed_keyword_fills_nothing_without_a_yes(season: Season, handset: Phone) -> None:
    asked = text(handset, "baraka", "PROFLE EMAIL jane@x.ke")
    assert "If so reply YES" in asked and held(season, "baraka") == {}
    text(handset, "baraka", f"YES {code_of(asked)}")
    assert held(season, "baraka") == {"email": "jane@x.ke"}
