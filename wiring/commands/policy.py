"""``tipline policy``: try out who would be called, without calling anybody."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from notify import wall
from reporting.routing import ADULT_AT_SCHOOL
from reporting.rubric import FIRST
from reporting.schools import School
from triage import Urgency
from vault.teams import DEFAULT
from wiring.asked_time import MINUTE_MS, clock, moment_of, span
from wiring.commands.at_rosters import rosters
from wiring.commands.options import config_option, json_option, read
from wiring.errors import WiringError
from wiring.ground import schools_of
from wiring.rehearsal import Call, Case, Rehearsal, rehearse

CATEGORIES = (*FIRST, ADULT_AT_SCHOOL, DEFAULT)
WAYS = {"sms": "text", "voice": "call", "email": "e-mail"}


@click.group()
def policy() -> None:
    """Who is called for what: routes, rosters and steps together."""


@policy.command()
@config_option
@click.argument("category", type=click.Choice(CATEGORIES), metavar="CATEGORY")
@click.argument("urgency", type=click.Choice([one.value for one in Urgency]))
@click.option("--at", "moment", help='As "2027-03-14 02:10", by the school\'s clock. Default: now.')
@click.option("--school", help="Needed where there are several.")
@click.option("--wakes", is_flag=True, help="Of a rule that may break the night (urgent only).")
@json_option
def test(
    config: Path | None,
    *,
    category: str,
    urgency: str,
    moment: str | None,
    school: str | None,
    wakes: bool,
    as_json: bool,
) -> None:
    """Print who would be called, when and how, for a message of CATEGORY and URGENCY that nobody answers.

    Nobody is called, and nothing is changed.
    """
    install = read(config)
    own = _school(schools_of(install), school)
    with rosters(config) as at:
        asked = moment_of(moment, own.zone) if moment else None
        case = Case(own, category, Urgency(urgency), wakes, asked.at if asked else at.now)
        found = rehearse(at, install.settings.paging, case)
    note = asked.says if asked else ""
    if as_json:
        click.echo(json.dumps(_facts(case, found, note)))
    else:
        click.echo("\n".join(filter(None, (note, *_lines(case, found)))))


def _school(schools: Mapping[str, School], named: str | None) -> School:
    if named is None and len(schools) > 1:
        raise WiringError(f"name the school: --school {' or '.join(schools)}")
    chosen = named or next(iter(schools))
    if chosen not in schools:
        raise WiringError(f"{chosen}: no such school; known: {', '.join(schools)}")
    return schools[chosen]


def _lines(case: Case, found: Rehearsal) -> Iterator[str]:
    zone = case.school.zone
    yield f"{case.category}, {case.urgency}, to {case.school.name} at {clock(case.now, zone)}"
    yield f"Read by: {', '.join(found.teams)}"
    if found.policy is None:
        yield "Nobody is paged. The morning's text says how many wait:"
    elif found.policy.acks > 1:
        team = f", one of them of {found.policy.ack_team}" if found.policy.ack_team else ""
        yield f"Takes {found.policy.acks} who answer{team}."
    exact = any((call.at - found.calls[0].at) % MINUTE_MS for call in found.calls)
    for call in found.calls:
        yield f"  {clock(call.at, zone, exact=exact)}  {_who(call, found.closed)}"
    if found.policy:
        every, long, slowly = map(
            span, (found.policy.repeat_s, found.policy.fast_for_s, found.policy.slow_repeat_s)
        )
        yield f"  and so on: every {every} for {long}, then every {slowly}, until somebody answers"
    late = Urgency.highest(case.urgency, Urgency.URGENT)
    yield f"Unread by {clock(found.read_by, zone)}: paged as {late}"


def _who(call: Call, closed: frozenset[str]) -> str:
    people = (
        f"{login} ({', '.join(map(_named, ways))}){' WHO CANNOT OPEN IT' * (login in closed)}"
        for login, ways in call.people
    )
    return "; ".join(people) or "NOBODY can be called"


def _named(way: str) -> str:
    channel, _, after = way.partition(" ")
    return f"{WAYS.get(channel, channel)} {after}".strip()


def _facts(case: Case, found: Rehearsal, note: str) -> dict[str, object]:
    def shown(at: int) -> str:
        return wall.local_time(at, case.school.zone).isoformat(timespec="minutes")

    return {
        "at": shown(case.now),
        "note": note,
        "teams": found.teams,
        "acks": found.policy.acks if found.policy else 0,
        "calls": [{"at": shown(call.at), "people": dict(call.people)} for call in found.calls],
        "cannot_open": sorted(found.closed),
        "read_by": shown(found.read_by),
    }
