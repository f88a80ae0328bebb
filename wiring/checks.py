"""What ``tipline check`` looks at: each check says what it found, or raises what is wrong."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass

import requests
from sqlalchemy.exc import SQLAlchemyError

from notify import roster
from notify.channels.faults import fault_of
from notify.channels.http import THEIR_ADDRESS
from notify.errors import TransportError
from reporting.errors import ReportingError
from triage import TriageError, default_rules
from vault import schema
from vault.database import Database
from vault.errors import VaultError
from wiring import going_live, granting, ground, secrets
from wiring.config import Config
from wiring.errors import NotFitError, WiringError
from wiring.wake import is_postgresql

CARRIER_S = 3.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and what was found or what to do."""

    name: str
    well: bool
    says: str

    def as_line(self) -> str:
        return f"{'ok ' if self.well else 'NOT'}  {self.name:<14} {self.says}"

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def run_checks(config: Config, *, live: bool = False, notice: bool = True) -> Sequence[Finding]:
    """All of them, in the order in which an operator would repair. ``live``: what a real school needs too.

    ``notice``: also whether the form still says that nobody reads it.
    """
    checks: dict[str, Callable[[Config], str]] = {
        "configuration": _configuration,
        "secrets": _secrets,
        "database": _database,
        "rules": _rules,
        "directory": _directory,
        "coverage": _coverage,
        "carrier": _carrier,
    }
    if is_postgresql(config):
        checks["roles"] = _roles
    if config.settings.carrier.second.number:
        checks["second carrier"] = _second_carrier
    if config.settings.mail.host:
        checks["mail"] = _mail
    says_live = any(school.live for school in config.settings.schools)
    if live or says_live:
        checks |= going_live.CHECKS
    if says_live and notice:
        checks |= going_live.NOTICE
    return [_finding(name, check, config) for name, check in checks.items()]


def _finding(name: str, check: Callable[[Config], str], config: Config) -> Finding:
    try:
        return Finding(name, well=True, says=check(config))
    except (WiringError, VaultError, ReportingError, TriageError) as error:
        return Finding(name, well=False, says=str(error))
    except SQLAlchemyError as error:
        # The database's own words may quote rows.
        return Finding(name, well=False, says=f"the database does not answer ({type(error).__name__})")


def _configuration(config: Config) -> str:
    schools = ground.schools_of(config)
    return f"{config.path}, {len(schools)} school(s)"


def _secrets(config: Config) -> str:
    processes = secrets.check_install(config)
    return f"complete and private, for {', '.join(processes)}"


def _database(config: Config) -> str:
    with closing(Database(config.database_url)) as database:
        schema.require_head(database)
        return f"schema {schema.current(database)}"


def _roles(config: Config) -> str:
    with closing(Database(config.database_url)) as database:
        return granting.require_current(database)


def _rules(config: Config) -> str:
    del config
    return f"triage rules {default_rules().hash[:12]}"


def _directory(config: Config) -> str:
    with closing(ground.lay(config)) as laid, laid.database.reading() as session:
        directory = laid.directory.current(session)
    if directory.alarm:
        raise NotFitError(f"stops being believable after entry {directory.seq}: {directory.alarm}")
    for school in laid.schools:
        directory.teams_of_route(school, "default")
    return f"{directory.seq + 1} entries, every one signed"


def _coverage(config: Config) -> str:
    with closing(ground.lay(config)) as laid, laid.database.reading() as session:
        directory = laid.directory.current(session)
        teams = [team.id for school in laid.schools for team in directory.teams(school)]
        now = laid.clock.now(session)
        empty = [team for team in teams if not roster.load(session, now, [team]).named(0)]
    if empty or not teams:
        raise NotFitError(f"nobody reachable is on call in {', '.join(empty) or 'any team: there is none'}")
    return f"somebody is on call in each of {len(teams)} teams"


def _carrier(config: Config) -> str:
    address = config.carrier_address or THEIR_ADDRESS
    hint = "; is `tipline serve` running?" if address == config.simulator_address else ""
    return _answers(address, config.settings.carrier.ca_file, hint)


def _second_carrier(config: Config) -> str:
    return _answers(config.settings.carrier.second.base_address)


def _answers(address: str, ca_file: str = "", hint: str = "") -> str:
    session = requests.Session()
    session.trust_env = False  # as for pages: no proxy of the environment stands between
    session.verify = ca_file or True
    try:
        answer = session.get(address, timeout=CARRIER_S, allow_redirects=False)
    except OSError as error:  # what `requests` raises is one, and so is a ca_file that is not there
        raise NotFitError(f"{address} does not answer ({type(error).__name__}){hint}") from None
    return f"{address} answers ({answer.status_code})"


def _mail(config: Config) -> str:
    # Providers' clients take long to load, and few commands need them.
    from wiring import ways_out  # noqa: PLC0415

    host = config.settings.mail.host
    try:
        ways_out.mail_of(config, secrets.Secrets(config.folder, "pager")).knock()
    except TransportError as error:
        raise NotFitError(f"{host} takes no e-mail ({error.code}: {fault_of(error.code).meaning})") from None
    return f"{host} would take our e-mails"
