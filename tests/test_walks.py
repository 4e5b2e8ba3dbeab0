"""Walks: whole journeys as data, through the real webhook, in both languages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fixtures_service import Handset, register

WALKS = sorted((Path(__file__).parent / "walks").glob("*.yaml"))


class Walker:
    """Plays a walk step by step; every phone in it has its own handset."""

    def __init__(self, handset: Callable[[str], Handset]) -> None:
        self.handset, self.phones = handset, dict[str, Handset]()

    def play(self, step: dict[str, Any]) -> None:
        for verb in ("person", "dial", "send", "sms", "no_sms"):
            if verb in step:
                getattr(self, verb)(step[verb])
        for words in step.get("see", []):
            assert str(words) in self.now.screen, f"{words!r} is not on the screen:\n{self.now.screen}"
        if "dial" in step or "send" in step:
            assert self.now.screen.startswith("END" if step.get("ends") else "CON"), self.now.screen

    def person(self, name: str) -> None:
        """Juma has an account and the password juma2026."""
        juma = self.phones["+254722000222"] = self.handset("+254722000222")
        register(juma)
        juma.dial()
        juma.send(juma.one_time_password(), "juma2026", "juma2026")

    def dial(self, number: Any) -> None:
        phone = f"+{str(number).lstrip('+')}"
        self.now = self.phones.setdefault(phone, self.handset(phone))
        self.now.dial()

    def send(self, typed: str) -> None:
        self.now.send(self.now.one_time_password() if typed == "one-time password" else typed)

    def sms(self, words: list[str]) -> None:
        last = self.now.inbox()[-1]
        for word in words:
            assert str(word) in last, last
        assert len(last) <= 160

    def no_sms(self, number: Any) -> None:
        assert self.phones[f"+{str(number).lstrip('+')}"].inbox() == []


@pytest.mark.parametrize("walk", WALKS, ids=lambda path: path.stem)
def test_walk(walk: Path, handset: Callable[[str], Handset]) -> None:
    walker = Walker(handset)
    for step in yaml.safe_load(walk.read_text()):
        walker.play(step)
