"""Papers in a browser: a document by its link, whether a number is genuine, and the manual."""

import ipaddress
from collections.abc import Callable, Collection
from datetime import date, datetime
from functools import partial
from typing import Final

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from documents import letters
from documents import returns as registers
from documents.renderer import Renderer
from menus import speech
from menus.library import Unpublished
from menus.vocabulary import LANGUAGES
from models.centres import Return
from operations import declarations, deployments, document_terms, documents, links, returns
from operations.deployment_facts import DeploymentFacts
from operations.document_terms import Terms
from operations.office import NAIROBI, Actor, Office, now
from operations.return_sheets import Sheet
from runtime.stores import within
from ussd_app.manual import Keywords, Manuals, taught
from ussd_app.pages import PRIVATE, Pages, open_pages
from ussd_app.service import Service

# Somebody with a browser waits longer than somebody on a phone, but not for ever.
PATIENCE: Final = 5.0
# Who opened a link is not known, only that they had it and the right digits.
HOLDER: Final = Actor("link", "web")
MOST_TYPED: Final = 40
log = structlog.get_logger()


def blueprint(service: Service, keywords: Keywords, served: Collection[str]) -> Blueprint:
    """The routes `/d/<token>`, `/check`, `/check/<ref>` and `/manual`, which tells of the commands served."""
    routes, renderer = Blueprint("papers", __name__, template_folder="templates"), Renderer()
    pages, manuals = open_pages(service.office), Manuals(service, taught(keywords, served), renderer)

    @routes.get("/d/<token>")
    def ask(token: str) -> Response:
        return patiently(pages, partial(look, service, pages, token))

    @routes.post("/d/<token>")
    def unlock(token: str) -> Response:
        typed = "".join(request.form.get("digits", "")[:MOST_TYPED].split())
        return patiently(pages, partial(unlocked, service, pages, renderer, token, typed))

    @routes.get("/check")
    def check_form() -> Response:
        typed = request.args.get("number", "").strip()
        return patiently(pages, partial(checked, service, pages, typed)) if typed else pages.show("check")

    @routes.get("/check/<ref>")
    def check(ref: str) -> Response:
        return patiently(pages, partial(checked, service, pages, ref))

    @routes.get("/manual")
    def manual() -> Response:
        lang = "sw" if request.args.get("lang") == "sw" else "en"
        return patiently(pages, partial(manuals.answer, pages, lang, "pdf" in request.args))

    return routes


def patiently(pages: Pages, answer: Callable[[], Response]) -> Response:
    """The answer, or polite words while the database is away: then nothing is opened and nothing told."""
    try:
        with within(PATIENCE):
            return answer()
    except (DBAPIError, PoolTimeout, Unpublished) as error:
        log.error("paper not shown", error=type(error).__name__)
        return pages.show("notice", "busy")


# -- documents ---------------------------------------------------------------------------------------


def look(service: Service, pages: Pages, token: str) -> Response:
    """What a link asks. It changes nothing: messengers and phones look at links by themselves."""
    with service.stores.transaction() as db:
        opening = links.look(db, service.office, token, now=now(db))
    return shown(service, pages, opening)


def shown(service: Service, pages: Pages, opening: links.Opening) -> Response:
    """The page of a link that opens nothing yet, or nothing any more."""
    if opening.name not in ("ask", "wrong"):
        return pages.show("notice", opening.name, lang=opening.lang, kind=opening.kind)
    words = service.library.live()[1].words
    holder = {lang: speech.spell(f"@term.position.{opening.position}", lang, words) for lang in LANGUAGES}
    return pages.show("open", opening.name, lang=opening.lang, opening=opening, holder=holder)


def unlocked(service: Service, pages: Pages, renderer: Renderer, token: str, typed: str) -> Response:
    """The document, for the right digits. It is drawn when the database is free again."""
    if not (len(typed) == links.DIGITS_ASKED and typed.isascii() and typed.isdigit()):
        return look(service, pages, token)  # no guess at all, so it is not counted
    with service.stores.transaction() as db:
        opening = links.unlock(db, service.office, token, typed, by=HOLDER, now=now(db))
        if opening.name == "right":
            terms = document_terms.of(db, opening.document_id)
            facts = deployments.facts(db, terms.deployment_id)
            register = returns.reading(db, terms.reference, now=now(db))
    if opening.name != "right":
        return shown(service, pages, opening)
    if register is not None:
        pdf = registers.draw(renderer, register_of(*register, service.office))
        return file(pages, pdf, registers.FILE_NAME)
    pdf = letters.draw(renderer, terms.kind, letter_of(facts, terms, service.office))
    return file(pages, pdf, letters.FILE_NAMES[terms.kind])


def register_of(row: Return, sheet: Sheet, office: Office) -> registers.Register:
    """The rows of a returned register, from what the office has of it."""
    return registers.Register(
        number=row.reference,
        check_url=f"{office.public_url}/check/{row.reference}",
        short_code=office.short_code,
        exam=sheet.exam,
        centre_code=sheet.centre_code,
        centre=sheet.centre,
        sub_county=sheet.sub_county,
        county=sheet.county,
        submitted_at=row.submitted_at,
        submitted_digest=row.digest,
        digest=sheet.digest,
        days=sheet.days,
        lines=tuple(
            registers.Line(
                line.officer.roster_no,
                line.officer.name,
                line.officer.national_id,
                line.officer.position,
                line.marked,
            )
            for line in sheet.lines
        ),
    )


def file(pages: Pages, pdf: bytes, name: str) -> Response:
    """A PDF to be kept under this fixed name; nothing of a person is in it."""
    headers = {**pages.guards(), **PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pdf, 200, headers, mimetype="application/pdf")


def letter_of(facts: DeploymentFacts, terms: Terms, office: Office) -> letters.Letter:
    """The rows of a letter, from what the office knows of the deployment and of the document."""
    # An appointment goes through the director of the centre; an examiner is called from home.
    home = terms.kind == "invitation" and bool(terms.home)
    return letters.Letter(
        number=terms.reference,
        check_url=f"{office.public_url}/check/{terms.reference}",
        short_code=office.short_code,
        deployment_id=facts.id,
        issued_on=local_day(terms.issued_at),
        exam=facts.exam,
        year=facts.year,
        position=facts.position,
        station=terms.station,
        centre_code=facts.centre_code,
        centre=facts.centre,
        name=facts.name,
        national_id=facts.national_id,
        employment_no=terms.number,
        phone=facts.phone,
        town=facts.town,
        sub_county=terms.home if home else facts.centre_sub_county,
        county=terms.home_county if home else facts.county,
        reporting_at=facts.reporting_at,
        first_day=facts.first_day,
        last_day=facts.last_day,
        report_to=facts.report_to,
        carry=facts.carry,
        distance_km=facts.distance_km,
        ksh_per_day=facts.rate,
        subject=terms.subject,
        paper=terms.paper,
        accepted_on=local_day(terms.accepted_at) if terms.accepted_at else None,
        rest_years=terms.rest_years or None,
        declaration=(terms.declared or declarations.VERSION) if terms.kind == "declaration" else "",
        agreed_at=terms.agreed_at,
    )


def local_day(moment: datetime) -> date:
    """The day of this moment in Nairobi."""
    return moment.astimezone(NAIROBI).date()


# -- is it genuine -----------------------------------------------------------------------------------


def checked(service: Service, pages: Pages, typed: str) -> Response:
    """Whether the number is genuine, within the day's limit of whoever asks."""
    asker = documents.asker_on_web(service.office, network_of(request.remote_addr or ""))
    with service.stores.transaction() as db:
        verdict = documents.check(db, service.office, typed[:MOST_TYPED], asker, now=now(db))
    words = service.library.live()[1].words
    said = {
        lang: {
            "kind": speech.spell(f"@term.document.{verdict.kind}", lang, words),
            "position": speech.spell(f"@term.position.{verdict.position}", lang, words),
        }
        for lang in LANGUAGES
    }
    return pages.show("verdict", verdict.name, verdict=verdict, said=said)


def network_of(address: str) -> str:
    """Whose address this is, as it is counted: of the new, long ones a household has a whole network."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else address
