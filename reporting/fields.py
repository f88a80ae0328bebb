"""Reads what a form sent: bounded, kept in memory, and never refused for its length or its shape."""

from dataclasses import dataclass
from typing import IO
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True, repr=False)
class Fields:
    """``values``: the last value of each field. ``cut``: the text was longer than what is kept."""

    values: dict[str, str]
    cut: bool

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def text(self) -> str:
        return self.get("text")


def read_fields(stream: IO[bytes], max_post: int, max_text: int) -> Fields:
    """Fields of an URL-encoded body; of a longer one, its first ``max_post`` bytes, as text comes last."""
    body = stream.read(max_post)
    values = dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True, errors="replace"))
    whole = values.get("text", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    kept = fit(whole, max_text)
    values["text"] = kept
    return Fields(values, cut=kept != whole or len(body) == max_post)


def fit(text: str, max_bytes: int) -> str:
    """The beginning of ``text`` that fits into ``max_bytes`` of UTF-8, cut between two characters."""
    if len(text) * 4 <= max_bytes:
        return text
    return text.encode("utf-8", "replace")[:max_bytes].decode("utf-8", "ignore")
