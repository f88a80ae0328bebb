"""Structured logs without content: one JSON object a line, of event names, ids and durations only.

A message of unknown origin may quote what somebody wrote; so an exception is logged as its class and place,
and what a library says is logged as the library's name alone.
"""

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

OURS = ("casework", "notify", "reporting", "tipline", "triage", "vault", "wiring")
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,63}|[0-9a-f]{32}")


class JsonLines(logging.Formatter):
    """One line per record. ``extra`` facts pass when they are numbers, truth values, plain words or ids."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name.split(".")[0] in OURS:
            line["event"] = _event(record)
            line |= _facts(vars(record))
        if record.exc_info and record.exc_info[0]:
            line |= describe(record.exc_info[0], record.exc_info[2])
        return json.dumps(line, separators=(",", ":"))


def configure(process: str, stream: TextIO | None = None) -> None:
    """Send every log line of this process to ``stream`` (None: standard error), and nothing else."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("werkzeug", "urllib3", "twilio", "alembic", "waitress"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # That a request waited a moment for a thread is no event; it was said for one in fourteen.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    logging.captureWarnings(capture=True)
    log = logging.getLogger(f"wiring.{process}")

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("uncaught", exc_info=(kind, error, trace))
        if stream is not None:
            sys.stderr.write(f"tipline: {kind.__qualname__}; the log says where\n")

    def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
        log.critical("uncaught", extra={"fact_thread": args.thread.name if args.thread else "?"})
        if args.exc_value is not None:
            uncaught(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread


def describe(kind: type[BaseException], trace: TracebackType | None) -> dict[str, object]:
    """The class of an exception, the place that raised it, and where in our code; never its message."""
    places = [f"{frame.f_globals.get('__name__')}:{line}" for frame, line in traceback.walk_tb(trace)]
    ours = [place for place in places if place.split(".")[0] in OURS]
    found: dict[str, object] = {"error": kind.__qualname__, "place": places[-1] if places else "?"}
    return found | ({"ours": ours[-1]} if ours else {})


def _event(record: logging.LogRecord) -> str:
    """The constant text of the call; its arguments are filled in only if each of them is harmless."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    return record.getMessage() if record.args and all(map(_is_plain, arguments)) else str(record.msg)


def _facts(attributes: Mapping[str, object]) -> dict[str, object]:
    return {
        name.removeprefix("fact_"): value
        for name, value in attributes.items()
        if name not in STANDARD and _is_plain(value)
    }


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return PLAIN_WORD.fullmatch(value) is not None
    return isinstance(value, bool | int | float)
