"""``tipline contacts``: whose phones the install calls."""

import time
from contextlib import closing
from pathlib import Path

import click

from vault.kem import PublicKey
from wiring import verifying
from wiring.commands.options import config_option, read
from wiring.errors import WiringError
from wiring.ground import Ground, lay
from wiring.secrets import Secrets
from wiring.verifying import Question

TRIES = 3
WAIT_S = 60.0
LOOK_S = 0.5
GONE = ("sent", "delivered")


@click.group()
def contacts() -> None:
    """See to it that members' phones are theirs."""


@contacts.command()
@config_option
@click.option("--login", required=True, help="Whose phone.")
def verify(config: Path | None, login: str) -> None:
    """Text a code to the phone of LOGIN through the real carrier, and ask for it.

    Whoever holds the phone reads it to you. It shows that the number is theirs and that texts arrive; calls
    to the same number count as verified too.
    """
    with closing(lay(read(config))) as ground:
        line = PublicKey.decode(Secrets(ground.config.folder, "staff").blob("line-public"))
        with ground.database.writing() as session:
            now = ground.clock.now(session)
            question = verifying.ask(session, now, login, next(iter(ground.schools)), line)
        ground.waker.wake()
        _wait(ground, question)
        _ask(question)
        with ground.database.writing() as session:
            verifying.confirm(session, ground.clock.now(session), question)
    click.echo(f"The phone of {question.name} is verified.")


def _wait(ground: Ground, question: Question) -> None:
    """Until the carrier has the text. WiringError, with its code, when it does not take it."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        with ground.database.reading() as session:
            state = verifying.state(session, question)
        if state in GONE:
            click.echo(f"A text with a code is on its way to {question.name}.")
            return
        time.sleep(LOOK_S)
    raise WiringError(
        f"the text did not leave ({state}); is the pager running? docs/operations.md has the codes"
    )


def _ask(question: Question) -> None:
    for _ in range(TRIES):
        if question.fits(click.prompt(f"The code that {question.name} reads to you")):
            return
        click.echo("That is not it.")
    raise WiringError("not verified: ask for a new code")
