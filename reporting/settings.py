"""Everything the public process is told at start: settings anyone may see, and its secrets."""

from collections.abc import Mapping
from dataclasses import dataclass

from notify.channels import PAGER, SECOND
from reporting.errors import SettingsError
from vault.kem import PublicKey


@dataclass(frozen=True, slots=True)
class PublicSettings:
    """``address``: how the carrier reaches us (it signs this). ``lines``: line number (E.164) to school.

    ``site``: the form's address as it is written in a text; empty when it is ``address``.
    ``accounts``: our accounts' ids at the carrier. ``second_number``: from which members are paged too.
    """

    address: str
    lines: Mapping[str, str]
    pager_number: str
    site: str = ""
    accounts: frozenset[str] = frozenset()
    second_number: str = ""
    exit_url: str = "https://www.weather.gov/"
    retention_days: int = 365
    receipt_minutes: int = 30
    max_text_bytes: int = 1_000_000
    max_post_bytes: int = 4_000_000

    def __post_init__(self) -> None:
        if {self.pager_number, self.second_number} & set(self.lines):
            raise SettingsError("the line's number and the pager's number must differ")

    def sender_of(self, number: str) -> str:
        """Which of our senders has ``number``; nothing where it is none of ours."""
        own = {**dict.fromkeys(self.lines, "line"), self.second_number: SECOND, self.pager_number: PAGER}
        return own.get(number, "") if number else ""


@dataclass(frozen=True, slots=True, repr=False)
class PublicSecrets:
    """Secrets of the public process, each at least 32 bytes.

    ``line_tokens``, ``pager_tokens``, ``second_tokens``: of the account that owns the number; primary, then
    secondary.
    ``line`` is the pager's public key: what is sealed to it, this process cannot open.
    """

    form: bytes
    pepper: bytes
    reporter_numbers: bytes
    responder_numbers: bytes
    line_tokens: tuple[str, ...]
    pager_tokens: tuple[str, ...]
    line: PublicKey
    second_tokens: tuple[str, ...] = ()
