"""``tipline audit``: is the record of who did what whole, and what does it say?"""

import json
import sys
from contextlib import closing
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault import schema, tally
from vault.clock import clock_for
from vault.database import Database
from vault.verdict import Judge, chained
from wiring.auditing import witnessed
from wiring.commands.options import config_option, read
from wiring.config import Config

TELL_EVERY = 10_000
NOT_WHOLE = 1


@click.group()
def audit() -> None:
    """Verify or export the audit: who did what, chained and signed by the pager."""


@audit.command()
@config_option
@click.option(
    "--witness",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Heads that somebody kept off this machine. Default: audit.witness, if it is a file.",
)
def verify(config: Path | None, witness: Path | None) -> None:
    """Say whether the chain is whole, or name the first event that is not.

    Exit code 0: whole. 1: an event is changed, missing, unsigned, or was not chained within a minute; or the
    messages that are there are not those that were noted.
    """
    install = read(config)
    file = witness or _own_witness(install)
    section = install.settings.install
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(section.audit_public))
    judge = Judge(section.id, public, witnessed(file) if file else (), _tell)
    with closing(Database(install.database_url)) as database:
        schema.require_head(database)
        clock = clock_for(database)
        with database.reading() as session:
            found = judge.judge(session, clock.now(session))
            wrong = [found.broken] if found.broken else [one.what for one in tally.odd(session)]
    for what in wrong:
        click.echo(f"NOT  {what}")
    if wrong:
        sys.exit(NOT_WHOLE)
    click.echo(f"ok   {found.count} events, whole" + (f"; as {file} saw them" if file else ""))


@audit.command()
@config_option
def export(config: Path | None) -> None:
    """Write every chained event as a line of JSON, with what is needed to verify it elsewhere."""
    with closing(Database(read(config).database_url)) as database:
        schema.require_head(database)
        with database.reading() as session:
            for event in chained(session):
                facts = {"seq": event.seq, "at": event.at, "actor": event.actor, "verb": event.verb}
                facts |= {"pseudonym": event.pseudonym, "facts": event.facts}
                proof = {"link": (event.link or b"").hex(), "signature": (event.signature or b"").hex()}
                click.echo(json.dumps(facts | proof))


def _own_witness(install: Config) -> Path | None:
    path = Path(install.settings.audit.witness)
    return path if path.is_absolute() and path.exists() else None


def _tell(count: int) -> None:
    if count % TELL_EVERY == 0:
        click.echo(f"{count} events ...", err=True)
