"""Brings rosters of a file into the install, and notes overrides and absences; says what is wrong with them.

A person is named by login; only members of the team can take its cases, so only they can be on call for it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from notify import feeds, oncall, plans
from notify.duty_tables import CalendarFeed, ContactMethod, Duty, Responder, RosterPlan, Rotation
from notify.oncall import Plan
from notify.turns import Layer
from vault import audit
from vault.directory import Directory
from vault.ids import new_id
from vault.people_tables import Member
from vault.teams import Team
from wiring.asked_time import DAY_MS, clock, how_read, span_of
from wiring.errors import WiringError
from wiring.roster_file import DutyRow, RosterFile

ACTOR = "operator"
LOOK_AHEAD_MS = 28 * DAY_MS
FURTHEST_MS = 366 * DAY_MS


@dataclass(frozen=True)
class Rosters:
    """``zones``: of schools, by id."""

    session: Session
    now: int
    directory: Directory
    zones: Mapping[str, str]

    @cached_property
    def people(self) -> Mapping[str, Responder]:
        """Those who can be called, by login."""
        rows = self.session.execute(
            select(Member.login, Responder).join(Responder, Responder.member_id == Member.id)
        )
        return {row[0]: row[1] for row in rows}

    @cached_property
    def logins(self) -> Mapping[str, str]:
        """Responder id to login."""
        return {one.id: login for login, one in self.people.items()}

    @cached_property
    def reachable(self) -> frozenset[str]:
        """Ids of responders who have a way to be called."""
        found = select(Responder.id).join(ContactMethod).where(Responder.active)
        return frozenset(self.session.scalars(found))

    def teams(self, named: str | None = None) -> list[Team]:
        """All teams of configured schools, or the one that is ``named``."""
        own = [team for team in self.directory.team_by_id.values() if team.school in self.zones]
        found = sorted((team for team in own if named in (None, team.id)), key=lambda team: team.id)
        if not found:
            raise WiringError(f"{named}: no such team; known: {', '.join(sorted(team.id for team in own))}")
        return found

    def zone(self, team: Team) -> str:
        return self.zones[team.school]

    def zone_of(self, login: str) -> str:
        """The zone of the first team that ``login`` is in: a person's own clock."""
        member = self._known(login).member_id
        return next((self.zone(team) for team in self.teams() if member in team.members), "UTC")

    def plan(self, team: Team, since: int, until: int) -> Plan:
        """What holds for ``team``; of a team without turns, a plan that is one long gap."""
        found = plans.load(self.session, since, [team.id], until).get(team.id)
        return found or Plan(self.zone(team), ())

    def layers(self, team: Team) -> tuple[Layer, ...]:
        """The lines of ``team``, with logins."""
        return tuple(
            replace(one, people=tuple(self.logins.get(person, "?") for person in one.people))
            for one in self.plan(team, self.now, self.now).layers
        )

    def put(self, file: RosterFile) -> list[str]:
        """Do what ``file`` says, for the teams it names; what was done, in words."""
        done = [self._put_layers(team, layers) for team, layers in file.layers.items()]
        listed = {team: [row for row in file.duties if row.team == team] for team in _teams_of(file.duties)}
        return done + [said for team, rows in listed.items() for said in self._put_duties(team, rows)]

    def cover(self, team: str, login: str, span: tuple[int, int], instead_of: str | None) -> str:
        """``login`` takes the duty of ``team`` in ``span``, or only ``instead_of``'s. The note's id."""
        own, person = self.teams(team)[0], self._known(login).id
        other = self._member_of(own, instead_of) if instead_of else None
        if other == person:
            raise WiringError(f"{login}: cannot take their own turn")
        self._require_to_come(span)
        return self._note(own.id, self._member_of(own, login), "cover", span, other)

    def served(self, team: str, span: tuple[int, int]) -> Iterator[str]:
        """Who is on call for ``team`` in ``span``, all things considered, in words."""
        own = self.teams(team)[0]
        plan = self.plan(own, *span)
        for shift in oncall.shifts(plan, *span, self.reachable):
            who = self.logins.get(shift.person, "?") if shift.person else "NOBODY"
            yield f"{who} from {clock(shift.begins, plan.zone)} to {clock(shift.ends, plan.zone)}"

    def away(self, login: str, span: tuple[int, int]) -> str:
        """``login`` is not to be called in ``span``, whichever the team. The id of what was noted."""
        self._require_to_come(span)
        return self._note(None, self._known(login).id, plans.AWAY, span, None)

    def remove(self, duty_id: str) -> None:
        """Take back what ``cover`` or ``away`` noted."""
        duty = self.session.get(Duty, duty_id)
        if duty is None:
            raise WiringError(f"{duty_id}: no such override or absence; `tipline roster show` lists them")
        self.session.delete(duty)
        self.session.flush()
        audit.record(self.session, self.now, actor=ACTOR, verb="roster_removed", duty=duty_id)

    def open_feed(self, team: str | None, login: str | None) -> tuple[str, str]:
        """A calendar address of ``team`` or of the person ``login``: its id and secret part."""
        if (team is None) == (login is None):
            raise WiringError("name either a team (--team) or a person (--person)")
        whose = self._known(login).id if login else None
        found = feeds.create(
            self.session, self.now, team=self.teams(team)[0].id if team else None, responder=whose
        )
        audit.record(self.session, self.now, actor=ACTOR, verb="feed_created", feed=found[0])
        return found

    def close_feed(self, feed_id: str) -> None:
        """From now on that address shows nothing."""
        feed = self.session.get(CalendarFeed, feed_id)
        if feed is None:
            raise WiringError(f"{feed_id}: no such calendar; `tipline roster feed list` lists them")
        self.session.delete(feed)
        audit.record(self.session, self.now, actor=ACTOR, verb="feed_revoked", feed=feed_id)

    def feeds(self) -> list[CalendarFeed]:
        """The calendar addresses that are given out, the oldest first."""
        return list(self.session.scalars(select(CalendarFeed).order_by(CalendarFeed.created_at)))

    def notes(self, team: Team) -> list[Duty]:
        """Overrides, swaps, listed duties and absences of ``team`` that are not over."""
        own = (Duty.team_id == team.id) | Duty.team_id.is_(None)
        found = select(Duty).where(own, Duty.ends_at > self.now).order_by(Duty.begins_at, Duty.id)
        return list(self.session.scalars(found))

    def faults(self, until: int = 0) -> Iterator[str]:
        """What an administrator should mend in the rosters, gaps of the next four weeks among it.

        ``until`` (ms): look as far as this, if it is further; a year at most.
        """
        end = min(max(self.now + LOOK_AHEAD_MS, until), self.now + FURTHEST_MS)
        for team in self.teams():
            plan = self.plan(team, self.now, end)
            yield from (f"{team.id}: {said}" for said in self._faults_of(plan, end))

    def _faults_of(self, plan: Plan, end: int) -> Iterator[str]:
        named = plan.everybody + tuple(duty.person for duty in plan.duties) + tuple(sorted(plan.left))
        for person in dict.fromkeys(named):
            login = self.logins.get(person, "somebody")
            if person not in self.reachable:
                yield f"{login} is in the roster and cannot be called"
            elif person in plan.left:
                yield f"{login} is in the roster and not in the team: passed over, they cannot open its cases"
        if len(self.reachable.intersection(named) - plan.left) == 1:
            yield "only one person can be called: nobody is second"
        for gap in oncall.gaps(plan, self.now, end, self.reachable):
            yield f"nobody from {clock(gap.begins, plan.zone)} to {clock(gap.ends, plan.zone)}"

    def _put_layers(self, team_id: str, layers: tuple[Layer, ...]) -> str:
        team = self.teams(team_id)[0]
        ids = [
            replace(one, people=tuple(self._member_of(team, login) for login in one.people)) for one in layers
        ]
        self.session.merge(RosterPlan(team_id=team.id, layers=plans.text_of(ids)))
        if self.session.get(Rotation, team.id) is None:
            self.session.add(self._list_of(team, ids))
        audit.record(self.session, self.now, actor=ACTOR, verb="roster_imported", team=team.id)
        return f"team {team.id}: {len(layers)} line(s) of duty"

    def _list_of(self, team: Team, layers: Iterable[Layer]) -> Rotation:
        """Everybody whom the file names: what is called when no line holds."""
        named = dict.fromkeys(person for one in layers for person in one.people)
        return Rotation(
            team_id=team.id,
            school=team.school,
            responders=json.dumps(list(named)),
            zone=self.zone(team),
            handoff_weekday=0,
            handoff_time="00:00",
            starts_on="2000-01-03",
        )

    def _put_duties(self, team_id: str, rows: list[DutyRow]) -> list[str]:
        team = self.teams(team_id)[0]
        zone = self.zone(team)
        spans = [span_of(row.begins, row.ends, zone, f"line {row.line}: ") for row in rows]
        old = (Duty.team_id == team.id, Duty.kind == "listed", Duty.ends_at > min(span[0] for span in spans))
        self.session.execute(delete(Duty).where(*old))
        for row, span in zip(rows, spans, strict=True):
            self._note(team.id, self._member_of(team, row.person), "listed", span, None)
        read = [f"line {row.line}: {said}" for row in rows for said in how_read((row.begins, row.ends), zone)]
        return [f"team {team.id}: {len(rows)} listed {'duty' if len(rows) == 1 else 'duties'}", *read]

    def _note(
        self, team_id: str | None, person: str, kind: str, span: tuple[int, int], other: str | None
    ) -> str:
        duty = Duty(
            id=new_id(),
            team_id=team_id,
            responder_id=person,
            kind=kind,
            instead_of=other,
            begins_at=span[0],
            ends_at=span[1],
            created_at=self.now,
        )
        self.session.add(duty)
        self.session.flush()  # what is wrong with the result is read past the session
        audit.record(self.session, self.now, actor=ACTOR, verb="roster_noted", duty=duty.id, kind=kind)
        return duty.id

    def _require_to_come(self, span: tuple[int, int]) -> None:
        if span[1] <= self.now:
            raise WiringError("is over already: look at the year")

    def _known(self, login: str) -> Responder:
        found = self.people.get(login.lower())
        if found is None or found.id not in self.reachable:
            raise WiringError(f"{login}: nobody with this login can be called; give them a phone first")
        return found

    def _member_of(self, team: Team, login: str) -> str:
        found = self._known(login)
        if found.member_id not in team.members:
            raise WiringError(f"{login}: not in team {team.id}, so they could not open its cases")
        return found.id


def _teams_of(rows: Iterable[DutyRow]) -> list[str]:
    return list(dict.fromkeys(row.team for row in rows))
