"""Who can open a message: the teams that the school's routing names for it, and nobody else of the school.

What is about an adult who works there goes to the district only, and so does all that follows in its thread.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting import rubric, wall
from triage import Assessment
from vault import case_routes
from vault.tables import Message, RecipientTeam, Report, Wrap
from vault.teams import DEFAULT, Directory
from vault.threads import Recipient, ThreadHead

ADULT_AT_SCHOOL = "adult_at_school"
TEAM = "team:"


def route_of(assessment: Assessment, *, adult_concern: bool) -> str:
    """The name of the route of one message."""
    if adult_concern or assessment.mentions_staff:
        return ADULT_AT_SCHOOL
    return assessment.categories[0] if assessment.categories else DEFAULT


@dataclass(frozen=True, slots=True)
class Before:
    """A thread as the database has it. ``teams``: all it names; ``latest``: of the reporter's last message.

    Both are clear rows, which whoever writes to the database can change. ``routed`` is signed: team to the
    member who routed the thread to it; ``walled`` is keyed: something of it was about an adult at school.
    """

    teams: Collection[str] = ()
    latest: Collection[str] = ()
    routed: Mapping[str, str] = field(default_factory=dict)
    walled: bool = False


NOTHING_BEFORE = Before()


def for_joined(directory: Directory, school: str, route: str, before: Before) -> tuple[Recipient, ...]:
    """The teams of a later message: those of its own route, and those of the thread that somebody signed for.

    A thread of which a message was for the district alone stays with them, and with those they sent it to.
    """
    if (route == ADULT_AT_SCHOOL or before.walled) and has_wall(directory, school):
        adult = directory.recipients(school, ADULT_AT_SCHOOL)
        district = set(team_ids(adult))
        sent = {team for team, by in before.routed.items() if directory.may_open(by, district)}
        return (*adult, *directory.recipients_of(sorted(sent - district)))
    chosen = rubric.recipients(directory, school, route)
    signed = _routed_by_directory(directory, school) | set(before.routed)
    more = signed & (set(before.teams) | set(before.routed))
    return (*chosen, *directory.recipients_of(sorted(more - set(team_ids(chosen)))))


def has_wall(directory: Directory, school: str) -> bool:
    """Whether the school's signed routing has teams of their own for what is about adults at school."""
    return bool(directory.routing.get(school, {}).get(ADULT_AT_SCHOOL))


def before_of(session: Session, directory: Directory, at: ThreadHead, wall_key: bytes) -> Before:
    """What there is of a thread that somebody writes to again. ``at``: the place of their message."""
    routed = case_routes.of_case(session, directory, at.school, at.report_id)
    teams, latest = teams_of_thread(session, at.report_id), teams_of_latest(session, at.report_id)
    return Before(teams, latest, routed, _is_walled(session, at, wall_key))


def _is_walled(session: Session, at: ThreadHead, wall_key: bytes) -> bool:
    written = (Message.report_id == Report.id) & (Message.author == "reporter")
    last = select(func.max(Message.seq)).where(written).scalar_subquery()
    row = session.execute(
        select(Report.wall_mark, last.label("seq")).where(Report.id == at.report_id)
    ).first()
    if row is None or row.seq is None:
        return True
    return wall.stands(wall_key, replace(at, seq=row.seq), row.wall_mark)


def _routed_by_directory(directory: Directory, school: str) -> set[str]:
    """The teams that the school's signed routing names for anything but adults at school; without it, all."""
    routes = directory.routing.get(school, {})
    named = {team for route, teams in routes.items() if route != ADULT_AT_SCHOOL for team in teams}
    return named if routes else {team.id for team in directory.teams(school)}


def team_ids(recipients: Iterable[Recipient]) -> tuple[str, ...]:
    """The teams among recipients, in their order: who is named first is called first."""
    return _teams_named(to.name for to in recipients)


def teams_of_thread(session: Session, report_id: str) -> tuple[str, ...]:
    teams = select(RecipientTeam.team_id).where(RecipientTeam.report_id == report_id)
    return tuple(sorted(session.scalars(teams)))


def teams_of_latest(session: Session, report_id: str) -> tuple[str, ...]:
    """The teams that the reporter's last message was sealed to."""
    latest = (
        select(Message.id)
        .where(Message.report_id == report_id, Message.author == "reporter")
        .order_by(Message.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    return _teams_named(session.scalars(select(Wrap.recipient).where(Wrap.message_id == latest)))


def roles(directory: Directory, teams: Iterable[str]) -> tuple[str, ...]:
    """What kinds of people these teams are, each once, in order."""
    found = (directory.team(team) for team in teams)
    return tuple(dict.fromkeys(team.role for team in found if team is not None))


def _teams_named(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name[len(TEAM) :].rpartition(":")[0] for name in names if name.startswith(TEAM))
