"""Keywords: typing errors forgiven, ties refused, nothing kept of what was said."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from sms_gateway import keywords
from sms_gateway.commands.table import COMMANDS
from sms_gateway.keywords import TABLE, VOCABULARY, find

# text → keyword, language, whether it is near, and the words after it
CASES = {
    "password": ("PASSWORD", "en", False, ()),
    "PASSWORD.": ("PASSWORD", "en", False, ()),
    " Pass word": ("PASSWORD", "en", False, ()),
    "p a s s w o r d": ("PASSWORD", "en", False, ()),
    "Pasword": ("PASSWORD", "en", True, ()),
    "PASSW0RD": ("PASSWORD", "en", True, ()),
    "passowrd": ("PASSWORD", "en", True, ()),
    "pasword please": ("PASSWORD", "en", True, ()),
    "Re: password": ("PASSWORD", "en", True, ()),
    "I forgot my password!": ("PASSWORD", "en", False, ()),
    "Passwörd": ("PASSWORD", "en", False, ()),
    "ＰＡＳＳＷＯＲＤ": ("PASSWORD", "en", False, ()),
    "pass\u200bword": ("PASSWORD", "en", False, ()),
    "\u202epassword": ("PASSWORD", "en", False, ()),
    "pass\x00word": ("PASSWORD", "en", False, ()),
    "72779673": ("PASSWORD", "en", True, ()),  # typed in number mode
    "rasswosd": ("PASSWORD", "en", True, ()),  # right keys, pressed too often
    "NENOSIRI": ("PASSWORD", "sw", False, ()),
    " neno siri ": ("PASSWORD", "sw", False, ()),
    "nimesahau nenosiri": ("PASSWORD", "sw", False, ()),
    "nenosri tafadhali": ("PASSWORD", "sw", True, ()),
    "REGISTER": ("REGISTER", "en", False, ()),
    "regster": ("REGISTER", "en", True, ()),
    "Register Jane Wanjiku": ("REGISTER", "en", False, ("jane", "wanjiku")),
    "jisajili": ("REGISTER", "sw", False, ()),
    "STOP": ("STOP", "en", False, ()),
    "stop.": ("STOP", "en", False, ()),
    "Please STOP!!": ("STOP", "en", False, ()),
    "stop all": ("STOP", "en", False, ()),
    "Stpo": ("STOP", "en", True, ()),
    "STOP 12345": ("STOP", "en", False, ("12345",)),
    "STOP12345": ("STOP", "en", False, ("12345",)),
    "ACHA": ("STOP", "sw", False, ()),
    "START": ("START", "en", False, ()),
    "anza": ("START", "sw", False, ()),
    "nsubscribe": None,  # as near to subscribe as to unsubscribe
    "acza": None,  # as near to acha as to anza
    "YES 0123": ("YES", "en", False, ("0123",)),
    "yes0123": ("YES", "en", False, ("0123",)),
    "ndio 0123": ("YES", "sw", False, ("0123",)),
    "ndyo 0123": ("YES", "sw", True, ("0123",)),
    "yse 0123": None,  # three letters have too many neighbours
    "0123": ("YES", None, False, ("0123",)),
    "7867": ("YES", None, False, ("7867",)),  # a code, though its keys spell stop
    "78278": None,  # START on the keys, and short enough to be somebody's number
    "stapp": None,  # two errors in five letters, or in four
    "msda": None,
    "no": ("NO", "en", False, ()),
    "No money came": None,
    "help": ("HELP", "en", False, ()),
    "msaada": ("HELP", "sw", False, ()),
    "LUGHA SW": ("LANG", "sw", False, ("sw",)),
    "lang en": ("LANG", "en", False, ("en",)),
    "Kiswahili": ("LANG", "sw", False, ("kiswahili",)),
    # what is denied is never read as its positive
    "SIKUBALI 6540": ("DECLINE", "sw", False, ("6540",)),
    "sikubali": ("DECLINE", "sw", False, ()),
    "Si kubali": ("DECLINE", "sw", False, ()),
    "sitakubali 6540": ("DECLINE", "sw", False, ("6540",)),
    "sikubaliani": ("DECLINE", "sw", False, ()),
    "sikubaki 6540": ("DECLINE", "sw", True, ("6540",)),
    "sitaki kukubali 6540": ("DECLINE", "sw", True, ("6540",)),
    "Siwezi kukubali": ("DECLINE", "sw", True, ()),
    "do not accept 6329": ("DECLINE", "en", True, ("6329",)),
    "I dont accept 6329": ("DECLINE", "en", True, ("6329",)),
    "I don't accept 6329": ("DECLINE", "en", True, ("6329",)),
    "I can’t accept": ("DECLINE", "en", True, ()),
    "not accept": ("DECLINE", "en", True, ()),
    "I am sorry but I cannot accept 6329": ("DECLINE", "en", True, ("6329",)),
    **dict.fromkeys(
        (
            *("hakubali 6540", "hukubali 6540", "hatukubali 6540", "hawakubali", "sijakubali 6540"),
            *("sikukubali 6540", "usikubali 6540", "nisikubali 6540", "ha kubali 6540", "sitokubali 6540"),
            *("sikatai 6540", "sikataa 6540", "sitakataa", "hakatai", "siombi 10606", "sitaomba 10606"),
            *("sitaki 10606", "hataki", "sitaanza", "siachi", "dont decline 6329", "do not apply 10606"),
            *("nikubali 6540", "NO 6329", "HAPANA 6329"),
        )
    ),
    "pasword did not come": ("PASSWORD", "en", True, ("did", "not", "come")),
    "NAOMBA 10606": ("APPLY", "sw", False, ("10606",)),
    "naomba nenosiri": ("PASSWORD", "sw", False, ()),
    "naomba": None,
    "Ombi langu": ("STATUS", "sw", False, ()),
    "ombi 10606": ("APPLY", "sw", False, ("10606",)),
    "KUBALI 6329/KATAA 6329": ("ACCEPT", "sw", False, ("6329", "kataa", "6329")),
    "Bei ya mahindi ni ?": None,
    "Msg": None,
    "": None,
    "   ": None,
    "\n": None,
    "?!": None,
    "please": None,
    "x" * 1600: None,
}


@pytest.mark.parametrize("text", CASES, ids=repr)
def test_a_text_is_read(text: str) -> None:
    found = find(text)
    read = (found.keyword, found.lang, found.near, found.words) if found else None
    assert read == CASES[text]


def test_every_keyword_has_a_command_and_the_other_way_round() -> None:
    assert {keyword for keyword, _ in TABLE} == COMMANDS.keys()


def test_every_keyword_has_words_in_both_languages() -> None:
    for keyword in COMMANDS:
        assert TABLE[keyword, "en"] and TABLE[keyword, "sw"], keyword


def test_no_word_means_two_things() -> None:
    assert len(VOCABULARY) == sum(map(len, TABLE.values()))


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    find(text)
    keywords.essence(text)
    assert set(keywords.shape(text)) <= set("x9 " + "".join(VOCABULARY))


@given(st.binary().map(lambda raw: raw.decode("utf-16", "surrogatepass") if len(raw) % 2 == 0 else ""))
def test_no_surrogate_is_too_lone(text: str) -> None:
    find(text)
    keywords.shape(text).encode()
    keywords.essence(text)


LETTERS = "abcdefghijklmnopqrstuvwxyz"


@given(st.sampled_from(sorted(VOCABULARY)), st.data())
def test_a_near_word_is_the_only_nearest(word: str, data: st.DataObject) -> None:
    """Whatever error is made in a word: the one keyword at the least distance, or none."""
    at = data.draw(st.integers(0, len(word)))
    cut = data.draw(st.integers(0, 2))
    typed = word[:at] + data.draw(st.text(LETTERS, max_size=2)) + word[at + cut :]
    found = find(typed)
    if found is None or not found.near:
        return
    guessed = VOCABULARY.keys() - keywords.ALONE
    errors = {other: keywords.slips(typed, other) for other in guessed}
    least = min(count for count in errors.values() if count is not None)
    as_near = [w for w, count in errors.items() if count == least]
    assert {VOCABULARY[w][0] for w in as_near if w not in keywords.PLAIN} == {found.keyword}
    assert found.keyword == "HELP" or {VOCABULARY[w][0] for w in as_near} == {found.keyword}
    nearest = DamerauLevenshtein.distance(typed, found.word)
    assert nearest <= 2 or keywords.same_keys(typed, found.word)


@pytest.mark.parametrize("word", sorted(w for w in VOCABULARY if len(w) >= 4))
def test_no_wrong_letter_makes_another_keyword(word: str) -> None:
    for at, letter in product(range(len(word)), LETTERS):
        found = find(word[:at] + letter + word[at + 1 :])
        assert found is None or not found.near or found.keyword in (VOCABULARY[word][0], "HELP"), letter


@given(st.text(LETTERS + LETTERS.upper() + " .,!", max_size=30), st.sampled_from(["STOP", "ACHA", "START"]))
def test_a_number_beside_it_is_never_lost(padding: str, word: str) -> None:
    found = find(f"{word} 12345 {padding}")
    assert found and not found.near and "12345" in found.words


SHAPES = {
    "PASSWORD kamau123": "password xxxxx999",
    "YES 1234": "yes 9999",
    "yes1234": "xxx9999",
    "Sirì kubwa\nhapa": "xxxx xxxxx xxxx",
    "": "",
}


@pytest.mark.parametrize("text", SHAPES, ids=repr)
def test_only_our_own_words_are_kept(text: str) -> None:
    assert keywords.shape(text) == SHAPES[text]


def test_a_long_text_is_kept_in_part() -> None:
    assert len(keywords.shape("y" * 1600)) == keywords.MOST_READ
