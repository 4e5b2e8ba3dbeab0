"""The compiler: everything that is wrong with a tree, said at once, before anybody dials it."""

from collections.abc import Set

from menus.checks import fitting, functions, gathering, saying, structure, timing
from menus.checks.functions import SPOKEN
from menus.checks.issues import Issue
from menus.graph import Graph
from menus.vocabulary import Tree, Vocabulary

# What keeps a screen from being timed: it cannot be drawn, or is not as it will be.
UNTIMED = frozenset({"absent", "alphabet", "long"})
NONE: frozenset[str] = frozenset()


def compile(
    tree: Tree, vocabulary: Vocabulary, unread: frozenset[str] = NONE, unsaid: frozenset[str] = NONE
) -> list[Issue]:
    """Every issue of this tree with these functions; one without any may be published.

    `unread` and `unsaid` are the gaps of a draft: what follows from them alone is no issue.
    """
    graph = Graph(tree, vocabulary, unread, unsaid)
    issues = [issue for check in (structure, functions, gathering, saying) for issue in check.find(graph)]
    graph = graph.without(words=unsaid | nodes_with(issues, {"words"}))
    if drawable(graph):
        issues += fitting.find(graph)
        issues += timing.find(graph.without(nodes=nodes_with(issues, UNTIMED)))
    return issues


def nodes_with(issues: list[Issue], codes: Set[str]) -> set[str]:
    """Where there is an issue of these kinds."""
    return {issue.node for issue in issues if issue.code in codes}


def drawable(graph: Graph) -> bool:
    """Whether screens can be drawn: their keys have words, the longest values a length.

    Which keys a screen has hangs on where a dial begins and what is home.
    """
    known = all(name and graph.written(name) for name in (graph.tree.start, graph.tree.desk))
    worded = all(f"screen.{key}" in graph.tree.words for key in SPOKEN)
    return known and worded and not any(saying.vocabulary_alphabet(graph.vocabulary))


def report(issues: list[Issue]) -> str:
    """The issues as an author reads them, by node."""
    count = f"{len(issues)} issue{'s' if len(issues) != 1 else ''}"
    return "\n\n".join([*map(str, sorted(issues, key=lambda issue: issue.node)), count])
