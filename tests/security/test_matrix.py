"""Which secret opens which object: everything in a dump, tried with every secret.

By a reader that was written from docs/protocol.md alone, and whose results are held to its table.
"""

import base64
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from tests.casework.world import INSTALL, SCHOOL
from tests.reporting.world import SECRETS
from tests.security.sealed import Dump, dump
from tests.vault import decoder
from tests.vault.test_protocol import rows as table_of

LABELS = (
    "member/kem",
    "member/sign",
    "member/totp",
    "recovery/kem",
    "recovery/root",
    "session/id",
    "session/key",
)
MATRIX, CLEAR = "7. Which secret opens which object", "9. What the database shows"
LINE_COLUMNS = {
    "texter.sealed_number": "address",
    "contact_method.sealed_address": "address",
    "letter.sealed_to": "address",
    "letter.sealed_body": "letter",
    "number_request.sealed_number": "address",
}
Row = dict[str, Any]
Key = Callable[[bytes], bytes | None]


class Thing(NamedTuple):
    """One sealed column of one row. ``opens`` tries one key; ``password`` instead, where it is one."""

    name: str
    column: str
    opens: Key
    password: Callable[[str], bytes | None] = lambda _typed: None


def test_what_opens_is_exactly_the_table() -> None:
    head, *body = table_of(MATRIX)
    documented = {
        row[0]: {secret for secret, cell in zip(head[1:], row[1:], strict=True) if cell == "yes"}
        for row in body
    }
    found: dict[str, set[str]] = {}
    for thing in things(dump()):
        opened = {name for name in dump().secrets if is_opened(thing, name)}
        assert found.setdefault(thing.name, opened) == opened, thing.name
    assert found == documented
    assert set(head[1:]) == set(dump().secrets) == set().union(*documented.values())


def test_no_sealed_column_was_left_out() -> None:
    listed = {
        f"{row[0].strip('`')}.{name}"
        for row in table_of(CLEAR)[1:]
        for name in re.findall(r"`(\w+)`", row[3])
    }
    assert {thing.column for thing in things(dump())} == listed | {"backup"}


def test_a_receipt_opens_nothing_without_the_pepper() -> None:
    seed = decoder.receipt_seed(dump().secrets["receipt"], b"")
    assert not any(thing.opens(seed) for thing in things(dump()))


def is_opened(thing: Thing, name: str) -> bool:
    """With this secret, or with any key that is derived from it."""
    secret = dump().secrets[name]
    if name == "password":
        return thing.password(secret) is not None
    keys = [decoder.receipt_seed(secret, SECRETS.pepper)] if name == "receipt" else [secret]
    keys += [decoder.derived(secret, f"tipline/1/{label}") for label in LABELS]
    return any(thing.opens(key) is not None for key in keys)


def things(dump: Dump) -> Iterator[Thing]:
    for make in (messages, team_seeds, of_members, to_the_line, numbers):
        yield from make(dump.rows)
    for row in dump.rows["text_context"]:
        opens = partial(_hints, row)
        yield Thing("hints of a phone's last texts", "text_context.sealed", opens)
    yield Thing("backup", "backup", partial(decoder.open_backup, dump.backup))


def messages(rows: dict[str, list[Row]]) -> Iterator[Thing]:
    reports = {row["id"]: row for row in rows["report"]}
    count = Counter(
        row["report_id"] for row in rows["message"] if reports[row["report_id"]]["channel"] == "web"
    )
    ((longest, _),) = count.most_common(1)
    for row in rows["message"]:
        wraps = {one["recipient"]: one["sealed"] for one in rows["wrap"] if one["message_id"] == row["id"]}
        names = {
            "install": INSTALL,
            "school": reports[row["report_id"]]["school"],
            "report": row["report_id"],
        }
        whole = {**row, **names, "message": row["id"]}
        name = _name(wraps, mine=row["report_id"] == longest)
        for column in ("message.sealed_body", "wrap.sealed"):
            yield Thing(name, column, partial(_message, whole, wraps, "text"))
        if row["sealed_assessment"]:
            opens = partial(_message, whole, wraps, "opened_assessment")
            yield Thing(name, "message.sealed_assessment", opens)


def _name(wraps: dict[str, bytes], *, mine: bool) -> str:
    if "team:counseling:1" not in wraps and "team:counseling:2" not in wraps:
        return "message of another team"
    when = "before" if "team:counseling:1" in wraps else "after"
    return f"message of {'the' if mine else 'another'} thread, {when} the team's next key"


def _message(row: Row, wraps: dict[str, bytes], part: str, key: bytes) -> bytes | None:
    """By every wrap that there is."""
    tried = (decoder.open_message(row, wrap, name, key) for name, wrap in wraps.items())
    found = [one for one in tried if one is not None and one.get(part) is not None]
    return b"opened" if found else None


def team_seeds(rows: dict[str, list[Row]]) -> Iterator[Thing]:
    for row in rows["team_key_copy"]:
        opens = partial(_team_seed, row["team_id"], row["generation"], row["holder"], row["sealed"])
        yield Thing(_copy_name(row["holder"]), "team_key_copy.sealed", opens)
    for row in rows["team_proposal"]:
        generation = json.loads(row["payload"])["generation"]
        for holder, copy in json.loads(row["sealed_copies"]).items():
            opens = partial(_team_seed, row["team_id"], generation, holder, base64.b64decode(copy))
            yield Thing(_copy_name(holder), "team_proposal.sealed_copies", opens)


def _copy_name(holder: str) -> str:
    return {"ana": "team seed, the member's copy", "recovery": "team seed, recovery copy"}.get(
        holder, "team seed, another member's copy"
    )


def _team_seed(team: str, generation: int, holder: str, sealed: bytes, key: bytes) -> bytes | None:
    of = {"install": INSTALL, "school": SCHOOL.id, "id": team, "generation": generation}
    return decoder.open_team_seed(sealed, key, holder if holder == "recovery" else f"member:{holder}", of)


def of_members(rows: dict[str, list[Row]]) -> Iterator[Thing]:
    for row in rows["member"]:
        name = "member seed under the password" if row["id"] == "ana" else "another member's seed"
        opens = partial(decoder.open_member_seed, row["wrapped_seed"], member=row["id"])
        yield Thing(name, "member.wrapped_seed", _never, opens)
        if row["sealed_totp"]:
            second = partial(decoder.open_second_factor, row["sealed_totp"], member=row["id"])
            yield Thing("second factor", "member.sealed_totp", second)
    for row in rows["invitation"]:
        opens = partial(decoder.open_member_seed, row["wrapped_seed"], member=row["member_id"])
        yield Thing("another member's seed", "invitation.wrapped_seed", _never, opens)
    for row in rows["staff_session"]:
        name = "member seed in a session" if row["member_id"] == "ana" else "another member's seed"
        session = partial(decoder.open_session, row["wrapped_seed"], row=row["id"], member=row["member_id"])
        yield Thing(name, "staff_session.wrapped_seed", session)


def to_the_line(rows: dict[str, list[Row]]) -> Iterator[Thing]:
    for column, purpose in LINE_COLUMNS.items():
        table, _, name = column.partition(".")
        for sealed in (row[name] for row in rows[table] if row[name]):
            yield Thing("phone number, letter", column, partial(_line, sealed, purpose))


def numbers(rows: dict[str, list[Row]]) -> Iterator[Thing]:
    schools = {row["id"]: row["school"] for row in rows["report"]}
    for row in (row for row in rows["number_request"] if row["sealed_view"]):
        names = {"install": INSTALL, "school": schools[row["report_id"]], "report": row["report_id"]}
        member = f"member:{row['requester']}"
        at = decoder.place("number", **names, message=row["id"], recipient=member)
        opens = partial(decoder.hpke_open, row["sealed_view"], info=at)
        yield Thing("phone number, for the member who asked", "number_request.sealed_view", opens)


def _line(sealed: bytes, purpose: str, key: bytes) -> bytes | None:
    return decoder.open_line(sealed, key, purpose)


def _hints(row: Row, key: bytes) -> bytes | None:
    return decoder.open_hints(row["sealed"], key, row["number_key"], row["hour"])


def _never(_key: bytes) -> None:
    """What is under a password opens with no key."""
