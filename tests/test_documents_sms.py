"""Documents by SMS: the letter's link, whether a number is genuine, the manual."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from models.accounts import Account
from models.messages import Message
from operations.office import NAIROBI
from telephony import gsm7
from tests.fixtures_season import PEOPLE
from tests.fixtures_service import Handset
from tests.fixtures_web import Papers

LINK = re.compile(r"http://127\.0\.0\.1:\d+(/d/[0-9a-z]{16})")


@pytest.fixture
def amina(papers: Papers) -> Handset:
    """Amina's phone, in the small season."""
    return Handset(papers.app, PEOPLE["amina"][0])


def texted(phone: Handset, words: str) -> str:
    """Text these words and read the answer."""
    before = len(phone.inbox())
    assert phone.text(words) == 200
    [answer] = phone.inbox()[before:]
    assert len(gsm7.segments(answer).parts) == 1
    return answer


@pytest.mark.parametrize(
    ("words", "begins", "date"),
    [
        ("LETTER", "Your KNEC letter: ", "last 4 digits of your national ID"),
        ("Barua", "Barua yako ya KNEC: ", "tarakimu 4 za mwisho za kitambulisho"),
    ],
)
def test_the_link_comes_by_sms_and_opens_the_letter(
    papers: Papers, amina: Handset, words: str, begins: str, date: str
) -> None:
    papers.deploy()
    answer = texted(amina, words)
    assert answer.startswith(begins)
    assert date in answer
    found = LINK.search(answer)
    assert found
    assert papers.get(found[1]).status_code == 200
    assert papers.post(found[1], papers.digits("amina")).mimetype == "application/pdf"


def test_the_outbox_holds_no_token(papers: Papers, amina: Handset) -> None:
    papers.deploy()
    found = LINK.search(texted(amina, "LETTER"))
    assert found
    token = found[1].removeprefix("/d/")
    rows = papers.change(lambda db: [str(message.details) for message in db.query(Message)])
    assert not any(token in row for row in rows)


def test_the_link_says_until_which_day_it_opens(papers: Papers, amina: Handset) -> None:
    papers.deploy()
    answer = texted(amina, "LETTER")
    [row] = papers.rows()
    last = (row["expires_at"] - timedelta(minutes=1)).astimezone(NAIROBI)
    assert f"until {last.day} {last:%b}" in answer
    assert f" {last.year}." in answer


def test_an_examiner_gets_the_invitation_before_accepting(papers: Papers, amina: Handset) -> None:
    deployment = papers.deploy(position="examiner", state="offered")
    found = LINK.search(texted(amina, "LETTER"))
    assert found
    opened = papers.post(found[1], papers.digits("amina"))
    assert opened.headers["Content-Disposition"] == 'attachment; filename="knec-invitation-letter.pdf"'
    assert papers.reference(deployment, "invitation").startswith("DC-")


def test_the_declaration_form_has_its_own_link(papers: Papers, amina: Handset) -> None:
    papers.deploy()
    answer = texted(amina, "barua tamko")
    assert answer.startswith("Fomu yako ya tamko")
    found = LINK.search(answer)
    assert found
    opened = papers.post(found[1], papers.digits("amina"))
    assert opened.headers["Content-Disposition"] == 'attachment; filename="knec-declaration-form.pdf"'


def test_without_a_letter_it_says_why_and_what_to_do(papers: Papers, amina: Handset) -> None:
    assert "no deployment now" in texted(amina, "LETTER")
    deployment = papers.deploy(state="offered")
    assert "Send ACCEPT to 22262" in texted(amina, "LETTER")
    assert "tuma KUBALI" in texted(amina, "BARUA").replace("Tuma", "tuma")
    papers.end(deployment, "declined")
    assert "Huna kituo cha kazi" in texted(amina, "BARUA")
    assert papers.rows() == []


def test_a_letter_needs_an_id_on_file(papers: Papers, amina: Handset) -> None:
    papers.deploy()
    mine = update(Account).where(Account.phone == amina.phone).values(national_id=None)
    papers.change(lambda db: db.execute(mine))
    assert "your profile has none yet" in texted(amina, "LETTER")
    assert "wasifu wako hauna" in texted(amina, "BARUA")
    assert papers.rows() == []


def test_who_has_no_account_is_told_so(papers: Papers) -> None:
    stranger = Handset(papers.app, "+254733000999")
    assert "no CP2 account" in texted(stranger, "LETTER")


def test_the_sixth_link_of_a_day_is_refused_in_words(papers: Papers, amina: Handset) -> None:
    papers.deploy()
    for _ in range(5):
        assert LINK.search(texted(amina, "LETTER"))
    assert texted(amina, "LETTER") == "Many links sent today. Use the last one, or ask tomorrow."
    assert len(papers.rows()) == 5


# -- is it genuine -----------------------------------------------------------------------------------


def test_anybody_may_check_a_number_in_either_language(papers: Papers) -> None:
    deployment = papers.deploy()
    papers.link(deployment)
    number = papers.reference(deployment)
    stranger = Handset(papers.app, "+254733000999")
    told = (
        f"appointment letter {number}, A.W.O., Supervisor, 20401001 Kasarani Girls Secondary School, KPSEA "
    )
    assert texted(stranger, f"CHECK {number}").startswith(f"GENUINE: {told}")
    assert texted(stranger, f"hakiki {number.replace('-', ' ').lower()}").startswith(
        "HALISI: barua ya uteuzi"
    )
    assert texted(stranger, f"check {number.replace('-', '')[2:]}").startswith("GENUINE")
    papers.end(deployment, "declined")
    assert "was genuine, but is no longer valid" in texted(stranger, f"CHECK {number}")
    assert "ilikuwa halisi" in texted(stranger, f"HAKIKI {number}")


def test_an_unknown_number_and_no_number_are_answered_in_words(papers: Papers) -> None:
    stranger = Handset(papers.app, "+254733000999")
    unknown = texted(stranger, "CHECK DC-7K4-QX9-2")
    assert unknown.startswith("KNEC has no document with that number.")
    assert texted(stranger, "CHECK AP-7K4-QX9-2") == unknown
    assert texted(stranger, "check my letter please") == unknown
    assert texted(stranger, "CHECK").startswith("To check a KNEC letter, send CHECK")
    assert texted(stranger, "HAKIKI").startswith("Kuhakiki barua ya KNEC")


def test_after_ten_numbers_a_day_it_says_so_once(papers: Papers) -> None:
    stranger = Handset(papers.app, "+254733000999")
    for _ in range(10):
        assert "no document" in texted(stranger, "CHECK DC-7K4-QX9-2")
    assert texted(stranger, "CHECK DC-7K4-QX9-2").startswith("You have checked 10 numbers today.")
    before = len(stranger.inbox())
    assert stranger.text("CHECK DC-7K4-QX9-2") == 200
    assert len(stranger.inbox()) == before


def test_the_manual_comes_as_a_link_with_the_commands_most_needed(papers: Papers) -> None:
    stranger = Handset(papers.app, "+254733000999")
    answer = texted(stranger, "MANUAL")
    assert "/manual" in answer
    assert "STATUS, DEPLOYMENT, LETTER" in answer
    assert "HALI, KITUO, BARUA" in texted(stranger, "MWONGOZO")
