"""``tipline oncall``: who is on call, where nobody is, and how often it woke people."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from notify import oncall as pure
from notify.oncall import Shift
from vault.teams import Team
from wiring.asked_time import clock, days_of, moment_of
from wiring.commands.at_rosters import rosters
from wiring.commands.options import config_option, json_option
from wiring.duty_load import load_of
from wiring.rosters import Rosters

HORIZON_MS = 35 * 86_400_000


@click.command()
@config_option
@click.option("--at", "moment", help='As "2027-03-14 02:10", by the school\'s clock. Default: now.')
@click.option("--team", help="Only this one.")
@click.option(
    "--gaps", "gaps_for", metavar="DAYS", help="List hours without anybody: 14d. Exit code 1 when some."
)
@click.option("--load", "load_for", metavar="DAYS", help="How often people were paged, and at night: 30d.")
@json_option
def oncall(
    config: Path | None,
    *,
    moment: str | None,
    team: str | None,
    gaps_for: str | None,
    load_for: str | None,
    as_json: bool,
) -> None:
    """Say who is on call, and who would be called next."""
    with rosters(config) as at:
        teams = at.teams(team)
        if load_for:
            found = [_load_line(*one) for one in load_of(at, teams, at.now - days_of(load_for))]
        elif gaps_for:
            found = [line for one in teams for line in _gaps(at, one, days_of(gaps_for), moment)]
        else:
            found = [_now(at, one, moment) for one in teams]
    for facts in found:
        click.echo(json.dumps(facts) if as_json else facts["says"])
    if gaps_for and not found and not as_json:
        click.echo(f"No gap: somebody is on call in each of {len(teams)} team(s).")
    sys.exit(bool(gaps_for and found))


def _now(at: Rosters, team: Team, moment: str | None) -> dict[str, object]:
    zone = at.zone(team)
    asked = moment_of(moment, zone) if moment else None
    now = asked.at if asked else at.now
    plan = at.plan(team, now, now + HORIZON_MS)
    first = pure.shifts(plan, now, now + HORIZON_MS, at.reachable)[0]
    ends = first.ends < now + HORIZON_MS  # else nobody has looked so far ahead
    people = [at.logins.get(one, "?") for one in pure.on_call(plan, now) if one in at.reachable]
    note = f"{asked.says}\n" if asked and asked.says else ""
    return {
        "team": team.id,
        "at": clock(now, zone),
        "on_call": people[0] if first.person else None,
        "until": clock(first.ends, zone) if ends else None,
        "then": people[1:] if first.person else people,
        "note": note.strip(),
        "says": f"{note}{team.id:<16} {_who(first, people)}{f' until {clock(first.ends, zone)}' * ends}",
    }


def _who(shift: Shift, people: list[str]) -> str:
    if shift.person is None:
        return f"NOBODY (a page calls all: {', '.join(people) or 'nobody either'})"
    return people[0] + (f", then {', '.join(people[1:])}" if people[1:] else ", and nobody else")


def _gaps(at: Rosters, team: Team, length: int, moment: str | None) -> Iterator[dict[str, object]]:
    now = moment_of(moment, at.zone(team)).at if moment else at.now
    plan = at.plan(team, now, now + length)
    for gap in pure.gaps(plan, now, now + length, at.reachable):
        begins, ends = clock(gap.begins, plan.zone), clock(gap.ends, plan.zone)
        says = f"{team.id:<16} nobody from {begins} to {ends}"
        yield {"team": team.id, "from": begins, "to": ends, "says": says}


def _load_line(login: str, pages: int, nights: int, hours: float) -> dict[str, object]:
    says = f"{login:<16} {pages:>4} page(s), {nights:>4} at night, {hours:>6.0f} h on call"
    return {"person": login, "pages": pages, "nights": nights, "hours": round(hours, 1), "says": says}
