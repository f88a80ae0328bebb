"""Walls inside a school: what a reporter told one team alone is neither shown nor hinted at to another.

Somebody who goes on to write about an adult at school writes to the district team; a mere "you cannot
open this" would tell that adult that they did.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from casework.visit import Visit
from reporting.routing import ADULT_AT_SCHOOL
from vault.tables import Message, Wrap
from vault.threads import Recipient, ThreadItem

_TEAM = "team:"


def visible(session: Session, visit: Visit, items: Sequence[ThreadItem]) -> tuple[ThreadItem, ...]:
    """Without closed messages that were never meant for any of this member's teams."""
    closed = [item.message_id for item in items if item.state == "closed"]
    wraps = session.execute(select(Wrap.message_id, Wrap.recipient).where(Wrap.message_id.in_(closed)))
    ours = {row.message_id for row in wraps if not visit.teams.isdisjoint(_teams((row.recipient,)))}
    return tuple(item for item in items if item.state != "closed" or item.message_id in ours)


def meant_for(visit: Visit) -> ColumnElement[bool]:
    """The same wall in SQL: messages that have a wrap for a generation of one of the member's teams."""
    names = [Wrap.recipient.like(f"{_TEAM}{_plain(team)}:%", escape="\\") for team in sorted(visit.teams)]
    return exists().where(Wrap.message_id == Message.id, or_(*names))


def readers(
    visit: Visit,
    school: str,
    items: Iterable[ThreadItem],
    otherwise: Iterable[str],
    routed: Mapping[str, str],
) -> list[Recipient]:
    """The present generations of the teams to which the reporter's last message was sealed, or of the wall's.

    A message that was for the teams of adults at school alone builds a wall that none after it takes down.
    They are read inside the seal: a team written into the database later reads nothing, and no team of
    another school. ``otherwise`` are the teams to take when no message of the reporter can be opened.
    ``routed``: teams that a member's signature added, by member; they follow who can read what they follow.
    """
    written = [item for item in items if item.state == "opened" and item.author == "reporter"]
    named = _teams(written[-1].sealed_to) if written else frozenset(otherwise)
    behind = frozenset(visit.directory.routing.get(school, {}).get(ADULT_AT_SCHOOL, ()))
    if behind and any(_teams(item.sealed_to) - set(routed) == behind - set(routed) for item in written):
        named = behind
    named |= {team for team, by in routed.items() if visit.directory.may_open(by, named)}
    ours = {team.id for team in visit.directory.teams(school)}
    return list(visit.directory.recipients_of(sorted(named & ours)))


def _teams(recipients: Iterable[str]) -> frozenset[str]:
    """Team ids among names of recipients (``team:<id>:<generation>``, ``receipt``)."""
    return frozenset(name.split(":")[1] for name in recipients if name.startswith(_TEAM))


def _plain(team: str) -> str:
    return team.replace("_", r"\_")
