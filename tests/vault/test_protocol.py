"""docs/protocol.md is held to the code: kinds of places, and what the database shows."""

import re
from collections.abc import Iterable
from pathlib import Path

import notify.duty_tables
import notify.tables
import vault.clock
import vault.drill_tables
import vault.people_tables
import vault.retention_tables
from vault.database import Base
from vault.place import Kind

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
DECLARING = (notify.duty_tables, notify.tables, vault.clock, vault.people_tables, vault.retention_tables)


def section(title: str) -> str:
    return PROTOCOL.split(f" {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str) -> list[list[str]]:
    """The cells of the section's table, its head first."""
    lines = [line for line in section(title).splitlines() if re.match(r"\|(?!-)", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


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
