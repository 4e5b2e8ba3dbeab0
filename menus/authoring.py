"""Authoring: the YAML files a tree is written in, read into one tree.

A file is read as text throughout: `no:` is an outcome called no, and `00` is a key. What a field may hold is
said by its type in `menus/vocabulary.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
ROOTS = frozenset({"start", "desk", "guard"})


@dataclass(frozen=True)
class Draft:
    """What could be read of the files, and every fault of the rest with its file and node."""

    tree: Tree
    faults: list[str]
    unread: frozenset[str]  # nodes that could not be read; a journey for its file, "" for tree.yaml
    unsaid: frozenset[str]  # sentences that could not be read, or have a fault; "" for a whole file


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
        self.unread: set[str] = set()

    def mapping(self, path: Path) -> dict[str, Any] | None:
        """A file's content; None, with a fault noted, where it is no mapping."""
        try:
            content = yaml.load(path.read_text(encoding="utf-8"), Manuscript)  # noqa: S506
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            self.fault(path.name, " ".join(str(error).split()))
            return None
        if isinstance(content, dict):
            return content
        self.fault(path.name, "is no mapping")
        return None

    def fault(self, where: str, text: str) -> None:
        """Note a fault."""
        self.faults.append(f"{where}: {text}")

    def struct(self, where: str, kind: type[msgspec.Struct], raw: Any) -> Any:
        """The struct that this mapping spells; None, with every fault of it noted, where it spells none."""
        faults = list(faults_of(kind, raw))
        for text in faults:
            self.fault(where, text)
        return None if faults else msgspec.convert(raw, kind, strict=False)


def draft(folder: Path, blanks: Mapping[str, Blank]) -> Draft:
    """The tree and all sentences of this folder as far as they can be read.

    `blanks` are those of screens; a sentence may use them beside those of an SMS.
    """
    try:
        return read(folder, load_words(folder / "words", {**blanks, **BLANKS}))
    except BadWords as bad:
        return read(folder, bad.words, bad)


def read(folder: Path, words: Mapping[str, Words], bad: BadWords | None = None) -> Draft:
    """The tree with these words as far as it can be read; `bad` has what is wrong with the words."""
    reading = Reading()
    reading.faults += bad.faults if bad else []
    roots = read_roots(reading, folder / "tree.yaml")
    nodes: dict[str, Any] = {}
    titles: dict[str, Words] = {}
    for path in sorted((folder / "tree").glob("*.yaml")):
        content = reading.mapping(path)
        if content is None:
            reading.unread.add(path.stem)
            continue
        read_journey(reading, path, content, nodes)
        if "title" in content:
            titles[path.stem] = reading.struct(f"{path.name} title", Words, content["title"])
    read_nodes = {name: node for name, node in nodes.items() if node is not None}
    reading.unread |= nodes.keys() - read_nodes.keys()
    read_titles = {journey: title for journey, title in titles.items() if title is not None}
    tree = Tree(**roots, nodes=read_nodes, titles=read_titles, words=dict(words))
    return Draft(tree, reading.faults, frozenset(reading.unread), bad.faulty if bad else frozenset())


def read_roots(reading: Reading, path: Path) -> dict[str, str]:
    """The names of the three roots; "" for one that cannot be read."""
    roots = reading.mapping(path)
    faults = [] if roots is None else list(faults_of_roots(roots))
    for fault in faults:
        reading.fault(path.name, fault)
    if roots is None or faults:
        reading.unread.add("")
    named = {role: (roots or {}).get(role) for role in ROOTS}
    return {role: name if isinstance(name, str) else "" for role, name in named.items()}


def read_journey(reading: Reading, path: Path, content: dict[str, Any], nodes: dict[str, Any]) -> None:
    """Add a file's nodes."""
    for name in sorted(content.keys() - {"title", "nodes"}):
        reading.fault(path.name, f"has no place for {name}")
    written = content.get("nodes")
    if not isinstance(written, dict):
        reading.fault(path.name, "has no nodes")
        reading.unread.add(path.stem)
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
    yield from (f"{name} is missing" for name in sorted(ROOTS - roots.keys()))
    yield from (f"has no place for {name}" for name in sorted(roots.keys() - ROOTS))
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
