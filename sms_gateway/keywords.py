"""Keywords: finding what a text asks for, however it was typed on twelve keys.

A text is folded to plain letters, cut into words and compared with the vocabulary: exactly first, then with
the typing errors that the length of a keyword allows. Two keywords equally near are refused.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import DamerauLevenshtein

from sms_gateway import denials
from telephony import gsm7

# Keyword and language: the words that mean it, the one we teach first.
TABLE: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("REGISTER", "en"): ("register", "registration"),
    ("REGISTER", "sw"): ("jisajili", "sajili", "usajili"),
    ("YES", "en"): ("yes", "y"),
    ("YES", "sw"): ("ndiyo", "ndio"),
    ("NO", "en"): ("no",),
    ("NO", "sw"): ("hapana",),
    ("PASSWORD", "en"): ("password",),
    ("PASSWORD", "sw"): ("nenosiri", "nywila"),
    ("HELP", "en"): ("help", "info"),
    ("HELP", "sw"): ("msaada", "usaidizi"),
    ("LANG", "en"): ("lang", "language", "english"),
    ("LANG", "sw"): ("lugha", "kiswahili", "swahili"),
    ("STOP", "en"): ("stop", "stopall", "unsubscribe"),
    ("STOP", "sw"): ("acha",),
    ("START", "en"): ("start", "subscribe"),
    ("START", "sw"): ("anza",),
    ("STATUS", "en"): ("status", "application", "applications"),
    ("STATUS", "sw"): ("hali", "maombi", "ombilangu"),
    ("VACANCIES", "en"): ("vacancies", "vacancy", "jobs"),
    ("VACANCIES", "sw"): ("nafasi", "kazi"),
    ("APPLY", "en"): ("apply",),
    ("APPLY", "sw"): ("omba", "ombi", "naomba"),
    ("WITHDRAW", "en"): ("withdraw",),
    ("WITHDRAW", "sw"): ("ondoa",),
    ("DEPLOYMENT", "en"): ("deployment", "posting"),
    ("DEPLOYMENT", "sw"): ("kituo", "upangaji"),
    ("ACCEPT", "en"): ("accept",),
    ("ACCEPT", "sw"): ("kubali", "nakubali"),
    ("DECLINE", "en"): ("decline", "reject"),
    ("DECLINE", "sw"): ("kataa", "nakataa", "sikubali", "sitakubali", "sikubaliani"),
    ("LETTER", "en"): ("letter",),
    ("LETTER", "sw"): ("barua",),
    ("PROFILE", "en"): ("profile",),
    ("PROFILE", "sw"): ("wasifu",),
    ("PAY", "en"): ("pay", "payment", "attendance"),
    ("PAY", "sw"): ("malipo", "mahudhurio"),
    ("MESSAGES", "en"): ("messages", "message", "inbox"),
    ("MESSAGES", "sw"): ("ujumbe", "jumbe"),
    ("CHECK", "en"): ("check", "verify"),
    ("CHECK", "sw"): ("hakiki", "kagua"),
    ("MANUAL", "en"): ("manual", "guide"),
    ("MANUAL", "sw"): ("mwongozo",),
    ("ATT", "en"): ("att", "attend"),
    ("ATT", "sw"): ("hud", "hudhuria"),
    ("LIST", "en"): ("list", "officers"),
    ("LIST", "sw"): ("orodha",),
    ("RETURN", "en"): ("return",),
    ("RETURN", "sw"): ("rudisha",),
    ("STATEMENT", "en"): ("statement",),
    ("STATEMENT", "sw"): ("taarifa",),
    ("ISSUE", "en"): ("issue",),
    ("ISSUE", "sw"): ("toa",),
    ("MOVE", "en"): ("move",),
    ("MOVE", "sw"): ("hamisha",),
    ("TODAY", "en"): ("today",),
    ("TODAY", "sw"): ("leo",),
    ("REOPEN", "en"): ("reopen",),
    ("REOPEN", "sw"): ("fungua",),
    ("RECEIVE", "en"): ("receive", "received"),
    ("RECEIVE", "sw"): ("pokea",),
}
VOCABULARY: Final = {word: meaning for meaning, words in TABLE.items() for word in words}
# These mean something only as the whole message: many sentences begin with them.
ALONE: Final = frozenset({"no", "hapana"})
# Too near to other words to be guessed at: these are meant only as they stand. Yet whoever may have meant one
# of them is not taken to mean another keyword.
PLAIN: Final = frozenset(
    (
        *("hali", "omba", "ombi", "naomba", "ombilangu", "kazi", "ondoa", "rudisha"),
        *("fungua", "pokea", "hamisha"),
        *("list", "move", "issue", "today", "return"),
    )
)
HARMLESS: Final = "HELP"  # this one is answered though a word that is never guessed at is as near
# Politeness and lead-ins, in both languages; they stand beside a keyword and change nothing.
FILLERS: Final = frozenset(
    (
        *("please", "pls", "plz", "kindly", "thanks", "now", "i", "my", "me", "the", "a", "to"),
        *("want", "need", "forgot", "forgotten", "reset", "send", "new"),
        *("tafadhali", "asante", "sasa", "naomba", "nataka", "nimesahau", "nisaidie", "nipe"),
        *("tuma", "yangu", "langu"),
    )
)

LEAST_FUZZY: Final = 4  # a keyword of three letters has too many neighbours
LONG: Final = 7  # from here on two errors are forgiven
LEAST_DIGITS: Final = 6  # a shorter number may be a code rather than a word on the keys
MOST_JOINED: Final = 3  # "Pass word", "neno si ri"
MOST_READ: Final = 200  # characters; nobody's keyword comes later
MOST_REGISTER: Final = 1600  # characters; ten SMS in one: every officer of the largest centre by number
UNREAD: Final = "unread"  # stands for what a register text says that cannot be read, so that it is refused
LONGEST: Final = max(map(len, VOCABULARY)) + 2

_WORD: Final = re.compile(r"[a-z0-9]+")
_YES_CODE: Final = re.compile(r"([a-z]+)([0-9]{3,})")
_CODE: Final = re.compile(r"[0-9]{4}")
_REGISTER: Final = re.compile(r"(hudhuria|attend|att|hud)([oilszb]{0,5}[0-9].*)?")
# What stands between two numbers may make a range of them, so it is a word of a register text.
_REGISTER_WORD: Final = re.compile(r"[a-z0-9]+|(?<=[0-9])\s*(?:-|\.\.+)\s*(?=[0-9])")
# These ask for one's own days, but with a code behind them they mark.
_NOUNS: Final = {"attendance": "att", "mahudhurio": "hud"}
_KEYS: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")


@dataclass(frozen=True)
class Match:
    """The keyword a text asks for, the language it was asked in, and the words that follow it."""

    keyword: str
    lang: str | None  # None where only a code was sent
    word: str = ""  # as the vocabulary spells it
    words: tuple[str, ...] = ()
    near: bool = False  # typing errors were forgiven


def spelled(keyword: str, lang: str) -> str:
    """How a keyword is spelled to somebody: the word that we teach first."""
    taught = TABLE.get((keyword, lang), (keyword,))
    return taught[0].upper()


def find(text: str) -> Match | None:
    """What this text asks for, or None where it is nothing we know or two things equally well."""
    register = register_text(register_words(text))
    if register is not None:
        return register
    words = split(text)
    if max(map(len, words), default=0) > 1:  # "p a s s w o r d" has an "a" that is no filler
        words = without_fillers(words)
    if not words:
        return None
    if len(words) == 1 and _CODE.fullmatch(words[0]):
        return Match("YES", None, words=(words[0],))
    found = exact(words) or declined(words)
    return found if found is not None or denials.begins(words) else nearest(words)


def without_fillers(words: list[str]) -> list[str]:
    """These words without politeness; what makes a keyword with its neighbour, or with a number, stays."""
    kept: list[str] = []
    for at, word in enumerate(words):
        follows = words[at + 1 : at + 2]
        keyword = word in VOCABULARY and bool(follows) and follows[0][0].isdigit()
        if word not in FILLERS or keyword or (kept and f"{kept[-1]}{word}" in VOCABULARY):
            kept.append(word)
    return kept


def declined(words: list[str]) -> Match | None:
    """A DECLINE that is to be asked about, where an ACCEPT is denied; whatever else is denied is nothing."""
    at = denials.of_accept(words)
    if at is None:
        return None
    return match("decline" if "accept" in words[at] else "kataa", words[at + 1 :], near=True)


def means(word: str, keyword: str) -> bool:
    """Whether this word of a text is one of this keyword's, in either language."""
    return word in VOCABULARY and VOCABULARY[word][0] == keyword


def register_text(words: list[str]) -> Match | None:
    """The match of a register text, whose words are all kept: an "i" or an "o" may be a digit of its code.

    The code may be written together with the keyword: `ATT482913ALL`.
    """
    if "".join(words[:3]) in ("att", "hud"):  # spelled out
        words = ["".join(words[:3]), *words[3:]]
    start = next((n for n, word in enumerate(words) if word not in FILLERS), len(words))
    if words[start + 1 : start + 2] and words[start + 1][0].isdigit():
        words[start] = _NOUNS.get(words[start], words[start])
    found = _REGISTER.fullmatch(words[start]) if start < len(words) else None
    if found is None:
        return None
    word, code = found.groups()
    return match(word, [*([code] if code else []), *words[start + 1 :]])


def register_words(text: str) -> list[str]:
    """The words of what may be a register text. Nothing of it is cut off, and `½` is no 1 and 2: refused."""
    clear = "".join(UNREAD if c.isnumeric() and not c.isdecimal() else c for c in text[:MOST_REGISTER])
    words = [re.sub(r"\W+", "-", word) for word in _REGISTER_WORD.findall(fold(clear))]
    return words if len(text) <= MOST_REGISTER else [*words, UNREAD]


def split(text: str) -> list[str]:
    """The words of a text in plain small letters; `YES1234` is two."""
    words: list[str] = []
    for word in _WORD.findall(denials.spell_out(fold(text[:MOST_READ]))):
        apart = _YES_CODE.fullmatch(word)
        words += apart.groups() if apart else (word,)
    return words


def fold(text: str) -> str:
    """A text in small letters without accents."""
    spelled = unicodedata.normalize("NFKD", gsm7.fold(text).text.casefold())
    return "".join(letter for letter in spelled if not unicodedata.combining(letter))


def heads(words: list[str]) -> Iterator[tuple[str, int]]:
    """What may be the keyword, and how many words it takes: the first ones joined, longest first."""
    letters = next((n for n, word in enumerate(words) if len(word) > 1), len(words))
    counts = {letters, *range(1, MOST_JOINED + 1)} - {0}
    for count in sorted((n for n in counts if n <= len(words)), reverse=True):
        head = "".join(words[:count])
        if len(head) <= LONGEST:
            yield head, count


def exact(words: list[str]) -> Match | None:
    """The keyword that the first words spell."""
    for head, count in heads(words):
        if head in VOCABULARY and not (head in ALONE and len(words) > count):
            return match(head, words[count:])
    return None


def nearest(words: list[str]) -> Match | None:
    """The one keyword that the first words all but spell; none where two are equally near."""
    found = [
        (errors, count, word)
        for head, count in heads(words)
        for word in VOCABULARY
        if word not in ALONE and (errors := slips(head, word)) is not None
    ]
    best = min((errors for errors, _, _ in found), default=None)
    closest = [(count, word) for errors, count, word in found if errors == best]
    meant = [(count, word) for count, word in closest if word not in PLAIN]
    guessed, near = {VOCABULARY[word][0] for _, word in meant}, {VOCABULARY[word][0] for _, word in closest}
    if len(guessed) != 1 or (near != guessed and guessed != {HARMLESS}):
        return None
    count, word = min(meant)
    return match(word, words[count:], near=True)


def match(word: str, rest: list[str], *, near: bool = False) -> Match:
    """The match of a word of the vocabulary; one that names a language asks for it."""
    keyword, lang = VOCABULARY[word]
    named = [word] if keyword == "LANG" and word not in ("lang", "language", "lugha") else []
    return Match(keyword, lang, word, (*named, *rest), near)


def slips(typed: str, word: str) -> int | None:
    """How many typing errors make this word of what was typed; None where they are too many.

    A letter that shares its key with the right one is the commonest slip: however many, they count as one.
    """
    if len(word) < LEAST_FUZZY:
        return None
    allowed = 2 if len(word) >= LONG else 1
    errors = DamerauLevenshtein.distance(typed, word, score_cutoff=allowed)
    if errors > 1 and same_keys(typed, word):
        return 1
    return errors if errors <= allowed else None


def same_keys(typed: str, word: str) -> bool:
    """Whether both are typed with the same keys; a number only where it is too long for a code."""
    if typed.isdigit() and len(typed) < LEAST_DIGITS:
        return False
    return typed.translate(_KEYS) == word.translate(_KEYS)


def shape(text: str) -> str:
    """What may be kept of a text: the words of our vocabulary, and x and 9 for whatever else it says."""
    return "".join(map(shown, re.findall(r"\w+|\W", text[:MOST_READ])))


def shown(piece: str) -> str:
    """A piece of a text as it may be kept."""
    word = fold(piece)
    if word in VOCABULARY:
        return word
    return "".join("9" if c.isdigit() else " " if c.isspace() else "x" for c in piece)


def essence(text: str) -> str:
    """What two sendings of the same text share, whatever their case and spacing."""
    return "".join(gsm7.fold(text).text.casefold().split())
