"""``tipline export-case``: one case as a readable file, made by a member who may read it."""

from contextlib import closing
from pathlib import Path

import click

from wiring.commands.options import config_option, read
from wiring.exporting import LONGEST, Why, export, sign_in
from wiring.ground import lay


@click.command(name="export-case")
@config_option
@click.argument("reference")
@click.option(
    "--to",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The new file, as JSON.",
)
def export_case(config: Path | None, reference: str, to: Path) -> None:
    """Write the case with this REFERENCE into a file, for a court or a partner, and print its SHA-256.

    A member types login and password at this terminal: the file holds what they may read, in clear. Asks for
    the reason and the legal basis; who made it, why and the hash stand in the audit for ever.
    """
    with closing(lay(read(config))) as ground:
        login = click.prompt("Login of the member who exports")
        password = click.prompt("Password (it is not shown)", hide_input=True)
        code = click.prompt("Six digits of the app (Enter: none)", default="", show_default=False)
        who = sign_in(ground, login, password, code)
        click.echo(
            "Reason and basis are readable in the audit for ever: no names, nothing from the case.", err=True
        )
        why = Why(_asked("Reason"), _asked("Legal basis (law, order, consent)"))
        digest = export(ground, who, why, reference, to.absolute())
    click.echo(f"{digest}  {to}")
    click.echo("The file is in clear. Hand it over encrypted, and the hash by another way.")


def _asked(what: str) -> str:
    return " ".join(str(click.prompt(what)).split())[:LONGEST]
