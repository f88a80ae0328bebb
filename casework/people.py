"""The people of a member's teams: who holds the keys, who asks to come in, who is to go.

Every change here is an entry of the team directory, signed with the member's own key, and audited.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import NoSuchCaseError
from casework.render import member_view, see_other
from casework.visit import Visit
from notify import feeds, findings
from notify import people as called
from vault import admission, audit, invitations
from vault.directory import Directory
from vault.errors import DirectoryError
from vault.members import close_account
from vault.people_tables import Invitation, Member, TeamProposal


@dataclass(frozen=True, slots=True)
class Colleague:
    """``off``: the operator switched the account off, but the team's key is still theirs."""

    id: str
    name: str
    mine: bool
    off: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody with keys of their own who waits. ``words`` are compared by voice.

    ``proposer``: who proposed them, or empty; ``mine``: it was this member; ``stale``: propose them again.
    """

    invitation: str
    name: str
    words: tuple[str, ...]
    proposer: str
    mine: bool
    stale: bool


@dataclass(frozen=True, slots=True)
class TeamView:
    id: str
    school: str
    colleagues: tuple[Colleague, ...]
    asking: tuple[Asking, ...]
    stale: bool


def show(visit: Visit) -> ResponseReturnValue:
    with visit.deps.database.reading() as session:
        teams = [_team_view(session, visit, team) for team in sorted(visit.teams)]
        mend = to_mend(session, visit)
    return member_view(visit, "people", notice=request.args.get("notice", ""), teams=teams, mend=mend)


def to_mend(session: Session, visit: Visit) -> list[str]:
    """What is wrong with who is called, in the schools of this member's teams, in words."""
    schools = {visit.directory.team_by_id[team].school for team in visit.teams}
    found = [
        one
        for school in sorted(schools)
        for one in findings.look(session, visit.now, visit.deps.paging, school)
    ]
    return list(dict.fromkeys(one.said(visit.locale) for one in found))


def let_in(visit: Visit) -> ResponseReturnValue:
    """Let somebody in who made their keys: at once in a team of one, else as a proposal to the others."""
    team = _own_team(visit)

    def act(session: Session, directory: Directory) -> str:
        row = _asking_for(session, visit, team)
        made = (row.sign_public or b"", row.kem_public or b"")
        _require_compared(admission.key_words(row.member_id, *made))
        directory = admission.introduce(session, visit.keys, directory, row.member_id, made)
        invitations.open_account(session, row)
        grown = admission.let_in(session, visit.now, visit.keys, directory, team, row.member_id)
        _note(session, visit, "member_proposed" if grown is None else "member_let_in", row.member_id, team)
        if grown is not None:
            invitations.leave_team(session, row, team)
            called.restore(session, row.member_id)
        return "proposed" if grown is None else "let_in"

    return _change(visit, act)


def confirm(visit: Visit) -> ResponseReturnValue:
    """The second yes that lets somebody in."""
    team = _own_team(visit)

    def act(session: Session, directory: Directory) -> str:
        row, proposal = _asking_for(session, visit, team), session.get(TeamProposal, team)
        if proposal is None or proposal.newcomer != row.member_id:
            raise DirectoryError("there is no such proposal")
        _require_compared(admission.words_of(directory, row.member_id))
        admission.confirm(session, visit.keys, directory, proposal)
        invitations.leave_team(session, row, team)
        called.restore(session, row.member_id)
        _note(session, visit, "member_let_in", row.member_id, team)
        return "let_in"

    return _change(visit, act)


def take_out(visit: Visit) -> ResponseReturnValue:
    """Take somebody out of one team, or out of everything."""
    team, member_id = _own_team(visit), request.form.get("member", "")
    everywhere = request.form.get("everywhere") == "yes"

    def act(session: Session, directory: Directory) -> str:
        if member_id == visit.member.id or team not in directory.teams_of(member_id):
            raise DirectoryError("not of this team")
        if everywhere:
            admission.dismiss(session, visit.keys, directory, member_id)
            close_account(session, member_id)
            called.retire(session, member_id)
        else:
            admission.take_out(session, visit.keys, directory, member_id, team)
        _end_calendars(session, visit, directory, member_id, "" if everywhere else team)
        _note(session, visit, "member_dismissed" if everywhere else "member_taken_out", member_id, team)
        return "taken_out"

    return _change(visit, act)


def _end_calendars(session: Session, visit: Visit, directory: Directory, member_id: str, team: str) -> None:
    """Of ``team``, or (empty) of every team that they were in."""
    teams = directory.teams_of(member_id)
    left = {one: directory.team_by_id[one].members for one in teams if team in ("", one)}
    feeds.end_for(session, visit.now, visit.actor, member_id, left, gone=len(left) == len(teams))


def _change(visit: Visit, act: Callable[[Session, Directory], str]) -> ResponseReturnValue:
    """One signed change in one transaction: all of it or nothing, whenever the process may die."""
    try:
        with visit.deps.database.writing() as session:
            notice = act(session, visit.deps.directory.current(session))
    except DirectoryError:
        return see_other("/people?notice=not_changed")
    return see_other(f"/people?notice={notice}")


def _require_compared(words: tuple[str, ...]) -> None:
    """The keys are those whose words the member compared: nobody exchanged them between view and yes."""
    if request.form.get("words", "").split() != [*words]:
        raise DirectoryError("these are not the keys that were shown")


def _note(session: Session, visit: Visit, verb: str, member_id: str, team: str) -> None:
    audit.record(session, visit.now, actor=visit.actor, verb=verb, member=member_id, team=team)


def _own_team(visit: Visit) -> str:
    """The team of the form. Another team's people are as unknown here as another team's cases."""
    team = request.form.get("team", "")
    if team not in visit.teams:
        raise NoSuchCaseError("not this member's team")
    return team


def _asking_for(session: Session, visit: Visit, team: str) -> Invitation:
    row = session.get(Invitation, request.form.get("invitation", ""))
    waits = row is not None and row.wrapped_seed is not None and row.expires_at >= visit.now
    if row is None or not waits or team not in json.loads(row.teams):
        raise DirectoryError("nobody waits under this invitation")
    return row


def _team_view(session: Session, visit: Visit, team_id: str) -> TeamView:
    team = visit.directory.team_by_id[team_id]
    accounts = {row.id: row for row in session.scalars(select(Member).where(Member.id.in_(team.members)))}
    waiting = invitations.waiting(session, visit.now, frozenset({team_id}))
    proposal = session.get(TeamProposal, team_id)
    return TeamView(
        id=team_id,
        school=visit.deps.name_of(team.school),
        colleagues=tuple(_colleague(visit, id_, accounts.get(id_)) for id_ in sorted(team.members)),
        asking=tuple(_asking(session, visit, row, proposal) for row in waiting),
        stale=team.members != team.holders,
    )


def _colleague(visit: Visit, member_id: str, account: Member | None) -> Colleague:
    off = account is None or not account.active
    return Colleague(member_id, account.name if account else member_id, member_id == visit.member.id, off)


def _asking(session: Session, visit: Visit, row: Invitation, proposal: TeamProposal | None) -> Asking:
    meant = proposal if proposal and proposal.newcomer == row.member_id else None
    proposer = session.get(Member, meant.proposer) if meant else None
    stale = meant is not None and not admission.is_current(visit.directory, meant)
    known = admission.words_of(visit.directory, row.member_id) if meant and not stale else ()
    return Asking(
        invitation=row.id,
        name=row.name,
        words=known or admission.key_words(row.member_id, row.sign_public or b"", row.kem_public or b""),
        proposer=proposer.name if proposer else "",
        mine=meant is not None and meant.proposer == visit.member.id,
        stale=stale,
    )
