"""docs/protocol.md is held to the code: which secret opens what, and what the database shows."""

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import notify.tables
import vault.clock
import vault.people_tables
import vault.retention_tables
from tests.vault import decoder
from tests.vault.school import COUNSELING, INSTALL, SCHOOL
from tests.vault.story import Story
from vault import keyed, members
from vault.database import Base, Database
from vault.errors import VaultError
from vault.people_tables import TeamKeyCopy
from vault.place import Kind
from vault.stream import Writer
from vault.tables import Wrap
from vault.threads import Content, seal_message

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
DECLARING = (notify.tables, vault.clock, vault.people_tables, vault.retention_tables)
TEAM = f"team:{COUNSELING}:1"
LINE = b"\x21" * 32
PASSWORD = "five grey herons"


def section(title: str) -> str:
    return PROTOCOL.split(f" {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str) -> list[list[str]]:
    """The cells of the section's table, its head first."""
    lines = [line for line in section(title).splitlines() if re.match(r"\|(?!-)", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@dataclass
class Dump:
    """What a thief of the database has, and every single secret that somebody might have as well."""

    objects: dict[str, list[dict[str, Any]]]
    secrets: dict[str, Any]


@pytest.fixture
def dump(database: Database) -> Dump:
    story = Story(database)
    story.write()
    story.reply("Thank you for telling us.")
    ana, team_seed = story.school.members["ana"], story.team_keys("ana")[TEAM].seed
    wrapped = members.wrap_seed(b"\x05" * 32, PASSWORD, "test", owner="ana")
    line = keyed.seal_to_line(keyed.LineKey.from_seeds(LINE).public, "letter", b"+15550100")
    others = (story.team, story.school.directory.recipients(SCHOOL, "adult_at_school"))
    elsewhere = [_sealed(story, to) for to in others]
    thread = [_stored(database, story, 0)]
    return Dump(
        {
            "message of the thread": [*thread, _stored(database, story, 1)],
            "assessment of the thread": [{**row, "want": "opened_assessment"} for row in thread],
            "message of another team": [elsewhere[1]],
            "message of another thread": [elsewhere[0]],
            "team seed, own copy": [_copy(database, "ana", "member:ana")],
            "team seed, recovery copy": [_copy(database, "recovery", "recovery")],
            "member seed": [{"wrapped": wrapped}],
            "phone number, letter": [{"line": line}],
            "backup": [{"backup": _backup(story)}],
        },
        {
            "receipt": story.receipt.seed,
            "team seed": team_seed,
            "member seed": ana.kem.seed,
            "recovery seed": story.school.recovery.kem.seed,
            "line seed": LINE,
            "password": PASSWORD,
        },
    )


def test_what_opens_is_exactly_the_table(dump: Dump) -> None:
    head, *body = rows("7. Which secret opens which object")
    cells = {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in body}
    documented = {(name, secret): cell for name, row in cells.items() for secret, cell in row.items()}
    found = {
        (name, secret): _outcome(objects, secret, value)
        for name, objects in dump.objects.items()
        for secret, value in dump.secrets.items()
    }
    assert found == documented
    assert {secret for (_, secret), cell in found.items() if cell == "yes"} == set(dump.secrets)


def test_every_column_is_declared() -> None:
    assert all(module.Base is Base for module in DECLARING)
    shown = rows("9. What the database shows")[1:]
    documented = {row[0].strip("`"): _names(row[1:]) for row in shown}
    tables = Base.metadata.sorted_tables
    declared = {table.name: sorted(column.name for column in table.columns) for table in tables}
    assert documented == declared


def test_what_is_called_sealed_is_bytes_and_the_rest_of_the_bytes_are_named() -> None:
    shown = rows("9. What the database shows")[1:]
    sealed = {f"{row[0].strip('`')}.{name}" for row in shown for name in _names([row[3]])}
    stored = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.type.python_type is bytes
    }
    known = {"directory_entry.payload", "directory_entry.signature", "report.reporter_public"}
    known |= {"report.wall_mark"}
    known |= {"team_proposal.payload", "team_proposal.signature"}
    known |= {"number_request.signature", "number_request.approval"}
    known |= {"case_route.signature"}
    known |= {"invitation.sign_public", "invitation.kem_public"}
    known |= {"audit_event.link", "audit_event.signature"}
    assert stored == sealed | known


def test_every_kind_of_place_is_described() -> None:
    assert all(f"`{kind}`" in section("2. Encodings") for kind in Kind)


def _names(cells: Iterable[str]) -> list[str]:
    return sorted(name for cell in cells for name in re.findall(r"`(\w+)`", cell))


def _outcome(objects: list[dict[str, Any]], secret: str, value: Any) -> str:  # noqa: ANN401 - as _opens
    outcomes = {_opens(one, secret, value) for one in objects}
    if len(outcomes) > 1:
        return "some"
    return "yes" if True in outcomes else "no"


def _opens(one: dict[str, Any], secret: str, value: Any) -> bool:  # noqa: ANN401 - a seed or a password
    """Try ``value`` on ``one`` in every way this kind of object allows, under every name it might go by."""
    if "wrapped" in one:
        return _unwraps(one["wrapped"], value)
    if secret == "password":
        value = value.encode().ljust(32, b"\0")
    if "backup" in one:
        return decoder.open_backup(one["backup"], value) is not None
    if "line" in one:
        return decoder.open_line(one["line"], value, "letter") is not None
    if "copy" in one:
        return decoder.open_team_seed(one["copy"], value, one["holder"], one["team"]) is not None
    opened = [decoder.open_message(one["row"], wrap, name, value) for name, wrap in one["wraps"].items()]
    return any(found is not None and found.get(one.get("want", "text")) is not None for found in opened)


def _unwraps(wrapped: bytes, value: Any) -> bool:  # noqa: ANN401 - a seed or a password
    try:
        members.unwrap_seed(wrapped, value if isinstance(value, str) else value.hex(), owner="ana")
    except VaultError:
        return False
    return True


def _stored(database: Database, story: Story, seq: int) -> dict[str, Any]:
    message = story.row(seq)
    with database.reading() as session:
        wraps = session.scalars(select(Wrap).where(Wrap.message_id == message.id)).all()
    row = _row(story.report.report_id, message.id, message.author, seq, message.sealed_body)
    row["sealed_assessment"] = message.sealed_assessment
    return {"row": row, "wraps": {wrap.recipient: wrap.sealed for wrap in wraps}}


def _sealed(story: Story, to: Any) -> dict[str, Any]:  # noqa: ANN401 - recipients
    """A message of another thread."""
    sealed = seal_message(story.report, "reporter", Content("Something else."), to)
    row = _row(story.report.report_id, sealed.message_id, "reporter", 0, sealed.body)
    return {"row": row, "wraps": dict(sealed.wraps)}


def _row(report: str, message: str, author: str, seq: int, body: bytes) -> dict[str, Any]:
    names = {"install": INSTALL, "school": SCHOOL, "report": report, "message": message, "author": author}
    return {**names, "seq": seq, "sealed_body": body, "sealed_assessment": None}


def _backup(story: Story) -> bytes:
    file = io.BytesIO()
    writer = Writer(file, story.school.recovery.kem.public, INSTALL, expires=0)
    writer.write(b"everything")
    writer.close()
    return file.getvalue()


def _copy(database: Database, holder: str, name: str) -> dict[str, Any]:
    with database.reading() as session:
        copy = session.get_one(TeamKeyCopy, (COUNSELING, 1, holder))
    team = {"install": INSTALL, "school": SCHOOL, "id": COUNSELING, "generation": 1}
    return {"copy": copy.sealed, "holder": name, "team": team}
