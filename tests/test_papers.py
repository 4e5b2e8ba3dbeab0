"""Papers in a browser: is a number genuine, the manual, and what every page is guarded by."""

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from sqlalchemy import func, select, text, update

from documents.renderer import Renderer
from menus.vocabulary import Menu
from models.documents import DocumentCheck
from models.people import Profile
from models.places import Centre
from operations import documents, office
from operations.documents import Verdict
from runtime.settings import Settings
from sms_gateway import keywords
from sms_gateway.commands.table import COMMANDS
from tests import pdfs
from tests.fixtures_web import Papers, with_papers
from tests.processes import wait_until
from ussd_app import pages
from ussd_app import papers as web
from ussd_app.cli import doctor
from ussd_app.factory import create_app
from ussd_app.manual import Manuals, taught

ASKER = "phone:+254711000999"
BLOCKED = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def issued(papers: Papers, **more: str) -> tuple[int, str]:
    """A deployment with a letter, and the letter's number."""
    deployment = papers.deploy(**more)
    papers.link(deployment)
    return deployment, papers.reference(deployment)


def ask(papers: Papers, typed: str, asker: str = ASKER) -> Verdict:
    """What anybody hears of a number."""
    with papers.service.stores.transaction() as db:
        return documents.check(db, papers.service.office, typed, asker, now=office.now(db))


# -- is it genuine -----------------------------------------------------------------------------------


def test_a_genuine_number_tells_post_centre_and_initials_and_no_more(papers: Papers) -> None:
    _, number = issued(papers)
    page = papers.get(f"/check/{number}")
    assert page.status_code == 200
    shown = " ".join(re.sub("<[^>]*>", " ", page.text).split())
    for fact in ("Genuine / Halisi", number, "A.W.O.", "Supervisor / Msimamizi", "20401001 Kasarani Girls"):
        assert fact in shown
    for secret in ("Amina", "Otieno", "711000001", papers.digits("amina")):
        assert secret not in page.text


def test_a_number_is_read_however_it_was_typed(papers: Papers) -> None:
    _, number = issued(papers)
    bare = number.replace("-", "")
    for typed in (
        number,
        number.lower(),
        bare,
        bare[2:],
        f" {number[:6]} {number[7:]} ",
        number.replace("-", "–"),
    ):
        assert ask(papers, typed).name == "genuine", typed
    assert papers.get("/check", query_string={"number": bare.lower()}).text.count("Genuine") == 1


def test_what_is_no_number_and_a_number_nobody_knows_are_answered_alike(papers: Papers) -> None:
    _, number = issued(papers)
    wrong = number[:-1] + ("2" if number[-1] != "2" else "3")
    pages = [
        papers.get(f"/check/{typed}").data for typed in (wrong, "AP-7K4-QX9-2", "x" * 3000, "<script>", "%00")
    ]
    assert set(pages) == {papers.get("/check/none").data}
    assert b"script" not in pages[0]


def test_a_revoked_number_was_genuine(papers: Papers) -> None:
    deployment, number = issued(papers)
    papers.end(deployment, "replaced")
    page = papers.get(f"/check/{number}").text
    assert "was genuine, but is no longer valid" in page
    assert "ilikuwa halisi, lakini haitumiki tena" in page
    assert "A.W.O." not in page


def test_ten_a_day_by_phone_and_thirty_by_browser(papers: Papers) -> None:
    _, number = issued(papers)
    assert [ask(papers, number).name for _ in range(12)] == ["genuine"] * 10 + ["limit"] * 2
    assert ask(papers, number, "phone:+254711000998").name == "genuine"
    answers = [papers.get(f"/check/{number}").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    assert papers.get(f"/check/{number}", environ_base={"REMOTE_ADDR": "10.9.8.7"}).status_code == 200


@pytest.mark.parametrize(
    ("proxies", "said", "counted"),
    [
        (0, "197.248.1.2", "127.0.0.1"),  # anybody may write the header
        (1, "197.248.1.2", "197.248.1.2"),
        (1, "10.9.8.7, 197.248.1.2", "197.248.1.2"),  # the first one is what the browser itself wrote
        (2, "10.9.8.7, 197.248.1.2, 10.0.0.1", "197.248.1.2"),
        (2, "197.248.1.2", "127.0.0.1"),
    ],
)
def test_behind_proxies_each_browser_is_counted_by_its_own_address(
    papers: Papers, proxies: int, said: str, counted: str
) -> None:
    behind = replace(papers.service.settings, proxies=proxies)
    app = create_app(behind, stores=papers.service.stores)
    app.test_client().get("/check/none", headers={"X-Forwarded-For": said})
    asked = papers.change(lambda db: db.scalars(select(DocumentCheck.asker)).all())
    assert asked == [documents.asker_on_web(papers.service.office, counted)]


def test_the_doctor_misses_the_proxy_that_tls_needs(papers: Papers) -> None:
    at_home = papers.service.settings
    outside = replace(at_home, public_url="https://cp2phone.knec.ac.ke")
    told = [list(doctor.unseen_askers(each)) for each in (at_home, outside, replace(outside, proxies=1))]
    assert [len(said) for said in told] == [0, 1, 0]


def test_the_limit_holds_for_many_at_once(papers: Papers) -> None:
    _, number = issued(papers)
    with ThreadPoolExecutor(10) as many:
        names = sorted(many.map(lambda n: ask(papers, number).name, range(20)))
    assert names == ["genuine"] * 10 + ["limit"] * 10


def test_a_register_opened_by_two_at_once_is_filed_once(papers: Papers) -> None:
    deployment, number = papers.deploy(), "DC-222-222-2"

    def refile() -> int:
        with papers.service.stores.transaction() as db:
            return documents.refile(db, number, deployment).id

    with ThreadPoolExecutor(1) as other:
        with papers.service.stores.transaction() as db:
            first = documents.refile(db, number, deployment).id
            second = other.submit(refile)
            wait_until(lambda: papers.change(lambda mine: mine.scalar(BLOCKED)), "the second one waiting")
        assert second.result(60) == first


def test_a_day_later_one_may_ask_again_and_the_old_askings_are_gone(papers: Papers) -> None:
    _, number = issued(papers)
    for _ in range(10):
        ask(papers, number)
    with papers.service.stores.transaction() as db:
        later = office.now(db) + timedelta(days=1, seconds=1)
        assert documents.check(db, papers.service.office, number, ASKER, now=later).name == "genuine"
    assert papers.change(lambda db: db.scalar(select(func.count()).select_from(DocumentCheck))) == 1


def test_a_browsers_address_is_kept_as_a_keyed_hash(papers: Papers) -> None:
    papers.get("/check/none", environ_base={"REMOTE_ADDR": "197.248.1.2"})
    kept = papers.change(lambda db: db.scalars(select(DocumentCheck.asker)).one())
    assert re.fullmatch("web:[0-9a-f]{32}", kept)
    assert kept == documents.asker_on_web(papers.service.office, "197.248.1.2")


def test_of_a_long_address_the_network_counts() -> None:
    assert web.network_of("2c0f:fe38:2001:aa::1") == web.network_of("2c0f:fe38:2001:aa:ffff::9")
    assert web.network_of("2c0f:fe38:2001:aa::1") != web.network_of("2c0f:fe38:2001:ab::1")
    assert [web.network_of(odd) for odd in ("197.248.1.2", "", "unix:")] == ["197.248.1.2", "", "unix:"]


def test_names_are_shown_and_never_run(papers: Papers) -> None:
    _, number = issued(papers)
    evil = '<script>alert(1)</script> "><img onerror=x>'
    papers.change(lambda db: db.execute(update(Centre).where(Centre.code == "20401001").values(name=evil)))
    papers.change(lambda db: db.execute(update(Profile).values(full_name="<b> *x* #y $z")))
    page = papers.get(f"/check/{number}").text
    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;.*.#.$." in page


# -- the manual --------------------------------------------------------------------------------------


def manuals(papers: Papers) -> Manuals:
    """The manuals of a process that has just begun."""
    return Manuals(papers.service, taught(keywords.TABLE, COMMANDS), Renderer())


@pytest.mark.parametrize("lang", ["en", "sw"])
def test_the_manual_shows_every_journey_and_every_command(papers: Papers, lang: str) -> None:
    page = papers.get(f"/manual?lang={lang}")
    assert page.status_code == 200
    tree = papers.service.library.live()[1]
    told = manuals(papers).live(lang)
    assert len(told.chapters) == len(
        {tree.journey(name) for name, node in tree.nodes.items() if hasattr(node, "en")}
    )
    for title in (chapter.title for chapter in told.chapters):
        assert title in Text.of(page.text)
    for (keyword, spoken), words in keywords.TABLE.items():
        if spoken == lang and keyword in COMMANDS:
            assert words[0].upper() in page.text, keyword
    assert papers.service.office.service_code in page.text
    assert papers.service.office.short_code in page.text


@pytest.mark.parametrize("lang", ["en", "sw"])
def test_every_command_of_the_manual_says_what_it_does(papers: Papers, lang: str) -> None:
    told = manuals(papers).live(lang)
    assert [command.example for command in told.commands if not command.does] == []


def test_the_manual_is_made_once_a_tree_and_printed(papers: Papers) -> None:
    one = manuals(papers)
    assert one.live("sw") is one.live("sw")
    assert one.live("en").version == papers.service.library.live()[0][:12]
    printed = papers.get("/manual?lang=sw&pdf=1")
    assert printed.mimetype == "application/pdf"
    assert printed.headers["Content-Disposition"] == 'attachment; filename="knec-cp2-mwongozo.pdf"'
    assert "Jinsi ya kuanza" in pdfs.text(printed.data)
    assert papers.get("/manual?lang=xx").data == papers.get("/manual").data


def test_the_way_to_a_journey_is_the_keys_that_lead_there(papers: Papers) -> None:
    tree = papers.service.library.live()[1]
    home = tree.nodes["desk.home"]
    assert isinstance(home, Menu)
    told = manuals(papers).live("en")
    ways = [chapter.way for chapter in told.chapters]
    for key, option in enumerate(home.options, 1):
        assert (f"{key}. {option.en}",) in ways or tree.journey(option.to) == "desk"


# -- guards ------------------------------------------------------------------------------------------


class Text(HTMLParser):
    """The text of a page, and what it would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.loads: list[str] = []

    @classmethod
    def of(cls, page: str) -> str:
        """What a reader of the page reads."""
        reader = cls()
        reader.feed(page)
        return reader.text

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag in ("script", "img", "link", "iframe", "object") or "src" in names or "style" in names:
            self.loads.append(tag)


def test_every_page_is_small_alone_and_guarded(papers: Papers) -> None:
    deployment, number = issued(papers)
    link = papers.link(deployment)
    for path in (link, "/d/none", "/check", f"/check/{number}", "/check/none", "/manual", "/manual?lang=sw"):
        page = papers.get(path)
        reader = Text()
        reader.feed(page.text)
        assert not reader.loads, path
        assert "Set-Cookie" not in page.headers
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        if path.startswith(("/d/", "/check")):
            assert len(page.data) < 5_000, path
            assert page.headers["Cache-Control"] == "no-store"


def test_the_style_is_the_one_that_the_policy_allows(papers: Papers) -> None:
    page = papers.get("/check")
    style = re.search("<style>(.*?)</style>", page.text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["Content-Security-Policy"]


def test_no_connection_is_held_while_a_letter_is_drawn(papers: Papers) -> None:
    pool = papers.service.stores.engine.pool

    class Watching(Renderer):
        """A renderer that looks at the pool while it draws."""

        held: int | None = None

        def draw(self, *args: object, **options: object) -> bytes:
            self.held = pool.checkedout()  # type: ignore[attr-defined]
            return super().draw(*args, **options)

    token = papers.link(papers.deploy()).removeprefix("/d/")
    watching = Watching()
    with papers.app.test_request_context():
        shown = pages.open_pages(papers.service.office)
        answer = web.unlocked(papers.service, shown, watching, token, papers.digits("amina"))
    assert answer.status_code == 200
    assert watching.held == 0


def test_the_link_of_each_kind_opens_its_own_document(papers: Papers) -> None:
    deployment = papers.deploy()
    opened = papers.post(papers.link(deployment, "declaration"), papers.digits("amina"))
    assert opened.headers["Content-Disposition"] == 'attachment; filename="knec-declaration-form.pdf"'
    assert "DECLARATION FORM" in pdfs.text(opened.data)


def test_before_a_menu_is_published_the_manual_asks_to_try_again(settings: Settings) -> None:
    page = with_papers(create_app(settings)).test_client().get("/manual")
    assert page.status_code == 503
    assert "try again" in page.text
