"""``tipline simulate``: what a roster would do, before the night in which it must."""

import json
import tempfile
from pathlib import Path

import click

from wiring.commands.options import json_option
from wiring.errors import WiringError
from wiring.foresight import figures
from wiring.foresight.chance import Chance
from wiring.foresight.engine import Case, Engine
from wiring.foresight.file import Question, read_question
from wiring.foresight.school import build
from wiring.founding import new_database


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--seed", type=int, default=1, show_default=True, help="Another number, other chances.")
@click.option(
    "--plot", type=click.Path(path_type=Path, dir_okay=False), help="Also a picture: NAME.svg or NAME.png."
)
@json_option
def simulate(file: Path, *, seed: int, plot: Path | None, as_json: bool) -> None:
    """Say how long pages would wait with the roster, policy, load and people of FILE.

    The real pager, a clock that is moved from event to event, and people who answer by chance. It needs no
    install, and nobody is called. docs/scaling.md explains FILE.
    """
    if plot and plot.suffix not in {".svg", ".png"}:
        raise WiringError(f"{plot}: neither .svg nor .png; name it so")
    question = read_question(file)
    cases = _run(question, seed)
    if plot and cases:
        figures.draw(cases, plot)
    if as_json:
        click.echo(json.dumps({"seed": seed, "days": question.plan.load.days, **figures.facts(cases)}))
    elif cases:
        click.echo(f"{question.plan.load.days} days from {question.plan.load.begins}, seed {seed}\n")
        click.echo("\n".join(figures.table(cases)))
    else:
        click.echo("No page came in: raise load.immediate, load.urgent or load.days.")


def _run(question: Question, seed: int) -> list[Case]:
    with (
        tempfile.TemporaryDirectory() as folder,
        new_database(f"sqlite:///{folder}/simulated.db") as database,
    ):
        return Engine(build(database, question), question, Chance(question.plan, seed)).run()
