"""Walking the tree: where a dialogue stands, and how it moves from node to node."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from menus.painter import Painter
from menus.state import Lost, State
from menus.vocabulary import MOST_LISTED, WANTED, Call, Do, Pick, Screen, Tree, Vocabulary

# A turn that needs more silent steps than this is going round in circles.
MOST_STEPS = 20
MOST_BACK = 12


@dataclass
class Walk:
    """One dialogue in its tree, with the functions it may call."""

    tree: Tree
    vocabulary: Vocabulary
    state: State
    call: Call
    new_form: Callable[[], str]
    effect: bool = False
    note: str = ""
    refused: str = ""

    @cached_property
    def painter(self) -> Painter:
        """What draws this dialogue."""
        return Painter(self.tree, self.vocabulary, self.call)

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
        call, state = self.call, self.state
        call.lang, call.facts, call.spots = state.lang, state.facts, state.spots
        call.account, call.left = state.account, state.left
        call.form, call.words = self.form_of(state.node), self.tree.words

    # -- forward -------------------------------------------------------------------------------------

    def leave(self, to: str) -> None:
        """Go on from a screen, remembering it for the way back; an edge to the desk is the way home."""
        if to == self.tree.desk:
            return self.home()
        here = f"{self.state.node} {self.state.page}"
        self.state.back = [*self.state.back, here][-MOST_BACK:]
        self.go(to)

    def go(self, to: str) -> None:
        """Follow an edge through every silent step to the next screen."""
        here = self.state.node
        for _ in range(MOST_STEPS):
            to = self.pass_guard(self.after_sign_in() if to == WANTED else to)
            node = self.tree.nodes.get(to)
            if node is None:
                raise Lost(f"no node {to}")
            self.enter_journey(to, here)
            here = to
            to = self.act(node) if isinstance(node, Do) else self.show(to)
            if not to:
                return
        raise Lost(f"no screen within {MOST_STEPS} steps")

    def act(self, node: Do) -> str:
        """Run an action and follow its outcome; an effect ends the way back, as does signing out."""
        action = self.vocabulary.actions.get(node.action)
        if action is None:
            raise Lost(f"no action {node.action}")
        result = action.run(self.call)
        if (action.effect and not action.repeatable) or action.ends_sign_in:
            self.state.back = []
        self.effect = self.effect or action.effect
        self.state.facts.update(result.facts)
        self.state.lang = result.lang or self.state.lang
        if action.ends_sign_in:
            self.state.left, self.state.account = self.state.account, None
        if result.account:
            self.admit(result.account, result.facts)
        self.bind()
        return node.outcomes[result.outcome]

    def admit(self, account: int, facts: Mapping[str, str]) -> None:
        """Somebody signed in: what another one had gathered on this phone is not theirs to go on with."""
        state = self.state
        if (state.account or state.left) not in (None, account):
            state.facts, state.forms, state.listed, state.wanted = dict(facts), {}, [], ""
        state.account, state.left = account, None

    def show(self, name: str, page: int = 0) -> str:
        """Stand at this screen; answers where an empty list leads instead.

        A list is asked for now, and what is typed will be resolved against this answer.
        """
        node = self.tree.nodes.get(name)
        if not isinstance(node, Screen):
            raise Lost(f"no screen {name}")
        self.state.node, self.state.page, self.state.listed = name, 0, []
        if isinstance(node, Pick) and not self.put_on_show(node, "") and node.none:
            return node.none
        if isinstance(node, Pick) and node.skip_one and len(self.state.listed) == 1:
            self.state.facts[node.into] = self.state.listed[0][0]
            return node.to
        if page:
            self.state.page = min(page, self.painter.page_count(self.state, node) - 1)
        return ""

    def put_on_show(self, node: Pick, query: str) -> bool:
        """Put the source's choices on show; False, and nothing changed, where there are none."""
        source = self.vocabulary.sources.get(node.source)
        if source is None:
            raise Lost(f"no source {node.source}")
        found = source.find(self.call, query)[:MOST_LISTED]
        if found:
            self.state.listed = [[choice.value, choice.label] for choice in found]
        return bool(found)

    # -- back and home -------------------------------------------------------------------------------

    def home(self) -> None:
        """The main menu; what was gathered on the way is let go."""
        was = self.state
        self.state = State(tree=was.tree, node="", lang=was.lang, account=was.account)
        self.bind()
        self.go(self.tree.desk if was.account else self.tree.start)

    def back(self) -> None:
        """The screen before this one: never into an action, never past the sign-in."""
        if self.state.page > 0:
            self.state.page -= 1
            return
        if not self.state.back:
            return self.home()
        name, _, page = self.state.back.pop().partition(" ")
        if self.at_guard(self.state.node) and not self.at_guard(name):
            self.state.wanted = ""
        asked = self.pass_guard(name)
        if asked != name:
            return self.go(asked)
        self.call.form = self.form_of(name)
        onward = self.show(name, int(page))
        if onward:
            self.go(onward)

    # -- sign-in and forms ---------------------------------------------------------------------------

    def at_guard(self, name: str) -> bool:
        """Whether this node belongs to the sign-in."""
        return self.tree.journey(name) == self.tree.journey(self.tree.guard)

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

    def form_of(self, name: str) -> str:
        """The form of this node's journey; the sign-in has none."""
        return self.state.forms.get(self.tree.journey(name), "")

    def enter_journey(self, to: str, here: str) -> None:
        """A journey's form begins at its first node, screen or not; a sign-in in between ends no other's."""
        journey = self.tree.journey(to)
        returning = self.at_guard(here) and journey in self.state.forms
        if journey != self.tree.journey(here) and not self.at_guard(to) and not returning:
            behind = {self.tree.journey(entry) for entry in self.state.back}
            kept = {name: form for name, form in self.state.forms.items() if name in behind}
            self.state.forms = {**kept, journey: self.new_form()}
        self.call.form = self.form_of(to)
