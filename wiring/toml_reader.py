"""Reads a TOML table into a frozen settings dataclass: no unknown key, no wrong type, nothing missing.

Every complaint names the file, the key as a person would write it, and the remedy.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from wiring.errors import ConfigError

T = TypeVar("T")

TYPE_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def read_toml(path: Path) -> dict[str, object]:
    """The tables of ``path``. ConfigError when it is missing, unreadable or not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(path, "", "there is no such file", "run: tipline init") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ConfigError(path, "", f"cannot be read ({reason})", "make it readable for this user") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, "", f"not valid TOML ({error})", "correct that place") from None


class Reader:
    """Turns tables of one file into settings; ``file`` is what complaints name."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def settings(self, kind: type[T], table: Mapping[str, object], where: str = "") -> T:
        """One ``kind`` from ``table``, which stands at ``where`` (dotted) in the file."""
        known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
        for key in table:
            if key not in known:
                raise ConfigError(self.file, _join(where, key), "unknown key", _suggest(key, known))
        hints = get_type_hints(kind)
        return kind(**dict(self._values(known, hints, table, where)))

    def _values(
        self,
        known: Mapping[str, Field[Any]],
        hints: Mapping[str, Any],
        table: Mapping[str, object],
        where: str,
    ) -> Iterator[tuple[str, object]]:
        for name, field in known.items():
            key = _join(where, name)
            if name in table:
                yield name, self.value(hints[name], table[name], key)
            elif field.default is MISSING and field.default_factory is MISSING:
                raise ConfigError(self.file, key, "missing", f"add it: {field.metadata.get('doc', name)}")

    def value(self, kind: Any, found: object, key: str) -> object:  # noqa: ANN401 - a type of any shape
        """``found`` as ``kind``: a plain value, a list, a table of values, or settings in a table."""
        if is_dataclass(kind):
            return self.settings(kind, self._table(found, key), key)  # type: ignore[arg-type]
        if get_origin(kind) is tuple:
            return self._list(get_args(kind)[0], found, key)
        if get_origin(kind) in (Mapping, dict):
            table = self._table(found, key)
            return {
                name: self.value(get_args(kind)[1], value, _join(key, name)) for name, value in table.items()
            }
        return self._plain(kind, found, key)

    def _plain(self, kind: type, found: object, key: str) -> object:
        if kind is float and type(found) is int:
            return float(found)
        if type(found) is not kind:
            raise ConfigError(self.file, key, "wrong type", f"write {TYPE_NAMES[kind]}")
        return found

    def _list(self, kind: Any, found: object, key: str) -> tuple[object, ...]:  # noqa: ANN401 - as value
        if not isinstance(found, list):
            raise ConfigError(self.file, key, "wrong type", "write a list: [ ... ]")
        return tuple(self.value(kind, item, f"{key}[{number}]") for number, item in enumerate(found))

    def _table(self, found: object, key: str) -> Mapping[str, object]:
        if not isinstance(found, dict):
            raise ConfigError(self.file, key, "wrong type", f"write a table: [{key}]")
        return found


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _suggest(key: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"did you mean {close[0]}?" if close else "remove it (config.example.toml lists every key)"
