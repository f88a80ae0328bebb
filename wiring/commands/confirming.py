"""Whether the words were really written down: three of them are typed before the install is there."""

import secrets
import sys
from collections.abc import Sequence

import click

ASKED = 3


def show(words: Sequence[str]) -> None:
    """The words on the terminal, numbered as they are asked for."""
    click.echo("Recovery words. They open every case if all passwords are lost, and are shown only now.")
    click.echo("Write them on paper; give them to somebody who does not run this machine.\n")
    for start in range(0, len(words), 6):
        click.echo("    " + " ".join(words[start : start + 6]))


def confirm(words: Sequence[str]) -> None:
    """Ask for three of them, by number, until they are right. Only a person at a terminal is asked."""
    if not sys.stdin.isatty():
        return
    click.echo("\nNow type three of them from your paper. Ctrl-C: nothing was made.")
    for number in sorted(secrets.SystemRandom().sample(range(len(words)), ASKED)):
        while click.prompt(f"Word {number + 1}").strip().lower() != words[number]:
            click.echo("That is not what is on the screen. Look at your paper, and mend it.")
