"""``tipline roster``: who is on call when, from a spreadsheet; overrides, swaps and absences."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click

from vault.teams import Team
from wiring.asked_time import clock, how_read, span_of
from wiring.commands.at_rosters import rosters
from wiring.commands.feed import feed
from wiring.commands.options import config_option, read
from wiring.contact_book import book_of
from wiring.contact_file import WayRow, is_contacts, read_ways
from wiring.ground import lay
from wiring.roster_file import as_csv, read_roster, rows_of
from wiring.rosters import Rosters


@click.group()
def roster() -> None:
    """Rosters of teams: a spreadsheet (docs/roster.md), and what changes for a day."""


roster.add_command(feed)


@roster.command("import")
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def import_(config: Path | None, file: Path) -> None:
    """Put the lines of FILE (CSV) in place of what the teams it names had. All of it is done, or nothing.

    A file of ways to reach people (docs/channels.md) is put in place of what these people had.
    """
    header, rows = rows_of(file)
    if is_contacts(header):
        done, wrong = _put_ways(config, read_ways(rows))
    else:
        with rosters(config, changing=True) as at:
            done, wrong = at.put(read_roster(file)), list(at.faults())
    click.echo("\n".join(done))
    for one in wrong:
        click.echo(f"NOT  {one}")


def _put_ways(config: Path | None, ways: Sequence[WayRow]) -> tuple[list[str], list[str]]:
    with closing(lay(read(config))) as ground:
        with ground.database.writing() as session:
            book = book_of(ground, session)
            done = book.put(ways), list(book.faults())
        ground.waker.wake()  # a page that calls one of them goes to the new ways
        return done


@roster.command()
@config_option
@click.option("--team", help="Only this one.")
def show(config: Path | None, team: str | None) -> None:
    """Print the rosters as `import` reads them, with overrides and absences as remarks."""
    with rosters(config) as at:
        teams = at.teams(team)
        click.echo(as_csv({one.id: at.layers(one) for one in teams}), nl=False)
        for line in dict.fromkeys(line for one in teams for line in _notes(at, one)):
            click.echo(f"# {line}")


def _notes(at: Rosters, team: Team) -> Iterator[str]:
    zone = at.zone(team)
    for duty in at.notes(team):
        where = duty.team_id or "every team"
        instead = f" instead of {at.logins.get(duty.instead_of, '?')}" if duty.instead_of else ""
        who = at.logins.get(duty.responder_id, "?")
        span = f"{clock(duty.begins_at, zone)} to {clock(duty.ends_at, zone)}"
        yield f"{duty.id}  {where}: {who} {duty.kind}{instead}, {span}"


@roster.command()
@config_option
@click.argument("team")
@click.argument("person")
@click.option("--from", "begins", required=True, help='As "2026-12-24 18:00", by the school\'s clock.')
@click.option("--to", "ends", required=True, help="The same.")
@click.option("--instead-of", help="A swap: only where it would be this person's turn.")
def override(
    config: Path | None, *, team: str, person: str, begins: str, ends: str, instead_of: str | None
) -> None:
    """PERSON (a login) is on call for TEAM from one moment to another, whatever the turns say."""
    with rosters(config, changing=True) as at:
        zone = at.zone(at.teams(team)[0])
        span = span_of(begins, ends, zone)
        noted = at.cover(team, person, span, instead_of)
        said = [*how_read((begins, ends), zone), *(f"  {one}" for one in at.served(team, span))]
    click.echo(f"{noted}  noted. On call for {team} is now:")
    click.echo("\n".join(said))


@roster.command()
@config_option
@click.argument("person")
@click.option("--from", "begins", required=True, help='As "2026-12-24 18:00", by the school\'s clock.')
@click.option("--to", "ends", required=True, help="The same.")
def away(config: Path | None, person: str, begins: str, ends: str) -> None:
    """PERSON (a login) is not called in any team; the next in turn is."""
    with rosters(config, changing=True) as at:
        zone = at.zone_of(person)
        span = span_of(begins, ends, zone)
        noted = at.away(person, span)
        said = [*how_read((begins, ends), zone), *(f"NOT  {one}" for one in at.faults(span[1]))]
    click.echo("\n".join((f"{noted}  {person} is away.", *said)))


@roster.command()
@config_option
@click.argument("note_id", metavar="ID")
def remove(config: Path | None, note_id: str) -> None:
    """Take back the override or absence ID, as `tipline roster show` lists it."""
    with rosters(config, changing=True) as at:
        at.remove(note_id)
    click.echo(f"{note_id}: taken back.")


@roster.command()
@config_option
def verify(config: Path | None) -> None:
    """Say what is wrong in the rosters of the next four weeks. Exit code 1 when something is."""
    with rosters(config) as at:
        wrong = list(at.faults())
        known = len(at.teams())
    for one in wrong:
        click.echo(f"NOT  {one}")
    if not wrong:
        click.echo(f"ok   rosters of {known} team(s), four weeks ahead")
    sys.exit(bool(wrong))
