"""Everything the staff application is given from outside. Built once, by wiring."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from casework.settings import StaffSettings
from casework.turnstile import Turnstile
from notify.settings import PagingSettings
from notify.wake import Waker
from reporting.schools import School
from vault.clock import Clock
from vault.database import Database
from vault.directory import DirectoryReader
from vault.kem import PublicKey
from vault.verdict import Judge


@dataclass(frozen=True)
class StaffDeps:
    """``schools`` by id; ``line_public`` seals texts for the pager; ``form_secret`` signs the form cookie.

    ``responder_numbers`` is the key by which responders' phones are found.
    ``judge`` holds audit events to the key that configuration pins.
    ``paging_impaired`` answers at any moment whether pages may fail to leave this install.
    """

    database: Database
    clock: Clock
    directory: DirectoryReader
    install: str
    schools: Mapping[str, School]
    line_public: PublicKey
    waker: Waker
    paging_impaired: Callable[[], bool]
    form_secret: bytes
    responder_numbers: bytes = field(repr=False)
    judge: Judge
    settings: StaffSettings
    paging: PagingSettings = field(default_factory=PagingSettings)
    turnstile: Turnstile = field(default_factory=Turnstile)

    def name_of(self, school: str) -> str:
        """What people call ``school``; its id once it has left the configuration: its cases stay."""
        return self.schools[school].name if school in self.schools else school

    def zone_of(self, school: str) -> str:
        """The time zone in which ``school`` lives."""
        return self.schools[school].zone if school in self.schools else "UTC"
