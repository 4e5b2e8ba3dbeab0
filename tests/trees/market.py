"""The Python behind the market: a small world in memory, which tests may change between two hops."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from menus.vocabulary import (
    Action,
    Blank,
    Call,
    Check,
    Choice,
    Result,
    Source,
    Values,
    Vocabulary,
    Words,
)
from operations.office import Actor, Office, caller
from operations.refusals import Refusal

LONGEST = "Kirinyaga Central and Mwea East United Traders' Open Market."
CENTRES = [LONGEST, *(f"Market of ward {number}" for number in range(2, 25))]
# What the engine says here, and what the market's functions refuse.
WORDS = {
    "screen.back": Words("0.Back", "0.Rudi"),
    "screen.home": Words("00.Menu", "00.Menyu"),
    "screen.more": Words("98.More", "98.Zaidi"),
    "screen.choose": Words("Choose from the list.", "Chagua kwa orodha."),
    "screen.nothing": Words("Nothing found.", "Hakuna kilichopatikana."),
    "screen.resume": Words(
        "You had not finished {journey}.\n1. Continue\n2. Start again",
        "Hukumaliza {journey}.\n1. Endelea\n2. Anza upya",
    ),
    "screen.lost": Words("The menu has changed.", "Menyu imebadilika."),
    "market.name": Words("Two letters or more, please.", "Tafadhali herufi mbili au zaidi."),
    "market.password": Words("Six digits, please.", "Tafadhali tarakimu sita."),
    "market.code": Words("Four digits, please.", "Tafadhali tarakimu nne."),
    "market.differs": Words("Not the same code.", "Nambari si sawa."),
    "market.closed": Words("{centre} has closed.", "{centre} limefungwa."),
}


@dataclass
class World:
    """What the market knows."""

    known: bool = False
    centres: list[str] = field(default_factory=lambda: [*CENTRES])
    closed: set[str] = field(default_factory=set)
    stalls: dict[str, str] = field(default_factory=dict)  # form id → stall
    news: str = "nothing new"
    writes: list[str] = field(default_factory=list)
    undone: int = 0


@dataclass
class MarketCall:
    """A hop in the market; its database is the world."""

    world: World
    transcript: str = ""
    phone: str = "+254712345678"
    lang: str = "en"
    facts: dict[str, str] = field(default_factory=dict)
    account: int | None = None
    left: int | None = None
    spots: dict[str, list[int]] = field(default_factory=dict)
    form: str = ""
    office: Office = field(default_factory=lambda: Office(b"key", b"pepper", "https://x", "22262", "*1#"))

    @property
    def by(self) -> Actor:
        """The phone that acts."""
        return caller(self.phone, "ussd")

    @property
    def db(self) -> Session:
        """There is none."""
        raise LookupError("the market has no database")

    def read(self, sql: str, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        """There is nothing to read."""
        raise LookupError("the market has no database")

    def secret(self, name: str) -> str | None:
        """What was typed at a secret node, read back from the transcript."""
        spot = self.spots.get(name)
        return self.transcript[spot[0] : spot[1]].strip() if spot else None

    def release(self) -> None:
        """Nothing to hand back."""

    def undo(self) -> None:
        """Count what was rolled back."""
        self.world.undone += 1


def world(call: Call) -> World:
    """The world behind a call."""
    assert isinstance(call, MarketCall)
    return call.world


def who(call: Call) -> Result:
    return Result("known" if world(call).known else "unknown")


def switch(call: Call) -> Result:
    world(call).writes.append("switch")
    return Result("switched", lang="en" if call.lang == "sw" else "sw")


def sign_in(call: Call) -> Result:
    world(call).writes.append("sign_in")
    if call.secret("password") == "246810":
        return Result("right", account=7)
    return Result("wrong", facts={"tries": "4"})


def unnamed(call: Call) -> Result:
    return Result("named", facts={"stall": "Stall without a name"})


def still_open(call: Call) -> Result:
    if call.facts["centre"] in world(call).closed:
        raise Refusal("market.closed", centre=call.facts["centre"])
    return Result("open")


def rent(call: Call) -> Result:
    assert call.form, "a creating verb has its form"
    world(call).stalls[call.form] = call.facts["stall"]
    world(call).writes.append(f"rent {call.secret('code')}")
    if call.facts["centre"] in world(call).closed:
        raise Refusal("market.closed", centre=call.facts["centre"])
    return Result("rented")


def give_up(call: Call) -> Result:
    assert call.account == 7
    world(call).writes.append("give_up")
    return Result("given")


def find_centres(call: Call, query: str) -> list[Choice]:
    return [Choice(name, name) for name in world(call).centres if query.lower() in name.lower()]


def find_stalls(call: Call, query: str) -> list[Choice]:
    assert call.account == 7
    return [Choice(name, name) for name in world(call).stalls.values()]


def news(call: Call) -> Mapping[str, str]:
    return {"news": world(call).news}


def judge_name(typed: str, call: Call) -> str:
    if sum(character.isalpha() for character in typed) < 2:
        raise Refusal("market.name")
    return typed


def judge_password(typed: str, call: Call) -> str:
    return digits(typed, 6, "market.password")


def judge_code(typed: str, call: Call) -> str:
    return digits(typed, 4, "market.code")


def judge_again(typed: str, call: Call) -> str:
    if typed != call.secret("code"):
        raise Refusal("market.differs")
    return typed


def digits(typed: str, count: int, code: str) -> str:
    if len(typed) != count or not typed.isdecimal():
        raise Refusal(code)
    return typed


MARKET = Vocabulary(
    actions={
        "who": Action(who, ("known", "unknown"), effect=False),
        "switch": Action(switch, ("switched",)),
        "sign_in": Action(sign_in, ("right", "wrong"), gives=("tries",), secrets=("password",)),
        "sign_out": Action(lambda call: Result("out"), ("out",), effect=False, ends_sign_in=True),
        "unnamed": Action(unnamed, ("named",), effect=False, gives=("stall",)),
        "still_open": Action(still_open, ("open",), effect=False, refusals=("market.closed",)),
        "rent": Action(rent, ("rented",), secrets=("code",), refusals=("market.closed",)),
        "give_up": Action(give_up, ("given",)),
    },
    sources={
        "centres": Source(find_centres, longest=LONGEST, most=40),
        "stalls": Source(find_stalls, longest="W" * 40, most=9),
    },
    values={"news": Values(news, ("news",))},
    checks={
        "name": Check(judge_name, "mama mboga", ("market.name",)),
        "password": Check(judge_password, "246810", ("market.password",)),
        "code": Check(judge_code, "4711", ("market.code",)),
        "code_again": Check(judge_again, "4711", ("market.differs",)),
    },
    blanks={
        "tries": Blank("5"),
        "centre": Blank(LONGEST),
        "stall": Blank("W" * 40),
        "news": Blank("n" * 200),
        "journey": Blank("kurudisha kibanda"),
    },
)
