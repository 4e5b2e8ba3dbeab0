"""The engine, by walks written as data, and by whatever thumbs may do."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menus import engine
from menus.engine import Dialogue
from menus.library import Library
from menus.resuming import carried, resumable
from menus.state import Lost, State
from menus.vocabulary import Call, Choice, Do, Source, Words
from menus.walk import MOST_BACK
from operations.office import Actor
from runtime.stores import Stores
from tests.trees.market import CENTRES, LONGEST, MARKET, MarketCall, World, find_centres, judge_name
from tests.trees.players import Player, market, replace_struct, with_node
from tests.trees.walks import Walk, all_walks


@pytest.mark.parametrize("lang", ["en", "sw"])
@pytest.mark.parametrize("walk", all_walks(), ids=lambda walk: walk.name)
def test_walks(walk: Walk, lang: str) -> None:
    for number, (step, turn) in enumerate(walk.play(lang), 1):
        where = f"{walk.name}, hop {number}, {step}"
        assert turn.text == step[lang], where
        assert turn.state.node == step["node"], where
        assert turn.refused == step.get("refused", ""), where
        assert turn.ended == step.get("ended", False), where


# -- lists -------------------------------------------------------------------------------------------


def test_a_wrong_choice_on_the_third_page_stays_there_with_its_numbers() -> None:
    player = Player()
    player.dial()
    third = player.walk("1", "98", "98").text.split("\n")
    wrong = player.send("41").text.split("\n")
    assert wrong[0] == "Choose from the list."
    assert wrong[1:] == third[1:]
    assert third[1].startswith("9. ")


def test_every_line_of_a_long_list_comes_once_whatever_is_typed_between() -> None:
    player = Player()
    player.dial()
    seen, turn = [], player.send("1")
    while "98.More" in turn.text:
        seen += numbered(turn.text)
        player.send("nowhere")
        turn = player.send("98")
    assert seen + numbered(turn.text) == [f"{n}. {name}" for n, name in enumerate(CENTRES, 1)]


def numbered(text: str) -> list[str]:
    """The numbered lines of a screen, without its navigation."""
    return [line for line in text.split("\n") if line.partition(".")[0].isdecimal() and line[0] != "0"]


def test_a_number_of_another_page_is_still_that_line() -> None:
    player = Player()
    player.dial()
    assert "Market of ward 9?" in player.walk("1", "98", "98", "98", "9").text


def test_a_list_that_shrank_while_one_was_away_is_shown_at_a_page_it_has() -> None:
    player = Player()
    player.dial()
    player.walk("1", "98", "98", "98", "14")
    player.world.centres = CENTRES[:6]
    turn = player.send("0")
    assert numbered(turn.text) == ["4. Market of ward 4", "5. Market of ward 5", "6. Market of ward 6"]
    assert numbered(player.send("0").text)[0] == f"1. {LONGEST}"


@pytest.mark.parametrize("count", [0, 1, 97, 98, 500])
def test_a_list_holds_at_most_97(count: int) -> None:
    player = Player(world=World(centres=[f"C{n}" for n in range(count)]))
    player.dial()
    player.send("1")
    assert len(player.state.listed) == min(count, 97)


@pytest.mark.parametrize(
    "label", ["W" * 40, "W" * 150, "€" * 150, "x\n2. Approve", "\U0001f600 {centre} %s", ""]
)
def test_any_label_is_one_line_that_fits(label: str) -> None:
    player = Player(world=World(centres=[label] * 5))
    player.dial()
    turn = player.send("1")
    pages = [turn.text]
    while "98.More" in turn.text:
        turn = player.send("98")
        pages.append(turn.text)
    assert [line[0] for page in pages for line in numbered(page)] == ["1", "2", "3", "4", "5"]


# -- back, home and secrets --------------------------------------------------------------------------


def test_back_returns_through_every_screen_and_home_from_any() -> None:
    player = Player()
    player.dial()
    nodes = [player.send(typed).state.node for typed in ("1", "2", "Mama M", "1", "4711")]
    back = [player.send("0").state.node for _ in nodes]
    assert back == [*reversed(nodes[:-1]), "start.welcome"]


@pytest.mark.parametrize("depth", range(1, 6))
def test_home_is_one_key_away_and_lets_go_of_what_was_gathered(depth: int) -> None:
    player = Player()
    player.dial()
    player.walk(*("1", "2", "Mama M", "1", "4711")[:depth])
    assert player.send("00").state.node == "start.welcome"
    assert (player.state.facts, player.state.spots, player.state.back) == ({}, {}, [])


def test_back_never_enters_an_action_and_an_effect_ends_the_way_back() -> None:
    player = Player()
    player.dial()
    player.walk("1", "2", "Mama M", "1", "4711", "4711")
    assert player.state.back == []
    assert player.send("0").state.node == "start.welcome"
    assert player.world.writes == ["rent 4711"]


def test_the_way_back_is_bounded() -> None:
    player = Player()
    player.dial()
    player.walk("1", "2", "Mama M", *["2", "Mama M"] * 20)
    assert len(player.state.back) == MOST_BACK


def test_after_signing_out_nothing_behind_the_sign_in_is_shown_again() -> None:
    tree = with_node("sign.out", Do(action="sign_out", outcomes={"out": "read.today"}))
    player = Player(tree=tree, world=World(known=True, stalls={"f": "Mama M"}))
    player.dial()
    player.walk("246810", "1", "0", "2")
    assert (player.state.node, player.state.back) == ("read.today", [])
    for _ in range(4):
        assert player.send("0").state.node not in {"desk.home", "leave.which"}


def test_after_a_drop_the_way_back_asks_for_the_password() -> None:
    player = Player(world=World(known=True, stalls={"f": "Mama M"}))
    player.dial()
    player.walk("246810", "1")
    assert player.state.back == ["desk.home 0"]
    player.redial()
    assert player.send("1").state.node == "sign.password"
    assert player.send("0").state.node == "sign.password"


@pytest.mark.parametrize("choice", ["2", "00"])
def test_starting_again_after_a_drop_is_not_signed_in(choice: str) -> None:
    player = Player(world=World(known=True, stalls={"f": "Mama M"}))
    player.dial()
    player.walk("246810", "1")
    player.redial()
    assert player.state.account is None
    assert player.send(choice).state.node == "sign.password"


def test_a_secret_is_read_from_the_transcript_with_its_stars() -> None:
    player = Player()
    player.dial("77")
    player.walk("00", "1", "2", "a*b", "1", "4711", "4711")
    assert player.world.writes == ["rent 4711"]
    assert [*player.world.stalls.values()] == ["a*b"]


def test_a_refused_step_leaves_no_trace_in_the_state() -> None:
    player = Player()
    player.dial()
    player.walk("1", "2", "Mama M", "1", "4711")
    before = player.kept
    player.world.closed = {"Market of ward 2"}
    turn = player.send("4711")
    assert (turn.refused, turn.effect) == ("market.closed", False)
    assert player.kept == before


def test_an_effect_before_a_refusal_is_no_effect() -> None:
    switch = Do(action="switch", outcomes={"switched": "stall.open"})
    player = Player(tree=with_node("stall.open", Do(action="still_open", outcomes={"open": "read.today"})))
    player.tree = replace_struct(player.tree, nodes={**player.tree.nodes, "language.switch": switch})
    menu = player.tree.nodes["stall.confirm"]
    options = [replace_struct(menu.options[0], to="language.switch")]
    player.tree.nodes["stall.confirm"] = replace_struct(menu, options=options)
    player.dial()
    player.walk("1", "2", "Mama M")
    player.world.closed = {"Market of ward 2"}
    turn = player.send("1")
    assert (turn.refused, turn.effect, turn.state.lang) == ("market.closed", False, "en")
    assert player.world.undone == 1


def test_back_after_a_drop_does_not_repeat_the_screen_it_landed_on() -> None:
    player = Player()
    player.dial()
    player.walk("1", "2", "Mama M", "1", "4711")
    player.redial()
    assert player.send("1").state.node == "stall.code"
    assert player.send("0").state.node == "stall.confirm"


# -- forms -------------------------------------------------------------------------------------------


def test_a_form_lives_from_the_first_node_through_drops_to_the_end() -> None:
    player = Player()
    player.dial()
    player.walk("1")
    form = player.state.forms["stall"]
    player.walk("2", "Mama M", "1", "4711")
    player.redial()
    player.walk("1", "4711", "4711")
    assert list(player.world.stalls) == [form]


def test_a_journey_left_and_rejoined_by_back_keeps_its_form() -> None:
    nodes = market().nodes
    ask = nodes["stall.name"]
    to_rules = replace_struct(ask, options=[replace_struct(ask.options[0], to="read.rules")])
    player = Player(tree=with_node("stall.name", to_rules))
    player.dial()
    player.walk("1", "2")
    form = player.state.forms["stall"]
    player.walk("1", "0", "Mama M", "1", "4711", "4711")
    assert list(player.world.stalls) == [form]


@pytest.mark.parametrize("way", [("1", "2"), ("1", "2", "Mama M", "0"), ("1", "2", "x")])
def test_every_function_sees_the_form(way: tuple[str, ...]) -> None:
    seen: list[str] = []

    def judge(typed: str, call: Call) -> str:
        seen.append(call.form)
        return judge_name(typed, call)

    def find(call: Call, query: str) -> list[Choice]:
        seen.append(call.form)
        return find_centres(call, query)

    checks = {**MARKET.checks, "name": replace(MARKET.checks["name"], judge=judge)}
    sources = {**MARKET.sources, "centres": replace(MARKET.sources["centres"], find=find)}
    player = Player(vocabulary=replace(MARKET, checks=checks, sources=sources))
    player.dial()
    player.walk(*way)
    player.walk("Mama Mia", "0", "0")
    assert set(seen) == {player.state.forms["stall"]}
    assert len(seen) >= 3


def test_a_list_come_back_to_from_another_journey_sees_its_own_form() -> None:
    seen: list[str] = []

    def find(call: Call, query: str) -> list[Choice]:
        seen.append(call.form)
        return find_centres(call, query)

    sources = {**MARKET.sources, "centres": replace(MARKET.sources["centres"], find=find)}
    astray = with_node("stall.centre", replace_struct(market().nodes["stall.centre"], to="read.today"))
    player = Player(tree=astray, vocabulary=replace(MARKET, sources=sources))
    player.dial()
    player.walk("1", "2", "0")
    assert seen == [player.state.forms["stall"]] * 2


def test_a_second_time_round_is_a_second_form() -> None:
    player = Player()
    player.dial()
    for _ in range(2):
        player.walk("1", "2", "Mama M", "1", "4711", "4711", "00")
    assert len(player.world.stalls) == 2


# -- loops, loss and versions ------------------------------------------------------------------------


def test_a_circle_of_actions_is_lost_and_not_endless() -> None:
    player = Player(tree=with_node("start.who", Do(action="unnamed", outcomes={"named": "start.who"})))
    with pytest.raises(Lost, match="20 steps"):
        player.dial()


def test_an_empty_list_that_leads_to_itself_is_lost_and_not_endless() -> None:
    pick = replace_struct(market().nodes["stall.centre"], none="stall.centre")
    player = Player(tree=with_node("stall.centre", pick), world=World(centres=[]))
    player.dial()
    with pytest.raises(Lost):
        player.send("1")


@pytest.mark.parametrize("kind", ["actions", "sources", "checks"])
def test_an_absent_function_is_lost_and_nothing_else(kind: str) -> None:
    player = Player()
    player.dial()
    player.vocabulary = replace(MARKET, **{kind: {}})
    with pytest.raises(Lost):
        player.walk("1", "2", "Mama M", "1")


def test_nothing_follows_an_end() -> None:
    player = Player()
    player.dial("77")
    player.walk("98", "1")
    with pytest.raises(Lost):
        player.send("1")


def test_every_kind_of_screen_takes_input() -> None:
    assert {kind.__name__ for kind in engine.TAKE} == {"Menu", "Pick", "Ask", "Show", "End"}


def test_a_version_published_in_mid_form_waits_for_the_next_session(stores: Stores) -> None:
    """A6: the session ends on the version it began with; a deleted screen is landed from, with a word why."""
    library = Library(stores.redis, stores.sessions, MARKET)
    by = Actor("tester", "command")
    first, _ = library.publish(market(), by=by)
    player = Player(tree=library.live()[1])
    player.dial()
    player.walk("1", "2", "Mama M", "1")
    nodes = {name: node for name, node in market().nodes.items() if not name.startswith("stall.c")}
    later = replace_struct(market(), nodes={**nodes, "stall.code": market().nodes["stall.again"]})
    second, _ = library.publish(later, by=by)
    fresh = Library(stores.redis, stores.sessions, MARKET)
    assert fresh.live() == (second, later)
    player.tree = fresh.tree(first) or player.tree
    assert player.walk("4711", "4711").state.node == "stall.done"

    player = Player(tree=fresh.tree(first))
    player.dial()
    player.walk("1", "2", "Mama M")
    assert player.state.node == "stall.confirm"
    assert not carried(player.state, fresh.tree(first), later)
    player.tree = later
    player.redial()
    turn = player.send("1")
    assert turn.text.startswith("The menu has changed.\nThe market\n")
    assert turn.state.node == "start.welcome"


def test_a_dialogue_is_carried_to_a_newer_tree_where_its_screen_is_the_same() -> None:
    player = Player()
    player.dial()
    player.walk("1", "2")
    same = with_node("read.agreed", replace_struct(market().nodes["read.agreed"], en="Thanks."))
    other_blanks = replace_struct(market().nodes["stall.name"], en="A name?", sw="Jina?")
    other_kind = market().nodes["stall.confirm"]
    assert carried(player.state, market(), same)
    assert not carried(player.state, market(), with_node("stall.name", other_blanks))
    assert not carried(player.state, market(), with_node("stall.name", other_kind))
    assert not carried(player.state, None, same)


def test_only_a_journey_with_a_name_is_offered_again() -> None:
    player = Player()
    player.dial()
    assert not resumable(market(), player.state)
    player.send("1")
    assert resumable(market(), player.state)


def test_what_is_wanted_behind_the_sign_in_is_offered_again() -> None:
    player = Player(world=World(stalls={"f": "Mama M"}))
    player.dial()
    player.send("5")
    assert player.state.node == "sign.password"
    assert "giving up a stall" in player.redial().text


# -- whatever thumbs may do --------------------------------------------------------------------------

THUMBS = st.one_of(
    st.sampled_from(
        ["0", "00", "98", "1", "2", "3", "5", "6", "9", "97", "4711", "246810", "Mama M", "ward", ""]
    ),
    st.text(max_size=200),
    st.sampled_from(
        ["7" * 5000, " " * 5000 + "x", "{stall}", "%s", "END", "1\n2", "²", "٣", "\ud800", "\x00"]
    ),
)
NEWS = st.text(max_size=400)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(THUMBS, st.just("redial")), max_size=25),
    NEWS,
    st.booleans(),
    st.sampled_from(["en", "sw"]),
)
def test_no_thumb_breaks_a_dialogue(typed: list[str], news: str, known: bool, lang: str) -> None:
    centres = [LONGEST, news[:80], *CENTRES[:9]]
    player = Player(lang=lang, world=World(known=known, news=news, centres=centres, stalls={"f": news[:50]}))
    turn = player.dial()
    for one in typed:
        if one == "redial" or turn.ended:
            turn = player.redial()
        else:
            turn = player.send(one)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=90), min_size=1, max_size=97))
def test_any_list_is_paged_without_an_empty_page(labels: list[str]) -> None:
    source = Source(lambda call, query: [Choice(str(n), label) for n, label in enumerate(labels)], LONGEST)
    player = Player(vocabulary=replace(MARKET, sources={**MARKET.sources, "centres": source}))
    player.dial()
    turn, seen = player.send("1"), 0
    while True:
        assert numbered(turn.text), f"an empty page:\n{turn.text}"
        seen += len(numbered(turn.text))
        if "98.More" not in turn.text.split("\n")[-1]:
            break
        turn = player.send("98")
    assert seen == len(labels)


def test_the_players_keep_to_the_protocol() -> None:
    dialogue = Dialogue(market(), MARKET, State(tree="", node=""), MarketCall(World()), lambda: "form")
    assert dialogue.begin().state.node == "start.welcome"
    assert Words("a", "b").say("sw") == "b"
