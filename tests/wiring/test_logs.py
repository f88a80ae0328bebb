"""Logs say what happened, to what and where; never what anybody wrote."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from wiring.logs import JsonLines
from wiring.secrets import Secrets

CANARY = "the heron flew over lantern street"


def line(
    name: str, message: str, *arguments: object, error: Exception | None = None, **facts: object
) -> dict[str, Any]:
    """What one call of the logging library becomes."""
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.getLogger(name).makeRecord(
        name, logging.ERROR, "file.py", 1, message, arguments, info, extra=facts
    )
    found: dict[str, Any] = json.loads(JsonLines().format(record))
    return found


def test_our_events_keep_their_words_and_facts() -> None:
    said = line("notify.relay", "swept", pages=3, took_ms=1.5, page="0" * 32, ok=True)
    assert said["event"] == "swept"
    assert (said["pages"], said["took_ms"], said["page"], said["ok"]) == (3, 1.5, "0" * 32, True)
    assert said["level"] == "error"


def test_an_argument_that_is_a_plain_word_is_filled_in() -> None:
    assert line("tipline.alarm", "alarm: %s", "nobody_reachable")["event"] == "alarm: nobody_reachable"


@pytest.mark.parametrize("content", [CANARY, "+15555550101", "15555550101", "127.0.0.1", b"bytes"])
def test_no_argument_or_fact_that_could_be_content_gets_through(content: object) -> None:
    said = line("reporting.intake", "filed %s", content, text=content)
    assert said["event"] == "filed %s"
    assert "text" not in said


def test_an_exception_is_its_class_and_place() -> None:
    try:
        int(CANARY)
    except ValueError as error:
        said = line("vault.threads", "broke", error=error)
    assert said["error"] == "ValueError"
    assert said["place"].startswith(f"{__name__}:")
    assert "ours" not in said
    assert CANARY not in json.dumps(said)


def test_a_library_may_say_nothing_in_its_own_words() -> None:
    said = line("waitress", f"Exception while serving /{CANARY}", ValueError(CANARY))
    assert set(said) == {"at", "level", "logger"}


def test_an_exception_inside_a_library_names_our_line_too() -> None:
    try:
        Secrets(Path("/"), "public").blob("a\0b")
    except ValueError as error:
        said = line("wiring.public", "broke", error=error)
    assert said["ours"].startswith("wiring.secrets:")
    assert not said["place"].startswith("wiring.")
