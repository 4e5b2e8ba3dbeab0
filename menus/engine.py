"""The engine: one dialogue, moved one step by what the person typed.

It does no I/O of its own: the tree, the functions it names and what they may use are handed in, and the
state that comes out is plain data. It knows nothing of USSD; any channel that shows text may drive it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from menus import screens
from menus.keys import digit, keyed
from menus.painter import Painter
from menus.state import Lost, State, Turn
from menus.vocabulary import (
    BACK,
    HOME,
    MORE,
    MOST_LISTED,
    WANTED,
    Ask,
    Call,
    Do,
    End,
    Menu,
    Pick,
    Screen,
    Show,
    Tree,
    Vocabulary,
)
from operations.refusals import Refusal

# A turn that needs more silent steps than this is going round in circles.
MOST_STEPS = 20
MOST_BACK = 12


@dataclass
class Dialogue:
    """One step of one dialogue; made for a hop and thrown away after it."""

    tree: Tree
    vocabulary: Vocabulary
    state: State
    call: Call
    new_form: Callable[[], str]
    effect: bool = False
    note: str = ""
    refused: str = ""

    @property
    def painter(self) -> Painter:
        """What draws this dialogue."""
        return Painter(self.tree, self.vocabulary, self.call)

    # -- the three ways in ---------------------------------------------------------------------------

    def begin(self) -> Turn:
        """A fresh dialogue's first screen."""
        self.bind()
        self.go(self.tree.start)
        return self.turn()

    def land(self, tail: str) -> Turn:
        """The first screen of a deep dial: the shortcut of that name, which changes nothing, or home."""
        self.bind()
        self.go(self.tree.shortcuts().get(tail, self.tree.start))
        return self.turn()

    def advance(self, typed: str, span: tuple[int, int]) -> Turn:
        """Take what was typed, which stands at `span` of the transcript, and answer the next screen."""
        before = msgspec.msgpack.encode(self.state)
        self.bind()
        try:
            self.take(typed.strip(), span)
        except Refusal as refusal:
            self.state = msgspec.msgpack.decode(before, type=State)
            self.effect, self.refused = False, refusal.code
            self.bind()
            self.note = self.say(refusal.code, refusal.values)
        return self.turn()

    def take(self, typed: str, span: tuple[int, int]) -> None:
        """Navigation first, the same on every screen; then whatever the node makes of it."""
        if self.state.dropped:
            return self.choose_again(typed)
        node = self.screen()
        if typed == HOME:
            return self.home()
        if typed == BACK:
            return self.back()
        if typed == MORE and self.more(node):
            return None
        TAKE[type(node)](self, node, typed, span)
        return None

    # -- a dropped dialogue --------------------------------------------------------------------------

    def ask_again(self) -> Turn:
        """Ask whether to continue what a dropped session left; asked anew if it drops here."""
        self.state.dropped = True
        return self.turn()

    def choose_again(self, typed: str) -> None:
        """Continue or start again."""
        if digit(typed) == "1":
            self.state.dropped = False
            self.return_to(self.state.wanted or self.state.node)
        elif digit(typed) in ("2", HOME):
            self.home()
        else:
            raise Refusal("screen.choose")

    def return_to(self, name: str) -> None:
        """Land where a dropped dialogue stood: behind the sign-in, and before any secret it had taken."""
        self.state.account, self.state.spots, self.state.wanted = None, {}, ""
        node = self.tree.nodes.get(name)
        if node is None:
            self.home()
            self.note = self.say("screen.lost")
            return
        self.go(node.resume or name)

    # -- moving --------------------------------------------------------------------------------------

    def home(self) -> None:
        """The main menu; what was gathered on the way is let go."""
        fresh = State(tree=self.state.tree, node="", lang=self.state.lang, account=self.state.account)
        self.state = fresh
        self.bind()
        self.go(self.tree.desk if fresh.account else self.tree.start)

    def back(self) -> None:
        """The screen before this one; never into an action."""
        if self.state.page > 0:
            self.state.page -= 1
        elif self.state.back:
            name, _, page = self.state.back.pop().partition(" ")
            self.show(name, int(page or 0))
        else:
            self.home()

    def more(self, node: Screen) -> bool:
        """Turn the page, if there is another one."""
        if self.state.page + 1 >= self.painter.page_count(self.state, node):
            return False
        self.state.page += 1
        return True

    def leave(self, to: str) -> None:
        """Go on from a screen, remembering it for the way back."""
        here = f"{self.state.node} {self.state.page}"
        self.state.back = [*self.state.back, here][-MOST_BACK:]
        self.go(to)

    def go(self, to: str) -> None:
        """Follow an edge through every silent action to the next screen."""
        for _ in range(MOST_STEPS):
            to = self.pass_guard(self.after_sign_in() if to == WANTED else to)
            node = self.tree.nodes.get(to)
            if node is None:
                raise Lost(f"no node {to}")
            self.enter_journey(to)
            if not isinstance(node, Do):
                return self.show(to)
            to = self.act(node)
        raise Lost(f"no screen within {MOST_STEPS} steps")

    def act(self, node: Do) -> str:
        """Run an action and follow its outcome."""
        action = self.vocabulary.actions.get(node.action)
        if action is None:
            raise Lost(f"no action {node.action}")
        result = action.run(self.call)
        if action.effect:
            self.effect = True
            self.state.back = []
        self.state.facts.update(result.facts)
        self.state.lang = result.lang or self.state.lang
        self.state.account = result.account or self.state.account
        if action.ends_sign_in:
            self.state.account = None
        self.bind()
        return node.outcomes[result.outcome]

    def pass_guard(self, to: str) -> str:
        """Where an edge really leads: to the sign-in first, for what stands behind it."""
        node = self.tree.nodes.get(to)
        if node is None or not node.signed or self.state.account is not None:
            return to
        self.state.wanted = to
        return self.tree.guard

    def after_sign_in(self) -> str:
        """What was wanted before the sign-in, else the desk."""
        wanted, self.state.wanted = self.state.wanted, ""
        return wanted or self.tree.desk

    def enter_journey(self, to: str) -> None:
        """A journey's form begins at its first node; the sign-in in between does not end another's."""
        journey = self.tree.journey(to)
        here = self.tree.journey(self.state.node)
        guard = self.tree.journey(self.tree.guard)
        returning = here == guard and journey in self.state.forms
        if journey != here and journey != guard and not returning:
            self.state.forms = {journey: self.new_form()}
        self.call.form = self.state.forms.get(journey, "")

    def show(self, name: str, page: int = 0) -> None:
        """Stand at this screen; a list is asked for now, and its answer will be resolved against it."""
        node = self.tree.nodes.get(name)
        if node is None or isinstance(node, Do):
            raise Lost(f"no screen {name}")
        self.state.node, self.state.page, self.state.listed = name, page, []
        if isinstance(node, Pick):
            self.put_on_show(node, "")
            if not self.state.listed and node.none:
                self.go(node.none)

    def put_on_show(self, node: Pick, query: str) -> bool:
        """Put the source's choices on show; False, and nothing changed, where there are none."""
        source = self.vocabulary.sources.get(node.source)
        if source is None:
            raise Lost(f"no source {node.source}")
        found = source.find(self.call, query)[:MOST_LISTED]
        if found or not query:
            self.state.listed = [[choice.value, choice.label] for choice in found]
        return bool(found)

    # -- what a node makes of input ------------------------------------------------------------------

    def take_menu(self, node: Menu, typed: str, span: tuple[int, int]) -> None:
        """One of the options, or the same screen again."""
        chosen = keyed(node.options).get(digit(typed))
        if chosen is None:
            raise Refusal("screen.choose")
        self.leave(chosen.to)

    def take_show(self, node: Show, typed: str, span: tuple[int, int]) -> None:
        """An option at the end of a text."""
        chosen = keyed(node.options).get(digit(typed))
        if chosen is None:
            raise Refusal("screen.choose")
        self.leave(chosen.to)

    def take_pick(self, node: Pick, typed: str, span: tuple[int, int]) -> None:
        """A line that was shown, by its number; or letters that narrow the list."""
        number = digit(typed)
        if number.isdecimal() and 0 < int(number) <= len(self.state.listed) and not number.startswith("0"):
            self.state.facts[node.into] = self.state.listed[int(number) - 1][0]
            return self.leave(node.to)
        if node.search and typed and not number.isdecimal():
            if not self.put_on_show(node, typed):
                raise Refusal("screen.nothing")
            self.state.page = 0
            return None
        raise Refusal("screen.choose")

    def take_ask(self, node: Ask, typed: str, span: tuple[int, int]) -> None:
        """A key that leads elsewhere, or input for the check."""
        key = keyed(node.options).get(digit(typed))
        if key is not None:
            return self.leave(key.to)
        check = self.vocabulary.checks.get(node.check)
        if check is None:
            raise Lost(f"no check {node.check}")
        if node.secret:
            self.state.spots[node.into] = [*span]
            check.judge(typed, self.call)
        else:
            self.state.facts[node.into] = check.judge(typed, self.call)
        return self.leave(node.to)

    def take_end(self, node: End, typed: str, span: tuple[int, int]) -> None:
        """Nothing follows an end."""
        raise Lost("the dialogue has ended")

    # -- the answer ----------------------------------------------------------------------------------

    def turn(self) -> Turn:
        """The step's result, drawn."""
        if self.state.dropped:
            text = screens.stack(self.note, self.say("screen.resume", {"journey": self.title()}))
            return Turn(self.state, text, False, self.effect, self.refused)
        node = self.screen()
        text = self.painter.draw(self.state, node, self.note)
        return Turn(self.state, text, isinstance(node, End), self.effect, self.refused)

    def title(self) -> str:
        """What the unfinished journey is called."""
        words = self.tree.titles.get(self.tree.journey(self.state.wanted or self.state.node))
        return words.say(self.state.lang) if words else ""

    def say(self, name: str, values: Mapping[str, str] | None = None) -> str:
        """A sentence of the tree, in the person's language."""
        return self.painter.say(self.state.lang, name, values)

    def screen(self) -> Screen:
        """The node this dialogue stands at."""
        node = self.tree.nodes.get(self.state.node)
        if not isinstance(node, Screen):
            raise Lost(f"no screen {self.state.node}")
        return node

    def bind(self) -> None:
        """Let the functions see the state as it now is."""
        self.call.lang, self.call.facts, self.call.account = (
            self.state.lang,
            self.state.facts,
            self.state.account,
        )


TAKE: Mapping[type[Screen], Callable[..., None]] = {
    Menu: Dialogue.take_menu,
    Pick: Dialogue.take_pick,
    Ask: Dialogue.take_ask,
    Show: Dialogue.take_show,
    End: Dialogue.take_end,
}
