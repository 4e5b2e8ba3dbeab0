"""Phones that wander through the real tree, and what must hold at each of their steps."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import redis
from sqlalchemy import text

from menus.state import State
from menus.vocabulary import WANTED, Do, Pick, Tree
from operations import accounts
from telephony import gsm7
from tests.fixtures_season import PASSWORD, PEOPLE
from tests.fixtures_service import Handset
from ussd_app.service import Service

WRONG_SECRET = "jaribio-la-siri-4242"
OPTION = re.compile(r"^(\d+)\. ", re.MULTILINE)
PASSWORD_ASKED = re.compile(r"password|nenosiri", re.IGNORECASE)
REFERENCE = re.compile(r"\b[A-Z]{2}-[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]\b")
# What belongs to one person only, by the table it stands in.
PRIVATE = """
SELECT a.id, a.national_id, a.phone, p.full_name, p.kra_pin, p.email, p.bank_account, p.employment_no,
       p.licence_no, p.service_no, p.nssf_no
FROM account a LEFT JOIN profile p ON p.account_id = a.id
"""
REFERENCES = """
SELECT account_id, reference FROM application UNION ALL SELECT account_id, reference FROM deployment
UNION ALL SELECT d.account_id, t.reference FROM dispute t JOIN deployment d ON d.id = t.deployment_id
UNION ALL SELECT d.account_id, t.reference FROM document t JOIN deployment d ON d.id = t.deployment_id
"""


class Broken(AssertionError):
    """An invariant does not hold; the text says how the phone came there."""


@dataclass
class Wanderer:
    """One phone: it dials, types, drops, repeats itself and texts; every answer is judged."""

    service: Service
    phone: Handset
    who: str  # in the table of the season; empty for a stranger
    story: list[str] = field(default_factory=list)  # what it did and saw
    typed: set[str] = field(default_factory=set)  # its own words may come back to it
    known: int | None = None

    def act(self, action: tuple[str, Any]) -> None:
        """One action: its name, and a number or a text."""
        getattr(self, action[0])(action[1])

    # -- actions -------------------------------------------------------------------------------------

    def dial(self, number: int) -> None:
        """Begin a session, whether or not the last one has ended."""
        self.told("dial", self.phone.dial())

    def option(self, number: int) -> None:
        """One of the options on the screen; the password where only that leads on, at once after a dial."""
        if not self.open():
            self.dial(0)
        lines = [*OPTION.findall(self.phone.screen), *re.findall(r"\b98(?=\.)", self.phone.screen)]
        if self.asks_password() and (not lines or number // 64 % 8):
            return self.send(PASSWORD)
        return self.send(lines[number % len(lines)] if lines else "1")

    def key(self, typed: str) -> None:
        """A key that works everywhere, or a digit whatever is on the screen."""
        self.dial(0) if not self.open() else self.send(typed)

    def words(self, typed: str) -> None:
        """Something typed, whatever was asked; where a secret is, one that is found wherever it is kept."""
        if not self.open():
            return self.dial(0)
        if self.asks_password():
            return self.send(WRONG_SECRET if typed == WRONG_SECRET else PASSWORD)
        return self.send(typed)

    def repeat(self, number: int) -> None:
        """The network posts the same hop again: the same bytes come back."""
        before = self.phone.screen
        if before and self.phone.post() != before:
            raise self.broken(f"a repeat was answered with\n{self.phone.screen}")

    def ends(self, number: int) -> None:
        """The gateway says that the session has ended; the phone may dial again."""
        form = {
            "sessionId": self.phone.session or "none",
            "phoneNumber": self.phone.phone,
            "status": "Failed",
        }
        secret = self.service.settings.webhook_secrets[0]
        answer = self.phone.app.test_client().post(f"/at/{secret}/ussd-end", data=form)
        assert answer.status_code == 200
        self.phone.screen = ""

    def sms(self, typed: str) -> None:
        """An SMS to the short code; `<code>` and `<reference>` are taken from the last SMS it got."""
        inbox = self.phone.inbox()
        last = inbox[-1] if inbox else ""
        for blank, pattern in (
            ("<code>", r"(?<![0-9])[0-9]{4}(?![0-9])"),
            ("<reference>", REFERENCE.pattern),
        ):
            found = re.findall(pattern, last)
            typed = typed.replace(blank, found[-1] if found else "")
        self.story.append(f"sms {typed!r}")
        if self.phone.text(typed) != 200:
            raise self.broken("the callback did not answer 200")
        for said in self.phone.inbox()[len(inbox) :]:
            self.story.append(f"    gets {said!r}")
            if "ER-" in said or "{" in said or len(gsm7.segments(gsm7.fold(said).text).parts) > 2:
                raise self.broken(f"an SMS that should not be: {said}")
            self.keep_private(said)

    # -- what must hold ------------------------------------------------------------------------------

    def open(self) -> bool:
        """Whether a session stands at a screen."""
        return self.phone.screen.startswith("CON ")

    def asks_password(self) -> bool:
        """Whether the screen wants a password."""
        state = self.state()
        node = self.tree().nodes.get(state.node) if state else None
        return bool(node and getattr(node, "secret", False)) or bool(
            PASSWORD_ASKED.search(self.phone.screen) and not OPTION.search(self.phone.screen)
        )

    def send(self, typed: str) -> None:
        """Type, and judge the step."""
        before = self.state()
        self.typed.add(typed)
        self.told(repr(typed), self.phone.send(typed))
        after = self.state()
        if before and after and self.phone.screen.startswith("CON "):
            self.step(before, after)

    def told(self, action: str, screen: str) -> None:
        """Judge an answer by itself."""
        self.story.append(f"{action}\n{indented(screen)}")
        body = gsm7.fold(screen)
        if gsm7.septets(body.text) > 160 or gsm7.strangers(screen):
            raise self.broken("does not fit a screen")
        if "ER-" in screen:  # an END that we are busy or down is the loaded machine's, and no fault
            raise self.broken("a fault was shown")
        if "{" in screen or "@term" in screen or "@date" in screen:
            raise self.broken("a blank or a token was left as it is")
        state = self.state()
        node = self.tree().nodes.get(state.node) if state else None
        if state and node and node.signed and state.account is None and not state.dropped:
            raise self.broken(f"{state.node} was shown without a sign-in")
        if state and state.account not in (None, self.account()):
            raise self.broken(f"signed in as account {state.account}")
        self.keep_private(screen)

    def step(self, before: State, after: State) -> None:
        """No step is skipped: what is on show follows from what was by one edge, back, home or sign-in."""
        tree = self.tree()
        stood = before.wanted or before.node if before.dropped else before.node
        allowed = {stood, before.node, *one_input(tree, before.node), before.wanted}
        allowed |= {entry.partition(" ")[0] for entry in before.back}
        allowed |= {*one_input_into(tree, (tree.start, tree.desk, tree.guard)), tree.nodes[stood].resume}
        allowed |= set(one_input_into(tree, tuple(filter(None, (before.wanted, tree.nodes[stood].resume)))))
        if after.node not in allowed:
            raise self.broken(f"went from {before.node} to {after.node}")

    def keep_private(self, said: str) -> None:
        """Nothing that belongs to somebody else is told to this phone."""
        own = self.account()
        for owner, fact in facts_of(self.service):
            if owner != own and fact in said and not any(fact in typed for typed in self.typed):
                raise self.broken(f"this belongs to account {owner}: {fact}")

    # -- where it stands -----------------------------------------------------------------------------

    def state(self) -> State | None:
        """The dialogue as it is kept."""
        with redis.Redis.from_url(self.service.settings.redis_url or "") as client:  # as patient as the test
            stored = client.hget(f"ussd:{self.phone.phone}", "state")
        session = self.service.sessions.read(stored) if stored else None
        return session.state if session else None

    def tree(self) -> Tree:
        """The live tree."""
        return self.service.library.live()[1]

    def account(self) -> int | None:
        """The account of this phone, if it has one."""
        if self.known is None:
            with self.service.stores.transaction() as db:
                person = accounts.by_phone(db, self.phone.phone)
                self.known = person.id if person else None
        return self.known

    def broken(self, why: str) -> Broken:
        """The failure, with the way that led there."""
        way = "\n".join(self.story[-12:])
        return Broken(f"{self.who or 'a stranger'}: {why}\n{way}")


def facts_of(service: Service) -> Iterator[tuple[int, str]]:
    """Everything that belongs to one person only, with whose it is."""
    with service.stores.transaction() as db:
        for owner, *facts in [*db.execute(text(PRIVATE)), *db.execute(text(REFERENCES))]:
            yield from ((owner, fact) for fact in facts if fact and len(fact) >= 5)


def one_input(tree: Tree, name: str) -> frozenset[str]:
    """Every screen that one input may lead to from this one, through whatever acts in silence."""
    return one_input_into(tree, tuple(tree.nodes[name].exits()))


def one_input_into(tree: Tree, names: tuple[str, ...]) -> frozenset[str]:
    """These nodes and all that follow them without a screen; the sign-in may come before any of them."""
    seen: set[str] = set()
    waiting = [*names]
    while waiting:
        name = waiting.pop()
        name = tree.desk if name == WANTED else name
        if name in seen or name not in tree.nodes:
            continue
        seen.add(name)
        node = tree.nodes[name]
        if isinstance(node, Do):
            waiting += node.exits()
        if isinstance(node, Pick):
            waiting += [node.none] if node.none else []
            waiting += [node.to] if node.skip_one else []
        if node.signed:
            waiting.append(tree.guard)
    return frozenset(seen)


def indented(screen: str) -> str:
    """A screen beneath what led to it."""
    return "\n".join(f"    | {line}" for line in screen.splitlines())


def people(service: Service, handset: Callable[[str], Handset]) -> dict[str, Wanderer]:
    """A wanderer for everybody of the season, and a stranger."""
    found = {who: Wanderer(service, handset(line[0]), who) for who, line in PEOPLE.items()}
    return {**found, "stranger": Wanderer(service, handset("+254712345678"), "")}
