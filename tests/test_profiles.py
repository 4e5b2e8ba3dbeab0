"""The lines of a profile: what is kept of an answer, and in which words anything else is refused."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus.table import VOCABULARY
from operations import profile_fields
from operations.profile_fields import FIELDS, GROUPS
from operations.refusals import Refusal
from telephony import gsm7

KEPT = [
    ("full_name", "amina wanjiru otieno", "Amina Wanjiru Otieno"),
    ("full_name", "  AMINA   OTIENO ", "Amina Otieno"),
    ("full_name", "ng'ang'a wa-thiong’o", "Ng'ang'a Wa-Thiong'o"),
    ("full_name", "Jané McOuma", "Jané McOuma"),
    ("full_name", "Am\u202eina\u200d Ot\x00ieno", "Amina Otieno"),
    ("full_name", "Ａｍｉｎａ Otieno", "Amina Otieno"),
    ("full_name", "J. K. Endo", "J. K. Endo"),
    ("full_name", "Christopher Wamalwa Wanyonyi Simiyu Barasa", "Christopher Wamalwa Wanyonyi Simiyu Barasa"),
    ("mpesa_name", "AMINA OTIENO", "Amina Otieno"),
    ("birth_year", "１９８５", "1985"),
    ("birth_year", "١٩٨٥", "1985"),
    ("gender", "Mwanamke", "female"),
    ("gender", "M", "male"),
    ("national_id", "12 345 678", "12345678"),
    ("national_id", "1234567", "1234567"),
    ("national_id", "12345678901234", "12345678901234"),
    ("national_id", "٢٣٤٥٦٧٨٩", "23456789"),
    ("kra_pin", "a012345678k", "A012345678K"),
    ("kra_pin", "AO12345678K", "A012345678K"),
    ("kra_pin", "A0I2345678 0", "A012345678O"),
    ("nssf_no", "2003456789", "2003456789"),
    ("nhif_no", "cr1234567890123-4", "CR1234567890123-4"),
    ("email", "jane¡x.ke", "jane@x.ke"),
    ("email", " Jane.Otieno@Gmail.com. ", "jane.otieno@gmail.com"),
    ("bank", "kcb", "KCB Bank"),
    ("bank", "Equty Bank", "Equity Bank"),
    ("bank", "Mwalimu Sacco", "Mwalimu Sacco"),
    ("bank_branch", "Moi Avenue", "Moi Avenue"),
    ("bank_account", "0110-123 456", "0110123456"),
    ("study_level", "Shahada", "degree"),
    ("study_place", "Kenyatta Univ.", "Kenyatta Univ."),
    ("course", "B.Ed (Arts) & Music", "B.Ed (Arts) & Music"),
    ("study_period", "2005 to 2008", "2005-2008"),
    ("study_period", "2005–2008", "2005-2008"),
    ("study_period", "20052008", "2005-2008"),
    ("employer", "BOM", "board"),
    ("employer", "Nyeri Diocese", "Nyeri Diocese"),
    ("employment_no", "TSC/123456", "123456"),
    ("subject", "maths", "Mathematics"),
    ("paper", "Paper 2", "2"),
    ("licence_no", "dla 1234567", "DLA1234567"),
    ("service_no", "89765", "89765"),
    ("workplace", "St. Mary's Girls' High School", "St. Mary's Girls' High School"),
    ("designation", "D/Principal", "D/Principal"),
    ("work_since", "2010", "2010"),
    ("kin_name", "baraka otieno", "Baraka Otieno"),
    ("kin_phone", "0720-000 001", "+254720000001"),
    ("kin_phone", "٠٧٢٠٠٠٠٠٠١", "+254720000001"),
    ("kin_relation", "wife", "spouse"),
]
REFUSED = [
    ("full_name", "Amina", "profile.name_two"),
    ("full_name", "A B", "profile.name_two"),
    ("full_name", "", "profile.name_letters"),
    ("full_name", "Amina 2", "profile.name_letters"),
    ("full_name", "Amina\n1. Approve", "profile.name_letters"),
    ("full_name", "Amina 😀", "profile.name_letters"),
    ("full_name", "{x} {{7*7}}", "profile.name_letters"),
    ("full_name", "END Otieno", "profile.name_odd"),
    ("full_name", "con otieno", "profile.name_odd"),
    ("full_name", " ".join(["Wanjiru"] * 8), "profile.name_long"),
    ("birth_year", "85", "profile.year"),
    ("birth_year", "1e3", "profile.year"),
    ("birth_year", "0985", "profile.year"),
    ("gender", "x", "profile.not_listed"),
    ("national_id", "123456", "profile.national_id"),
    ("national_id", "123456789", "profile.national_id"),
    ("national_id", "00000000", "profile.national_id"),
    ("national_id", "1234567a", "profile.national_id"),
    ("national_id", "01234567", "profile.example"),
    ("kra_pin", "A12345678", "profile.kra_pin"),
    ("kra_pin", "A0123456789", "profile.kra_pin"),
    ("kra_pin", "B012345678K", "profile.kra_pin"),
    ("kra_pin", "P012345678K", "profile.kra_company"),
    ("kra_pin", "a000000000x", "profile.example"),
    ("nssf_no", "1234", "profile.member_no"),
    ("nhif_no", "000000", "profile.member_no"),
    ("email", "jane.x.ke", "profile.email"),
    ("email", "jane@x", "profile.email"),
    ("email", "jane@@x.ke", "profile.email"),
    ("email", "j" * 60 + "@x.ke", "profile.email"),
    ("bank_account", "12345", "profile.account_no"),
    ("bank_account", "1" * 21, "profile.account_no"),
    ("bank_branch", "22", "profile.words"),
    ("study_level", "wizard", "profile.not_listed"),
    ("study_place", "Kenyatta <b>", "profile.words"),
    ("course", "1. Approve", "profile.words_odd"),
    ("course", "x" * 61, "profile.words_long"),
    ("study_period", "2005", "profile.period"),
    ("study_period", "2008-2005", "profile.period_order"),
    ("study_period", "1901 - 1904", "profile.example"),
    ("employment_no", "123", "profile.tsc_no"),
    ("employment_no", "TSC", "profile.tsc_no"),
    ("paper", "9", "profile.not_listed"),
    ("licence_no", "DL", "profile.licence_no"),
    ("service_no", "12", "profile.service_no"),
    ("sub_county", "Kasarani", "profile.not_listed"),
    ("kin_phone", "0720", "phone.too_short"),
    ("kin_phone", "+44 7911 123456", "phone.not_kenyan"),
    ("kin_phone", "020 2222222", "phone.not_mobile"),
    ("kin_phone", "0700000000", "profile.example"),
    ("kin_relation", "boss", "profile.not_listed"),
]
LINES = sorted(FIELDS)


@pytest.mark.parametrize(("name", "typed", "kept"), KEPT)
def test_what_is_kept_of_an_answer(name: str, typed: str, kept: str) -> None:
    """A7 among them: `jane¡x.ke` is jane@x.ke."""
    assert profile_fields.judge(name, typed) == kept


@pytest.mark.parametrize(("name", "typed", "code"), REFUSED)
def test_why_an_answer_is_refused(name: str, typed: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        profile_fields.judge(name, typed)
    assert refused.value.code == code


def test_both_tables_have_every_line() -> None:
    assert {name for name, _, _ in KEPT} >= FIELDS.keys() - {"kind", "sub_county"}
    assert {line.group for line in FIELDS.values()} == set(GROUPS)


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("key", ["0", "00", "", " ", "-"])
def test_no_line_takes_a_key_or_nothing_for_an_answer(name: str, key: str) -> None:
    with pytest.raises(Refusal):
        profile_fields.judge(name, key)


@pytest.mark.parametrize("name", [name for name in LINES if FIELDS[name].example])
def test_typing_the_example_back_is_noticed(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        profile_fields.judge(name, FIELDS[name].example.lower())
    assert refused.value.code == "profile.example"


@given(
    st.sampled_from(LINES),
    st.one_of(
        st.text(max_size=80),
        st.from_regex(r"[A-Za-z' .-]{1,40}", fullmatch=True),
        st.from_regex(r"[A-Za-z]{0,3}[0-9 -]{4,20}[A-Za-z]?", fullmatch=True),
        st.sampled_from([typed for _, typed, _ in KEPT + REFUSED]),
    ),
)
def test_a_judge_refuses_or_answers_what_it_answers_again(name: str, typed: str) -> None:
    try:
        kept = profile_fields.judge(name, typed)
    except Refusal:
        return
    assert profile_fields.judge(name, kept) == kept
    assert kept and gsm7.is_gsm7(kept) and len(kept) <= 60
    assert not any(unicodedata.category(letter)[0] == "C" for letter in kept)
    assert not kept.upper().startswith(("END ", "CON "))


def test_five_groups_with_the_25_lines_and_the_name_of_m_pesa() -> None:
    """25 lines of the council's form; the county is known by the sub-county; and what the kind asks."""
    for kind, count in {"teacher": 26, "driver": 26, "security": 26, "examiner": 28, None: 25}.items():
        assert len(profile_fields.of_kind(kind)) == count


@pytest.mark.parametrize("name", LINES)
def test_every_choice_and_every_line_has_its_term(name: str, words: dict[str, object]) -> None:
    assert f"term.field.{name}" in words
    for code in FIELDS[name].choices:
        read = profile_fields.read(name, code)
        assert read == code if name in profile_fields.PROPER else read[1:] in words


def test_every_refusal_of_a_judge_is_declared_by_its_screens() -> None:
    """What the compiler cannot know: a check that raises a code which it did not declare."""
    for name, typed, code in REFUSED:
        checks = [VOCABULARY.checks.get(f"profile.{kind}{name}") for kind in ("", "first_")]
        declared = {code for check in checks if check for code in check.refusals}
        assert not declared or code in declared, (name, typed)
