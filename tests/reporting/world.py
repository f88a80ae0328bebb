"""A school's public side on a real database: a signed directory, real keys, a clock turned by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

import triage
from notify.duty_tables import ContactMethod, Responder, Rotation
from notify.settings import PagingSettings
from reporting import wall
from reporting.deps import PublicDeps
from reporting.hour_keys import HourKeys
from reporting.intake import Intake, IntakeDeps
from reporting.reading import Assess
from reporting.schools import School
from reporting.settings import PublicSecrets, PublicSettings
from reporting.web import public_app
from vault import directory as team_directory
from vault.database import Database
from vault.directory import DirectoryReader, team_private_keys
from vault.kem import PublicKey
from vault.keyed import LineKey, number_key, seal_to_line
from vault.members import MemberKeys
from vault.people_tables import Member
from vault.recovery import RecoveryKeys
from vault.tables import Report
from vault.teams import Directory
from vault.threads import Content, Recipient, ThreadItem, append, head, open_thread, seal_message

INSTALL = "install-of-tests"
SCHOOL_DAYS = {day: ((time(7, 30), time(16, 0)),) for day in range(5)}
MAPLE = School("maple", "Maple School", "America/Denver", SCHOOL_DAYS)
# Wednesday 10:00, Friday 20:00 and Monday 7:30 in Denver, in a week without a change of clocks.
WEDNESDAY = round(datetime(2026, 11, 18, 17, 0, tzinfo=UTC).timestamp() * 1000)
FRIDAY_NIGHT = round(datetime(2026, 11, 21, 3, 0, tzinfo=UTC).timestamp() * 1000)
MINUTE = 60_000
HOUR = 60 * MINUTE

LINE_NUMBER = "+15550100"
PAGER_NUMBER = "+15550101"
SECOND_NUMBER = "+15550109"
LINE = LineKey.from_seeds(bytes(31) + b"\x07")
SECRETS = PublicSecrets(
    form=b"form secret of the tests".ljust(32),
    pepper=b"pepper of the tests".ljust(32),
    reporter_numbers=b"index of reporters".ljust(32),
    responder_numbers=b"index of responders".ljust(32),
    line_tokens=("line-token", "line-token-secondary"),
    pager_tokens=("pager-token", "pager-token-secondary"),
    line=LINE.public,
    second_tokens=("second-token",),
)
TEAMS = {
    "maple-counseling": ("counseling", "ana"),
    "maple-social": ("social_work", "ben"),
    "maple-liaison": ("liaison", "cleo"),
    "district": ("district", "dora"),
}
SCHOOL_TEAMS = ("maple-counseling", "maple-social")
ROUTES = {
    "default": SCHOOL_TEAMS,
    "threat_violence": (*SCHOOL_TEAMS, "maple-liaison"),
    "weapon": (*SCHOOL_TEAMS, "maple-liaison"),
    "adult_at_school": ("district",),
}


@dataclass
class HandClock:
    moment: int = WEDNESDAY

    def now(self, session: Session) -> int:
        del session
        return self.moment

    def wall(self) -> int:
        return self.moment

    def turn(self, ms: int) -> None:
        self.moment += ms


@dataclass
class Bell:
    """Counts how often the pager was woken, and what was alarmed."""

    rung: int = 0
    alarms: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def wake(self) -> None:
        self.rung += 1


class World:
    """Everything a story needs. ``keys[name]`` are a member's."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        schools: Sequence[School] = (MAPLE,),
        assess: Assess = triage.assess,
    ) -> None:
        self.database = database
        self.clock = HandClock()
        self.bell = Bell()
        self.impaired = False
        self.keys = {
            name: MemberKeys.from_seed(f"m-{name}", name.encode().ljust(32)) for _, name in TEAMS.values()
        }
        fingerprint = self._found()
        self.directories = DirectoryReader(INSTALL, fingerprint)
        self.assess = assess
        self.intake_deps = IntakeDeps(
            database=database,
            clock=self.clock,
            directories=self.directories,
            install=INSTALL,
            paging=PagingSettings(),
            waker=self.bell,
            assess=assess,
            wall_key=wall.key_of(SECRETS.pepper),
        )
        self.deps = PublicDeps(
            database=database,
            clock=self.clock,
            directories=self.directories,
            intake=Intake(self.intake_deps),
            install=INSTALL,
            schools={school.id: school for school in schools},
            settings=PublicSettings(
                "https://tips.example.test",
                {LINE_NUMBER: "maple"},
                PAGER_NUMBER,
                accounts=frozenset({"ACline", "ACpager"}),
                second_number=SECOND_NUMBER,
            ),
            secrets=SECRETS,
            hours=HourKeys(folder / "hours"),
            alarm=self.bell.alarms.append,
            paging_impaired=lambda: self.impaired,
            wall=self.clock.wall,
            sleep=self.bell.slept.append,
        )

    def client(self, **changes: object) -> FlaskClient:
        """A browser that keeps cookies, were there any."""
        return public_app(replace(self.deps, **changes)).test_client()  # type: ignore[arg-type]  # any field of it

    def client_that(self, assess: Assess) -> FlaskClient:
        """A browser of a public process with another triage."""
        return self.client(intake=Intake(replace(self.intake_deps, assess=assess)))

    def reports(self) -> list[Report]:
        with self.database.reading() as session:
            return list(session.scalars(select(Report).order_by(Report.arrived_minute)))

    def read_as(self, name: str, report_id: str) -> tuple[ThreadItem, ...]:
        """The thread as the member ``name`` can open it."""
        with self.database.reading() as session:
            directory = self.directory(session)
            openers = team_private_keys(session, INSTALL, self.keys[name], directory)
            return open_thread(session, INSTALL, report_id, openers, directory)

    def reply(self, name: str, report_id: str, text: str) -> None:
        """``name`` answers, to their own team and the receipt, as casework does."""
        with self.database.writing() as session:
            report = session.get_one(Report, report_id)
            directory = self.directory(session)
            teams = directory.recipients_of(team for team, (_, who) in TEAMS.items() if who == name)
            receipt = self._receipt(report)
            at = head(session, INSTALL, report_id)
            signer = self.keys[name].signer
            append(
                session,
                seal_message(at, "member", Content(text), (*teams, *receipt), signer),
                self.clock.moment,
            )

    def directory(self, session: Session) -> Directory:
        return self.directories.current(session)

    @staticmethod
    def _receipt(report: Report) -> tuple[Recipient, ...]:
        if report.reporter_public is None:
            return ()
        return (Recipient("receipt", PublicKey.decode(report.reporter_public)),)

    def _found(self) -> str:
        recovery = RecoveryKeys.from_seed(bytes(32))
        with self.database.writing() as session:
            directory = team_directory.add_root(session, recovery.signer, INSTALL, recovery.kem.public)
            for keys in self.keys.values():
                directory = team_directory.add_member(
                    session,
                    recovery.signer,
                    directory,
                    keys.member_id,
                    keys.sign.public_key(),
                    keys.kem.public,
                )
            for team, (role, name) in TEAMS.items():
                directory = team_directory.add_team(
                    session, recovery.signer, directory, team, MAPLE.id, role, [f"m-{name}"]
                )
            team_directory.add_routing(session, recovery.signer, directory, MAPLE.id, ROUTES)
            _hire(session, {team: name for team, (_, name) in TEAMS.items()})
            return directory.fingerprint


def _hire(session: Session, people: Mapping[str, str]) -> None:
    for number, (team, name) in enumerate(people.items()):
        phone = f"+1555020{number}"
        session.add(Member(id=f"m-{name}", login=name, name=name.title(), wrapped_seed=b""))
        session.add(Responder(id=f"r-{name}", member_id=f"m-{name}", name=name.title()))
        session.flush()
        session.add(
            ContactMethod(
                id=f"c-{name}",
                responder_id=f"r-{name}",
                channel="sms",
                sealed_address=seal_to_line(LINE.public, "address", phone.encode()),
                address_key=number_key(SECRETS.responder_numbers, phone),
                verified_at=0,
            )
        )
        session.add(
            Rotation(
                team_id=team,
                school=MAPLE.id,
                responders=f'["r-{name}"]',
                zone=MAPLE.zone,
                handoff_weekday=0,
                handoff_time="08:00",
                starts_on="2026-01-05",
            )
        )
