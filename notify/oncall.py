"""Who is on call: a pure function of a team's plan and a moment. No database, no clock.

Whose duty it is decides who is called first and where the gaps are. A page never waits for a gap to end:
``on_call`` then names everybody.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from notify import turns, wall
from notify.turns import DAY, Layer


@dataclass(frozen=True)
class Duty:
    """``person`` is on call from ``begins`` to ``ends`` (ms): before all others, or in someone's place."""

    person: str
    begins: int
    ends: int
    instead_of: str | None = None


@dataclass(frozen=True)
class Absence:
    """``person`` is not to be called from ``begins`` to ``ends`` (ms): the next in turn is."""

    person: str
    begins: int
    ends: int


@dataclass(frozen=True)
class Plan:
    """A team's roster. Of layers that hold at once those for days off win, then the first.

    ``duties``: overrides, swaps and fixed duty lists; a later one wins. ``others``: the rest of the team.
    ``left``: named here, but of the team no more: passed over, so that nobody else's turn moves.
    """

    zone: str
    layers: tuple[Layer, ...]
    days_off: frozenset[date] = frozenset()
    duties: tuple[Duty, ...] = ()
    absences: tuple[Absence, ...] = ()
    others: tuple[str, ...] = ()
    left: frozenset[str] = frozenset()

    @property
    def everybody(self) -> tuple[str, ...]:
        named = (person for layer in self.layers for person in layer.people)
        return self.staying((*named, *self.others))

    @property
    def as_if_all_stayed(self) -> "Plan":
        """For when nobody else can be called: whoever left may still know whom to fetch."""
        return replace(self, left=frozenset())

    def staying(self, people: Iterable[str]) -> tuple[str, ...]:
        """Each of ``people`` once, in order, but for those who left."""
        return tuple(one for one in _once(people) if one not in self.left)


@dataclass(frozen=True)
class Shift:
    """From ``begins`` to ``ends`` (ms) ``person`` is on call; nobody (None): a gap."""

    person: str | None
    begins: int
    ends: int


def on_call(plan: Plan, now: int) -> tuple[str, ...]:
    """Everyone to call, beginning with who is on call at ``now``, then in the order of turns.

    Whoever is absent is left out, unless all are. Empty only when the plan has nobody who stayed.
    """
    ordered = plan.staying((*_named(plan, now), *plan.everybody))
    return _present(plan, now, ordered) or ordered


def on_duty(plan: Plan, now: int) -> tuple[str, ...]:
    """Whose duty it is at ``now``, first on call first; nobody: a gap."""
    return _present(plan, now, plan.staying(_named(plan, now)))


def shifts(plan: Plan, begins: int, ends: int, reachable: Collection[str] | None = None) -> list[Shift]:
    """Who is on call from ``begins`` to ``ends`` (ms), without a break; gaps are shifts of nobody.

    ``reachable``: those who have a way to be called; None: all have.
    """
    found: list[Shift] = []
    for since, until in pairwise([begins, *changes(plan, begins, ends), ends]):
        people = (one for one in on_duty(plan, since) if reachable is None or one in reachable)
        person = next(people, None)
        if found and found[-1].person == person:
            found[-1] = Shift(person, found[-1].begins, until)
        else:
            found.append(Shift(person, since, until))
    return found


def gaps(plan: Plan, begins: int, ends: int, reachable: Collection[str] | None = None) -> list[Shift]:
    """When nobody who can be reached has the duty, between ``begins`` and ``ends`` (ms)."""
    return [shift for shift in shifts(plan, begins, ends, reachable) if shift.person is None]


def changes(plan: Plan, begins: int, ends: int) -> list[int]:
    """Every moment (ms) between ``begins`` and ``ends`` at which who is on call may change, in order."""
    return sorted({moment for moment in _all_changes(plan, begins, ends) if begins < moment < ends})


def _all_changes(plan: Plan, begins: int, ends: int) -> Iterator[int]:
    first = wall.local_time(begins, plan.zone).date() - 2 * DAY
    last = wall.local_time(ends, plan.zone).date()
    days = [first + number * DAY for number in range((last - first).days + 1)]
    for layer in plan.layers:
        yield from turns.changes(layer, plan.zone, plan.days_off, days)
    for duty in plan.duties:
        yield from (duty.begins, duty.ends)
    for absence in plan.absences:
        yield from (absence.begins, absence.ends)


def _named(plan: Plan, now: int) -> tuple[str, ...]:
    layers = sorted(plan.layers, key=lambda layer: bool(layer.days))
    found = (turns.serving(layer, plan.zone, plan.days_off, now) for layer in layers)
    people = next(filter(None, found), ())
    for duty in plan.duties:
        if duty.begins <= now < duty.ends:
            people = _with(duty, people)
    return people


def _with(duty: Duty, people: tuple[str, ...]) -> tuple[str, ...]:
    if duty.instead_of is None:
        return _once((duty.person, *people))
    if duty.instead_of not in people:
        return people
    rest = (one for one in people if one != duty.person)
    return tuple(duty.person if one == duty.instead_of else one for one in rest)


def _present(plan: Plan, now: int, people: tuple[str, ...]) -> tuple[str, ...]:
    away = {one.person for one in plan.absences if one.begins <= now < one.ends}
    return tuple(one for one in people if one not in away)


def _once(people: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(people))
