"""People and their phones: an application on real servers, and handsets that dial it."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from flask import Flask
from sqlalchemy import Engine, select

import menus
from menus import authoring
from menus.table import VOCABULARY
from menus.vocabulary import Tree, Vocabulary
from menus.wording import Wording
from models.messages import Message
from operations import subscribers
from operations.office import Actor
from runtime.settings import Settings
from tests import canary
from tests.fixtures_servers import PATIENCE, patient_stores
from tests.published import Published
from ussd_app.factory import create_app
from ussd_app.service import Service

SERVICE_CODE = "*384*22262#"
MENUS = Path(menus.__file__).parent
numbers = itertools.count(1)
# What this test typed as a password or was sent as one: nothing of it may be found when the test is over.
CANARIES: set[str] = set()


@cache
def real_tree() -> Tree:
    """The tree of the files, read once a process: reading it is a good part of a short test."""
    return authoring.draft(MENUS, VOCABULARY.blanks).tree


def publish(app: Flask) -> None:
    """Make the tree of the files live."""
    service_of(app).library.publish(real_tree(), by=Actor("staff:test", "command"))


def service_of(app: Flask) -> Service:
    """The open service of an application."""
    service: Service = app.extensions["cp2"]
    return service


def open_app(settings: Settings, vocabulary: Vocabulary = VOCABULARY, **options: Any) -> Flask:
    """An application with the real tree published."""
    app = create_app(settings, vocabulary=vocabulary, **options)
    publish(app)
    return app


@pytest.fixture(scope="session")
def published(
    own_database: tuple[str, psycopg.Connection[Any]], own_redis: tuple[str, redis.Redis]
) -> Published:
    """The real tree as it stands in this worker's stores once it is published."""
    return Published(real_tree(), own_database[1], own_redis[1])


@pytest.fixture
def app(settings: Settings, own_engine: Engine, published: Published) -> Iterator[Flask]:
    """The application on this test's database and Redis.

    A hop may take longer here than a phone waits, for its stores and for another hop of the same phone: four
    test processes share what may be two cores. Tests of these limits open applications of their own.
    """
    stores = patient_stores(settings, own_engine.execution_options())
    opened = create_app(settings, hop_seconds=PATIENCE, stores=stores)
    published.go_live(service_of(opened).library)
    yield opened
    found = canary.leaks(CANARIES, settings.database_url, service_of(opened).stores.redis)
    CANARIES.clear()
    service_of(opened).close()
    assert not found, found


@pytest.fixture
def service(app: Flask) -> Service:
    """What the application stands on."""
    return service_of(app)


@dataclass
class Handset:
    """A phone that dials through the webhook as Africa's Talking posts it, and reads its SMS."""

    app: Flask
    phone: str
    session: str = ""
    sent: list[str] = field(default_factory=list)
    screen: str = ""

    def dial(self, **fields: str) -> str:
        """Begin a session; answers the whole body."""
        self.session, self.sent = f"ATUid_{next(numbers):032x}", []
        return self.post(**fields)

    def send(self, *inputs: str) -> str:
        """Type one answer after the other; answers the last body."""
        for typed in inputs:
            if (
                len(typed) >= 6
                and typed not in self.phone
                and re.search(r"password|nenosiri|Tries|Majaribio|not the same", self.screen)
            ):
                CANARIES.add(typed.removeprefix("0"))
            self.sent.append(typed)
            self.post()
        return self.screen

    def post(self, **fields: str) -> str:
        """Post the hop as it stands (again, for a duplicate)."""
        form = {
            "sessionId": self.session,
            "phoneNumber": self.phone,
            "networkCode": "63902",
            "serviceCode": SERVICE_CODE,
            "text": "*".join(self.sent),
        }
        self.screen = self.raw(data=form | fields)
        return self.screen

    def raw(self, method: str = "POST", **request: Any) -> str:
        """Any request to the USSD callback; whatever it is, the answer is 200 and fits."""
        secret = service_of(self.app).settings.webhook_secrets[0]
        answer = self.app.test_client().open(f"/at/{secret}/ussd", method=method, **request)
        body = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert answer.mimetype == "text/plain"
        assert body.startswith(("CON ", "END ")), body
        assert len(body) <= 160, body
        return body

    def text(self, words: str, **fields: str) -> int:
        """Send an SMS to the short code; answers the callback's status."""
        secret = service_of(self.app).settings.webhook_secrets[0]
        form = {"id": f"in-{next(numbers)}", "from": self.phone, "to": "22262", "text": words}
        form |= {"date": "2026-11-21 08:00:00"} | fields
        return self.app.test_client().post(f"/at/{secret}/sms", data=form).status_code

    def inbox(self) -> list[str]:
        """Every SMS queued for this phone, as it would be worded, oldest first."""
        service = service_of(self.app)
        wording = Wording(service.library.live()[1].words, service.office)
        with service.stores.transaction() as db:
            mine = select(Message).where(Message.phone == self.phone).order_by(Message.id)
            spoken = subscribers.language(db, self.phone) or "en"
            return [wording.sms(m.words, m.lang or spoken, m.details) for m in db.scalars(mine)]

    def one_time_password(self) -> str:
        """The 8 digits of the last SMS that holds some."""
        found = [re.search(r"\b\d{8}\b", text) for text in self.inbox()]
        code = next(match[0] for match in reversed(found) if match)
        CANARIES.add(code)
        return code


@pytest.fixture
def handset(app: Flask) -> Callable[[str], Handset]:
    """Gives a phone its handset: `handset("+254712345678")`."""
    return lambda phone: Handset(app, phone)


@pytest.fixture
def mary(handset: Callable[[str], Handset]) -> Handset:
    """Mary, a teacher without an account."""
    return handset("+254712345678")


@pytest.fixture
def juma(handset: Callable[[str], Handset]) -> Handset:
    """Juma, who has an account and chose the password `juma2026`."""
    phone = handset("+254722000222")
    register(phone)
    phone.dial()
    phone.send(phone.one_time_password(), "juma2026", "juma2026")
    return phone


@pytest.fixture
def wanja(handset: Callable[[str], Handset]) -> Handset:
    """Wanja, a stranger who tries other people's accounts."""
    return handset("+254733000333")


def register(phone: Handset) -> str:
    """Make the account of a phone by USSD; answers the last body."""
    phone.dial()
    return phone.send("1", "1", "1")
