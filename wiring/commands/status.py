"""``tipline status``: how the install stands, on one screen."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from notify.vitals import WELL
from wiring.commands.options import config_option, json_option, read
from wiring.ground import lay
from wiring.status import Status, look
from wiring.tested import Tested

CHANNELS = {"sms": "text", "voice": "call", "email": "e-mail"}


@click.command()
@config_option
@json_option
def status(config: Path | None, as_json: bool) -> None:
    """Say which processes work, what waits, which pages call for somebody, and what the watchman thinks.

    Exit code 0 when pages leave, 1 when they may not, 2 when the database or the configuration is refused.
    """
    with closing(lay(read(config))) as ground:
        found = look(ground)
    click.echo(json.dumps(found.as_json()) if as_json else "\n".join(lines_of(found)))
    sys.exit(not found.well)


def lines_of(found: Status) -> Iterator[str]:
    yield (
        "Pages leave."
        if found.well
        else "PAGES MAY NOT LEAVE. If anybody may be in danger, call the team now."
    )
    for one in found.processes:
        worked = "never worked" if one.age_s is None else f"worked {age(one.age_s)} ago"
        yield f"{'ok ' if one.beats else 'NOT'}  {one.name:<9} {worked}"
    satisfied = "ok " if found.watchman == WELL else "NOT"
    yield f"{satisfied}  watchman  says: {found.watchman.replace('_', ' ')}"
    oldest = f", the oldest for {age(found.oldest_due_s)}" if found.oldest_due_s is not None else ""
    yield f"     due       {found.due}{oldest}"
    if found.queued is not None:
        yield f"     queue     {'does not answer' if found.queued < 0 else f'{found.queued} ids wait'}"
    for page in found.pages:
        yield f"     open      {page.count} {page.urgency}, the oldest calls for {age(page.oldest_s)}"
    yield from () if found.pages else ("     open      no page waits for somebody",)
    for send in found.sends:
        error = f" ({send.error}, {send.error_class})" if send.error else ""
        channel = CHANNELS.get(send.channel, send.channel)
        yield f"     sent      {channel}: {send.state}{error}, {age(send.age_s)} ago"
    yield from (f"NOT  roster    {said}" for said in found.roster)
    for test in found.tests:
        yield f"{'ok ' if test.well else 'NOT'}  self-test {test.school}: {_tested(test)}"
    for school, live in found.live.items():
        yield f"     school    {school}: {'live' if live else 'the form says that nobody reads it'}"


def _tested(test: Tested) -> str:
    if test.age_s is None:
        return "there was none yet"
    who = f"{test.by} answered" if test.by else "NOBODY answered"
    failed = ", ".join(CHANNELS.get(one, one) for one in test.failed)
    return f"{who}, {age(test.age_s)} ago" + (f"; did not get through: {failed}" if failed else "")


def age(seconds: float) -> str:
    """In the largest unit that is not 0."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
