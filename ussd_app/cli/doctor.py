"""`flask --app wsgi doctor`: what is set, reachable and missing, and how to mend it."""

import socket
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext

from menus import wording
from operations import centre_accounts
from operations.office import NAIROBI, now
from runtime.metrics import Gauge
from runtime.settings import Settings
from ussd_app import health
from ussd_app.service import Service

MENDING = {
    "database": "see that PostgreSQL runs and CP2_DATABASE_URL is right; then: flask --app wsgi db upgrade",
    "redis": "see that Redis or Valkey runs and CP2_REDIS_URL is right; nothing is lost meanwhile",
    "menu": "publish the tree: flask --app wsgi menus publish",
}
# Why a lane rests, in the words of the outbox: what Africa's Talking says, and how to mend it.
RESTS = {
    "balance": ("says the balance is too low", "top up the account at Africa's Talking"),
    "key": ("refuses the API key", "see that CP2_AT_USERNAME and CP2_AT_API_KEY are right, and start again"),
    "sender": ("refuses the sender", "see that CP2_SENDER_URGENT and CP2_SENDER_BULK are yours there"),
    "address": ("knows no such address", "see that CP2_AT_BASE_URL is right, and start again"),
}
REST = ("refuses most of what is sent", "see the logs of the workers, and Africa's Talking's own status")


@click.command()
@with_appcontext
def doctor() -> None:
    """Say what is set, what is reachable, what is missing, and how to mend it. Exits 1 if something is."""
    settings: Settings = current_app.extensions["settings"]
    for line in facts(settings):
        click.echo(line)
    faults = list(findings(settings, current_app.extensions.get("cp2")))
    for fault in faults:
        click.echo(f"MISSING  {fault}")
    click.echo("All is well." if not faults else f"{len(faults)} to mend.")
    raise SystemExit(1 if faults else 0)


def facts(settings: Settings) -> Iterator[str]:
    """What is set; secrets by their presence only."""
    yield f"data directory   {settings.data_dir}{'  (embedded servers)' if settings.embedded else ''}"
    yield f"web              http://{settings.host}:{settings.port}  public {settings.public_url}"
    yield f"service code     {settings.service_code}  short code {settings.shortcode}"
    yield f"Africa's Talking {settings.at_username} at {settings.at_base_url or 'the live hosts'}"
    yield f"proxies in front {settings.proxies}"
    yield f"path secrets     {len(settings.webhook_secrets)} in force"
    pace = f"{settings.sms_rate:g} messages a second" if settings.sms_rate else "unpaced"
    yield f"sending          {pace}"


def findings(settings: Settings, service: Service | None) -> Iterator[str]:
    """What is missing, each with its mending."""
    if service is None:
        yield "the embedded servers do not run: start them with `make run`"
        return
    missing = health.what_is_missing(service)
    if settings.embedded and {"database", "redis"} <= missing.keys():  # killed, and its addresses are stale
        yield "the embedded servers ended without a word: start them again with `make run`"
        return
    for name, fault in missing.items():
        yield f"{name}: {fault}. To mend: {MENDING[name]}"
    if not missing:
        yield from long_sentences(service)
        yield from without_director(service)
    yield from unseen_askers(settings)
    yield from gateway_fault(settings)
    yield from quiet_workers(health.gauges(service))


def unseen_askers(settings: Settings) -> Iterator[str]:
    """Whether a proxy that must be there (we speak no TLS) is not counted: all browsers are one."""
    if settings.public_url.startswith("https://") and not settings.proxies:
        yield (
            "CP2_PROXIES: CP2_PUBLIC_URL is https and no proxy is counted, so that all who check documents "
            "share one limit. To mend: set it to how many proxies stand in front"
        )


def gateway_fault(settings: Settings) -> Iterator[str]:
    """Whether the gateway's host can be reached at all; nothing is sent."""
    address = urlsplit(settings.at_base_url or "https://api.africastalking.com")
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname or "", port), timeout=3).close()
    except OSError as error:
        yield f"Africa's Talking ({address.hostname}:{port}) cannot be reached: {error}"


def long_sentences(service: Service) -> Iterator[str]:
    """Sentences that need another SMS segment with this public address: each costs money every time."""
    for name in wording.oversized(service.library.live()[1].words, service.office):
        yield f"the SMS {name} with this CP2_PUBLIC_URL. To mend: use a shorter address"


def without_director(service: Service) -> Iterator[str]:
    """Sub-counties with centres at work and no director: nobody is told there which are not marked."""
    with service.stores.transaction() as db:
        places = centre_accounts.undirected(db, now=now(db))
    if places:
        centres, named = sum(count for _, count in places), ", ".join(name for name, _ in places[:3])
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        yield (
            f"{centres} centres have no Sub-County Director: those of {named}{more}. "
            "To mend: flask --app wsgi staff add director <county/sub-county> <phone>"
        )


def quiet_workers(gauges: list[Gauge]) -> Iterator[str]:
    """Lanes that rest, and why; of the others those whose oldest due message waits and nobody drains them."""
    resting = {
        gauge.labels["lane"]: gauge for gauge in gauges if gauge.name == "cp2_lane_rests_until_seconds"
    }
    for lane, rest in resting.items():
        says, mending = RESTS.get(rest.labels["reason"], REST)
        until = f"{datetime.fromtimestamp(rest.value, NAIROBI):%H.%M}"
        yield f"lane {lane} rests until {until}: Africa's Talking {says}. To mend: {mending}"
    for gauge in gauges:
        lane = gauge.labels.get("lane", "")
        if gauge.name == "cp2_outbox_oldest_seconds" and gauge.value > 120 and lane not in resting:
            yield f"lane {lane}: a message waits {gauge.value:.0f} s. To mend: python -m workers {lane}"
