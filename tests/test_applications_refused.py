"""Every reason why somebody may not apply, said on the screen that asked, in both languages, and by SMS."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select, text, update

from models.forms import Form
from models.series import Series
from tests.fixtures_applications import CODE, KASARANI, Applicants, Line
from tests.fixtures_season import PEOPLE
from tests.fixtures_service import Handset
from tests.fixtures_sms import Texting

AMINAS = "account_id = (SELECT id FROM account WHERE phone = '+254711000001')"
SERVED = "INSERT INTO service (national_id, year, exam, centre_code, position)"
# What makes each refusal come true: the world, and the rules of the series.
WORLDS = {
    "eligibility.not_asked": f"DELETE FROM eligibility WHERE {AMINAS}",
    "eligibility.waiting": "UPDATE eligibility SET standing = 'waiting'",
    "eligibility.rejected": "UPDATE eligibility SET standing = 'rejected'",
    "rule.no_such_post": "",
    "rule.kind": "",
    "rule.level": "UPDATE eligibility SET level = 'primary'",
    "rule.subject": "UPDATE vacancy SET subject = 'Physics'",
    "rule.interest": f"INSERT INTO interest SELECT account_id, '20401001', 'x' FROM profile WHERE {AMINAS}",
    "rule.own_school": "UPDATE profile SET workplace = 'Kasarani Girls Secondary School'",
    "rule.served": f"{SERVED} SELECT national_id, {{year}}, 'KCSE', '20401001', 'clerk' FROM account"
    " WHERE national_id IS NOT NULL",
    "vacancy.closed": "UPDATE vacancy SET closed_at = now()",
    "vacancy.full": "UPDATE vacancy SET filled = capacity",
}
RULES = {
    "rule.no_such_post": {"positions": {"invigilator": {"kinds": []}}},
    "rule.kind": {"positions": {"invigilator": {"kinds": ["driver"]}}},
    "rule.level": {"positions": {"invigilator": {"kinds": ["teacher"], "levels": ["secondary"]}}},
    "rule.served": {"return_years": 3},
}


def make(applicants: Applicants, refusal: str) -> None:
    """Make a refusal come true for Amina, who may apply otherwise."""
    with applicants.service.stores.transaction() as db:
        series = db.get_one(Series, applicants.season.open)
        db.execute(
            update(Series).where(Series.id == series.id).values(rules=RULES.get(refusal, series.rules))
        )
        if WORLDS[refusal]:
            db.execute(text(WORLDS[refusal].format(year=series.year - 1)))


def said(applicants: Applicants, refusal: str, lang: str) -> str:
    """The longest piece of a refusal's words between its blanks."""
    words = applicants.service.library.live()[1].words[refusal].say(lang)
    return max(re.split(r"{.*?}", words), key=len)


@pytest.mark.parametrize("lang", ["en", "sw"])
@pytest.mark.parametrize("refusal", WORLDS)
def test_it_is_said_above_the_question_that_was_asked(
    applicants: Applicants, signed_in: Callable[[str], Handset], refusal: str, lang: str
) -> None:
    make(applicants, refusal)
    applicants.season.speak("amina", lang)
    phone = signed_in("amina")
    phone.send(CODE, applicants.season.vacancies[KASARANI])
    assert said(applicants, refusal, lang) in phone.screen and phone.screen.startswith("CON")
    assert ("1. Tafuta nafasi" if lang == "sw" else "1. Find a vacancy") in phone.screen
    assert not applicants.all(select(Form).where(Form.finished_at.is_(None)))


@pytest.mark.parametrize(("lang", "keyword"), [("en", "APPLY"), ("sw", "OMBA")])
@pytest.mark.parametrize("refusal", WORLDS)
def test_it_is_said_by_sms_too(
    applicants: Applicants, texting: Texting, refusal: str, lang: str, keyword: str
) -> None:
    make(applicants, refusal)
    line = Line(texting, applicants, PEOPLE["amina"][0])
    told = line.text(f"{keyword} {applicants.season.vacancies[KASARANI]}")
    assert texting.names(line.phone) == [refusal]
    assert said(applicants, refusal, lang) in told and len(told) <= 160
