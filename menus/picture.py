"""The picture: a tree as SVG, a panel a journey, a box a node, a line an edge."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from menus.drawing import journeys
from menus.vocabulary import Ask, Do, Menu, Node, Pick, Screen, Show, Tree

COLOURS = {
    "menu": "#1f5fa8",
    "pick": "#0f7a78",
    "ask": "#8a5a00",
    "do": "#5b5b66",
    "show": "#3f7a1f",
    "end": "#a02b3c",
}
BOX, HEAD, LINE = 275, 24, 17
GAP_X, GAP_Y, PAD = 70, 18, 22
# Panels are set side by side up to this width.
WIDE = 1900
FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"


@dataclass(frozen=True)
class Exit:
    """One way out of a node: what leads to it, and where it goes."""

    label: str
    to: str


@dataclass(frozen=True)
class Box:
    """A node on the picture."""

    name: str
    x: int
    y: int
    rank: int
    said: str
    exits: tuple[Exit, ...]

    @property
    def height(self) -> int:
        """Its height: the head, the words, and a line an exit."""
        return height(self.said, self.exits)


@dataclass(frozen=True)
class Panel:
    """A journey on the picture."""

    name: str
    boxes: tuple[Box, ...]
    width: int
    height: int


def draw(tree: Tree) -> str:
    """The whole picture; the same for the same tree."""
    panels = [panel(tree, name, nodes) for name, nodes in journeys(tree).items()]
    placed, width, bottom = shelves(panels)
    body = "\n".join(line for one, x, y in placed for line in draw_panel(tree, one, x, y))
    count = f"{len(tree.nodes)} nodes in {len(panels)} journeys; a dial begins at {tree.start}"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {bottom}' width='{width}' "
        f"height='{bottom}' role='img' aria-labelledby='title desc' {FONT}>\n"
        f"<title id='title'>The menu tree of CP2 by phone</title>\n<desc id='desc'>{escape(count)}.</desc>\n"
        f"<rect width='{width}' height='{bottom}' fill='#ffffff'/>\n{legend()}\n{body}\n</svg>\n"
    )


def legend() -> str:
    """Which colour is which kind."""
    marks = [
        f"<rect x='{PAD + 90 * n}' y='14' width='14' height='14' rx='3' fill='{colour}'/>"
        f"<text x='{PAD + 20 + 90 * n}' y='26' font-size='13'>{kind}</text>"
        for n, (kind, colour) in enumerate(COLOURS.items())
    ]
    return "\n".join(marks)


# -- layout ------------------------------------------------------------------------------------------


def panel(tree: Tree, name: str, nodes: list[str]) -> Panel:
    """A journey laid out: a column a step from its first nodes."""
    ranks = ranked(tree, nodes)
    columns: dict[int, int] = {}
    boxes = []
    for node in nodes:
        said, exits = words(tree.nodes[node]), tuple(exits_of(tree.nodes[node]))
        y = columns.get(ranks[node], PAD + HEAD)
        boxes.append(Box(node, PAD + ranks[node] * (BOX + GAP_X), y, ranks[node], said, exits))
        columns[ranks[node]] = y + height(said, exits) + GAP_Y
    width = 2 * PAD + (max(ranks.values()) + 1) * (BOX + GAP_X) - GAP_X
    return Panel(name, tuple(boxes), width, max(columns.values()) - GAP_Y + PAD)


def ranked(tree: Tree, nodes: list[str]) -> dict[str, int]:
    """How many steps each node of a journey stands from those that no other node of it leads to."""
    inside = {node: [to for to in tree.nodes[node].exits() if to in nodes] for node in nodes}
    led_to = {to for name, exits in inside.items() for to in exits if to != name}
    ranks: dict[str, int] = {}
    waiting = [node for node in nodes if node not in led_to] + nodes
    for first in waiting:
        queue = [(first, 0)] if first not in ranks else []
        while queue:
            node, rank = queue.pop(0)
            if node not in ranks:
                ranks[node] = rank
                queue += [(to, rank + 1) for to in inside[node]]
    return ranks


def shelves(panels: list[Panel]) -> tuple[list[tuple[Panel, int, int]], int, int]:
    """Each panel with its place: side by side while there is room, then below."""
    placed, x, y, tallest, widest = [], PAD, 44, 0, 0
    for one in panels:
        if x > PAD and x + one.width > WIDE:
            x, y, tallest = PAD, y + tallest + PAD, 0
        placed.append((one, x, y))
        x, tallest = x + one.width + PAD, max(tallest, one.height)
        widest = max(widest, x)
    return placed, widest, y + tallest + PAD


def height(said: str, exits: tuple[Exit, ...]) -> int:
    """The height of a box."""
    return HEAD + LINE * (bool(said) + len(exits)) + 8


def exits_of(node: Node) -> Iterator[Exit]:
    """Every way out of a node, with what leads to it."""
    if isinstance(node, Ask):
        yield Exit("typed", node.to)
    if isinstance(node, Pick):
        yield Exit("picked", node.to)
        yield from [Exit("none", node.none)] if node.none else []
    if isinstance(node, Do):
        yield from (Exit(outcome, to) for outcome, to in node.outcomes.items())
    if isinstance(node, Menu | Ask | Show):
        for number, option in enumerate(node.options, 1):
            yield Exit(f"{option.key or number}. {option.en}", option.to)


def words(node: Node) -> str:
    """The first words of a screen, or the action of a node that shows nothing."""
    said = node.en if isinstance(node, Screen) else node.action if isinstance(node, Do) else ""
    return clipped(" ".join(said.split()), 36)


def clipped(text: str, most: int) -> str:
    """A text cut to so many characters."""
    return text if len(text) <= most else text[: most - 2].rstrip() + ".."


# -- drawing -----------------------------------------------------------------------------------------


def draw_panel(tree: Tree, one: Panel, x: int, y: int) -> Iterator[str]:
    """A journey: its frame, its lines, and its boxes upon them."""
    yield f"<g transform='translate({x} {y})'>"
    yield f"<rect width='{one.width}' height='{one.height}' rx='10' fill='#f4f5f7' stroke='#c9ccd3'/>"
    yield f"<text x='{PAD}' y='30' font-size='17' font-weight='bold' fill='#22242a'>{escape(one.name)}</text>"
    placed = {box.name: box for box in one.boxes}
    for box in one.boxes:
        yield from draw_lines(box, placed)
    for box in one.boxes:
        yield from draw_box(tree, box)
    yield "</g>"


def draw_lines(box: Box, placed: dict[str, Box]) -> Iterator[str]:
    """A line from each exit to the next column; what leads elsewhere is said by name instead."""
    for number, one in enumerate(box.exits):
        to = placed.get(one.to)
        if to is None or to.rank != box.rank + 1:
            continue
        x, y = box.x + BOX, box.y + HEAD + LINE * (number + bool(box.said)) + LINE // 2 + 2
        end, level = to.x, to.y + HEAD // 2
        middle = (x + end) // 2
        path = f"M{x} {y} C{middle} {y} {middle} {level} {end - 7} {level}"
        head = " ".join(f"{a},{b}" for a, b in ((end - 8, level - 4), (end, level), (end - 8, level + 4)))
        yield f"<path d='{path}' fill='none' stroke='#7b8190' stroke-width='1.4'/>"
        yield f"<polygon points='{head}' fill='#7b8190'/>"


def draw_box(tree: Tree, box: Box) -> Iterator[str]:
    """A node: its name on its colour, its first words, and a line an exit."""
    node = tree.nodes[box.name]
    kind = type(node).__name__.lower()
    marks = "".join([" *" if box.name == tree.start else "", " (signed)" if node.signed else ""])
    yield f"<g><title>{escape(f'{box.name}: {kind}')}</title>"
    yield (
        f"<rect x='{box.x}' y='{box.y}' width='{BOX}' height='{box.height}' rx='6' fill='#ffffff' "
        f"stroke='{COLOURS[kind]}' stroke-width='1.5'/>"
    )
    yield f"<rect x='{box.x}' y='{box.y}' width='{BOX}' height='{HEAD}' rx='6' fill='{COLOURS[kind]}'/>"
    yield label(box.x + 9, box.y + 17, 13, "#ffffff", f"{box.name}{marks}")
    lines = [(box.said, "#6a6f7a")] if box.said else []
    lines += [(clipped(f"{one.label} > {one.to}", 40), "#22242a") for one in box.exits]
    for number, (said, colour) in enumerate(lines):
        yield label(box.x + 9, box.y + HEAD + LINE * number + 14, 11, colour, said)
    yield "</g>"


def label(x: int, y: int, size: int, colour: str, said: str) -> str:
    """A line of text."""
    return f"<text x='{x}' y='{y}' font-size='{size}' fill='{colour}'>{escape(said)}</text>"
