"""Wording: the SMS and spoken sentences of menus/words, read strictly and filled when they are sent.

What is filled in is always GSM-7 and one line, so no value can turn a message into UCS-2 or add a line to it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from menus import speech
from menus.vocabulary import LANGUAGES, Blank, Words
from operations import attendance_codes, confirmations, enrolments, grants, links
from operations.office import Office
from telephony import gsm7

BLANK: Final = re.compile(r"\{([a-z_]+)\}")
NAME: Final = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")

# What may stand in a blank of an SMS: the longest real value. Nothing is clipped: half a code helps nobody.
BLANKS: Final[Mapping[str, Blank]] = {
    "username": Blank("254712345678"),
    "one_time_password": Blank("12345678"),
    "code": Blank("1234"),
    "minutes": Blank("30"),
    "service_code": Blank("*384*22262#"),
    "short_code": Blank("22262262"),
    "public_url": Blank("https://cp2phone.knec.ac.ke"),
    "keyword": Blank("JISAJILI"),
    "enrolment_code": Blank("123456"),
    "attendance_code": Blank("482913"),
    "new_phone": Blank("+2547*****678"),
    "centre_code": Blank("20401001"),
    "reference": Blank("ER-7K4-QX9-2"),
    "contact_phone": Blank("0720 741 001, 0732 333 860"),
}

# Secrets are never among a message's details: they are derived from the id that travels in their place.
DERIVED: Final[Mapping[str, tuple[str, Callable[[Office, str], str]]]] = {
    "one_time_password": ("grant", grants.code),
    "code": ("confirmation", confirmations.code),
    "enrolment_code": ("enrolment", enrolments.code),
    "attendance_code": ("attendance_seed", attendance_codes.from_seed),
    "letter_link": ("letter_seed", links.address),
}


class BadWords(ValueError):
    """The words are not fit to be said; the text lists every fault, one a line.

    `words` are those that could be read, `faulty` the names with a fault; "" for a file without names.
    """

    def __init__(self, faults: list[str], words: Mapping[str, Words], faulty: frozenset[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults, self.words, self.faulty = faults, words, faulty


@dataclass(frozen=True)
class Wording:
    """Every sentence of the service, and the office whose codes and addresses stand in them."""

    words: Mapping[str, Words] = field(repr=False)
    office: Office

    def sms(self, name: str, lang: str, details: Mapping[str, Any]) -> str:
        """The sentence of this name with its blanks filled, in one pass: a value is never read as a blank.

        Raises KeyError for an unknown name and ValueError for a missing value; neither shows any value.
        """
        said = self.words[name].say(lang)
        return BLANK.sub(lambda blank: plain(self.value(name, blank[1], details, lang)), said)

    def value(self, name: str, blank: str, details: Mapping[str, Any], lang: str) -> str:
        """What stands in this blank: derived from an id, given with the message, or the office's own."""
        source, derive = DERIVED.get(blank, ("", None))
        if derive is not None and source in details:
            return derive(self.office, str(details[source]))
        if blank in details:
            return speech.spell(details[blank], lang, self.words)
        own = addresses(self.office)
        if blank not in own:
            raise ValueError(f"{name} was queued without {blank}")
        return own[blank]


def addresses(office: Office) -> dict[str, str]:
    """The office's own values, which any sentence may name."""
    return {
        "service_code": office.service_code,
        "short_code": office.short_code,
        "public_url": office.public_url,
    }


def plain(value: str) -> str:
    """A value as it may stand in an SMS: GSM-7, on one line, without what nobody sees."""
    return " ".join(gsm7.fold(value).text.split())


def load_words(folder: Path, blanks: Mapping[str, Blank] = BLANKS) -> dict[str, Words]:
    """Read every sentence in this folder's YAML files; raises BadWords with all faults at once."""
    found: dict[str, Words] = {}
    faults: list[str] = []
    faulty: set[str] = set()
    for path in sorted(folder.glob("*.yaml")):
        for name, words in read_file(path, faults):
            if name in found:
                faults.append(f"{path.name}: {name} stands twice")
            judged = [] if words is None else list(judge(name, words, blanks))
            faults += (f"{path.name}: {name}{fault}" for fault in judged)
            if words is not None:
                found[name] = words
            if judged or words is None:
                faulty.add(name)
    if faults:
        raise BadWords(faults, found, frozenset(faulty))
    return found


def read_file(path: Path, faults: list[str]) -> Iterator[tuple[str, Words | None]]:
    """Each sentence of a file; what cannot be read as one is None, and noted among the faults."""
    try:
        node = yaml.compose(path.read_text("utf-8"), yaml.SafeLoader)
        if not isinstance(node, yaml.MappingNode):
            raise ValueError("holds no sentences")
        # Key by key, because YAML lets a later key silently replace an earlier one.
        entries = [(str(key.value), construct(value)) for key, value in node.value]
    except (yaml.YAMLError, ValueError) as fault:
        faults.append(f"{path.name}: {' '.join(str(fault).split())}")
        yield "", None
        return
    for name, entry in entries:
        try:
            yield name, msgspec.convert(entry, Words)
        except msgspec.ValidationError as fault:
            faults.append(f"{path.name}: {name}: {fault}")
            yield name, None


def construct(node: yaml.Node) -> Any:
    """A YAML node as plain data."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def judge(name: str, words: Words, blanks: Mapping[str, Blank]) -> Iterator[str]:
    """Every fault of one sentence, with what it takes to find it."""
    if not NAME.fullmatch(name):
        yield ": a name is dotted lower-case words"
    wanted = {lang: set(BLANK.findall(words.say(lang))) for lang in LANGUAGES}
    if wanted["en"] != wanted["sw"]:
        odd = ", ".join(sorted(wanted["en"] ^ wanted["sw"]))
        yield f": only one language has the blank {odd}"
    for blank in sorted((wanted["en"] | wanted["sw"]) - blanks.keys()):
        yield f": no value is known for the blank {blank}"
    for lang in LANGUAGES:
        yield from (f" ({lang}): {fault}" for fault in judge_text(words.say(lang), words.segments, blanks))


def judge_text(said: str, room: int, blanks: Mapping[str, Blank]) -> Iterator[str]:
    """Every fault of one sentence in one language, measured with the longest values in its blanks."""
    if not said.strip():
        yield "says nothing"
    if re.search(r"[{}]", BLANK.sub("", said)):
        yield "a brace stands alone; blanks are {lower_case}"
    worst = BLANK.sub(lambda blank: blanks[blank[1]].longest if blank[1] in blanks else "", said)
    parts, clean = count(worst), count(gsm7.fold(worst).text)
    for stranger in gsm7.strangers(said):
        named = f"{stranger} (U+{ord(stranger):04X} {unicodedata.name(stranger, 'unnamed')})"
        yield f"{named} is not in GSM-7: {parts} segments with it, {clean} without"
    if clean > room:
        yield f"takes {clean} segments, {room} allowed: {gsm7.segments(gsm7.fold(worst).text).units} septets"


def segments(said: str, blanks: Mapping[str, Blank]) -> int:
    """How many segments a sentence takes with the longest values in its blanks."""
    return count(BLANK.sub(lambda blank: blanks[blank[1]].longest if blank[1] in blanks else "", said))


def count(text: str) -> int:
    """How many segments this text is sent in."""
    return len(gsm7.segments(text).parts)


def oversized(words: Mapping[str, Words], office: Office) -> list[str]:
    """The sentences that take more segments than they may with this office's own codes and addresses."""
    own = {**BLANKS, **{name: Blank(value) for name, value in addresses(office).items()}}
    known = {name: said for name, said in words.items() if all(map(own.__contains__, blanks_of(said)))}
    return [f"{name}{fault}" for name, said in known.items() for fault in judge(name, said, own)]


def blanks_of(words: Words) -> frozenset[str]:
    """The blanks of a sentence, in either language."""
    return frozenset(BLANK.findall(words.en) + BLANK.findall(words.sw))
