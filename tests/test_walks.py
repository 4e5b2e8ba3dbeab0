"""Walks: whole journeys as data, through the real webhook, in both languages."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.series import Series
from operations import centre_accounts, notices, office
from operations.office import Actor
from tests import deploying
from tests.fixtures_attendance import mark
from tests.fixtures_registers import Morning
from tests.fixtures_season import PEOPLE, Season
from tests.fixtures_service import Handset, register, service_of

WALKS = sorted((Path(__file__).parent / "walks").glob("*.yaml"))


# What a phone does, and what came to it.
SPOKEN = ("dial", "send", "texts", "sms", "no_sms")


class Walker:
    """Plays a walk step by step; every phone in it has its own handset."""

    def __init__(self, handset: Callable[[str], Handset]) -> None:
        self.handset, self.phones = handset, dict[str, Handset]()
        self.small: Season | None = None
        self.centre: Morning | None = None

    def play(self, step: dict[str, Any]) -> None:
        for verb in (
            "season",
            "morning",
            "last_day",
            "directs",
            "deployed",
            "offered",
            "marked",
            "noticed",
            "person",
            "speak",
            *SPOKEN,
        ):
            if verb in step:
                getattr(self, verb)(step[verb])
        for words in step.get("see", []):
            assert str(words) in self.now.screen, f"{words!r} is not on the screen:\n{self.now.screen}"
        if "dial" in step or "send" in step:
            assert self.now.screen.startswith("END" if step.get("ends") else "CON"), self.now.screen

    def person(self, name: str) -> None:
        """Somebody's phone is at hand. Juma has an account and the password juma2026."""
        if name in PEOPLE:
            self.now = self.phones.setdefault(PEOPLE[name][0], self.handset(PEOPLE[name][0]))
            return
        juma = self.phones["+254722000222"] = self.handset("+254722000222")
        register(juma)
        juma.dial()
        juma.send(juma.one_time_password(), "juma2026", "juma2026")

    def season(self, wanted: bool) -> None:
        """The small season of tests/fixtures_season.py; `person: amina` then is somebody of it."""
        self.small = Season(service_of(self.handset("+254700000000").app)).build()

    def morning(self, lang: str) -> None:
        """`morning: sw`: the exam morning of tests/fixtures_registers.py; the centre's phones speak this."""
        assert self.small
        self.centre = Morning(self.small, self.handset).build(lang)

    def last_day(self, wanted: bool) -> None:
        """`last_day: true`: the series in progress ends today."""
        assert self.small
        with self.small.service.stores.transaction() as db:
            db.get_one(Series, self.small.running).ends = self.small.today(db)

    def directs(self, told: list[str]) -> None:
        """`directs: [chebet, Kasarani]`: somebody of the season is the director of a sub-county."""
        assert self.small
        name, place = told
        by = Actor("staff:test", "command")
        with self.small.service.stores.transaction() as db:
            centre_accounts.add_director(db, place, PEOPLE[name][0], name, by=by, now=office.now(db))

    def speak(self, both: list[str]) -> None:
        """`speak: [amina, sw]`."""
        assert self.small
        self.small.speak(*both)

    def deployed(self, told: list[str]) -> None:
        """`deployed: [amina, "20401001", supervisor]`: an accepted post in the running series."""
        assert self.small
        with self.small.service.stores.transaction() as db:
            self.small.make_deployment(db, *told)

    def offered(self, told: list[str]) -> None:
        """`offered: [amina, "20401001", supervisor]`: a post in the open series, offered by the office."""
        assert self.small
        deploying.offer(self.small, *told)

    def marked(self, told: tuple[str, int, bool]) -> None:
        """`marked: [amina, 3, true]`: the centre's word about somebody's day, so many days ago."""
        assert self.small
        name, ago, present = told
        with self.small.service.stores.transaction() as db:
            mark(self.small, db, name, ago, present)

    def noticed(self, told: tuple[str, str, dict[str, str]]) -> None:
        """`noticed: [amina, dispute.rejected, {reference: …}]`: a notice is queued for somebody."""
        assert self.small
        name, words, details = told
        mine, phone = self.small.accounts[name], PEOPLE[name][0]
        with self.small.service.stores.transaction() as db:
            notices.queue(db, "notice", words, phone, now=office.now(db), account_id=mine, **details)

    def texts(self, words: str) -> None:
        """The phone that dialled last sends an SMS; `<code>` is the last 4 digits it was told to answer with."""
        words = words.replace("<day code>", self.centre.code()) if self.centre else words
        last = self.now.inbox()[-1] if "<code>" in words else ""
        found = re.findall(r"(?<![0-9])[0-9]{4}(?![0-9])", last)
        assert self.now.text(words.replace("<code>", found[-1] if found else "")) == 200

    def dial(self, number: Any) -> None:
        number = PEOPLE[number][0] if number in PEOPLE else number
        phone = f"+{str(number).lstrip('+')}"
        self.now = self.phones.setdefault(phone, self.handset(phone))
        self.now.dial()

    def send(self, typed: str) -> None:
        if typed == "vacancy code":  # of the invigilator at Kasarani Girls
            assert self.small
            typed = self.small.vacancies["invigilator", "20401001"]
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
