"""Numbers as people, imports and Africa's Talking write them; the ranges against the library's metadata."""

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telephony import phones

KENYAN = st.from_regex(r"\+254(7[0-9]{2}|11[0-9]|10[0-8])[0-9]{6}", fullmatch=True)

patient = settings(deadline=None)


def refusal(typed: str) -> str:
    with pytest.raises(phones.BadPhone) as caught:
        phones.read(typed)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value) == caught.value.code
    return caught.value.code


@pytest.mark.parametrize(
    "typed",
    [
        "+254712345678",
        "0712345678",
        "712345678",
        "254712345678",
        "+2540712345678",
        "2540712345678",
        "+254 (0) 712 345678",
        "0712-345-678",
        "0712.345.678",
        "(0712) 345 678",
        "00254712345678",
        "00254 0712 345 678",
        "000254712345678",
        "000254 (0) 712 345 678",
        "0254712345678",
        "+00254712345678",
        "+0712345678",
        " 254712345678",  # an unencoded plus
        "+254712345678\n",
        "\t0712 345 678\r\n",
        "0712\xa0345\xa0678",
        "0712–345–678",
        "\u202a+254 712 345 678\u202c",  # as copied from a contact list
    ],
)
def test_read(typed: str) -> None:
    assert phones.read(typed) == "+254712345678"


@pytest.mark.parametrize("typed", ["0112345678", "112345678", "00254112345678", "+254 0112 345 678"])
def test_read_the_newer_range(typed: str) -> None:
    assert phones.read(typed) == "+254112345678"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "phone.empty"),
        (" \n", "phone.empty"),
        ("+", "phone.empty"),
        ("-", "phone.empty"),
        ("+254711XXXYYY", "phone.letters"),  # vanity digits to the library
        ("0711000111x5", "phone.letters"),
        ("0711000111;ext=5", "phone.letters"),
        ("0711000111 ext. 5", "phone.letters"),
        ("０７１１０００１１１", "phone.letters"),
        ("٠٧١١٠٠٠١١١", "phone.letters"),
        ("*384*22262#", "phone.letters"),
        ("MTN", "phone.letters"),
        ("++254711000111", "phone.letters"),
        ("0711\x00000111", "phone.letters"),
        ("\ud83d", "phone.letters"),
        ("22262", "phone.too_short"),
        ("5", "phone.too_short"),
        ("+254", "phone.too_short"),
        ("+25471234567", "phone.too_short"),  # possible to the library
        ("071234567", "phone.too_short"),
        ("07123456789", "phone.too_long"),
        ("+2547123456789", "phone.too_long"),
        ("0711000111-5", "phone.too_long"),
        ("1" * 300, "phone.too_long"),
        ("0711000111/0722000222", "phone.several"),
        ("0711000111, 0722000222", "phone.several"),
        ("0711000111 0722000222", "phone.several"),
        ("0711 000 111\n0722 000 222", "phone.several"),
        ("711000111;722000222", "phone.several"),
        ("+255712345678", "phone.not_kenyan"),
        ("00255712345678", "phone.not_kenyan"),
        ("000256712345678", "phone.not_kenyan"),
        ("+999712345678", "phone.not_kenyan"),
        ("+44 20 7946 0018", "phone.not_kenyan"),
        ("0202012345", "phone.not_mobile"),
        ("0800223456", "phone.not_mobile"),
        ("0150000000", "phone.not_mobile"),
        ("+254150000000", "phone.not_mobile"),
        ("900223456", "phone.not_mobile"),
    ],
)
def test_read_refuses(typed: str, code: str) -> None:
    assert refusal(typed) == code


@given(KENYAN)
@patient
def test_read_gives_a_number_back_however_it_is_shown(e164: str) -> None:
    for shown in (e164, phones.username(e164), phones.local(e164), phones.read(e164)):
        assert phones.read(shown) == e164


@given(st.one_of(st.text(), st.text("+0123456789 ()-.", max_size=25), st.text("+0254719 /", max_size=40)))
@example("+" + "0" * 40)
@patient
def test_read_gives_a_kenyan_mobile_or_refuses(typed: str) -> None:
    try:
        e164 = phones.read(typed)
    except phones.BadPhone as refused:
        assert refused.code.startswith("phone.")
    else:
        assert phones.CANONICAL.fullmatch(e164)
        assert phones.read(e164) is e164


def test_canonical_ranges_are_those_of_the_library() -> None:
    """When this fails after an update of phonenumbers, bring `phones.CANONICAL` up to its ranges."""
    for national in range(100_000_000, 1_000_000_000, 100_000):
        number = phonenumbers.PhoneNumber(country_code=254, national_number=national)
        valid = phonenumbers.is_valid_number_for_region(number, "KE")
        mobile = valid and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
        assert bool(phones.CANONICAL.fullmatch(f"+254{national}")) == mobile, national


@pytest.mark.parametrize(
    "text",
    [
        "+2547123456789",
        "+25471234567",
        "+2547١2345678",
        "+25471234567٨",
        "+254712345678\n",
        "+254150000000",
        "254712345678",
    ],
)
def test_canonical_is_exact(text: str) -> None:
    assert not phones.CANONICAL.fullmatch(text)


def test_spellings_to_show() -> None:
    assert phones.username("+254112345678") == "254112345678"
    assert phones.local("+254112345678") == "0112 345 678"
    assert phones.local("MTN") == "MTN"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+254712345678", "+2547*****678"),
        ("+255712345678", "+2557*****678"),
        ("", "*****"),
        ("22262", "*****"),
        ("MTN", "*****"),
        ("+2547123", "*****"),
        ("254712345678", "*****"),
        ("+254712345678\n", "*****"),
        ("+254 712 345 678", "*****"),
        ("Siri yangu ni 1234", "*****"),
    ],
)
def test_mask(text: str, masked: str) -> None:
    assert phones.mask(text) == masked


@given(st.one_of(st.text(), st.from_regex(r"\+?[0-9]{1,20}")))
@patient
def test_mask_never_leaks(text: str) -> None:
    masked = phones.mask(text)
    if set(masked) != {"*"}:
        assert (masked[:5], masked[-3:], len(masked)) == (text[:5], text[-3:], len(text))
        assert set(masked[5:-3]) == {"*"}
        assert len(masked[5:-3]) >= 4
