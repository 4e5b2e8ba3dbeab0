"""The engine: one dialogue, moved one step by what the person typed.

It does no I/O of its own: the tree, the functions it names and what they may use are handed in, and the
state that comes out is plain data. It knows nothing of USSD; any channel that shows text may drive it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from menus import screens
from menus.keys import digit, keyed
from menus.state import Lost, State, Turn
from menus.vocabulary import BACK, HOME, MORE, Ask, End, Menu, Pick, Screen, Show
from menus.walk import Walk
from operations.refusals import Refusal


@dataclass
class Dialogue(Walk):
    """One step of one dialogue; made for a hop and thrown away after it."""

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
            self.call.undo()
            self.state = msgspec.msgpack.decode(before, type=State)
            self.effect, self.refused = False, refusal.code
            self.bind()
            self.note = self.say(refusal.code, refusal.values)
        return self.turn()

    def take(self, typed: str, span: tuple[int, int]) -> None:
        """Navigation first, the same on every screen; then whatever the node makes of it."""
        if self.state.dropped:
            return self.choose_again(typed)
        node, key = self.screen(), digit(typed)
        if key == HOME:
            return self.home()
        if key == BACK:
            return self.back()
        if key == MORE and self.more(node):
            return None
        TAKE[type(node)](self, node, typed, span)
        return None

    def more(self, node: Screen) -> bool:
        """Turn the page, if there is another one."""
        if self.on_last_page(node):
            return False
        self.state.page += 1
        return True

    def on_last_page(self, node: Screen) -> bool:
        """Whether nothing of this screen is left to show."""
        return self.state.page + 1 >= self.painter.page_count(self.state, node)

    # -- a dropped dialogue --------------------------------------------------------------------------

    def ask_again(self) -> Turn:
        """Ask whether to continue what a dropped session left; asked anew if it drops here.

        The sign-in and the secrets belonged to the session that dropped.
        """
        self.state.drop()
        self.bind()
        return self.turn()

    def choose_again(self, typed: str) -> None:
        """Continue or start again."""
        key = digit(typed)
        if key == "1":
            self.state.dropped = False
            self.return_to(self.state.wanted or self.state.node)
        elif key in ("2", HOME):
            self.home()
        else:
            raise Refusal("screen.choose")

    def return_to(self, name: str) -> None:
        """Land where a dropped dialogue stood: behind the sign-in, and before any secret it had taken."""
        self.state.wanted = ""
        node = self.tree.nodes.get(name)
        if node is None:
            self.home()
            self.note = self.say("screen.lost")
            return
        to = node.resume or name
        visited = [entry.partition(" ")[0] for entry in self.state.back]
        if to in visited:
            self.state.back = self.state.back[: visited.index(to)]
        self.go(to)

    # -- what a node makes of input ------------------------------------------------------------------

    def take_menu(self, node: Menu | Show, typed: str, span: tuple[int, int]) -> None:
        """One of the options, or the same screen again."""
        chosen = keyed(node.options).get(digit(typed))
        if chosen is None:
            raise Refusal("screen.choose")
        self.leave(chosen.to)

    def take_show(self, node: Show, typed: str, span: tuple[int, int]) -> None:
        """An option at the end of a text; nobody agrees to what has not been shown yet."""
        if not self.on_last_page(node):
            raise Refusal("screen.choose")
        self.take_menu(node, typed, span)

    def take_pick(self, node: Pick, typed: str, span: tuple[int, int]) -> None:
        """A line that was shown, by its number; or letters that narrow the list."""
        lines = {str(number): value for number, (value, _) in enumerate(self.state.listed, 1)}
        number = digit(typed)
        if number in lines:
            self.state.facts[node.into] = lines[number]
            return self.leave(node.to)
        if not node.search or not typed or number.isdecimal():
            raise Refusal("screen.choose")
        if not self.put_on_show(node, typed):
            raise Refusal("screen.nothing")
        self.state.page = 0
        return None

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


TAKE: Mapping[type[Screen], Callable[..., None]] = {
    Menu: Dialogue.take_menu,
    Pick: Dialogue.take_pick,
    Ask: Dialogue.take_ask,
    Show: Dialogue.take_show,
    End: Dialogue.take_end,
}
