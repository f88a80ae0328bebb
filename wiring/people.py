"""The file of people: teams, members, turns and routes as a technician writes them, and its complaints."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from wiring.complaints import LOGIN, NUMBER, Complaint
from wiring.config import Config
from wiring.errors import ConfigError
from wiring.settings import WEEKDAYS, option, required
from wiring.toml_reader import Reader, read_toml

TEAM_ID = re.compile(r"[a-z][a-z0-9_-]{0,31}")
DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class TeamLines:
    """One team of one school, and who takes turns in being called first."""

    id: str = required("a short name in lower case", "counseling")
    school: str = required("the school's id in the configuration", "maple")
    on_call: tuple[str, ...] = required("logins, in the order of their weeks", ("ann",))
    handoff: str = option("monday 00:00", "Weekday and time of the school's clock.")

    @property
    def weekday(self) -> int:
        """0 is Monday."""
        return WEEKDAYS.index(self.handoff.partition(" ")[0])

    @property
    def handoff_time(self) -> str:
        return self.handoff.partition(" ")[2]


@dataclass(frozen=True, kw_only=True)
class MemberLines:
    """Somebody who signs in. ``phone`` empty: they are never called."""

    login: str = required("what they sign in with", "ann")
    name: str = required("what others see", "Ann Example")
    teams: tuple[str, ...] = required("ids of teams", ("counseling",))
    phone: str = field(default="", repr=False, metadata={"doc": "in international form"})


@dataclass(frozen=True, kw_only=True)
class RouteLines:
    """Which teams of a school read messages about something."""

    school: str = required("the school's id in the configuration", "maple")
    about: str = required('"default", or a kind of message', DEFAULT)
    teams: tuple[str, ...] = required("ids of teams", ("counseling",))


@dataclass(frozen=True, kw_only=True)
class People:
    """The file's tables."""

    teams: tuple[TeamLines, ...] = field(metadata={"doc": "a [[teams]] table"})
    members: tuple[MemberLines, ...] = field(metadata={"doc": "a [[members]] table"})
    routes: tuple[RouteLines, ...] = ()

    def of_team(self, team: str) -> tuple[MemberLines, ...]:
        return tuple(one for one in self.members if team in one.teams)

    def routes_of(self, school: str) -> Mapping[str, tuple[str, ...]]:
        return {one.about: one.teams for one in self.routes if one.school == school}


def read_people(path: Path, config: Config) -> People:
    """The checked file. ConfigError, in one line and without phone numbers, when anything is wrong."""
    people = Reader(path).settings(People, read_toml(path))
    schools = {school.id for school in config.settings.schools}
    for key, problem, remedy in _complaints(people, schools):
        raise ConfigError(path, key, problem, remedy)
    return people


def _complaints(people: People, schools: set[str]) -> Iterator[Complaint]:
    yield from _twice("teams", "id", [one.id for one in people.teams])
    yield from _twice("members", "login", [one.login for one in people.members])
    yield from _twice("members", "phone", [one.phone for one in people.members if one.phone], said=False)
    for member in people.members:
        yield from _about_member(member, {one.id for one in people.teams})
    for team in people.teams:
        yield from _about_team(team, people, schools)
    for school in schools:
        yield from _about_routes(school, people)


def _twice(table: str, key: str, values: Sequence[str], *, said: bool = True) -> Iterator[Complaint]:
    for value, times in Counter(values).items():
        if times > 1:
            which = f" ({value})" if said else ""
            yield f"{table}.{key}", f"used twice{which}", "give each its own"


def _about_member(member: MemberLines, teams: set[str]) -> Iterator[Complaint]:
    key = f"members ({member.login})"
    if not LOGIN.fullmatch(member.login):
        yield key, "login is not lower-case letters and digits", "write it as ann or ann.example"
    if member.phone and not NUMBER.fullmatch(member.phone):
        yield key, "phone is not an international number", "write it as +15550100"
    if not member.name.strip():
        yield key, "no name", "add it: others see it in every case"
    if not member.teams or not teams.issuperset(member.teams):
        yield key, "no team, or one that has no [[teams]] table", f"use {', '.join(sorted(teams))}"


def _about_team(team: TeamLines, people: People, schools: set[str]) -> Iterator[Complaint]:
    key = f"teams ({team.id})"
    if not TEAM_ID.fullmatch(team.id):
        yield key, "id is not a short lower-case name", "write it as counseling"
    if team.school not in schools:
        yield key, "no such school in the configuration", f"use {', '.join(sorted(schools))}"
    reachable = {one.login for one in people.of_team(team.id) if one.phone}
    if not team.on_call or not reachable.issuperset(team.on_call):
        remedy = "name at least one; each a login of this team with a phone"
        yield key, "on_call has nobody, or somebody who cannot be called or is not of the team", remedy
    if not _is_handoff(team.handoff):
        yield key, "handoff is no weekday and time", 'write it as "monday 07:30"'


def _about_routes(school: str, people: People) -> Iterator[Complaint]:
    own = {one.id for one in people.teams if one.school == school}
    routes = people.routes_of(school)
    if own and DEFAULT not in routes:
        yield "routes", f"none about {DEFAULT} for {school}", "say who reads what no other route takes"
    for about, teams in routes.items():
        if not teams or not own.issuperset(teams):
            yield (
                f"routes ({about})",
                "no team, or one that is not of this school",
                "name teams of the school",
            )


def _is_handoff(text: str) -> bool:
    day, _, at = text.partition(" ")
    try:
        time.fromisoformat(at)
    except ValueError:
        return False
    return day in WEEKDAYS
