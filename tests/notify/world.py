"""A small school's pager on a real database, with a clock turned by hand and a carrier made of lists."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notify import claims, replies
from notify.acknowledge import Result, by_digits, by_member
from notify.breaker import Breaker
from notify.channels import Channel, Outlet
from notify.channels.telephone import channels_of
from notify.deliver import Desk, deliver
from notify.duty_tables import ContactMethod, Responder, Rotation
from notify.errand import Links
from notify.letters import ADDRESS
from notify.paging import PageRequest, open_page, subject_opened
from notify.settings import PagingSettings
from notify.sweep import Swept, sweep
from notify.tables import Attempt, Page
from notify.wake import Silent
from tests.notify.carrier import LINE_NUMBER, PAGER_NUMBER, Carrier
from vault.database import Database
from vault.keyed import LineKey, number_key, open_from_line, seal_to_line
from vault.people_tables import Member, TeamKeyCopy
from vault.tables import AuditEvent

# Wednesday 18 November 2026, 15:00 in New York.
AFTERNOON = 1_795_032_000_000
ZONE = "America/New_York"
LINE = LineKey.from_seeds(bytes(32))
SECRET = b"responder numbers"


@dataclass
class HandClock:
    moment: int = AFTERNOON

    def now(self, session: Session) -> int:
        del session
        return self.moment


@dataclass
class Alarms:
    sounded: list[str] = field(default_factory=list)

    def sound(self, what: str) -> None:
        self.sounded.append(what)


@dataclass
class MembersOfTeams:
    """The directory's answer to the one question the pager asks it."""

    teams: dict[str, set[str]] = field(default_factory=dict)

    def may_open(self, member_id: str, team_ids: Iterable[str]) -> bool:
        return any(member_id in self.teams.get(team, ()) for team in team_ids)


class World:
    """Everything a story needs; ``phone[name]`` is a person's number."""

    def __init__(self, database: Database) -> None:
        self.database = database
        # Stories about something else see each text at once and by itself.
        self.settings = replace(PagingSettings(), texts_per_s=0, phone_pause_s=0)
        self.clock = HandClock()
        self.carrier = Carrier()
        self.alarms = Alarms()
        self.directory = MembersOfTeams()
        self.breaker = Breaker()
        self.phone: dict[str, str] = {}
        outlets = {
            "pager": Outlet(PAGER_NUMBER, self.carrier),
            "line": Outlet(LINE_NUMBER, self.carrier),
        }
        self.desk = Desk(
            database=self.database,
            clock=self.clock,
            outlets=outlets,
            channels=channels_of(outlets),
            open_sealed=partial(open_from_line, LINE),
            links=Links(
                lambda attempt_id: f"https://example.test/carrier/voice/{attempt_id}",
                lambda reference: f"https://staff.example.test/case/{reference}",
            ),
            settings=self.settings,
            breaker=self.breaker,
            waker=Silent(),
            alarm=self.alarms,
        )

    @classmethod
    def with_counselors(cls, database: Database) -> "World":
        """Ana is on call for counseling, Ben is second, Cleo third; Dan is the liaison."""
        world = cls(database)
        for name in ("ana", "ben", "cleo", "dan"):
            world.hire(name)
        world.rotate("counseling", "ana", "ben", "cleo")
        world.rotate("liaison", "dan")
        return world

    def hire(
        self,
        name: str,
        channels: tuple[str, ...] = ("sms", "voice"),
        locale: str = "en",
        addresses: Mapping[str, str] | None = None,
        **facts: object,
    ) -> None:
        """``addresses``: by channel, instead of the person's phone or mailbox; ``facts``: of each way."""
        number = self.phone.setdefault(name, f"+1555020{len(self.phone)}")
        own = {"email": f"{name}@school.test"} | dict(addresses or {})
        with self.database.writing() as session:
            session.add(Member(id=f"m-{name}", login=name, name=name.title(), wrapped_seed=b""))
            session.add(Responder(id=f"r-{name}", member_id=f"m-{name}", name=name.title(), locale=locale))
            session.flush()
            for rank, channel in enumerate(channels):
                address = own.get(channel, number)
                session.add(
                    ContactMethod(
                        id=f"{name}-{channel}",
                        responder_id=f"r-{name}",
                        channel=channel,
                        sealed_address=seal_to_line(LINE.public, ADDRESS, address.encode()),
                        address_key=number_key(SECRET, address),
                        rank=rank,
                        **facts,
                    )
                )

    def change(self, method_id: str, **facts: object) -> None:
        """A way of somebody's is different from now on."""
        with self.database.writing() as session:
            session.execute(update(ContactMethod).where(ContactMethod.id == method_id).values(facts))

    def give(self, channel: str, out: Channel) -> None:
        """The install has this channel too."""
        self.desk = replace(self.desk, channels={**self.desk.channels, (channel, "pager"): out})

    def rotate(self, team: str, *names: str) -> None:
        with self.database.writing() as session:
            session.add(
                Rotation(
                    team_id=team,
                    school="north",
                    responders=json.dumps([f"r-{name}" for name in names]),
                    zone=ZONE,
                    handoff_weekday=0,
                    handoff_time="08:00",
                    starts_on="2026-11-16",
                )
            )
        self.directory.teams[team] = {f"m-{name}" for name in names}

    def give_key(self, team: str, name: str, generation: int = 1) -> None:
        with self.database.writing() as session:
            session.add(TeamKeyCopy(team_id=team, generation=generation, holder=f"m-{name}", sealed=b""))
        self.directory.teams.setdefault(team, set()).add(f"m-{name}")

    def request(self, urgency: str = "immediate", subject: str = "one", **changes: object) -> PageRequest:
        facts: dict[str, object] = {
            "school": "north",
            "reference": "K7QM-29TX",
            "wakes": False,
            "teams": ("counseling",),
            "zone": ZONE,
        }
        return PageRequest(subject=subject, urgency=urgency, **(facts | changes))  # type: ignore[arg-type]

    def keep_pace(self, settings: PagingSettings) -> None:
        """From now on texts are paced and joined."""
        self.settings = settings
        self.desk = replace(self.desk, settings=settings)

    def open(self, urgency: str = "immediate", subject: str = "one", **changes: object) -> str | None:
        """A page opens, and what is due goes out."""
        with self.database.writing() as session:
            page_id = self.open_only(session, urgency, subject, **changes)
        self.deliver_due()
        return page_id

    def open_only(
        self, session: Session, urgency: str = "immediate", subject: str = "one", **changes: object
    ) -> str | None:
        """A page opens; nothing goes out yet."""
        return open_page(session, self.clock.moment, self.request(urgency, subject, **changes), self.settings)

    def due(self) -> list[str]:
        with self.database.reading() as session:
            return claims.pick(session, self.clock.moment, 1000, self.breaker.doubtful())

    def deliver_due(self) -> None:
        """What one round of the relay and its hands does."""
        for attempt_id in self.due():
            deliver(self.desk, attempt_id)

    def pass_time(self, seconds: float) -> Swept:
        """Time goes by, the sweeper comes, and what is due goes out."""
        self.clock.moment += round(seconds * 1000)
        with self.database.writing() as session:
            swept = sweep(session, self.clock.moment)
        self.deliver_due()
        self.deliver_due()
        return swept

    def text(self, name: str, body: str) -> Result:
        """``name`` answers by text."""
        with self.database.writing() as session:
            key = number_key(SECRET, self.phone.get(name, name))
            result = replies.take(session, self.clock.moment, self.directory, key, body)
        self.deliver_due()
        return result

    def press(self, attempt_id: str, digits: str) -> Result:
        with self.database.writing() as session:
            result = by_digits(session, self.clock.moment, self.directory, attempt_id, digits, SECRET)
        self.deliver_due()
        return result

    def take_in_view(self, page_id: str, name: str) -> Result:
        with self.database.writing() as session:
            return by_member(session, self.clock.moment, self.directory, page_id, f"m-{name}")

    def read_case(self, name: str, subject: str = "one") -> None:
        with self.database.writing() as session:
            member = f"m-{name}"
            teams = {team for team, members in self.directory.teams.items() if member in members}
            subject_opened(session, self.clock.moment, subject, member, teams)

    def code_of(self, name: str) -> str:
        """The digits in the last text to ``name``."""
        return self.carrier.to(self.phone[name])[-1].split("Reply ")[1][:5]

    def page(self, page_id: str | None) -> Page:
        with self.database.reading() as session:
            return session.get_one(Page, page_id)

    def attempts(self, **where: object) -> list[Attempt]:
        with self.database.reading() as session:
            return list(session.scalars(select(Attempt).filter_by(**where).order_by(Attempt.created_at)))

    def audited(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(AuditEvent.verb).order_by(AuditEvent.id)))
