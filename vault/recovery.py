"""The recovery key: 24 words on paper, held by people who do not run the host.

It opens every team's seed when all passwords are lost, and is the root that signs the team directory.
"""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from mnemonic import Mnemonic

from vault.errors import WrongWordsError
from vault.kem import SEED_BYTES, PrivateKey
from vault.signing import ROOT, Signer

WORDS = 24
_KEM_LABEL = b"tipline/1/recovery/kem"
_ROOT_LABEL = b"tipline/1/recovery/root"


@dataclass(frozen=True)
class RecoveryKeys:
    """What the words make: the key that opens, and the root that signs."""

    kem: PrivateKey = field(repr=False)
    root: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> "RecoveryKeys":
        """Derive both from the 32 bytes that the words stand for."""
        return cls(
            PrivateKey.from_seed(_derive(seed, _KEM_LABEL)),
            Ed25519PrivateKey.from_private_bytes(_derive(seed, _ROOT_LABEL)),
        )

    @property
    def signer(self) -> Signer:
        """Who signs the directory's first entries."""
        return Signer(ROOT, self.root)


def words_from_seed(seed: bytes) -> str:
    """24 English BIP39 words, one space apart, for 32 bytes."""
    return Mnemonic("english").to_mnemonic(seed)


def seed_from_words(words: str) -> bytes:
    """The 32 bytes again, however the words are spaced or capitalised. Raises WrongWordsError."""
    listed = words.lower().split()
    if len(listed) != WORDS:
        raise WrongWordsError("the recovery key has 24 words")
    try:
        return bytes(Mnemonic("english").to_entropy(listed))
    except (LookupError, ValueError) as error:
        raise WrongWordsError("a word is mistyped or in the wrong place") from error


def _derive(seed: bytes, label: bytes) -> bytes:
    return HKDF(SHA256(), SEED_BYTES, None, label).derive(seed)
