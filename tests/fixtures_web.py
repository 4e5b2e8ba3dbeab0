"""Letters of the small season: links as they are sent, and a browser that opens them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from models.accounts import Account
from models.deployments import Deployment
from models.documents import Document, Link
from operations import links, office
from sms_gateway import keywords
from sms_gateway.commands.table import COMMANDS
from tests.fixtures_season import Season
from tests.fixtures_service import service_of
from ussd_app import papers as blueprint
from ussd_app.service import Service


@dataclass
class Papers:
    """The office that sends links, and somebody with a browser."""

    app: Flask
    service: Service
    season: Season

    def deploy(self, name: str = "amina", position: str = "supervisor", **more: Any) -> int:
        """Somebody's accepted post in the running series: its id."""
        centre = more.pop("centre", "20401001")
        with self.service.stores.transaction() as db:
            return self.season.make_deployment(db, name, centre, position, **more).id

    def link(self, deployment_id: int, kind: str = "letter", lang: str = "en") -> str:
        """A new link to a document, as its path."""
        with self.service.stores.transaction() as db:
            url = links.issue(db, self.service.office, deployment_id, kind, now=office.now(db), lang=lang)
        return url.removeprefix(self.service.office.public_url)

    def digits(self, name: str) -> str:
        """The last four of somebody's national ID."""
        with self.service.stores.transaction() as db:
            return (db.get_one(Account, self.season.accounts[name]).national_id or "")[-4:]

    def get(self, path: str, **options: Any) -> TestResponse:
        """Look at a page."""
        return self.app.test_client().get(path, **options)

    def post(self, path: str, digits: str, **options: Any) -> TestResponse:
        """Type digits into the page of a link."""
        return self.app.test_client().post(path, data={"digits": digits}, **options)

    def reference(self, deployment_id: int, kind: str = "letter") -> str:
        """The number of a document that was issued."""
        mine = (Document.deployment_id == deployment_id, Document.kind == kind)
        with self.service.stores.transaction() as db:
            return db.scalars(select(Document.reference).where(*mine)).one()

    def rows(self) -> list[dict[str, Any]]:
        """Every link as it stands in its table."""
        columns = [column.name for column in Link.__table__.columns]
        with self.service.stores.transaction() as db:
            found = db.scalars(select(Link).order_by(Link.id)).all()
            return [{name: getattr(link, name) for name in columns} for link in found]

    def change(self, work: Callable[[Any], Any]) -> Any:
        """Do something with the database and commit."""
        with self.service.stores.transaction() as db:
            return work(db)

    def end(self, deployment_id: int, state: str) -> None:
        """Let a deployment have ended so, as its row says."""
        self.change(lambda db: setattr(db.get_one(Deployment, deployment_id), "state", state))


def with_papers(app: Flask) -> Flask:
    """The application with the papers among its routes."""
    if "papers" not in app.blueprints:
        app.register_blueprint(blueprint.blueprint(service_of(app), keywords.TABLE, COMMANDS))
    return app


@pytest.fixture
def papers(app: Flask, service: Service, season: Season) -> Papers:
    """The office and a browser, in the small season."""
    return Papers(with_papers(app), service, season)
