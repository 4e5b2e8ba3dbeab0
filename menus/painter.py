"""The painter: what a person sees of a dialogue's state."""

from collections.abc import Mapping
from dataclasses import dataclass

from menus import screens, speech
from menus.keys import keyed
from menus.screens import Foot
from menus.state import State
from menus.vocabulary import Ask, Call, End, Menu, Pick, Screen, Show, Tree, Vocabulary


@dataclass(frozen=True)
class Painter:
    """Draws the screens of one tree, with values from the functions of one vocabulary."""

    tree: Tree
    vocabulary: Vocabulary
    call: Call

    def draw(self, state: State, node: Screen, note: str = "") -> str:
        """The screen as it is shown, with a refusal's words on top."""
        foot, words, lines = self.foot(state), self.words(state, node), self.lines(state, node)
        if isinstance(node, Show):
            return screens.text_screen(note, words, lines, state.page, foot)
        if isinstance(node, Ask):
            return self.prompt(state, node, note, screens.stack(words, *lines, foot.line(0, last=True)))
        return screens.list_screen(note, words, lines, state.page, foot)

    def prompt(self, state: State, node: Ask, note: str, whole: str) -> str:
        """A prompt; beneath a refusal the shorter one where the whole does not fit."""
        again = node.again_sw if state.lang == "sw" else node.again_en
        if note and again and not screens.fits(screens.stack(note, whole)):
            shorter = self.filled(state, node, again.rstrip("\n"))
            return screens.stack(note, shorter, *self.lines(state, node), self.foot(state).line(0, last=True))
        return screens.stack(note, whole)

    def lines(self, state: State, node: Screen) -> list[str]:
        """The numbered lines of a screen."""
        if isinstance(node, Pick):
            labels = (self.spelled(state.lang, label) for _, label in state.listed)
            return [f"{n}. {screens.fit(label, None)}" for n, label in enumerate(labels, 1)]
        if isinstance(node, Menu | Ask | Show):
            return [f"{key}. {option.say(state.lang)}" for key, option in keyed(node.options).items()]
        return []

    def foot(self, state: State) -> Foot:
        """The navigation that this screen offers: no way home from the first screens, none from the last."""
        if isinstance(self.tree.nodes[state.node], End):
            return Foot()
        opening = state.node in self.tree.openings and not state.back
        at_first = opening or self.tree.journey(state.node) in self.tree.first_journeys
        back, home, more = (self.say(state.lang, f"screen.{key}") for key in ("back", "home", "more"))
        return Foot(back, "" if at_first else home, more, behind=bool(state.back))

    def page_count(self, state: State, node: Screen) -> int:
        """How many pages this screen has."""
        if not isinstance(node, Show | Pick | Menu):
            return 1
        words, lines, foot = self.words(state, node), self.lines(state, node), self.foot(state)
        if isinstance(node, Show):
            return len(screens.text_pages(words, lines, foot))
        return len(screens.list_pages(words, lines, foot))

    def words(self, state: State, node: Screen) -> str:
        """The node's words in this dialogue's language, filled."""
        return self.filled(state, node, node.say(state.lang).rstrip("\n"))

    def filled(self, state: State, node: Screen, words: str) -> str:
        """A node's words with what was gathered and what its function adds."""
        if "{" not in words:
            return words
        values: Mapping[str, str] = state.facts
        if node.values:
            values = {**values, **self.vocabulary.values[node.values].fill(self.call)}
        return self.fill(state.lang, words, values)

    def say(self, lang: str, name: str, values: Mapping[str, str] | None = None) -> str:
        """A sentence of the tree by its name, in the person's language."""
        return self.fill(lang, self.tree.words[name].say(lang), values or {})

    def fill(self, lang: str, words: str, values: Mapping[str, str]) -> str:
        """Words with their blanks filled, tokens among the values spelled in this language."""
        if "{" not in words:
            return words
        asked = set(screens.BLANK.findall(words)) & values.keys()
        named = {name: self.spelled(lang, values[name]) for name in asked}
        return screens.fill(words, named, self.vocabulary.blanks)

    def spelled(self, lang: str, value: str) -> str:
        """A value as it is read in this language."""
        return speech.spell(value, lang, self.tree.words)
