"""A process's own way to the database and the queue: what its secret files say, else what the file says.

So each process can be a database role of its own, and passwords stay out of the configuration.
"""

from dataclasses import replace

from wiring.config import Config
from wiring.secrets import Secrets

# Whose secrets a process uses, where it has no folder of its own.
FOLDERS = {"worker": "pager"}


def own_addresses(config: Config, process: str) -> Config:
    """``config`` with the addresses of ``process``."""
    secrets, settings = Secrets(config.folder, FOLDERS.get(process, process)), config.settings
    database = _given(secrets, "database-url") or settings.database.url
    queue = _given(secrets, "queue-url") or settings.queue.url
    settings = replace(
        settings,
        database=replace(settings.database, url=database),
        queue=replace(settings.queue, url=queue),
    )
    return replace(config, settings=settings)


def _given(secrets: Secrets, name: str) -> str:
    return secrets.text(name) if (secrets.folder / name).exists() else ""
