"""Saying: every text says something in both languages, in characters that a phone shows."""

import unicodedata
from collections.abc import Iterator

from menus import wording
from menus.checks.issues import Issue
from menus.checks.rehearsal import longest_values
from menus.graph import Graph
from menus.vocabulary import LANGUAGES, Ask, Menu, Screen, Show, Vocabulary
from telephony import gsm7


def find(graph: Graph) -> Iterator[Issue]:
    """Every fault of the words themselves."""
    yield from empty(graph)
    yield from sentences(graph)
    yield from alphabet(graph)
    yield from vocabulary_alphabet(graph.vocabulary)


def empty(graph: Graph) -> Iterator[Issue]:
    """Every text of the tree says something in both languages."""
    for name, node in graph.screens():
        for what, *both in texts(node):
            yield from silent(name, what, both)
    for journey, title in graph.tree.titles.items():
        yield from silent(journey, "the title ", [title.en, title.sw])


def texts(node: Screen) -> Iterator[tuple[str, str, str]]:
    """Every text of a screen: what it is, in English, in Kiswahili; a shorter prompt where it has one."""
    yield "", node.en, node.sw
    if isinstance(node, Ask) and (node.again_en or node.again_sw):
        yield "the shorter prompt ", node.again_en, node.again_sw
    for number, option in enumerate(node.options if isinstance(node, Menu | Ask | Show) else [], 1):
        yield f"option {number} ", option.en, option.sw


def silent(name: str, what: str, both: list[str]) -> Iterator[Issue]:
    """The languages in which a text says nothing."""
    for lang, said in zip(LANGUAGES, both, strict=True):
        if not said.strip():
            yield Issue(name, "empty", f"{what}says nothing ({lang})")


def sentences(graph: Graph) -> Iterator[Issue]:
    """Every sentence beside the screens, judged as when it is read; what was told then is not told again."""
    blanks = {**graph.vocabulary.blanks, **wording.BLANKS}
    unheard = {name: words for name, words in graph.tree.words.items() if name not in graph.unsaid}
    for name, words in unheard.items():
        for fault in wording.judge(name, words, blanks):
            yield Issue(name, "words", fault.lstrip(": "))


def alphabet(graph: Graph) -> Iterator[Issue]:
    """Every character of a screen is in GSM-7; those that are not are named."""
    for name, node in graph.screens():
        for lang in LANGUAGES:
            odd = gsm7.strangers(" ".join(written(node, lang)))
            if odd:
                yield Issue(name, "alphabet", f"not in GSM-7 ({lang}): {', '.join(map(named, odd))}")


def written(node: Screen, lang: str) -> list[str]:
    """Everything that a node's author wrote to be shown."""
    options = node.options if isinstance(node, Menu | Ask | Show) else []
    again = (node.again_sw if lang == "sw" else node.again_en) if isinstance(node, Ask) else ""
    return [node.say(lang), again, *(option.key + option.say(lang) for option in options)]


def named(character: str) -> str:
    """A character and its name."""
    return f"{character} (U+{ord(character):04X} {unicodedata.name(character, 'unnamed')})"


def vocabulary_alphabet(vocabulary: Vocabulary) -> Iterator[Issue]:
    """The longest values are spelled as a screen spells them."""
    longest = {
        **{f"blank {name}": value for name, value in longest_values(vocabulary).items()},
        **{f"source {name}": source.longest for name, source in vocabulary.sources.items()},
    }
    for name, value in longest.items():
        if odd := gsm7.strangers(value):
            yield Issue(name, "alphabet", f"not in GSM-7: {', '.join(map(named, odd))}")
