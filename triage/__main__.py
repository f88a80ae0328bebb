"""`python -m triage`: the room's commands without the rest of the program."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from triage import command, evaluate


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m triage")
    commands = parser.add_subparsers(dest="command", required=True)
    text = commands.add_parser("triage", help="explain a text, or answer JSON lines")
    text.add_argument("text", nargs="?")
    text.add_argument("--json", action="store_true")
    text.add_argument("--rules", type=Path, action="append", default=[])
    lint = commands.add_parser("lint", help="check rule files")
    lint.add_argument("paths", type=Path, nargs="+")
    measure = commands.add_parser("evaluate", help="measure against labelled cases")
    measure.add_argument("cases", type=Path, nargs="?")
    measure.add_argument("--json", action="store_true")
    for name in ("--plot", "--errors", "--benign"):
        measure.add_argument(name, type=Path)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    given = _parser().parse_args(arguments)
    if given.command == "triage":
        return command.run_triage(
            given.text, as_json=given.json, local_rules=given.rules, stdin=sys.stdin, stdout=sys.stdout
        )
    if given.command == "lint":
        return command.run_lint(given.paths, sys.stdout)
    return evaluate.run(
        given.cases,
        as_json=given.json,
        plot=given.plot,
        errors=given.errors,
        benign=given.benign,
        stdout=sys.stdout,
        stderr=sys.stderr,
    )


if __name__ == "__main__":
    sys.exit(main())
