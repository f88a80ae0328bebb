"""Who may add which entry to the team directory. A row of the database counts only after it passed here.

Root may add everything. Members rotate their own team's key alone; to let somebody in, or to change
routing, takes two of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import singledispatch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault import entries
from vault.entries import Approval, MemberEntry, RetireEntry, RootEntry, RoutingEntry, TeamEntry
from vault.errors import BadKeyError, DirectoryError
from vault.kem import PublicKey
from vault.place import NOTHING_BEFORE
from vault.signing import ROOT, is_signed
from vault.tables import DirectoryEntry
from vault.teams import Directory, Person, Team, recipient_name


def begin(row: DirectoryEntry, install: str, root_fingerprint: str | None) -> Directory:
    """The directory after entry 0, checked against the pinned fingerprint (None: while it is being made)."""
    entry, _ = entries.decode(row.payload)
    fingerprint = entries.fingerprint_of(row.payload)
    if not isinstance(entry, RootEntry) or entry.install != install or row.seq != 0 or row.signer != ROOT:
        raise DirectoryError("entry 0 is not the root of this install")
    if root_fingerprint not in (None, fingerprint):
        raise DirectoryError("the root is not the one that the configuration names")
    root = _sign_key(entry.root_sign_public)
    fields = entries.signed_fields(install, 0, NOTHING_BEFORE, ROOT, row.payload)
    if not is_signed(root, row.signature, *fields):
        raise DirectoryError("entry 0 is not signed by its own root")
    recovery = _kem_key(entry.recovery_public)
    return Directory(
        install, fingerprint, 0, entries.hash_of(row.payload), bytes(row.signature), recovery, root
    )


def follow(directory: Directory, row: DirectoryEntry) -> Directory:
    """The directory after one more entry. Raises DirectoryError if it is forged, misplaced or not allowed."""
    if row.seq != directory.seq + 1:
        raise DirectoryError("an entry is missing")
    key = directory.root if row.signer == ROOT else directory.member_sign_key(row.signer)
    fields = entries.signed_fields(directory.install, row.seq, directory.head, row.signer, row.payload)
    if key is None or not is_signed(key, row.signature, *fields):
        raise DirectoryError("an entry is not signed by its signer, or not for this place")
    entry, approval = entries.decode(row.payload)
    signers = {row.signer}
    if approval is not None:
        signers.add(_approver(directory, row.seq, entry, approval))
    grown = _apply(entry, directory, frozenset(signers))
    return replace(
        grown, seq=row.seq, head=entries.hash_of(row.payload), signature=bytes(row.signature), alarm=None
    )


def _approver(directory: Directory, seq: int, entry: entries.Entry, approval: Approval) -> str:
    key = directory.member_sign_key(approval.member)
    fields = entries.approved_fields(directory.install, seq, directory.head, entry)
    if key is None or not is_signed(key, approval.signature, *fields):
        raise DirectoryError("an approval is not signed by its member, or not for this entry")
    return approval.member


@singledispatch
def _apply(entry: object, directory: Directory, signers: frozenset[str]) -> Directory:
    del entry, directory, signers
    raise DirectoryError("this kind of entry comes first or not at all")


@_apply.register
def _(entry: MemberEntry, directory: Directory, signers: frozenset[str]) -> Directory:
    del signers  # any active member may: it gives access to nothing
    if directory.is_active(entry.member):
        raise DirectoryError("this member is there already; to exchange their keys, retire them first")
    before = directory.people.get(entry.member)
    keys = (*(before.sign_keys if before else ()), _sign_key(entry.sign_public))
    return replace(
        directory, people={**directory.people, entry.member: Person(keys, _kem_key(entry.kem_public))}
    )


@_apply.register
def _(entry: RetireEntry, directory: Directory, signers: frozenset[str]) -> Directory:
    if not directory.is_active(entry.member):
        raise DirectoryError("there is no such active member")
    if not any(_may_retire(directory, signer, entry.member) for signer in signers):
        raise DirectoryError("only root, themselves or somebody of the same team retires a member")
    person = replace(directory.people[entry.member], retired=True)
    teams = {id_: _without(team, entry.member) for id_, team in directory.team_by_id.items()}
    return replace(directory, people={**directory.people, entry.member: person}, team_by_id=teams)


@_apply.register
def _(entry: TeamEntry, directory: Directory, signers: frozenset[str]) -> Directory:
    before = directory.team(entry.team)
    _refuse_misfit(entry, before, directory.generations)
    if not all(directory.is_active(member) for member in entry.members):
        raise DirectoryError("a team has somebody who is no active member")
    if not _may_renew(entry, before, signers):
        raise DirectoryError("a team is begun by root and renewed by its members: two, to let somebody in")
    members = frozenset(entry.members)
    public = _kem_key(entry.public)
    team = Team(entry.team, entry.school, entry.role, entry.generation, public, members, members)
    name = recipient_name(entry.team, entry.generation)
    return replace(
        directory,
        team_by_id={**directory.team_by_id, entry.team: team},
        generations={**directory.generations, name: entry.public},
        served=directory.served | {(one, entry.school, _key_of(directory, one)) for one in members},
    )


@_apply.register
def _(entry: RoutingEntry, directory: Directory, signers: frozenset[str]) -> Directory:
    known = {team.id for team in directory.teams(entry.school)}
    if not all(known.issuperset(teams) for teams in entry.routes.values()):
        raise DirectoryError("a route names a team that is not of this school")
    serving = {signer for signer in signers if not known.isdisjoint(directory.teams_of(signer))}
    if ROOT not in signers and len(serving) < 2:  # noqa: PLR2004 - two people: that is the rule
        raise DirectoryError("routing is changed by root or by two members who serve this school")
    return replace(directory, routing={**directory.routing, entry.school: entry.routes})


def _key_of(directory: Directory, member: str) -> int:
    """Which of a member's signing keys is in force: the last one."""
    return len(directory.people[member].sign_keys) - 1


def _refuse_misfit(entry: TeamEntry, before: Team | None, generations: Mapping[str, bytes]) -> None:
    expected = before.generation + 1 if before else 1
    if entry.generation != expected or (
        before and (before.school, before.role) != (entry.school, entry.role)
    ):
        raise DirectoryError("a team's generation is out of order, or its school or role changed")
    if entry.public in generations.values():
        raise DirectoryError("a team's key was used before")


def _may_renew(entry: TeamEntry, before: Team | None, signers: frozenset[str]) -> bool:
    if ROOT in signers:
        return True
    inside = signers & before.members if before else frozenset()
    newcomers = set(entry.members) - before.members if before else set()
    needed = 2 if before and newcomers and len(before.members) > 1 else 1
    return len(inside) >= needed


def _may_retire(directory: Directory, signer: str, member: str) -> bool:
    same_team = not directory.teams_of(signer).isdisjoint(directory.teams_of(member))
    return signer in (ROOT, member) or same_team


def _without(team: Team, member: str) -> Team:
    return replace(team, members=team.members - {member})


def _sign_key(raw: bytes) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise DirectoryError("an entry has no usable signing key") from error


def _kem_key(raw: bytes) -> PublicKey:
    try:
        return PublicKey.decode(raw)
    except BadKeyError as error:
        raise DirectoryError("an entry has no usable public key") from error
