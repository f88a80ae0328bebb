"""The operator's two documents as data: their commands, keys and files, to be held to the code."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

from wiring.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "install"
SYSTEMD = FOLDER / "systemd"
INSTALL = ROOT / "docs" / "install.md"
OPERATIONS = ROOT / "docs" / "operations.md"
PAGES = (INSTALL, OPERATIONS)

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(r"^tipline ([a-z]+(?:-[a-z]+)*)((?: --?[a-z-]+(?:[ =][^\s|]+)?)*)", re.MULTILINE)
_FILE = re.compile(
    r"(?<![\w/.*-])[\w.-]*[\w-][\w./-]*\.(?:conf|service|timer|target|html|sh|xml|txt|md|toml)\b"
)


def fences(page: Path, language: str) -> tuple[str, ...]:
    """The blocks of code in ``language``."""
    found = _FENCE.findall(page.read_text(encoding="utf-8"))
    return tuple(body for kind, body in found if kind == language)


def code(page: Path) -> str:
    """Everything that is set as code: blocks and spans."""
    text = page.read_text(encoding="utf-8")
    blocks = [body for _, body in _FENCE.findall(text)]
    return "\n".join([*blocks, *_SPAN.findall(_FENCE.sub("", text))])


def spans(page: Path) -> tuple[str, ...]:
    """Code within sentences."""
    return tuple(_SPAN.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))))


def commands(page: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each ``tipline NAME`` with the options written after it."""
    for name, rest in _COMMAND.findall(code(page)):
        yield name, tuple(re.findall(r"--[a-z-]+", rest))


def files(page: Path) -> frozenset[str]:
    """Names of files that are ours to ship: relative, and not those of a day's backup."""
    found = {name for name in _FILE.findall(code(page)) if not re.search(r"\d{4}-\d{2}", name)}
    return frozenset(found)


def not_there_yet() -> str:
    """What install.md says is still missing: names in it need not exist."""
    text = INSTALL.read_text(encoding="utf-8")
    return text.partition("## What is not there yet")[2].partition("\n## ")[0]


def known_keys(kind: type = Settings, prefix: str = "") -> Iterator[str]:
    """Every key of the configuration, dotted, lists of tables like tables."""
    hints = get_type_hints(kind)
    for field in fields(kind):
        hint = get_args(hints[field.name])[0] if get_origin(hints[field.name]) is tuple else hints[field.name]
        yield prefix + field.name
        if is_dataclass(hint) and isinstance(hint, type):
            yield from known_keys(hint, f"{prefix}{field.name}.")
