"""The measured morning: what it says means what it holds it to, the client's ear, and a recount that sees.

Nothing here asserts how fast anything is.
"""

import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import attendance, morning, talks
from benchmarks.figure import Wrong
from benchmarks.morning import BY_USSD, FIRST, SECOND, Word, everybody, holds
from benchmarks.registers import FIRST_CENTRE
from benchmarks.talks import Load, Post
from operations import register_texts

ROSTER = range(1, 9)
SCENES = [*morning.SMS_SCENES, *morning.USSD_SCENES]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_each_scene_says_what_it_is_held_to_and_leaves_nobody_out(scene: morning.Scene) -> None:
    for seed in range(50):
        words = scene(random.Random(seed), ROSTER)
        assert holds(words).keys() == set(ROSTER)
        assert len({word.ago for word in words}) == len(words), "what comes later would be left to chance"
        for word in words:
            typed = f"123456 {word.text}" if word.by_sms else f"123456 AB {word.text}"
            read = register_texts.read((typed if word.text else "123456 ALL").lower().split())
            assert read.marks(ROSTER) == dict(word.marks)


def test_what_was_said_last_holds_whatever_came_first() -> None:
    words = [
        Word(SECOND, "P 3", {3: True}),
        Word(BY_USSD, "2", everybody((1, 2), (2,))),
        Word(FIRST, "AB 1 3", everybody((1, 2, 3), (1, 3))),
    ]
    assert holds(words) == holds(words[::-1]) == {1: True, 2: False, 3: True}


def test_two_phones_differ_until_one_of_them_says_the_same() -> None:
    first = Word(FIRST, "ALL", everybody((1, 2, 3)))
    other = Word(SECOND, "AB 2 3", everybody((1, 2, 3), (2, 3)), phone=1)
    later = Word(BY_USSD, "2", {2: False})
    assert morning.differ([first, other]) == morning.differ([other, first]) == {2, 3}
    assert morning.differ([later, other, first]) == {3}
    assert morning.differ([first, later]) == set()


def test_some_of_every_morning_is_posted_twice() -> None:
    posts = [[Post("sms", "/", "one", "")], [Post("sms", "/", "one", "")], [Post("hop", "/", "two", "")]]
    assert attendance.twice(posts) == 1


def test_a_morning_is_the_same_for_a_seed_and_the_first_centres_dial() -> None:
    said = morning.said(random.Random(7), 40, 8, 10)
    assert said == morning.said(random.Random(7), 40, 8, 10)
    assert [any(not word.by_sms for word in words) for words in said] == [True] * 10 + [False] * 30


@pytest.fixture
def answers() -> Iterator[tuple[int, list[str]]]:
    """A web server that says 503 to its first post and echoes every other one; its port, and what it heard."""
    heard: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            said = heard[-1].encode()
            self.send_response(200 if len(heard) > 1 else 503)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *said: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, heard
        server.shutdown()


def test_the_client_posts_again_what_could_not_be_kept(answers: tuple[int, list[str]]) -> None:
    port, heard = answers
    said = [[Post("hop", "/", "one", "on"), Post("hop", "/", "two", "two")]]
    found = talks.play(Load("127.0.0.1", port, 1, said), 20.0)
    assert (heard, found.later, len(found.waits["hop"])) == (["one", "one", "two"], 1, 3)


def test_who_is_sent_away_dials_again_in_another_session(answers: tuple[int, list[str]]) -> None:
    port, heard = answers
    # The echo sends away whoever says so; in another session it is the same, until the client has enough.
    body = f"END {talks.SENT_AWAY} {talks.SESSION}1"
    with pytest.raises(Wrong):
        talks.play(Load("127.0.0.1", port, 1, [[Post("hop", "/", body, "Marked.")]]), 60.0)
    assert heard[1:3] == [body, body.replace("ATUid_1", "ATUid_91")]


def test_the_client_takes_no_wrong_answer(answers: tuple[int, list[str]]) -> None:
    port, _ = answers
    said = [[Post("sms", "/", "one", "")], [Post("hop", "/", "b", "a")]]
    with pytest.raises(Wrong, match="2 wrong answers, such as: one: 200 one"):
        talks.play(Load("127.0.0.1", port, 1, said), 20.0)


def test_the_recount_sees_one_wrong_mark_and_one_that_is_missing() -> None:
    said = [[Word(FIRST, "AB 2", everybody((1, 2, 3), (2,)))]]
    right = {(str(FIRST_CENTRE), number): (number != 2, False) for number in (1, 2, 3)}
    attendance.compare(right, said, 3)
    for wrong in ((True, False), (None, False), (False, True)):
        with pytest.raises(Wrong, match="1 of 3 marks are wrong, such as 2 at 40000000"):
            attendance.compare({**right, (str(FIRST_CENTRE), 2): wrong}, said, 3)
    with pytest.raises(Wrong, match="nothing was said of 1 officers"):
        attendance.compare(right, said, 4)
