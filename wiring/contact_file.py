"""How each person is reached, as a spreadsheet: one row a way, in the order in which they are preferred.

Addresses go in, and never come out again: what is shown has none, and an empty one keeps what is there.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from notify.channels import CALL, EMAIL, PUSH, TEXT
from notify.channels.push import is_address
from notify.ways import QuietHours
from templates.words import LOCALES
from wiring.complaints import MAILBOX, NUMBER
from wiring.roster_file import Row

COLUMNS = ("person", "way", "address", "after", "quiet", "language")
# As people say it, to what the rows hold.
WAYS: Mapping[str, str] = {"text": TEXT, "call": CALL, "email": EMAIL, "push": PUSH}
NAMES: Mapping[str, str] = {channel: way for way, channel in WAYS.items()}
LONGEST_AFTER_S = 900
_AFTER = re.compile(r"(\d{1,3}) ?(s|min)?")


@dataclass(frozen=True)
class WayRow:
    """One way. ``address`` empty: as it is; ``quiet``: as ``22:00-06:30``; ``language`` empty: as it is."""

    row: Row = field(repr=False)
    person: str
    channel: str
    address: str = field(repr=False)
    after_s: int
    quiet: str
    language: str


def is_contacts(header: Sequence[str]) -> bool:
    """Whether a spreadsheet with this header is one of ways."""
    return {"person", "way", "address"} <= set(header) <= set(COLUMNS)


def read_ways(rows: Iterable[Row]) -> tuple[WayRow, ...]:
    """RosterFileError for the first that is wrong; it never names an address."""
    return tuple(way_of(row) for row in rows)


def way_of(row: Row) -> WayRow:
    """The way that ``row`` describes."""
    channel = WAYS.get(row["way"].lower())
    if not row["person"]:
        raise row.wrong("person", "empty", "write the login")
    if channel is None:
        raise row.wrong("way", "unknown", f"write {', '.join(WAYS)}")
    if row["language"] not in ("", *LOCALES):
        raise row.wrong("language", "unknown", f"write {' or '.join(LOCALES)}")
    return WayRow(
        row,
        row["person"].lower(),
        channel,
        _address(row, channel),
        _after(row),
        _quiet(row),
        row["language"],
    )


def as_csv(rows: Iterable[WayRow]) -> str:
    """``rows`` as a file that ``read_ways`` reads, without addresses."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in rows:
        after = f"{one.after_s} s" if one.after_s else ""
        writer.writerow((one.person, NAMES[one.channel], "", after, one.quiet, one.language))
    return out.getvalue()


def _address(row: Row, channel: str) -> str:
    text = row["address"]
    if channel == EMAIL and text and not MAILBOX.fullmatch(text):
        raise row.wrong("address", "not an e-mail address", "write it as ann@school.example")
    if channel == PUSH and text and not is_address(text):
        raise row.wrong("address", "no address that Apprise knows", "docs/channels.md has examples")
    if channel in (TEXT, CALL) and text and not NUMBER.fullmatch(text):
        raise row.wrong("address", "not an international number", "write it as +15550100")
    return text.lower() if channel == EMAIL else text


def _after(row: Row) -> int:
    text = row["after"].lower()
    found = _AFTER.fullmatch(text)
    seconds = int(found[1]) * (60 if found[2] == "min" else 1) if found else 0
    if (text and not found) or seconds > LONGEST_AFTER_S:
        raise row.wrong("after", "not a time of 15 minutes or less", "write it as 60 s or 2 min")
    return seconds


def _quiet(row: Row) -> str:
    text = row["quiet"]
    try:
        hours = QuietHours.of(f"{text} UTC") if text else None
    except ValueError:
        raise row.wrong("quiet", "no span of hours", "write it as 22:00-06:30") from None
    return f"{hours.begins:%H:%M}-{hours.ends:%H:%M}" if hours else ""
