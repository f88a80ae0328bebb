"""Options that several commands share."""

from pathlib import Path

import click

from vault.recovery import RecoveryKeys, seed_from_words
from wiring.config import Config, config_path, load

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file. Default: $TIPLINE_CONFIG, else var/config.toml.",
)
port_option = click.option(
    "--port",
    type=click.IntRange(1, 65533),
    help="Listen on PORT (form), PORT+1 (staff) and PORT+2 (simulator), whatever the file says.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


def read(config: Path | None, port: int | None = None) -> Config:
    """The checked configuration, moved to ``port`` if one was given."""
    found = load(config_path(config))
    return found.on_ports(port) if port else found


def recovery_keys() -> RecoveryKeys:
    """What the 24 recovery words make; asked for, not shown, never an argument. WrongWordsError."""
    words = click.prompt("The 24 recovery words (they are not shown)", hide_input=True)
    return RecoveryKeys.from_seed(seed_from_words(words))
