"""The drawings: docs/menus.md and docs/menus.svg are what the tree is, and what a phone shows."""

from pathlib import Path
from xml.etree import ElementTree

import menus
from menus import authoring, drawing, picture
from menus.checks.rehearsal import Stage, at_worst
from menus.graph import Graph
from menus.pace import Pace, Way
from menus.table import VOCABULARY
from menus.vocabulary import Tree
from tests.trees.market import MARKET
from tests.trees.players import market

DOCS = Path(menus.__file__).parent.parent / "docs"
REDRAW = "the menus have changed since they were drawn: flask --app wsgi menus draw"


def real_tree() -> Tree:
    """The tree of the files."""
    return authoring.draft(Path(menus.__file__).parent, VOCABULARY.blanks).tree


def market_pace() -> Pace:
    """The pace of the market."""
    return Pace(Graph(market(), MARKET), Stage(market(), at_worst(MARKET)))


# -- the page ----------------------------------------------------------------------------------------


def test_the_page_is_up_to_date() -> None:
    assert (DOCS / "menus.md").read_text(encoding="utf-8") == drawing.draw(real_tree(), VOCABULARY), REDRAW


def test_the_page_shows_every_node_and_both_languages() -> None:
    page = drawing.draw(market(), MARKET)
    for name in market().nodes:
        assert f"\n### {name}\n" in page
    assert "| The market                     |  | Soko                           |" in page
    assert "After a drop it is called *renting a stall*, *kukodi kibanda*." in page
    assert "- wrong: `sign.wrong`" in page


def test_a_screen_has_its_longest_values_and_its_measure() -> None:
    page = drawing.draw(market(), MARKET).split("### sign.wrong\n")[1].split("###")[0]
    assert page.strip().split("\n") == [
        "ask; resumes at `sign.password`.",
        "",
        "```",
        "+--------------------------------+  +--------------------------------+",
        "| Wrong. Tries left: 5. Enter it |  | Sio sahihi. Majaribio: 5. Weka |",
        "| again.                         |  | tena.                          |",
        "| 0.Back 00.Menu                 |  | 0.Rudi 00.Menyu                |",
        "+--------------------------------+  +--------------------------------+",
        "```",
        "",
        "56 and 56 septets, 8 s",
    ]


def test_every_page_of_a_text_is_drawn_and_the_first_of_a_list() -> None:
    page = drawing.draw(market(), MARKET)
    rules = page.split("### read.rules\n")[1].split("###")[0]
    assert next(line for line in rules.split("\n") if line.startswith("page")).startswith("page 1 of 2, ")
    assert rules.count("```") == 4
    assert page.split("### stall.centre\n")[1].split("###")[0].count("```") == 2


def test_journeys_are_timed() -> None:
    page = drawing.draw(market(), MARKET)
    rows = {line.split("|")[1].strip(): line for line in page.split("\n") if line.startswith("| [")}
    assert list(rows) == [f"[{name}](#{name})" for name in drawing.journeys(market())]
    hops, seconds = rows["[stall](#stall)"].split("|")[5:7]
    assert (int(hops), 60 < int(seconds) < 150) == (6, True)


# -- the pace ----------------------------------------------------------------------------------------


def test_a_way_counts_its_hops_and_the_network() -> None:
    pace = market_pace()
    way = pace.longest("stall.code", pace.saves)
    assert way is not None
    assert (way.nodes, way.hops) == (("stall.code", "stall.again", "stall.rent"), 2)
    typing = sum(pace.answers["stall.code"] + pace.answers["stall.again"])
    assert way.seconds == typing + 2 * 2.0


def test_a_step_back_is_no_way_forward() -> None:
    pace = market_pace()
    way = pace.longest("stall.confirm", pace.saves)
    assert way is not None
    assert way.nodes.count("stall.name") <= 1
    assert pace.longest("read.today", pace.saves) is None
    assert pace.longest("sign.bye", pace.saves) == Way(("sign.bye",), 0, 0.0)


def test_a_searched_list_takes_two_hops_and_a_plain_one_all_its_pages() -> None:
    pace = market_pace()
    assert len(pace.answers["stall.centre"]) == 2
    assert len(pace.answers["leave.which"]) > 2
    assert pace.answers["sign.bye"] == []


# -- the picture -------------------------------------------------------------------------------------


def test_the_picture_is_up_to_date() -> None:
    assert (DOCS / "menus.svg").read_text(encoding="utf-8") == picture.draw(real_tree()), REDRAW


def test_the_picture_is_well_formed_and_can_be_read_aloud() -> None:
    svg = ElementTree.fromstring(picture.draw(market()))  # noqa: S314
    space = "{http://www.w3.org/2000/svg}"
    assert svg.get("role") == "img"
    assert svg.findtext(f"{space}title") == "The menu tree of CP2 by phone"
    assert "a dial begins at start.who" in (svg.findtext(f"{space}desc") or "")
    titles = [title.text or "" for title in svg.iter(f"{space}title")]
    assert {title.partition(":")[0] for title in titles[1:]} == set(market().nodes)


def test_boxes_stand_apart_and_inside_the_picture() -> None:
    for name, nodes in drawing.journeys(market()).items():
        panel = picture.panel(market(), name, nodes)
        for box in panel.boxes:
            assert box.x + picture.BOX < panel.width
            assert box.y + box.height < panel.height
            for other in panel.boxes:
                apart = box.y + box.height <= other.y or other.y + other.height <= box.y
                assert box is other or box.x != other.x or apart


def test_every_exit_is_labelled() -> None:
    svg = picture.draw(market())
    for label in (
        "right &gt; wanted",
        "wrong &gt; sign.wrong",
        "typed &gt; sign.in",
        "picked &gt; stall.name",
    ):
        assert label in svg
    assert "1. Rent a stall &gt; stall.centre" in svg
