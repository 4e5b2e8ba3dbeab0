"""`flask menus`: check, draw, publish and roll back the menu tree."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
import redis
from flask.cli import with_appcontext

import menus as package
from menus import authoring, compiler, drawing, picture
from menus.library import Unpublished
from menus.table import VOCABULARY
from menus.vocabulary import Tree
from operations import menu_versions
from operations.refusals import Refusal
from ussd_app.cli.desk import by_option, open_desk, operator

FOLDER = Path(package.__file__).parent
NO_EARLIER = (
    "There is no earlier version. To go to another: menus rollback VERSION, as menus history shows it."
)
Answer = TypeVar("Answer")

from_folder = click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=FOLDER,
    help="The folder with tree.yaml, tree/ and words/.",
)


@click.group("menus")
def menus() -> None:
    """The USSD menu tree: check, draw, publish, roll back."""


@menus.command("check")
@from_folder
def check(folder: Path) -> None:
    """Compile the tree of the files; say every issue of it."""
    tree = sound_tree(folder)
    click.echo(f"{len(tree.nodes)} nodes and {len(tree.words)} sentences, without an issue.")


@menus.command("draw")
@from_folder
@click.option("--to", type=click.Path(path_type=Path), default=FOLDER.parent / "docs")
def draw(folder: Path, to: Path) -> None:
    """Draw the tree of the files: a picture, and every screen as a phone shows it."""
    tree = sound_tree(folder)
    to.mkdir(parents=True, exist_ok=True)
    for name, text in (("menus.svg", picture.draw(tree)), ("menus.md", drawing.draw(tree, VOCABULARY))):
        (to / name).write_text(text, encoding="utf-8")
        click.echo(f"Wrote {to / name}")


@menus.command("publish")
@from_folder
@by_option
@with_appcontext
def publish(folder: Path, by: str) -> None:
    """Make the tree of the files live, from the next dial on."""
    library, tree = open_desk().library, sound_tree(folder)
    digest, changed = told(lambda: library.publish(tree, by=operator(by)))
    click.echo(f"{digest[:12]} is live." if changed else f"{digest[:12]} was live already.")


@menus.command("rollback")
@click.argument("version", default="")
@by_option
@with_appcontext
def rollback(version: str, by: str) -> None:
    """Make the version live that was before, or VERSION as `menus history` shows it."""
    library = open_desk().library
    try:
        digest = told(lambda: library.roll_back(version.lower(), by=operator(by)))
    except Refusal:
        raise click.ClickException(NO_EARLIER) from None
    except Unpublished as error:
        raise click.ClickException(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
    click.echo(f"{digest[:12]} is live again.")


@menus.command("history")
@with_appcontext
def history() -> None:
    """The latest publications, newest first."""
    with open_desk().stores.sessions() as db:
        for publication in menu_versions.history(db):
            when = f"{publication.published_at:%Y-%m-%d %H:%M:%S %Z}"
            click.echo(f"{publication.digest[:12]}  {when}  {publication.by}")


def told(act: Callable[[], Answer]) -> Answer:
    """The act's answer; a publication that Redis did not hear of is said so, and stands."""
    try:
        return act()
    except redis.RedisError as error:
        text = f"It is stored, and Redis was not told ({error}). Publish again when Redis is back."
        raise click.ClickException(text) from None


def sound_tree(folder: Path = FOLDER) -> Tree:
    """The tree of the files, compiled; every fault of them and every issue of it stops the command."""
    draft = authoring.draft(folder, VOCABULARY.blanks)
    issues = compiler.compile(draft.tree, VOCABULARY, draft.unread, draft.unsaid)
    said = ["The menu files have faults:\n" + "\n".join(draft.faults)] if draft.faults else []
    said += [f"The menu tree has issues:\n\n{compiler.report(issues)}"] if issues else []
    if said:
        raise click.ClickException("\n\n".join(said))
    return draft.tree
