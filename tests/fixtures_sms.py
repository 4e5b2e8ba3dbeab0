"""Texting to the real blueprint on the real database, and reading what was queued for whom."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from menus.table import VOCABULARY
from menus.wording import BLANKS, Wording, load_words
from models.messages import Incoming, Message
from operations import confirmations, subscribers
from operations.office import Office
from runtime.settings import Settings
from runtime.stores import Stores
from sms_gateway.commands.calls import Command
from sms_gateway.commands.table import COMMANDS
from sms_gateway.webhooks import Desk, blueprint
from telephony import gsm7

WORDS = Path(__file__).parent.parent / "menus" / "words"
JANE, ALI = "+254711000111", "+254722000222"


@dataclass
class Texting:
    """A phone network that posts to our callbacks, and an eye on the tables behind them."""

    stores: Stores
    settings: Settings
    office: Office
    wording: Wording
    rung: list[str] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    ids: Any = field(default_factory=count)
    ring: Callable[[str], object] | None = None
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.serve(COMMANDS)

    def serve(self, table: Mapping[str, Command]) -> None:
        """Open the callbacks with this table of commands."""
        desk = Desk(
            self.settings,
            self.stores,
            self.office,
            lambda: self.wording,
            lambda lane: self.ring(lane) if self.ring else self.rung.append(lane),
            self.counted.append,
            table,
        )
        self.app = Flask("texting")
        self.app.register_blueprint(blueprint(desk))

    def post(self, name: str, body: Any, secret: str = "", **options: Any) -> int:
        """Post a form (or raw bytes) to a callback: the status."""
        options.setdefault("content_type", "application/x-www-form-urlencoded")
        if isinstance(body, dict):
            body = {key: value for key, value in body.items() if value is not None}
        path = f"/at/{secret or self.settings.webhook_secrets[0]}/{name}"
        return self.app.test_client().post(path, data=body, **options).status_code

    def text(self, text: str | None, phone: str = JANE, **fields: str | None) -> int:
        """Send an SMS to 22262: the status of the callback."""
        form = {
            "id": f"id-{next(self.ids)}",
            "from": phone,
            "to": self.settings.shortcode,
            "text": text,
            "date": "2026-11-21 08:00:00",
        }
        return self.post("sms", {**form, **fields})

    def replies(self, phone: str = JANE) -> list[tuple[str, str]]:
        """What was queued for this phone, oldest first: names of words, and the text as it will be sent."""
        return [(message.words, self.worded(message)) for message in self.messages(phone)]

    def names(self, phone: str = JANE) -> list[str]:
        """The names of the words queued for this phone, oldest first."""
        return [message.words for message in self.messages(phone)]

    def messages(self, phone: str = JANE) -> list[Message]:
        """The outbox rows of this phone, oldest first."""
        with self.stores.sessions() as db:
            return list(db.scalars(select(Message).where(Message.phone == phone).order_by(Message.id)))

    def worded(self, message: Message) -> str:
        """A message as it will be sent."""
        with self.stores.sessions() as db:
            lang = message.lang or subscribers.language(db, message.phone) or "en"
        return self.wording.sms(message.words, lang, message.details)

    def last(self, phone: str = JANE) -> str:
        """The last message queued for this phone, as it will be sent."""
        return self.replies(phone)[-1][1]

    def code(self, phone: str = JANE) -> str:
        """The confirmation code in the last message queued for this phone."""
        return confirmations.code(self.office, self.messages(phone)[-1].details["confirmation"])

    def rows(self) -> list[Incoming]:
        """Every incoming SMS that was kept, oldest first."""
        with self.stores.sessions() as db:
            return list(db.scalars(select(Incoming).order_by(Incoming.id)))

    def states(self) -> list[str]:
        """What became of each incoming SMS."""
        return [row.state for row in self.rows()]

    def all(self, query: Any) -> list[Any]:
        """Every row of a query."""
        with self.stores.sessions() as db:
            return list(db.scalars(query))

    def do(self, work: Callable[[Any], Any]) -> Any:
        """Do something with the database and commit."""
        with self.stores.transaction() as db:
            return work(db)


@pytest.fixture(scope="session")
def words() -> Mapping[str, Any]:
    """Every sentence of the service."""
    return load_words(WORDS, {**VOCABULARY.blanks, **BLANKS})


@pytest.fixture
def office(settings: Settings) -> Office:
    """The office of this test."""
    return office_for(settings)


def office_for(settings: Settings) -> Office:
    """The office of these settings."""
    return Office(
        settings.secret_key,
        settings.pepper,
        settings.public_url,
        settings.shortcode,
        settings.service_code,
    )


@pytest.fixture
def texting(stores: Stores, settings: Settings, office: Office, words: Mapping[str, Any]) -> Texting:
    """The callbacks of this test, ready to be posted to."""
    return Texting(stores, settings, office, Wording(words, office))


@pytest.fixture
def each_reply_is_one_segment(texting: Texting) -> Iterator[None]:
    """After every test: whatever was queued can be worded, and goes out as one segment."""
    yield
    for message in texting.all(select(Message)):
        assert len(gsm7.segments(texting.worded(message)).parts) == 1, texting.worded(message)
