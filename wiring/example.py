"""Writes settings as TOML: every key with its documentation, or only what differs from the defaults.

``python -m wiring.example > config.example.toml`` renews the example; a test fails when it is stale.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from textwrap import wrap
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

from wiring.settings import Settings

HEAD = """\
# Every setting of Tipline: type, default and effect. `tipline init` writes a file that begins with these.
# The data (database, secrets, logs) lives in the folder of the configuration file. Secrets are never in
# this file: they are files of their own under secrets/<process>/, mode 0600.
"""
WIDTH = 100
Hint: TypeAlias = type[Any]  # a type as annotations write it: a class, or a generic of classes


def documented(settings: Settings | None = None) -> str:
    """The whole file, each key with its documentation; the values are defaults where ``settings`` is None."""
    return HEAD + "".join(_table(Settings, settings, "", documented=True))


def decided(settings: Settings) -> str:
    """Only what differs from the defaults."""
    return "".join(_table(Settings, settings, "", documented=False)).lstrip()


def _table(kind: type, values: object | None, name: str, *, documented: bool) -> Iterator[str]:
    hints = get_type_hints(kind)
    inner = [field for field in fields(kind) if _is_table(hints[field.name])]
    plain = [field for field in fields(kind) if field not in inner]
    lines = [line for field in plain for line in _key(field, hints[field.name], values, documented)]
    inside = [
        line
        for field in inner
        for line in _inner(field, hints[field.name], values, name, documented=documented)
    ]
    if name and (lines or inside or documented):
        yield f"\n{name}\n" + (_comment(_first_line(kind)) if documented else "")
    yield from lines
    yield from inside


def _inner(field: "Field[Any]", hint: Hint, values: object, name: str, *, documented: bool) -> Iterator[str]:
    path = ".".join(filter(None, (name.strip("[]"), field.name)))
    found = getattr(values, field.name) if values is not None else None
    if get_origin(hint) is tuple:
        shown = found if found or not documented else (None,)
        for item in shown or ():
            yield from _table(get_args(hint)[0], item, f"[[{path}]]", documented=documented)
    else:
        yield from _table(hint, found, f"[{path}]", documented=documented)


def _key(field: "Field[Any]", hint: Hint, values: object | None, documented: bool) -> Iterator[str]:
    default = _default(field)
    value = field.metadata.get("example", default) if values is None else getattr(values, field.name)
    if documented:
        what = "required" if default is MISSING else f"default {_toml(default)}"
        yield "\n" + _comment(f"{field.name}: {_type_name(hint)}, {what}. {field.metadata['doc']}")
    if documented or value != default:
        yield f"{field.name} = {_toml(value)}\n"


def _default(field: "Field[Any]") -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _is_table(hint: Hint) -> bool:
    return is_dataclass(get_args(hint)[0] if get_origin(hint) is tuple else hint)


def _type_name(hint: Hint) -> str:
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    if get_origin(hint) is tuple:
        return f"list of {_type_name(get_args(hint)[0])}"
    if get_origin(hint) is not None:
        return f"table of {_type_name(get_args(hint)[1])}"
    return names[hint]


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
            if value
            else "{}"
        )
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in wrap(text, WIDTH))


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


if __name__ == "__main__":
    sys.stdout.write(documented())
