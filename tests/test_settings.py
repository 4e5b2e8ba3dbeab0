"""The settings: one reading, every fault at once, secrets kept and never shown."""

import threading
from pathlib import Path
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from runtime.settings import BadSettings, Settings, kept_secret, read
from runtime.stores import conninfo_of

GIVEN = {
    "CP2_DATABASE_URL": "postgres://cp2:database-password@db/cp2",
    "CP2_REDIS_URL": "redis://:redis-password@redis/0",
    "CP2_AT_USERNAME": "knec",
    "CP2_AT_API_KEY": "key-of-africas-talking",
    "CP2_WEBHOOK_SECRET": "path-secret-number-one, path-secret-number-two",
    "CP2_SECRET_KEY": "signing-key-of-this-test",
    "CP2_PEPPER": "pepper-of-this-very-test",
}


def embedded(folder: Path, **variables: str) -> Settings:
    """The settings of an embedded service."""
    return read({"CP2_DATA_DIR": str(folder), **variables})


def test_given_settings_are_read(tmp_path: Path) -> None:
    settings = read(GIVEN | {"CP2_DATA_DIR": str(tmp_path), "CP2_PORT": "8123", "CP2_SMS_RATE": "2.5"})
    assert not settings.embedded
    assert settings.database_url == "postgresql+psycopg://cp2:database-password@db/cp2"
    assert settings.webhook_secrets == ("path-secret-number-one", "path-secret-number-two")
    assert (settings.port, settings.sms_rate, settings.demo) == (8123, 2.5, False)
    assert settings.public_url == "http://127.0.0.1:8123"
    assert not tmp_path.joinpath("secrets").exists()


def test_defaults_of_an_embedded_service(tmp_path: Path) -> None:
    settings = embedded(tmp_path)
    assert settings.embedded and settings.demo and settings.sms_rate is None
    assert (settings.host, settings.port, settings.proxies) == ("127.0.0.1", 8000, 0)
    assert (settings.shortcode, settings.service_code) == ("22262", "*384*22262#")
    assert settings.sender_urgent == settings.sender_bulk == settings.voice_number == "22262"
    assert (settings.database_url, settings.redis_url, settings.at_base_url) == ("", "", None)


def test_every_missing_setting_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as told:
        read({"CP2_DATABASE_URL": "postgresql://db/cp2", "CP2_DATA_DIR": str(tmp_path)})
    for name in GIVEN.keys() - {"CP2_DATABASE_URL"}:
        assert f"{name} is not set" in str(told.value)


def test_every_bad_setting_is_named_at_once_with_what_was_wanted(tmp_path: Path) -> None:
    bad = {
        "CP2_PORT": "eighty",
        "CP2_SERVICE_CODE": "384#",
        "CP2_PUBLIC_URL": "cp2.example",
        "CP2_DEMO": "yes",
        "CP2_SMS_RATE": "0",
        "CP2_PROXIES": "-1",
        "CP2_AT_BASE_URL": "ftp://x",
    }
    with pytest.raises(BadSettings) as told:
        embedded(tmp_path, **bad)
    for name, value in bad.items():
        assert f"{name} must be " in str(told.value)
        assert repr(value) in str(told.value)


@pytest.mark.parametrize(
    "secret", ["a-path/with-a-slash", "a path with blanks", "percent%2Fpercent", "ümlauts-überall"]
)
def test_a_path_secret_that_is_no_path_segment_is_refused_and_not_repeated(secret: str) -> None:
    for both in (secret, f"path-secret-number-one,{secret}"):
        with pytest.raises(BadSettings, match="CP2_WEBHOOK_SECRET may have only") as told:
            read(GIVEN | {"CP2_WEBHOOK_SECRET": both})
        assert secret not in str(told.value)
    assert read(GIVEN | {"CP2_WEBHOOK_SECRET": "aZ09-._~aZ09-._~"}).webhook_secrets == ("aZ09-._~aZ09-._~",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CP2_DATABASE_URL", "garbage-with-secret"),
        ("CP2_DATABASE_URL", "mysql://cp2:garbage-with-secret@db/cp2"),
        ("CP2_DATABASE_URL", "postgresql://cp2:garbage-with-secret@db:port/cp2"),
        ("CP2_REDIS_URL", "garbage-with-secret"),
        ("CP2_REDIS_URL", "http://:garbage-with-secret@redis/0"),
        ("CP2_REDIS_URL", "redis://:garbage-with-secret@redis:port/0"),
    ],
)
def test_what_is_no_address_of_a_server_is_named_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=f"{name} must be an address such as ") as told:
        read(GIVEN | {name: value})
    assert "garbage" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://db/cp2",
        "postgresql://cp2:p%40ss@[::1]:5433/cp2?sslmode=require",
        "postgresql+psycopg://cp2@/cp2?host=/tmp/x/a%20b",
        "postgresql://cp2:p#w/x@db",
    ],
)
def test_addresses_of_a_database_in_every_form_are_taken(url: str) -> None:
    assert read(GIVEN | {"CP2_DATABASE_URL": url}).database_url.startswith("postgresql+psycopg://")


@pytest.mark.parametrize("name", ["null", "below-a-file/data"])
def test_a_data_folder_that_cannot_be_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "below-a-file").touch()
    folder = Path("/dev/null") if name == "null" else tmp_path / name
    with pytest.raises(BadSettings, match="CP2_DATA_DIR must be a folder") as told:
        embedded(folder)
    assert repr(str(folder)) in str(told.value)


@pytest.mark.parametrize("code", ["abc def", "22", "222622262", "KNEC"])
def test_a_short_code_is_digits(tmp_path: Path, code: str) -> None:
    with pytest.raises(BadSettings, match="CP2_SHORTCODE must be 3 to 8 digits"):
        embedded(tmp_path, CP2_SHORTCODE=code)


@pytest.mark.parametrize("folder", ["/tmp/x/d x", "/tmp/plus+", "/tmp/quo'te\\", "/tmp/per%20cent"])
def test_the_socket_folder_of_a_database_may_have_any_name(folder: str) -> None:
    url = f"postgresql://cp2:p%40%20w@/cp2?host={quote(folder)}"
    parts = conninfo_to_dict(conninfo_of(url))
    assert (parts["host"], parts["dbname"], parts["user"]) == (folder, "cp2", "cp2")
    assert (parts["password"], parts["application_name"]) == ("p@ w", "cp2")
    assert "statement_timeout" in str(parts["options"])


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8000.5"])
def test_a_port_out_of_range_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(BadSettings, match="CP2_PORT must be a port"):
        embedded(tmp_path, CP2_PORT=port)


@pytest.mark.parametrize("name", ["CP2_WEBHOOK_SECRET", "CP2_SECRET_KEY", "CP2_PEPPER"])
def test_a_secret_that_could_be_guessed_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(BadSettings, match=f"{name} must have at least 16") as told:
        read(GIVEN | {name: "short-and-weak"})
    assert "short-and-weak" not in str(told.value)


def test_embedded_secrets_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    first, second = embedded(tmp_path / "data"), embedded(tmp_path / "data")
    assert first.secret_key == second.secret_key and len(first.secret_key) >= 32
    assert first.pepper == second.pepper != first.secret_key
    assert first.webhook_secrets == second.webhook_secrets
    kept = sorted((tmp_path / "data/secrets").iterdir())
    assert [path.name for path in kept] == ["cp2_pepper", "cp2_secret_key", "cp2_webhook_secret"]
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert (tmp_path / "data/secrets").stat().st_mode & 0o777 == 0o700


def test_two_starts_at_once_agree_on_a_secret(tmp_path: Path) -> None:
    found: list[str] = []
    gate = threading.Barrier(8)

    def start() -> None:
        gate.wait()
        found.append(kept_secret(tmp_path / "secrets" / "key"))

    starts = [threading.Thread(target=start) for _ in range(8)]
    for thread in starts:
        thread.start()
    for thread in starts:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1
    assert list((tmp_path / "secrets").iterdir()) == [tmp_path / "secrets/key"]


def test_no_secret_shows_in_the_repr(tmp_path: Path) -> None:
    shown = repr(read(GIVEN | {"CP2_DATA_DIR": str(tmp_path)}))
    for value in (
        "database-password",
        "redis-password",
        "key-of-africas",
        "path-secret",
        "signing",
        "pepper-of",
    ):
        assert value not in shown


def test_the_addresses_of_running_servers_are_found(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/database.url").write_text("postgresql://cp2@/cp2?host=/run\n")
    (tmp_path / "run/redis.url").write_text("unix:///run/valkey.sock?db=0")
    (tmp_path / "run/simulator.url").write_text("http://127.0.0.1:9000/")
    settings = embedded(tmp_path)
    assert settings.database_url == "postgresql+psycopg://cp2@/cp2?host=/run"
    assert settings.redis_url == "unix:///run/valkey.sock?db=0"
    assert settings.at_base_url == "http://127.0.0.1:9000"
