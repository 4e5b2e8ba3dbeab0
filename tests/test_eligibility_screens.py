"""Every state of an approval on a real handset, in plain words, with what to do next, in both languages."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.people import Profile
from models.registers import Eligibility
from operations import eligibility
from operations.office import now
from tests.fixtures_eligibility import LINE, STAFF, TEACHER, asked, register, say
from tests.fixtures_season import Season
from tests.fixtures_service import Handset

ESTHER = "+254711000005"


def approved(work: Session, esther: int) -> None:
    register(work, "tsc", LINE)
    eligibility.approve(work, esther, by=STAFF, now=now(work))


def rejected(work: Session, esther: int) -> None:
    asked(work, esther)
    eligibility.reject(work, esther, "Bring your TSC certificate", by=STAFF, now=now(work))


def taken(work: Session, esther: int) -> None:
    owner = work.scalars(select(Account).where(Account.phone == "+254711000006")).one()
    work.get_one(Eligibility, owner.id).national_id = TEACHER[2]
    owner.national_id = TEACHER[2]


def incomplete(work: Session, esther: int) -> None:
    profile = work.get_one(Profile, esther)
    profile.kra_pin = profile.bank = None


def lines(*rows: tuple[Any, ...]) -> Callable[[Session, int], None]:
    return lambda work, esther: register(work, "tsc", *rows)


# Each state: how it came about, what the screens say of it, and what they offer.
STATES: dict[str, tuple[Callable[[Session, int], None], dict[str, list[str]]]] = {
    "incomplete": (
        incomplete,
        {
            "en": ["Your profile is not complete", "Missing: KRA PIN, Bank.", "1. My profile"],
            "sw": ["Wasifu wako haujakamilika", "Umekosa: PIN ya KRA, Benki.", "1. Wasifu"],
        },
    ),
    "verified": (
        lines(LINE),
        {
            "en": ["You are on the list of TSC.", "Now the council decides.", "an SMS will tell you"],
            "sw": ["Umo kwenye orodha ya TSC.", "Sasa baraza litaamua.", "utapata SMS"],
        },
    ),
    "national_id": (
        lines(("512345", "29999999", "CHEBET RONO", True)),
        {
            "en": ["TSC has TSC number 512345 under another national ID", "Check both", "with your ID and TSC certificate", "2. Sub-County Director"],
            "sw": ["TSC ina nambari ya TSC 512345 kwa kitambulisho kingine", "Viangalie", "kitambulisho na cheti cha TSC", "2. Mkurugenzi"],
        },
    ),
    "number": (
        lines(("599999", TEACHER[2], "CHEBET RONO", True)),
        {
            "en": ["another TSC number for your national ID than 512345", "Correct it", "1. My profile"],
            "sw": ["nambari ya TSC nyingine, si 512345", "Irekebishe", "1. Wasifu"],
        },
    ),
    "name": (
        lines((*LINE[:2], "BARAKA MWANGI", True)),
        {
            "en": ["TSC has another name under your number", "Write your name in your profile as on your ID"],
            "sw": ["TSC ina jina jingine kwa nambari yako", "Andika jina kwenye wasifu kama kwenye kitambulisho"],
        },
    ),
    "inactive": (
        lines((*LINE[:3], False)),
        {
            "en": ["TSC says that you are not active", "Put it right with TSC", "we check again"],
            "sw": ["TSC inasema hauko kazini", "Rekebisha na TSC", "tunakagua upya"],
        },
    ),
    "not_found": (
        lines(),
        {
            "en": ["TSC has neither your ID nor TSC number 512345 on its list", "We check again with each new list"],
            "sw": ["orodha ya TSC haina kitambulisho chako wala nambari ya TSC 512345", "Orodha mpya hukaguliwa pia"],
        },
    ),
    "taken": (
        taken,
        {
            "en": ["Another CP2 account with your national ID is approved", "See your Sub-County Director"],
            "sw": ["Akaunti nyingine ya CP2 yenye kitambulisho chako", "Mwone Mkurugenzi"],
        },
    ),
    "approved": (
        approved,
        {
            "en": ["The council has approved you as Teacher.", "You may apply.", "1. Vacancies"],
            "sw": ["Baraza limekuidhinisha kama Mwalimu.", "Unaweza kuomba kazi.", "1. Nafasi za kazi"],
        },
    ),
    "rejected": (
        rejected,
        {
            "en": ["The council did not approve you: Bring your TSC certificate.", "Correct your profile", "1. My profile"],
            "sw": ["Baraza halikukuidhinisha: Bring your TSC certificate.", "Rekebisha wasifu", "1. Wasifu"],
        },
    ),
}  # fmt: skip


def whole(phone: Handset) -> str:
    """The status from the first to the last page, as it is read in one go."""
    phone.dial()
    phone.send("mitihani7", "1")
    while not (found := re.search(r"(\d+)\. (Am I approved|Nimeidhinishwa)", phone.screen)):
        phone.send("98")
    said = [phone.send(found[1])]
    while "98." in phone.screen:
        said.append(phone.send("98"))
    assert len(said) <= 2, said
    pages = [re.sub(r"(^CON |\n?(0\.|98\.).*$)", "", page) for page in said]
    return " ".join(" ".join(pages).split())


@pytest.mark.parametrize("lang", ["en", "sw"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_said_with_what_to_do(
    season: Season, esther: int, handset: Callable[[str], Handset], state: str, lang: str
) -> None:
    prepare, words = STATES[state]
    with season.service.stores.transaction() as work:
        say(work, esther, *TEACHER)
        prepare(work, esther)
    season.speak("esther", lang)
    seen = whole(handset(ESTHER))
    for each in words[lang]:
        assert each in seen, seen


def test_looking_asks_the_register_where_nobody_has(
    season: Season, esther: int, handset: Callable[[str], Handset]
) -> None:
    with season.service.stores.transaction() as work:
        say(work, esther, *TEACHER)
        work.delete(work.get_one(Eligibility, esther))
    assert "neither your ID nor" in whole(handset(ESTHER))
    with season.service.stores.sessions() as work:
        assert work.get_one(Eligibility, esther).match == "not_found"


def test_a_stranger_learns_no_name_from_a_number(
    season: Season, esther: int, handset: Callable[[str], Handset]
) -> None:
    """The name that a register has is for officers: whoever types somebody's number and ID is not told it."""
    for row in (
        ("512345", "29999999", "CHEBET RONO", True),
        ("588888", TEACHER[2], "CHEBET RONO", True),
    ):
        with season.service.stores.transaction() as work:
            say(work, esther, *TEACHER)
            register(work, "tsc", row)
            asked(work, esther)
        assert "CHEBET" not in whole(handset(ESTHER))


NOTICES = {
    "en": [
        "KNEC CP2: you are approved as Teacher. You may now apply: dial *384*22262#",
        "KNEC CP2: your ID, name, number or work changed, so the council must approve you again",
        "KNEC CP2: you were not approved: Name unlike the ID. To correct it dial *384*22262#",
    ],
    "sw": [
        "KNEC CP2: umeidhinishwa kama Mwalimu. Sasa unaweza kuomba kazi: piga *384*22262#",
        "KNEC CP2: kitambulisho, jina, nambari au kazi yako imebadilika; baraza litakuidhinisha upya",
        "KNEC CP2: hukuidhinishwa: Name unlike the ID. Kurekebisha piga *384*22262#",
    ],
}


@pytest.mark.parametrize("lang", NOTICES)
def test_the_notices_in_one_segment_each(
    season: Season, esther: int, handset: Callable[[str], Handset], lang: str
) -> None:
    with season.service.stores.transaction() as work:
        say(work, esther, *TEACHER)
        approved(work, esther)
        work.get_one(Profile, esther).full_name = "Baraka Kamau"
        eligibility.forget_if_changed(work, esther, "full_name", by=STAFF, now=now(work))
        eligibility.reject(work, esther, "Name unlike the ID.", by=STAFF, now=now(work))
    season.speak("esther", lang)
    sent = handset(ESTHER).inbox()
    assert len(sent) == 3
    for text, words in zip(sent, NOTICES[lang], strict=True):
        assert text.startswith(words) and len(text) <= 160
