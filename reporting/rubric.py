"""The rubric's defaults: whose a message is first, by its kind, and how its teams are called.

What a school's own signed routes name goes before them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from triage import Assessment, Urgency
from vault.teams import Directory
from vault.threads import Recipient

COUNSELING, SOCIAL_WORK, LIAISON, ADMINISTRATION = "counseling", "social_work", "liaison", "administration"
# Whose it is first, where the school's routes do not name the kind; others of the default route follow.
FIRST: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "suicide_self_harm": (COUNSELING, ADMINISTRATION),
        "threat_violence": (LIAISON, COUNSELING, ADMINISTRATION),
        "weapon": (LIAISON, COUNSELING, ADMINISTRATION),
        "abuse": (SOCIAL_WORK, COUNSELING),
        "sexual_violence": (SOCIAL_WORK, COUNSELING),
        "dating_violence": (COUNSELING, SOCIAL_WORK),
        "eating": (COUNSELING,),
        "drugs": (COUNSELING, ADMINISTRATION),
        "hate": (COUNSELING, ADMINISTRATION),
        "bullying": (COUNSELING, ADMINISTRATION),
        "welfare": (SOCIAL_WORK, COUNSELING),
        "grief": (COUNSELING,),
        "other": (COUNSELING,),
    }
)
# A child who is hurt, or hurts itself, meets the police only where the school has written that it does.
NOT_THE_LIAISONS = frozenset({"suicide_self_harm", "abuse", "sexual_violence", "dating_violence", "eating"})
DANGERS = frozenset({"threat_violence", "weapon"})


@dataclass(frozen=True, slots=True)
class Call:
    """How the teams of a message are called: ``together``, or the first of them first.

    ``acks``: how many persons must take it, one of them of ``ack_team`` (empty: any).
    """

    together: bool = False
    acks: int = 1
    ack_team: str = ""


def administrators(directory: Directory, school: str) -> tuple[str, ...]:
    """The teams that run ``school``; where none does, all of its teams."""
    teams = directory.teams(school)
    return tuple(team.id for team in teams if team.role == ADMINISTRATION) or tuple(team.id for team in teams)


def call_for(directory: Directory, assessment: Assessment, teams: Sequence[str], answers: int) -> Call:
    """An immediate danger to many calls all at once and takes ``answers``, one of them a counselor's."""
    if assessment.urgency is not Urgency.IMMEDIATE or DANGERS.isdisjoint(assessment.categories):
        return Call()
    found = (directory.team(team) for team in teams)
    return Call(True, answers, next((team.id for team in found if team and team.role == COUNSELING), ""))


def recipients(directory: Directory, school: str, route: str) -> tuple[Recipient, ...]:
    """The teams that read ``route``, first called first: as the school wrote it, else by the defaults.

    By default nobody reads who is not in the school's default route; of that, who comes first depends on the
    kind of message, and the liaison does not read what is about a child's own harm.
    """
    if directory.routing.get(school, {}).get(route) or route not in FIRST:
        return directory.recipients(school, route)
    teams = [directory.team_by_id[team] for team in directory.teams_of_route(school, route)]
    if route in NOT_THE_LIAISONS:
        teams = [team for team in teams if team.role != LIAISON] or teams
    first = FIRST[route]
    teams.sort(key=lambda team: first.index(team.role) if team.role in first else len(first))
    return tuple(team.recipient for team in teams)
