"""Who comes in and who goes: key words to compare, proposals that two members sign, keys after a leave.

Keys come as arguments. Everything here is a member's own act: none of it needs the operator.
"""

import hashlib
import json
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from mnemonic import Mnemonic
from sqlalchemy import delete
from sqlalchemy.orm import Session

from vault import entries, generations
from vault.enrolment import add_entry, add_member, approve, retire_member
from vault.entries import Approval, TeamEntry
from vault.errors import BadKeyError, DirectoryError
from vault.kem import PublicKey
from vault.members import MemberKeys
from vault.people_tables import TeamKeyCopy, TeamProposal
from vault.place import pack
from vault.teams import Directory, Team

WORDS = 6
_WORDS_LABEL = b"tipline/1/member/words"


def key_words(member_id: str, sign_public: bytes, kem_public: bytes) -> tuple[str, ...]:
    """Six words (66 bits) that stand for a member's public keys: two people compare them by voice."""
    digest = hashlib.sha256(pack(_WORDS_LABEL, member_id.encode(), sign_public, kem_public)).digest()
    number, listed = int.from_bytes(digest, "big"), Mnemonic("english").wordlist
    return tuple(listed[(number >> (11 * at)) % len(listed)] for at in range(WORDS))


def words_of(directory: Directory, member_id: str) -> tuple[str, ...]:
    """The words of the keys that the directory names; none for somebody it does not know."""
    publics = directory.public_keys(member_id)
    return key_words(member_id, *publics) if publics else ()


def renew_stale(session: Session, keys: MemberKeys, directory: Directory) -> Directory:
    """A new key for each team of this member that somebody left; the rest of the team goes on with it."""
    for team in directory.stale_teams():
        if keys.member_id in team.members:
            directory = generations.new_team_generation(session, keys.signer, directory, team.id)
    return directory


def take_out(
    session: Session, keys: MemberKeys, directory: Directory, member_id: str, team_id: str
) -> Directory:
    """A new key for the team, made for all but ``member_id``, who stays in their other teams."""
    team = _team(directory, team_id)
    if member_id not in team.members or len(team.members) < 2:  # noqa: PLR2004 - somebody must be left
        raise DirectoryError("nobody would be left, or they are not of this team")
    rest = sorted(team.members - {member_id})
    return generations.new_team_generation(session, keys.signer, directory, team_id, rest)


def dismiss(session: Session, keys: MemberKeys, directory: Directory, member_id: str) -> Directory:
    """A member leaves the install. The teams that both were in get their new keys in the same transaction.

    Teams that are not ``keys``' own stay stale until somebody of theirs signs in.
    """
    return renew_stale(session, keys, retire_member(session, keys.signer, directory, member_id))


def introduce(
    session: Session, keys: MemberKeys, directory: Directory, member_id: str, publics: tuple[bytes, bytes]
) -> Directory:
    """Put a newcomer's public keys (signing, sealing) into the directory; it gives access to nothing.

    Somebody known by other keys, which they lost, is dismissed first.
    """
    try:
        sign_public, kem_public = Ed25519PublicKey.from_public_bytes(publics[0]), PublicKey.decode(publics[1])
    except (ValueError, BadKeyError) as error:
        raise DirectoryError("a newcomer has no usable keys") from error
    if directory.is_active(member_id):
        if directory.member_sign_key(member_id) == sign_public:
            return directory
        directory = dismiss(session, keys, directory, member_id)
    return add_member(session, keys.signer, directory, member_id, sign_public, kem_public)


def let_in(
    session: Session, now: int, keys: MemberKeys, directory: Directory, team_id: str, newcomer: str
) -> Directory | None:
    """Let somebody into this member's team, with its older keys; None: a second member must confirm it."""
    team = _team(directory, team_id)
    members = sorted(team.members | {newcomer})
    if len(team.members) == 1:
        grown = generations.new_team_generation(session, keys.signer, directory, team_id, members)
        generations.share_generations(session, keys, grown, team_id, newcomer)
        return grown
    _propose(session, now, keys, directory, team, members, newcomer)
    return None


def confirm(session: Session, keys: MemberKeys, directory: Directory, proposal: TeamProposal) -> Directory:
    """The second member's yes: the proposed key is the team's from now on, the newcomer gets the older ones.

    Raises DirectoryError: the team changed since it was proposed, or the proposal is not what it says.
    """
    entry, _ = entries.decode(proposal.payload)
    if not isinstance(entry, TeamEntry) or entry.team != proposal.team_id:
        raise DirectoryError("a proposal is for another team")
    if set(entry.members) - _team(directory, entry.team).members != {proposal.newcomer}:
        raise DirectoryError("a proposal lets in somebody else")
    approval = Approval(proposal.proposer, proposal.signature)
    grown = add_entry(session, keys.signer, directory, entry, approval)
    session.add_all(_copies_of(proposal, entry))
    session.flush()
    if not generations.holds(session, keys, grown, entry.team, entry.generation):
        raise DirectoryError("the proposed key is not the one that was sealed to us")
    generations.share_generations(session, keys, grown, entry.team, proposal.newcomer)
    withdraw(session, entry.team)
    return grown


def withdraw(session: Session, team_id: str) -> None:
    """Forget a team's proposal."""
    session.execute(delete(TeamProposal).where(TeamProposal.team_id == team_id))


def is_current(directory: Directory, proposal: TeamProposal) -> bool:
    """Whether it still fits: an approval is signed for one place in the directory."""
    return proposal.seq == directory.seq + 1


def _propose(
    session: Session,
    now: int,
    keys: MemberKeys,
    directory: Directory,
    team: Team,
    members: list[str],
    newcomer: str,
) -> None:
    entry, made = generations.propose_generation(directory, team.id, members)
    copies = generations.copies_for(directory, entry, made)
    withdraw(session, team.id)
    session.add(
        TeamProposal(
            team_id=team.id,
            seq=directory.seq + 1,
            newcomer=newcomer,
            proposer=keys.member_id,
            payload=entries.encode(entry),
            signature=approve(keys.signer, directory, entry).signature,
            sealed_copies=_packed(copies),
            created_at=now,
        )
    )


def _packed(copies: list[TeamKeyCopy]) -> bytes:
    return json.dumps({copy.holder: b64encode(copy.sealed).decode() for copy in copies}).encode()


def _copies_of(proposal: TeamProposal, entry: TeamEntry) -> list[TeamKeyCopy]:
    """The copies that were sealed when it was proposed: one for each holder, and for nobody else."""
    try:
        sealed = {str(to): b64decode(copy) for to, copy in json.loads(proposal.sealed_copies).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise DirectoryError("a proposal is malformed") from error
    if set(sealed) != {*entry.members, generations.RECOVERY}:
        raise DirectoryError("a proposal lacks somebody's copy of the key")
    return [
        TeamKeyCopy(team_id=entry.team, generation=entry.generation, holder=to, sealed=copy)
        for to, copy in sealed.items()
    ]


def _team(directory: Directory, team_id: str) -> Team:
    team = directory.team(team_id)
    if team is None:
        raise DirectoryError("there is no such team")
    return team
