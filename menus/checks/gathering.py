"""Gathering: every blank is filled on every way, and secrets stay what they are."""

from collections.abc import Iterator

from menus.checks.issues import Issue
from menus.graph import Graph
from menus.linking import blanks_of, prompts
from menus.screens import BLANK
from menus.vocabulary import Ask, Do, Menu, Screen, Show


def find(graph: Graph) -> Iterator[Issue]:
    """Every fault of what a dialogue gathers and shows."""
    for check in (languages, braces, unfilled, shown_secrets, kept_secrets, unasked_secrets, resumes):
        yield from check(graph)


def languages(graph: Graph) -> Iterator[Issue]:
    """Both languages have the same blanks."""
    for name, node in graph.screens():
        for en, sw in prompts(node):
            odd = set(BLANK.findall(en)) ^ set(BLANK.findall(sw))
            # One that says nothing is told as such.
            if odd and en.strip() and sw.strip():
                yield Issue(name, "blanks", f"only one language has {', '.join(sorted(odd))}")


def braces(graph: Graph) -> Iterator[Issue]:
    """A brace is part of a blank, and options have none."""
    for name, node in graph.screens():
        said = [BLANK.sub("", words) for both in prompts(node) for words in both]
        if set("".join(said)) & {"{", "}"}:
            yield Issue(name, "blanks", "a brace stands alone; blanks are {lower_case}")
        options = node.options if isinstance(node, Menu | Ask | Show) else []
        for option in options:
            if set(option.en + option.sw) & {"{", "}"}:
                yield Issue(name, "blanks", f"an option has no blanks: {option.en}")


def unfilled(graph: Graph) -> Iterator[Issue]:
    """Each blank is gathered on every way to its screen, or given by the screen's own function."""
    for name, node in graph.screens():
        values = graph.vocabulary.values.get(node.values)
        if node.values and values is None:
            continue  # what it would have filled nobody knows
        known = blanks_of(node) & graph.vocabulary.blanks.keys()
        for blank in sorted(known - set(values.gives if values else ())):
            way = graph.way(name, fact=blank)
            if way:
                yield Issue(name, "blanks", f"{blank} is empty on the way {' > '.join(way)}")


def secret_names(graph: Graph) -> set[str]:
    """Everything that is typed at a secret node."""
    return {node.into for _, node in graph.screens() if isinstance(node, Ask) and node.secret}


def shown_secrets(graph: Graph) -> Iterator[Issue]:
    """No screen has a blank for a secret."""
    secrets = secret_names(graph)
    for name, node in graph.screens():
        for blank in sorted(blanks_of(node) & secrets):
            yield Issue(name, "secret", f"shows {blank}, which is typed at a secret node")


def kept_secrets(graph: Graph) -> Iterator[Issue]:
    """Nothing puts a secret among the facts, which are kept and shown."""
    secrets = secret_names(graph)
    for name in graph.tree.nodes:
        for fact in sorted({fact for edge in graph.edges(name) for fact in edge.facts} & secrets):
            yield Issue(name, "secret", f"keeps {fact}, which is typed at a secret node elsewhere")


def secrets_of(graph: Graph, node: object) -> tuple[str, ...]:
    """The secrets that an action reads."""
    if isinstance(node, Do) and node.action in graph.vocabulary.actions:
        return graph.vocabulary.actions[node.action].secrets
    return ()


def unasked_secrets(graph: Graph) -> Iterator[Issue]:
    """An action finds each secret that it reads, whichever way it was reached."""
    for name, node in graph.tree.nodes.items():
        for secret in secrets_of(graph, node):
            way = graph.way(name, secret=secret)
            if way:
                yield Issue(name, "secret", f"{secret} is not asked on the way {' > '.join(way)}")


def resumes(graph: Graph) -> Iterator[Issue]:
    """A screen after a secret and before its action resumes earlier: the secret is gone with the session."""
    reported = set()
    for name, node in graph.tree.nodes.items():
        for secret in secrets_of(graph, node):
            between = screens_between(graph, secret, name)
            for screen in sorted(between):
                resume = graph.tree.nodes[screen].resume
                if (not resume or resume in between) and screen not in reported:
                    reported.add(screen)
                    yield Issue(
                        screen, "resume", f"stands between {secret} and {name}; resume before {secret}"
                    )


def screens_between(graph: Graph, secret: str, action: str) -> set[str]:
    """The screens on the ways from the asking of a secret to an action that reads it, asked only once."""
    edges = [edge for name in graph.tree.nodes for edge in graph.edges(name) if not edge.resumed]
    asking = [edge for edge in edges if secret in edge.secrets]
    steps = [(edge.tail, edge.head) for edge in edges if secret not in edge.secrets]
    after = closure([edge.head for edge in asking], steps)
    before = closure([action], [(head, tail) for tail, head in steps])
    between = (after & before) - {edge.tail for edge in asking}
    return {name for name in between if isinstance(graph.tree.nodes[name], Screen)}


def closure(names: list[str], steps: list[tuple[str, str]]) -> set[str]:
    """Everything reached by these steps."""
    onward: dict[str, list[str]] = {}
    for tail, head in steps:
        onward.setdefault(tail, []).append(head)
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += onward.get(name, [])
    return seen
