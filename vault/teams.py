"""The team directory as it stands after a verified chain of entries. Immutable; knows no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.errors import DirectoryError
from vault.kem import PublicKey
from vault.message import Recipient

DEFAULT = "default"


@dataclass(frozen=True)
class Team:
    """``members`` may open now; ``holders`` were given this generation's seed. They differ after a leave."""

    id: str
    school: str
    role: str
    generation: int
    public: PublicKey
    members: frozenset[str]
    holders: frozenset[str]

    @property
    def recipient(self) -> Recipient:
        """The team's present generation, to seal to."""
        return Recipient(recipient_name(self.id, self.generation), self.public)


@dataclass(frozen=True)
class Person:
    """A member's public keys. Older signing keys are kept: old replies stay verifiable."""

    sign_keys: tuple[Ed25519PublicKey, ...]
    kem: PublicKey
    retired: bool = False


@dataclass(frozen=True)
class Directory:
    """``seq``, ``head`` and ``signature`` are the last good entry's; ``alarm`` says what came after it."""

    install: str
    fingerprint: str
    seq: int
    head: bytes
    signature: bytes
    recovery: PublicKey
    root: Ed25519PublicKey
    people: Mapping[str, Person] = field(default_factory=dict)
    team_by_id: Mapping[str, Team] = field(default_factory=dict)
    routing: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    generations: Mapping[str, bytes] = field(default_factory=dict)
    served: frozenset[tuple[str, str, int]] = frozenset()
    alarm: str | None = None

    def team(self, team_id: str) -> Team | None:
        return self.team_by_id.get(team_id)

    def teams(self, school: str) -> tuple[Team, ...]:
        """A school's teams, ordered by id."""
        return tuple(self.team_by_id[id_] for id_ in sorted(self.team_by_id) if self._is_of(id_, school))

    def teams_of_route(self, school: str, route: str) -> tuple[str, ...]:
        """Team ids that read ``route``: an unknown route is the default; without routing, all teams.

        Raises DirectoryError for a school that has no team at all.
        """
        routes = self.routing.get(school, {})
        named = routes.get(route) or routes.get(DEFAULT) or tuple(team.id for team in self.teams(school))
        if not named:
            raise DirectoryError("this school has no team in the directory")
        return named

    def recipients(self, school: str, route: str) -> tuple[Recipient, ...]:
        """The present generations of the teams that read ``route``. Raises as ``teams_of_route``."""
        return tuple(self.team_by_id[id_].recipient for id_ in self.teams_of_route(school, route))

    def recipients_of(self, team_ids: Iterable[str]) -> tuple[Recipient, ...]:
        """The present generations of these teams; unknown ids are left out."""
        return tuple(self.team_by_id[id_].recipient for id_ in team_ids if id_ in self.team_by_id)

    def teams_of(self, member_id: str) -> frozenset[str]:
        """The teams whose messages this member may open now."""
        return frozenset(team.id for team in self.team_by_id.values() if member_id in team.members)

    def may_open(self, member_id: str, team_ids: Iterable[str]) -> bool:
        """Whether the member is in any of these teams now."""
        return not self.teams_of(member_id).isdisjoint(team_ids)

    def stale_teams(self) -> tuple[Team, ...]:
        """Teams somebody left since the present generation was made: a new one is due."""
        return tuple(team for team in self.team_by_id.values() if team.members != team.holders)

    def is_active(self, member_id: str) -> bool:
        """Whether the directory knows this member and nobody retired them."""
        person = self.people.get(member_id)
        return person is not None and not person.retired

    def member_sign_key(self, member_id: str) -> Ed25519PublicKey | None:
        """The key with which an active member signs."""
        return self.people[member_id].sign_keys[-1] if self.is_active(member_id) else None

    def public_keys(self, member_id: str) -> tuple[bytes, bytes] | None:
        """An active member's signing and sealing key, as an entry names them."""
        sign = self.member_sign_key(member_id)
        return (sign.public_bytes_raw(), self.people[member_id].kem.encode()) if sign else None

    def reply_keys(self, member_id: str, school: str) -> tuple[Ed25519PublicKey, ...]:
        """Every key with which a member is or was in a team of ``school``: their replies were theirs to sign.

        A key that somebody enrolled later under the same id counts only once a team let it in.
        """
        keys = self.people[member_id].sign_keys if member_id in self.people else ()
        return tuple(key for at, key in enumerate(keys) if (member_id, school, at) in self.served)

    def _is_of(self, team_id: str, school: str) -> bool:
        return self.team_by_id[team_id].school == school


def recipient_name(team_id: str, generation: int) -> str:
    """``team:<team id>:<generation>``, as wraps and seed copies name it."""
    return f"team:{team_id}:{generation}"
