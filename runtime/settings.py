"""The settings: environment variables, read once into one frozen value."""

import hmac
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

# The three addresses that the running embedded servers leave for everyone else on this data directory.
ADDRESS_FILES = {"database_url": "database.url", "redis_url": "redis.url", "at_base_url": "simulator.url"}


DATABASE_URL = re.compile(
    r"postgres(ql)?(\+\w+)?://([^\s@]*@)?(\[[0-9A-Fa-f:.]+\]|[^\s@/?:\[\]]*)(:[0-9]+)?(/[^\s?]*)?(\?\S*)?"
)
LONGEST_CODE: Final = 14  # characters of a service code


class BadSettings(Exception):
    """One or more settings are missing or wrong; the text names each."""


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides; secrets stay out of its repr."""

    host: str
    port: int
    data_dir: Path
    embedded: bool
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    at_username: str
    at_api_key: str = field(repr=False)
    at_base_url: str | None
    webhook_secrets: tuple[str, ...] = field(repr=False)
    shortcode: str
    service_code: str
    public_url: str
    secret_key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)
    demo: bool
    sender_urgent: str
    sender_bulk: str
    voice_number: str
    sms_rate: float | None  # messages a second over all processes; None sends unpaced
    proxies: int  # in front of the web server, each of which adds whom it speaks for; 0 believes no header

    def opens(self, secret: str) -> bool:
        """Whether a callback's path holds a secret in force; every one is compared, in constant time."""
        given = secret.encode("utf-8", "surrogatepass")
        return sum(hmac.compare_digest(given, known.encode()) for known in self.webhook_secrets) > 0


class Environment:
    """One reading of the environment that collects every fault before it complains."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.faults: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """The variable's text, its default, or a noted fault where it has none."""
        value = self.variables.get(name, "").strip()
        if not value and default is None:
            self.faults.append(f"{name} is not set")
        return value or default or ""

    def parsed(
        self,
        name: str,
        default: str | None,
        parse: Callable[[str], Any],
        wanted: str,
        *,
        secret: bool = False,
    ) -> Any:
        """The variable read by `parse`; a ValueError there becomes a fault that says what was wanted.

        What may hold a password (`secret`) is not repeated.
        """
        value = self.text(name, default)
        try:
            return parse(value) if value else None
        except ValueError:
            self.faults.append(f"{name} must be {wanted}" + ("" if secret else f", not {value!r}"))
            return None

    def secret(self, name: str, kept_in: Path | None) -> str:
        """A secret from the environment, or (embedded) made once and kept in the data directory."""
        if self.variables.get(name, "").strip() or kept_in is None:
            return self.long_enough(name, self.text(name))
        return kept_secret(kept_in / name.lower())

    def long_enough(self, name: str, value: str) -> str:
        """Refuse a secret that could be guessed: 16 characters at the least, in each of its parts."""
        if value and any(len(part.strip()) < 16 for part in value.split(",")):
            self.faults.append(f"{name} must have at least 16 characters")
        return value


def kept_secret(path: Path) -> str:
    """The secret in this file, made with mode 0600 the first time; two starts at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def port(text: str) -> int:
    """A TCP port; raises ValueError outside 1 to 65535."""
    if not 0 < int(text) < 65536:
        raise ValueError(text)
    return int(text)


def rate(text: str) -> float:
    """A number of messages a second, above zero."""
    if not 0 < float(text) < 100_000:
        raise ValueError(text)
    return float(text)


def proxies(text: str) -> int:
    """How many proxies stand in front: one digit."""
    if not re.fullmatch("[0-9]", text):
        raise ValueError(text)
    return int(text)


def flag(text: str) -> bool:
    """`1` or `0`; raises ValueError for anything else."""
    if text not in ("0", "1"):
        raise ValueError(text)
    return text == "1"


def digits(text: str) -> str:
    """A short code: 3 to 8 digits."""
    if not re.fullmatch("[0-9]{3,8}", text):
        raise ValueError(text)
    return text


def database(text: str) -> str:
    """A PostgreSQL address, by the one driver we use."""
    if not DATABASE_URL.fullmatch(text):
        raise ValueError(text)
    return driver(text)


def valkey(text: str) -> str:
    """An address of Redis or Valkey; a port that is none raises ValueError too."""
    if not re.fullmatch(r"(rediss?|unix)://\S+", text) or urlsplit(text).port == 0:
        raise ValueError(text)
    return text


def segments(text: str) -> tuple[str, ...]:
    """Secrets that each stand in one segment of a path as they are, without a letter that must be escaped."""
    if not all(re.fullmatch(r"[A-Za-z0-9._~-]+", part) for part in parts(text)):
        raise ValueError
    return parts(text)


def url(text: str) -> str:
    """An http or https address without its last slash."""
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise ValueError(text)
    return text.rstrip("/")


def code(text: str) -> str:
    """A USSD service code such as `*384*22262#`; every screen has room for a few digits more."""
    if not re.fullmatch(r"\*[0-9]{2,4}(\*[0-9]+)*#", text) or len(text) > LONGEST_CODE:
        raise ValueError(text)
    return text


def address(data_dir: Path, name: str) -> str:
    """The address an embedded server left in the data directory, or nothing when it is not running."""
    path = data_dir / "run" / ADDRESS_FILES[name]
    return path.read_text().strip() if path.exists() else ""


def driver(database_url: str) -> str:
    """The same database by the one driver we use."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", database_url)


def read(variables: Mapping[str, str]) -> Settings:
    """Read every setting; raises BadSettings naming all that is missing or wrong, not the first only."""
    env = Environment(variables)
    data_dir = Path(env.text("CP2_DATA_DIR", "var")).absolute()
    embedded = not variables.get("CP2_DATABASE_URL", "").strip()
    if embedded:
        require_folder(data_dir)
    kept_in = data_dir / "secrets" if embedded else None
    number = env.parsed("CP2_PORT", "8000", port, "a port")
    shortcode = env.parsed("CP2_SHORTCODE", "22262", digits, "3 to 8 digits") or ""
    settings = Settings(
        host=env.text("CP2_HOST", "127.0.0.1"),
        port=number or 0,
        data_dir=data_dir,
        embedded=embedded,
        database_url=server(env, "CP2_DATABASE_URL", embedded, data_dir),
        redis_url=server(env, "CP2_REDIS_URL", embedded, data_dir),
        at_username=env.text("CP2_AT_USERNAME", "sandbox" if embedded else None),
        at_api_key=env.text("CP2_AT_API_KEY", "simulator" if embedded else None),
        at_base_url=provider(env, embedded, data_dir),
        webhook_secrets=path_secrets(env, kept_in),
        shortcode=shortcode,
        service_code=env.parsed("CP2_SERVICE_CODE", "*384*22262#", code, "a code such as *384*22262#") or "",
        public_url=env.parsed("CP2_PUBLIC_URL", f"http://127.0.0.1:{number}", url, "an http(s) URL") or "",
        secret_key=env.secret("CP2_SECRET_KEY", kept_in).encode(),
        pepper=env.secret("CP2_PEPPER", kept_in).encode(),
        demo=bool(env.parsed("CP2_DEMO", "1" if embedded else "0", flag, "1 or 0")),
        sender_urgent=env.text("CP2_SENDER_URGENT", shortcode),
        sender_bulk=env.text("CP2_SENDER_BULK", shortcode),
        voice_number=env.text("CP2_VOICE_NUMBER", shortcode),
        sms_rate=env.parsed("CP2_SMS_RATE", "" if embedded else "50", rate, "a number above zero"),
        proxies=env.parsed("CP2_PROXIES", "0", proxies, "a number from 0 to 9") or 0,
    )
    if env.faults:
        raise BadSettings("; ".join(env.faults))
    return settings


def parts(text: str) -> tuple[str, ...]:
    """A comma-separated list, without its blanks."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def require_folder(data_dir: Path) -> None:
    """Make the data directory of the embedded servers; raises BadSettings where it cannot be used."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        usable = os.access(data_dir, os.W_OK | os.X_OK)
    except OSError:
        usable = False
    if not usable:
        raise BadSettings(
            f"CP2_DATA_DIR must be a folder that we may make and write to, not {str(data_dir)!r}"
        )


def path_secrets(env: Environment, kept_in: Path | None) -> tuple[str, ...]:
    """What stands in the path of a callback: the secrets in force."""
    secret = env.secret("CP2_WEBHOOK_SECRET", kept_in)
    try:
        return segments(secret)
    except ValueError:
        env.faults.append(
            "CP2_WEBHOOK_SECRET may have only the letters A-Z a-z, digits and - . _ ~ in each part"
        )
        return ()


# Of each server: where its address is kept while it is embedded, how one is read, and what one looks like.
SERVERS: dict[str, tuple[str, Callable[[str], str], str]] = {
    "CP2_DATABASE_URL": (
        "database_url",
        database,
        "an address such as postgresql://user:password@host:5432/cp2 (%40 for an @ in a password)",
    ),
    "CP2_REDIS_URL": ("redis_url", valkey, "an address such as redis://:password@host:6379/0"),
}


def server(env: Environment, name: str, embedded: bool, data_dir: Path) -> str:
    """A server's address: the variable, or (embedded) what the running one left; empty when none runs."""
    kept_as, read_address, wanted = SERVERS[name]
    if embedded and not env.variables.get(name, "").strip():
        return driver(address(data_dir, kept_as))
    return env.parsed(name, None, read_address, wanted, secret=True) or ""


def provider(env: Environment, embedded: bool, data_dir: Path) -> str | None:
    """Where Africa's Talking is spoken to: the override, the simulator (embedded), else the SDK's hosts."""
    given = env.parsed("CP2_AT_BASE_URL", "", url, "an http(s) address")
    return given or (address(data_dir, "at_base_url").rstrip("/") if embedded else "") or None
