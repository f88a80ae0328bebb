"""Adding entries to the team directory. Each passes the same rules as a foreign one before it is stored.

Signing keys come as arguments.
"""

from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vault import entries, rules
from vault.entries import Approval, Entry, MemberEntry, RetireEntry, RootEntry, RoutingEntry
from vault.errors import DirectoryError
from vault.kem import PublicKey
from vault.place import NOTHING_BEFORE
from vault.signing import Signer
from vault.tables import DirectoryEntry
from vault.teams import Directory


def add_root(session: Session, signer: Signer, install: str, recovery_public: PublicKey) -> Directory:
    """Begin a directory. ``signer`` is the recovery key's; pin the result's ``fingerprint``."""
    raw = signer.sign_private.public_key().public_bytes_raw()
    payload = entries.encode(RootEntry(install, recovery_public.encode(), raw))
    fields = entries.signed_fields(install, 0, NOTHING_BEFORE, signer.member_id, payload)
    row = DirectoryEntry(seq=0, payload=payload, signer=signer.member_id, signature=signer.sign(*fields))
    directory = rules.begin(row, install, None)
    _store(session, row)
    return directory


def add_member(
    session: Session,
    signer: Signer,
    directory: Directory,
    member_id: str,
    sign_public: Ed25519PublicKey,
    kem_public: PublicKey,
) -> Directory:
    """Make a member known. They join teams by ``vault.generations``."""
    entry = MemberEntry(member_id, sign_public.public_bytes_raw(), kem_public.encode())
    return add_entry(session, signer, directory, entry)


def retire_member(session: Session, signer: Signer, directory: Directory, member_id: str) -> Directory:
    """End a member's access at once. Each team in ``stale_teams`` then needs a new generation."""
    return add_entry(session, signer, directory, RetireEntry(member_id))


def add_routing(
    session: Session,
    signer: Signer,
    directory: Directory,
    school: str,
    routes: Mapping[str, Sequence[str]],
    approval: Approval | None = None,
) -> Directory:
    """Replace a school's routes: route name to team ids."""
    entry = RoutingEntry(school, {route: tuple(teams) for route, teams in routes.items()})
    return add_entry(session, signer, directory, entry, approval)


def approve(signer: Signer, directory: Directory, entry: Entry) -> Approval:
    """A second member's yes to ``entry`` as the directory's next one."""
    fields = entries.approved_fields(directory.install, directory.seq + 1, directory.head, entry)
    return Approval(signer.member_id, signer.sign(*fields))


def add_entry(
    session: Session,
    signer: Signer,
    directory: Directory,
    entry: Entry,
    approval: Approval | None = None,
) -> Directory:
    """The directory with ``entry`` at its end. Raises DirectoryError if ``signer`` may not add it."""
    payload, seq = entries.encode(entry, approval), directory.seq + 1
    fields = entries.signed_fields(directory.install, seq, directory.head, signer.member_id, payload)
    row = DirectoryEntry(seq=seq, payload=payload, signer=signer.member_id, signature=signer.sign(*fields))
    grown = rules.follow(directory, row)
    _store(session, row)
    return grown


def _store(session: Session, row: DirectoryEntry) -> None:
    values = {name: getattr(row, name) for name in ("seq", "payload", "signer", "signature")}
    try:
        with session.begin_nested():
            session.execute(insert(DirectoryEntry), values)
    except IntegrityError as error:
        raise DirectoryError("another entry came first; read the directory again") from error
