"""The alphabet against an independent codec, the fact sheet's vectors, and properties of any text."""

import gsm0338
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telephony import gsm7
from telephony.gsm7 import Segments

EMOJI = "\U0001f600"
ANY_CHARACTER = st.characters()  # lone surrogates too
GSM7_TEXT = st.text(st.sampled_from(sorted(gsm7.BASIC | gsm7.EXTENDED)), max_size=500)
TYPED_TEXT = st.text(
    st.one_of(st.sampled_from([*sorted(gsm7.EXTENDED), "a", "é", "á", EMOJI]), ANY_CHARACTER)
)

patient = settings(deadline=None)


def test_alphabet_is_that_of_an_independent_codec() -> None:
    codec = gsm0338.Codec()

    def costs(character: str) -> int:
        try:
            return len(codec.encode(character)[0])
        except UnicodeEncodeError:
            return 0

    theirs = {character: costs(character) for character in map(chr, range(0x10000)) if character != "\x1b"}
    assert {character for character, cost in theirs.items() if cost == 1} == gsm7.BASIC
    assert {character for character, cost in theirs.items() if cost == 2} == gsm7.EXTENDED


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("a" * 160, 160), ("€", 2), ("a€[]", 7), ("Ng'ombe\r\n", 9), ("àéèùìòÇ", 7), ("{}" * 80, 320)],
)
def test_septets(text: str, count: int) -> None:
    assert gsm7.septets(text) == count


@given(GSM7_TEXT)
@patient
def test_septets_are_the_codecs(text: str) -> None:
    assert gsm7.septets(text) == len(gsm0338.Codec().encode(text)[0])


@pytest.mark.parametrize(
    "text", ["`", "\t", "’", "–", "…", "•", "\xa0", "\u200b", "´", "ç", "á", "ê", EMOJI, "\x1b", "\0"]
)
def test_outside_the_alphabet(text: str) -> None:
    assert not gsm7.is_gsm7("a" + text)
    assert gsm7.strangers(f"a{text}b{text}") == (text,)


def test_septets_name_every_stranger_once_in_order() -> None:
    with pytest.raises(gsm7.NotGsm7) as caught:
        gsm7.septets("“Ng’ombe” – “mbuzi”")
    assert caught.value.characters == ("“", "’", "”", "–")
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).isascii()


# Africa's Talking fact sheet, section 6: verified there with smsutil.
@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("a" * 159 + "€", "gsm7", 161, 2),
        ("€" * 80, "gsm7", 160, 1),
        ("€" * 81, "gsm7", 162, 2),
        ("a" * 152 + "€" + "b" * 152, "gsm7", 306, 3),
        ("á" * 70, "ucs2", 70, 1),
        ("á" * 71, "ucs2", 71, 2),
        (EMOJI * 35, "ucs2", 70, 1),
        (EMOJI * 36, "ucs2", 72, 2),
        ("a" * 66 + EMOJI + "b" * 66, "ucs2", 134, 3),
        ("", "gsm7", 0, 1),
        ("\ud83d", "ucs2", 1, 1),
        ("\ude00\ud83d", "ucs2", 2, 1),
    ],
)
def test_segments(text: str, encoding: str, units: int, parts: int) -> None:
    cut = gsm7.segments(text)
    assert (cut.encoding, cut.units, len(cut.parts)) == (encoding, units, parts)
    assert "".join(cut.parts) == text


def test_segments_keep_pairs_whole() -> None:
    assert gsm7.segments("a" * 152 + "€" + "b" * 152).parts == ("a" * 152, "€" + "b" * 151, "b")
    assert gsm7.segments("a" * 66 + EMOJI + "b" * 66).parts == ("a" * 66, EMOJI + "b" * 65, "b")
    halves = "\ud83d\ude00"
    assert gsm7.segments("a" * 66 + halves + "b" * 66).parts == ("a" * 66, halves + "b" * 65, "b")


def units_of(part: str, encoding: str) -> int:
    return gsm7.septets(part) if encoding == "gsm7" else len(part.encode("utf-16-le", "surrogatepass")) // 2


@given(st.one_of(GSM7_TEXT, TYPED_TEXT, TYPED_TEXT.map(lambda text: text * 9)))
@patient
def test_segments_join_to_the_text_and_fit(text: str) -> None:
    cut = gsm7.segments(text)
    assert "".join(cut.parts) == text
    assert sum(units_of(part, cut.encoding) for part in cut.parts) == cut.units
    lone, joined = {"gsm7": (160, 153), "ucs2": (70, 67)}[cut.encoding]
    room = lone if len(cut.parts) == 1 else joined
    assert all(units_of(part, cut.encoding) <= room for part in cut.parts)
    assert (len(cut.parts) == 1) == (cut.units <= lone)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ng’ombe “wa” ‘shule’", "Ng'ombe \"wa\" 'shule'"),
        ("9–5 — a‐b−c", "9-5 - a-b-c"),
        ("Ngoja…", "Ngoja..."),
        ("KES\xa01,500\u2009.00", "KES 1,500 .00"),
        ("a\u200bb\ufeffc\u00add\u2060e", "abcde"),
        ("Káthũrĩ Wanjikũ, garçon", "Kathuri Wanjiku, garcon"),
        ("caf\u00e9 cafe\u0301 Ñandú", "café café Ñandu"),
        ("• moja\t• mbili", "- moja - mbili"),
        ("`x` ´y´", "'x' 'y'"),
        ("ﬁ ０７１２ ٠٧١٢", "fi 0712 0712"),
        ("½ siku, 1½ siku, 10²", "1/2 siku, 1 1/2 siku, 10^2"),
        ("2 ≤ 3 ≠ 4 ≯ 5, a=\u0338b", "2 <= 3 != 4 <= 5, a!=b"),
        ("Þór Łukasz Đoko œuvre ŋoma", "THor Lukasz Doko oeuvre ngoma"),
        ("a\x00b\x1b[c", "ab[c"),
        ("a\u2028b\vc", "a\nb\nc"),
        ("\u212b \u2126", "Å Ω"),
        ("№ 5 ™ ©", "No 5 TM (c)"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert gsm7.fold(text) == (folded, ())


@pytest.mark.parametrize(
    ("text", "folded", "lost"),
    [
        (f"Hongera {EMOJI}!{EMOJI}", "Hongera ?!?", (EMOJI,)),
        ("日本 ₦5", "?? ?5", ("日", "本", "₦")),
        ("a\ud83db", "a?b", ("\ufffd",)),
        ("a\ud83d\ude00b", "a?b", (EMOJI,)),
        ("\u2764\ufe0f", "?", ("\u2764",)),
        ("saa \u3358", "saa ?", ("\u3358",)),  # zero hours: a 0 and an ideograph
    ],
)
def test_fold_names_what_it_lost(text: str, folded: str, lost: tuple[str, ...]) -> None:
    assert gsm7.fold(text) == (folded, lost)


@given(TYPED_TEXT)
@example("e\u0301")
@patient
def test_fold_yields_gsm7_and_is_idempotent(text: str) -> None:
    folded, lost = gsm7.fold(text)
    assert gsm7.is_gsm7(folded)
    assert gsm7.fold(folded) == (folded, ())
    assert not any(map(gsm7.is_gsm7, lost))
    "".join(lost).encode()  # what is lost can be shown and logged


@given(GSM7_TEXT)
@patient
def test_fold_leaves_gsm7_alone(text: str) -> None:
    assert gsm7.fold(text) == (text, ())


def test_fold_takes_every_character_of_the_first_planes() -> None:
    for point in range(0x20000):
        assert gsm7.is_gsm7(gsm7.fold(chr(point)).text), hex(point)


@pytest.mark.parametrize(
    ("text", "budget", "kept"),
    [
        ("abc", 2, "ab"),
        ("abc", 9, "abc"),
        ("a€b", 2, "a"),
        ("a€b", 3, "a€"),
        ("€", 1, ""),
        ("abc", -1, ""),
        ("€", -1, ""),
    ],
)
def test_clip(text: str, budget: int, kept: str) -> None:
    assert gsm7.clip(text, budget) == kept


@given(GSM7_TEXT, st.integers(-2, 600))
@patient
def test_clip_keeps_the_longest_prefix_that_fits(text: str, budget: int) -> None:
    kept = gsm7.clip(text, budget)
    assert text.startswith(kept)
    assert gsm7.septets(kept) <= max(budget, 0)
    assert kept == text or gsm7.septets(text[: len(kept) + 1]) > budget


def test_clip_refuses_strangers() -> None:
    with pytest.raises(gsm7.NotGsm7):
        gsm7.clip("ng’ombe", 2)


def test_segments_are_told_by_name() -> None:
    assert gsm7.segments("Ndiyo") == Segments(encoding="gsm7", units=5, parts=("Ndiyo",))
