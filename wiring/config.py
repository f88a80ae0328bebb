"""The configuration file as one frozen value, checked before anything starts.

Rooms declare their own settings; this module only composes them and refuses what cannot be right together.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from wiring.complaints import complaints
from wiring.errors import ConfigError
from wiring.settings import Settings
from wiring.toml_reader import Reader, read_toml

DEFAULT_PATH = Path("var/config.toml")
PATH_VARIABLE = "TIPLINE_CONFIG"


@dataclass(frozen=True)
class Config:
    """What the file says, the folder it stands in (which is where data lives), and what follows from both."""

    path: Path
    settings: Settings

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def database_url(self) -> str:
        return self.settings.database.url or f"sqlite:///{self.folder / 'tipline.db'}"

    @property
    def wake_path(self) -> Path:
        """The socket at which the pager is woken."""
        return self.folder / "run" / "pager.sock"

    @property
    def public_address(self) -> str:
        public = self.settings.public
        return public.address or f"http://{public.host}:{public.port}"

    @property
    def staff_address(self) -> str:
        staff = self.settings.staff
        return staff.address or f"http://{staff.host}:{staff.port}"

    @property
    def simulator_address(self) -> str:
        return f"http://{self.settings.simulator.host}:{self.settings.simulator.port}"

    @property
    def webhook_address(self) -> str:
        return self.settings.carrier.webhook_address or self.public_address

    @property
    def carrier_address(self) -> str:
        """Empty means the provider's own address."""
        return self.settings.carrier.base_address or (
            self.simulator_address if self.settings.simulator.enabled else ""
        )

    def on_ports(self, base: int) -> "Config":
        """The same, listening on ``base`` (form), ``base + 1`` (staff) and ``base + 2`` (simulator)."""
        settings = replace(
            self.settings,
            public=replace(self.settings.public, port=base),
            staff=replace(self.settings.staff, port=base + 1),
            simulator=replace(self.settings.simulator, port=base + 2),
        )
        return replace(self, settings=settings)


def config_path(given: Path | None) -> Path:
    """``given``, else what the environment names, else var/config.toml; absolute."""
    return (given or Path(os.environ.get(PATH_VARIABLE) or DEFAULT_PATH)).absolute()


def scheme_of(address: str) -> str:
    """Http or https, as the browser sees it (a proxy may end TLS before us)."""
    return address.partition(":")[0]


def load(path: Path) -> Config:
    """The checked configuration. ConfigError, in one line, when anything is wrong with it."""
    settings = Reader(path).settings(Settings, read_toml(path))
    for key, problem, remedy in complaints(settings):
        raise ConfigError(path, key, problem, remedy)
    return Config(path, settings)
