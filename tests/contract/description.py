"""The provider's own description of its API (OpenAPI), and what of a request or an answer it does not allow.

The mock that serves the description overlooks missing and unknown fields and absurd numbers; this does not.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

Schema = Mapping[str, Any]
FORM = "application/x-www-form-urlencoded"
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}


@dataclass(frozen=True)
class Description:
    """``raw`` is the whole document."""

    raw: Schema

    @classmethod
    def load(cls, path: Path) -> "Description":
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def about_request(self, method: str, path: str, fields: MultiDict[str, str]) -> list[str]:
        """What is wrong with a request; its query or form is ``fields``."""
        template, operation = self._operation(method, path)
        said = list(self._about_path(operation, template, path))
        known, required = self._fields(operation)
        said += [f"{name}: unknown" for name in fields if name not in known]
        said += [f"{name}: missing" for name in required if not fields.get(name)]
        for names in operation.get("x-twilio", {}).get("conditional", []):
            choices = ["".join(part.title() for part in name.split("_")) for name in names]
            if not any(fields.get(name) for name in choices):
                said.append(f"one of {', '.join(choices)}: missing")
        for name, schema in known.items():
            said += self._about_field(name, schema, fields.getlist(name))
        return said

    def about_answer(self, method: str, path: str, status: int, answer: object) -> list[str]:
        """What is wrong with the JSON that answered a request (None: nothing was said)."""
        described = self._operation(method, path)[1]["responses"].get(str(status))
        if described is None:
            return [f"{status}: not an answer to this"]
        if "content" not in described:
            return [] if answer is None else ["an answer where none is due"]
        return list(self._about(described["content"]["application/json"]["schema"], answer, "answer"))

    def _operation(self, method: str, path: str) -> tuple[str, Schema]:
        for template, item in self.raw["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in item:
                return template, item[method.lower()]
        raise LookupError(f"{method} {path}")

    def _about_path(self, operation: Schema, template: str, path: str) -> Iterator[str]:
        names = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        found = re.fullmatch(names, path)
        values = found.groupdict() if found else {}
        for one in operation.get("parameters", []):
            if one["in"] == "path":
                yield from self._about(one["schema"], values[one["name"]], one["name"])

    def _fields(self, operation: Schema) -> tuple[dict[str, Schema], list[str]]:
        if "requestBody" in operation:
            form = operation["requestBody"]["content"][FORM]["schema"]
            return form["properties"], form.get("required", [])
        queries = [one for one in operation.get("parameters", []) if one["in"] == "query"]
        return {one["name"]: one["schema"] for one in queries}, []

    def _about_field(self, name: str, schema: Schema, values: list[str]) -> Iterator[str]:
        whole = self._resolved(schema)
        if whole["type"] == "array":
            whole = self._resolved(whole["items"])
        elif len(values) > 1:
            yield f"{name}: more than once"
        for value in values:
            if whole["type"] == "integer":
                if not re.fullmatch(r"-?\d+", value) or not _in_range(schema, int(value)):
                    yield f"{name}: {value} is not such a number"
            else:
                yield from self._about(whole, value, name)

    def _resolved(self, schema: Schema) -> Schema:
        if "$ref" not in schema:
            return schema
        found: Schema = self.raw["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found

    def _about(self, schema: Schema, value: object, name: str) -> Iterator[str]:
        whole = self._resolved(schema)
        if value is None:
            yield from () if whole.get("nullable") else (f"{name}: empty",)
        elif not isinstance(value, _TYPES[whole["type"]]):
            yield f"{name}: not {whole['type']}"
        elif isinstance(value, str):
            yield from _about_text(whole, value, name)
        else:
            yield from self._about_parts(whole, value, name)

    def _about_parts(self, schema: Schema, value: object, name: str) -> Iterator[str]:
        if isinstance(value, list):
            for number, one in enumerate(value):
                yield from self._about(schema["items"], one, f"{name}[{number}]")
        elif isinstance(value, dict) and "properties" in schema:
            for one, inner in value.items():
                if one not in schema["properties"]:
                    yield f"{name}.{one}: unknown"
                else:
                    yield from self._about(schema["properties"][one], inner, f"{name}.{one}")


def _about_text(schema: Schema, value: str, name: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{name}: {value} is none of them"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{name}: not like {schema['pattern']}"
    if schema.get("format") == "date-time-rfc-2822":
        try:
            parsedate_to_datetime(value)
        except ValueError:
            yield f"{name}: no moment"
    if name.endswith("Callback") and (
        not urlsplit(value).hostname or "_" in (urlsplit(value).hostname or "")
    ):
        yield f"{name}: no address with a valid host"


def _in_range(schema: Schema, value: int) -> bool:
    """Bounds are said in words, as "integers from `1` to `36000`"."""
    said = schema.get("description", "")
    bounds = re.search(r"from `(\d+)` to `(\d+)`", said)
    least, most = map(int, bounds.groups()) if bounds else (schema.get("minimum", 0), 10**9)
    limit = re.search(r"maximum is `(\d+)`", said)
    return int(least) <= value <= int(limit[1] if limit else schema.get("maximum", most))
