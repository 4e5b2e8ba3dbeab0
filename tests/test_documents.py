"""Letters as they are drawn: the council's layout, every position, and nothing of a name read as markup."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.documents import LETTER
from documents import letters, spelling
from documents.letters import Letter
from documents.renderer import Renderer
from documents.spelling import NAIROBI
from menus.authoring import draft
from menus.table import VOCABULARY
from menus.vocabulary import Screen
from models.documents import DOCUMENTS
from models.places import STATIONS
from models.series import POSITIONS
from operations import declarations
from operations.register_reading import REGISTERED
from tests import pdfs
from tests.fixtures_service import MENUS

RENDERER = Renderer()
AMINA = replace(
    LETTER,
    deployment_id=4711,
    centre="Kasarani Girls Secondary School",
    name="Amina Wanjiru Otieno",
    town="Ruaraka",
    sub_county="Kasarani",
    county="Nairobi City",
    carry="National ID, this letter",
)
FIRST = (
    "1.0 The Kenya National Examinations Council has appointed you to supervise the 2026 KCSE Examinations at"
    " Kasarani Girls Secondary School (20401001) examination centre from 16th October 2026 to 20th November"
    " 2026 . You will be reimbursed travel expenses of Kshs 680/= per day inclusive of the rehearsal day."
    " However payment will be based on days worked (only when the examinations are being administered)."
)
LAYOUT = (
    "THE KENYA NATIONAL EXAMINATIONS COUNCIL",
    "REF: KNEC/GEN/EA/FA/SI/APP/KCSE/SUP/2026/0004711",
    "DATE: 2nd October 2026",
    "TO:",
    "AMINA WANJIRU OTIENO",
    "National Identity Number 23456789",
    "TSC Number 512345",
    "Mobile Number 0711 000 001",
    "Town Ruaraka",
    "‘THROUGH’",
    "TSC SUB COUNTY DIRECTOR",
    "Name TSC - KASARANI",
    "Sub County Kasarani",
    "County Nairobi City",
    "RE: APPOINTMENT AS A SUPERVISOR FOR YEAR 2026 KCSE FOR THE KENYA NATIONAL EXAMINATIONS COUNCIL",
    FIRST,
    "Friday 16th October 2026 at 7.00 am",
    "the Sub-County Director, 0700 000 001",
    "Carry: National ID, this letter.",
    "about 14 km",
    "in the last 3 years",
    "CP2 has been configured to block such deployments",
    "Be at the centre by 7.00 am",
    "You accepted this appointment on your phone on 1st October 2026.",
    "ACCEPTANCE: I accept this appointment.",
    "Page 1 of 1",
)


def read(kind: str, letter: Letter) -> str:
    """What stands in a document of this kind."""
    return pdfs.text(letters.draw(RENDERER, kind, letter))


def test_an_appointment_has_the_councils_layout() -> None:
    said = read("letter", AMINA)
    for words in LAYOUT:
        assert words in said, words
    at = [said.index(words) for words in ("REF:", "TO:", "‘THROUGH’", "RE:", "1.0", "6.0", "ACCEPTANCE")]
    assert at == sorted(at)


@pytest.mark.parametrize("position", POSITIONS)
def test_every_position_has_its_letter_on_one_page(position: str) -> None:
    pages = pdfs.pages(letters.draw(RENDERER, "letter", replace(AMINA, position=position)))
    assert len(pages) == 1
    said = " ".join(pages[0].split())
    assert f"/KCSE/{letters.POSTS[position]}/2026/0004711" in said
    assert position.replace("_", " ").upper() in said
    assert "(c)" in said  # duties


@pytest.mark.parametrize("position", POSITIONS)
def test_only_who_is_in_the_register_is_told_of_it(position: str) -> None:
    """A driver or a clerk who asked to be marked would find no line of theirs."""
    text = " ".join(read("letter", replace(AMINA, position=position)).split())
    marked = position in REGISTERED and position != "centre_manager"  # who keeps it
    assert ("marks you in the attendance register" in text) is marked


def test_who_is_no_teacher_goes_by_another_number_and_through_another_office() -> None:
    driver = read("letter", replace(AMINA, position="driver", employment_no="DL004711"))
    officer = read("letter", replace(AMINA, position="security_officer", employment_no="90001"))
    assert "Licence Number DL004711" in driver
    assert "Service Number 90001" in officer
    assert "TSC Number" not in driver + officer
    assert "SUB COUNTY DIRECTOR OF EDUCATION" in driver
    assert "DEPUTY COUNTY COMMISSIONER" in officer


def test_what_is_not_known_is_left_out_and_nothing_is_guessed() -> None:
    bare = replace(
        AMINA,
        employment_no="",
        town="",
        carry="",
        distance_km=None,
        ksh_per_day=None,
        rest_years=None,
        accepted_on=None,
    )
    said = read("letter", bare)
    for words in ("TSC Number", "Town", "Carry", " km", "Kshs", "None", "You accepted"):
        assert words not in said, words
    assert "at the daily rate that the Council sets" in said
    assert "served in recent years" in said
    assert "Please accept or decline this appointment" in said


def test_an_examiner_is_invited_for_a_subject_and_paper() -> None:
    invited = replace(AMINA, position="examiner", station="marking", subject="Mathematics", paper="1")
    said = read("invitation", replace(invited, ksh_per_day=None))
    assert "RE: INVITATION TO MARK THE 2026 KCSE EXAMINATIONS: MATHEMATICS PAPER 1" in said
    assert "marking centre from 16th October 2026" in said
    assert "/KCSE/EXM/2026/" in said
    assert "at the rate that the Council sets for this paper" in said
    plain = read("invitation", replace(invited, subject="", paper=""))
    assert "MARK THE 2026 KCSE EXAMINATIONS 1.0" in plain


def test_a_declaration_says_when_it_was_agreed_to_and_to_which_words() -> None:
    agreed_at = datetime(2026, 10, 3, 16, 12, tzinfo=NAIROBI)
    form = replace(AMINA, declaration="2026-11", agreed_at=agreed_at)
    said = read("declaration", form)
    assert "DECLARATION FORM: 2026 KCSE EXAMINATIONS" in said
    assert "Agreed on the phone on Saturday 3rd October 2026 at 4.12 pm" in said
    assert "version 2026-11" in said
    for clause in letters.clauses("2026-11"):
        assert clause.replace("'", "’") in said.replace("'", "’")
    assert "has not been agreed to on the phone" in read("declaration", replace(form, agreed_at=None))


def test_the_printed_declaration_has_the_words_that_the_phone_shows() -> None:
    shown = draft(MENUS, VOCABULARY.blanks).tree.nodes["declaration.read"]
    assert isinstance(shown, Screen)
    lines = [line.partition(". ")[2] for line in shown.en.splitlines()[1:] if line.strip()]
    assert letters.clauses(declarations.VERSION) == lines


@pytest.mark.parametrize("kind", ["letter", "invitation", "declaration"])
def test_each_document_can_be_checked_and_has_a_fixed_file_name(kind: str) -> None:
    said = read(kind, replace(AMINA, declaration="2026-11"))
    assert "CHECK DC-7K4-QX9-2" in said
    assert "22262" in said
    assert said.count("DC-7K4-QX9-2") >= 3
    assert kind in DOCUMENTS
    assert letters.FILE_NAMES[kind].startswith("knec-")


def test_the_same_facts_give_the_same_bytes_from_any_process_and_language() -> None:
    once = letters.draw(RENDERER, "letter", AMINA)
    letters.draw(RENDERER, "letter", replace(AMINA, name="Somebody Else"))
    assert letters.draw(RENDERER, "letter", AMINA) == once
    assert letters.draw(Renderer(), "letter", AMINA) == once
    assert b"CreationDate(D:20261001210000Z)" in once  # the midnight in Nairobi that began the day of issue
    utc = replace(AMINA, reporting_at=AMINA.reporting_at.astimezone())
    assert pdfs.text(letters.draw(RENDERER, "letter", utc)) == pdfs.text(once)


MARKUP = (
    '#panic("x")',
    "#sys.inputs",
    '#read("/etc/passwd")',
    "*bold* _it_ `raw` $x$ <label> @ref",
    "= Heading",
    "\\ \\u{41} // no comment /* nor this */",
    "<script>alert(1)</script>",
    '"; } ] } #',
    "{{ 7 * 7 }} ${7*7} %s {name}",
    "Ng'ang'a d'Arc \"O\"",
)


@pytest.mark.parametrize("evil", MARKUP)
def test_markup_in_any_text_is_printed_as_it_stands(evil: str) -> None:
    texts = (
        "name",
        "centre",
        "report_to",
        "carry",
        "town",
        "sub_county",
        "county",
        "employment_no",
        "subject",
    )
    for kind in ("letter", "invitation"):
        letter = replace(AMINA, **dict.fromkeys(texts, evil))
        said = without_blanks(
            read(kind, replace(letter, position="examiner" if kind == "invitation" else "clerk"))
        )
        assert without_blanks(evil.upper()) in said  # the name, in capitals
        assert said.count(without_blanks(evil)) >= 3


def without_blanks(text: str) -> str:
    """Typst may break a line wherever it likes."""
    return "".join(text.split())


@given(text=st.text(max_size=120), choose=st.sampled_from(["name", "centre", "report_to", "carry", "town"]))
@settings(max_examples=60, deadline=None)
def test_no_text_whatever_stops_a_letter(text: str, choose: str) -> None:
    pdf = letters.draw(RENDERER, "letter", replace(AMINA, **{choose: text}))
    assert "APPOINTMENT AS A SUPERVISOR" in pdfs.text(pdf)


def test_long_names_wrap_and_signs_nobody_sees_are_dropped() -> None:
    assert spelling.plain("a\u202eb\x00c\nd\ud800") == "abc d"
    assert "\u200b" in spelling.plain("W" * 60)
    long = replace(
        AMINA, name="Christopher Wamalwa Wanyonyi Simiyu " + "W" * 90, centre="Bishop Gatimu Ngandu " * 4
    )
    said = without_blanks(read("letter", long))
    assert "W" * 90 in said.replace("\u200b", "")
    assert said.count("BishopGatimuNgandu") == 4


@pytest.mark.parametrize(
    ("say", "value", "said"),
    [
        (spelling.say_date, date(2026, 10, 1), "1st October 2026"),
        (spelling.say_date, date(2026, 10, 11), "11th October 2026"),
        (spelling.say_date, date(2026, 10, 22), "22nd October 2026"),
        (spelling.say_date, date(2026, 10, 31), "31st October 2026"),
        (spelling.say_day, date(2026, 10, 16), "Friday 16th October 2026"),
        (spelling.say_time, datetime(2026, 10, 16, 0, 5, tzinfo=NAIROBI), "12.05 am"),
        (spelling.say_time, datetime(2026, 10, 16, 12, 0, tzinfo=NAIROBI), "12.00 pm"),
        (spelling.say_sum, 1680, "Kshs 1,680/="),
        (spelling.say_phone, "+254711000001", "0711 000 001"),
        (spelling.say_phone, "", ""),
    ],
)
def test_dates_sums_and_phones_are_written_as_the_council_writes_them(
    say: Callable[[object], str], value: object, said: str
) -> None:
    assert say(value) == said


def test_every_station_has_words() -> None:
    assert set(letters.STATIONS) == set(STATIONS)
    assert set(letters.POSTS) == set(POSITIONS)
