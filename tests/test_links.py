"""Links to letters: who opens them, how often one may guess, how long they live."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from models.accounts import Account
from models.base import Base
from models.deployments import Deployment
from models.documents import Document, Link
from models.records import Audit
from operations import documents, links, office
from operations.office import Actor
from operations.refusals import Refusal
from runtime.settings import Settings
from tests import pdfs
from tests.fixtures_web import Papers, with_papers
from ussd_app.factory import create_app

GONE = "does not work any more"
WRONG = "0000"  # nobody's digits in the small season: they follow the account's number


def test_the_right_digits_open_the_letter_under_a_fixed_name(papers: Papers) -> None:
    deployment = papers.deploy()
    opened = papers.post(papers.link(deployment), papers.digits("amina"))
    assert opened.status_code == 200
    assert opened.mimetype == "application/pdf"
    assert opened.headers["Content-Disposition"] == 'attachment; filename="knec-appointment-letter.pdf"'
    assert opened.headers["Cache-Control"] == "no-store"
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in opened.headers["X-Robots-Tag"]
    assert "default-src 'none'" in opened.headers["Content-Security-Policy"]
    said = pdfs.text(opened.data)
    for fact in ("AMINA WANJIRU OTIENO", "Kasarani Girls Secondary School (20401001)", "Kshs 680/="):
        assert fact in said, fact
    assert papers.reference(deployment) in said


def test_a_link_is_80_bits_of_which_no_table_holds_one(papers: Papers) -> None:
    token = papers.link(papers.deploy()).removeprefix("/d/")
    assert len(token) == 16
    assert set(token) <= set("0123456789abcdefghjkmnpqrstvwxyz")
    [row] = papers.rows()
    assert len(row["token_hash"]) == 32
    with papers.service.stores.engine.connect() as connection:
        for table in Base.metadata.tables:
            held = text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :token")
            assert connection.execute(held, {"token": f"%{token}%"}).scalar_one() == 0, table


def test_looking_at_a_link_changes_nothing(papers: Papers) -> None:
    path = papers.link(papers.deploy())
    before = papers.rows()
    for _ in range(7):  # phones and messengers look at links by themselves
        page = papers.get(path)
        assert page.status_code == 200
        assert 'method="post"' in page.text
        assert papers.app.test_client().head(path).status_code == 200
    assert papers.rows() == before
    assert papers.change(lambda db: db.scalar(select(func.count()).where(Audit.act.like("document.%")))) == 0
    assert papers.post(path, papers.digits("amina")).status_code == 200


def test_five_wrong_tries_and_the_link_is_dead_even_for_the_right_digits(papers: Papers) -> None:
    path = papers.link(papers.deploy())
    for left in (4, 3, 2, 1):
        page = papers.post(path, WRONG)
        assert page.status_code == 403
        assert f"Tries left: {left}" in page.text
        assert f"Majaribio yaliyobaki: {left}" in page.text
    assert GONE in papers.post(path, WRONG).text
    dead = papers.post(path, papers.digits("amina"))
    assert dead.status_code == 404
    assert dead.data == papers.get(path).data
    assert [row["wrong"] for row in papers.rows()] == [5]


def test_twenty_wrong_tries_at_once_count_as_five(papers: Papers) -> None:
    path = papers.link(papers.deploy())
    with ThreadPoolExecutor(12) as many:  # as many as there are connections
        answers = list(many.map(lambda n: papers.post(path, WRONG).status_code, range(20)))
    assert sorted(answers) == [403] * 4 + [404] * 16
    assert [row["wrong"] for row in papers.rows()] == [5]
    assert papers.post(path, papers.digits("amina")).status_code == 404


@pytest.mark.parametrize("typed", ["", "12", "12345", "abcd", "١٢٣٤", "' OR", "12 3", "0" * 9000])
def test_what_is_no_guess_is_not_counted(papers: Papers, typed: str) -> None:
    path = papers.link(papers.deploy())
    assert papers.post(path, typed).status_code == 200
    assert [row["wrong"] for row in papers.rows()] == [0]


def test_a_link_lives_until_a_week_after_the_reporting_day(papers: Papers) -> None:
    deployment = papers.deploy()
    path = papers.link(deployment)
    reporting = papers.change(lambda db: db.get_one(Deployment, deployment).reporting_at)
    last = (reporting.astimezone(office.NAIROBI) + timedelta(days=7)).replace(hour=23, minute=59)

    def name(now: object) -> str:
        with papers.service.stores.transaction() as db:
            return links.look(db, papers.service.office, path.removeprefix("/d/"), now=now).name

    assert [name(last), name(last + timedelta(minutes=1))] == ["ask", "gone"]


def test_no_link_is_made_when_its_time_is_over(papers: Papers) -> None:
    deployment = papers.deploy()
    papers.change(
        lambda db: setattr(
            db.get_one(Deployment, deployment), "reporting_at", office.now(db) - timedelta(days=9)
        )
    )
    with pytest.raises(Refusal, match=r"document\.too_late"):
        papers.link(deployment)


def test_asking_again_gives_another_link_and_five_a_day_are_enough(papers: Papers) -> None:
    deployment = papers.deploy()
    paths = [papers.link(deployment) for _ in range(5)]
    assert len(set(paths)) == 5
    with pytest.raises(Refusal, match=r"document\.too_many_links"):
        papers.link(deployment)
    assert all(papers.post(path, papers.digits("amina")).status_code == 200 for path in paths)
    assert papers.change(lambda db: db.scalar(select(func.count()).select_from(Document))) == 1


def test_of_links_asked_for_at_once_five_are_made_and_share_one_document(papers: Papers) -> None:
    deployment = papers.deploy()

    def ask(number: int) -> str:
        try:
            return papers.link(deployment)
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(ask, range(8)))
    assert answers.count("document.too_many_links") == 3
    assert len({answer for answer in answers if answer.startswith("/d/")}) == 5
    assert papers.change(lambda db: db.scalar(select(func.count()).select_from(Document))) == 1


def test_a_link_that_is_truncated_flipped_or_unknown_is_answered_alike(papers: Papers) -> None:
    path = papers.link(papers.deploy())
    unknown = papers.get("/d/0000000000000000")
    assert unknown.status_code == 404
    assert GONE in unknown.text
    assert "hakifanyi kazi tena" in unknown.text
    flipped = path[:-1] + ("2" if path[-1] == "3" else "3")
    for bad in (path[:-1], flipped, path + "0", "/d/%00", "/d/" + "a" * 5000, "/d/' OR 1=1--", "/d/%ff%fe"):
        assert papers.get(bad).data == unknown.data, bad
        assert papers.post(bad, papers.digits("amina")).data == unknown.data, bad
    assert [row["wrong"] for row in papers.rows()] == [0]


def test_a_link_typed_by_hand_is_forgiven(papers: Papers) -> None:
    token = papers.link(papers.deploy()).removeprefix("/d/")
    typed = f"{token[:4]}-{token[4:8]}-{token[8:]}".upper().replace("0", "O").replace("1", "l")
    assert papers.get(f"/d/{typed}").status_code == 200


def test_another_persons_digits_open_nothing(papers: Papers) -> None:
    mine, other = papers.link(papers.deploy("amina")), papers.link(papers.deploy("fatuma", "invigilator"))
    assert papers.post(mine, papers.digits("fatuma")).status_code == 403
    assert papers.post(other, papers.digits("amina")).status_code == 403
    assert [row["wrong"] for row in papers.rows()] == [1, 1]


def test_a_link_that_was_used_asks_the_digits_again(papers: Papers) -> None:
    path = papers.link(papers.deploy())
    first = papers.post(path, papers.digits("amina"))
    opened_at = papers.rows()[0]["opened_at"]
    assert opened_at
    assert papers.get(path).mimetype == "text/html"
    again = papers.post(path, papers.digits("amina"))
    assert again.data == first.data  # the same letter is the same bytes
    assert papers.rows()[0]["opened_at"] == opened_at


def test_what_stands_behind_a_link_is_not_read(papers: Papers) -> None:
    path = papers.link(papers.deploy())
    page = papers.get(f"{path}?digits={papers.digits('amina')}&kind=<script>&lang=sw")
    assert page.data == papers.get(path).data
    assert papers.post(f"{path}?digits={papers.digits('amina')}", WRONG).status_code == 403


@pytest.mark.parametrize("state", ["declined", "replaced", "cancelled"])
def test_the_link_of_an_ended_deployment_says_that_it_is_no_longer_valid(papers: Papers, state: str) -> None:
    deployment = papers.deploy()
    path = papers.link(deployment, lang="sw")
    papers.end(deployment, state)
    for page in (papers.get(path), papers.post(path, papers.digits("amina"))):
        assert page.status_code == 410
        assert page.text.index("haitumiki tena") < page.text.index("no longer valid")
    with pytest.raises(Refusal, match=r"document\.revoked"):
        papers.link(deployment)


def test_a_revoked_document_stays_revoked(papers: Papers) -> None:
    deployment = papers.deploy()
    path = papers.link(deployment)
    officer = Actor("staff:test", "command")
    for _ in range(2):
        papers.change(lambda db: documents.revoke(db, deployment, by=officer, now=office.now(db)))
    assert papers.get(path).status_code == 410
    with pytest.raises(Refusal, match=r"document\.revoked"):
        papers.link(deployment)
    acts = select(func.count()).where(Audit.act == "document.revoke")
    assert papers.change(lambda db: db.scalar(acts)) == 1


def test_without_an_id_on_file_the_link_says_how_to_go_on(papers: Papers) -> None:
    path = papers.link(papers.deploy())
    mine = papers.season.accounts["amina"]
    papers.change(lambda db: setattr(db.get_one(Account, mine), "national_id", None))
    for page in (papers.get(path), papers.post(path, WRONG)):
        assert page.status_code == 409
        assert "add it to your profile" in page.text
        assert "kiongeze kwenye wasifu" in page.text
    assert [row["wrong"] for row in papers.rows()] == [0]


def test_the_opening_is_written_down_without_personal_data(papers: Papers) -> None:
    papers.post(papers.link(papers.deploy()), papers.digits("amina"))
    acts = select(Audit).where(Audit.act == "document.open")
    [row] = papers.change(lambda db: db.scalars(acts).all())
    number = papers.change(lambda db: db.scalars(select(Link.document_id)).one())
    assert (row.actor, row.channel, row.subject, row.details) == ("link", "web", f"document:{number}", {})


def test_without_the_database_nothing_is_told(settings: Settings) -> None:
    away = replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    app = with_papers(create_app(away))
    for answer in (
        app.test_client().get("/d/0000000000000000"),
        app.test_client().post("/d/0000000000000000", data={"digits": "1234"}),
        app.test_client().get("/check/DC-7K4-QX9-2"),
    ):
        assert answer.status_code == 503
        assert "try again" in answer.text
        assert "jaribu tena" in answer.text
