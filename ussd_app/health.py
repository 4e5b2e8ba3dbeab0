"""Alive, able to serve, and how much: for load balancers, operators and Prometheus."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, redirect, request
from sqlalchemy import text
from werkzeug.wrappers import Response as AnyResponse

from models import schema
from runtime import settings as settings_module
from runtime.metrics import Gauge
from runtime.stores import within
from ussd_app.service import Service

PATIENCE_SECONDS = 1.0


def blueprint(service: Service) -> Blueprint:
    """The routes `/healthz`, `/readyz`, `/metrics` and `/simulator`."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return Response("alive\n", mimetype="text/plain")

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        missing = what_is_missing(service)
        return jsonify(ready=not missing, missing=missing), 503 if missing else 200

    @routes.get("/metrics")
    def metrics() -> Response:
        service.ledger.work()
        return Response(service.metrics.page(gauges(service)), mimetype="text/plain; version=0.0.4")

    @routes.get("/simulator")
    def simulator() -> AnyResponse:
        url = simulator_url(service)
        return redirect(url, 302) if url else Response("There is no simulator here.\n", 404)

    return routes


def what_is_missing(service: Service) -> dict[str, str]:
    """What keeps this process from serving, by name; empty when all is well."""
    probes: dict[str, Callable[[], str]] = {
        "database": lambda: database_fault(service),
        "redis": lambda: "" if service.stores.redis.ping() else "no answer",
        "menu": lambda: "" if service.library.live() else "nothing is published",
    }
    faults = {name: said(probe) for name, probe in probes.items()}
    return {name: fault for name, fault in faults.items() if fault}


def said(probe: Callable[[], str]) -> str:
    """What a probe answers, or the kind of error it ended in."""
    try:
        with within(PATIENCE_SECONDS):
            return probe()
    except Exception as error:
        return type(error).__name__


def database_fault(service: Service) -> str:
    """Whether the database answers and has every migration."""
    with service.stores.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return "waits for a migration (flask db upgrade)" if schema.pending(service.stores.engine) else ""


def gauges(service: Service) -> list[Gauge]:
    """The outbox as it stands, read from SQL; while the database is down, that."""
    try:
        with within(PATIENCE_SECONDS), service.stores.transaction() as db:
            return service.outbox(db)
    except Exception:
        return [Gauge("cp2_database_down", "The database does not answer", {}, 1.0)]


def simulator_url(service: Service) -> str:
    """Where the handset is, by the host name that the browser used."""
    settings = service.settings
    if not settings.embedded:
        return ""
    url = settings_module.address(settings.data_dir, "at_base_url")
    host = request.host.rsplit(":", 1)[0]
    return url.replace("127.0.0.1", host) if host in ("localhost", "127.0.0.1") else url
