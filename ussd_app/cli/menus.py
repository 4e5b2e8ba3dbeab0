"""`flask menus`: check, draw, publish and roll back the menu tree."""

from pathlib import Path
from typing import Any

import click
import redis
from flask import current_app
from flask.cli import with_appcontext

import menus as package
from menus import authoring, compiler, drawing, picture
from menus.library import Unpublished
from menus.vocabulary import Tree
from operations import menu_versions
from operations.office import Actor
from operations.refusals import Refusal

FOLDER = Path(package.__file__).parent


@click.group("menus")
def menus() -> None:
    """The USSD menu tree: check, draw, publish, roll back."""


@menus.command("check")
@with_appcontext
def check() -> None:
    """Compile the tree of the files; say every issue of it."""
    tree = sound_tree()
    click.echo(f"{len(tree.nodes)} nodes and {len(tree.words)} sentences, without an issue.")


@menus.command("draw")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=FOLDER.parent / "docs")
@with_appcontext
def draw(folder: Path) -> None:
    """Draw the tree of the files: a picture, and every screen as a phone shows it."""
    tree = sound_tree()
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in (
        (folder / "menus.svg", picture.draw(tree)),
        (folder / "menus.md", drawing.draw(tree, cp2().vocabulary)),
    ):
        path.write_text(text, encoding="utf-8")
        click.echo(f"Wrote {path}")


@menus.command("publish")
@click.option("--by", default="operator", help="Who publishes, for the history.")
@with_appcontext
def publish(by: str) -> None:
    """Make the tree of the files live, from the next dial on."""
    library = cp2().library
    digest, changed = told(lambda: library.publish(sound_tree(), by=Actor(by, "command")))
    click.echo(f"{digest[:12]} is live." if changed else f"{digest[:12]} was live already.")


@menus.command("rollback")
@click.option("--by", default="operator", help="Who rolls back, for the history.")
@with_appcontext
def rollback(by: str) -> None:
    """Make the version live that was before."""
    library = cp2().library
    try:
        digest = told(lambda: library.roll_back(by=Actor(by, "command")))
    except Refusal:
        raise click.ClickException("There is no earlier version.") from None
    except Unpublished as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{digest[:12]} is live again.")


@menus.command("history")
@with_appcontext
def history() -> None:
    """The latest publications, newest first."""
    with cp2().stores.sessions() as db:
        for publication in menu_versions.history(db):
            when = f"{publication.published_at:%Y-%m-%d %H:%M:%S %Z}"
            click.echo(f"{publication.digest[:12]}  {when}  {publication.by}")


def cp2() -> Any:
    """What the factory opened for this application."""
    return current_app.extensions["cp2"]


def told(act: Any) -> Any:
    """The act's answer; a publication that Redis did not hear of is said so, and stands."""
    try:
        return act()
    except redis.RedisError as error:
        raise click.ClickException(
            f"Stored in SQL, but Redis was not told ({error}); publish again when it is back."
        ) from None


def sound_tree() -> Tree:
    """The tree of the files, compiled; every issue of it stops the command."""
    vocabulary = cp2().vocabulary
    try:
        tree = authoring.load(FOLDER, vocabulary.blanks)
    except authoring.Unreadable as error:
        raise click.ClickException(f"the menu files cannot be read:\n{error}") from None
    issues = compiler.compile(tree, vocabulary)
    if issues:
        raise click.ClickException(f"the menu tree has issues:\n\n{compiler.report(issues)}")
    return tree
