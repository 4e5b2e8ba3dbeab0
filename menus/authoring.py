"""Authoring: the YAML files a tree is written in, read into one tree.

A file is read as text throughout: `no:` is an outcome called no, and `00` is a key. What a field may hold is
said by its type in `menus/vocabulary.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from menus.vocabulary import Ask, Blank, Do, End, Menu, Node, Option, Pick, Show, Tree, Words
from menus.wording import BLANKS, BadWords, load_words

KINDS: Mapping[str, type[Node]] = {
    "menu": Menu,
    "pick": Pick,
    "ask": Ask,
    "do": Do,
    "show": Show,
    "end": End,
}


class Unreadable(Exception):
    """The authored files are no tree; `faults` names each fault with its file and node."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Manuscript(yaml.CBaseLoader):
    """YAML in which every scalar is text and a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping; raises a ConstructorError at a key that stands twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


class Reading:
    """One reading of the files that collects every fault before it complains."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def mapping(self, path: Path) -> dict[str, Any]:
        """A file's content; empty, with a fault noted, where it is no mapping."""
        try:
            content = yaml.load(path.read_text(encoding="utf-8"), Manuscript)  # noqa: S506
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            self.fault(path.name, " ".join(str(error).split()))
            return {}
        if isinstance(content, dict):
            return content
        self.fault(path.name, "is no mapping")
        return {}

    def fault(self, where: str, text: str) -> None:
        """Note a fault."""
        self.faults.append(f"{where}: {text}")

    def struct(self, where: str, kind: type[msgspec.Struct], raw: Any) -> Any:
        """The struct that this mapping spells; None, with every fault of it noted, where it spells none."""
        faults = list(faults_of(kind, raw))
        for text in faults:
            self.fault(where, text)
        return None if faults else msgspec.convert(raw, kind, strict=False)


def load(folder: Path, blanks: Mapping[str, Blank]) -> Tree:
    """The tree and all sentences of this folder; raises Unreadable naming every fault.

    `blanks` are those of screens; a sentence may use them beside those of an SMS.
    """
    try:
        words, faults = load_words(folder / "words", {**blanks, **BLANKS}), []
    except BadWords as bad:
        words, faults = {}, bad.faults
    return read_tree(folder, words, faults)


def read_tree(folder: Path, words: Mapping[str, Words], faults: Iterable[str] = ()) -> Tree:
    """The tree in `tree.yaml` and `tree/*.yaml` with these words; raises Unreadable naming every fault.

    `faults` are those already found in the words.
    """
    reading = Reading()
    reading.faults += faults
    roots = reading.mapping(folder / "tree.yaml")
    for fault in [] if not roots else faults_of_roots(roots):
        reading.fault("tree.yaml", fault)
    nodes: dict[str, Any] = {}
    titles: dict[str, Words] = {}
    for path in sorted((folder / "tree").glob("*.yaml")):
        content = reading.mapping(path)
        read_journey(reading, path, content, nodes)
        if "title" in content:
            titles[path.stem] = reading.struct(f"{path.name} title", Words, content["title"])
    if reading.faults:
        raise Unreadable(reading.faults)
    return Tree(**roots, nodes=nodes, titles=titles, words=dict(words))


def read_journey(reading: Reading, path: Path, content: dict[str, Any], nodes: dict[str, Any]) -> None:
    """Add a file's nodes."""
    for name in sorted(content.keys() - {"title", "nodes"}):
        reading.fault(path.name, f"has no place for {name}")
    written = content.get("nodes")
    if not isinstance(written, dict):
        reading.fault(path.name, "has no nodes")
        return
    for name, raw in written.items():
        where = f"{path.name} {name}"
        if not name.startswith(f"{path.stem}."):
            reading.fault(where, f"a node of this file begins with {path.stem}.")
        nodes[name] = read_node(reading, where, raw)


def read_node(reading: Reading, where: str, raw: Any) -> Any:
    """One node, or None with its faults noted."""
    if not isinstance(raw, dict) or raw.get("kind") not in KINDS:
        reading.fault(where, f"its kind must be one of {', '.join(KINDS)}")
        return None
    return reading.struct(where, KINDS[raw["kind"]], raw)


def faults_of_roots(roots: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the file that names the tree's three roots."""
    wanted = {"start", "desk", "guard"}
    yield from (f"{name} is missing" for name in sorted(wanted - roots.keys()))
    yield from (f"has no place for {name}" for name in sorted(roots.keys() - wanted))
    yield from (f"{name} must be a name" for name in roots if not isinstance(roots[name], str))


def faults_of(kind: type[msgspec.Struct], raw: Any) -> Iterator[str]:
    """Everything that keeps this mapping from being such a struct, field by field."""
    if not isinstance(raw, dict):
        yield "is no mapping"
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name in sorted(raw.keys() - fields.keys() - {"kind"}):
        yield f"has no place for {name}"
    for name, field in fields.items():
        if name in raw:
            yield from faults_of_field(name, field.type, raw[name])
        elif field.required:
            yield f"{name} is missing"


def faults_of_field(name: str, wanted: Any, raw: Any) -> Iterator[str]:
    """What is wrong with one field; each option of a list is looked at."""
    if wanted == list[Option] and isinstance(raw, list):
        for number, option in enumerate(raw, 1):
            yield from (f"option {number}: {fault}" for fault in faults_of(Option, option))
        return
    try:
        msgspec.convert(raw, wanted, strict=False)
    except msgspec.ValidationError as error:
        yield f"{name}: {error}"
