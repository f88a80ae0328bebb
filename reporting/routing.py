"""Who can open a message: the teams that the school's routing names for it, and nobody else of the school.

What is about an adult who works there goes to the district only, and so does all that follows in its thread.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage import Assessment
from vault.tables import Message, RecipientTeam, Wrap
from vault.teams import DEFAULT, Directory
from vault.threads import Recipient

ADULT_AT_SCHOOL = "adult_at_school"
TEAM = "team:"


def route_of(assessment: Assessment, *, adult_concern: bool) -> str:
    """The name of the route of one message."""
    if adult_concern or assessment.mentions_staff:
        return ADULT_AT_SCHOOL
    return assessment.categories[0] if assessment.categories else DEFAULT


def for_joined(
    directory: Directory, school: str, route: str, before: Iterable[str], latest: Iterable[str]
) -> tuple[Recipient, ...]:
    """The teams of a later message. ``before``: all teams of the thread; ``latest``: of its last message.

    A thread whose last message was for the district alone stays with the district.
    """
    adult = directory.recipients(school, ADULT_AT_SCHOOL)
    if route == ADULT_AT_SCHOOL or set(latest) == set(team_ids(adult)):
        return adult
    chosen = directory.recipients(school, route)
    return (*chosen, *directory.recipients_of(sorted(set(before) - set(team_ids(chosen)))))


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
