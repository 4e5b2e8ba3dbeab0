"""The fixtures keep their word: fresh stores for each test, and no way out of this machine."""

import socket
import urllib.error
import urllib.request

import psycopg
import pytest
from sqlalchemy import text

from runtime.settings import Settings
from runtime.stores import Stores
from tests.clean import CLEAN, PRISTINE
from tests.fixtures_network import NetworkForbidden

TABLES = """
CREATE TABLE kept (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE);
INSERT INTO kept (name) VALUES ('from the migrations');
CREATE TABLE child (id bigserial PRIMARY KEY, kept bigint NOT NULL REFERENCES kept, name text);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'append only'; END $$;
CREATE TRIGGER guard BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.mark.parametrize("turn", range(3))
def test_stores_are_fresh_for_each_test(stores: Stores, settings: Settings, turn: int) -> None:
    with stores.transaction() as db:
        assert db.execute(text("SELECT count(*) FROM audit")).scalar() == 0
        row = "INSERT INTO audit (actor, channel, act, subject, details) VALUES ('a', 'b', 'c', 'd', '{}')"
        assert db.execute(text(row + " RETURNING id")).scalar() == 1
    assert stores.redis.incr("turns") == 1
    assert not settings.embedded


def test_cleaning_keeps_what_the_migrations_put_in_and_nothing_else(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as office:
        office.execute("DROP DATABASE IF EXISTS sandbox_of_clean WITH (FORCE)")
        office.execute("CREATE DATABASE sandbox_of_clean TEMPLATE template0")
        with psycopg.connect(database_url, dbname="sandbox_of_clean", autocommit=True) as db:
            for script in (TABLES, PRISTINE, CLEAN):
                db.execute(script)
            for big in (False, True):
                db.execute("UPDATE kept SET name = 'changed'")
                db.execute("INSERT INTO kept (name) VALUES ('more')")
                db.execute("INSERT INTO child (kept, name) VALUES (1, repeat('x', 100))")
                if big:
                    db.execute("INSERT INTO child (kept, name) SELECT 1, i FROM generate_series(1, 40000) i")
                db.execute("SELECT pristine.clean()")
                assert db.execute("SELECT * FROM kept").fetchall() == [(1, "from the migrations")]
                assert db.execute("SELECT count(*) FROM child").fetchone() == (0,)
                assert db.execute("INSERT INTO child (kept) VALUES (1) RETURNING id").fetchone() == (1,)
        office.execute("DROP DATABASE sandbox_of_clean WITH (FORCE)")


def test_no_plan_is_made_by_what_an_earlier_test_filled_and_analysed(database_url: str) -> None:
    known = (
        "SELECT reltuples, pg_relation_size(oid), (SELECT count(*) FROM pg_statistic WHERE starelid = oid)"
    )
    with psycopg.connect(database_url, autocommit=True, application_name="tests") as db:
        row = "INSERT INTO audit (actor, channel, act, subject, details) SELECT 'a', 'b', 'c', 'd', '{}'"
        db.execute(row + " FROM generate_series(1, 1000)")
        db.execute("ANALYZE audit")
        db.execute("SELECT pristine.clean()")
        found = db.execute(known + " FROM pg_class WHERE oid = 'audit'::regclass").fetchone()
    assert found == (-1, 0, 0)


def test_cleaning_does_not_wait_for_a_forgotten_transaction(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as db, psycopg.connect(database_url) as forgotten:
        db.execute("CREATE TABLE IF NOT EXISTS held (id int)")
        forgotten.execute("LOCK TABLE held IN ACCESS EXCLUSIVE MODE")
        db.execute("SET lock_timeout = '10s'")
        db.execute("SELECT pristine.clean()")
        with pytest.raises(psycopg.OperationalError):
            forgotten.execute("SELECT 1")
        db.execute("DROP TABLE held")


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_no_connection_leaves_this_machine(host: str) -> None:
    with pytest.raises(NetworkForbidden, match=host):
        socket.create_connection((host, 80), timeout=1)
    with pytest.raises(NetworkForbidden), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.sendto(b"x", ("192.0.2.1", 53))


def test_no_name_is_looked_up() -> None:
    with pytest.raises(NetworkForbidden, match=r"api\.africastalking\.com"):
        urllib.request.urlopen("https://api.africastalking.com/", timeout=1)


def test_an_invalid_name_is_unknown_as_everywhere() -> None:
    with pytest.raises(urllib.error.URLError) as told:
        urllib.request.urlopen("http://gone.invalid/", timeout=1)
    assert isinstance(told.value.reason, socket.gaierror)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_can_be_reached(host: str) -> None:
    with pytest.raises(OSError, match=r"refused|Cannot assign"):
        socket.create_connection((host, 1), timeout=1)
