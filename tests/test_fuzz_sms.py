"""Bad input by SMS, from `tests/corpus/sms.yaml`: 200, one answer to the sender at the most, nothing else."""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from sqlalchemy import select

from menus.wording import Wording
from models.messages import Message
from operations import subscribers
from telephony import gsm7
from tests.fixtures_season import PEOPLE, Season
from tests.test_fuzz_ussd import everything, secrets_of, spelled
from ussd_app.service import Service

CORPUS = yaml.safe_load((Path(__file__).parent / "corpus" / "sms.yaml").read_text("utf-8"))
FORM = "application/x-www-form-urlencoded"
# What any SMS may write: its own row, the answer, and the line that it came from.
ALWAYS = {"incoming_sms", "message"}
ids = itertools.count(1)


class Network:
    """Posts SMS to the callbacks, and looks at what was queued for whom."""

    def __init__(self, app: Any, service: Service) -> None:
        self.client, self.service = app.test_client(), service
        self.secret = service.settings.webhook_secrets[0]

    def post(self, post: Mapping[str, Any]) -> None:
        """One SMS or report, as often as the corpus says."""
        path, body = f"/at/{self.secret}/{post['to'] if 'form' in post else 'sms'}", self.body(post)
        for _ in range(post.get("times", 1)):
            body = self.body(post) if "id" not in post else body
            assert self.client.post(path, data=body, content_type=FORM).status_code == 200, post

    def body(self, post: Mapping[str, Any]) -> str:
        """What the gateway posts."""
        if "body" in post:
            return str(post["body"])
        form = post.get("form") or {
            "id": f"fuzz-{next(ids)}",
            "from": PEOPLE[post.get("who", "amina")][0],
            "to": "22262",
            "text": "",
            "date": "2026-11-21 08:00:00",
        }
        given = {name: spelled(post[name]) for name in form if name in post and "form" not in post}
        form = {name: value for name, value in (form | given).items() if name not in post.get("without", ())}
        return urlencode(form, errors="surrogatepass")

    def queued(self, after: int) -> list[Message]:
        """The messages that were queued behind this one."""
        with self.service.stores.transaction() as db:
            return list(db.scalars(select(Message).where(Message.id > after).order_by(Message.id)))

    def worded(self, message: Message) -> str:
        """A message as it is sent."""
        wording = Wording(self.service.library.live()[1].words, self.service.office)
        with self.service.stores.transaction() as db:
            lang = message.lang or subscribers.language(db, message.phone) or "en"
        return gsm7.fold(wording.sms(message.words, lang, message.details)).text


@pytest.fixture
def network(app: Any, service: Service, season: Season) -> Network:
    return Network(app, service)


def test_every_number_of_the_sheet_is_here() -> None:
    assert {case["n"] for case in CORPUS} == set(range(18, 33))


@pytest.mark.parametrize("n", sorted({case["n"] for case in CORPUS}))
def test_bad_input(network: Network, n: int) -> None:
    before, private = everything(network.service), secrets_of(network.service)
    may_write = set(ALWAYS)
    for case in (case for case in CORPUS if case["n"] == n):
        may_write |= set(case.get("writes", ()))
        for post in case["posts"]:
            last = max((message.id for message in network.queued(0)), default=0)
            network.post(post)
            judge(network, post, network.queued(last), private)
    after = everything(network.service)
    assert {name for name in after if after[name] != before[name]} <= may_write


def judge(network: Network, post: Mapping[str, Any], queued: list[Message], private: set[str]) -> None:
    """The answers to one post."""
    sender = PEOPLE[post.get("who", "amina")]
    said = [message.words for message in queued]
    assert "sms.apology" not in said, post
    if "says" in post:
        assert said == post["says"], (post, said)
    assert len(said) <= post.get("most", 1), (post, said)
    for message in queued:
        text = network.worded(message)
        assert message.phone == sender[0], "an answer goes to nobody else"
        assert len(gsm7.segments(text).parts) <= 2 and not gsm7.strangers(text), text
        assert "{" not in text and not [fact for fact in private - set(sender) if fact in text], text
