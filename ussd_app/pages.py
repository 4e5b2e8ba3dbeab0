"""Pages: small HTML for any phone's browser, in both languages, and the headers that guard them."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Response, render_template
from markupsafe import Markup

from operations.office import Office

FOLDER: Final = Path(__file__).parent / "templates" / "papers"
# A page's name, where it is not simply 200.
STATUS: Final[Mapping[str, int]] = {
    "wrong": 403,
    "gone": 404,
    "no_id": 409,
    "revoked": 410,
    "limit": 429,
    "busy": 503,
}
PRIVATE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


@dataclass(frozen=True)
class Pages:
    """The pages of one office: without scripts, pictures or anything from elsewhere."""

    office: Office
    style: str

    def show(
        self, template: str, name: str = "", headers: Mapping[str, str] = PRIVATE, **values: Any
    ) -> Response:
        """A page by its template; `name` is what happened, and decides the status."""
        style = Markup(self.style)  # noqa: S704 - ours, and it must be the very bytes that are hashed
        html = render_template(
            f"papers/{template}.html", office=self.office, style=style, name=name, **values
        )
        status = STATUS.get(name, 200)
        return Response(html, status, {**self.guards(), **headers}, mimetype="text/html")

    def guards(self) -> dict[str, str]:
        """What every paper is sent with: nothing runs, nothing is framed, no address is passed on."""
        hashed = base64.b64encode(hashlib.sha256(self.style.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{hashed}'; form-action 'self'; base-uri 'none'"
        return {
            "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }


def open_pages(office: Office) -> Pages:
    """The pages of this office."""
    return Pages(office, (FOLDER / "style.css").read_text("utf-8"))
