"""Bad input by USSD, from `tests/corpus/ussd.yaml`: every answer is a screen, and nothing else happens."""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from sqlalchemy import text, update

from models.people import Profile
from models.places import Centre
from telephony import gsm7
from tests.fixtures_season import PASSWORD, PEOPLE, Season
from tests.fixtures_service import SERVICE_CODE, Handset
from tests.wanderer import Wanderer
from ussd_app.service import Service

CORPUS = yaml.safe_load((Path(__file__).parent / "corpus" / "ussd.yaml").read_text("utf-8"))
FORM = "application/x-www-form-urlencoded"
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
DIGEST = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM public.{} AS t"


def everything(service: Service) -> dict[str, str]:
    """A digest of every table."""
    with service.stores.transaction() as db:
        return {name: db.scalar(text(DIGEST.format(name))) for name in db.scalars(text(TABLES))}


def secrets_of(service: Service) -> set[str]:
    """What is known of the people of the season: nobody else may be shown any of it."""
    with service.stores.transaction() as db:
        ids = db.scalars(text("SELECT national_id FROM account WHERE national_id IS NOT NULL")).all()
        emails = db.scalars(text("SELECT email FROM profile")).all()
    names = {name for _, name, _, _, _ in PEOPLE.values()}
    return {*names, *ids, *emails, *(phone for phone, *_ in PEOPLE.values())}


def spelled(value: Any) -> str:
    """A value of the corpus, which may be a repetition."""
    return value["repeat"] * value["times"] if isinstance(value, Mapping) else str(value)


class Stranger:
    """A phone without an account that posts what the corpus says, beside somebody who has signed in."""

    def __init__(self, service: Service, phone: Handset, bystander: Handset) -> None:
        self.service, self.phone, self.bystander = service, phone, bystander
        self.desk = ""
        while not self.desk.startswith("CON "):  # a loaded machine may ask to dial again
            bystander.dial()
            self.desk = bystander.send(PASSWORD)
        self.key = f"ussd:{bystander.phone}"

    def play(self, post: dict[str, Any]) -> None:
        """Stand where the case says, post, and look at the answer."""
        before = self.phone.dial() if "at" in post else ""
        before = self.phone.send(*post.get("at", [])) or before
        state = self.service.stores.redis.hgetall(self.key)
        answer = self.phone.raw(**self.request(post))
        assert gsm7.septets(gsm7.fold(answer).text) <= 160, answer
        if "see" in post:
            assert post["see"] in answer, (post, answer)
        if post.get("same"):
            assert before[4:] in answer, (post, before, answer)
        if post.get("end"):
            assert answer.startswith("END "), (post, answer)
        assert self.service.stores.redis.hgetall(self.key) == state, "the bystander's session was touched"
        assert "Fault" not in answer and "reference" not in answer

    def request(self, post: dict[str, Any]) -> dict[str, Any]:
        """The request that this post describes."""
        if "body" in post or "charset" in post:
            kind = f"{FORM}; charset={post['charset']}" if "charset" in post else FORM
            return {"data": post["body"], "content_type": kind}
        if "json" in post:
            return {"json": post["json"]}
        if "multipart" in post:
            return {"data": {**post["multipart"], "file": (BytesIO(b"x"), "x.bin")}}
        if "method" in post:
            return {"method": post["method"]}
        return {"data": urlencode(self.form(post), safe="*#"), "content_type": FORM}

    def form(self, post: dict[str, Any]) -> dict[str, str]:
        """The gateway's fields, changed as the post says."""
        if "at" not in post:
            self.phone.session, self.phone.sent = f"ATUid_{id(post):x}", []
        typed = [*self.phone.sent, spelled(post["typed"])] if "typed" in post else self.phone.sent
        form = {
            "sessionId": self.phone.session,
            "phoneNumber": self.phone.phone,
            "networkCode": "63902",
            "serviceCode": SERVICE_CODE,
            "text": "*".join(typed),
        }
        form |= {name: spelled(post[name]) for name in form if name in post}
        if form["sessionId"] == "of the bystander":
            form["sessionId"] = self.bystander.session
        return {name: value for name, value in form.items() if name not in post.get("without", ())}


@pytest.fixture
def stranger(service: Service, season: Season, handset: Callable[[str], Handset]) -> Stranger:
    return Stranger(service, handset("+254712345678"), handset(PEOPLE["chebet"][0]))


def test_every_number_of_the_sheet_is_here() -> None:
    assert {case["n"] for case in CORPUS} == set(range(1, 18)) - {17}, "17 is tried below, by its data"


@pytest.mark.parametrize("n", sorted({case["n"] for case in CORPUS}))
def test_bad_input(stranger: Stranger, n: int) -> None:
    before, private = everything(stranger.service), secrets_of(stranger.service)
    for case in (case for case in CORPUS if case["n"] == n):
        for post in case["posts"]:
            shared = {"at": case["at"]} if "at" in case else {}
            stranger.play(shared | post)
            assert not [fact for fact in private if fact in stranger.phone.screen], post
    assert everything(stranger.service) == before
    # The one who had signed in meanwhile goes on where they stood.
    assert stranger.bystander.post() == stranger.desk


# 17: what somebody may have got into the tables, and must not get onto anybody's screen as more than itself.
SPOOF = "1. Approve"
POISON = {
    "full_name": f"END You have won\n{SPOOF} everything",
    "mpesa_name": "W" * 300,
    "email": "%s${x}\u202eevil@example.ke",
    "workplace": f"Kasarani\r\n{SPOOF}\r\n0. Pay me",
    "bank_branch": "CON Moi Avenue\nEND",
    "course": "Ng\u2019ombe \u2014 \u2026 \U0001f600" * 9,
    "kin_name": "@date:2026-10-16",
    "designation": "\u0661. Head\u200d\ufeff" * 20,
}
CENTRE = f"Kasarani\n{SPOOF} all\n" + "W" * 90


def test_output_is_one_line_and_fits_whatever_stands_in_the_tables(
    service: Service, season: Season, handset: Callable[[str], Handset]
) -> None:
    """A name is never cut within a character, never begins a line of its own, never ends the session."""
    with service.stores.transaction() as db:
        season.make_deployment(db, "amina", "20401002", "supervisor", report_to=f"END\n{SPOOF}")
        db.execute(update(Centre).values(name=CENTRE))
        db.execute(update(Profile).where(Profile.account_id == season.accounts["amina"]).values(**POISON))
    amina, seen = Wanderer(service, handset(PEOPLE["amina"][0]), "amina"), set[str]()
    for n in range(160):
        amina.option(n * 7919 % 65521)
        seen.add(amina.phone.screen)
        assert f"\n{SPOOF}" not in amina.phone.screen and "You have won" not in amina.phone.screen[:18]
        if n % 9 == 8:
            amina.key("98")
        if n % 23 == 22:
            amina.key("00")
    shown = "\n".join(seen)
    assert "WWW" in shown and "Approve" in shown, "the walk must have met what it looks for"
