"""What the simulator is told: whose phones it shows and which of our numbers belong to which account."""

import secrets
from collections.abc import Callable
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


def new_sid(prefix: str) -> str:
    """An id in the provider's form: two letters (SM a text, CA a call) and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """``webhook_base`` is the public process's own address, as signatures use it (no slash at the end).

    ``id_of``: makes an id for what the provider would begin with SM or CA; other companies have other forms.
    """

    database: Path
    phones: tuple[Phone, ...]
    accounts: tuple[Account, ...]
    webhook_base: str
    ring_seconds: float = 25.0
    id_of: Callable[[str], str] = new_sid

    def account_of_number(self, number: str) -> Account | None:
        return next((account for account in self.accounts if account.number == number), None)
