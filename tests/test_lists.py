"""Lists that need no asking, and acts that one may go back behind."""

from dataclasses import replace

import pytest

from menus.vocabulary import Result
from tests.trees.market import CENTRES, LONGEST, MARKET, MarketCall, World
from tests.trees.players import Player, market, replace_struct, with_node


def skipping(centres: list[str]) -> Player:
    """A player in a market whose list of one is taken unasked."""
    pick = replace_struct(market().nodes["stall.centre"], skip_one=True)
    player = Player(tree=with_node("stall.centre", pick), world=World(centres=centres))
    player.dial()
    return player


def test_a_list_of_one_is_taken_unasked_and_never_gone_back_to() -> None:
    player = skipping([LONGEST])
    turn = player.send("1")
    assert turn.state.node == "stall.name"
    assert turn.state.facts["centre"] == LONGEST
    assert player.send("0").state.node == "start.welcome"


@pytest.mark.parametrize("centres", [CENTRES[:2], CENTRES])
def test_a_longer_list_is_asked(centres: list[str]) -> None:
    assert skipping(centres).send("1").state.node == "stall.centre"


def test_an_empty_list_still_leads_where_it_should() -> None:
    assert skipping([]).send("1").state.node == "stall.nowhere"


@pytest.mark.parametrize("repeatable", [True, False])
def test_one_may_go_back_behind_an_act_that_may_be_repeated(repeatable: bool) -> None:
    act = replace(MARKET.actions["unnamed"], effect=True, repeatable=repeatable)
    player = Player(vocabulary=replace(MARKET, actions={**MARKET.actions, "unnamed": act}))
    player.dial()
    turn = player.walk("1", "1", "1")  # the market, the first one, no name
    assert (turn.state.node, turn.effect) == ("stall.confirm", True)
    assert player.send("0").state.node == ("stall.name" if repeatable else "start.welcome")


def test_every_sentence_of_the_tree_is_at_hand_for_the_functions() -> None:
    player = Player()
    player.dial()
    dialogue = player.dialogue(player.state)
    assert isinstance(dialogue.call, MarketCall)
    dialogue.bind()
    assert dialogue.call.words == market().words


def test_a_journey_entered_at_an_act_has_one_form() -> None:
    """The act and the screen behind it belong together: what the one notes the other finishes."""
    menu = market().nodes["start.welcome"]
    to_act = [replace_struct(option, to="stall.unnamed") for option in menu.options[:1]]
    tree = with_node("start.welcome", replace_struct(menu, options=to_act))
    seen: list[str] = []
    act = replace(MARKET.actions["unnamed"], run=lambda call: (seen.append(call.form), named())[1])
    player = Player(tree=tree, vocabulary=replace(MARKET, actions={**MARKET.actions, "unnamed": act}))
    player.dial()
    turn = player.send("1")
    assert turn.state.node == "stall.confirm"
    assert turn.state.forms["stall"] == seen[0]


def named() -> Result:
    return Result("named", facts={"stall": "A stall", "centre": CENTRES[0]})
