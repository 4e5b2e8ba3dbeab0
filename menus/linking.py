"""Linking: whether this program has every function and blank that a tree names."""

from collections.abc import Iterator

from menus.screens import BLANK
from menus.vocabulary import Ask, Do, Node, Pick, Screen, Tree, Vocabulary


def absent(tree: Tree, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """What the tree names and this program lacks, each with its node; a tree is run only where none is."""
    return [(name, text) for name, node in tree.nodes.items() for text in absent_in(node, vocabulary)]


def absent_in(node: Node, vocabulary: Vocabulary) -> Iterator[str]:
    """What this node names in vain."""
    if isinstance(node, Do):
        yield from absent_of_action(node, vocabulary)
    if isinstance(node, Pick) and node.source not in vocabulary.sources:
        yield f"no source {node.source}"
    if isinstance(node, Ask) and node.check not in vocabulary.checks:
        yield f"no check {node.check}"
    if isinstance(node, Screen):
        if node.values and node.values not in vocabulary.values:
            yield f"no values {node.values}"
        for blank in sorted(blanks_of(node) - set(vocabulary.blanks)):
            yield f"no blank {blank}"


def absent_of_action(node: Do, vocabulary: Vocabulary) -> Iterator[str]:
    """An action that is absent, or that has an outcome which leads nowhere."""
    action = vocabulary.actions.get(node.action)
    if action is None:
        yield f"no action {node.action}"
        return
    for outcome in sorted(set(action.outcomes) - set(node.outcomes)):
        yield f"outcome {outcome} of action {node.action} leads nowhere"


def blanks_of(node: Screen) -> set[str]:
    """The blanks of a screen's words, in either language."""
    return {blank for words in prompts(node) for said in words for blank in BLANK.findall(said)}


def prompts(node: Screen) -> list[tuple[str, str]]:
    """The words of a screen that may have blanks, each in English and Kiswahili."""
    whole = (node.en, node.sw)
    return [whole, (node.again_en, node.again_sw)] if isinstance(node, Ask) else [whole]
