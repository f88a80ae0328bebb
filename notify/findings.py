"""What an administrator should mend before somebody is needed: gaps, steps for nobody, phones that fail."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from babel.dates import format_skeleton, format_time
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from notify import drills, escalation, oncall, people, plans, wall
from notify.channels.faults import RANG, fault_of
from notify.duty_tables import ContactMethod, OptOut, Responder, Rotation
from notify.oncall import Plan
from notify.settings import PagingSettings
from notify.tables import Attempt
from templates.words import render

AHEAD_MS = 14 * 24 * 3600 * 1000
BEFORE_MS = AHEAD_MS
OPTED_OUT = "21610"
_ENDED = ("sent", "delivered", "failed")


@dataclass(frozen=True)
class Finding:
    """``kind``: gap, empty_step, unreachable, unverified, opted_out, failing or self_test; the rest depends.

    ``name``: a person's, a school's, or the words of a step.
    """

    kind: str
    team: str = ""
    name: str = ""
    begins: int = 0
    ends: int = 0
    zone: str = "UTC"

    def said(self, locale: str) -> str:
        """In words, for people; without a phone number."""
        begins, ends = (moment(at, self.zone, locale) for at in (self.begins, self.ends))
        return render("messages/finding.txt", locale, found=self, begins=begins, ends=ends).strip()


def look(session: Session, now: int, settings: PagingSettings, school: str | None = None) -> list[Finding]:
    """Everything that is to be mended in ``school`` (None: in all), the gaps of two weeks first."""
    rows = session.execute(
        select(Rotation.team_id, Rotation.school, Rotation.zone).order_by(Rotation.team_id)
    ).all()
    teams = [row.team_id for row in rows if school in (None, row.school)]
    found = plans.load(session, now, teams, now + AHEAD_MS)
    named = {person: team for team, plan in found.items() for person in plan.everybody}
    ways = _ways(session)
    gaps = [gap for team, plan in found.items() for gap in _gaps(now, team, plan, set(ways))]
    steps = list(_empty_steps(session, settings.policies, {row.team_id for row in rows}, set(ways)))
    zones = {row.school: row.zone for row in rows if school in (None, row.school)}
    return [*gaps, *steps, *_failed_tests(session, zones), *_people(session, now, named, ways)]


def _failed_tests(session: Session, zones: Mapping[str, str]) -> Iterator[Finding]:
    """Schools whose last weekly test failed."""
    for school, zone in zones.items():
        test = drills.last_test(session, school)
        if test is not None and not test.well:
            yield Finding("self_test", name=school, begins=test.asked_at, zone=zone)


def _gaps(now: int, team: str, plan: Plan, reachable: set[str]) -> Iterator[Finding]:
    for gap in oncall.gaps(plan, now, now + AHEAD_MS, reachable):
        yield Finding("gap", team, begins=gap.begins, ends=gap.ends, zone=plan.zone)


def _empty_steps(
    session: Session, policies: Mapping[str, Sequence[str]], teams: set[str], reachable: set[str]
) -> Iterator[Finding]:
    """Steps for a login or a team that is nobody's."""
    known = select(Responder.handle).where(Responder.id.in_(reachable), Responder.active)
    handles = set(session.scalars(known))
    for line in dict.fromkeys(line for lines in policies.values() for line in lines):
        step = escalation.step_of(line)
        person_is_missing = step.who not in escalation.ROLES and people.handle_of(step.who) not in handles
        if person_is_missing or (step.of and step.of not in teams):
            yield Finding("empty_step", name=line)


def _people(
    session: Session,
    now: int,
    named: Mapping[str, str],
    ways: Mapping[str, Sequence[Row[str, str, int | None]]],
) -> Iterator[Finding]:
    """Those of the rosters, in the order of their names."""
    ends = _last_ends(session, now) | _opted_out(session)
    for person, name in sorted(people.names(session, named).items(), key=lambda one: one[1]):
        own = ways.get(person, ())
        if not own:
            yield Finding("unreachable", named[person], name)
            continue
        if any(way.verified_at is None for way in own):
            yield Finding("unverified", named[person], name)
        codes = [code for way in own if (code := ends.get(way.id)) is not None]
        if OPTED_OUT in codes:
            yield Finding("opted_out", named[person], name)
        elif codes:
            yield Finding("failing", named[person], name)


def _ways(session: Session) -> dict[str, list[Row[str, str, int | None]]]:
    """Of every responder who can be called, the ways to reach them."""
    found = select(ContactMethod.responder_id, ContactMethod.id, ContactMethod.verified_at)
    ways: dict[str, list[Row[str, str, int | None]]] = {}
    for row in session.execute(found.join(Responder).where(Responder.active)):
        ways.setdefault(row.responder_id, []).append(row)
    return ways


def _opted_out(session: Session) -> dict[str, str]:
    """The ways by text to phones that sent STOP."""
    texts = select(ContactMethod.id).join(OptOut, OptOut.address_key == ContactMethod.address_key)
    return dict.fromkeys(session.scalars(texts.where(ContactMethod.channel == "sms")), OPTED_OUT)


def _last_ends(session: Session, now: int) -> dict[str, str]:
    """Of each way whose last try of two weeks failed for a reason of its own, the provider's code."""
    turn = func.row_number().over(partition_by=Attempt.method_id, order_by=Attempt.created_at.desc())
    recent = Attempt.method_id.is_not(None) & (Attempt.created_at > now - BEFORE_MS)
    ended = select(Attempt.method_id, Attempt.state, Attempt.error_code, turn.label("turn"))
    last = ended.where(recent, Attempt.state.in_(_ENDED)).subquery()
    rows = session.execute(select(last).where(last.c.turn == 1, last.c.state == "failed"))
    return {row.method_id: row.error_code or "" for row in rows if not is_no_fault_of_it(row.error_code)}


def is_no_fault_of_it(code: str | None) -> bool:
    """Whether it says nothing of the phone: it rang, or it is our own account's fault, which is alarmed."""
    return code in RANG or fault_of(code or "").alarm == "system"


def moment(at: int, zone: str, locale: str) -> str:
    """``at`` (ms) as the clocks of ``zone`` show it, for people: day and time."""
    when = wall.local_time(at, zone)
    shown = f"{format_skeleton('MMMEd', when, locale=locale)}, {format_time(when, 'short', locale=locale)}"
    # One letter that is not of a text's own alphabet halves what fits into it.
    return shown.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")
