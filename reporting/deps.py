"""What the public process is built from: plain arguments, put together in one place by wiring."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reporting.hour_keys import HourKeys
from reporting.intake import Directories, Intake
from reporting.schools import School
from reporting.settings import PublicSecrets, PublicSettings
from vault.clock import Clock
from vault.database import Database


def wall_ms() -> int:
    """The host's wall clock: good enough for nonces and tokens, which need no database."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, repr=False)
class PublicDeps:
    """``alarm`` is told what fails by a way that needs no database; ``sleep`` slows answers under a flood.

    ``paging_impaired`` answers at any moment whether pages may fail to leave this install.
    """

    database: Database
    clock: Clock
    directories: Directories
    intake: Intake
    install: str
    schools: Mapping[str, School]
    settings: PublicSettings
    secrets: PublicSecrets
    hours: HourKeys
    alarm: Callable[[str], None]
    paging_impaired: Callable[[], bool]
    wall: Callable[[], int] = wall_ms
    sleep: Callable[[float], None] = time.sleep
