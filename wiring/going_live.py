"""What must be so before a real school may rely on an install; each check says what it found, or raises."""

from collections.abc import Callable, Mapping
from contextlib import closing
from types import MappingProxyType
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from notify.tables import ContactMethod, Responder
from vault.signing import ROOT
from vault.tables import DirectoryEntry
from vault.teams import Team
from wiring import ground
from wiring.config import Config
from wiring.errors import NotFitError

FEWEST = 2
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
    """Two people with a phone in each team of each school: one may be ill."""
    with closing(ground.lay(config)) as laid, laid.database.reading() as session:
        directory = laid.directory.current(session)
        empty = [school for school in laid.schools if not directory.teams(school)]
        teams = [team for school in laid.schools for team in directory.teams(school)]
        thin = empty + [team.id for team in teams if _with_phone(session, team) < FEWEST]
    if thin:
        raise NotFitError(f"fewer than {FEWEST} members with a phone in {', '.join(thin)}")
    return f"{FEWEST} or more members with a phone in each team (whose phones they are is not verified)"


def _with_phone(session: Session, team: Team) -> int:
    reachable = select(Responder.id).join(ContactMethod).where(Responder.active)
    return len(set(session.scalars(reachable.where(Responder.member_id.in_(team.members)))))


def _alarm(config: Config) -> str:
    if not config.settings.alarm.post_to:
        raise NotFitError("alarm.post_to is empty: nobody hears when pages do not leave")
    return "has an address (whether it rings is not seen from here)"


def _by_hand(config: Config) -> str:
    del config
    return "not checked: a drill that somebody acknowledged, each phone, backups, a standby; do them by hand"


CHECKS: Mapping[str, Callable[[Config], str]] = MappingProxyType(
    {
        "recovery words": _words,
        "real carrier": _real_carrier,
        "contacts": _contacts,
        "alarm": _alarm,
        "by hand": _by_hand,
    }
)
