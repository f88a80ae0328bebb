"""``tipline drill``: a page that says it is a drill, until somebody takes it."""

import json
import sys
import time
from contextlib import closing
from pathlib import Path

import click

from notify.drills import Standing, Try
from wiring import drill as drills
from wiring.commands.options import config_option, json_option, read
from wiring.errors import WiringError
from wiring.ground import Ground, lay

LOOK_S = 0.5
CHANNELS = {"sms": "text", "voice": "call", "email": "e-mail"}


@click.command()
@config_option
@click.option("--school", default="", help="Which school; needed where there are several.")
@click.option(
    "--wait", "wait_s", default=900, show_default=True, type=click.IntRange(1, 7200), help="Seconds to wait."
)
@json_option
def drill(config: Path | None, school: str, wait_s: int, as_json: bool) -> None:
    """File a drill and wait until somebody has it: phones ring as for an immediate report, and say DRILL.

    Prints who took it, after how long, and what was tried on the way. Nobody in time: it goes on calling,
    like every page, until somebody takes it.

    Exit code 0 when somebody took it, 1 when nobody did in time, 2 when it could not be held.
    """
    with closing(lay(read(config))) as ground:
        report_id = drills.file(ground, school or _only(ground))
        standing = _follow(ground, report_id, wait_s, quiet=as_json)
    click.echo(json.dumps(standing.as_json()) if as_json else verdict_of(standing))
    sys.exit(not standing.well)


def _only(ground: Ground) -> str:
    if len(ground.schools) > 1:
        raise WiringError(f"name the school: --school {' or '.join(ground.schools)}")
    return next(iter(ground.schools))


def _follow(ground: Ground, report_id: str, wait_s: float, *, quiet: bool) -> Standing:
    """Look until somebody has it or the time is up; say what changed."""
    until = time.monotonic() + wait_s
    said: set[str] = set()
    standing = drills.look(ground, report_id)
    if not quiet:
        click.echo(
            f"Drill {standing.reference} is calling; {wait_s} s at most. Ctrl-C stops only the waiting."
        )
    while True:
        for line in lines_of(standing):
            if line not in said and not quiet:
                click.echo(f"  {standing.after_s:5.0f} s  {line}")
            said.add(line)
        if standing.well or time.monotonic() >= until:
            return standing
        time.sleep(LOOK_S)
        standing = drills.look(ground, report_id)


def lines_of(standing: Standing) -> list[str]:
    return [f"{_way(one)}: {one.state}{_details(one)}" for one in standing.tries if one.tried]


def _way(one: Try) -> str:
    return f"{CHANNELS.get(one.channel, one.channel)} to {one.name}"


def _details(one: Try) -> str:
    """Its error, and how soon it left and arrived."""
    said = [one.error] if one.error else []
    said += [f"left after {one.sent_s} s"] if one.sent_s is not None else []
    said += [f"arrived after {one.delivered_s} s"] if one.delivered_s is not None else []
    return f" ({', '.join(said)})" if said else ""


def verdict_of(standing: Standing) -> str:
    after = f"after {standing.after_s:.0f} s"
    if standing.well:
        failed = ", ".join(f"{_way(one)} ({one.error})" for one in standing.failed)
        lost = f" Did not get through: {failed}." if failed else ""
        case = f"Now open case {standing.reference} and close it as a drill."
        return f"{standing.by} has it {after}.{lost} {case}"
    if not any(one.tried for one in standing.tries):
        return "NOT tried at all: is the pager running? (tipline status)"
    return f"NOBODY has it {after}. It goes on calling: take it, and find out why nobody did."
