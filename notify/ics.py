"""Writes calendars (RFC 5545) and contact cards (RFC 2426): UTC, lines folded at 75 bytes. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

PRODUCT = "-//Tipline//Shifts//EN"
FOLD = 75
REFRESH = "PT1H"
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True)
class Event:
    """``uid`` stays the same while it is the same shift; ``begins`` and ``ends`` in ms since 1970 (UTC)."""

    uid: str
    begins: int
    ends: int
    summary: str


def calendar(name: str, now: int, events: Iterable[Event]) -> str:
    """A whole calendar, called ``name``, as it is at ``now`` (ms)."""
    return _written(
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
        *(line for event in events for line in _event(event, now)),
        "END:VCALENDAR",
    )


def card(name: str, note: str, numbers: Iterable[str]) -> str:
    """The contact card of ``numbers`` (international form): a phone lets saved ones through at night."""
    return _written(
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"N:{_text(name)};;;;",
        f"FN:{_text(name)}",
        *(f"TEL;TYPE=CELL,VOICE,MSG:{number}" for number in numbers),
        f"NOTE:{_text(note)}",
        "END:VCARD",
    )


def _written(*lines: str) -> str:
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(event: Event, now: int) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{_moment(now)}"
    yield f"DTSTART:{_moment(event.begins)}"
    yield f"DTEND:{_moment(event.ends)}"
    yield f"SUMMARY:{_text(event.summary)}"
    # Whoever is on call may have other things in their calendar meanwhile.
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    return text.translate(_ESCAPES)


def _folded(line: str) -> Iterator[str]:
    """Pieces of at most 75 bytes; those after the first begin with a space. No letter is cut in two."""
    piece, size = "", 0
    for letter in line:
        length = len(letter.encode())
        if size + length > FOLD:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + length
    yield piece
