"""``tipline retention``: what would be deleted, and deleting it now."""

from contextlib import closing
from pathlib import Path

import click

from reporting.retention import Forecast, forecast
from vault import erasure
from wiring.commands.options import config_option, read
from wiring.ground import lay
from wiring.purging import Purging


@click.command()
@config_option
@click.option("--dry-run", is_flag=True, help="Only count; change nothing.")
@click.option(
    "--rewrite",
    is_flag=True,
    help="PostgreSQL: rewrite every table, however large. Writers wait meanwhile: stop Tipline first.",
)
def retention(config: Path | None, dry_run: bool, rewrite: bool) -> None:
    """Delete reports past their date now, and clear the database's files of them.

    The pager deletes every hour by itself. A report goes when its case is closed, its date past, nobody
    called for it, and no legal hold on it.
    """
    with closing(lay(read(config))) as ground:
        with ground.database.reading() as session:
            found = forecast(session, ground.clock.now(session))
        click.echo(_told(found))
        if dry_run:
            return
        purged = Purging(ground.database, ground.clock).round(lambda count: _tell(f"{count} of {found.due}"))
        erasure.rewrite(ground.database, _tell, whole=rewrite)
    click.echo(f"Deleted {purged} reports.")


def _told(found: Forecast) -> str:
    lines = {
        "due": found.due,
        "past their date, under legal hold": found.held,
        "past their date, but open or unread": found.unfinished,
        "taken back by their reporter": found.withdrawn,
    }
    return "\n".join(f"{count:>6}  {name}" for name, count in lines.items())


def _tell(what: str) -> None:
    click.echo(what, err=True)
