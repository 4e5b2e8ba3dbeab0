"""The compiler: every check seen failing on a tree that is wrong in one way, and silent on those that are not."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import menus
from menus import authoring, keystrokes
from menus.checks.issues import Issue, frame
from menus.compiler import compile, report
from menus.table import VOCABULARY
from menus.vocabulary import (
    Action,
    Ask,
    Blank,
    Do,
    End,
    Menu,
    Option,
    Result,
    Show,
    Tree,
    Values,
    Vocabulary,
    Words,
)
from operations.refusals import Refusal
from tests.trees.broken import broken, cases
from tests.trees.market import MARKET, WORDS, judge_name
from tests.trees.players import HERE, market, replace_struct

PROMPT = "Enter the name of the stall that you would like, as it will be painted on its board. Ask for one"


def market_with(kind: str, name: str, entry: Any = None, **changes: Any) -> Vocabulary:
    """The market's vocabulary with one entry changed, or added where a whole one is given."""
    entries = getattr(MARKET, kind)
    return replace(MARKET, **{kind: {**entries, name: entry or replace(entries[name], **changes)}})


def accepting(key: str) -> Vocabulary:
    """The market with a check that takes this key for a name."""
    return market_with(
        "checks", "name", judge=lambda typed, call: typed if typed == key else judge_name(typed, call)
    )


def fail(typed: str, call: Any) -> str:
    """A check with a mistake in it."""
    raise ZeroDivisionError


def undeclared(typed: str, call: Any) -> str:
    """A check that refuses in words it does not declare."""
    raise Refusal("market.closed")


# What is wrong with the Python behind a tree, by the names that broken.yaml has for it.
WITH: dict[str, Callable[[], Vocabulary]] = {
    "a refusal without words": lambda: market_with("checks", "name", refusals=("market.name", "market.gone")),
    "too many lines": lambda: market_with("sources", "centres", most=98),
    "a check that accepts 0": lambda: accepting("0"),
    "a check that accepts 00": lambda: accepting("00"),
    "a check that accepts 1": lambda: accepting("1"),
    "a check that fails": lambda: market_with("checks", "name", judge=fail),
    "an undeclared refusal": lambda: market_with("checks", "name", judge=undeclared),
    "a start that refuses": lambda: market_with("actions", "who", refusals=("market.name",)),
    "a longest value of 120": lambda: market_with("blanks", "stall", Blank("W" * 120)),
    "a dash in a blank": lambda: market_with("blanks", "stall", Blank("\u2013")),
    "a dash in a label": lambda: market_with("sources", "centres", longest="\u2013"),
    "a long input": lambda: market_with("checks", "name", example="wanjiku " * 9),
}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["wrong"])
def test_what_is_wrong_is_said(case: dict[str, Any]) -> None:
    vocabulary = WITH[case["with"]]() if "with" in case else MARKET
    node, code, text = case["issue"]
    found = compile(broken(case), vocabulary)
    said = [issue.text for issue in found if (issue.node, issue.code) == (node, code)]
    assert any(text in one for one in said), report(found)


def codes(found: list[Issue]) -> list[tuple[str, str]]:
    """Where what was found."""
    return [(issue.node, issue.code) for issue in found]


def with_nodes(**nodes: Any) -> Tree:
    """The market with more nodes, their names with _ for the dot."""
    named = {name.replace("_", ".", 1): node for name, node in nodes.items()}
    changed: Tree = replace_struct(market(), nodes={**market().nodes, **named})
    return changed


def prompts(count: int, last: str) -> dict[str, Ask]:
    """So many prompts in a row, after the choice of a market."""
    asks = {
        f"stall_n{n}": Ask(en=PROMPT, sw=PROMPT, check="name", into="stall", to=f"stall.n{n + 1}")
        for n in range(count)
    }
    asks[f"stall_n{count - 1}"] = replace_struct(asks[f"stall_n{count - 1}"], to=last)
    return {"stall_centre": replace_struct(market().nodes["stall.centre"], to="stall.n0"), **asks}


def test_a_long_way_between_saves_is_slow() -> None:
    found = compile(with_nodes(**prompts(12, "stall.name")), MARKET)
    assert codes(found) == [("stall.centre", "slow")]
    assert "s between saves, 150 at most: stall.centre > stall.n0 >" in found[0].text


def test_a_save_on_the_way_starts_the_clock_anew() -> None:
    keep = market_with("actions", "keep", Action(lambda call: Result("kept"), ("kept",)))
    asks = {**prompts(12, "stall.name"), "stall_n6": Do(action="keep", outcomes={"kept": "stall.n7"})}
    assert report(compile(with_nodes(**asks), keep)) == "0 issues"


def test_an_end_there_must_be() -> None:
    shows = {
        name.replace(".", "_", 1): Show(en="x", sw="x")
        for name, node in market().nodes.items()
        if isinstance(node, End)
    }
    assert ("start.who", "stuck") in codes(compile(with_nodes(**shows), MARKET))


def test_a_chain_of_actions_must_be_short() -> None:
    chain = {f"read_c{n}": Do(action="unnamed", outcomes={"named": f"read.c{n + 1}"}) for n in range(25)}
    given = with_nodes(**chain, read_c25=Show(en="x", sw="x"))
    assert any("20 at most" in issue.text for issue in compile(given, MARKET) if issue.code == "loop")


def test_a_shorter_prompt_makes_room_for_a_refusal() -> None:
    long = {"en": "x" * 104, "again_en": "Password?", "again_sw": "Nenosiri?"}
    password = replace_struct(market().nodes["sign.password"], **long)
    assert report(compile(with_nodes(sign_password=password), MARKET)) == "0 issues"


def test_what_a_function_gives_fills_a_blank() -> None:
    filler = Values(lambda call: {"centre": "x"}, ("centre",))
    welcome = replace_struct(market().nodes["start.welcome"], en="{centre}", sw="{centre}", values="filler")
    given = with_nodes(start_welcome=welcome)
    assert report(compile(given, market_with("values", "filler", filler))) == "0 issues"
    empty = compile(given, market_with("values", "filler", replace(filler, gives=())))
    assert ("start.welcome", "blanks") in codes(empty)


# -- all of it ---------------------------------------------------------------------------------------


def test_the_market_has_no_issue() -> None:
    assert compile(market(), MARKET) == []


def test_the_real_tree_has_no_issue() -> None:
    real = authoring.draft(Path(menus.__file__).parent, VOCABULARY.blanks).tree
    assert report(compile(real, VOCABULARY)) == "0 issues"


def test_every_issue_is_said_at_once_and_the_screen_is_drawn() -> None:
    nodes = {
        **market().nodes,
        "sign.bye": End(en="Bye " * 50, sw="Bye"),
        "stall.rent": Do(action="gone", outcomes={"rented": "nowhere"}),
        "desk.home": Menu(en="\u2019", sw="x", options=[Option("a", "b", "sign.out", "98")]),
    }
    found = compile(replace_struct(market(), nodes=nodes), MARKET)
    wrong = {("sign.bye", "long"), ("stall.rent", "edge"), ("stall.rent", "absent"), ("desk.home", "keys")}
    assert wrong <= set(codes(found))
    assert "| Bye Bye Bye Bye Bye Bye Bye    |" in report(found)


def test_a_screen_that_is_slow_is_said_beside_another_fault() -> None:
    """What one node has wrong keeps no other from being timed."""
    slow = market_with("checks", "name", example="wanjiku " * 9)
    wrong = {
        "sign_bye": End(en="Bye " * 50, sw="Bye"),
        "read_agreed": replace_struct(market().nodes["read.agreed"], values="gone"),
    }
    found = codes(compile(with_nodes(**wrong), slow))
    assert {("stall.name", "slow"), ("sign.bye", "long"), ("read.agreed", "absent")} <= set(found)


# One mistake, and all that is said of it.
ALONE = [
    ({"stall_name": {"to": "stall.gone"}}, [("stall.name", "edge")]),
    ({"stall_confirm": {"options": [Option("a", "b", "stall.gone")]}}, [("stall.confirm", "edge")]),
    ({"stall_unnamed": {"action": "gone"}}, [("stall.unnamed", "absent")]),
    ({"read_today": {"values": "gone"}}, [("read.today", "absent")]),
    ({"stall_done": {"en": "{stal}", "sw": "{stal}"}}, [("stall.done", "absent")]),
    ({"stall_done": {"sw": ""}}, [("stall.done", "empty")]),
]


@pytest.mark.parametrize(("wrong", "said"), ALONE)
def test_one_mistake_is_one_issue(wrong: dict[str, dict[str, Any]], said: list[tuple[str, str]]) -> None:
    nodes = {
        name: replace_struct(market().nodes[name.replace("_", ".", 1)], **fields)
        for name, fields in wrong.items()
    }
    found = compile(with_nodes(**nodes), MARKET)
    assert codes(found) == said, report(found)


def test_an_edge_to_nowhere_hides_no_node_that_nobody_enters() -> None:
    nodes = {
        "stall_name": replace_struct(market().nodes["stall.name"], to="stall.gone"),
        "read_lost": Show(en="Text", sw="Maandishi"),
    }
    assert codes(compile(with_nodes(**nodes), MARKET)) == [
        ("stall.name", "edge"),
        ("read.lost", "unreachable"),
    ]


def test_a_sentence_that_is_faulty_already_makes_no_screen_too_long() -> None:
    words = {**market().words, "market.name": Words("x" * 200, "x")}
    found = compile(replace_struct(market(), words=words), MARKET)
    assert codes(found) == [("market.name", "words")]


def test_an_issue_is_drawn_as_a_phone_shows_it() -> None:
    drawn = str(
        Issue("a.b", "long", "4 septets too long (en)", f"Choose one of these:\n1. {'W' * 40}\n0.Back")
    )
    assert drawn.split("\n") == [
        "a.b [long] 4 septets too long (en)",
        "+--------------------------------+",
        "| Choose one of these:           |",
        "| 1.                             |",
        f"| {'W' * 30} |",
        f"| {'W' * 10}                     |",
        "| 0.Back                         |",
        "+--------------------------------+",
    ]
    assert frame("") == "\n".join(["+" + "-" * 32 + "+", "|" + " " * 32 + "|", "+" + "-" * 32 + "+"])


# -- keystrokes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "presses"),
    [("", 0), ("1", 1), ("2547", 4), ("a", 2), ("c", 4), ("s", 5), ("ad", 3), ("1a1", 5)],
)
def test_letters_cost_their_presses(typed: str, presses: int) -> None:
    """Each press of another key at one price, each further press of the same at a lower one; # turns the pad."""
    places = {"c": 2, "s": 3}
    repeats = sum(places.get(letter, 0) for letter in typed)
    expected = (presses - repeats) * keystrokes.PRESS + repeats * keystrokes.AGAIN
    assert keystrokes.keying(typed) == pytest.approx(expected)


def test_two_letters_of_one_key_wait_for_each_other() -> None:
    assert keystrokes.keying("ab") - keystrokes.keying("ad") == pytest.approx(
        keystrokes.AGAIN + keystrokes.WAIT
    )
    assert keystrokes.keying("22") == pytest.approx(2 * keystrokes.PRESS)


def test_digits_are_quicker_than_letters_and_short_screens_than_long_ones() -> None:
    assert keystrokes.keying("123456") < keystrokes.keying("mwangi")
    assert keystrokes.answering("x" * 150, "1") - keystrokes.answering("x", "1") == pytest.approx(149 / 15)


# -- authoring ---------------------------------------------------------------------------------------

ROOTS = "start: a.end\ndesk: a.end\nguard: a.end\n"
END = "nodes:\n  a.end: {kind: end, en: Bye, sw: Kwaheri}\n"
UNREADABLE = [
    ("no roots", "", END, "tree.yaml: is no mapping"),
    ("a root missing", "start: a.end\ndesk: a.end\n", END, "tree.yaml: guard is missing"),
    ("a root too many", ROOTS + "end: a.end\n", END, "tree.yaml: has no place for end"),
    (
        "a root that is a list",
        ROOTS.replace("start: a.end", "start: [a]"),
        END,
        "tree.yaml: start must be a name",
    ),
    ("no YAML", ROOTS, "nodes: [", "a.yaml: while parsing"),
    ("no nodes", ROOTS, "title: {en: a, sw: b}\n", "a.yaml: has no nodes"),
    ("a section too many", ROOTS, END + "notes: x\n", "a.yaml: has no place for notes"),
    (
        "another file's node",
        ROOTS,
        END.replace("a.end", "b.end"),
        "a.yaml b.end: a node of this file begins with a.",
    ),
    (
        "no kind",
        ROOTS,
        END.replace("kind: end, ", ""),
        "a.yaml a.end: its kind must be one of menu, pick, ask",
    ),
    (
        "an unknown kind",
        ROOTS,
        END.replace("kind: end", "kind: goto"),
        "a.yaml a.end: its kind must be one of",
    ),
    ("a language missing", ROOTS, END.replace(", sw: Kwaheri", ""), "a.yaml a.end: sw is missing"),
    (
        "a field too many",
        ROOTS,
        END.replace("sw:", "colour: red, sw:"),
        "a.yaml a.end: has no place for colour",
    ),
    (
        "a field of another type",
        ROOTS,
        END.replace("en: Bye", "en: [Bye]"),
        "a.yaml a.end: en: Expected `str`",
    ),
    ("a node twice", ROOTS, END + "  a.end: {kind: end, en: Bye, sw: x}\n", "a.yaml: a.end stands twice"),
    ("a title in one language", ROOTS, "title: {en: a}\n" + END, "a.yaml title: sw is missing"),
    (
        "an option without an edge",
        ROOTS,
        "nodes:\n  a.end: {kind: menu, en: a, sw: b, options: [{en: a, sw: b, to: x}, {en: a, sw: b}]}\n",
        "a.yaml a.end: option 2: to is missing",
    ),
]


def write(folder: Path, roots: str, journey: str) -> Path:
    """A folder with a tree's files."""
    (folder / "tree").mkdir()
    (folder / "words").mkdir()
    (folder / "tree.yaml").write_text(roots)
    (folder / "tree" / "a.yaml").write_text(journey)
    return folder


@pytest.mark.parametrize("case", UNREADABLE, ids=lambda case: case[0])
def test_unreadable_files_are_said_by_file_and_node(case: tuple[str, str, str, str], tmp_path: Path) -> None:
    _, roots, journey, fault = case
    faults = authoring.draft(write(tmp_path, roots, journey), {}).faults
    assert any(one.startswith(fault) for one in faults), faults


def test_every_fault_of_the_files_is_said_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path, "start: a.end\n", "nodes:\n  a.end: {kind: end, n: 1}\n  b.c: {kind: ask}\n")
    (folder / "words" / "bad.yaml").write_text("odd.words: {en: a}\n")
    assert authoring.draft(folder, {}).faults == [
        "bad.yaml: odd.words: Object missing required field `sw`",
        "tree.yaml: desk is missing",
        "tree.yaml: guard is missing",
        "a.yaml a.end: has no place for n",
        "a.yaml a.end: en is missing",
        "a.yaml a.end: sw is missing",
        "a.yaml b.c: a node of this file begins with a.",
        *[f"a.yaml b.c: {field} is missing" for field in ("en", "sw", "check", "into", "to")],
    ]


def test_a_file_that_is_no_yaml_is_one_fault(tmp_path: Path) -> None:
    faults = authoring.draft(write(tmp_path, ROOTS, "nodes: ["), {}).faults
    assert len(faults) == 1, faults


# What cannot be read of the market, and the file that it stands in; nothing else is wrong with it.
GAPS = [
    ("tree/stall.yaml", "kind: ask", "kind: asks"),
    ("tree/stall.yaml", "nodes:", "nodes: ["),
    ("tree/start.yaml", "kind: do", "kind: does"),
    ("tree/desk.yaml", "nodes:", "node:"),
    ("tree/leave.yaml", "kind: show", "kind: shows"),
    ("tree.yaml", "start:", "begin:"),
    ("tree.yaml", "start:", "start: ["),
    ("words/market.yaml", "market.name: {en:", "market.name: {eng:"),
    ("words/market.yaml", "market.name:", "market.name: ["),
    ("words/market.yaml", "Two letters", "x" * 200),
    ("words/market.yaml", "screen.more: {en:", "screen.more: {eng:"),
]


def market_folder(folder: Path) -> Path:
    """The market's files, its sentences among them, for a test to edit."""
    shutil.copytree(HERE / "market", folder / "market")
    (folder / "market" / "words").mkdir()
    lines = [
        f"{name}: {{en: {json.dumps(words.en)}, sw: {json.dumps(words.sw)}}}" for name, words in WORDS.items()
    ]
    (folder / "market" / "words" / "market.yaml").write_text("\n".join(lines))
    return folder / "market"


def edit(path: Path, old: str, new: str) -> None:
    """Change one place of a file, the first."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def compiled(folder: Path) -> tuple[list[str], list[Issue]]:
    """The faults of the market's files, and the issues of what can be read of them."""
    draft = authoring.draft(folder, MARKET.blanks)
    return draft.faults, compile(draft.tree, MARKET, draft.unread, draft.unsaid)


def test_the_files_of_the_market_have_no_fault(tmp_path: Path) -> None:
    assert compiled(market_folder(tmp_path)) == ([], [])


@pytest.mark.parametrize(("file", "old", "new"), GAPS)
def test_what_cannot_be_read_is_said_once(file: str, old: str, new: str, tmp_path: Path) -> None:
    """No edge to it is called lost, nothing behind it unreachable, no refusal wordless."""
    folder = market_folder(tmp_path)
    edit(folder / file, old, new)
    faults, issues = compiled(folder)
    assert (bool(faults), report(issues)) == (True, "0 issues")


def test_ends_that_cannot_be_read_are_not_missing(tmp_path: Path) -> None:
    folder = market_folder(tmp_path)
    for path in (folder / "tree").glob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("kind: end", "kind: ends"))
    faults, issues = compiled(folder)
    assert (bool(faults), report(issues)) == (True, "0 issues")


def test_faults_of_files_and_words_hide_no_issue_of_the_rest(tmp_path: Path) -> None:
    folder = market_folder(tmp_path)
    edit(folder / "words" / "market.yaml", "Two letters", "{nobody} letters")
    edit(folder / "tree" / "read.yaml", "kind: end", "kind: ends")
    edit(folder / "tree" / "sign.yaml", "to: sign.in", "to: sign.inn")
    edit(folder / "tree" / "desk.yaml", "en:", f"en: {'x' * 200} #")
    faults, issues = compiled(folder)
    assert [fault.split(": ")[0] for fault in faults[:1]] == ["market.yaml"]
    assert any(fault.startswith("read.yaml read.") for fault in faults)
    assert {("sign.password", "edge"), ("desk.home", "long")} <= set(codes(issues)), report(issues)
    assert not [issue for issue in issues if issue.code in ("words", "refusal", "unreachable")]


def test_an_empty_root_is_no_root(tmp_path: Path) -> None:
    folder = market_folder(tmp_path)
    (folder / "tree.yaml").write_text("start: ''\ndesk: desk.home\nguard: sign.password\n")
    faults, issues = compiled(folder)
    assert (faults, codes(issues)) == ([], [("", "edge")])


def test_what_is_written_is_text() -> None:
    """Neither an outcome called `no`, nor the key 00, nor a message that is a number is anything else."""
    journey = """nodes:
  a.end: {kind: menu, en: 2026, sw: null, signed: true, options: [{en: No, sw: 1.0, to: a.do, key: 07}]}
  a.do: {kind: do, action: x, outcomes: {no: a.end, yes: a.end, on: a.end}}
"""
    with_files = authoring.Manuscript(journey).get_single_data()["nodes"]
    assert with_files["a.end"]["options"][0] == {"en": "No", "sw": "1.0", "to": "a.do", "key": "07"}
    assert list(with_files["a.do"]["outcomes"]) == ["no", "yes", "on"]


def test_a_tree_is_read_whole(tmp_path: Path) -> None:
    read = authoring.draft(write(tmp_path, ROOTS, "title: {en: a, sw: b}\n" + END), {}).tree
    assert read == Tree(
        start="a.end",
        desk="a.end",
        guard="a.end",
        nodes={"a.end": End(en="Bye", sw="Kwaheri")},
        titles={"a": Words("a", "b")},
        words={},
    )
