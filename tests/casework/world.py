"""A small school's staff side on a real database: a clock turned by hand, teams that are really sealed to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from casework.deps import StaffDeps
from casework.settings import StaffSettings
from casework.visit import Visit, resume
from casework.web import staff_app
from notify.duty_tables import Responder
from notify.letters import ADDRESS
from notify.paging import PageRequest, open_page
from notify.settings import PagingSettings
from reporting.schools import School
from triage import Assessment, Signal, Urgency
from vault import directory as directories
from vault import members, sessions, threads
from vault.database import Database
from vault.directory import Directory, DirectoryReader
from vault.drill_tables import Drill
from vault.ids import new_id, new_reference
from vault.kem import PrivateKey
from vault.keyed import LineKey, seal_to_line
from vault.recovery import RecoveryKeys
from vault.tables import AuditEvent, RecipientTeam, Report, Texter
from vault.threads import Content, Recipient, ThreadItem
from vault.verdict import Judge

# Monday 23 November 2026, 2:14 at night in Chicago.
NIGHT = 1_795_421_640_000
MINUTE = 60_000
INSTALL = "install-of-the-tests"
SCHOOL = School("north", "North School", "America/Chicago", {0: ((time(7, 30), time(16)),)})
AUDIT_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
LINE = LineKey.from_seeds(bytes(32))
NUMBERS = b"responder numbers of the tests"
PASSWORD = "correct horse battery staple"
PHONE = "+15550142"
PEOPLE = MappingProxyType(
    {
        "ana": ("Ana Example", ("counseling",)),
        "ben": ("Ben Example", ("counseling",)),
        "sol": ("Sol Example", ("social_work",)),
        "dora": ("Dora Example", ("district",)),
    }
)
TEAMS = {"counseling": ["ana", "ben"], "social_work": ["sol"], "district": ["dora"]}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class HandClock:
    moment: int = NIGHT
    failing: str = ""

    def now(self, session: Session) -> int:
        del session
        if self.failing:
            raise RuntimeError(self.failing)
        return self.moment


@dataclass
class CountingWaker:
    woken: int = 0

    def wake(self) -> None:
        self.woken += 1


@dataclass
class Filed:
    """A case as the reporter's side knows it."""

    report_id: str
    reference: str
    receipt: PrivateKey = field(repr=False)


def scored(
    urgency: str = "immediate",
    signals: tuple[Signal, ...] = (),
    why: str = "wish_dead",
    *,
    language: str = "en",
    scored: bool = True,
    raise_by: tuple[str, ...] = (),
) -> Assessment:
    """An assessment as triage makes one; these stories need none of its rules."""
    return Assessment(
        urgency=Urgency(urgency),
        wakes=True,
        categories=("suicide_self_harm",),
        subject="self",
        language=language,
        scored=scored,
        mentions_staff=False,
        roles=(),
        signals=signals,
        why=why,
        raise_by=raise_by,
        ruleset_hash="0" * 16,
    )


def signal(text: str, quote: str, gloss: str, *modifiers: str, kind: str = "wish_dead") -> Signal:
    """A signal where ``quote`` stands in ``text``."""
    start = text.index(quote)
    return Signal(kind, f"en.{kind}", start, start + len(quote), modifiers, gloss)


class World:
    """Everything a story needs. ``members[name]`` holds the keys of a person."""

    def __init__(self, database: Database, settings: StaffSettings | None = None) -> None:
        self.database = database
        self.clock = HandClock()
        self.waker = CountingWaker()
        self.impaired = False
        self.members: dict[str, members.MemberKeys] = {}
        fingerprint = self._found()
        self.reader = DirectoryReader(INSTALL, fingerprint)
        self.settings = settings or StaffSettings()
        self.app_deps = self._deps()
        self.app = staff_app(self.app_deps)

    @property
    def directory(self) -> Directory:
        with self.database.reading() as session:
            return self.reader.current(session)

    def browser(self, base_url: str = "https://staff.example.test") -> "Browser":
        return Browser(self.app, base_url)

    def signed_in(self, login: str) -> "Browser":
        browser = self.browser()
        assert browser.sign_in(login).status_code == 303
        return browser

    def visit(self, login: str) -> Visit:
        """A request of this member, for what has no view of its own."""
        number = list(PEOPLE).index(login) + 2
        with self.database.writing() as session:
            cookie = sessions.start(session, self.clock.moment, login, bytes(31) + bytes((number,)))
        found = resume(self.app_deps, cookie, counts_as_activity=True)
        assert found is not None
        return found

    def file(
        self,
        text: str,
        *,
        teams: tuple[str, ...] = ("counseling", "social_work"),
        by_text: bool = False,
        facts: Mapping[str, str] | None = None,
        assessment: Assessment | None = None,
    ) -> Filed:
        """A report as intake stores one."""
        found = (assessment or scored()).to_json()
        receipt = PrivateKey.from_seed(bytes(31) + b"\x07")
        head = threads.new_head(INSTALL, SCHOOL.id)
        filed = Filed(head.report_id, new_reference(), receipt)
        recipients = self._recipients(teams, None if by_text else receipt)
        sealed = threads.seal_message(head, "reporter", Content(text, facts or {}, found), recipients)
        with self.database.writing() as session:
            session.add(self._report(filed, str(found["urgency"]), by_text=by_text))
            session.flush()
            session.add_all(RecipientTeam(report_id=filed.report_id, team_id=team) for team in teams)
            threads.append(session, sealed, self._minute())
            if by_text:
                session.add(self._texter(filed))
        return filed

    def write_again(self, filed: Filed, text: str, teams: tuple[str, ...] = ("counseling",)) -> None:
        """The reporter comes back and writes."""
        with self.database.writing() as session:
            head = threads.head(session, INSTALL, filed.report_id)
            content = Content(text, {}, scored().to_json())
            sealed = threads.seal_message(head, "reporter", content, self._recipients(teams, filed.receipt))
            threads.append(session, sealed, self._minute())
            report = session.get_one(Report, filed.report_id)
            report.read_deadline = self.clock.moment + MINUTE

    def page(
        self,
        filed: Filed,
        urgency: str = "immediate",
        teams: tuple[str, ...] = ("counseling", "social_work"),
    ) -> str:
        """An open page for the case, three minutes old."""
        request = PageRequest(
            school=SCHOOL.id,
            subject=filed.report_id,
            reference=filed.reference,
            urgency=urgency,
            wakes=True,
            teams=teams,
            zone=SCHOOL.zone,
        )
        with self.database.writing() as session:
            page_id = open_page(session, self.clock.moment - 3 * MINUTE, request, PagingSettings())
        assert page_id is not None
        return page_id

    def drill(
        self, school: str = SCHOOL.id, kind: str = "drill", slot: int | None = None, by: str = "ana"
    ) -> str:
        """A drill that was asked for now."""
        drill_id = new_id()
        facts = {"school": school, "kind": kind, "asked_by": by, "asked_at": self.clock.moment}
        with self.database.writing() as session:
            session.add(Drill(id=drill_id, slot=slot, **facts))
        return drill_id

    def read_with_receipt(self, filed: Filed) -> tuple[ThreadItem, ...]:
        """The thread as the reporter's side opens it."""
        with self.database.reading() as session:
            openers = {"receipt": filed.receipt}
            return threads.open_thread(
                session, INSTALL, filed.report_id, openers, self.reader.current(session)
            )

    def report(self, filed: Filed) -> Report:
        with self.database.reading() as session:
            return session.get_one(Report, filed.report_id)

    def audited(self) -> list[tuple[str, str, str]]:
        """Actor, verb and pseudonym of every audit event so far."""
        with self.database.reading() as session:
            events = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
            return [(event.actor, event.verb, event.pseudonym) for event in events]

    def _found(self) -> str:
        self.recovery = recovery = RecoveryKeys.from_seed(bytes(31) + b"\x01")
        with self.database.writing() as session:
            directory = directories.add_root(session, recovery.signer, INSTALL, recovery.kem.public)
            for number, (login, (name, _)) in enumerate(PEOPLE.items(), start=2):
                seed = bytes(31) + bytes((number,))
                members.create_member(session, login, login, name, seed, PASSWORD, "test")
                keys = members.MemberKeys.from_seed(login, seed)
                directory = directories.add_member(
                    session, recovery.signer, directory, login, keys.sign.public_key(), keys.kem.public
                )
                session.add(Responder(id=f"r-{login}", member_id=login, name=name))
                self.members[login] = keys
            for team, listed in TEAMS.items():
                directory = directories.add_team(
                    session, recovery.signer, directory, team, SCHOOL.id, team, listed
                )
        return directory.fingerprint

    def _deps(self) -> StaffDeps:
        return StaffDeps(
            database=self.database,
            clock=self.clock,
            directory=self.reader,
            install=INSTALL,
            schools={SCHOOL.id: SCHOOL},
            line_public=LINE.public,
            waker=self.waker,
            paging_impaired=lambda: self.impaired,
            judge=Judge(INSTALL, AUDIT_KEY.public_key()),
            form_secret=b"form secret of the tests, 32 byte",
            responder_numbers=NUMBERS,
            settings=self.settings,
        )

    def _recipients(self, teams: tuple[str, ...], receipt: PrivateKey | None) -> list[Recipient]:
        found = list(self.directory.recipients_of(teams))
        return found if receipt is None else [*found, Recipient("receipt", receipt.public)]

    def _report(self, filed: Filed, urgency: str, *, by_text: bool) -> Report:
        return Report(
            id=filed.report_id,
            school=SCHOOL.id,
            reference=filed.reference,
            channel="text" if by_text else "web",
            urgency=urgency,
            status="new",
            arrived_minute=self._minute(),
            read_deadline=self.clock.moment + 15 * MINUTE,
            retain_until=self.clock.moment + 365 * 24 * 60 * MINUTE,
            lookup_id=None if by_text else new_id(),
            reporter_public=None if by_text else filed.receipt.public.encode(),
            pseudonym=f"pseudonym-{filed.reference}",
        )

    def _texter(self, filed: Filed) -> Texter:
        sealed = seal_to_line(LINE.public, ADDRESS, PHONE.encode())
        return Texter(number_key=new_id(), school=SCHOOL.id, report_id=filed.report_id, sealed_number=sealed)

    def _minute(self) -> int:
        return self.clock.moment - self.clock.moment % MINUTE


class Browser:
    """A member's browser: keeps cookies, and sends the token of the last view with every form."""

    def __init__(self, app: Flask, base_url: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.base_url = base_url
        self.token = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        return self._keep(self.client.get(path, base_url=self.base_url, headers=headers, buffered=True))

    def post(self, path: str, **form: object) -> TestResponse:
        sent = {"csrf_token": self.token, **form}
        return self._keep(self.client.post(path, base_url=self.base_url, data=sent))

    def sign_in(self, login: str, password: str = PASSWORD, **form: object) -> TestResponse:
        self.get("/sign-in")
        return self.post("/sign-in", login=login, password=password, **form)

    def _keep(self, answer: TestResponse) -> TestResponse:
        found = _TOKEN.search(answer.text) if answer.mimetype == "text/html" else None
        self.token = found.group(1) if found else self.token
        return answer
