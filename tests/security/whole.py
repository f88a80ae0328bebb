"""Both sides of one school on one database: what a reporter writes here, the team reads there."""

from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

import triage
from notify.settings import PagingSettings
from reporting import wall
from reporting.deps import PublicDeps
from reporting.hour_keys import HourKeys
from reporting.intake import Intake, IntakeDeps
from reporting.settings import PublicSettings
from reporting.web import public_app
from tests.casework.world import INSTALL, LINE, SCHOOL, Browser, World
from tests.reporting.world import LINE_NUMBER, PAGER_NUMBER, SECRETS
from vault import invitations
from vault.database import Database
from vault.invitations import Invited
from vault.tables import Message, Report

NEW_PASSWORD = "lantern gravel opera thirteen moss"


class Whole(World):
    """The casework world with its school's form and text line beside it."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database)
        self.alarms: list[str] = []
        self._folder = folder

    def public(self) -> FlaskClient:
        """A reporter's browser, or the carrier."""
        return public_app(self._public_deps()).test_client()

    def messages(self) -> list[Message]:
        """All that was stored, the newest last."""
        with self.database.reading() as session:
            order = (Message.minute, Report.arrived_minute, Message.report_id, Message.seq)
            return list(session.scalars(select(Message).join(Report).order_by(*order)))

    def newest_report(self) -> Report:
        with self.database.reading() as session:
            return session.scalars(select(Report).order_by(Report.arrived_minute.desc())).first() or Report()

    def invited(self, member_id: str, name: str, *teams: str) -> str:
        """What the operator does; the code."""
        with self.database.writing() as session:
            return invitations.invite(session, self.clock.moment, Invited(member_id, member_id, name, teams))

    def offered(self, member_id: str, *teams: str) -> None:
        """The operator offers somebody who is there already to another team."""
        keys = self.directory.public_keys(member_id)
        assert keys is not None
        with self.database.writing() as session:
            who = Invited(member_id, member_id, member_id, teams)
            invitations.offer(session, self.clock.moment, who, keys)

    def joined(self, code: str, password: str = NEW_PASSWORD) -> str:
        """Somebody makes their keys; the words that they are shown."""
        browser = self.browser()
        browser.get("/join")
        answer = browser.post("/join", code=code, new=password, again=password)
        return words_shown(answer.text)

    def _public_deps(self) -> PublicDeps:
        intake = IntakeDeps(
            database=self.database,
            clock=self.clock,
            directories=self.reader,
            install=INSTALL,
            paging=PagingSettings(),
            waker=self.waker,
            assess=triage.assess,
            wall_key=wall.key_of(SECRETS.pepper),
        )
        return PublicDeps(
            database=self.database,
            clock=self.clock,
            directories=self.reader,
            intake=Intake(intake),
            install=INSTALL,
            schools={SCHOOL.id: SCHOOL},
            settings=PublicSettings(
                "https://tips.example.test",
                {LINE_NUMBER: SCHOOL.id},
                PAGER_NUMBER,
                accounts=frozenset({"AC"}),
            ),
            secrets=replace(SECRETS, line=LINE.public),
            hours=HourKeys(self._folder / "hours"),
            alarm=self.alarms.append,
            paging_impaired=lambda: self.impaired,
            wall=lambda: self.clock.moment,
            sleep=lambda _: None,
        )


def words_shown(view: str) -> str:
    """The six words of somebody's keys, as a view shows them."""
    return view.partition('<p class="words"><code>')[2].partition("</code>")[0]


def let_in(by: Browser, team: str, confirming: str = "") -> str:
    """Press the button that ``by`` is shown for the one who asks to come in; where that leads."""
    shown = by.get("/people").text
    form = shown.partition('<div class="asking">')[2]
    fields = {name: form.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("invitation",)}
    path = form.partition('action="')[2].partition('"')[0]
    answer = by.post(path, team=team, words=confirming or words_shown(form), **fields)
    return answer.headers["Location"]
