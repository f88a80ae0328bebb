"""config.example.toml documents every key: type, default, effect. It cannot go stale."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from wiring.config import load
from wiring.example import documented
from wiring.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
DOCUMENTED = re.compile(r"^# (\w+): (.+)$")


def keys(kind: type[Any], table: str = "") -> Iterator[tuple[str, str, object]]:
    """Table, key and default of everything that a configuration may say."""
    hints = get_type_hints(kind)
    for field in fields(kind):
        hint = hints[field.name]
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if isinstance(inner, type) and is_dataclass(inner):
            yield from keys(inner, f"{table}.{field.name}".strip("."))
        else:
            default = field.default if field.default_factory is MISSING else field.default_factory()
            yield table, field.name, default


def explained() -> dict[tuple[str, str], str]:
    """Table and key to what the comment says, as a reader sees it."""
    found: dict[tuple[str, str], str] = {}
    table, here = "", None
    for line in TEXT.splitlines():
        if line.startswith("["):
            table, here = line.strip("[]"), None
        elif match := DOCUMENTED.match(line):
            here = (table, match.group(1))
            found[here] = match.group(2)
        elif line.startswith("# ") and here:
            found[here] += " " + line.removeprefix("# ")
        else:
            here = None
    return found


def test_every_key_is_documented_and_nothing_else() -> None:
    assert set(explained()) == {(table, name) for table, name, _ in keys(Settings)}


def test_every_documented_default_is_the_real_one() -> None:
    said = explained()
    for table, name, default in keys(Settings):
        if default is MISSING:
            assert ", required. " in said[table, name], name
            continue
        shown = re.search(r"default (\[.*?\]|\"[^\"]*\"|[^ ]+?)\. ", said[table, name] + " ")
        assert shown, name
        value = tomllib.loads(f"value = {shown.group(1)}")["value"]
        assert (tuple(value) if isinstance(value, list) else value) == default, name


def test_every_key_says_what_it_does() -> None:
    for (table, name), text in explained().items():
        effect = text.split(". ", 1)[1] if ". " in text else ""
        assert len(effect.split()) >= 2, f"{table}.{name}"


def test_the_file_is_the_one_that_the_settings_make() -> None:
    assert documented() == TEXT, "run: python -m wiring.example > config.example.toml"


def test_the_example_is_valid_once_the_numbers_are_filled_in(tmp_path: Path) -> None:
    head, tail = TEXT.split("[carrier.pager]")
    tail = tail.replace('number = ""', 'number = "+15555550199"', 1)
    tail = tail.replace('account_sid = ""', 'account_sid = "AC2"', 1)
    path = tmp_path / "config.toml"
    path.write_text(f"{head}[carrier.pager]{tail}", encoding="utf-8")
    assert load(path).settings.public.port == 8000
