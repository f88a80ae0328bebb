"""What the simulator is told: whose phones it shows and which of our numbers belong to which account."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Role = Literal["member", "reporter", "line", "pager"]


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone on the page. ``number`` is E.164 (``+15550100``)."""

    number: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Account:
    """The provider account that owns one of our numbers; ``token`` signs webhooks and opens the API."""

    sid: str
    token: str
    number: str
    role: Literal["line", "pager"]


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """``webhook_base`` is the public process's own address, as signatures use it (no slash at the end)."""

    database: Path
    phones: tuple[Phone, ...]
    accounts: tuple[Account, ...]
    webhook_base: str
    ring_seconds: float = 25.0

    def account_of_number(self, number: str) -> Account | None:
        return next((account for account in self.accounts if account.number == number), None)
