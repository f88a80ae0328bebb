"""``tipline init --demo``: a school, its teams, five members with phones and turns, ready to be tried.

The same code as a real install, with the simulator as carrier. A second run finds what the first one made.
"""

import json
import secrets as randomness
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from notify.duty_tables import Rotation
from notify.settings import PagingSettings
from notify.wall import local_time
from vault import directory as directories
from vault import kem, members
from vault.clock import clock_for
from vault.ids import new_id
from wiring.contacts import add_responder, new_password
from wiring.demo_people import (
    LINE_NUMBER,
    PAGER_NUMBER,
    PEOPLE,
    ROUTES,
    SCHOOL,
    TEAMS,
)
from wiring.example import decided
from wiring.founding import (
    CONFIG,
    DATABASE,
    Founded,
    Keys,
    found,
    make_keys,
    new_database,
    write_secrets,
)
from wiring.secrets import Secrets
from wiring.settings import (
    CarrierSection,
    DatabaseSection,
    InstallSection,
    NumberSection,
    Settings,
    SimulatorSection,
)
from wiring.sign_ins import SignIn, write_sign_ins

PASSWORD_WORDS = 4
# Everything is quicker in a demo, its carrier needs no rest, and who tries it out is one person.
PAGING = PagingSettings(
    second_after_s=10, everyone_after_s=20, repeat_s=10, texts_per_s=10, phone_pause_s=0.5, danger_answers=1
)
HEAD = "# The demo's settings: what differs from the defaults. config.example.toml explains every key.\n\n"


def make_demo(folder: Path, database_url: str) -> Founded:
    """Fill ``folder``: database (``database_url`` empty: SQLite), secrets, sign-ins, configuration."""
    keys = make_keys()
    sign_ins = tuple(SignIn(one.login, new_password(PASSWORD_WORDS), one.name) for one in PEOPLE)
    with new_database(database_url or f"sqlite:///{folder / DATABASE}") as database:
        clock = clock_for(database)
        with database.writing(unhurried=True) as session:
            founded = found(session, kem.new_seed())
            _people(session, founded, keys, sign_ins, clock.now(session))
    accounts = {role: f"AC{randomness.token_hex(16)}" for role in ("line", "pager")}
    tokens = {f"carrier-{role}-token": randomness.token_hex(16) for role in accounts}
    write_secrets(folder, keys, tokens)
    for name, token in tokens.items():
        Secrets(folder, "simulator").write(name, token)
    Secrets(folder, "simulator").write("responder-number-key", keys.responder_numbers.hex())
    write_sign_ins(folder, sign_ins)
    settings = _settings(founded, keys, accounts, database_url)
    (folder / CONFIG).write_text(HEAD + decided(settings), encoding="utf-8")
    return founded


def _settings(founded: Founded, keys: Keys, accounts: Mapping[str, str], database_url: str) -> Settings:
    return Settings(
        install=InstallSection(
            id=founded.install,
            root_fingerprint=founded.directory.fingerprint,
            audit_public=keys.audit_public,
            demo=True,
        ),
        database=DatabaseSection(url=database_url),
        carrier=CarrierSection(
            line=NumberSection(number=LINE_NUMBER, account_sid=accounts["line"], school=SCHOOL.id),
            pager=NumberSection(number=PAGER_NUMBER, account_sid=accounts["pager"]),
        ),
        paging=PAGING,
        simulator=SimulatorSection(enabled=True),
        schools=(SCHOOL,),
    )


def _people(session: Session, founded: Founded, keys: Keys, sign_ins: tuple[SignIn, ...], now: int) -> None:
    """Members, directory, responders and turns; the root signs, as in every install's first hour."""
    signer, directory = founded.recovery.signer, founded.directory
    ids = {person.login: new_id() for person in PEOPLE}
    responders: dict[str, str] = {}
    for person, sign_in in zip(PEOPLE, sign_ins, strict=True):
        member_id, seed = ids[person.login], kem.new_seed()
        members.create_member(session, member_id, person.login, person.name, seed, sign_in.password)
        own = members.MemberKeys.from_seed(member_id, seed)
        directory = directories.add_member(
            session, signer, directory, member_id, own.sign.public_key(), own.kem.public
        )
        responders[person.login] = add_responder(
            session, member_id, person.name, person.number, keys.responder_numbers, keys.line, now
        )
    for team in TEAMS:
        logins = [person.login for person in PEOPLE if person.team == team]
        listed = [ids[login] for login in logins]
        directory = directories.add_team(session, signer, directory, team, SCHOOL.id, team, listed)
        # The first of each team is on call in the week of the demo's making.
        session.add(_rotation(team, [responders[login] for login in logins], local_time(now, SCHOOL.zone)))
    directories.add_routing(session, signer, directory, SCHOOL.id, ROUTES)


def _rotation(team: str, responders: list[str], today: datetime) -> Rotation:
    return Rotation(
        team_id=team,
        school=SCHOOL.id,
        responders=json.dumps(responders),
        zone=SCHOOL.zone,
        handoff_weekday=0,
        handoff_time="00:00",
        starts_on=today.date().isoformat(),
    )
