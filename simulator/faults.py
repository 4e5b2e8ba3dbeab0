"""The faults a test or a person has asked for: rules that match a message, counted as they are used."""

import threading
from dataclasses import dataclass, field
from typing import Any

from simulator.breakage import KINDS
from simulator.subscribers import canonical

MATCHERS = ("phone", "text", "from")


class BadRule(Exception):
    """A rule that cannot be followed; the message says why."""


@dataclass
class Rule:
    """One scripted fault: what it matches, how often, and the values of its kind."""

    kind: str
    match: dict[str, str]
    times: int
    values: dict[str, Any]
    used: int = field(default=0)

    @property
    def stage(self) -> str:
        """Name the moment at which this kind acts."""
        return KINDS[self.kind].stage

    @property
    def stores(self) -> bool:
        """Say whether the message is taken in spite of the fault."""
        return bool(self.values.get("store", KINDS[self.kind].stores))

    def matches(self, phones: list[str], text: str, sender: str) -> bool:
        """Say whether the rule is about this message."""
        return (
            ("phone" not in self.match or self.match["phone"] in phones)
            and self.match.get("text", "") in text
            and self.match.get("from", sender) == sender
        )

    def plain(self) -> dict[str, Any]:
        """Give the rule as it was asked for, with its count."""
        return {"kind": self.kind, **self.match, "times": self.times, **self.values, "used": self.used}


def read_rule(data: Any) -> Rule:
    """Read one rule; every name in it must be known, so that a misspelling never passes for a fault."""
    if not isinstance(data, dict) or data.get("kind") not in KINDS:
        raise BadRule(f"kind must be one of: {', '.join(KINDS)}")
    kind, values = data["kind"], dict(KINDS[data["kind"]].values)
    rest = {name: value for name, value in data.items() if name not in ("kind", "times", "used", *MATCHERS)}
    if unknown := sorted(set(rest) - set(values) - {"store"}):
        known = ", ".join([*MATCHERS, "times", "store", *values])
        raise BadRule(f"{kind} does not know {', '.join(unknown)}; it knows {known}")
    if not isinstance(times := data.get("times", 1), int) or times < 0:
        raise BadRule("times must be a whole number; 0 means always")
    match = {name: str(data[name]) for name in MATCHERS if name in data}
    if "phone" in match:
        match["phone"] = canonical(match["phone"])
    return Rule(kind, match, times, {**values, **rest})


class Faults:
    """The rules in force, first come first used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def add(self, data: Any) -> None:
        """Put rules in force: one, or a list; all or none of them."""
        rules = [read_rule(one) for one in (data if isinstance(data, list) else [data])]
        with self._lock:
            self._rules.extend(rules)

    def clear(self) -> None:
        """Lift every rule."""
        with self._lock:
            self._rules.clear()

    def show(self) -> list[dict[str, Any]]:
        """List the rules, used-up ones too."""
        with self._lock:
            return [rule.plain() for rule in self._rules]

    def take(self, stage: str, phones: list[str], text: str, sender: str) -> Rule | None:
        """Find the first rule for this message at this stage that is not used up, and count it."""
        with self._lock:
            for rule in self._rules:
                left = rule.times == 0 or rule.used < rule.times
                if left and rule.stage == stage and rule.matches(phones, text, sender):
                    rule.used += 1
                    return rule
        return None
