"""``tipline triage`` and ``tipline evaluate``: what the rules make of a text, and how good they are."""

import sys
from pathlib import Path

import click

from triage import evaluate as evaluation
from triage.command import run_lint, run_triage
from wiring.commands.options import json_option

PATH = click.Path(path_type=Path)


@click.command()
@click.argument("text", required=False)
@json_option
@click.option(
    "--rules", type=PATH, multiple=True, help="Local rule file that adds to the shipped ones. Repeatable."
)
@click.option(
    "--lint", type=PATH, multiple=True, help="Check this rule file and say what is wrong. Repeatable."
)
def triage(text: str | None, as_json: bool, rules: tuple[Path, ...], lint: tuple[Path, ...]) -> None:
    """Say what TEXT (or standard input) would be assessed as, and why. Nothing is stored or sent."""
    if lint:
        sys.exit(run_lint(lint, sys.stdout))
    sys.exit(run_triage(text, as_json=as_json, local_rules=rules, stdin=sys.stdin, stdout=sys.stdout))


@click.command()
@click.argument("cases", type=PATH, required=False)
@json_option
@click.option("--plot", type=PATH, help="Write a chart to this file.")
@click.option("--errors", type=PATH, help="Write the cases that were judged wrongly to this file.")
@click.option("--benign", type=PATH, help="Harmless texts, one a line, to count false alarms.")
def evaluate(
    cases: Path | None, as_json: bool, plot: Path | None, errors: Path | None, benign: Path | None
) -> None:
    """Measure triage on labelled CASES (default: those that come with Tipline)."""
    code = evaluation.run(
        cases,
        as_json=as_json,
        plot=plot,
        errors=errors,
        benign=benign,
        stdout=sys.stdout,
        stderr=sys.stderr,
    )
    sys.exit(code)
