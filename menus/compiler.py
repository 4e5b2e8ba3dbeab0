"""The compiler: everything that is wrong with a tree, said at once, before anybody dials it."""

from menus.checks import fitting, functions, gathering, structure, timing
from menus.checks.issues import Issue
from menus.graph import Graph
from menus.vocabulary import Tree, Vocabulary


def compile(tree: Tree, vocabulary: Vocabulary) -> list[Issue]:
    """Every issue of this tree with these functions; one without any may be published."""
    graph = Graph(tree, vocabulary)
    issues = list(structure.find(graph))
    if all(name in tree.nodes for name in (tree.start, tree.desk, tree.guard)):
        issues += [*functions.find(graph), *gathering.find(graph), *fitting.find(graph)]
    # A way can only be timed where it leads somewhere and every screen of it can be drawn.
    return issues or list(timing.find(graph))


def report(issues: list[Issue]) -> str:
    """The issues as an author reads them, by node."""
    count = f"{len(issues)} issue{'s' if len(issues) != 1 else ''}"
    return "\n\n".join([*map(str, sorted(issues, key=lambda issue: issue.node)), count])
