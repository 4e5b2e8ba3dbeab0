"""`flask --app wsgi notify …`: the same words to a selection of people, in the bulk lane, by day."""

from collections.abc import Mapping

import click
from flask.cli import with_appcontext

from menus.vocabulary import LANGUAGES
from menus.wording import Wording
from models.people import KINDS
from models.series import POSITIONS
from operations import announcements
from operations.announcements import Announcement, Selection
from operations.office import Actor, now
from telephony import gsm7
from ussd_app.cli.desk import open_desk, operator
from ussd_app.service import Service

# More people than this are told only by somebody who says that they mean it.
UNASKED = 100


@click.group("notify")
def notify() -> None:
    """Notices to many people at once."""


@notify.command("people")
@click.option("--words", default="", help="What is said, in English or in both languages.")
@click.option("--words-sw", default="", help="The same for those who read Kiswahili.")
@click.option("--name", default="", help="Instead: a sentence of menus/words, such as notice.rehearsal.")
@click.option("--kind", type=click.Choice(KINDS), default=None)
@click.option("--county", default="", help="Where they work: its name or its code.")
@click.option("--exam", default="", help="Who is deployed in this exam.")
@click.option("--year", type=int, help="Of which year (those that are not over).")
@click.option("--position", type=click.Choice(POSITIONS), default=None)
@click.option("--centre", default="", help="The centre's 8 digits.")
@click.option("--applied", is_flag=True, help="Who applied, instead of who is deployed.")
@click.option("--key", default="", help="Each person is told once under a key (these words, today).")
@click.option("--dry-run", is_flag=True, help="Count people and segments, send nothing.")
@click.option("--yes", is_flag=True, help=f"Needed for more than {UNASKED} people.")
@click.option("--by", required=True, help="Whose act this is, for the audit trail.")
@with_appcontext
def people(
    words: str,
    words_sw: str,
    name: str,
    kind: str | None,
    position: str | None,
    key: str,
    dry_run: bool,
    yes: bool,
    by: str,
    **asked: str,
) -> None:
    """Tell everybody who fits: free words, or a sentence by its name."""
    service = open_desk()
    said = announced(service, words, words_sw, name)
    selection = Selection(kind=kind or "", position=position or "", **asked)  # type: ignore[arg-type]
    with service.stores.sessions() as db:
        moment = now(db)
        counts = announcements.counted(db, selection, now=moment)
        said = announcements.keyed(said, key, now=moment)
    show(service, said, counts)
    total = sum(counts.values())
    if dry_run or not total:
        return click.echo("Nothing was sent.")
    if total > UNASKED and not yes:
        raise click.ClickException(f"{total:,} people are many: say --yes if they are meant.")
    told = tell(service, said, selection, operator(by))
    click.echo(f"{told:,} messages queued, {total - told:,} told before, under the key {said.key}.")


def announced(service: Service, words: str, words_sw: str, name: str) -> Announcement:
    """What is said; raises a UsageError unless it is one thing, and can be worded."""
    if bool(name) == bool(words):
        raise click.UsageError("Say either --words or --name.")
    said = Announcement(name) if name else announcements.free({"en": words, "sw": words_sw})
    lost = gsm7.fold(words + words_sw).lost
    if lost:
        raise click.UsageError(f"No phone shows {' '.join(lost)}: please write it otherwise.")
    wording = wording_of(service)
    for lang in LANGUAGES:
        try:
            count = len(gsm7.segments(text_of(wording, said, lang)).parts)
        except (KeyError, ValueError) as fault:
            raise click.UsageError(f"{name} cannot be said to everybody: {fault}") from None
        most = wording.words[said.words].segments
        if count > most:
            raise click.UsageError(f"The words take {count} segments ({lang}); {most} at most.")
    return said


def show(service: Service, said: Announcement, counts: Mapping[str, int]) -> None:
    """Say the words as they will be sent, their length, and how many people and segments that is."""
    wording, segments = wording_of(service), 0
    for lang, count in sorted(counts.items()):
        cut = gsm7.segments(text_of(wording, said, lang))
        segments += count * len(cut.parts)
        click.echo(f"{lang}: {text_of(wording, said, lang)}")
        click.echo(f"{lang}: {cut.units} septets; segments each: {len(cut.parts)}; people: {count:,}")
    click.echo(f"{sum(counts.values()):,} people, {segments:,} segments.")


def tell(service: Service, said: Announcement, selection: Selection, by: Actor) -> int:
    """Queue every batch in a transaction of its own; answers how many messages are new."""
    after, queued = 0, 0
    while True:
        with service.stores.transaction() as db:
            after, count, fresh = announcements.send(db, said, selection, after=after, by=by, now=now(db))
        queued += fresh
        if not count:
            return queued
        service.ring("bulk")


def text_of(wording: Wording, said: Announcement, lang: str) -> str:
    """The words as they will be sent."""
    return wording.sms(said.words, lang, said.details(lang))


def wording_of(service: Service) -> Wording:
    """The live words."""
    return Wording(service.library.live()[1].words, service.office)
