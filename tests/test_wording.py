"""Words: fit to be said in both languages, measured with their longest values, filled in one pass."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus.vocabulary import Blank, Words
from menus.wording import BLANK, BLANKS, BadWords, Wording, load_words, oversized
from operations import confirmations, grants
from operations.office import Office
from telephony import gsm7
from tests.fixtures_sms import WORDS

OFFICE = Office(b"k" * 16, b"p" * 16, "https://cp2phone.knec.ac.ke", "22262", "*384*22262#")
SMS_FILES = ("notices.yaml", "sms.yaml")
# Every message that operations queue; each must have its words.
NOTICES = (
    "account.credentials",
    "account.one_time_password",
    "account.locked",
    "account.password_changed",
    "account.guessed",
    "account.centre_locked",
    "account.centre_guessed",
    "account.centre_password_changed",
    "account.password_expired",
)


def book(folder: Path, text: str) -> Path:
    (folder / "some.yaml").write_text(text, "utf-8")
    return folder


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(BadWords) as bad:
        load_words(book(folder, text))
    return bad.value.faults


def said(template: str, details: Mapping[str, Any]) -> str:
    return Wording({"some.words": Words(template, template)}, OFFICE).sms("some.words", "en", details)


def test_our_own_words_are_fit_to_be_said(words: Mapping[str, Words]) -> None:
    assert set(NOTICES) <= words.keys()


def test_an_sms_is_one_segment_but_for_lists_and_details_that_were_asked_for(
    words: Mapping[str, Words],
) -> None:
    """Each sentence says how many segments it may take; few of ours ask for a second, none for a third."""
    longer = {name for name, said in words.items() if said.segments > 1}
    assert all(words[name].segments == 2 for name in longer), longer
    assert not [name for name in longer if name.startswith("account.")]
    assert len(longer) * 5 < len(words)


def test_every_name_that_is_queued_has_words(words: Mapping[str, Words]) -> None:
    """Names in the code are read from its source: whatever looks like one must be worded."""
    root = Path(__file__).parent.parent
    sources = [*root.glob("operations/*.py"), *root.glob("sms_gateway/**/*.py")]
    written = {
        name
        for path in sources
        for name in re.findall(r'"((?:account|sms|voice)\.[a-z_]+)"', path.read_text())
        if not re.search(rf'record\([^"]*"{name}"', path.read_text())
    }
    assert len(written) > 20 and written <= words.keys()


def test_a_curly_quote_is_named_with_both_segment_counts(tmp_path: Path) -> None:
    long = "a" * 100
    found = faults(tmp_path, f"some.words: {{en: 'You’re {long}', sw: 'b'}}")
    named = "’ (U+2019 RIGHT SINGLE QUOTATION MARK) is not in GSM-7: 2 segments with it, 1 without"
    assert found == [f"some.yaml: some.words (en): {named}"]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        """
        one.extra: {en: a, sw: b, fr: c}
        two.missing: {en: a}
        three.flag: {en: yes, sw: b}
        four.blanks: {en: "{code}", sw: "{minutes}"}
        five.unknown: {en: "{wages}", sw: "{wages}"}
        six.brace: {en: "{Code} {", sw: b}
        seven.empty: {en: " ", sw: b}
        Eight: {en: a, sw: b}
        nine.twice: {en: a, sw: b}
        nine.twice: {en: a, sw: b}
        ten.list: [a, b]
        """,
    )
    told = "\n".join(found)
    for fault in (
        "one.extra: Object contains unknown field `fr`",
        "two.missing: Object missing required field `sw`",
        "three.flag: Expected `str`, got `bool`",
        "four.blanks: only one language has the blank code, minutes",
        "five.unknown: no value is known for the blank wages",
        "six.brace (en): a brace stands alone",
        "seven.empty (en): says nothing",
        "Eight: a name is dotted lower-case words",
        "nine.twice stands twice",
        "ten.list: Expected `object`, got `array`",
    ):
        assert fault in told, fault
    assert len(found) == 10


@pytest.mark.parametrize("text", ["", "- a", "a: [", "some.words: {en: !!python/name:os.system x, sw: b}"])
def test_what_is_no_book_is_a_fault(tmp_path: Path, text: str) -> None:
    assert faults(tmp_path, text)[0].startswith("some.yaml: ")


def test_a_name_stands_once_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("some.words: {en: a, sw: b}")
    assert faults(tmp_path, "some.words: {en: c, sw: d}") == ["some.yaml: some.words stands twice"]


def test_length_is_measured_with_the_longest_value(tmp_path: Path) -> None:
    room = 160 - len(BLANKS["username"].longest)
    assert load_words(book(tmp_path, f"some.words: {{en: '{'a' * room}{{username}}', sw: '{{username}}'}}"))
    found = faults(tmp_path, f"some.words: {{en: '{'a' * (room + 1)}{{username}}', sw: '{{username}}'}}")
    assert found == ["some.yaml: some.words (en): takes 2 segments, 1 allowed: 161 septets"]


def test_a_euro_costs_two_septets(tmp_path: Path) -> None:
    assert "161 septets" in faults(tmp_path, f"some.words: {{en: '{'a' * 159}€', sw: b}}")[0]


def test_two_segments_may_be_allowed(tmp_path: Path) -> None:
    assert load_words(book(tmp_path, f"some.words: {{en: '{'a' * 161}', sw: b, segments: 2}}"))


def test_a_long_address_of_this_office_is_told(words: Mapping[str, Words]) -> None:
    assert oversized(words, OFFICE) == []
    long = Office(b"k", b"p", "https://contracted-professionals.example.knec.ac.ke", "22262", "*384*22262#")
    assert [fault.split()[0] for fault in oversized(words, long)] == ["account.credentials"] * 2


def test_blanks_are_filled() -> None:
    details = {"grant": "7", "username": "254711000111", "minutes": "30"}
    template = "{username} {one_time_password} {minutes} {service_code} {short_code} {public_url}"
    assert said(template, details) == (
        f"254711000111 {grants.code(OFFICE, 7)} 30 *384*22262# 22262 https://cp2phone.knec.ac.ke"
    )
    assert said("{code}", {"confirmation": "9"}) == confirmations.code(OFFICE, 9)


@pytest.mark.parametrize("value", ["{code}", "{x}", "{{7*7}}", "%s", "${}", "{0.__class__}", "\\1\\g<0>"])
def test_a_value_is_never_read_as_a_blank(value: str) -> None:
    assert said("{keyword}-{keyword}", {"keyword": value, "code": "1234"}) == f"{value}-{value}"


def test_three_parts_stay_one_when_a_quote_is_curly() -> None:
    text = said("{keyword}", {"keyword": "Ng’endo’s " + "a" * 140})
    assert gsm7.segments(text).encoding == "gsm7" and len(gsm7.segments(text).parts) == 1
    assert text.startswith("Ng'endo's a")


@given(st.text())
def test_no_value_makes_ucs2_or_a_second_line(value: str) -> None:
    text = said("a {keyword} b", {"keyword": value})
    assert gsm7.is_gsm7(text) and text.isprintable() and text.startswith("a ")


def test_an_unknown_name_and_a_missing_value_say_no_values() -> None:
    wording = Wording({"some.words": Words("{username} {minutes}", "x")}, OFFICE)
    with pytest.raises(KeyError, match=r"no\.words"):
        wording.sms("no.words", "en", {"grant": "7"})
    with pytest.raises(ValueError, match=r"^some\.words was queued without minutes$"):
        wording.sms("some.words", "en", {"username": "254711000111"})
    with pytest.raises(ValueError, match="without username"):
        wording.sms("some.words", "en", {"minutes": "5"})


def test_no_words_or_keys_stand_in_the_repr() -> None:
    assert "kkkk" not in repr(Wording({}, OFFICE)) and "pppp" not in repr(Wording({}, OFFICE))


@pytest.mark.parametrize("file", SMS_FILES)
def test_the_files_hold_what_their_name_says(file: str) -> None:
    assert re.findall(r"^([a-z]+)\.", (WORDS / file).read_text(), re.M)


def test_no_code_of_the_office_is_written_out() -> None:
    """Another CP2_SHORTCODE or CP2_SERVICE_CODE must be right on every screen and in every text."""
    folder = WORDS.parent
    files = [*folder.glob("tree.yaml"), *folder.glob("tree/*.yaml"), *folder.glob("words/*.yaml")]
    assert len(files) > 40
    assert [path.name for path in files if re.search(r"22262|\*384\b", path.read_text("utf-8"))] == []


def test_each_longest_value_is_one_line_of_gsm7() -> None:
    for name, blank in BLANKS.items():
        assert isinstance(blank, Blank) and BLANK.fullmatch(f"{{{name}}}")
        assert gsm7.is_gsm7(blank.longest) and blank.longest.isprintable()
