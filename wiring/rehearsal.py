"""What would happen to a page: who is called, when, by which channel. Reads everything, changes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from notify import escalation, paging, roster, wall, ways
from notify.escalation import Policy, Step
from notify.paging import PageRequest
from notify.settings import PagingSettings
from reporting import routing, rubric
from reporting.deadlines import read_deadline
from reporting.schools import School
from triage import Urgency, assess
from wiring.rosters import Rosters

REPEATS = 2
SELF_HARM = "suicide_self_harm"
IN_THE_MORNING = Step("on_call", ("sms",), 1)


@dataclass(frozen=True)
class Case:
    """A first message of a kind (``category``) to ``school``, at ``now`` (ms)."""

    school: School
    category: str
    urgency: Urgency
    wakes: bool
    now: int


@dataclass(frozen=True)
class Call:
    """At ``at`` (ms) these are tried: login, and by which channels, as ``sms`` or ``voice after 60 s``."""

    at: int
    people: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Rehearsal:
    """``teams`` read it; ``calls`` while nobody answers. ``policy`` None: no page, a text in the morning.

    ``closed``: logins of those who would be called, and could not open it.
    """

    teams: tuple[str, ...]
    calls: tuple[Call, ...]
    policy: Policy | None
    read_by: int
    closed: frozenset[str] = frozenset()


def rehearse(at: Rosters, settings: PagingSettings, case: Case) -> Rehearsal:
    """What happens to ``case`` while nobody answers and nobody reads."""
    teams = routing.team_ids(rubric.recipients(at.directory, case.school.id, case.category))
    read_by = read_deadline(case.school, case.urgency, case.now, self_harm=case.category == SELF_HARM)
    if case.urgency.value not in escalation.PAGED:
        own = [team.id for team in at.teams() if team.school == case.school.id]
        morning = _morning(case, settings.digest_at)
        return Rehearsal(teams, (Call(morning, _people(at, own, IN_THE_MORNING, morning)),), None, read_by)
    policy = paging.policy_of(
        at.session, case.now, _request(at, case, teams, settings.danger_answers), settings
    )
    calls = tuple(_calls(at, policy, teams, case.now))
    called = {login for call in calls for login, _ in call.people if login in at.people}
    closed = {one for one in called if not at.directory.may_open(at.people[one].member_id, teams)}
    return Rehearsal(teams, calls, policy, read_by, frozenset(closed))


def _request(at: Rosters, case: Case, teams: tuple[str, ...], answers: int) -> PageRequest:
    found = replace(assess(""), urgency=case.urgency, categories=(case.category,))
    call = rubric.call_for(at.directory, found, teams, answers)
    return PageRequest(
        school=case.school.id,
        subject="",
        reference="",
        urgency=case.urgency.value,
        wakes=case.wakes,
        teams=teams,
        zone=case.school.zone,
        first=True,
        covered=case.school.covered(case.now),
        together=call.together,
        acks=call.acks,
        ack_team=call.ack_team,
    )


def _calls(at: Rosters, policy: Policy, teams: Sequence[str], now: int) -> Iterator[Call]:
    for index in range(len(policy.steps) + REPEATS):
        now = escalation.quiet_until(policy.quiet, now) or now
        step = escalation.next_step(policy, index)
        yield Call(now, _people(at, teams, step, now))
        now = escalation.due_after(step, now)


def _people(
    at: Rosters, teams: Sequence[str], step: Step, now: int
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = roster.people_for(at.session, now, teams, step)
    return tuple(
        (at.logins.get(person, "?"), tuple(_shown(way) for way in ways.ways_of(own, step.channels, now)))
        for person, own in found.items()
    )


def _shown(way: ways.Way) -> str:
    return way.method.channel + (f" after {way.after_ms // 1000} s" if way.after_ms else "")


def _morning(case: Case, digest_at: str) -> int:
    today = wall.local_time(case.now, case.school.zone).date()
    due = wall.moment(today, digest_at, case.school.zone)
    return due if due >= case.now else wall.moment(today + timedelta(days=1), digest_at, case.school.zone)
