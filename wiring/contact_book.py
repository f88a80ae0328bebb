"""Keeps how each person is reached: replaces, adds and shows ways; says which cannot be relied on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from notify import endings, holding, late_ways, paging, people, pins
from notify.channels import CALL, EMAIL, TEXT
from notify.duty_tables import ContactMethod, Responder
from notify.letters import ADDRESS
from notify.tables import Attempt, Page
from vault import audit
from vault.ids import new_id
from vault.kem import PublicKey
from vault.keyed import number_key, seal_to_line
from vault.people_tables import Member
from wiring.contact_file import NAMES, WayRow
from wiring.errors import WiringError
from wiring.ground import Ground
from wiring.roster_file import Row
from wiring.secrets import Secrets


@dataclass(frozen=True)
class ContactBook:
    """``zone_of(member_id)``: by whose clock quiet hours are. ``key``: the responder-number key."""

    session: Session
    now: int
    key: bytes = field(repr=False)
    line: PublicKey
    zone_of: Callable[[str], str]

    @property
    def logins(self) -> Mapping[str, str]:
        """Responder id to login."""
        rows = self.session.execute(
            select(Responder.id, Member.login).join(Member, Member.id == Responder.member_id)
        )
        return {row[0]: row[1] for row in rows}

    def put(self, rows: Sequence[WayRow]) -> list[str]:
        """Of each person whom ``rows`` name these are the ways now, no others. What was done, in words."""
        logins = dict.fromkeys(row.person for row in rows)
        return [self._put(login, [row for row in rows if row.person == login]) for login in logins]

    def add(self, row: WayRow) -> None:
        """One more way, or another address and hours for the one of that kind."""
        responder = self.responder_of(row.person)
        own = self._ways(responder)
        same = next((one for one in own if one.channel == row.channel), None)
        fresh = self._keep(responder, row, same, same.rank if same else len(own))
        late_ways.try_now(self.session, self.now, fresh)
        self._note(responder)

    def set_pin(self, login: str, pin: str) -> None:
        """``login`` takes a case in a call with ``pin`` (empty: with 1)."""
        responder = self.responder_of(login)
        kept = pins.pin_key(self.key, responder, pin) if pin else None
        self.session.get_one(Responder, responder).pin_key = kept
        self._note(responder)

    def rows(self) -> Iterator[WayRow]:
        """All ways, as ``put`` takes them."""
        found = select(ContactMethod, Responder).join(Responder)
        order = (Responder.name, Responder.id, ContactMethod.rank, ContactMethod.id)
        for way, responder in self.session.execute(found.order_by(*order)):
            quiet = (way.quiet or "").partition(" ")[0]
            login = self.logins.get(responder.id, "?")
            yield WayRow(Row(0, {}), login, way.channel, "", way.after_s or 0, quiet, responder.locale)

    def faults(self) -> Iterator[str]:
        """What an administrator should mend."""
        for responder, login in sorted(self.logins.items(), key=lambda one: one[1]):
            own = self._ways(responder)
            for way in own:
                if way.verified_at is None:
                    yield f"{login}: {NAMES.get(way.channel, way.channel)} is not verified"
            if own and all(way.channel == EMAIL for way in own):
                yield f"{login}: has only e-mail, which wakes nobody"

    def _put(self, person: str, rows: Sequence[WayRow]) -> str:
        responder = self.responder_of(person)
        left, fresh = self._ways(responder), list[ContactMethod]()
        for rank, row in enumerate(rows):
            same = [one for one in left if one.channel == row.channel]
            if row.address:
                same = [one for one in same if one.address_key == self._key(row.address)]
            known = next(iter(same), None)
            left = [one for one in left if one is not known]
            fresh += self._keep(responder, row, known, rank)
        self._drop([one.id for one in left])
        late_ways.try_now(self.session, self.now, fresh)
        self._note(responder)
        return f"{person}: {', '.join(NAMES[row.channel] for row in rows)}"

    def _keep(
        self, responder: str, row: WayRow, known: ContactMethod | None, rank: int
    ) -> tuple[ContactMethod, ...]:
        """The way, if it is new or leads elsewhere now."""
        if known is None and not row.address:
            raise row.row.wrong("address", "empty", "there is none yet that could be kept")
        way = known or ContactMethod(id=new_id(), responder_id=responder, channel=row.channel)
        is_fresh = bool(row.address) and self._key(row.address) != way.address_key
        if is_fresh:
            way.sealed_address = seal_to_line(self.line, ADDRESS, row.address.encode())
            way.address_key, way.verified_at = self._key(row.address), None
            way.ending_key = endings.ending_key(self.key, row.channel, row.address)
        way.rank, way.after_s = rank, row.after_s or None
        way.quiet = f"{row.quiet} {self._zone(responder)}" if row.quiet else None
        self.session.add(way)
        if row.language:
            self.session.get_one(Responder, responder).locale = row.language
        self.session.flush()
        return (way,) if is_fresh else ()

    def _drop(self, ways: Iterable[str]) -> None:
        """What was to go there is off; an open page that called there goes to what is left, now."""
        gone = list(ways)
        there = Attempt.method_id.in_(gone) & (Attempt.kind == "page")
        calling = select(Attempt.page_id).where(there)
        pages = holding.hold(self.session, Page.id.in_(calling), Page.state == "open")
        # What is under way ends by itself, in its own time: it is its worker's.
        due = Attempt.method_id.in_(gone) & (Attempt.state == "due")
        self.session.execute(update(Attempt).where(due).values(state="cancelled"))
        self.session.execute(delete(ContactMethod).where(ContactMethod.id.in_(gone)))
        for page in pages:
            last = (Attempt.step.desc(), Attempt.channel.not_in((TEXT, CALL)))
            lost = select(Attempt).where(there, Attempt.page_id == page.id).order_by(*last).limit(1)
            paging.next_channel(self.session, self.now, self.session.scalars(lost).one(), page)

    def responder_of(self, login: str) -> str:
        """The responder's id; a member who could never be called begins to be one. WiringError."""
        member = self.session.scalar(select(Member).where(Member.login == login))
        if member is None:
            raise WiringError(f"{login}: nobody signs in with this login")
        found = self.session.scalar(select(Responder).where(Responder.member_id == member.id))
        if found is None:
            handle = people.handle_of(login)
            found = Responder(id=new_id(), member_id=member.id, name=member.name, handle=handle)
            self.session.add(found)
            self.session.flush()
        return found.id

    def _zone(self, responder: str) -> str:
        return self.zone_of(self.session.get_one(Responder, responder).member_id)

    def _ways(self, responder: str) -> list[ContactMethod]:
        own = select(ContactMethod).where(ContactMethod.responder_id == responder)
        return list(self.session.scalars(own.order_by(ContactMethod.rank, ContactMethod.id)))

    def _key(self, address: str) -> str:
        return number_key(self.key, address) if address else ""

    def _note(self, responder: str) -> None:
        audit.record(self.session, self.now, actor="operator", verb="contacts_changed", responder=responder)


def book_of(ground: Ground, session: Session) -> ContactBook:
    """The install's, in the caller's transaction."""
    secrets, directory = Secrets(ground.config.folder, "staff"), ground.directory.current(session)
    first = next(iter(ground.schools.values())).zone

    def zone_of(member_id: str) -> str:
        teams = [team for team in directory.team_by_id.values() if member_id in team.members]
        zones = [ground.schools[team.school].zone for team in teams if team.school in ground.schools]
        return next(iter(zones), first)

    return ContactBook(
        session,
        ground.clock.now(session),
        secrets.key("responder-number-key"),
        PublicKey.decode(secrets.blob("line-public")),
        zone_of,
    )
