"""The market with something wrong in it, from `broken.yaml`."""

import re
from pathlib import Path
from typing import Any

import yaml

from menus.authoring import KINDS, Manuscript, Reading
from menus.vocabulary import Tree, Words
from tests.trees.market import WORDS
from tests.trees.players import market, replace_struct

HERE = Path(__file__).parent


def cases() -> list[dict[str, Any]]:
    """Every case of the file."""
    text = (HERE / "broken.yaml").read_text(encoding="utf-8")
    loaded: list[dict[str, Any]] = yaml.load(repeated(text), Manuscript)  # noqa: S506
    return loaded


def repeated(text: str) -> str:
    """The text with `3~x` written out as `xxx`."""
    return re.sub(r"\b(\d+)~(.)", lambda found: int(found[1]) * found[2], text)


def broken(case: dict[str, Any]) -> Tree:
    """The market as this case has it."""
    nodes = dict(market().nodes)
    for name, fields in case.get("nodes", {}).items():
        nodes[name] = changed(nodes.get(name), fields)
    if "lead_to" in case:
        options = [*nodes["read.rules"].options, {"en": "x", "sw": "x", "to": case["lead_to"]}]
        nodes["read.rules"] = changed(nodes["read.rules"], {"options": options})
    tree: Tree = replace_struct(
        market(),
        nodes=nodes,
        words={**{k: v for k, v in WORDS.items() if k not in case.get("words", {})}, **said(case, "words")},
        titles={**market().titles, **said(case, "titles")},
        **case.get("tree", {}),
    )
    return tree


def said(case: dict[str, Any], section: str) -> dict[str, Words]:
    """The sentences that a case changes; one without words is taken out."""
    return {name: Words(**words) for name, words in case.get(section, {}).items() if words}


def changed(node: Any, fields: dict[str, Any]) -> Any:
    """A node with some fields changed, or a new one."""
    kind = KINDS[fields["kind"]] if "kind" in fields else type(node)
    old = {name: getattr(node, name) for name in kind.__struct_fields__} if node else {}
    reading = Reading()
    made = reading.struct("case", kind, plain({**old, **fields}))
    assert not reading.faults, reading.faults
    return made


def plain(value: Any) -> Any:
    """A value without structs, as a file would have it."""
    if hasattr(value, "__struct_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value
