"""Pages that take two answers: who has answered so far, and whether that is enough."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from notify import roster
from notify.escalation import Policy, Step
from notify.tables import Page, PageAnswer

_ALL = Step("everyone", (), 0)


class MayOpen(Protocol):
    """The part of the team directory that counting answers needs."""

    def may_open(self, member_id: str, team_ids: Iterable[str]) -> bool: ...


class Asked(Protocol):
    """What a page's request says of its answers."""

    @property
    def teams(self) -> tuple[str, ...]: ...
    @property
    def acks(self) -> int: ...
    @property
    def ack_team(self) -> str: ...


def asking_for(session: Session, now: int, policy: Policy, asked: Asked) -> Policy:
    """``policy``, taking as many answers as ``asked``: but never more, or others, than there are people."""
    people = roster.people_for(session, now, asked.teams, _ALL)
    of_team = roster.load(session, now, [asked.ack_team]).everyone() if asked.ack_team else ()
    acks = max(min(asked.acks, len(people)), 1)
    return replace(policy, acks=acks, ack_team=asked.ack_team if of_team else "")


def note(session: Session, now: int, page: Page, member_id: str) -> Sequence[str]:
    """Note that ``member_id`` answered; everybody who has, in order. The caller has locked the page."""
    if session.get(PageAnswer, (page.id, member_id)) is None:
        session.add(PageAnswer(page_id=page.id, member_id=member_id, at=now))
        session.flush()
    found = select(PageAnswer.member_id).where(PageAnswer.page_id == page.id)
    return session.scalars(found.order_by(PageAnswer.at, PageAnswer.member_id)).all()


def forget(session: Session, page: Page) -> None:
    """Whoever had ``page`` did not open its case: their answer counts no longer, or it would be theirs again.

    What the others answered still counts: they were told to go on, and are not called again.
    """
    its = (PageAnswer.page_id == page.id) & (PageAnswer.member_id == page.acknowledged_by)
    session.execute(delete(PageAnswer).where(its))


def pass_on(session: Session, now: int, page: Page, taker: str) -> None:
    """``page`` goes from who has it to ``taker``, and with it the answer that made it theirs."""
    forget(session, page)
    note(session, now, page, taker)


def owner_of(
    directory: MayOpen, policy: Policy, page: Page, answered: Sequence[str], member_id: str
) -> str | None:
    """Whose the page is once enough have answered: the first of the team that must; None: not enough yet.

    Of a page that calls again it is ``member_id``, who answers now, if they are of that team: the others
    heard that somebody has it, and nobody called them since.
    """
    fitting = [one for one in answered if not policy.ack_team or directory.may_open(one, [policy.ack_team])]
    if not fitting or len(answered) < policy.acks:
        return None
    return member_id if page.acknowledged_by and member_id in fitting else fitting[0]
