"""Brings an install's people up to the file of people: adds what is new, refuses what it cannot do.

Everything happens in one transaction of the caller, signed by the root key that the recovery words make.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notify import endings
from notify.channels import TEXT
from notify.duty_tables import ContactMethod, Responder, Rotation
from notify.letters import ADDRESS
from notify.wall import local_time
from vault import directory as directories
from vault import kem, members
from vault.directory import Directory
from vault.ids import new_id
from vault.kem import PublicKey
from vault.keyed import number_key, seal_to_line
from vault.people_tables import Member
from vault.recovery import RecoveryKeys
from wiring.contacts import METHODS, add_responder, new_password
from wiring.errors import WiringError
from wiring.people import MemberLines, People, TeamLines
from wiring.sign_ins import SignIn

PASSWORD_WORDS = 6


@dataclass
class Enrolment:
    """One run. ``directory`` grows with it; ``sign_ins`` are shown once; ``done`` says what changed."""

    session: Session
    recovery: RecoveryKeys = field(repr=False)
    directory: Directory
    numbers_key: bytes = field(repr=False)
    line: PublicKey
    zones: dict[str, str]
    now: int
    sign_ins: list[SignIn] = field(default_factory=list, repr=False)
    done: list[str] = field(default_factory=list)
    _ids: dict[str, str] = field(default_factory=dict)
    _responders: dict[str, str] = field(default_factory=dict)

    def enrol(self, people: People) -> None:
        """Do it. WiringError, saying what and why, for what this cannot do."""
        if self.directory.root != self.recovery.root.public_key():
            raise WiringError("these are another install's recovery words; nothing was changed")
        for member in people.members:
            self._member(member)
        for team in people.teams:
            self._team(team, [self._ids[one.login] for one in people.of_team(team.id)])
            self._rotation(team)
        for school in sorted({one.school for one in people.teams}):
            self._routes(school, people)

    def _member(self, lines: MemberLines) -> None:
        known = self.session.scalar(select(Member).where(Member.login == lines.login))
        if known is None:
            self._ids[lines.login] = self._new_member(lines)
        elif not self.directory.is_active(known.id):
            raise WiringError(f"{lines.login}: left this install; give them another login")
        else:
            self._ids[lines.login] = known.id
        self._phone(lines)

    def _new_member(self, lines: MemberLines) -> str:
        member_id, seed = new_id(), kem.new_seed()
        sign_in = SignIn(lines.login, new_password(PASSWORD_WORDS), lines.name)
        members.create_member(self.session, member_id, lines.login, lines.name, seed, sign_in.password)
        own = members.MemberKeys.from_seed(member_id, seed)
        self.directory = directories.add_member(
            self.session,
            self.recovery.signer,
            self.directory,
            member_id,
            own.sign.public_key(),
            own.kem.public,
        )
        self.sign_ins.append(sign_in)
        self.done.append(f"member {lines.login}: added")
        return member_id

    def _phone(self, lines: MemberLines) -> None:
        member_id = self._ids[lines.login]
        found = self.session.scalar(select(Responder).where(Responder.member_id == member_id))
        if found is None and lines.phone:
            self._responders[lines.login] = add_responder(
                self.session, member_id, lines.name, lines.phone, self.numbers_key, self.line, None
            )
        elif found is not None:
            self._responders[lines.login] = found.id
            self._exchange(found.id, lines)

    def _exchange(self, responder_id: str, lines: MemberLines) -> None:
        """Another number in place of the one that is known."""
        if not lines.phone:
            raise WiringError(f"{lines.login}: has a phone already; this command takes none away")
        key = number_key(self.numbers_key, lines.phone)
        phones = ContactMethod.channel.in_(METHODS)
        others = (phones, ContactMethod.responder_id == responder_id, ContactMethod.address_key != key)
        if self.session.scalar(select(ContactMethod.id).where(*others).limit(1)) is None:
            return
        sealed = seal_to_line(self.line, ADDRESS, lines.phone.encode())
        ending = endings.ending_key(self.numbers_key, TEXT, lines.phone)
        new = {"sealed_address": sealed, "address_key": key, "ending_key": ending, "verified_at": None}
        self.session.execute(update(ContactMethod).where(*others).values(new))
        self.done.append(f"member {lines.login}: another phone")

    def _team(self, lines: TeamLines, listed: list[str]) -> None:
        team, signer = self.directory.team(lines.id), self.recovery.signer
        if team is None:
            self.directory = directories.add_team(
                self.session, signer, self.directory, lines.id, lines.school, lines.id, listed
            )
            self.done.append(f"team {lines.id}: begun with {len(listed)} member(s)")
            return
        if team.school != lines.school:
            raise WiringError(f"team {lines.id}: is of school {team.school}; a team never changes its school")
        if team.members - set(listed):
            raise WiringError(f"team {lines.id}: has a member whom the file leaves out; nobody is taken out")
        if team.members != set(listed):
            self.directory = directories.new_team_generation(
                self.session, signer, self.directory, lines.id, listed
            )
            self.done.append(f"team {lines.id}: {len(listed)} members; new ones open what comes from now on")

    def _rotation(self, lines: TeamLines) -> None:
        turns = json.dumps([self._responders[login] for login in lines.on_call])
        zone = self.zones[lines.school]
        wanted = (turns, zone, lines.weekday, lines.handoff_time)
        row = self.session.get(Rotation, lines.id)
        if row and (row.responders, row.zone, row.handoff_weekday, row.handoff_time) == wanted:
            return
        self.session.merge(
            Rotation(
                team_id=lines.id,
                school=lines.school,
                responders=turns,
                zone=zone,
                handoff_weekday=lines.weekday,
                handoff_time=lines.handoff_time,
                starts_on=self._today(zone, lines.handoff_time).isoformat(),
            )
        )
        self.done.append(f"team {lines.id}: on call from this week on: {', '.join(lines.on_call)}")

    def _today(self, zone: str, handoff_time: str) -> date:
        """The day as hand-offs count it: before the hour of the hand-off it is still the day before."""
        at = time.fromisoformat(handoff_time)
        return (local_time(self.now, zone) - timedelta(hours=at.hour, minutes=at.minute)).date()

    def _routes(self, school: str, people: People) -> None:
        wanted = people.routes_of(school)
        if dict(self.directory.routing.get(school, {})) == wanted:
            return
        self.directory = directories.add_routing(
            self.session, self.recovery.signer, self.directory, school, wanted
        )
        self.done.append(f"school {school}: routes {', '.join(wanted)}")


def missing_from(people: People, session: Session) -> Iterator[str]:
    """Logins that the install knows and the file does not: they keep what they have."""
    listed = {one.login for one in people.members}
    yield from (login for login in session.scalars(select(Member.login)) if login not in listed)
