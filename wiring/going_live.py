"""What must be so before a real school may rely on an install; each check says what it found, or raises."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from notify.channels import CALL, TEXT
from notify.duty_tables import ContactMethod, Responder
from notify.tables import Page
from vault import audit
from vault.signing import ROOT
from vault.tables import DirectoryEntry, LiveSchool
from vault.teams import Team
from wiring import ground, standby
from wiring.config import Config
from wiring.errors import NotFitError, WiringError

FEWEST = 2
DRILL_DAYS = 90
DAY_MS = 24 * 3_600_000
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _words(config: Config) -> str:
    """An entry after the first that the root signed: somebody had the words and typed them."""
    signed = select(DirectoryEntry.seq).where(DirectoryEntry.signer == ROOT, DirectoryEntry.seq > 0).limit(1)
    with closing(ground.lay(config)) as laid, laid.database.reading() as session:
        if session.scalar(signed) is None:
            raise NotFitError("nobody has typed the recovery words yet; run: tipline found")
    return "were typed once and fit; look that the paper is where it should be"


def _real_carrier(config: Config) -> str:
    settings = config.settings
    if settings.install.demo or settings.simulator.enabled:
        raise NotFitError("this is a demonstration or has the simulator, which reaches no phone")
    if settings.carrier.line.account_sid == settings.carrier.pager.account_sid:
        raise NotFitError("both numbers belong to one carrier account: whoever has its token speaks for both")
    for key, address in (
        ("carrier.base_address", settings.carrier.base_address),
        ("public.address", settings.public.address or "http:"),
        ("staff.address", settings.staff.address or "http:"),
    ):
        if address and not _is_public(address):
            raise NotFitError(f"{key}: not an https address that others reach")
    return "not the simulator; addresses are https (whether texts arrive is not seen from here)"


def _is_public(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" and parts.hostname not in (None, *LOOPBACK)


def _contacts(config: Config) -> str:
    """Two people with a verified phone in each team of each school: one may be ill."""
    with closing(ground.lay(config)) as laid, laid.database.reading() as session:
        directory = laid.directory.current(session)
        empty = [school for school in laid.schools if not directory.teams(school)]
        teams = [team for school in laid.schools for team in directory.teams(school)]
        thin = empty + [team.id for team in teams if _with_phone(session, team) < FEWEST]
    if thin:
        remedy = "run for each: tipline contacts verify --login NAME"
        raise NotFitError(f"fewer than {FEWEST} members with a verified phone in {', '.join(thin)}; {remedy}")
    return f"{FEWEST} or more members with a verified phone in each team"


def _with_phone(session: Session, team: Team) -> int:
    reachable = select(Responder.id).join(ContactMethod).where(Responder.active)
    verified = reachable.where(
        ContactMethod.channel.in_((TEXT, CALL)), ContactMethod.verified_at.is_not(None)
    )
    return len(set(session.scalars(verified.where(Responder.member_id.in_(team.members)))))


def _alarm(config: Config) -> str:
    alarm = config.settings.alarm
    if not alarm.post_to:
        raise NotFitError("alarm.post_to is empty: nobody hears when pages do not leave")
    if not alarm.heartbeat_to:
        raise NotFitError("alarm.heartbeat_to is empty: nobody notices when this machine falls silent")
    return "alarm and heartbeat have addresses (whether they ring is not seen from here)"


def _standby(config: Config) -> str:
    with closing(ground.lay(config)) as laid:
        return standby.require_synchronous(laid.database)


def _drill(config: Config) -> str:
    """One that somebody took, in each school, within the last ninety days."""
    with closing(ground.lay(config)) as laid, laid.database.reading() as session:
        since = laid.clock.now(session) - DRILL_DAYS * DAY_MS
        taken = select(Page.school).where(Page.kind == "drill", Page.acknowledged_at > since)
        missing = set(laid.schools) - set(session.scalars(taken))
    if missing:
        remedy = "run: tipline drill --school NAME"
        raise NotFitError(
            f"no drill was taken for {DRILL_DAYS} days in {', '.join(sorted(missing))}; {remedy}"
        )
    return f"somebody took a drill within {DRILL_DAYS} days, in each school"


def _notice(config: Config) -> str:
    """What the file calls live still shows "nobody reads this" until ``tipline live`` let it through."""
    wanted = {one.id for one in config.settings.schools if one.live}
    with closing(ground.lay(config)) as laid:
        held = sorted(one for one in wanted if laid.schools[one].demo)
    if held:
        why = "the form keeps saying that nobody reads it"
        raise NotFitError(f"{', '.join(held)}: {why}; run: tipline live --school NAME, then restart public")
    return f"live: {', '.join(sorted(wanted)) or 'no school'}"


def of_school(config: Config, school: str) -> Config:
    """``config`` as if it had only ``school``. WiringError when there is none of that name."""
    only = tuple(one for one in config.settings.schools if one.id == school)
    if not only:
        known = ", ".join(one.id for one in config.settings.schools)
        raise WiringError(f"there is no school {school}; choose one of {known}")
    return replace(config, settings=replace(config.settings, schools=only))


def let_through(session: Session, now: int, school: str) -> None:
    """Note that ``school`` passed every check."""
    session.merge(LiveSchool(school=school, at=now))
    audit.record(session, now, actor="operator", verb="school_live", school=school)


def take_back(session: Session, now: int, school: str) -> None:
    """From the next start of the public process the form says again that nobody reads it."""
    session.execute(delete(LiveSchool).where(LiveSchool.school == school))
    audit.record(session, now, actor="operator", verb="school_not_live", school=school)


CHECKS: Mapping[str, Callable[[Config], str]] = MappingProxyType(
    {
        "recovery words": _words,
        "real carrier": _real_carrier,
        "contacts": _contacts,
        "standby": _standby,
        "alarm": _alarm,
        "drill": _drill,
    }
)
NOTICE: Mapping[str, Callable[[Config], str]] = MappingProxyType({"notice": _notice})
