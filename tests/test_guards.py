"""Guards: what must stay true however much is added."""

import importlib
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from models.base import Base
from models.messages import LANES
from models.tables import __all__ as tables
from operations import notices
from runtime.stores import Stores
from sms_gateway import bell
from tests.fixtures_service import service_of
from workers.queues import QUEUES

ROOT = Path(__file__).parent.parent
# What anybody may ask for; everything else stands behind the secret path.
PUBLIC = {"/healthz", "/readyz", "/metrics", "/simulator", "/d/<token>", "/check", "/check/<ref>", "/manual"}


def test_the_migrated_schema_is_the_models_schema(stores: Stores) -> None:
    assert "Base" in tables
    with stores.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_are_numbered_one_after_the_other() -> None:
    names = sorted(path.name for path in (ROOT / "models/migrations/versions").glob("0*.py"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_every_route_is_public_by_name_or_behind_the_secret(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert rule.rule in PUBLIC or rule.rule.startswith("/at/<secret>/"), rule.rule
        if rule.rule.startswith("/at/"):
            wrong = app.test_client().post(rule.rule.replace("<secret>", "not-the-secret-of-the-path"))
            assert wrong.status_code == 404, rule.rule


def test_the_audit_trail_is_only_added_to(stores: Stores) -> None:
    row = "INSERT INTO audit (actor, channel, act, subject, details) VALUES ('a', 'ussd', 'b', 'c', '{}')"
    with stores.transaction() as db:
        db.execute(text(row))
    for change in ("UPDATE audit SET act = 'x'", "DELETE FROM audit"):
        with pytest.raises(DatabaseError, match="append-only"), stores.transaction() as db:
            db.execute(text(change))


def test_every_job_resolves_and_every_lane_has_a_queue() -> None:
    module, _, name = bell.JOB.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    assert set(LANES) <= set(QUEUES)
    assert {rule.lane for rule in notices.CLASSES.values()} <= set(LANES)


def test_every_setting_is_in_the_readme() -> None:
    read = set(re.findall(r'"(CP2_[A-Z_]+)"', (ROOT / "runtime/settings.py").read_text()))
    told = set(re.findall(r"`(CP2_[A-Z_]+)`", (ROOT / "README.md").read_text()))
    assert read <= told


def test_everything_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            assert not line.strip() or line.startswith(("#", "-r ")) or "==" in line, line


def test_faults_are_counted_where_prometheus_sees_them(app: Flask) -> None:
    service_of(app).metrics.faults.labels("test").inc()
    page = app.test_client().get("/metrics").get_data(as_text=True)
    assert 'cp2_faults_total{place="test"}' in page


@pytest.mark.parametrize("words", [("flush", "all"), ("disable ", "trigger")])
def test_no_test_leaves_a_shared_server_changed(words: tuple[str, str]) -> None:
    """Each test has a database of its own only by turns, and one of the one Valkey's.

    Let only the one be flushed, and triggers rest within a transaction: `session_replication_role`.
    """
    found = "".join(words)
    tests = (ROOT / "tests").rglob("*.py")
    assert [path.name for path in tests if found in path.read_text().casefold()] == []
