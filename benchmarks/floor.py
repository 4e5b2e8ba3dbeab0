"""The floor: a bare Flask view that loads and saves one value in Valkey, and does nothing else."""

import os
from urllib.parse import parse_qsl

import redis
from flask import Flask, Response, request

from runtime import children

KEPT_SECONDS = 900
PADDING = " " * 120  # what is saved is about as long as a session


def create_app() -> Flask:
    """The floor's application, on the Valkey that FLOOR_REDIS names."""
    children.die_with_server()
    app, client = Flask("floor", static_folder=None), redis.Redis.from_url(os.environ["FLOOR_REDIS"])

    @app.post("/ussd")
    def ussd() -> Response:
        form = dict(parse_qsl(request.get_data().decode(), keep_blank_values=True))
        key = f"floor:{form['phoneNumber']}"
        seen = client.get(key) or b""
        client.set(key, form["sessionId"] + form["text"] + PADDING, ex=KEPT_SECONDS)
        verdict = "END" if form["text"].count("*") == 3 else "CON"
        return Response(f"{verdict} hello {len(seen)}", mimetype="text/plain")

    return app
