"""The application factory: the one place where every edge is joined to what it stands on."""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from menus.table import VOCABULARY
from menus.vocabulary import Vocabulary
from menus.wording import Wording
from operations.office import now
from runtime import logs
from runtime.metrics import Gauge
from runtime.settings import Settings
from runtime.stores import NotRunning, Stores
from sms_gateway import bell, keywords, outbox, webhooks
from sms_gateway.commands.table import COMMANDS
from sms_gateway.offices import office_of
from ussd_app import cli, health, papers, webhook
from ussd_app.service import Service, open_service
from ussd_app.sessions import HOP_SECONDS

# The largest body that any route takes; the callbacks keep to 16 KiB themselves.
MOST_BYTES = 10 * 1024 * 1024


class BrowserSessions(SecureCookieSessionInterface):
    """Cookies for people with a browser; the gateway has none, and a hop has no time to look for them."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session in the cookie; none under the callbacks' path."""
        return None if request.path.startswith("/at/") else super().open_session(app, request)


def create_app(
    settings: Settings,
    *,
    vocabulary: Vocabulary = VOCABULARY,
    hop_seconds: float = HOP_SECONDS,
    stores: Stores | None = None,
) -> Flask:
    """The Flask application for these settings; a hop is over in so many seconds.

    Without running servers (embedded, not started) it has its commands only, so that `doctor` can say so.
    """
    logs.configure(settings.webhook_secrets)
    app = Flask("cp2", static_folder=None)
    app.config["SECRET_KEY"] = settings.secret_key
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.session_interface = BrowserSessions()
    if settings.proxies:  # without one the header is whatever the asker wrote
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, settings.proxies)  # type: ignore[method-assign]
    app.extensions["settings"] = settings
    cli.register(app)
    try:
        service = open_service(
            settings,
            office_of(settings),
            ring,
            gauges,
            vocabulary=vocabulary,
            hop_seconds=hop_seconds,
            stores=stores,
        )
    except NotRunning:
        return app
    app.extensions["cp2"] = service
    register_routes(app, service)
    return app


def ring(stores: Stores, lane: str) -> None:
    """Wake the workers of a lane; whatever fails, the sweeper rings again."""
    bell.ring(stores.redis, lane)


def gauges(db: Session) -> list[Gauge]:
    """The outbox for Prometheus: depth and oldest age by lane, what rests, and how many sends are unknown."""
    found = []
    for name, reason, until in outbox.rests(db):
        labels = {"lane": name, "reason": reason}
        found.append(Gauge("cp2_lane_rests_until_seconds", "When a lane tries again", labels, until))
    for depth in outbox.depths(db, now=now(db)):
        lane = {"lane": depth.lane}
        found.append(Gauge("cp2_outbox_ready", "Messages waiting to be sent", lane, depth.ready))
        found.append(Gauge("cp2_outbox_held", "Messages held until their hours", lane, depth.held))
        found.append(Gauge("cp2_outbox_oldest_seconds", "Age of the oldest due", lane, depth.oldest))
    unknown = Gauge("cp2_outbox_unknown", "Sends of unknown outcome", {}, outbox.unknown(db))
    return [*found, unknown]


def register_routes(app: Flask, service: Service) -> None:
    """Every blueprint there is, written out."""
    app.register_blueprint(webhook.blueprint(service))
    app.register_blueprint(webhooks.blueprint(sms_desk(service)))
    app.register_blueprint(health.blueprint(service))
    app.register_blueprint(papers.blueprint(service, keywords.TABLE, COMMANDS))


def sms_desk(service: Service) -> webhooks.Desk:
    """What the SMS callbacks work with."""
    return webhooks.Desk(
        settings=service.settings,
        stores=service.stores,
        office=service.office,
        wording=lambda: Wording(service.library.live()[1].words, service.office),
        ring=service.ring,
        count=lambda name: service.metrics.events.labels(name).inc(),
        end=service.sessions.end,
    )
