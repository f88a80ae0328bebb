"""The file of a simulation: a roster, what comes in, how people answer; and its complaints."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from notify.settings import PagingSettings
from wiring.complaints import Complaint, about_paging
from wiring.errors import ConfigError
from wiring.roster_file import RosterFile, read_roster
from wiring.settings import option, required
from wiring.toml_reader import Reader, read_toml

LONGEST_DAYS = 366
LONGEST_MINUTES = 24 * 60
MOST_AN_HOUR = 100


@dataclass(frozen=True, kw_only=True)
class ByHour:
    """A number for the day and one for the night (the hours of ``paging.night_from`` and ``night_to``)."""

    day: float = required("a number for the day", 0.1)
    night: float = required("a number for the night", 0.1)

    def at(self, *, night: bool) -> float:
        return self.night if night else self.day


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How somebody answers. Chances from 0 to 1; minutes are medians."""

    text: ByHour = field(
        default=ByHour(day=0.7, night=0.2), metadata={"doc": "Chance that a text is noticed and answered."}
    )
    call: ByHour = field(
        default=ByHour(day=0.7, night=0.5), metadata={"doc": "Chance that a call is picked up and answered."}
    )
    text_minutes: ByHour = field(
        default=ByHour(day=2, night=4), metadata={"doc": "Minutes to the answer of a text."}
    )
    call_minutes: ByHour = field(
        default=ByHour(day=0.5, night=1), metadata={"doc": "Minutes to the digit pressed in a call."}
    )
    away: ByHour = field(
        default=ByHour(day=0.1, night=0.1),
        metadata={"doc": "Chance that one page finds them out of reach, however often tried."},
    )


@dataclass(frozen=True, kw_only=True)
class Load:
    """What comes in: pages an hour, by urgency and part of the day."""

    begins: str = option("2026-11-30", "The first day.")
    days: int = option(28, "How many days.")
    teams: tuple[str, ...] = option(
        (), "Teams that every page calls, the first first. None: the roster's first."
    )
    immediate: ByHour = field(
        default=ByHour(day=0.05, night=0.02), metadata={"doc": "Immediate pages an hour."}
    )
    urgent: ByHour = field(default=ByHour(day=0.1, night=0.03), metadata={"doc": "Urgent pages an hour."})
    urgent_wakes: float = option(0.0, "Share of the urgent whose rule may wake people at night.")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The whole file. ``people``: by login, over ``habits``; ``paging``: as in the configuration."""

    zone: str = required("the school's zone", "America/Denver")
    roster: str = required("a roster beside this file, as `tipline roster import` reads it", "roster.csv")
    load: Load = field(default_factory=Load)
    habits: Habits = field(default_factory=Habits)
    people: dict[str, Habits] = field(default_factory=dict)
    paging: PagingSettings = field(default_factory=PagingSettings)

    def habits_of(self, login: str) -> Habits:
        return self.people.get(login, self.habits)

    @property
    def first_day(self) -> date:
        return date.fromisoformat(self.load.begins)


@dataclass(frozen=True)
class Question:
    """A checked file: ``members`` of each team are those whom its lines name; ``teams`` are called."""

    plan: Plan
    roster: RosterFile
    members: dict[str, tuple[str, ...]]
    teams: tuple[str, ...]


def read_question(path: Path) -> Question:
    """What ``path`` asks. WiringError, one line, for what is wrong with it or with its roster."""
    plan = Reader(path).settings(Plan, _with_habits(read_toml(path)))
    _refuse(path, _about(plan))
    roster = read_roster(path.parent / plan.roster)
    members = _members(roster)
    _refuse(path, _about_names(plan, members))
    return Question(plan, roster, members, plan.load.teams or tuple(members)[:1])


def _with_habits(tables: dict[str, object]) -> dict[str, object]:
    """What a person's table leaves out is as in ``habits``."""
    habits, people = tables.get("habits", {}), tables.get("people", {})
    if not isinstance(habits, dict) or not isinstance(people, dict):
        return tables  # the reader complains
    whole = {login: {**habits, **own} if isinstance(own, dict) else own for login, own in people.items()}
    return tables | {"people": whole}


def _refuse(path: Path, complaints: Iterator[Complaint]) -> None:
    for complaint in complaints:
        raise ConfigError(path, *complaint)


def _members(roster: RosterFile) -> dict[str, tuple[str, ...]]:
    named: dict[str, dict[str, None]] = {}
    for team, layers in roster.layers.items():
        named.setdefault(team, {}).update((login, None) for one in layers for login in one.people)
    for duty in roster.duties:
        named.setdefault(duty.team, {})[duty.person] = None
    return {team: tuple(logins) for team, logins in named.items()}


def _about_names(plan: Plan, members: dict[str, tuple[str, ...]]) -> Iterator[Complaint]:
    if not members:
        yield "roster", "has no line", "write at least one"
    for team in plan.load.teams:
        if team not in members:
            yield "load.teams", f"{team} is not in the roster", f"use {', '.join(members)}"
    for login in plan.people:
        if not any(login in logins for logins in members.values()):
            yield f"people.{login}", "not in the roster", "use a login of the roster"


def _about(plan: Plan) -> Iterator[Complaint]:
    if not _holds(ZoneInfo, plan.zone):
        yield "zone", "no such time zone", "write it as America/Denver"
    load = plan.load
    if not _holds(date.fromisoformat, load.begins):
        yield "load.begins", "not a day", "write it as 2026-11-30"
    if not 1 <= load.days <= LONGEST_DAYS:
        yield "load.days", "out of range", f"write 1 to {LONGEST_DAYS}"
    if not 0 <= load.urgent_wakes <= 1:
        yield "load.urgent_wakes", "out of range", "write 0 to 1"
    yield from _about_numbers("load", load, ("immediate", "urgent"), MOST_AN_HOUR)
    own = {f"people.{login}": habits for login, habits in plan.people.items()}
    for where, habits in {"habits": plan.habits, **own}.items():
        yield from _about_numbers(where, habits, ("text", "call", "away"), 1)
        yield from _about_numbers(where, habits, ("text_minutes", "call_minutes"), LONGEST_MINUTES)
    yield from about_paging(plan.paging)


def _about_numbers(where: str, table: Load | Habits, keys: tuple[str, ...], most: int) -> Iterator[Complaint]:
    for key in keys:
        found: ByHour = getattr(table, key)
        if not (0 <= found.day <= most and 0 <= found.night <= most):
            yield f"{where}.{key}", "out of range", f"write numbers from 0 to {most}"


def _holds(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except (ValueError, ZoneInfoNotFoundError):
        return False
    return True
